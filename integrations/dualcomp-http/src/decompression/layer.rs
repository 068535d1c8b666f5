//! The layer for clients.

use tower_layer::Layer;

use super::options::DecompressionOptions;
use super::service::Decompression;

/// Asks for DualComp's coding and undoes it, for clients that are tower services, such as hyper-util's.
///
/// Requests name our codings in `Accept-Encoding`, after what they name already, unless they ask for a range or want
/// no coding. A response whose last `Content-Encoding` is ours loses it and its `Content-Length`; codings before ours
/// stay, for the layers around. What is not ours, has no content, or has our coding twice is left as it is.
///
/// Beside tower-http's `DecompressionLayer` this one goes inside, nearer to the wire:
///
/// ```
/// use dualcomp_http::DecompressionLayer;
/// use tower::ServiceBuilder;
/// # use http::{Request, Response};
/// # use http_body_util::Full;
/// # let client = tower::service_fn(|_: Request<String>| async { Ok::<_, std::io::Error>(Response::new(String::new())) });
///
/// let client = ServiceBuilder::new()
///     .layer(tower_http::decompression::DecompressionLayer::new())
///     .layer(DecompressionLayer::new())
///     .service(client);
/// ```
///
/// A body whose turn in the [`Budget`](crate::Budget) has not come waits when it is read. One that is half read has no
/// place while nobody reads it, but keeps the memory of its codec: read it to its end, or drop it.
#[derive(Clone, Debug, Default)]
pub struct DecompressionLayer {
    options: DecompressionOptions,
}

impl DecompressionLayer {
    /// With the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these options.
    pub fn with_options(options: DecompressionOptions) -> Self {
        Self { options }
    }
}

impl<S> Layer<S> for DecompressionLayer {
    type Service = Decompression<S>;

    /// Loads the model, which the names of the codings need: some milliseconds, once in a process.
    fn layer(&self, inner: S) -> Decompression<S> {
        Decompression::new(inner, self.options.engine())
    }
}
