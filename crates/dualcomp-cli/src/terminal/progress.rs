//! How far the work is, and how it went: on stderr, bars only on a terminal, nothing with `--quiet`.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::batch::tell;
use super::names::{display_name, shown};

/// How much the user wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Errors only.
    Quiet,
    /// Notes; bars and a last line on a terminal.
    Normal,
    /// A last line always, and what was kept of each image.
    Verbose,
}

impl Talk {
    /// Whether notes are printed.
    pub(crate) fn notes(self) -> bool {
        self != Self::Quiet
    }
}

/// A bar and a clock for the work on one input.
pub(crate) struct Meter {
    bar: ProgressBar,
    start: Instant,
    talk: Talk,
}

impl Meter {
    /// Begins work on `total` bytes, or on an unknown number of them.
    pub(crate) fn bytes(input: &Path, total: Option<u64>, talk: Talk) -> Self {
        match total {
            Some(total) => Self::new(
                ProgressBar::new(total),
                "{msg} {percent:>3} % {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
                input,
                talk,
            ),
            None => Self::new(ProgressBar::no_length(), "{msg} {bytes} {bytes_per_sec}", input, talk),
        }
    }

    /// Begins work on an image.
    pub(crate) fn pixels(input: &Path, total: u64, talk: Talk) -> Self {
        Self::new(ProgressBar::new(total), "{msg} {percent:>3} % {wide_bar} {pos}/{len} pixels {eta}", input, talk)
    }

    /// Begins work of so many steps.
    pub(crate) fn steps(output: &Path, total: u64, talk: Talk) -> Self {
        Self::new(ProgressBar::new(total), "{msg} {percent:>3} % {wide_bar} {eta}", output, talk)
    }

    fn new(bar: ProgressBar, template: &str, input: &Path, talk: Talk) -> Self {
        // indicatif itself draws nothing where stderr is no terminal.
        bar.set_draw_target(if talk.notes() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(display_name(input));
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, start: Instant::now(), talk }
    }

    /// So much is done.
    pub(crate) fn set(&self, done: u64) {
        self.bar.set_position(done);
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Prints what came of the work: `plain` bytes as they are, `coded` bytes compressed.
    pub(crate) fn result(&self, input: &Path, output: Option<&Path>, [before, after]: [u64; 2], plain: u64) {
        let shown_here = self.talk == Talk::Verbose || self.talk == Talk::Normal && io::stderr().is_terminal();
        if !shown_here {
            return;
        }
        let percent = match before {
            0 => String::new(),
            before => format!(" ({:.2} %)", 100.0 * after as f64 / before as f64),
        };
        let speed = plain as f64 / 1e6 / self.start.elapsed().as_secs_f64().max(1e-9);
        let name = output.map_or("standard output".to_owned(), shown);
        let input = display_name(input);
        tell(format_args!("{input}: {before} -> {after} bytes{percent}, {speed:.2} MB/s, {name}"));
    }
}
