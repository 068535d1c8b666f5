//! Streams with a dictionary.

use dualcomp::{Dictionary, LimitKind, Limits};

use super::*;

/// An answer of a service, much like the others.
fn answer(id: u32) -> Vec<u8> {
    let state = ["open", "closed", "merged"][id as usize % 3];
    let mut out = format!("{{\"id\": {}, \"state\": \"{state}\", \"labels\": [", id * 7919);
    for label in 0..id % 5 {
        out +=
            &format!("{{\"name\": \"label {label}\", \"color\": \"{:06x}\", \"default\": false}}, ", id * 31 + label);
    }
    (out + "null], \"assignee\": null, \"milestone\": {\"open_issues\": 4, \"closed_issues\": 8}}\n").into_bytes()
}

fn answers() -> Vec<Vec<u8>> {
    (0..60).map(answer).collect()
}

fn dictionary() -> Dictionary {
    Dictionary::from_samples(&answers()).unwrap()
}

fn with(dictionary: &Dictionary) -> EncoderOptions {
    EncoderOptions::default().with_dictionary(dictionary.clone())
}

fn knowing(dictionaries: &[&Dictionary]) -> DecoderOptions {
    dictionaries
        .iter()
        .fold(DecoderOptions::default(), |options, &dictionary| options.with_dictionary(dictionary.clone()))
}

fn compress_by(data: &[u8], dictionary: &Dictionary) -> Vec<u8> {
    dualcomp::compress_with(data, &with(dictionary), NO_MODEL).unwrap()
}

fn decompress_by(stream: &[u8], dictionaries: &[&Dictionary]) -> Result<Vec<u8>> {
    dualcomp::decompress_with(stream, &knowing(dictionaries), NO_MODEL)
}

#[test]
fn bodies_are_a_fraction_and_come_back() {
    let dictionary = dictionary();
    let (mut without, mut by) = (0, 0);
    for body in (100..130).map(answer) {
        let stream = compress_by(&body, &dictionary);
        assert_eq!(decompress_by(&stream, &[&dictionary]).unwrap(), body);
        without += compress(&body).len();
        by += stream.len();
    }
    assert!(by * 2 < without, "{by} of {without}");
}

#[test]
fn anything_comes_back_with_a_dictionary_of_anything() {
    let dictionaries = [
        Dictionary::from_raw(b"a").unwrap(),
        Dictionary::from_raw(&noise(5000)).unwrap(),
        Dictionary::from_samples(&[&b"abcdefgh"[..], b"abcdefgh"]).unwrap(),
        Dictionary::from_raw(&text(70_000)).unwrap(),
        Dictionary::from_raw(&[0; 3000]).unwrap(),
    ];
    let bodies = [vec![], vec![7], b"abcdefghabcdefghabcdefgh".to_vec(), vec![0; 3000], noise(600), text(70_000)];
    for dictionary in &dictionaries {
        for body in &bodies {
            let stream = compress_by(body, dictionary);
            assert!(stream.len() <= body.len() + 64, "{} of {}", stream.len(), body.len());
            assert!(decompress_by(&stream, &[dictionary]).unwrap() == *body, "{dictionary:?}");
        }
    }
}

#[test]
fn long_streams_go_on_with_a_dictionary_in_every_substream() {
    let dictionary = Dictionary::from_raw(&text(90_000)).unwrap();
    for level in [dualcomp::Level::Fast, dualcomp::Level::Max] {
        let raw = [text(1_200_000), noise(3000), text(40_000)].concat();
        let options = with(&dictionary).with_level(level);
        let stream = dualcomp::compress_with(&raw, &options, NO_MODEL).unwrap();
        assert!(decompress_by(&stream, &[&dictionary]).unwrap() == raw);
    }
}

#[test]
fn flushed_messages_begin_with_the_dictionary() {
    let dictionary = dictionary();
    let mut encoder = Encoder::with_predictor(with(&dictionary), NO_MODEL);
    let mut decoder = decoder(knowing(&[&dictionary]));
    let (mut room, mut lengths) = (vec![0; 1 << 14], Vec::new());
    for message in (200..220).map(answer) {
        encoder.encode(&message, &mut []).unwrap();
        let made = encoder.flush(&mut room).unwrap().produced;
        lengths.push(made);
        let mut out = vec![0; 1 << 14];
        let progress = decoder.decode(&room[..made], &mut out).unwrap();
        assert_eq!(out[..progress.produced], message);
    }
    assert!(lengths.iter().all(|&len| len < 100), "{lengths:?}");
}

#[test]
fn a_stream_names_its_dictionary() {
    let (one, other) = (dictionary(), Dictionary::from_raw(b"another").unwrap());
    let stream = compress_by(&answer(300), &one);
    assert_eq!(dualcomp::detect(&stream), Some(dualcomp::Kind::Bytes));
    assert_eq!(stream[5..9], one.id());
    let summary = dualcomp::inspect(stream.as_slice()).unwrap();
    assert_eq!((summary.streams[0].dictionary, summary.streams[0].model), (Some(one.id()), None));
    let wrong = decompress_by(&stream, &[&other]).unwrap_err();
    assert!(matches!(wrong, Error::UnknownDictionary { id } if id == one.id()), "{wrong:?}");
    let [a, b, c, d] = one.id();
    let needs = format!("needs dictionary {a:02x}{b:02x}{c:02x}{d:02x}");
    assert!(wrong.to_string().contains(&needs), "{wrong}");
    assert_eq!(decompress_by(&stream, &[&other, &one]).unwrap(), answer(300));
    // One after the other, each with its own or none.
    let streams = [stream, compress(&text(300)), compress_by(&answer(301), &other)].concat();
    let all = [answer(300), text(300), answer(301)].concat();
    assert_eq!(decompress_by(&streams, &[&one, &other]).unwrap(), all);
    // What is stored needs none.
    assert_eq!(decompress(&compress_by(&noise(300), &one)).unwrap(), noise(300));
}

#[test]
fn a_stream_with_the_wrong_content_under_a_name_is_an_error() {
    let (one, other) = (dictionary(), Dictionary::from_samples(&answers()[..30]).unwrap());
    let mut stream = compress_by(&answer(300), &one);
    stream[5..9].copy_from_slice(&other.id());
    assert!(decompress_by(&stream, &[&one, &other]).is_err());
    let whole = compress_by(&answer(300), &one);
    let harmless = (10 * 8..8 * whole.len()).filter(|bit| {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let decoded = decompress_by(&damaged, &[&one]);
        assert!(decoded.as_ref().is_ok_and(|bytes| *bytes == answer(300)) || decoded.is_err(), "{bit}");
        decoded.is_ok()
    });
    // The size of the table need not show in so short a stream, and what follows the last decision has no effect.
    let (last, table): (Vec<usize>, _) = harmless.partition(|bit| bit / 8 == whole.len() - 1);
    assert!(table.len() <= 2 && last.len() < 8, "{table:?}, {last:?}");
}

#[test]
fn files_of_dictionaries_come_back_and_foreign_ones_are_refused() {
    let dictionary = dictionary();
    let file = dictionary.to_bytes();
    assert!(Dictionary::is_file(&file) && dualcomp::detect(&file).is_none());
    let again = Dictionary::from_bytes(&file).unwrap();
    assert_eq!((&again, again.digest()), (&dictionary, dictionary.digest()));
    assert!(again.samples().eq(answers().iter().map(Vec::as_slice)));
    assert_eq!(kind(Dictionary::from_bytes(&file[..file.len() - 1])), Some(FormatErrorKind::Checksum));
    assert_eq!(kind(Dictionary::from_bytes(b"{}")), Some(FormatErrorKind::NotDualComp));
    assert_eq!(kind(Dictionary::from_bytes(&compress(b"a stream"))), Some(FormatErrorKind::NotDualComp));
    let later = [&b"\x89DCD\x02"[..], &file[5..]].concat();
    assert_eq!(kind(Dictionary::from_bytes(&later)), Some(FormatErrorKind::UnsupportedVersion));
    assert_eq!(kind(decompress(&file)), Some(FormatErrorKind::WrongKind));
    assert!(matches!(Dictionary::from_raw(b""), Err(Error::Parameter(_))));
    assert!(matches!(Dictionary::from_raw(&vec![0; (16 << 20) + 1]), Err(Error::Parameter(_))));
}

#[test]
fn preparing_counts_as_work_and_memory_where_it_happens() {
    let raw = text(100_000);
    let stream = compress_by(&text(500), &Dictionary::from_raw(&raw).unwrap());
    let dictionary = Dictionary::from_raw(&raw).unwrap();
    let decode = |limits| {
        let options = knowing(&[&dictionary]).with_limits(limits);
        dualcomp::decompress_with(&stream, &options, NO_MODEL)
    };
    let limit = |result| match result {
        Err(Error::LimitsExceeded(error)) => error.kind(),
        other => panic!("{other:?}"),
    };
    assert_eq!(limit(decode(Limits::default().with_max_work(50_000, 0))), LimitKind::Work);
    assert_eq!(limit(decode(Limits::default().with_max_memory_bytes(20 << 20))), LimitKind::MemoryBytes);
    assert_eq!(decode(Limits::default()).unwrap(), text(500));
    // It is prepared now.
    let little = Limits::default().with_max_work(50_000, 0).with_max_memory_bytes(20 << 20);
    assert_eq!(decode(little).unwrap(), text(500));
}

#[test]
fn the_result_depends_on_neither_threads_nor_who_prepared() {
    let first = dictionary();
    first.prepare(dualcomp::Level::Fast).unwrap();
    let streams = std::thread::scope(|scope| {
        let shared = dictionary();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let shared = shared.clone();
                scope.spawn(move || compress_by(&answer(400), &shared))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(streams.iter().all(|stream| *stream == compress_by(&answer(400), &first)));
}

#[test]
fn trained_dictionaries_have_what_pays() {
    let mut samples = answers();
    samples.extend((0..20).map(|_| noise(300)));
    let (dictionary, gain) = Dictionary::train_with_progress(&samples, 4000, |_, _| {}).unwrap();
    let len: usize = dictionary.samples().map(<[u8]>::len).sum();
    assert!((2000..=4000).contains(&len), "{len}");
    assert!(gain.chosen <= gain.without, "{gain:?}");
    // Noise is worth nothing.
    assert!(dictionary.samples().last().unwrap().starts_with(b"{\"id\""));
    let all = Dictionary::train(&answers(), 1 << 20).unwrap();
    assert_eq!(all.samples().count(), 60);
}

#[test]
fn a_dictionary_for_another_model_is_an_error() {
    let other = dictionary().with_model([1, 2, 3, 4]);
    assert_ne!(other, dictionary());
    assert_eq!((other.model(), Dictionary::from_bytes(&other.to_bytes()).unwrap()), ([1, 2, 3, 4], other.clone()));
    // Without the network it does not matter.
    let stream = compress_by(&answer(500), &other);
    assert_eq!(decompress_by(&stream, &[&other]).unwrap(), answer(500));
    #[cfg(feature = "rwkv")]
    {
        assert_eq!(dualcomp::embedded_model(), Some(dictionary().model()));
        assert!(matches!(dualcomp::compress(&answer(500), &with(&other)), Err(Error::Parameter(_))));
        assert!(matches!(other.prepare(dualcomp::Level::Default), Err(Error::Parameter(_))));
        let stream = dualcomp::compress(&answer(500), &with(&dictionary())).unwrap();
        assert_eq!(dualcomp::decompress(&stream, &knowing(&[&dictionary()])).unwrap(), answer(500));
        assert!(matches!(decompress_by(&stream, &[&dictionary()]), Err(Error::UnknownModel { .. })));
    }
}
