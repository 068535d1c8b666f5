//! Options that several commands have.

use std::cell::OnceCell;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::codec::{self, Dictionary, Level};
use crate::files::{self, Attributes, Destination, Found, Manner, is_descriptor, other_names};
use crate::terminal::{self, Failure, Talk, context, is_standard, shown, usage_error};

/// Reads the name of an input. One without a letter names nothing, and is no reason to pass over the others.
pub(crate) fn any_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// The inputs of a command: standard input if none is named; ends the program if that is a terminal.
pub(super) fn or_standard_input(inputs: &[PathBuf]) -> Vec<PathBuf> {
    if !inputs.is_empty() {
        return inputs.to_vec();
    }
    if io::stdin().is_terminal() {
        usage_error("no INPUT: name files, or - for standard input".to_owned());
    }
    vec![PathBuf::from("-")]
}

/// Where results go, and what is said meanwhile.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Common {
    /// Output file, or a folder (NAME/ makes one), or - for standard output [default: beside the input]
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: Option<PathBuf>,
    /// Write to standard output
    #[arg(short = 'c', long, conflicts_with = "output")]
    pub(super) stdout: bool,
    /// Overwrite files, write to a terminal, compress again what is compressed, and remove links
    #[arg(short, long)]
    pub(super) force: bool,
    /// Keep the inputs, which is the default
    #[arg(short, long, overrides_with = "rm")]
    pub(super) keep: bool,
    /// Remove each input when its output is complete. To compress also decodes the output, before it gets its name, and
    /// compares: that takes as long as decompress. An input of which something is left out stays, as does one that was
    /// written to meanwhile. Links, and files with other links, need --force
    #[arg(long, conflicts_with = "stdout")]
    pub(super) rm: bool,
    /// Work on the files in folders; links in them are passed over
    #[arg(short, long)]
    pub(super) recursive: bool,
    /// Have each output on the disk before it gets its name
    #[arg(long)]
    pub(super) sync: bool,
    /// No progress bar and no notes, but of inputs that stay in spite of --rm
    #[arg(short, long, overrides_with = "verbose")]
    pub(super) quiet: bool,
    /// Say of each file what came of it
    #[arg(short, long)]
    pub(super) verbose: bool,
}

impl Common {
    pub(super) fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Normal,
        }
    }

    /// The same of bars and last lines. On a terminal they would stand in the middle of what is printed there.
    pub(super) fn talk_beside(&self, prints: bool) -> Talk {
        match self.talk() {
            Talk::Normal if prints => Talk::Quiet,
            talk => talk,
        }
    }

    /// Whether to say what is left out. With --rm the input stays for it, which nobody should find out later.
    pub(super) fn tells_left_out(&self) -> bool {
        self.talk().notes() || self.rm
    }

    pub(super) fn manner(&self, sparse: bool) -> Manner {
        Manner { force: self.force, sparse, sync: self.sync }
    }

    /// Where the results of these inputs go; ends the program if that cannot be.
    pub(super) fn destination(&self, inputs: usize) -> Destination {
        let several = if self.recursive { inputs.max(2) } else { inputs };
        Destination::new(self.output.as_deref(), self.stdout, several).unwrap_or_else(|message| usage_error(message))
    }

    /// Whether the user wants an input removed, and it is a file.
    pub(super) fn removes(&self, attributes: Option<&Attributes>) -> bool {
        self.rm && attributes.is_some()
    }

    /// Whether to work on an input: a walk through folders passes over a file that its output would need.
    ///
    /// # Errors
    /// If it was named and is to be removed, and is such a file or would be left under another name.
    pub(super) fn takes(&self, found: &Found) -> Result<bool, Failure> {
        match files::needed(&found.path) {
            Some(what) if !found.walked && self.rm => {
                Err(format!("is the {what}, without which its output is of no use: it is not removed").into())
            }
            Some(what) if found.walked => {
                self.passes_over(found, &format!("is the {what}"));
                Ok(false)
            }
            _ => self.check_links(&found.path).map(|()| true),
        }
    }

    /// Says that nothing is made of an input that was found in a folder.
    pub(super) fn passes_over(&self, found: &Found, reason: &str) {
        if self.talk().notes() {
            terminal::note(&found.path, &format!("passed over: {reason}"));
        }
    }

    fn check_links(&self, input: &Path) -> Result<(), Failure> {
        match other_names(input) {
            Some(links) if self.rm && !self.force && !is_standard(input) => {
                Err(format!("{links}; with --rm only --force works on it").into())
            }
            _ => Ok(()),
        }
    }

    /// Removes an input that was a file, and whose output is one, if the user wants that.
    pub(super) fn remove(
        &self,
        input: &Path,
        attributes: Option<&Attributes>,
        output: Option<&Path>,
    ) -> Result<(), Failure> {
        let Some(attributes) = attributes.filter(|_| self.rm) else { return Ok(()) };
        let is_file = |output: &Path| fs::metadata(output).is_ok_and(|metadata| metadata.is_file());
        let is_file = output.is_some_and(|output| is_file(output) && !is_descriptor(output));
        if !is_file {
            return Ok(());
        }
        let cannot = || context(format!("cannot remove {}", shown(input)));
        // Whoever forces it may have named a link.
        let found = if self.force { fs::metadata(input) } else { fs::symlink_metadata(input) };
        match attributes.is_of(&found.map_err(cannot())?) {
            true => fs::remove_file(input).map_err(cannot()),
            false => {
                Err("was moved or written to meanwhile, and is not removed; the output is complete".to_owned().into())
            }
        }
    }
}

/// Dictionaries that bytes begin with.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Dictionaries {
    /// Dictionary that bytes begin with (train-dictionary makes one), or any other file that they resemble; to
    /// decompress, all that may be needed
    #[arg(long = "dictionary", value_name = "FILE")]
    paths: Vec<PathBuf>,
    #[arg(skip)]
    read: OnceCell<Vec<Dictionary>>,
}

impl Dictionaries {
    /// Reads all of them, also where it then turns out that nothing needs one: a misspelled name is an error.
    pub(super) fn open(&self) -> Result<(), Failure> {
        self.paths.iter().for_each(|path| files::need("dictionary", path));
        self.all().map(drop)
    }

    /// All of them.
    pub(super) fn all(&self) -> Result<&[Dictionary], Failure> {
        if let Some(read) = self.read.get() {
            return Ok(read);
        }
        let read = |path: &PathBuf| {
            let cannot = || format!("cannot read {}", shown(path));
            let bytes = fs::read(path).map_err(context(cannot()))?;
            codec::read_dictionary(&bytes).map_err(|failure| match failure {
                Failure::Message(reason) => Failure::Message(format!("{}: {reason}", cannot())),
                closed => closed,
            })
        };
        let read = self.paths.iter().map(read).collect::<Result<_, _>>()?;
        Ok(self.read.get_or_init(|| read))
    }

    /// The one to compress with.
    pub(super) fn one(&self) -> Result<Option<Dictionary>, Failure> {
        if self.paths.len() > 1 {
            usage_error("to compress takes one dictionary");
        }
        Ok(self.all()?.first().cloned())
    }
}

/// Reads a size such as 256K.
pub(super) fn parse_size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 10),
        None => text.strip_suffix(['M', 'm']).map_or((text, 0), |digits| (digits, 20)),
    };
    let size = digits.parse().ok().and_then(|size: usize| size.checked_mul(1 << unit));
    size.filter(|size| (1..=16 << 20).contains(size)).ok_or_else(|| "not a size from 1 to 16M".to_owned())
}

/// Levels by the digits of other compressors.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(multiple = true)]
pub(super) struct Digits {
    /// -1 to -3: fast; -4 to -6: default; -7 to -9: max
    #[arg(short = '1', overrides_with_all = DIGITS)]
    one: bool,
    #[arg(short = '2', hide = true, overrides_with_all = DIGITS)]
    two: bool,
    #[arg(short = '3', hide = true, overrides_with_all = DIGITS)]
    three: bool,
    #[arg(short = '4', hide = true, overrides_with_all = DIGITS)]
    four: bool,
    #[arg(short = '5', hide = true, overrides_with_all = DIGITS)]
    five: bool,
    #[arg(short = '6', hide = true, overrides_with_all = DIGITS)]
    six: bool,
    #[arg(short = '7', hide = true, overrides_with_all = DIGITS)]
    seven: bool,
    #[arg(short = '8', hide = true, overrides_with_all = DIGITS)]
    eight: bool,
    #[arg(short = '9', hide = true, overrides_with_all = DIGITS)]
    nine: bool,
}

const DIGITS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

impl Digits {
    /// The level that was given by name, or by a digit, or the default.
    pub(super) fn level(self, named: Option<Level>) -> Level {
        let digit = match self {
            _ if self.one || self.two || self.three => Level::Fast,
            _ if self.seven || self.eight || self.nine => Level::Max,
            _ => Level::Default,
        };
        named.unwrap_or(digit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_in_the_middle_of_what_is_printed() {
        let common = |quiet, verbose| Common { quiet, verbose, ..Common::default() };
        for (common, beside_a_file, beside_the_output) in [
            (common(false, false), Talk::Normal, Talk::Quiet),
            (common(false, true), Talk::Verbose, Talk::Verbose),
            (common(true, false), Talk::Quiet, Talk::Quiet),
        ] {
            assert_eq!([false, true].map(|prints| common.talk_beside(prints)), [beside_a_file, beside_the_output]);
        }
    }
}
