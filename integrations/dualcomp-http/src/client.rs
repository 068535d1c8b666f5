//! For the clients of reqwest-middleware.

use std::sync::Arc;

use http::{Extensions, Uri};
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Middleware, Next, Result};

use crate::decompression::{DecompressionOptions, Engine};
use crate::dictionary::{self, DictionaryStore};
use crate::{clock, headers};

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
    dictionaries: Option<DictionaryStore>,
}

impl DualCompMiddleware {
    /// With the default options. Loads the model, which the names of the codings need: some milliseconds,
    /// once in a process.
    pub fn new() -> Self {
        Self::with_options(DecompressionOptions::new())
    }

    /// With these options. Loads the model as [`Self::new`] does, unless the options have another.
    pub fn with_options(options: DecompressionOptions) -> Self {
        Self { engine: options.engine(), others: Vec::new(), dictionaries: None }
    }

    /// The codings that reqwest undoes, for requests that do not name codings themselves. Default: none.
    #[must_use]
    pub fn with_other_codings(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.others = tokens.into_iter().map(Into::into).collect();
        self
    }

    /// Uses the dictionaries that servers offer, as [`DictionaryClientLayer`](dictionary::DictionaryClientLayer) does,
    /// and keeps them here. Default: no dictionaries.
    ///
    /// The fetch of a dictionary takes at most half of the time that the request before which it comes was given
    /// (`RequestBuilder::timeout`), and the request has the rest. A timeout of the client counts for each of the two.
    ///
    /// reqwest follows redirects below this middleware, and takes the name of the dictionary along to other origins, as
    /// all fields but those of authentication and cookies. What comes from another origin is not kept, and if it is
    /// coded with the dictionary it stays coded. Where these must not learn what the client has either, let it follow
    /// none ([`reqwest::redirect::Policy::none`]).
    ///
    /// ```
    /// use dualcomp_http::DualCompMiddleware;
    /// use dualcomp_http::dictionary::DictionaryStore;
    ///
    /// let middleware = DualCompMiddleware::new().with_dictionaries(DictionaryStore::new());
    /// ```
    #[must_use]
    pub fn with_dictionaries(mut self, store: DictionaryStore) -> Self {
        self.dictionaries = Some(store);
        self
    }

    /// Sends a request, and undoes the coding of its response.
    async fn ask(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        self.engine.advertise(request.headers_mut(), &self.others);
        let method = request.method().clone();
        let asked = uri(request.url());
        let known = match (&self.dictionaries, &asked) {
            (Some(store), Some(uri)) => dictionary::advertise(request.headers_mut(), store.matching(uri)),
            _ => None,
        };
        let mut response = next.run(request, extensions).await?;
        headers::mark_unchanged(response.status(), response.headers_mut());
        // A dictionary is of one origin, and a redirect may have led to another: RFC 9842, section 2.2.2.
        let known = known.filter(|_| is_from(asked.as_ref(), &response));
        if let (Some(store), Some(uri)) = (&self.dictionaries, uri(response.url())) {
            store.note(&uri, response.headers(), known.as_ref().map(|known| &known.dictionary));
        }
        let by_dictionary = self
            .dictionaries
            .as_ref()
            .filter(|_| known.is_some() && dictionary::is_coded(&method, response.status(), response.headers()));
        if by_dictionary.is_none() && !self.engine.is_ours(&method, response.status(), response.headers()) {
            return Ok(response);
        }
        // The conversion forgets the URL, and takes it back from an extension that only this can make.
        let with_url = http::Response::builder().url(response.url().clone()).body(()).unwrap_or_default();
        let mut decoded = match by_dictionary {
            Some(store) => dictionary::decode(&method, response.into(), known, store, &self.engine),
            None => self.engine.decode_response(&method, response.into()),
        };
        decoded.extensions_mut().extend(with_url.into_parts().0.extensions);
        Ok(Response::from(decoded.map(Body::wrap)))
    }
}

/// Whether a response is of the origin that was asked.
fn is_from(asked: Option<&Uri>, response: &Response) -> bool {
    asked.zip(uri(response.url()).as_ref()).is_some_and(|(asked, here)| dictionary::is_same_origin(asked, here))
}

fn uri(url: &reqwest::Url) -> Option<Uri> {
    url.as_str().parse().ok()
}

impl Default for DualCompMiddleware {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Middleware for DualCompMiddleware {
    async fn handle(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let offer = self.dictionaries.as_ref().zip(uri(request.url())).and_then(|(store, uri)| store.take_offer(&uri));
        if let (Some(store), Some(offer)) = (&self.dictionaries, offer)
            && let Ok(url) = offer.uri().to_string().parse()
        {
            let mut fetch = Request::new(reqwest::Method::GET, url);
            offer.ask(fetch.headers_mut());
            let (time, start) = (request.timeout().copied(), clock::now());
            // The request is to have time for itself, and no more than it was given for both.
            *fetch.timeout_mut() = time.map(|time| time / 2);
            // What goes wrong is as if it had not been offered.
            if let Ok(response) = self.ask(fetch, &mut Extensions::new(), next.clone()).await
                && is_from(Some(offer.uri()), &response)
            {
                dictionary::keep(store, offer.uri(), response.into(), &self.engine).await;
            }
            offer.end();
            if let (Some(time), Some(start)) = (time, start) {
                *request.timeout_mut() = Some(time.saturating_sub(start.elapsed()));
            }
        }
        self.ask(request, extensions, next).await
    }
}
