//! Tests of the codec as a user sees it, with the released weights.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]
#![allow(clippy::print_stdout, reason = "counts of what was tried")]

mod artefacts;
mod deflate;
mod growth;
mod jpeg;
mod machines;
mod original_file;
mod roundtrip;
mod smoke;
mod stored_streams;
mod todays_encoder;
