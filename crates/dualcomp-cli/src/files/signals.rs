//! Removing the unfinished output when the program is told to end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the names of unfinished outputs begin with.
pub(super) const PREFIX: &str = ".dualcomp-";

/// The temporary files being written.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Starts listening. Where that is impossible the default action stays, which only means that a temporary file can be
/// left behind.
#[cfg(unix)]
pub(crate) fn install() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // A file that becomes too long is then an error of the write, which says so and cleans up.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    // `nohup` and background jobs of some shells ignore a signal, and so must the program.
    let ignored = ignored_signals();
    let heard =
        [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGXCPU].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(heard) else { return };
    let _ = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            remove_unfinished();
            // Ends the program so that its parent sees the signal.
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Starts listening for Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        remove_unfinished();
        std::process::exit(130);
    });
}

/// The signals that were ignored when the program began, a bit each from that of signal 1 on, where the system says so.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

fn remove_unfinished() {
    for path in unfinished().drain(..) {
        let _ = fs::remove_file(path);
    }
}

/// Notes that `path` is to be removed on such a signal.
pub(super) fn guard(path: &Path) {
    unfinished().push(path.to_owned());
}

/// Notes that `path` has another name now, or is gone.
pub(super) fn release(path: &Path) {
    unfinished().retain(|known| known != path);
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
