//! Going through the inputs of one command, with one line on stderr for each that fails.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;

use super::names::{display_name, escaped};

/// Why one input was given up.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of standard output went away: stop at once and say nothing.
    Closed,
    /// Anything else, in words for the user.
    Message(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // Only a write to standard output or to another pipe the user named can report this.
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Message(error.to_string()) }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

/// Puts what was being done in front of an I/O error.
pub(crate) fn context(action: impl Display) -> impl FnOnce(io::Error) -> Failure {
    move |error| match Failure::from(error) {
        Failure::Closed => Failure::Closed,
        Failure::Message(reason) => Failure::Message(format!("{action}: {reason}")),
    }
}

/// Runs `work` on every input; one that fails does not stop the ones after it.
pub(crate) fn run<T>(
    inputs: &[T],
    path: impl Fn(&T) -> &Path,
    mut work: impl FnMut(&T) -> Result<(), Failure>,
) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for input in inputs {
        match work(input) {
            Ok(()) => {}
            Err(Failure::Closed) => return closed(),
            Err(Failure::Message(reason)) => {
                report(path(input), &reason);
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

/// Ends a command that gives up all of its work.
pub(crate) fn failed(failure: Failure) -> ExitCode {
    match failure {
        Failure::Closed => closed(),
        Failure::Message(reason) => {
            tell(format_args!("dualcomp: {}", escaped(&one_line(&reason))));
            ExitCode::FAILURE
        }
    }
}

/// Ends as other programs do that write to a pipe which nobody reads.
pub(crate) fn closed() -> ExitCode {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGPIPE);
    ExitCode::FAILURE
}

/// Prints one line about `input` to stderr.
pub(crate) fn report(input: &Path, reason: &str) {
    tell(format_args!("dualcomp: {}: {}", display_name(input), escaped(&one_line(reason))));
}

/// Reasons come from several libraries; a line break inside one would look like a second error. Spaces stay: they may
/// be those of a name.
fn one_line(reason: &str) -> String {
    reason.trim_end_matches(['\r', '\n']).replace("\r\n", " ").replace(['\r', '\n'], " ")
}

/// Prints a line to stderr. That nobody reads it is no reason to end, as `eprintln` would.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints a line that is no error.
pub(crate) fn note(input: &Path, text: &str) {
    report(input, &format!("note: {text}"));
}

/// Prints to standard output, as a part of the work on an input.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    printed.map_err(context(CANNOT_PRINT))
}

/// Prints what a command is for, and ends it.
pub(crate) fn print(text: &[u8]) -> ExitCode {
    let mut out = io::stdout().lock();
    printed(out.write_all(text).and_then(|()| out.flush()))
}

/// Ends a command that has printed what it is for.
pub(crate) fn printed(result: io::Result<()>) -> ExitCode {
    match result {
        // Who reads no more has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            tell(format_args!("dualcomp: {CANNOT_PRINT}: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

const CANNOT_PRINT: &str = "cannot write standard output";

/// Ends the program with clap's own report of a wrong command line and exit code 2.
pub(crate) fn usage_error(message: impl Display) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{message}\n")).exit()
}
