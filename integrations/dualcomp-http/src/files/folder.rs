//! A folder with coded bodies.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::manifest::{self, Entry};
use super::stamp::Stamp;
use crate::coding::Coding;

/// What the name of a coded body ends in.
pub(super) const SUFFIX: &str = ".dcs";

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    known: Mutex<Known>,
    /// Who compares which file.
    turns: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// What is known of a coded body.
pub(super) enum Looked {
    /// Its coding, if there is one and it is right.
    Known(Option<Coding>),
    /// It is to be compared with the manifest.
    Unknown(Comparison),
}

/// A coded body to compare.
pub(super) struct Comparison {
    entry: Entry,
    stamps: [Stamp; 2],
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
        Self { root: root.to_owned(), known: Mutex::default(), turns: Mutex::default() }
    }

    /// The turn to compare the file at this path: it may be long, and many may ask for it at once.
    pub(super) fn turn(&self, path: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(path).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(path.to_owned(), Arc::downgrade(&turn));
        turn
    }

    /// The coding of the body beside the file at this path below the folder, if there is one and it is of what the file
    /// holds now. Reads the manifest if it has changed since it was read last.
    pub(super) fn look(&self, path: &str) -> Looked {
        self.try_look(path).unwrap_or(Looked::Known(None))
    }

    fn try_look(&self, path: &str) -> Option<Looked> {
        let manifest = Stamp::of(&self.root.join(manifest::NAME)).ok()?;
        let stale = self.known().manifest.as_ref() != Some(&manifest);
        if stale {
            // One that cannot be read has no entries, until it changes.
            let entries = self.read().unwrap_or_default();
            *self.known() = Known { manifest: Some(manifest), entries, compared: HashMap::new() };
        }
        let entry = self.known().entries.get(path).cloned()?;
        let [file, coded] = self.files(path);
        let stamps = [Stamp::of(&file).ok()?, Stamp::of(&coded).ok()?];
        let compared = self.known().compared.get(path).filter(|(of, _)| *of == stamps).map(|(_, right)| *right);
        Some(match compared {
            Some(right) => Looked::Known(right.then_some(entry.coding)),
            None => Looked::Unknown(Comparison { entry, stamps }),
        })
    }

    /// Looks again, and if nobody has done so meanwhile reads both files.
    pub(super) fn compare(&self, path: &str) -> Option<Coding> {
        let Comparison { entry, stamps } = match self.look(path) {
            Looked::Known(coding) => return coding,
            Looked::Unknown(comparison) => comparison,
        };
        let [file, coded] = self.files(path);
        let right = entry.is_of(&file, &coded).ok()?;
        self.known().compared.insert(path.to_owned(), (stamps, right));
        right.then_some(entry.coding)
    }

    /// A file and the coded body beside it.
    fn files(&self, path: &str) -> [PathBuf; 2] {
        [self.root.join(path), self.root.join([path, SUFFIX].concat())]
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
