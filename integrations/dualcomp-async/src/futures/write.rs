//! Types that write to an [`AsyncWrite`]. They pass [`AsyncRead`] and [`AsyncBufRead`] through from what is below.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};

use super::Below;
use crate::codecs;
use crate::machine::{WriteDecoder, WriteEncoder};
use crate::macros::{adapter, decoder_constructors, encoder_constructors};

macro_rules! writer {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident<W>($machine:ty)) => {
        adapter! {
            $(#[$doc])*
            $visibility struct $name<W>($machine)
        }

        impl<W: AsyncWrite> AsyncWrite for $name<W> {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
                let this = self.project();
                this.machine.poll_write(cx, data, &mut Below(this.inner))
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let mut this = self.project();
                ready!(this.machine.poll_flush(cx, &mut Below(this.inner.as_mut())))?;
                this.inner.poll_flush(cx)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let mut this = self.project();
                ready!(this.machine.poll_close(cx, &mut Below(this.inner.as_mut())))?;
                this.inner.poll_close(cx)
            }
        }

        impl<W: AsyncRead> AsyncRead for $name<W> {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.get_pin_mut().poll_read(cx, buffer)
            }
        }

        impl<W: AsyncBufRead> AsyncBufRead for $name<W> {
            fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
                self.get_pin_mut().poll_fill_buf(cx)
            }

            fn consume(self: Pin<&mut Self>, count: usize) {
                self.get_pin_mut().consume(count);
            }
        }
    };
}

writer! {
    /// Compresses what is written to it into `W`.
    ///
    /// The stream is whole only after `close`, which closes `W` too. Dropping the encoder before leaves a stream
    /// cut short, which decoders report. A write that is cancelled has taken nothing.
    ///
    /// `flush` ends a block: see [`FlushPolicy`](crate::FlushPolicy).
    ///
    /// ```
    /// use dualcomp_async::futures::write::DualCompEncoder;
    /// use futures::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut encoder = DualCompEncoder::new(Vec::new());
    /// encoder.write_all(b"write me").await?;
    /// encoder.close().await?;
    /// assert_eq!(dualcomp::decompress(encoder.get_ref(), &Default::default())?, b"write me");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct DualCompEncoder<W>(WriteEncoder<codecs::DualCompEncoder>)
}
encoder_constructors!(DualCompEncoder<W: AsyncWrite>, WriteEncoder);

writer! {
    /// Decompresses what is written to it into `W`.
    ///
    /// Bytes arrive block by block. `close` tells whether the stream was whole. An error may belong to a write
    /// before the one that reports it, because blocks are decoded meanwhile; the bytes before it are in `W` then.
    ///
    /// ```
    /// use dualcomp_async::futures::write::DualCompDecoder;
    /// use futures::AsyncWriteExt;
    ///
    /// # futures::executor::block_on(async {
    /// let stream = dualcomp::compress(b"write me", &Default::default())?;
    /// let mut decoder = DualCompDecoder::new(Vec::new());
    /// decoder.write_all(&stream).await?;
    /// decoder.close().await?;
    /// assert_eq!(decoder.into_inner(), b"write me");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct DualCompDecoder<W>(WriteDecoder<codecs::DualCompDecoder>)
}
decoder_constructors!(DualCompDecoder<W: AsyncWrite>, WriteDecoder);

/// The same adapters for another codec, to compare them with other adapters.
#[cfg(test)]
#[allow(dead_code, reason = "not all of each adapter is compared")]
pub(crate) mod gzip {
    use super::*;

    writer!(pub(crate) struct Encoder<W>(WriteEncoder<compression_codecs::GzipEncoder>));
    writer!(pub(crate) struct Decoder<W>(WriteDecoder<compression_codecs::GzipDecoder>));
    crate::parity::constructors!(WriteEncoder, WriteDecoder);
}
