//! The response to come.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::DictionaryBody;
use super::plan::Plan;
use crate::predicate::Predicate;

pin_project! {
    /// The response to come.
    #[derive(Debug)]
    pub struct ResponseFuture<F, P> {
        #[pin]
        state: State<F, P>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F, P> {
        Passed {
            #[pin]
            inner: F,
            plan: Plan<P>,
        },
        Served {
            answer: Option<Response<Bytes>>,
        },
    }
}

impl<F, P> ResponseFuture<F, P> {
    pub(super) fn passed(inner: F, plan: Plan<P>) -> Self {
        Self { state: State::Passed { inner, plan } }
    }

    /// Without asking the service inside.
    pub(super) fn served(answer: Response<Bytes>) -> Self {
        Self { state: State::Served { answer: Some(answer) } }
    }
}

impl<F, P, B, E> Future for ResponseFuture<F, P>
where
    F: Future<Output = Result<Response<B>, E>>,
    P: Predicate,
    B: Body,
{
    type Output = Result<Response<DictionaryBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Passed { inner, plan } => {
                let response = ready!(inner.poll(cx))?;
                Poll::Ready(Ok(plan.apply(response)))
            }
            Projected::Served { answer } => {
                let answer = answer.take().unwrap_or_default();
                Poll::Ready(Ok(answer.map(DictionaryBody::file)))
            }
        }
    }
}
