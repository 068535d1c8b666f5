//! Options of other compressors that there are not here.

use std::ffi::OsString;

use crate::terminal::usage_error;

/// Options by their names up to a value, and what to say of them.
const FOREIGN: [(&[&str], &str); 9] = [
    (&["--long", "--ultra"], "the window is always as large as the format allows"),
    (&["-e", "--extreme", "--best"], "-9 or --level max is the most effort there is"),
    (&["--fast"], "-1 or --level fast is the least effort there is"),
    (&["-S", "--suffix"], "extensions are .dci and .dcs; --output names a file otherwise"),
    (&["-F", "--format"], "there is one format"),
    (&["-C", "--check", "--no-check"], "every block has a checksum, which is always checked"),
    (&["-M", "--memlimit", "--memory"], "memory has a fixed bound"),
    (&["-n", "-N", "--name", "--no-name"], "a .dcs file has the name of its file, and says no other"),
    (&["-D"], "--dictionary names a dictionary"),
];

/// Ends the program with an explanation if an option in front of `--` is one of another compressor.
pub(crate) fn refuse_foreign(arguments: impl Iterator<Item = OsString>) {
    for argument in arguments.skip(1).take_while(|argument| argument != "--") {
        let Some(text) = argument.to_str() else { continue };
        let name = text.split('=').next().unwrap_or_default();
        if let Some((_, reason)) = FOREIGN.iter().find(|(names, _)| names.contains(&name)) {
            usage_error(format!("there is no option {name}: {reason}"));
        }
    }
}
