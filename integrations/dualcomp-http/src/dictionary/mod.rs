//! Dictionaries over HTTP, in the manner of RFC 9842 (Compression Dictionary Transport): bodies that look alike at a
//! half or a third of their size.
//!
//! | | |
//! |---|---|
//! | [`DictionaryLayer`] | a server that offers its dictionary and codes with it for clients that have it |
//! | [`DictionaryClientLayer`] | a client that fetches, keeps and names dictionaries, and decodes |
//! | `DualCompMiddleware::with_dictionaries` | the same for clients of reqwest; feature `client` |
//! | [`DictionaryStore`] | the dictionaries of a client |
//!
//! ```
//! use axum::{Router, routing::get};
//! use dualcomp::Dictionary;
//! use dualcomp_http::{CompressionLayer, dictionary::DictionaryLayer};
//!
//! let samples: Vec<String> = (0..50).map(|id| format!(r#"{{"id": {id}, "state": "open"}}"#)).collect();
//! let dictionary = Dictionary::train(&samples, 64 << 10)?;
//! let app: Router = Router::new()
//!     .route("/api/issues", get(|| async { r#"{"id": 77, "state": "open"}"#.repeat(20) }))
//!     // Inside the layer for clients that have no dictionary.
//!     .layer(DictionaryLayer::new(dictionary, "/api/dictionary", "/api/*"))
//!     .layer(CompressionLayer::new());
//! # Ok::<(), dualcomp::Error>(())
//! ```
//!
//! # Exchange
//!
//! 1. A client names `dualcomp-1-d` in `Accept-Encoding`. The answer has `Link: </api/dictionary>;
//!    rel="compression-dictionary"`.
//! 2. The client fetches that. `Use-As-Dictionary: match="/api/*", id="1234abcd"` says for which paths of the same
//!    origin it may be used. The client checks the file and keeps it.
//! 3. Requests for these paths have `Available-Dictionary`, the SHA-256 of the file, and `Dictionary-ID`. Answers are
//!    coded with it: `Content-Encoding: dualcomp-1-d`, and `Vary` says that they depend on both fields.
//!
//! Foreign clients ask for none of this and see no difference but in `Vary`. The coding is not `dcb` or `dcz` of RFC
//! 9842: these are for the formats of Brotli and Zstandard.
//!
//! # Security
//!
//! A dictionary is used only for its own origin (scheme, host and port): one origin must learn nothing of what another
//! sent. No origin can have that of another forgotten, and what a redirect brings from another origin is not kept. It
//! is used for as long as its response is fresh. What is in a dictionary is public to all who may fetch it: train it on
//! answers without secrets or personal data. And as with all compression, the size of an answer tells what its content
//! has in common with the dictionary and with itself: leave out answers that hold a secret beside text that an attacker
//! can choose ([`NotForSecrets`](crate::predicate::NotForSecrets)).

mod client;
mod cost;
mod fields;
mod freshness;
mod kept;
mod offers;
mod server;
mod store;

pub use client::{DictionaryClient, DictionaryClientLayer};
#[cfg(feature = "client")]
pub(crate) use client::{advertise, decode, is_coded, keep};
pub use server::{DictionaryBody, DictionaryLayer, DictionaryService, ResponseFuture};
pub use store::DictionaryStore;
#[cfg(feature = "client")]
pub(crate) use store::is_same_origin;

/// The content coding of streams that need the dictionary that the request names.
pub const CODING: &str = "dualcomp-1-d";
