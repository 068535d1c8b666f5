//! The behaviour that `async-compression` tests, for each runtime and direction.

use std::io::ErrorKind;

use dualcomp::{Level, Limits};
use dualcomp_async::{DecoderConfig, EncoderConfig};

use crate::support::{Narrow, Steps, compress, decompress, fast, members, noise, text};

const SHORT: [u8; 6] = [1, 2, 3, 4, 5, 6];

macro_rules! checklist {
    ($flavour:ident) => {
        mod $flavour {
            use super::*;
            use crate::flavours::$flavour::{decode_read, decode_write, encode_read, encode_write};

            fn read_back(chunks: &[&[u8]], config: EncoderConfig) {
                for room in [1, 100, 1 << 16] {
                    let (stream, error) = encode_read(Steps::new(chunks.iter().copied()), config.clone(), room);
                    assert!(error.is_none());
                    assert!(decompress(&stream) == chunks.concat());
                }
            }

            fn written_back(chunks: &[&[u8]], config: EncoderConfig) {
                for limit in [1, 100, 1 << 16] {
                    let stream = encode_write(chunks, Narrow::new(limit), config.clone());
                    assert!(decompress(&stream) == chunks.concat());
                }
            }

            fn decodes(chunks: &[&[u8]], config: &DecoderConfig, bytes: &[u8]) {
                for room in [1, 100, 1 << 16] {
                    let source = Steps::new(chunks.iter().copied());
                    let ((out, error), _) = decode_read(source, config.clone(), room);
                    assert!(error.is_none(), "{error:?}");
                    assert!(out == bytes);
                    let (out, error) = decode_write(chunks, Narrow::new(room), config.clone());
                    assert!(error.is_none(), "{error:?}");
                    assert!(out == bytes);
                }
            }

            /// Both directions give out `bytes`, then an error of this kind.
            fn fails(stream: &[u8], config: &DecoderConfig, bytes: &[u8], kind: ErrorKind) {
                for step in [1 + stream.len() / 1000, stream.len() + 1] {
                    let ((out, error), _) = decode_read(Steps::new(stream.chunks(step)), config.clone(), 777);
                    assert!(out == bytes);
                    assert_eq!(error.unwrap().kind(), kind);
                    let chunks: Vec<_> = stream.chunks(step).collect();
                    let (out, error) = decode_write(&chunks, Narrow::new(777), config.clone());
                    assert!(out == bytes);
                    assert_eq!(error.unwrap().kind(), kind);
                }
            }

            #[test]
            fn compress_empty() {
                read_back(&[], fast());
                read_back(&[&[]], fast());
                written_back(&[], fast());
                written_back(&[&[]], fast());
            }

            #[test]
            fn compress_short() {
                read_back(&[&SHORT[..3], &SHORT[3..]], fast());
                written_back(&[&SHORT[..3], &SHORT[3..]], fast());
            }

            #[test]
            fn compress_long() {
                let bytes = [noise(1_060_000), text(10_000)].concat();
                // As the function does that knows the length.
                let config = fast().with_size_hint(bytes.len() as u64);
                for chunks in [vec![bytes.as_slice()], bytes.chunks(32_768).collect()] {
                    assert!(encode_write(&chunks, Narrow::new(5000), config.clone()) == compress(&bytes));
                    let (stream, _) = encode_read(Steps::new(chunks), config.clone(), 5000);
                    assert!(stream == compress(&bytes));
                }
            }

            #[test]
            fn compress_with_level() {
                for level in [Level::Fast, Level::Default, Level::Max] {
                    let config = EncoderConfig::default().with_level(level).with_size_hint(6);
                    read_back(&[&SHORT], config.clone());
                    written_back(&[&SHORT], config);
                }
            }

            #[test]
            fn decompress_empty() {
                decodes(&[&compress(&[])], &Default::default(), &[]);
            }

            #[test]
            fn decompress_zeros() {
                decodes(&[&compress(&[0; 10])], &Default::default(), &[0; 10]);
                decodes(&[&compress(&[0; 3_000_000])], &Default::default(), &[0; 3_000_000]);
            }

            #[test]
            fn decompress_short() {
                let stream = compress(&SHORT);
                for step in [1, 2, stream.len()] {
                    let chunks: Vec<_> = stream.chunks(step).collect();
                    decodes(&chunks, &Default::default(), &SHORT);
                }
            }

            #[test]
            fn decompress_long() {
                let bytes = [noise(1_060_000), text(10_000)].concat();
                let stream = compress(&bytes);
                for step in [1024, stream.len()] {
                    let chunks: Vec<_> = stream.chunks(step).collect();
                    decodes(&chunks, &Default::default(), &bytes);
                }
            }

            #[test]
            fn trailer() {
                let stream = [compress(&SHORT), vec![7, 8, 9, 10]].concat();
                let ((out, error), source) = decode_read(Steps::new([&stream[..]]), Default::default(), 100);
                assert!(error.is_none());
                assert_eq!((out, source.rest()), (SHORT.to_vec(), vec![7, 8, 9, 10]));
                let (out, error) = decode_write(&[&stream], Narrow::new(100), Default::default());
                assert_eq!((out, error.unwrap().kind()), (SHORT.to_vec(), ErrorKind::InvalidData));
                fails(&stream, &members(), &SHORT, ErrorKind::InvalidData);
            }

            #[test]
            fn multiple_members() {
                let streams = [compress(&SHORT), compress(&[]), compress(b"654321")].concat();
                for step in [1, 3, streams.len()] {
                    let chunks: Vec<_> = streams.chunks(step).collect();
                    decodes(&chunks, &members(), b"\x01\x02\x03\x04\x05\x06654321");
                }
            }

            #[test]
            fn corrupt_second_member() {
                let mut second = compress(&text(2048));
                let last = second.len() - 2;
                second[last] ^= 0xFF;
                fails(&[compress(&SHORT), second].concat(), &members(), &SHORT, ErrorKind::InvalidData);
            }

            #[test]
            fn corrupt_second_block() {
                let mut stream = compress(&noise(1_100_000));
                // Before the nine bytes of the end of the stream.
                let last = stream.len() - 20;
                stream[last] ^= 0xFF;
                fails(&stream, &Default::default(), &noise(1 << 20), ErrorKind::InvalidData);
            }

            #[test]
            fn truncated() {
                let stream = compress(&SHORT);
                for len in 0..stream.len() {
                    fails(&stream[..len], &Default::default(), &[], ErrorKind::UnexpectedEof);
                }
                let second = [&stream[..], &stream[..stream.len() - 1]].concat();
                fails(&second, &members(), &SHORT, ErrorKind::UnexpectedEof);
            }

            #[test]
            fn limits_count_over_members() {
                let streams = [compress(&SHORT), compress(&SHORT), compress(&SHORT)].concat();
                let limits = Limits::default().with_max_output_bytes(17);
                let config = members().with_limits(limits);
                fails(&streams, &config, &[SHORT, SHORT].concat(), ErrorKind::InvalidData);
            }

            #[test]
            fn a_failing_source_can_be_read_on() {
                let stream = compress(&SHORT);
                let mut source = Steps::new(stream.chunks(4));
                source.fails_at = Some(1);
                let ((out, error), source) = decode_read(source, Default::default(), 100);
                assert_eq!((out, error.unwrap().kind()), (Vec::new(), ErrorKind::ConnectionReset));
                assert_eq!(source.rest(), stream[(stream.len() - 1) / 4 * 4..]);
            }
        }
    };
}

checklist!(tokio_io);
checklist!(futures_io);
