//! The response to come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::DictionaryBody;
use super::plan::Plan;
use crate::BoxError;
use crate::compression::{CompressionBody, Outcome, Whole};
use crate::predicate::Predicate;

pin_project! {
    /// The response to come. Where its content is coded as a whole, it comes when that is done.
    pub struct ResponseFuture<F, P, B: Body> {
        #[pin]
        state: State<F, B>,
        // None where the service inside is not asked.
        plan: Option<Plan<P>>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F, B> {
        Passed {
            #[pin]
            inner: F,
        },
        Coding {
            whole: Whole<B>,
        },
        Served {
            answer: Option<Response<Bytes>>,
        },
    }
}

impl<F, P, B: Body> ResponseFuture<F, P, B> {
    pub(super) fn passed(inner: F, plan: Plan<P>) -> Self {
        Self { state: State::Passed { inner }, plan: Some(plan) }
    }

    /// Without asking the service inside.
    pub(super) fn served(answer: Response<Bytes>) -> Self {
        Self { state: State::Served { answer: Some(answer) }, plan: None }
    }
}

impl<F, P, B: Body> fmt::Debug for ResponseFuture<F, P, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Passed { .. } => "ResponseFuture(passed)",
            State::Coding { .. } => "ResponseFuture(coding)",
            State::Served { .. } => "ResponseFuture(served)",
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
    type Output = Result<Response<DictionaryBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let finish = |plan: &Option<Plan<P>>, mut response: Response<CompressionBody<B>>| {
            if let Some(plan) = plan {
                plan.name(&mut response);
            }
            response.map(DictionaryBody::of)
        };
        loop {
            let whole = match this.state.as_mut().project() {
                Projected::Passed { inner } => {
                    let response = ready!(inner.poll(cx))?;
                    let outcome = match this.plan {
                        Some(plan) => plan.apply(response),
                        None => Outcome::plain(response),
                    };
                    match outcome {
                        Outcome::Ready(response) => return Poll::Ready(Ok(finish(this.plan, response))),
                        Outcome::Whole(whole) => whole,
                    }
                }
                Projected::Coding { whole } => {
                    let response = ready!(whole.poll(cx));
                    return Poll::Ready(Ok(finish(this.plan, response)));
                }
                Projected::Served { answer } => {
                    let answer = answer.take().unwrap_or_default();
                    return Poll::Ready(Ok(answer.map(DictionaryBody::file)));
                }
            };
            this.state.set(State::Coding { whole });
        }
    }
}
