//! Removing the unfinished output when the user presses Ctrl-C.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The temporary file being written, if any. One at a time: inputs are worked on in turn.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// What a shell reports for a program ended by SIGINT.
const INTERRUPTED: i32 = 130;

/// Starts listening for Ctrl-C. Where that is impossible the default action stays, which only
/// means that a temporary file can be left behind.
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        if let Some(path) = unfinished().take() {
            let _ = fs::remove_file(path);
        }
        process::exit(INTERRUPTED);
    });
}

/// Notes that `path` is to be removed on Ctrl-C.
pub(crate) fn guard(path: &Path) {
    *unfinished() = Some(path.to_owned());
}

/// Notes that nothing is to be removed any more.
pub(crate) fn release() {
    *unfinished() = None;
}

fn unfinished() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
