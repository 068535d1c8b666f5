//! The progress bar: on stderr, only on a terminal, never with `--quiet`.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over `size` bytes of input, or a counter where the size is unknown.
pub(crate) fn bytes(name: &str, size: Option<u64>, quiet: bool) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}"),
        None => (ProgressBar::no_length(), "{msg} {bytes} {bytes_per_sec}"),
    };
    finish(bar, template, name, quiet)
}

/// A spinner for work that does not say how far it is.
pub(crate) fn spinner(name: &str, quiet: bool) -> ProgressBar {
    finish(ProgressBar::no_length(), "{spinner} {msg} {elapsed}", name, quiet)
}

fn finish(bar: ProgressBar, template: &str, name: &str, quiet: bool) -> ProgressBar {
    // indicatif itself draws nothing where stderr is no terminal.
    bar.set_draw_target(if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() });
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}
