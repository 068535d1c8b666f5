//! Files without which what is compressed cannot be read: none of them is an input, which `--rm` would remove, nor an
//! output, which would replace it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::links::is_same;

/// What each file is, and its path.
static NEEDED: Mutex<Vec<(&str, PathBuf)>> = Mutex::new(Vec::new());

/// Notes that outputs need a file.
pub(crate) fn need(what: &'static str, path: &Path) {
    NEEDED.lock().unwrap_or_else(PoisonError::into_inner).push((what, path.to_owned()));
}

/// What a file is, under whatever name, if outputs need it.
pub(crate) fn needed(path: &Path) -> Option<&'static str> {
    let needed = NEEDED.lock().unwrap_or_else(PoisonError::into_inner);
    needed.iter().find(|(_, known)| is_same(known, path)).map(|(what, _)| *what)
}
