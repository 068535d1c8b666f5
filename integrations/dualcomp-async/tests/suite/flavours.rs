//! The same four ways for each runtime: what comes out, and the error after it.

use dualcomp_async::{DecoderConfig, EncoderConfig};

use crate::support::{Narrow, Steps};

pub(crate) type Outcome = (Vec<u8>, Option<std::io::Error>);

macro_rules! flavour {
    ($name:ident, $crate_module:ident, $traits:path, $close:ident, |$source:ident| $reader:expr, |$sink:ident| $writer:expr, $below:ident) => {
        pub(crate) mod $name {
            use dualcomp_async::$crate_module::{bufread, write};
            #[allow(unused_imports, reason = "one of the two runtimes needs it")]
            use tokio_util::compat::{TokioAsyncReadCompatExt as _, TokioAsyncWriteCompatExt as _};
            use $traits::{AsyncReadExt as _, AsyncWriteExt as _};

            use super::*;

            pub(crate) fn encode_read($source: Steps, config: EncoderConfig, room: usize) -> Outcome {
                futures::executor::block_on(async {
                    let mut encoder = bufread::DualCompEncoder::with_config($reader, config);
                    let (mut out, mut buffer) = (Vec::new(), vec![0; room]);
                    loop {
                        match encoder.read(&mut buffer).await {
                            Ok(0) => return (out, None),
                            Ok(count) => out.extend_from_slice(&buffer[..count]),
                            Err(error) => return (out, Some(error)),
                        }
                    }
                })
            }

            /// Gives the source back too, to see what is left.
            pub(crate) fn decode_read($source: Steps, config: DecoderConfig, room: usize) -> (Outcome, Steps) {
                futures::executor::block_on(async {
                    let mut decoder = bufread::DualCompDecoder::with_config($reader, config);
                    let (mut out, mut buffer) = (Vec::new(), vec![0; room]);
                    loop {
                        let error = match decoder.read(&mut buffer).await {
                            Ok(0) => None,
                            Ok(count) => {
                                out.extend_from_slice(&buffer[..count]);
                                continue;
                            }
                            Err(error) => Some(error),
                        };
                        return ((out, error), super::$below(decoder.into_inner()));
                    }
                })
            }

            pub(crate) fn encode_write(chunks: &[&[u8]], $sink: Narrow, config: EncoderConfig) -> Vec<u8> {
                futures::executor::block_on(async {
                    let mut encoder = write::DualCompEncoder::with_config($writer, config);
                    for chunk in chunks {
                        encoder.write_all(chunk).await.unwrap();
                    }
                    encoder.$close().await.unwrap();
                    super::$below(encoder.into_inner()).taken
                })
            }

            pub(crate) fn decode_write(chunks: &[&[u8]], $sink: Narrow, config: DecoderConfig) -> Outcome {
                futures::executor::block_on(async {
                    let mut decoder = write::DualCompDecoder::with_config($writer, config);
                    let mut error = None;
                    for chunk in chunks {
                        error = decoder.write_all(chunk).await.err();
                        if error.is_some() {
                            break;
                        }
                    }
                    if error.is_none() {
                        error = decoder.$close().await.err();
                    }
                    (super::$below(decoder.into_inner()).taken, error)
                })
            }
        }
    };
}

fn same<T>(below: T) -> T {
    below
}

fn unwrapped<T>(below: tokio_util::compat::Compat<T>) -> T {
    below.into_inner()
}

flavour!(tokio_io, tokio, tokio::io, shutdown, |source| source, |sink| sink, same);
flavour!(futures_io, futures, futures::io, close, |source| source.compat(), |sink| sink.compat_write(), unwrapped);
