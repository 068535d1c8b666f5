//! Inputs, and the files in folders that are inputs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::terminal::{Failure, context, is_standard, shown};

/// A file to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Its folder as seen from the folder that was named, if one was.
    pub(crate) below: PathBuf,
    /// Whether it was found in a folder, not named.
    pub(crate) walked: bool,
}

impl Found {
    fn named(path: &Path) -> Self {
        Self { path: path.to_owned(), below: PathBuf::new(), walked: false }
    }
}

/// The inputs; with `recursive` the files in folders instead of these, in the order of names. Links to folders are not
/// followed, and hidden files that are unfinished outputs are left out.
pub(crate) fn expand(inputs: &[PathBuf], recursive: bool) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for input in inputs {
        if recursive && !is_standard(input) && fs::metadata(input).is_ok_and(|metadata| metadata.is_dir()) {
            visit(input, Path::new(""), &mut found)?;
        } else {
            found.push(Found::named(input));
        }
    }
    Ok(found)
}

fn visit(folder: &Path, below: &Path, found: &mut Vec<Found>) -> Result<(), Failure> {
    let cannot = || context(format!("cannot read {}", shown(folder)));
    let mut entries = fs::read_dir(folder).map_err(cannot())?.collect::<Result<Vec<_>, _>>().map_err(cannot())?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().map_err(cannot())?;
        if kind.is_dir() {
            visit(&path, &below.join(name), found)?;
        } else if !name.as_encoded_bytes().starts_with(b".dualcomp-")
            && fs::metadata(&path).is_ok_and(|metadata| metadata.is_file())
        {
            found.push(Found { path, below: below.to_owned(), walked: true });
        }
    }
    Ok(())
}
