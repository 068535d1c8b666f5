//! Long work is done elsewhere, in turn, and the runtime goes on.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dualcomp::Vocabulary;
use dualcomp::predictor::{Depth, ImageSession, PredictorError, TextSession};
use dualcomp_async::tokio::{bufread, write};
use dualcomp_async::{DecoderConfig, EncoderConfig, Level, Offload, Pool, Predictor, framed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio_util::bytes::BytesMut;
use tokio_util::codec::Encoder;

use crate::support::{noise, text};

/// Knows nothing, takes its time over it, and counts who asks.
struct Slow {
    vocabulary: Vocabulary,
    pause: Duration,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    now: AtomicUsize,
    most: AtomicUsize,
    blocks: AtomicUsize,
}

impl Predictor for Slow {
    fn id(&self) -> [u8; 4] {
        *b"slow"
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Called once for a stream, with its first block.
    fn text(&self, _: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
        let asked = &self.asked;
        asked.blocks.fetch_add(1, Ordering::SeqCst);
        asked.most.fetch_max(asked.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(self.pause);
        asked.now.fetch_sub(1, Ordering::SeqCst);
        Ok(Box::new(Nothing))
    }

    fn image(&self, _: Depth, _: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
        Err("there are no images here".into())
    }
}

struct Nothing;

impl TextSession for Nothing {
    fn advance(&mut self, _: &[u32], _: &[u32]) -> Result<(), PredictorError> {
        Ok(())
    }

    fn logit(&self, _: u32, _: u32) -> i32 {
        0
    }
}

fn slow(pause: Duration) -> (Arc<Asked>, Arc<dyn Predictor>) {
    let asked = Arc::new(Asked::default());
    (asked.clone(), Arc::new(Slow { vocabulary: Vocabulary::bytes_only(), pause, asked }))
}

async fn round_trip(bytes: &[u8], encoder: EncoderConfig, decoder: DecoderConfig) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    bufread::DualCompEncoder::with_config(bytes, encoder).read_to_end(&mut stream).await?;
    let mut out = Vec::new();
    bufread::DualCompDecoder::with_config(stream.as_slice(), decoder).read_to_end(&mut out).await?;
    Ok(out)
}

#[tokio::test]
async fn the_runtime_goes_on_while_a_block_is_coded() {
    let (_, predictor) = slow(Duration::from_millis(300));
    let encoder = EncoderConfig::default().with_predictor(Some(predictor.clone()));
    let decoder = DecoderConfig::default().with_predictor(Some(predictor));
    let text = b"only a few bytes, only a few bytes, only a few bytes";
    let (stop, mut stopped) = oneshot::channel::<()>();
    let ticks = tokio::spawn(async move {
        let mut worst = Duration::ZERO;
        while stopped.try_recv().is_err() {
            let start = Instant::now();
            tokio::time::sleep(Duration::from_millis(2)).await;
            worst = worst.max(start.elapsed());
        }
        worst
    });
    assert_eq!(round_trip(text, encoder, decoder).await.unwrap(), text);
    stop.send(()).unwrap();
    let worst = ticks.await.unwrap();
    // Far below the time of a block, and far above what a busy machine does to a timer.
    assert!(worst < Duration::from_millis(150), "{worst:?}");
}

#[tokio::test]
async fn inline_work_is_done_in_place() {
    let (asked, predictor) = slow(Duration::from_millis(1));
    let encoder = EncoderConfig::default().with_predictor(Some(predictor.clone())).with_offload(Offload::Inline);
    let decoder = DecoderConfig::default().with_predictor(Some(predictor)).with_offload(Offload::Inline);
    let text = [b'a', b'b'].repeat(1000);
    let mut trip = tokio_test_poll(round_trip(&text, encoder, decoder));
    // Nothing to wait for: the first poll does all of it.
    assert_eq!(trip.take().unwrap().unwrap(), text);
    assert_eq!(asked.blocks.load(Ordering::SeqCst), 2);
}

/// The outcome of a future that needs one poll.
fn tokio_test_poll<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test]
async fn a_pool_bounds_the_blocks_at_once() {
    let (asked, predictor) = slow(Duration::from_millis(5));
    let pool = Pool::new(3);
    assert_eq!(pool.threads(), 3);
    let streams: Vec<_> = (0..20)
        .map(|number| {
            let encoder = EncoderConfig::default()
                .with_predictor(Some(predictor.clone()))
                .with_offload(Offload::Pool(pool.clone()));
            let decoder = DecoderConfig::default()
                .with_predictor(Some(predictor.clone()))
                .with_offload(Offload::Pool(pool.clone()));
            tokio::spawn(async move {
                let text = format!("stream {number}, ").repeat(20);
                assert_eq!(round_trip(text.as_bytes(), encoder, decoder).await.unwrap(), text.as_bytes());
            })
        })
        .collect();
    for stream in streams {
        stream.await.unwrap();
    }
    assert_eq!(asked.blocks.load(Ordering::SeqCst), 40);
    assert!((2..=3).contains(&asked.most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn a_writer_takes_no_more_while_a_block_is_coded() {
    let (_, predictor) = slow(Duration::from_millis(200));
    let config = EncoderConfig::default().with_predictor(Some(predictor)).with_level(Level::Max);
    let mut encoder = write::DualCompEncoder::with_config(tokio::io::sink(), config);
    let block = [b'a', b'b'].repeat(1 << 19);
    encoder.write_all(&block).await.unwrap();
    let start = Instant::now();
    // A full block waits for the byte after it.
    let cancelled = tokio::time::timeout(Duration::from_millis(50), encoder.write_all(b"c")).await;
    assert!(cancelled.is_err() && start.elapsed() >= Duration::from_millis(50));
    encoder.write_all(b"c").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_failing_model_is_an_error() {
    struct Broken(Vocabulary);
    impl Predictor for Broken {
        fn id(&self) -> [u8; 4] {
            *b"none"
        }
        fn vocabulary(&self) -> &Vocabulary {
            &self.0
        }
        fn text(&self, _: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
            Err("there is no model".into())
        }
        fn image(&self, _: Depth, _: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
            Err("there is no model".into())
        }
    }
    let config = EncoderConfig::default().with_predictor(Some(Arc::new(Broken(Vocabulary::bytes_only()))));
    let mut encoder = write::DualCompEncoder::with_config(Vec::new(), config.clone());
    encoder.write_all(b"some text, some text").await.unwrap();
    let error = encoder.shutdown().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Other);
    assert!(matches!(dualcomp::Error::from_io(error), dualcomp::Error::Model(_)));
    assert!(encoder.shutdown().await.is_err());
    // Nothing of a frame is sent, though it begins with blocks that need no model.
    let mut wire = BytesMut::from("before");
    let message = [noise(2 << 20), text(1 << 20)].concat();
    framed::DualCompEncoder::new(config).encode(message, &mut wire).unwrap_err();
    assert_eq!(wire, "before");
}

#[tokio::test]
async fn a_reader_that_is_always_ready_lets_others_run() {
    let stream = crate::support::compress(&vec![0; 200 << 20]);
    let mut decoder = bufread::DualCompDecoder::new(stream.as_slice());
    let ticked = tokio::spawn(tokio::task::yield_now());
    let mut room = vec![0; 1 << 16];
    let mut total = 0;
    while !ticked.is_finished() {
        total += decoder.read(&mut room).await.unwrap();
    }
    assert!(total < 200 << 20);
}
