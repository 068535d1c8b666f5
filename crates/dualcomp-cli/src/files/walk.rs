//! Inputs, and the files in folders that are inputs.

use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Input;
use super::signals::PREFIX;
use crate::terminal::{self, Failure, Talk, is_standard, shown};

/// A file to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Its folder as seen from the folder that was named, if one was.
    pub(crate) below: PathBuf,
    /// Whether it was found in a folder, not named.
    pub(crate) walked: bool,
    /// Why it is a folder of which not all could be read.
    unread: Option<String>,
}

impl Found {
    fn named(path: &Path) -> Self {
        Self { path: path.to_owned(), below: PathBuf::new(), walked: false, unread: None }
    }

    /// Opens it.
    ///
    /// # Errors
    /// If that cannot be, and if it stands for a folder.
    pub(crate) fn open(&self) -> Result<Input, Failure> {
        if let Some(reason) = &self.unread {
            return Err(reason.clone().into());
        }
        Input::open(&self.path).map_err(|error| match error.kind() {
            ErrorKind::IsADirectory => Failure::Message("is a folder; --recursive works on the files in it".to_owned()),
            _ => error.into(),
        })
    }
}

/// The inputs; with `recursive` the files in folders instead of these, in the order of names. Links in folders are
/// passed over with a note, as by gzip and zstd: what they name would be worked on twice. So are pipes and the like,
/// and unfinished outputs without a note. A folder of which not all can be read stands among its files, and cannot be
/// opened.
pub(crate) fn expand(inputs: &[PathBuf], recursive: bool, talk: Talk) -> Vec<Found> {
    let mut walk = Walk { found: Vec::new(), links: false, notes: talk.notes() };
    walk.expand(inputs, recursive);
    walk.found
}

/// The files in folders, and those that links in them name, and other inputs: for what reads only.
///
/// # Errors
/// Names a folder of which not all could be read.
pub(crate) fn expand_whole(inputs: &[PathBuf]) -> Result<Vec<Found>, Failure> {
    let mut walk = Walk { found: Vec::new(), links: true, notes: false };
    walk.expand(inputs, true);
    let found = walk.found;
    match found.iter().find_map(|found| Some((&found.path, found.unread.as_ref()?))) {
        Some((path, reason)) => Err(format!("cannot read {}: {reason}", shown(path)).into()),
        None => Ok(found),
    }
}

/// A walk through folders.
struct Walk {
    found: Vec<Found>,
    /// Whether links in folders to files count as files.
    links: bool,
    /// Whether to say what is passed over.
    notes: bool,
}

impl Walk {
    fn expand(&mut self, inputs: &[PathBuf], recursive: bool) {
        for input in inputs {
            if recursive && !is_standard(input) && fs::metadata(input).is_ok_and(|metadata| metadata.is_dir()) {
                self.visit(input, Path::new(""));
            } else {
                self.found.push(Found::named(input));
            }
        }
    }

    fn visit(&mut self, folder: &Path, below: &Path) {
        let mut entries = Vec::new();
        let read = fs::read_dir(folder).and_then(|listed| {
            for entry in listed {
                let entry = entry?;
                entries.push((entry.file_name(), entry.file_type()?));
            }
            Ok(())
        });
        if let Err(error) = read {
            let path = folder.to_owned();
            self.found.push(Found { path, below: below.to_owned(), walked: true, unread: Some(error.to_string()) });
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, kind) in entries {
            let path = folder.join(&name);
            if kind.is_dir() {
                self.visit(&path, &below.join(name));
            } else if !name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                self.entry(path, kind, below);
            }
        }
    }

    fn entry(&mut self, path: PathBuf, kind: FileType, below: &Path) {
        if kind.is_file() || self.links && fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            self.found.push(Found { path, below: below.to_owned(), walked: true, unread: None });
        } else if self.notes {
            let what = if kind.is_symlink() { "is a symbolic link" } else { "is no regular file" };
            terminal::note(&path, &format!("passed over: {what}"));
        }
    }
}
