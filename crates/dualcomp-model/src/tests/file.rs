//! Weights files that must be refused, without a panic.

use safetensors::Dtype;

use super::{Draft, Modalities, Random, SMALL};
use crate::{Model, WeightsError};

fn refused(change: impl FnOnce(&mut Draft)) -> WeightsError {
    let mut draft = Draft::random(SMALL, 1, 1.0);
    change(&mut draft);
    Model::from_bytes(&draft.bytes()).expect_err("a damaged file")
}

#[test]
fn a_sound_file_is_accepted_and_named_by_its_digest() {
    let draft = Draft::random(SMALL, 1, 1.0);
    let one = Model::from_bytes(&draft.bytes()).unwrap();
    let two = Model::from_bytes(&Draft::random(SMALL, 2, 1.0).bytes()).unwrap();
    use dualcomp_entropy::predictor::Predictor as _;
    assert_ne!(one.id(), two.id());
    assert_eq!(one.vocabulary().len(), 260);
}

#[test]
fn every_tensor_is_needed_and_has_one_shape() {
    let sound = Draft::random(SMALL, 1, 1.0);
    for name in sound.tensors.keys() {
        let without = refused(|d| drop(d.tensors.remove(name)));
        assert_eq!(without, WeightsError::Missing { tensor: name.clone() });
        // One more in the last axis, with data to match.
        let longer = refused(|d| {
            let (dtype, shape, data) = d.tensors.get_mut(name).unwrap();
            *shape.last_mut().unwrap() += 1;
            let size = if *dtype == Dtype::F32 { 4 } else { 1 };
            data.resize(shape.iter().product::<usize>() * size, 0);
        });
        match longer {
            WeightsError::Shape { tensor, .. } => assert_eq!(&tensor, name),
            WeightsError::Vocabulary(_) | WeightsError::VocabularySize => assert_eq!(name, "vocabulary"),
            other => panic!("{name}: {other}"),
        }
    }
    let unused = refused(|d| d.reals(&mut Random::new(1), "extra", &[1], [0.0, 1.0]));
    assert_eq!(unused, WeightsError::Unused { tensor: "extra".into() });
}

#[test]
fn values_out_of_range_are_refused() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e9] {
        let error =
            refused(|d| d.tensors.get_mut("time.1.decay").unwrap().2[8..12].copy_from_slice(&bad.to_le_bytes()));
        assert_eq!(error, WeightsError::Value { tensor: "time.1.decay".into() });
    }
    let error = refused(|d| d.tensors.get_mut("channel.0.key.text").unwrap().2[5] = 0x80);
    assert_eq!(error, WeightsError::Value { tensor: "channel.0.key.text".into() });
    assert_eq!(refused(|d| d.tensors.get_mut("difference").unwrap().2[300] ^= 1), WeightsError::Difference);
}

#[test]
fn metadata_is_checked() {
    let wrong = [
        ("format", "other"),
        ("version", "2"),
        ("head_size", "64"),
        ("mixtures", "4"),
        ("channels", "24"),
        ("channels", "18446744073709551615"),
        ("layers", "0"),
        ("hidden", "-16"),
        ("shallow_hidden", "24"),
        ("shallow_times", "4"),
        ("vocabulary", "70000"),
        ("pixel_hidden", ""),
    ];
    for (key, value) in wrong {
        assert_eq!(refused(|d| drop(d.metadata.insert(key.into(), value.into()))), WeightsError::Metadata { key });
        assert_eq!(refused(|d| drop(d.metadata.remove(key))), WeightsError::Metadata { key });
    }
}

#[test]
fn lists_of_modalities_are_checked() {
    let routed = Modalities { present: &["image", "text", "shallow"], routed: &["text"], common: 2 };
    let sound = Draft::with(SMALL, routed, 1, 1.0);
    assert!(Model::from_bytes(&sound.bytes()).is_ok());
    for (key, value) in [
        ("routed", ""),
        ("routed", "shallow"),
        ("routed", "words"),
        ("modalities", "words"),
        ("common_experts", "0"),
        ("common_experts", "16"),
    ] {
        let mut draft = sound.clone();
        draft.metadata.insert(key.into(), value.into());
        assert_eq!(Model::from_bytes(&draft.bytes()).unwrap_err(), WeightsError::Metadata { key });
    }
    for name in sound.tensors.keys().filter(|name| name.contains("common") || name.contains("router")) {
        let mut draft = sound.clone();
        draft.tensors.remove(name);
        assert_eq!(Model::from_bytes(&draft.bytes()).unwrap_err(), WeightsError::Missing { tensor: name.clone() });
    }
    let mut draft = sound;
    draft.metadata.remove("common_experts");
    assert!(Model::from_bytes(&draft.bytes()).is_err());
}

#[test]
fn cut_or_damaged_bytes_never_panic() {
    let bytes = Draft::random(SMALL, 1, 1.0).bytes();
    for length in (0..64).chain((64..bytes.len()).step_by(997)) {
        assert!(matches!(Model::from_bytes(&bytes[..length]), Err(WeightsError::Container { .. })), "{length}");
    }
    let mut random = Random::new(3);
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        damaged[random.below(header)] ^= 1 << random.below(8);
        // Damage to the padding or to a digit may still make a valid file.
        let _ = Model::from_bytes(&damaged);
    }
}
