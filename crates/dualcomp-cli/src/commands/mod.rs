//! The commands, but for `bench`.

pub(crate) mod compress;
pub(crate) mod decompress;
mod for_web;
mod foreign;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod manual;
mod names;
mod options;
pub(crate) mod plain;
pub(crate) mod test;
pub(crate) mod train_dictionary;
mod verify;

pub(crate) use foreign::refuse_foreign;
