//! A response that is coded as a whole before it is sent.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http::header::HeaderMap;
use http::response::Parts;
use http_body::Body;

use super::alarm::Alarm;
use super::body::{CompressionBody, Then};
use super::gather::{Gather, Gathered};
use super::job::{self, Begun, Job};
use super::layer::Engine;
use crate::coding::Coding;
use crate::{BoxError, headers, source};

/// A body of a known size up to this is coded as a whole: in bytes. It is a block, so as a stream it would wait in the
/// codec as long.
pub(crate) const WHOLE: usize = 1 << 20;

/// The response to come.
pub(crate) struct Whole<B> {
    engine: Arc<Engine>,
    head: Option<Parts>,
    coding: Coding,
    step: Step<B>,
}

enum Step<B> {
    Gathering { size: u64, gather: Gather<B>, alarm: Alarm },
    Coding { content: Bytes, trailers: Option<HeaderMap>, job: Job },
}

impl<B: Body> Whole<B>
where
    B::Error: Into<BoxError>,
{
    /// Codes a response with a body of this size.
    pub(crate) fn new(engine: Arc<Engine>, response: Response<B>, size: u64, coding: Coding) -> Self {
        let (head, body) = response.into_parts();
        let step = Step::Gathering { size, gather: Gather::new(body, WHOLE), alarm: Alarm::new() };
        Self { engine, head: Some(head), coding, step }
    }

    /// Not to be asked again once it is there.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response<CompressionBody<B>>> {
        loop {
            match &mut self.step {
                Step::Gathering { size, gather, alarm } => {
                    let gathered = match gather.poll(cx) {
                        Poll::Ready(gathered) => gathered,
                        // The client is to have the head, and what has come.
                        Poll::Pending if alarm.is_over(cx.waker()) => gather.give_up(),
                        Poll::Pending => return Poll::Pending,
                    };
                    let size = *size;
                    match self.begin(size, gathered) {
                        ControlFlow::Continue(step) => self.step = step,
                        ControlFlow::Break(body) => return Poll::Ready(self.plain(body)),
                    }
                }
                Step::Coding { content, trailers, job } => {
                    let body = ready!(Pin::new(job).poll(cx)).ok().flatten();
                    let (content, trailers) = (std::mem::take(content), trailers.take());
                    return Poll::Ready(match body {
                        Some(body) => self.coded(body, trailers),
                        None => self.plain(CompressionBody::gathered(content, Then::Trailers(trailers))),
                    });
                }
            }
        }
    }

    /// Begins to code what was gathered, or gives the body that needs no more work.
    fn begin(&mut self, size: u64, gathered: Gathered<B>) -> ControlFlow<CompressionBody<B>, Step<B>> {
        let (content, then) = match gathered {
            Gathered::Whole(content, _) if content.len() as u64 != size => {
                (content, Then::Error(Some(source::wrong_size().into())))
            }
            Gathered::Whole(content, trailers) => {
                let keep = self.head.as_ref().is_some_and(|head| !headers::forbids_store(&head.headers));
                match job::begin(&self.engine, self.coding, &content, keep) {
                    Begun::Job(job) => return ControlFlow::Continue(Step::Coding { content, trailers, job }),
                    Begun::Refused => (content, Then::Trailers(trailers)),
                }
            }
            Gathered::Part(content, body) => (content, Then::More(body)),
            Gathered::Failed(content, error) => (content, Then::Error(Some(error.into()))),
        };
        ControlFlow::Break(CompressionBody::gathered(content, then))
    }

    fn coded(&mut self, body: Bytes, trailers: Option<HeaderMap>) -> Response<CompressionBody<B>> {
        let then = Then::Trailers(trailers.and_then(headers::trailers_of_changed));
        let mut response = self.plain(CompressionBody::gathered(body, then));
        headers::mark_coded(response.headers_mut(), self.coding);
        response
    }

    fn plain(&mut self, body: CompressionBody<B>) -> Response<CompressionBody<B>> {
        // Taken once: nobody asks again.
        let head = self.head.take().unwrap_or_else(|| Response::new(()).into_parts().0);
        Response::from_parts(head, body)
    }
}
