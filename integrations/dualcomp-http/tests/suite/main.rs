//! The layers as a program sees them, over real sockets.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]

mod bodies;
mod clients;
mod examples;
mod fallback;
mod models;
mod requests;
mod responses;
mod server;
