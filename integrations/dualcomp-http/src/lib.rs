//! DualComp as a content coding of HTTP (RFC 9110, section 8.4): tower layers for axum, hyper and what else is built
//! on [`http`] 1, and clients.
//!
//! | | |
//! |---|---|
//! | [`CompressionLayer`] | a server's responses |
//! | `CompressionLayer::with_fallback` | the same, with tower-http's gzip, br and zstd for other clients; feature `fallback` |
//! | [`RequestDecompressionLayer`] | a server's requests |
//! | [`DecompressionLayer`] | clients that are tower services |
//! | `DualCompMiddleware` | clients of reqwest, by reqwest-middleware; feature `client` |
//! | `files::Precompressed` | files that were coded before; feature `files` |
//! | [`dictionary`] | both, with a dictionary for bodies that are alike |
//! | [`image`] | `.dci` by its media type |
//!
//! The feature `rwkv`, the model, is on by default.
//!
#![cfg_attr(feature = "fallback", doc = "```")]
#![cfg_attr(not(feature = "fallback"), doc = "```ignore")]
//! use axum::{Router, routing::get};
//! use dualcomp_http::{CompressionLayer, RequestDecompressionLayer};
//!
//! let others = tower_http::compression::CompressionLayer::new();
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "<p>a page</p>".repeat(100) }))
//!     .layer(CompressionLayer::new().with_fallback(others))
//!     .layer(RequestDecompressionLayer::new());
//! ```
//!
//! # Who can use it
//!
//! Your own clients and servers, talking to each other. Browsers do not know the [`Coding`] and never ask for it, and
//! caches in between often drop names from `Accept-Encoding` that they do not know; both then get what the fallback
//! makes. A name says which model a stream may need, so that a client with other weights is never sent what it cannot
//! read: it gets the smaller coding without a model.
//!
//! # Cost
//!
//! The network codes 0.5 MB/s on a core, [`Level::Fast`] 1.0, and decoding takes as long. So code what is served often
//! once: files by `dualcomp compress --for-web` and `files::Precompressed`, bodies by
//! `CompressionLayer::with_cache` (feature `cache`). What is made for one request is bounded:
//!
//! - the [`DefaultPredicate`](predicate::DefaultPredicate) takes text of a known size up to 256 KiB;
//! - a [`Budget`] bounds how many bodies are in the codec at once, and with them memory: at most 29 MiB each
//!   for bodies of that size. What comes when it is spent goes to the fallback, or is sent as it is;
//! - blocks are coded on the threads of a [`Pool`], never in `poll`.
//!
//! A response of a known size up to 1 MiB is coded as a whole before its head is sent. Of a stream,
//! [`FlushPolicy`] says how much may be held back. [`Counters`] say what a layer has done.
//!
//! # Security
//!
//! *What comes in.* [`DecompressionOptions`] bound the bytes that content may decode to, in all and for each byte
//! received, the memory for a body, and the bodies at once. A body has our coding once at most.
//!
//! *What goes out.* The size of a compressed response tells about its content. If it has a secret beside text that an
//! attacker can choose, the secret can be guessed bit by bit (BREACH), over TLS too. See
//! [`NotForSecrets`](predicate::NotForSecrets).

mod accept;
mod budget;
#[cfg(feature = "cache")]
mod cache;
#[cfg(feature = "client")]
mod client;
mod clock;
mod coding;
pub mod compression;
mod counters;
pub mod decompression;
pub mod dictionary;
#[cfg(feature = "files")]
pub mod files;
mod headers;
pub mod image;
mod macros;
mod members;
pub mod predicate;
mod source;

pub use budget::Budget;
#[cfg(feature = "cache")]
pub use cache::BodyCache;
#[cfg(feature = "client")]
pub use client::DualCompMiddleware;
pub use coding::{Coding, UnknownCoding};
pub use compression::CompressionLayer;
pub use counters::{Counters, Counts};
pub use decompression::{DecompressionLayer, DecompressionOptions, LimitExceeded, RequestDecompressionLayer};
pub use dualcomp::predictor::Predictor;
pub use dualcomp::{Dictionary, Level};
pub use dualcomp_async::{FlushPolicy, Offload, Pool};

/// The error of bodies: that of the body inside, or of the codec.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
