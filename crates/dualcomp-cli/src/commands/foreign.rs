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
        if let Some(level) = level_of_two_digits(text) {
            usage_error(format!("there is no level {level}: levels are -1 to -9, or --level fast, default and max"));
        }
        let name = text.split('=').next().unwrap_or_default();
        if let Some((_, reason)) = FOREIGN.iter().find(|(names, _)| names.contains(&name)) {
            usage_error(format!("there is no option {name}: {reason}"));
        }
    }
}

/// The digits of levels that stand together in an option. Two of them would each be one, and the last would count.
fn level_of_two_digits(option: &str) -> Option<&str> {
    // No value of another option: what follows a letter that may have one is no level.
    let levels = option.strip_prefix('-')?.trim_start_matches(['b', 'c', 'd', 'f', 'k', 'q', 'v', 'z']);
    let end = levels.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(levels.len());
    Some(&levels[..end]).filter(|digits| digits.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_are_values_are_no_levels() {
        for (option, level) in [("-22", Some("22")), ("-k12", Some("12")), ("-123v", Some("123")), ("-19", Some("19"))]
        {
            assert_eq!(level_of_two_digits(option), level, "{option}");
        }
        for option in ["-9", "-1k", "-T12", "-kT12", "-r10", "-o22", "--22", "22", "-", "--level"] {
            assert_eq!(level_of_two_digits(option), None, "{option}");
        }
    }
}
