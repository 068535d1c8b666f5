//! What readers and writers of either runtime promise.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]

mod checklist;
mod chunks;
mod dictionary;
mod flavours;
mod flush;
mod framed;
mod offload;
mod pipes;
mod pool;
mod support;
