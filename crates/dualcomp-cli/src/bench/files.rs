//! Finding the files to measure.

use std::fs;
use std::path::{Path, PathBuf};

use crate::terminal::{Failure, context, shown};

/// A file and the folder whose total it counts in.
pub(crate) struct BenchFile {
    pub(crate) path: PathBuf,
    pub(crate) folder: String,
}

/// All files at or below `paths`, folders in the order of names; at least one.
pub(crate) fn walk(paths: &[PathBuf]) -> Result<Vec<BenchFile>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        visit(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(format!("there is no file to measure in {}", shown(&paths[0])).into());
    }
    Ok(files)
}

fn visit(path: &Path, files: &mut Vec<BenchFile>) -> Result<(), Failure> {
    let cannot = || context(format!("cannot read {}", shown(path)));
    if !fs::metadata(path).map_err(cannot())?.is_dir() {
        let folder = path.parent().unwrap_or(Path::new(""));
        files.push(BenchFile { path: path.to_owned(), folder: folder.display().to_string() });
        return Ok(());
    }
    let mut entries = fs::read_dir(path)
        .map_err(cannot())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(cannot())?;
    entries.retain(|entry| entry.file_name().is_some_and(|name| name != "index.csv"));
    entries.sort();
    entries.iter().try_for_each(|entry| visit(entry, files))
}
