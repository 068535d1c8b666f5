//! Whether a file is still the one that was read.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// What changes when the file does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    inner: Option<(u64, i64, i64)>,
}

impl Stamp {
    /// That of the file that is there now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok(), inner: inner(&metadata) })
    }
}

/// The number of the file and the time of the last change, also of one that set the time of modification back.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn inner(metadata: &Metadata) -> Option<(u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn inner(_: &Metadata) -> Option<(u64, i64, i64)> {
    None
}
