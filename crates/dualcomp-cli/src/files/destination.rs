//! Where the results of a command go.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::descriptors::is_stdout;
use super::links::{is_same, whole};
use super::walk::Found;
use crate::terminal::{Failure, display_name, is_standard, shown};

/// Where the results of a command go, as the user said it, and which outputs there were.
pub(crate) struct Destination {
    place: Place,
    /// Whether there may be several inputs.
    several: bool,
    /// The input of each output.
    taken: RefCell<HashMap<PathBuf, PathBuf>>,
}

enum Place {
    /// Next to each input, or to standard output for standard input.
    Beside,
    Stdout,
    Folder(PathBuf),
    File(PathBuf),
}

impl Destination {
    /// Reads the `--output` option; a name that ends in a slash is a folder, and made if there is none.
    ///
    /// # Errors
    /// Says in words why `output` cannot take the results of that many inputs.
    pub(crate) fn new(output: Option<&Path>, stdout: bool, inputs: usize) -> Result<Self, String> {
        let place = match output {
            _ if stdout => Place::Stdout,
            None => Place::Beside,
            Some(path) if path.is_dir() => Place::Folder(path.to_owned()),
            Some(path) if is_stdout(path) => Place::Stdout,
            Some(path) if ends_like_a_folder(path) => {
                fs::create_dir_all(path).map_err(|error| format!("cannot make {}: {error}", shown(path)))?;
                Place::Folder(path.to_owned())
            }
            Some(_) if inputs > 1 => {
                return Err("with several inputs --output must be a folder; NAME/ makes one".to_owned());
            }
            Some(path) => Place::File(path.to_owned()),
        };
        Ok(Self { place, several: inputs > 1, taken: RefCell::default() })
    }

    /// The file name that the user gave to the output, if any.
    pub(crate) fn named(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            _ => None,
        }
    }

    /// Whether the output of an input goes to standard output.
    pub(crate) fn prints(&self, input: &Found) -> bool {
        match self.place {
            Place::Stdout => true,
            Place::Beside => is_standard(&input.path),
            Place::Folder(_) | Place::File(_) => false,
        }
    }

    /// Whether the outputs of several inputs come one after the other. Then each must be of a kind that others may follow.
    pub(crate) fn joins(&self) -> bool {
        self.several && matches!(self.place, Place::Stdout)
    }

    /// The name of an input, if its output gets a name that is made of it.
    pub(crate) fn renames<'a>(&self, input: &'a Found) -> Option<&'a OsStr> {
        match self.place {
            Place::Beside | Place::Folder(_) if !is_standard(&input.path) => input.path.file_name(),
            _ => None,
        }
    }

    /// The output path for `input`, or none for standard output; `rename` makes a file name from
    /// the input's where the user gave no name.
    ///
    /// # Errors
    /// If that is the output of another input, or this input itself.
    pub(crate) fn path(
        &self,
        input: &Found,
        rename: impl FnOnce(&OsStr) -> Result<OsString, Failure>,
    ) -> Result<Option<PathBuf>, Failure> {
        let path = &input.path;
        let renamed = |path: &Path| match path.file_name() {
            Some(name) if !is_standard(path) => rename(name),
            _ => Err(Failure::Message("has no name: give a file to --output".to_owned())),
        };
        let output = match &self.place {
            Place::Stdout => return Ok(None),
            Place::Beside if is_standard(path) => return Ok(None),
            Place::Beside => path.with_file_name(renamed(path)?),
            Place::Folder(folder) => {
                let folder = folder.join(&input.below);
                fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", shown(&folder)))?;
                folder.join(renamed(path)?)
            }
            Place::File(path) => path.clone(),
        };
        self.take(path, &output)?;
        Ok(Some(output))
    }

    /// Notes that nothing was written to an output.
    pub(crate) fn give_back(&self, output: &Path) {
        self.taken.borrow_mut().remove(&whole(output));
    }

    fn take(&self, input: &Path, output: &Path) -> Result<(), Failure> {
        // Devices and pipes take any number of outputs.
        if fs::metadata(output).is_ok_and(|found| !found.is_file()) {
            return Ok(());
        }
        if !is_standard(input) && is_same(input, output) {
            return Err(Failure::Message("is its own output".to_owned()));
        }
        match self.taken.borrow_mut().entry(whole(output)) {
            Entry::Vacant(free) => {
                free.insert(input.to_owned());
                Ok(())
            }
            Entry::Occupied(other) => {
                let other = display_name(other.get());
                Err(Failure::Message(format!("{} is the output of {other} already", shown(output))))
            }
        }
    }
}

fn ends_like_a_folder(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|&byte| std::path::is_separator(char::from(byte)))
}
