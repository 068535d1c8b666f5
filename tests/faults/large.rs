//! Random damage to larger files.

use dualcomp_tests::damage::damage;

use super::*;

/// Damaged copies of each file: the network is slow.
fn copies(level: Level) -> usize {
    if level == Level::Fast { 150 } else { 15 }
}

#[test]
fn random_damage_to_large_files() {
    let (mut numbers, mut counts, mut files) = (Numbers::new(21), Counts::default(), 0);
    for level in [Level::Fast, Level::Default] {
        // Two lanes; two tiles.
        let text = Sample::bytes("text", level, text(70_000));
        let image = Sample::image(400, 330, ColorType::L8, level);
        for sample in [&text, &image] {
            files += 1;
            for round in 0..copies(level) {
                let damaged = damage(&sample.file, &mut numbers);
                if damaged != sample.file {
                    sample.check(&damaged, &format!("damage {round}"), &mut counts);
                }
            }
        }
    }
    println!("{} damaged copies of {files} large files: {} errors, no wrong data", counts.tried, counts.errors);
    check_memory();
}
