//! Frames for [`tokio_util::codec`]: each message is a stream of its own.
//!
//! A frame is a whole stream, which says itself where it ends; messages stay apart, and an end of the connection
//! inside a frame is an error. A frame has 20 bytes more than its content takes, and learns nothing from the frames
//! before it; what is in a [`Dictionary`](dualcomp::Dictionary) it knows. For many small messages a stream with
//! [`FlushPolicy::OnPending`](crate::FlushPolicy::OnPending) compresses better, but does not keep them apart.
//!
//! [`tokio_util::codec`] calls codecs inside `poll`, where this one codes the whole message: 0.1 to 2 MB a second.
//! Where that is too long for the runtime, use the types in `tokio` instead.
//!
//! ```
//! use dualcomp_async::framed::{DualCompDecoder, DualCompEncoder};
//! use tokio_util::bytes::BytesMut;
//! use tokio_util::codec::{Decoder, Encoder};
//!
//! let mut wire = BytesMut::new();
//! let mut encoder = DualCompEncoder::new(Default::default());
//! encoder.encode("one", &mut wire)?;
//! encoder.encode("two", &mut wire)?;
//!
//! let mut decoder = DualCompDecoder::new(Default::default());
//! assert_eq!(decoder.decode(&mut wire)?.as_deref(), Some(&b"one"[..]));
//! assert_eq!(decoder.decode(&mut wire)?.as_deref(), Some(&b"two"[..]));
//! assert_eq!(decoder.decode(&mut wire)?, None);
//! # Ok::<(), std::io::Error>(())
//! ```

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use dualcomp::{Progress, Result, Status};
use tokio_util::codec;

use crate::config::{DecoderConfig, EncoderConfig};

/// Bytes decoded before the frame is enlarged.
const STEP: usize = 1 << 13;
/// Bytes of room that are kept for the next frame at most.
const KEPT: usize = 1 << 16;

/// Makes a frame of each message: of anything that is bytes.
#[derive(Clone, Debug)]
pub struct DualCompEncoder {
    config: EncoderConfig,
}

impl DualCompEncoder {
    /// Flush policy and [`Offload`](crate::Offload) do not concern it.
    pub fn new(config: EncoderConfig) -> Self {
        Self { config }
    }
}

impl<T: AsRef<[u8]>> codec::Encoder<T> for DualCompEncoder {
    type Error = io::Error;

    /// Appends a frame.
    ///
    /// # Errors
    /// As for [`dualcomp::compress`]. Nothing of a frame that has an error is appended.
    fn encode(&mut self, message: T, out: &mut BytesMut) -> io::Result<()> {
        let start = out.len();
        let message = message.as_ref();
        let encoder = self.config.clone().with_size_hint(message.len() as u64).encoder();
        // The next frame would be read as the rest of this one.
        Ok(append_frame(encoder, message, out).inspect_err(|_| out.truncate(start))?)
    }
}

fn append_frame(mut encoder: dualcomp::Encoder, mut rest: &[u8], out: &mut BytesMut) -> Result<()> {
    while !rest.is_empty() {
        rest = &rest[append(out, |room| encoder.encode(rest, room))?.consumed..];
    }
    while append(out, |room| encoder.finish(room))?.status != Status::Done {}
    Ok(())
}

/// Gives out the content of each frame, when all of it has come.
#[derive(Debug)]
pub struct DualCompDecoder {
    decoder: dualcomp::Decoder,
    frame: BytesMut,
    /// Whether part of a frame has come.
    inside: bool,
}

impl DualCompDecoder {
    /// Longest content of a frame that [`Self::new`] allows.
    pub const MAX_FRAME: u64 = 8 << 20;

    /// A decoder of frames with up to [`Self::MAX_FRAME`] bytes of content each. Frames follow each other whatever
    /// `config` says of multiple members.
    pub fn new(config: DecoderConfig) -> Self {
        Self::with_max_frame(config, Self::MAX_FRAME)
    }

    /// A decoder of frames with up to `bytes` of content each, which are all held in memory.
    pub fn with_max_frame(config: DecoderConfig, bytes: u64) -> Self {
        Self { decoder: config.with_frames_of(bytes).decoder(), frame: BytesMut::new(), inside: false }
    }
}

impl DualCompDecoder {
    /// The frame in as many bytes as it has: many small ones may be kept, and the room they were decoded in is larger.
    fn take_frame(&mut self) -> Bytes {
        let frame = Bytes::copy_from_slice(&self.frame);
        self.frame.clear();
        if self.frame.capacity() > KEPT {
            self.frame = BytesMut::new();
        }
        frame
    }
}

impl codec::Decoder for DualCompDecoder {
    type Item = Bytes;
    type Error = io::Error;

    /// Takes what has come of a frame.
    ///
    /// # Errors
    /// As for [`dualcomp::Decoder::decode`]. Nothing of a frame that has an error is given out.
    fn decode(&mut self, input: &mut BytesMut) -> io::Result<Option<Bytes>> {
        loop {
            self.inside |= !input.is_empty();
            let progress = append(&mut self.frame, |room| self.decoder.decode(input, room))?;
            input.advance(progress.consumed);
            match progress.status {
                Status::NeedsOutput => {}
                Status::NeedsInput => return Ok(None),
                Status::Done => {
                    self.decoder.reset();
                    self.inside = false;
                    return Ok(Some(self.take_frame()));
                }
            }
        }
    }

    /// Takes what is left at the end of the transport.
    ///
    /// # Errors
    /// As for [`dualcomp::Decoder::decode`], and [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) inside a frame.
    fn decode_eof(&mut self, input: &mut BytesMut) -> io::Result<Option<Bytes>> {
        let frame = self.decode(input)?;
        if frame.is_none() && self.inside {
            self.decoder.finish()?;
        }
        Ok(frame)
    }
}

/// Lets a codec write behind what is there.
fn append(out: &mut BytesMut, codec: impl FnOnce(&mut [u8]) -> Result<Progress>) -> Result<Progress> {
    let start = out.len();
    out.resize(start + STEP, 0);
    let result = codec(&mut out[start..]);
    out.truncate(start + result.as_ref().map_or(0, |progress| progress.produced));
    result
}
