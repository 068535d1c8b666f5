//! JPEG files as quantised coefficients and what rebuilds the file to the last byte (ITU-T T.81).

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod coefficients;
mod error;
mod limits;

pub use coefficients::{Coefficients, Component};
pub use error::Error;
pub use limits::Limits;
