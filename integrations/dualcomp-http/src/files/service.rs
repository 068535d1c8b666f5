//! The service around one that serves files.

use std::fmt;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, IF_MODIFIED_SINCE, IF_RANGE,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use http::uri::PathAndQuery;
use http::{Method, Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use tower_service::Service;

use super::folder::{Folder, Looked, SUFFIX};
use crate::accept::{AcceptEncoding, OTHERS};
use crate::coding::Coding;
use crate::headers;
use crate::macros::inner_service_accessors;

/// Serves what was coded before, in place of the files beside it, to clients that know the coding.
///
/// ```text
/// dualcomp compress --for-web site       # site/index.html.dcs and so on, and site/dualcomp-manifest.json
/// ```
///
/// ```
/// use axum::Router;
/// use dualcomp_http::files::Precompressed;
/// use tower_http::services::ServeDir;
///
/// let files = ServeDir::new("site").precompressed_br().precompressed_gzip();
/// let app: Router = Router::new().fallback_service(Precompressed::new("site", files));
/// ```
///
/// The service inside does the work: it opens the file, answers HEAD and conditions (`If-None-Match`), and makes
/// `ETag`, the validator of a coded body: that has no `Last-Modified`, and conditions on dates do not concern it. It
/// sees a GET or HEAD of `/page.html` as one of `/page.html.dcs` if the request names the coding in `Accept-Encoding`
/// and prefers no other, asks for no range, and the coded body is of what the file holds now; if not, it sees the
/// request as it was, and may have `.br` and `.gz` beside the file. For `/folder/` the file is `index.html`, as for
/// tower-http's `ServeDir`. A request for a range that names our coding loses its `Accept-Encoding`: ranges are of the
/// content itself. With `If-Range`, the whole is sent of a file that has a coded body: who has a part of one form must
/// not get the rest of the other. Answers to GET and HEAD say `Vary: Accept-Encoding`.
///
/// A coded body is trusted only if its SHA-256 and that of the file are those of the manifest. Both are read when they
/// are first asked for and when they have changed since (by length, times and number of the file); else a request costs
/// a look at three files. So a file that was changed without the program is served as it is, and a new manifest is seen
/// without a restart. The manifest can be fetched as any other file: it names the files that have a coded body.
///
/// No model is loaded: nothing is coded here.
#[derive(Clone, Debug)]
pub struct Precompressed<S> {
    inner: S,
    folder: Arc<Folder>,
    others: Arc<[String]>,
}

impl<S> Precompressed<S> {
    /// Around a service of the files in `folder`. Reads nothing yet; where there is no manifest, everything is left to
    /// `inner`.
    pub fn new(folder: impl AsRef<Path>, inner: S) -> Self {
        Self { inner, folder: Arc::new(Folder::new(folder.as_ref())), others: OTHERS.map(String::from).into() }
    }

    /// The codings that the service inside has files for. If a request prefers one of them, it is left to that.
    /// Default: `br`, `deflate`, `gzip` and `zstd`.
    #[must_use]
    pub fn with_other_codings(mut self, tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.others = tokens.into_iter().map(|token| token.as_ref().to_ascii_lowercase()).collect();
        self
    }

    inner_service_accessors!();

    /// Reads the manifest and says how many files have a coded body. For a start that fails early; requests do not need
    /// it.
    ///
    /// # Errors
    /// If there is no manifest, or it cannot be read.
    pub fn coded_files(&self) -> io::Result<usize> {
        Ok(self.folder.read()?.len())
    }
}

/// The response to come.
pub struct ResponseFuture<T>(Pin<Box<dyn Future<Output = T> + Send>>);

impl<T> fmt::Debug for ResponseFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture")
    }
}

impl<T> Future for ResponseFuture<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.0.as_mut().poll(cx)
    }
}

impl<S, ReqBody, ResBody: 'static> Service<Request<ReqBody>> for Precompressed<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Send + 'static,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<Result<Response<ResBody>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The one that is ready is used, the other stays.
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next);
        ResponseFuture(Box::pin(respond(inner, self.folder.clone(), self.others.clone(), request)))
    }
}

async fn respond<S, ReqBody, ResBody>(
    mut inner: S,
    folder: Arc<Folder>,
    others: Arc<[String]>,
    mut request: Request<ReqBody>,
) -> Result<Response<ResBody>, S::Error>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return inner.call(request).await;
    }
    let accept = AcceptEncoding::of(request.headers());
    let file = if accept.ours().next().is_some() { file_of(request.uri()) } else { None };
    let mut found = None;
    if let Some(file) = file {
        let [is_part, is_rest] = [RANGE, IF_RANGE].map(|name| request.headers().contains_key(name));
        if !is_part || is_rest {
            found = coding_of(folder, file).await;
        }
        let fields = request.headers_mut();
        if is_part && found.is_some() {
            // Nobody knows of which form the client has a part: ServeDir does not compare the tag.
            fields.remove(RANGE);
            fields.remove(IF_RANGE);
        } else if is_part {
            fields.remove(ACCEPT_ENCODING);
        }
    }
    let found = found.filter(|(coding, _)| accept.choose(&[*coding], &others).is_some());
    let changed = found.and_then(|(coding, file)| Some((coded_uri(request.uri(), &file)?, coding, file)));
    let Some((uri, coding, file)) = changed else {
        let mut response = inner.call(request).await?;
        add_vary(&mut response);
        return Ok(response);
    };
    *request.uri_mut() = uri;
    let fields = request.headers_mut();
    // The time of a coded body is that of its making. A file that comes in place of the other may be older, and would
    // seem not to have changed: so there is no such date, and nothing to compare one with (RFC 9110, section 13.1.3).
    for name in [ACCEPT_ENCODING, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE] {
        fields.remove(name);
    }
    let mut response = inner.call(request).await?;
    response.headers_mut().remove(LAST_MODIFIED);
    if response.status() == StatusCode::OK {
        let kind = mime_guess::from_path(&file).first_raw().unwrap_or("application/octet-stream");
        let fields = response.headers_mut();
        fields.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        fields.insert(CONTENT_ENCODING, coding.header_value());
        fields.remove(ACCEPT_RANGES);
    }
    add_vary(&mut response);
    Ok(response)
}

/// Looks at the files on a thread that may wait for them. One file is read by one at a time; the others wait and have
/// what that has found.
async fn coding_of(folder: Arc<Folder>, file: String) -> Option<(Coding, String)> {
    let (look, path) = (folder.clone(), file.clone());
    let coding = match tokio::task::spawn_blocking(move || look.look(&path)).await.ok()? {
        Looked::Known(coding) => coding,
        Looked::Unknown(_) => {
            let (turn, path) = (folder.turn(&file).lock_owned().await, file.clone());
            let compare = move || {
                let coding = folder.compare(&path);
                drop(turn);
                coding
            };
            tokio::task::spawn_blocking(compare).await.ok()?
        }
    };
    coding.map(|coding| (coding, file))
}

fn add_vary<B>(response: &mut Response<B>) {
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        headers::add_vary(response.headers_mut());
    }
}

/// The path of the file below its folder.
fn file_of(uri: &Uri) -> Option<String> {
    let path = percent_decode_str(uri.path()).decode_utf8().ok()?;
    let path = path.trim_start_matches('/');
    // Not where it ends in a slash only once it is decoded: the service inside has an answer of its own to that.
    Some(if uri.path().ends_with('/') { format!("{path}index.html") } else { path.to_owned() })
}

/// The address of the coded body of a file.
fn coded_uri(uri: &Uri, file: &str) -> Option<Uri> {
    let index = if uri.path().ends_with('/') { file.rsplit('/').next()? } else { "" };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path: PathAndQuery = format!("{}{index}{SUFFIX}{query}", uri.path()).parse().ok()?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files() {
        for (uri, file, coded) in [
            ("/", "index.html", "/index.html.dcs"),
            ("/a/?x=1", "a/index.html", "/a/index.html.dcs?x=1"),
            ("/a%20b.css?x", "a b.css", "/a%20b.css.dcs?x"),
            ("http://host:80/a.js", "a.js", "http://host:80/a.js.dcs"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(file_of(&uri).unwrap(), file);
            assert_eq!(coded_uri(&uri, file).unwrap().to_string(), coded);
        }
        assert_eq!(file_of(&"/docs%2F".parse().unwrap()).unwrap(), "docs/");
        assert_eq!(file_of(&"/%ff".parse().unwrap()), None);
    }

    #[tokio::test]
    async fn one_reads_a_file_for_all() {
        use sha2::{Digest, Sha256};

        let site = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| {
            std::fs::write(site.path().join(name), content).unwrap();
            Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        // Longer than a piece.
        let (plain, coded) = (write("a.txt", &[b'a'; 200_000]), write("a.txt.dcs", b"coded"));
        let entry = format!(r#"{{"sha256": "{plain}", "coding": "dualcomp-1", "coded_sha256": "{coded}"}}"#);
        write("dualcomp-manifest.json", format!(r#"{{"format": 1, "files": {{"a.txt": {entry}}}}}"#).as_bytes());
        let folder = Arc::new(Folder::new(site.path()));
        let turn = folder.turn("a.txt").lock_owned().await;
        let looks: Vec<_> = (0..8).map(|_| tokio::spawn(coding_of(folder.clone(), "a.txt".to_owned()))).collect();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert!(looks.iter().all(|look| !look.is_finished()));
        drop(turn);
        for look in looks {
            assert_eq!(look.await.unwrap(), Some((Coding::without_model(), "a.txt".to_owned())));
        }
        assert!(matches!(folder.look("a.txt"), Looked::Known(Some(_))));
    }
}
