//! For the clients of reqwest-middleware.

use std::sync::Arc;

use http::Extensions;
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Middleware, Next, Result};

use crate::decompression::{DecompressionOptions, Engine};

/// Asks for DualComp's coding and undoes it, for clients of reqwest.
///
/// ```
/// use dualcomp_http::DualCompMiddleware;
///
/// let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     // reqwest was built with its feature `gzip`.
///     .with(DualCompMiddleware::new().with_other_codings(["gzip"]))
///     .build();
/// ```
///
/// Requests and responses are treated as by [`DecompressionLayer`](crate::DecompressionLayer). reqwest still undoes
/// the codings that it has features for, but asks for them only where a request has no `Accept-Encoding` yet: as this
/// middleware sets one, [`Self::with_other_codings`] must name them. Errors of the content are errors of reading the
/// body; [`std::error::Error::source`] leads to [`LimitExceeded`](crate::LimitExceeded) and the like. A decoded
/// response has no [`content_length`](Response::content_length).
#[derive(Clone, Debug)]
pub struct DualCompMiddleware {
    engine: Arc<Engine>,
    others: Vec<String>,
}

impl DualCompMiddleware {
    /// With the default options. Loads the model, which the names of the codings need: some milliseconds,
    /// once in a process.
    pub fn new() -> Self {
        Self::with_options(DecompressionOptions::new())
    }

    /// With these options. Loads the model as [`Self::new`] does, unless the options have another.
    pub fn with_options(options: DecompressionOptions) -> Self {
        Self { engine: options.engine(), others: Vec::new() }
    }

    /// The codings that reqwest undoes, for requests that do not name codings themselves. Default: none.
    #[must_use]
    pub fn with_other_codings(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.others = tokens.into_iter().map(Into::into).collect();
        self
    }
}

impl Default for DualCompMiddleware {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Middleware for DualCompMiddleware {
    async fn handle(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        self.engine.advertise(request.headers_mut(), &self.others);
        let method = request.method().clone();
        let response = next.run(request, extensions).await?;
        if !self.engine.is_ours(&method, response.status(), response.headers()) {
            return Ok(response);
        }
        // The conversion forgets the URL, and takes it back from an extension that only this can make.
        let with_url = http::Response::builder().url(response.url().clone()).body(()).unwrap_or_default();
        let mut decoded = self.engine.decode_response(&method, response.into());
        decoded.extensions_mut().extend(with_url.into_parts().0.extensions);
        Ok(Response::from(decoded.map(Body::wrap)))
    }
}
