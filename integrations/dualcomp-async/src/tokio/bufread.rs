//! Types that read from an [`AsyncBufRead`]. They pass [`AsyncWrite`] through to what is below.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use compression_core::util::WriteBuffer;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::{Below, poll_in_turn};
use crate::codecs;
use crate::machine::{ReadDecoder, ReadEncoder};
use crate::macros::{adapter, decoder_constructors, encoder_constructors};

/// Output made in one call at most: the buffer is zeroed before, however large it is.
const MAX_OUTPUT: usize = 1 << 16;

macro_rules! reader {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident<R>($machine:ty)) => {
        adapter! {
            $(#[$doc])*
            $visibility struct $name<R>($machine)
        }

        impl<R: AsyncBufRead> AsyncRead for $name<R> {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let this = self.project();
                let room = buffer.remaining().min(MAX_OUTPUT);
                let mut output = WriteBuffer::new_initialized(buffer.initialize_unfilled_to(room));
                let outcome =
                    poll_in_turn(cx, |cx| this.machine.poll_read(cx, &mut output, &mut Below(this.inner)));
                let made = output.written_len();
                buffer.advance(made);
                outcome
            }
        }

        impl<R: AsyncWrite> AsyncWrite for $name<R> {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
                self.get_pin_mut().poll_write(cx, data)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                parts: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.get_pin_mut().poll_write_vectored(cx, parts)
            }

            fn is_write_vectored(&self) -> bool {
                self.inner.is_write_vectored()
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.get_pin_mut().poll_flush(cx)
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.get_pin_mut().poll_shutdown(cx)
            }
        }
    };
}

reader! {
    /// Reads bytes from `R` and gives out the compressed stream.
    ///
    /// A read that is cancelled loses nothing. Errors of `R` pass through, and reading may go on after them.
    ///
    /// ```
    /// use dualcomp_async::tokio::bufread::DualCompEncoder;
    /// use tokio::io::AsyncReadExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut stream = Vec::new();
    /// DualCompEncoder::new(&b"read me"[..]).read_to_end(&mut stream).await?;
    /// assert_eq!(dualcomp::decompress(&stream, &Default::default())?, b"read me");
    /// # Ok(())
    /// # }
    /// ```
    pub struct DualCompEncoder<R>(ReadEncoder<codecs::DualCompEncoder>)
}
encoder_constructors!(DualCompEncoder<R: AsyncBufRead>, ReadEncoder);

reader! {
    /// Reads a compressed stream from `R` and gives out its bytes.
    ///
    /// The bytes before something wrong come first, then the error, with a [`dualcomp::Error`] inside. A stream that
    /// ends early is [`UnexpectedEof`](io::ErrorKind::UnexpectedEof). A read that is cancelled loses nothing. When
    /// the stream has ended, `R` stands behind it.
    ///
    /// ```
    /// use dualcomp_async::tokio::bufread::DualCompDecoder;
    /// use tokio::io::AsyncReadExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let stream = dualcomp::compress(b"read me", &Default::default())?;
    /// let mut text = String::new();
    /// DualCompDecoder::new(stream.as_slice()).read_to_string(&mut text).await?;
    /// assert_eq!(text, "read me");
    /// # Ok(())
    /// # }
    /// ```
    pub struct DualCompDecoder<R>(ReadDecoder<codecs::DualCompDecoder>)
}
decoder_constructors!(DualCompDecoder<R: AsyncBufRead>, ReadDecoder);

/// The same adapters for another codec, to compare them with other adapters.
#[cfg(test)]
#[allow(dead_code, reason = "not all of each adapter is compared")]
pub(crate) mod gzip {
    use super::*;

    reader!(pub(crate) struct Encoder<R>(ReadEncoder<compression_codecs::GzipEncoder>));
    reader!(pub(crate) struct Decoder<R>(ReadDecoder<compression_codecs::GzipDecoder>));
    crate::parity::constructors!(ReadEncoder, ReadDecoder);
}
