//! A body that is waited for as a whole.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;

/// Gathers a body in memory. It lies apart, so that what has come too much of can be sent on.
pub(super) struct Gather<B> {
    body: Option<Pin<Box<B>>>,
    /// Most bodies are one frame, which is not copied.
    first: Bytes,
    rest: BytesMut,
    most: usize,
}

/// What has come.
pub(super) enum Gathered<B: Body> {
    Whole(Bytes, Option<HeaderMap>),
    /// All that is waited for, and where the rest comes from.
    Part(Bytes, Pin<Box<B>>),
    Failed(Bytes, B::Error),
}

impl<B: Body> Gather<B> {
    /// Gathers up to `most` bytes.
    pub(super) fn new(body: B, most: usize) -> Self {
        Self { body: Some(Box::pin(body)), first: Bytes::new(), rest: BytesMut::new(), most }
    }

    fn add(&mut self, mut data: impl Buf) {
        let data = data.copy_to_bytes(data.remaining());
        if self.first.is_empty() {
            self.first = data;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
        }
        self.rest.extend_from_slice(&data);
    }

    fn len(&self) -> usize {
        self.first.len().max(self.rest.len())
    }

    fn take(&mut self) -> Bytes {
        let first = std::mem::take(&mut self.first);
        if self.rest.is_empty() { first } else { std::mem::take(&mut self.rest).freeze() }
    }

    /// What has come so far. Not to be asked again after that.
    pub(super) fn give_up(&mut self) -> Gathered<B> {
        let content = self.take();
        match self.body.take() {
            Some(body) => Gathered::Part(content, body),
            None => Gathered::Whole(content, None),
        }
    }

    /// What has come, once that is clear. Not to be asked again after that.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Gathered<B>> {
        while let Some(body) = &mut self.body {
            match ready!(body.as_mut().poll_frame(cx)) {
                None => break,
                Some(Err(error)) => return Poll::Ready(Gathered::Failed(self.take(), error)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.add(data),
                    // Nothing can follow trailers.
                    Err(frame) => {
                        let trailers = frame.into_trailers().ok();
                        return Poll::Ready(Gathered::Whole(self.take(), trailers));
                    }
                },
            }
            if self.len() > self.most {
                return Poll::Ready(self.give_up());
            }
        }
        Poll::Ready(Gathered::Whole(self.take(), None))
    }
}
