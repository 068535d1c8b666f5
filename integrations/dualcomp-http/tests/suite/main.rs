//! The layers as a program sees them, over real sockets.

mod clients;
mod fallback;
mod requests;
mod responses;
mod server;
