//! The layers as a program sees them, over real sockets.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]

mod bodies;
mod cache;
mod clients;
mod defaults;
mod dictionaries;
mod dictionary_changes;
mod dictionary_origins;
mod examples;
mod fallback;
mod files;
mod frames;
mod middleware;
mod models;
mod pages;
mod places;
mod requests;
mod responses;
mod server;
mod streams;
mod turns;
mod versions;
mod without_content;
