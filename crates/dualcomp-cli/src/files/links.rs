//! Names of files: those that have more than one, and their folders.

use std::fs;
use std::path::Path;

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
