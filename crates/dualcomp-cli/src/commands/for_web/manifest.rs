//! What was coded of which files: for a server, which trusts no coded body whose content has changed since.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::codec::Level;
use crate::files::{Manner, Output};
use crate::terminal::{Failure, context, shown};

/// Its name in the folder.
pub(super) const NAME: &str = "dualcomp-manifest.json";

const FORMAT: u32 = 1;

/// The files of a folder that have a coded body.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Manifest {
    format: u32,
    /// The level of all of them.
    pub(super) level: String,
    /// By their paths below the folder, with slashes.
    pub(super) files: BTreeMap<String, Entry>,
}

/// A file and its coded body. Digests are SHA-256 in hexadecimal.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Entry {
    pub(super) size: u64,
    pub(super) sha256: String,
    /// The content coding that clients must know.
    pub(super) coding: String,
    pub(super) coded_size: u64,
    pub(super) coded_sha256: String,
}

/// Whether a name leads to something in the folder. Files are removed by it.
fn is_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

impl Manifest {
    pub(super) fn new(level: Level) -> Self {
        Self { format: FORMAT, level: level.to_string(), files: BTreeMap::new() }
    }

    /// That of an earlier run; an empty one if there was none.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let path = root.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::new(Level::default())),
            Err(error) => return Err(context(format!("cannot read {}", shown(&path)))(error)),
        };
        match serde_json::from_slice::<Self>(&text) {
            Ok(manifest) if manifest.format == FORMAT => match manifest.files.keys().find(|name| !is_inside(name)) {
                None => Ok(manifest),
                Some(name) => {
                    Err(format!("{} names {}, which is not in the folder", shown(&path), shown(name.as_ref())).into())
                }
            },
            Ok(_) => Err(format!("{} is of another version", shown(&path)).into()),
            Err(error) => Err(format!("{} is no manifest: {error}", shown(&path)).into()),
        }
    }

    /// Replaces that of an earlier run.
    pub(super) fn write(&self, root: &Path, sync: bool) -> Result<(), Failure> {
        let mut text = serde_json::to_vec_pretty(self).map_err(io::Error::from)?;
        text.push(b'\n');
        let manner = Manner { force: true, sparse: false, sync };
        let mut output = Output::create(Some(&root.join(NAME)), manner, false, false)?;
        output.write_all(&text)?;
        output.commit(None).map(drop)
    }
}
