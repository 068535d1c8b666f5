//! Finding the files to measure.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{expand_whole, is_same};
use crate::terminal::{Failure, context, is_standard, shown};

/// A file and the folder whose total it counts in.
pub(crate) struct BenchFile {
    pub(crate) path: PathBuf,
    pub(crate) folder: String,
}

/// All files at or below `paths`, folders in the order of names; at least one.
pub(crate) fn walk(paths: &[PathBuf]) -> Result<Vec<BenchFile>, Failure> {
    for path in paths {
        if is_standard(path) {
            return Err("bench measures files and folders, not standard input".to_owned().into());
        }
        fs::metadata(path).map_err(context(format!("cannot read {}", shown(path))))?;
    }
    let found = expand_whole(paths)?.into_iter().filter(|found| !found.walked || !found.path.ends_with("index.csv"));
    let files: Vec<_> = found.map(|found| BenchFile { folder: folder(&found.path), path: found.path }).collect();
    match paths.first() {
        Some(first) if files.is_empty() => Err(format!("there is no file to measure in {}", shown(first)).into()),
        _ => Ok(files),
    }
}

fn folder(path: &Path) -> String {
    path.parent().unwrap_or(Path::new("")).display().to_string()
}

/// Refuses outputs that are what is measured, or each other.
pub(crate) fn check_outputs(outputs: [Option<&Path>; 2], files: &[BenchFile]) -> Result<(), Failure> {
    if let [Some(json), Some(plot)] = outputs
        && is_same(json, plot)
    {
        return Err(format!("--json and --plot both name {}", shown(json)).into());
    }
    let is_measured = |output: &&Path| files.iter().any(|file| is_same(output, &file.path));
    match outputs.into_iter().flatten().find(is_measured) {
        Some(output) => Err(format!("{} is measured, and is no output", shown(output)).into()),
        None => Ok(()),
    }
}
