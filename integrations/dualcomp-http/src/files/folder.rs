//! A folder with coded bodies.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::manifest::{self, Entry};
use super::stamp::Stamp;
use crate::coding::Coding;

/// What the name of a coded body ends in.
pub(super) const SUFFIX: &str = ".dcs";

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Of the manifest that was read.
    manifest: Option<Stamp>,
    entries: HashMap<String, Entry>,
    /// The files that were compared with their entries, and whether they were right.
    compared: HashMap<String, ([Stamp; 2], bool)>,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), known: Mutex::default() }
    }

    /// The coding of the body beside the file at this path below the folder, if there is one and it is of what the file
    /// holds now. Reads both where they have changed since they were read last.
    pub(super) fn coding_of(&self, path: &str) -> Option<Coding> {
        let manifest = Stamp::of(&self.root.join(manifest::NAME)).ok()?;
        let stale = self.known().manifest.as_ref() != Some(&manifest);
        if stale {
            // One that cannot be read has no entries, until it changes.
            let entries = self.read().unwrap_or_default();
            *self.known() = Known { manifest: Some(manifest), entries, compared: HashMap::new() };
        }
        let entry = self.known().entries.get(path).cloned()?;
        let file = self.root.join(path);
        let coded = self.root.join([path, SUFFIX].concat());
        let stamps = [Stamp::of(&file).ok()?, Stamp::of(&coded).ok()?];
        let compared = self.known().compared.get(path).filter(|(of, _)| *of == stamps).map(|(_, right)| *right);
        let right = match compared {
            Some(right) => right,
            None => {
                let right = entry.is_of(&std::fs::read(&file).ok()?, &std::fs::read(&coded).ok()?);
                self.known().compared.insert(path.to_owned(), (stamps, right));
                right
            }
        };
        right.then_some(entry.coding)
    }

    /// The entries of the manifest.
    pub(super) fn read(&self) -> io::Result<HashMap<String, Entry>> {
        manifest::read(&std::fs::read(self.root.join(manifest::NAME))?)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing is half done while the lock is held.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
