//! What `dualcomp compress --for-web` says of the files in a folder.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::coding::Coding;

/// Its name in the folder.
pub(super) const NAME: &str = "dualcomp-manifest.json";

const FORMAT: u32 = 1;

#[derive(Deserialize)]
struct Written {
    format: u32,
    files: HashMap<String, WrittenEntry>,
}

#[derive(Deserialize)]
struct WrittenEntry {
    sha256: String,
    coding: String,
    coded_sha256: String,
}

/// A coded body: of which content it is, and which bytes it has.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) coding: Coding,
    sha256: String,
    coded_sha256: String,
}

impl Entry {
    /// Whether this is of the content of that file, and the bytes of this one.
    pub(super) fn is_of(&self, content: &Path, coded: &Path) -> io::Result<bool> {
        Ok(digest(coded)? == self.coded_sha256 && digest(content)? == self.sha256)
    }
}

/// The entries by the paths of their files. Those of codings that this version does not know are left out.
pub(super) fn read(text: &[u8]) -> io::Result<HashMap<String, Entry>> {
    let written: Written = serde_json::from_slice(text)?;
    if written.format != FORMAT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the manifest is of another version"));
    }
    let entries = written.files.into_iter().filter_map(|(path, WrittenEntry { sha256, coding, coded_sha256 })| {
        let coding = coding.parse().ok()?;
        is_below(&path).then_some((path, Entry { coding, sha256, coded_sha256 }))
    });
    Ok(entries.collect())
}

/// Whether a path cannot lead out of its folder.
fn is_below(path: &str) -> bool {
    !path.contains(['\\', '\0', ':']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The SHA-256 of a file in hexadecimal. It may be a large one, so it is never there as a whole.
fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut piece, mut digest) = (File::open(path)?, vec![0; 64 << 10], Sha256::new());
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => digest.update(&piece[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_lead_elsewhere_or_are_of_unknown_codings_are_left_out() {
        let entry =
            |coding: &str| format!(r#"{{"sha256": "a", "coding": "{coding}", "coded_sha256": "b", "size": 1}}"#);
        let text = format!(
            r#"{{"format": 1, "level": "max", "files": {{"a/b.css": {0}, "../c": {0}, "/d": {0}, "e": {1}}}}}"#,
            entry("dualcomp-1"),
            entry("dualcomp-9"),
        );
        let entries = read(text.as_bytes()).unwrap();
        assert_eq!(entries.keys().collect::<Vec<_>>(), ["a/b.css"]);
        assert!(read(br#"{"format": 2, "files": {}}"#).is_err());
        assert!(read(b"{").is_err());
    }
}
