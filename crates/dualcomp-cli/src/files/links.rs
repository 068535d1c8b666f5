//! Names of files: those that have more than one, and their folders.

use std::fs;
use std::path::{Path, PathBuf};

/// Why removing a path would not remove the file behind it: it is a link to it, or one of several names.
pub(crate) fn other_names(path: &Path) -> Option<String> {
    let found = fs::symlink_metadata(path).ok()?;
    if found.is_symlink() {
        return Some("is a symbolic link".to_owned());
    }
    match links(&found) {
        ..=1 => None,
        2 => Some("has 1 other link".to_owned()),
        count => Some(format!("has {} other links", count - 1)),
    }
}

/// The folder that a path is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn links(found: &fs::Metadata) -> u64 {
    if found.is_file() { std::os::unix::fs::MetadataExt::nlink(found) } else { 1 }
}

/// Elsewhere files are taken to have one name.
#[cfg(not(unix))]
fn links(_: &fs::Metadata) -> u64 {
    1
}

/// Whether two paths lead to one file, or to one place where there is none yet.
pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    let found = fs::metadata(a).and_then(|a| Ok((a, fs::metadata(b)?)));
    whole(a) == whole(b) || found.is_ok_and(|(a, b)| same_file(&a, &b))
}

/// The path without links and dots, as far as it exists.
pub(super) fn whole(path: &Path) -> PathBuf {
    match (fs::canonicalize(folder_of(path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

#[cfg(unix)]
fn same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Elsewhere their paths alone tell.
#[cfg(not(unix))]
fn same_file(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    false
}
