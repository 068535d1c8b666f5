//! Every cut and every changed bit of small files.

use dualcomp::{Encoder, EncoderOptions, Level};

use super::*;

fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    for level in LEVELS {
        all.push(Sample::bytes("nothing", level, vec![]));
        all.push(Sample::bytes("a run", level, vec![b'z'; 300]));
        all.push(Sample::bytes("noise", level, Numbers::new(3).bytes(40)));
        all.push(Sample::bytes("text", level, text(250)));
        all.push(blocks(level));
        for color in [ColorType::L8, ColorType::Rgb8, ColorType::Rgba8, ColorType::La16] {
            all.push(Sample::image(6, 5, color, level));
        }
        all.push(Sample::image(1, 1, ColorType::Rgb16, level));
    }
    all
}

/// A stream of several blocks, coded, stored and filled.
fn blocks(level: Level) -> Sample {
    let parts = [text(120), Numbers::new(4).bytes(20), vec![0; 50], text(100)];
    let mut encoder = Encoder::new(EncoderOptions::default().with_level(level));
    let (mut file, mut room) = (Vec::new(), vec![0; 1000]);
    for part in &parts {
        encoder.encode(part, &mut room).unwrap();
        let progress = encoder.flush(&mut room).unwrap();
        file.extend_from_slice(&room[..progress.produced]);
    }
    let progress = encoder.finish(&mut room).unwrap();
    file.extend_from_slice(&room[..progress.produced]);
    Sample { name: format!("blocks {level}"), file, content: Content::Bytes(parts.concat()) }
}

#[test]
fn every_cut_of_small_files_is_an_error() {
    let (samples, mut counts) = (samples(), Counts::default());
    for sample in &samples {
        for len in 0..sample.file.len() {
            sample.check(&sample.file[..len], &format!("cut to {len}"), &mut counts);
        }
    }
    println!("{} cuts of {} small files: {} errors, no wrong data", counts.tried, samples.len(), counts.errors);
    assert_eq!(counts.errors, counts.tried);
    check_memory();
}

#[test]
fn every_changed_bit_of_small_files_is_an_error_or_changes_nothing() {
    let (samples, mut counts) = (samples(), Counts::default());
    for sample in &samples {
        for bit in 0..sample.file.len() * 8 {
            let mut damaged = sample.file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            sample.check(&damaged, &format!("bit {bit}"), &mut counts);
        }
    }
    println!("{} changed bits of {} small files: {} errors, no wrong data", counts.tried, samples.len(), counts.errors);
    check_memory();
}
