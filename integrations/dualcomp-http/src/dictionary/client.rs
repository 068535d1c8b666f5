//! The layer of a client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ACCEPT_ENCODING, HeaderValue, RANGE};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use tower_layer::Layer;
use tower_service::Service;

use super::CODING;
use super::fields::{self, AVAILABLE_DICTIONARY, DICTIONARY_ID};
use super::offers::Fetch;
use super::store::{DictionaryStore, MOST_BYTES, Match};
use crate::accept::AcceptEncoding;
use crate::decompression::{DecompressionBody, DecompressionOptions, Engine};
use crate::macros::inner_service_accessors;
use crate::{BoxError, headers};

/// Uses the dictionaries that servers offer: names them in requests, and decodes responses that were coded with them.
///
/// Requests need absolute addresses, as clients of hyper-util have them. A dictionary that a response offers is fetched
/// before the next request to that origin, once; where that fails, all goes on without. That one request waits for it,
/// as long as the service inside does: give that a timeout. If that drops the request, the dictionary is fetched for
/// another one, three times at most. When the server has another dictionary at the same place, that is fetched too.
///
/// A dictionary that the options do not allow to prepare is not kept: with the default ones, one of more than 1 MiB. If
/// it turns out with an answer that the client cannot use a dictionary, as it needs a model that is not at hand or is
/// too much together with the content, reading that answer fails, and all goes on without the dictionary.
///
/// The layer belongs outside [`DecompressionLayer`](crate::DecompressionLayer), which then also decodes the file of a
/// dictionary, and inside one that follows redirects: a dictionary is of one origin, and here a response is taken to
/// come from the address that was asked.
///
/// ```
/// use dualcomp_http::dictionary::{DictionaryClientLayer, DictionaryStore};
/// use dualcomp_http::{DecompressionLayer, DecompressionOptions};
/// use tower::ServiceBuilder;
/// # use http::{Request, Response};
/// # let client = tower::service_fn(|_: Request<String>| async { Ok::<_, std::io::Error>(Response::new(String::new())) });
///
/// let store = DictionaryStore::new();
/// let client = ServiceBuilder::new()
///     .layer(DictionaryClientLayer::new(store, DecompressionOptions::new()))
///     .layer(DecompressionLayer::new())
///     .service(client);
/// ```
#[derive(Clone, Debug)]
pub struct DictionaryClientLayer {
    store: DictionaryStore,
    options: DecompressionOptions,
}

impl DictionaryClientLayer {
    /// With these dictionaries and options; the options should allow the memory and work of preparing a dictionary.
    pub fn new(store: DictionaryStore, options: DecompressionOptions) -> Self {
        Self { store, options }
    }
}

impl<S> Layer<S> for DictionaryClientLayer {
    type Service = DictionaryClient<S>;

    fn layer(&self, inner: S) -> DictionaryClient<S> {
        DictionaryClient { inner, store: self.store.clone(), engine: self.options.engine() }
    }
}

/// What [`DictionaryClientLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct DictionaryClient<S> {
    inner: S,
    store: DictionaryStore,
    engine: Arc<Engine>,
}

impl<S> DictionaryClient<S> {
    inner_service_accessors!();
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for DictionaryClient<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    ReqBody: Default + Send + 'static,
    ResBody: Body + Send + 'static,
    ResBody::Data: Send,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<DecompressionBody<ResBody>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        // The one that is ready; its clone need not be.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let (store, engine) = (self.store.clone(), self.engine.clone());
        Box::pin(async move {
            let uri = request.uri().clone();
            if let Some(offer) = store.take_offer(&uri) {
                // One place inside for both, one after the other: who held that of the request while it waited for
                // another would wait for itself.
                fetch(&mut inner, &store, &offer, &engine).await;
                offer.end();
                std::future::poll_fn(|cx| inner.poll_ready(cx)).await?;
            }
            let known = advertise(request.headers_mut(), store.matching(&uri));
            let method = request.method().clone();
            let response = inner.call(request).await?;
            store.note(&uri, response.headers(), known.as_ref().map(|known| &known.dictionary));
            Ok(decode(&method, response, known, &store, &engine))
        })
    }
}

/// Fetches a dictionary by a service that is ready. What goes wrong is as if it had not been offered.
async fn fetch<S, ReqBody, ResBody>(service: &mut S, store: &DictionaryStore, offer: &Fetch, engine: &Engine)
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ReqBody: Default,
    ResBody: Body,
    ResBody::Error: Into<BoxError>,
{
    let mut request = Request::new(ReqBody::default());
    *request.uri_mut() = offer.uri().clone();
    offer.ask(request.headers_mut());
    if let Ok(response) = service.call(request).await {
        keep(store, offer.uri(), response, engine).await;
    }
}

/// Keeps the dictionary that a response to a request for `uri` brings, if it does.
pub(crate) async fn keep<B: Body>(store: &DictionaryStore, uri: &Uri, response: Response<B>, engine: &Engine)
where
    B::Error: Into<BoxError>,
{
    if response.status() != StatusCode::OK {
        return;
    }
    let (parts, body) = response.into_parts();
    let file = Limited::new(body, MOST_BYTES).collect().await;
    if let Ok(file) = file {
        // A file that is none is not kept.
        let _ = store.insert_within(uri, &parts.headers, &file.to_bytes(), &engine.limits);
    }
}

/// Asks for the coding, and names the dictionary if there is one for the request. Not for ranges, and not where the
/// request wants no coding or names a dictionary itself.
pub(crate) fn advertise(headers: &mut HeaderMap, known: Option<Match>) -> Option<Match> {
    let accept = AcceptEncoding::of(headers);
    let refuses = headers.contains_key(ACCEPT_ENCODING) && !accept.wants_coding();
    if refuses || headers.contains_key(RANGE) || headers.contains_key(AVAILABLE_DICTIONARY) {
        return None;
    }
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let members: Vec<&str> = [CODING].into_iter().chain(lines).collect();
    let value = HeaderValue::from_str(&members.join(", ")).ok()?;
    headers.insert(ACCEPT_ENCODING, value);
    let known = known?;
    headers.insert(AVAILABLE_DICTIONARY, fields::available(&known.dictionary));
    if let Some(id) = known.id.as_ref().and_then(|id| HeaderValue::from_str(&format!("\"{id}\"")).ok()) {
        headers.insert(DICTIONARY_ID, id);
    }
    Some(known)
}

/// Whether the coding of a response is that of dictionaries and no other, and is there.
pub(crate) fn is_coded(method: &Method, status: StatusCode, headers: &HeaderMap) -> bool {
    headers::content_codings(headers).is_some_and(|codings| codings == [CODING])
        && !headers::has_no_content(method, status)
        && status != StatusCode::PARTIAL_CONTENT
}

/// Undoes the coding, if it is the only one and the request named the dictionary.
pub(crate) fn decode<B: Body>(
    method: &Method,
    response: Response<B>,
    known: Option<Match>,
    store: &DictionaryStore,
    engine: &Engine,
) -> Response<DecompressionBody<B>> {
    let (mut parts, body) = response.into_parts();
    headers::mark_unchanged(parts.status, &mut parts.headers);
    let coded = is_coded(method, parts.status, &parts.headers);
    let body = match known.filter(|_| coded) {
        Some(known) => {
            headers::mark_decoded(&mut parts.headers, &[]);
            let (store, dictionary) = (store.clone(), known.dictionary.clone());
            engine.decode_with(body, dictionary, move || store.forget(&known))
        }
        None => DecompressionBody::plain(body),
    };
    Response::from_parts(parts, body)
}
