//! Types that read from an [`AsyncBufRead`]. They pass [`AsyncWrite`] through to what is below.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use compression_core::util::WriteBuffer;
use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};

use super::Below;
use crate::codecs;
use crate::machine::{ReadDecoder, ReadEncoder};
use crate::macros::{adapter, decoder_constructors, encoder_constructors};

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
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                let this = self.project();
                let mut output = WriteBuffer::new_initialized(buffer);
                let outcome = this.machine.poll_read(cx, &mut output, &mut Below(this.inner));
                outcome.map_ok(|()| output.written_len())
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

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.get_pin_mut().poll_flush(cx)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.get_pin_mut().poll_close(cx)
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
    /// use dualcomp_async::futures::bufread::DualCompEncoder;
    /// use futures::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = Vec::new();
    /// DualCompEncoder::new(&b"read me"[..]).read_to_end(&mut stream).await?;
    /// assert_eq!(dualcomp::decompress(&stream, &Default::default())?, b"read me");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
    /// use dualcomp_async::futures::bufread::DualCompDecoder;
    /// use futures::AsyncReadExt;
    ///
    /// # futures::executor::block_on(async {
    /// let stream = dualcomp::compress(b"read me", &Default::default())?;
    /// let mut text = String::new();
    /// DualCompDecoder::new(stream.as_slice()).read_to_string(&mut text).await?;
    /// assert_eq!(text, "read me");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
