//! The response to come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::CompressionBody;
use super::plan::{Outcome, Plan};
use super::whole::Whole;
use crate::BoxError;
use crate::predicate::Predicate;

pin_project! {
    /// The response to come. Where its content is coded as a whole, it comes when that is done.
    pub struct ResponseFuture<F, P, B: Body> {
        #[pin]
        state: State<F, P, B>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F, P, B> {
        Waiting {
            #[pin]
            inner: F,
            plan: Plan<P>,
        },
        Coding {
            whole: Whole<B>,
        },
    }
}

impl<F, P, B: Body> ResponseFuture<F, P, B> {
    pub(super) fn new(inner: F, plan: Plan<P>) -> Self {
        Self { state: State::Waiting { inner, plan } }
    }
}

impl<F, P, B: Body> fmt::Debug for ResponseFuture<F, P, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Waiting { .. } => "ResponseFuture(waiting)",
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
        let mut state = self.project().state;
        loop {
            let whole = match state.as_mut().project() {
                Projected::Waiting { inner, plan } => match plan.apply(ready!(inner.poll(cx))?) {
                    Outcome::Ready(response) => return Poll::Ready(Ok(response)),
                    Outcome::Whole(whole) => whole,
                },
                Projected::Coding { whole } => return whole.poll(cx).map(Ok),
            };
            state.set(State::Coding { whole });
        }
    }
}
