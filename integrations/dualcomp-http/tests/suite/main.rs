//! The layers as a program sees them, over real sockets.

mod responses;
mod server;
