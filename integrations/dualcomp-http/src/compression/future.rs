//! The response to come.

use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http::header::HeaderMap;
use http::response::Parts;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::{CompressionBody, Then};
use super::gather::{Gather, Gathered};
use super::job::{self, Begun, Job};
use super::layer::Engine;
use super::plan::{Outcome, Plan, WHOLE};
use crate::coding::Coding;
use crate::predicate::Predicate;
use crate::{BoxError, headers, source};

pin_project! {
    /// The response to come. Where its content is coded as a whole, it comes when that is done.
    pub struct ResponseFuture<F, P, B: Body> {
        #[pin]
        state: State<F, B>,
        plan: Plan<P>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F, B> {
        Waiting {
            #[pin]
            inner: F,
        },
        Gathering {
            head: Option<Parts>,
            coding: Coding,
            size: u64,
            gather: Gather<B>,
        },
        Coding {
            head: Option<Parts>,
            coding: Coding,
            content: Bytes,
            trailers: Option<HeaderMap>,
            job: Job,
        },
    }
}

impl<F, P, B: Body> ResponseFuture<F, P, B> {
    pub(super) fn new(inner: F, plan: Plan<P>) -> Self {
        Self { state: State::Waiting { inner }, plan }
    }
}

impl<F, P, B: Body> fmt::Debug for ResponseFuture<F, P, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Waiting { .. } => "ResponseFuture(waiting)",
            State::Gathering { .. } => "ResponseFuture(gathering)",
            State::Coding { .. } => "ResponseFuture(coding)",
        })
    }
}

impl<F, P, B, E> Future for ResponseFuture<F, P, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    P: Predicate,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<CompressionBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                Projected::Waiting { inner } => match this.plan.apply(ready!(inner.poll(cx))?) {
                    Outcome::Ready(response) => return Poll::Ready(Ok(response)),
                    Outcome::Whole(head, body, size, coding) => {
                        State::Gathering { head: Some(head), coding, size, gather: Gather::new(body, WHOLE) }
                    }
                },
                Projected::Gathering { head, coding, size, gather } => {
                    let gathered = ready!(gather.poll(cx));
                    // Taken once: no other state comes back to this one.
                    let head = head.take().unwrap_or_else(empty_head);
                    match begin(&this.plan.engine, *coding, *size, gathered, head) {
                        ControlFlow::Continue(state) => state,
                        ControlFlow::Break(response) => return Poll::Ready(Ok(response)),
                    }
                }
                Projected::Coding { head, coding, content, trailers, job } => {
                    let body = ready!(Pin::new(job).poll(cx)).ok().flatten();
                    let head = head.take().unwrap_or_else(empty_head);
                    let trailers = trailers.take();
                    return Poll::Ready(Ok(match body {
                        Some(body) => coded(head, *coding, body, trailers),
                        None => {
                            let (content, then) = (std::mem::take(content), Then::Trailers(trailers));
                            Response::from_parts(head, CompressionBody::gathered(content, then))
                        }
                    }));
                }
            };
            this.state.set(next);
        }
    }
}

fn empty_head() -> Parts {
    Response::new(()).into_parts().0
}

/// Begins to code what was gathered, or gives the response that needs no more work.
fn begin<F, B>(
    engine: &Arc<Engine>,
    coding: Coding,
    size: u64,
    gathered: Gathered<B>,
    head: Parts,
) -> ControlFlow<Response<CompressionBody<B>>, State<F, B>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let (content, then) = match gathered {
        Gathered::Whole(content, _) if content.len() as u64 != size => {
            (content, Then::Error(Some(source::wrong_size().into())))
        }
        Gathered::Whole(content, trailers) => {
            let keep = !headers::forbids_store(&head.headers);
            match job::begin(engine, coding, &content, keep) {
                Begun::Job(job) => {
                    return ControlFlow::Continue(State::Coding { head: Some(head), coding, content, trailers, job });
                }
                #[cfg(feature = "cache")]
                Begun::Done(body) => return ControlFlow::Break(coded(head, coding, body, trailers)),
                Begun::Refused => (content, Then::Trailers(trailers)),
            }
        }
        Gathered::TooLong(content, body) => (content, Then::More(body)),
        Gathered::Failed(content, error) => (content, Then::Error(Some(error.into()))),
    };
    ControlFlow::Break(Response::from_parts(head, CompressionBody::gathered(content, then)))
}

fn coded<B: Body>(
    mut head: Parts,
    coding: Coding,
    body: Bytes,
    trailers: Option<HeaderMap>,
) -> Response<CompressionBody<B>> {
    headers::mark_coded(&mut head.headers, coding);
    let then = Then::Trailers(trailers.and_then(headers::trailers_of_changed));
    Response::from_parts(head, CompressionBody::gathered(body, then))
}
