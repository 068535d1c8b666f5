//! The layers as a program sees them, over real sockets.

mod fallback;
mod responses;
mod server;
