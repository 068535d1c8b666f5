//! Files of all kinds, there and back.

mod sample;

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use crate::notes::Notes;
use crate::runs::Habit;
use crate::{Coefficients, Error, Limits, Rebuild, parse, rebuild};
use sample::Sample;

/// Takes a file apart and puts it together, by way of bytes.
fn there_and_back(file: &[u8]) -> Result<(Coefficients, Rebuild), Error> {
    let limits = Limits::default();
    let (coefficients, made) = parse(file, &limits)?;
    let mut bytes = Vec::new();
    made.write_to(&mut bytes);
    let again = Rebuild::from_bytes(&bytes, &Limits::default())?;
    assert_eq!(again, made);
    let layout = again.layout(&limits)?;
    for (component, found) in layout.components.iter().zip(&coefficients.components) {
        assert_eq!(component.blocks() * 64, found.coefficients.len());
        assert_eq!(component.quantization, found.quantization);
    }
    assert!(rebuild(&coefficients, &again, &limits)? == file);
    Ok((coefficients, made))
}

/// The notes of a file whose coefficients are those it was made of.
fn notes_of(sample: &Sample) -> Vec<Notes> {
    let (coefficients, made) = there_and_back(&sample.file()).unwrap();
    assert!(Some(coefficients) == sample.coefficients);
    made.notes
}

fn usual(scans: usize) -> Vec<Notes> {
    vec![Notes::USUAL; scans]
}

#[test]
fn sequential_files_of_one_to_four_components() {
    for (frame, factors) in
        [(0xC0, &[0x22][..]), (0xC0, &[0x22, 0x11, 0x11]), (0xC1, &[0x21, 0x12, 0x41]), (0xC1, &[0x11; 4])]
    {
        let mut sample = Sample::new(frame, 83, 45, factors);
        sample.scan(&[1, 2, 3, 4][..factors.len()], [0, 63, 0]);
        sample.end();
        sample.fill(9);
        assert_eq!(notes_of(&sample), usual(1));
    }
}

#[test]
fn components_in_scans_of_their_own() {
    let mut sample = Sample::new(0xC0, 83, 45, &[0x21, 0x11, 0x11]);
    sample.scan(&[1], [0, 63, 0]);
    sample.scan(&[3, 2], [0, 63, 0]);
    sample.end();
    sample.fill(9);
    // The first component has blocks beside the picture that are in no scan.
    let component = &mut sample.coefficients.as_mut().unwrap().components[0];
    let (wide, real) = (component.blocks_wide as usize, (component.real_wide as usize, component.real_high as usize));
    for (place, block) in component.coefficients.chunks_exact_mut(64).enumerate() {
        if place % wide >= real.0 || place / wide >= real.1 {
            block.fill(0);
        }
    }
    assert_eq!(notes_of(&sample), usual(2));
}

/// A progressive file with successive approximation.
fn progressive(sparsity: u64, habit: Habit) -> Sample {
    let mut sample = Sample::new(0xC2, 200, 120, &[0x21, 0x11, 0x11]);
    sample.scan(&[1, 2, 3], [0, 0, 0x01]);
    for id in 1..=3 {
        sample.scan(&[id], [1, 5, 0x02]).habit = habit;
        sample.scan(&[id], [6, 63, 0x02]).habit = habit;
        sample.scan(&[id], [1, 63, 0x21]).habit = habit;
    }
    sample.scan(&[1, 2, 3], [0, 0, 0x10]);
    for id in 1..=3 {
        sample.scan(&[id], [1, 63, 0x10]).habit = habit;
    }
    sample.end();
    sample.fill(sparsity);
    sample
}

#[test]
fn progressive_files() {
    for sparsity in [3, 40, 900] {
        assert_eq!(notes_of(&progressive(sparsity, Habit::LIBJPEG)), usual(14));
    }
}

#[test]
fn encoders_that_cut_runs_in_another_way() {
    let usual = Habit::LIBJPEG;
    for habit in [
        Habit { blocks: 1, ..usual },
        Habit { blocks: 5, ..usual },
        Habit { bits: u32::MAX, ..usual },
        Habit { bits: 40, ..usual },
        Habit { bits: u32::MAX, bits_after: 255, ..usual },
        Habit { period: 13, ..usual },
        Habit { period: 25, ..usual },
    ] {
        for sparsity in [40, 900] {
            let notes = notes_of(&progressive(sparsity, habit));
            let cuts: usize = notes.iter().map(|notes| notes.cuts.len()).sum();
            assert!(cuts < 8, "{habit:?}: {cuts}");
        }
    }
}

#[test]
fn restarts_and_their_faults() {
    let mut sample = Sample::new(0xC0, 120, 60, &[0x22, 0x11, 0x11]);
    sample.segment(0xDD, &[0, 3]);
    let notes = sample.scan(&[1, 2, 3], [0, 63, 0]);
    notes.restarts = vec![(1, 8), (4, 7), (5, 8)];
    notes.paddings = vec![(2, 0)];
    let notes = notes.clone();
    sample.end();
    sample.fill(9);
    let found = notes_of(&sample);
    assert_eq!(found[0].restarts, notes.restarts);
    assert!(found[0].paddings.len() <= 1);

    let mut sample = Sample::new(0xC2, 120, 60, &[0x11]);
    sample.segment(0xDD, &[0, 7]);
    sample.scan(&[1], [0, 0, 0]);
    sample.scan(&[1], [1, 63, 0x01]);
    sample.scan(&[1], [1, 63, 0x10]).padding = false;
    sample.end();
    sample.fill(200);
    let mut notes = usual(3);
    notes[2].padding = false;
    assert_eq!(notes_of(&sample), notes);
}

#[test]
fn runs_of_zeros_behind_the_last_coefficient() {
    let mut sample = Sample::new(0xC0, 64, 64, &[0x11]);
    sample.scan(&[1], [0, 63, 0]).zero_runs = vec![(3, 1), (7, 1)];
    sample.end();
    sample.fill(1000);
    let notes = notes_of(&sample);
    assert_eq!(notes, sample.notes);
    let mut sample = progressive(900, Habit::LIBJPEG);
    sample.notes[2].zero_runs = vec![(3, 1), (4, 2), (9, 4)];
    sample.notes[13].zero_runs = vec![(3, 1), (4, 2), (9, 4)];
    notes_of(&sample);
}

#[test]
fn bytes_that_no_reader_needs() {
    let mut sample = Sample::new(0xC0, 70, 70, &[0x11]);
    sample.skeleton.extend(b"garbage\xFF\xFF\xD3between");
    sample.scan(&[1], [0, 63, 0]);
    sample.skeleton.extend(b"behind the scan\xFF\x00\xFF\xD5");
    sample.end();
    sample.skeleton.extend(b"\xFF\xD8\xFF\xDB behind the end");
    sample.fill(9);
    assert_eq!(notes_of(&sample), usual(1));
}

#[test]
fn truncated_files_come_back() {
    for file in [progressive(30, Habit::LIBJPEG).file(), {
        let mut sample = Sample::new(0xC0, 120, 60, &[0x22, 0x11, 0x11]);
        sample.segment(0xDD, &[0, 3]);
        sample.scan(&[1, 2, 3], [0, 63, 0]);
        sample.end();
        sample.fill(9);
        sample.file()
    }] {
        let (mut parsed, mut tried) = (0, 0);
        for len in (0..file.len()).step_by(file.len() / 97) {
            tried += 1;
            parsed += u32::from(there_and_back(&file[..len]).is_ok());
        }
        assert!(parsed > tried / 2, "{parsed} of {tried}");
    }
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let mut sample = Sample::new(0xC0, 65535, 65535, &[0x11; 3]);
    sample.scan(&[1], [0, 63, 0]);
    sample.end();
    assert_eq!(parse(&sample.skeleton, &Limits::default()).err(), Some(Error::LimitsExceeded));
    let sample = progressive(9, Habit::LIBJPEG);
    let file = sample.file();
    for limits in [
        Limits::default().with_max_file_bytes(file.len() as u64 - 1),
        Limits::default().with_max_coefficient_bytes(128 * sample.coefficients.as_ref().unwrap().blocks() as u64 - 1),
    ] {
        assert_eq!(parse(&file, &limits).err(), Some(Error::LimitsExceeded));
    }
    let (coefficients, made) = parse(&file, &Limits::default()).unwrap();
    let limits = Limits::default().with_max_file_bytes(file.len() as u64 - 1);
    assert_eq!(rebuild(&coefficients, &made, &limits), Err(Error::LimitsExceeded));
}

#[test]
fn other_kinds_are_unsupported() {
    for frame in [0xC3, 0xC9, 0xCA] {
        let mut sample = Sample::new(frame, 16, 16, &[0x11]);
        sample.scan(&[1], [0, 63, 0]);
        assert!(matches!(parse(&sample.skeleton, &Limits::default()), Err(Error::Unsupported(_))));
    }
    assert!(matches!(parse(b"\x89PNG", &Limits::default()), Err(Error::Invalid(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_come_back_or_are_refused(
        kind in 0..2, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = match kind {
            0 => progressive(60, Habit::LIBJPEG).file(),
            _ => {
                let mut sample = Sample::new(0xC0, 120, 60, &[0x22, 0x11, 0x11]);
                sample.segment(0xDD, &[0, 3]);
                sample.scan(&[1, 2, 3], [0, 63, 0]);
                sample.end();
                sample.fill(30);
                sample.file()
            }
        };
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        let _ = there_and_back(&file);
    }

    #[test]
    fn damaged_skeletons_are_refused_or_make_a_file(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), value in any::<i16>(),
    ) {
        let file = progressive(60, Habit::LIBJPEG).file();
        let limits = Limits::default().with_max_coefficient_bytes(1 << 22).with_max_file_bytes(1 << 20);
        let (_, made) = parse(&file, &limits).unwrap();
        let mut bytes = Vec::new();
        made.write_to(&mut bytes);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let Ok(made) = Rebuild::from_bytes(&bytes, &limits) else { return Ok(()) };
        let Ok(mut coefficients) = made.layout(&limits) else { return Ok(()) };
        for component in &mut coefficients.components {
            component.coefficients = vec![value; 64 * component.blocks()];
        }
        if let Ok(file) = rebuild(&coefficients, &made, &limits) {
            prop_assert_eq!(file.len() as u64, made.file_len());
        }
    }
}
