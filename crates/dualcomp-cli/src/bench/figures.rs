//! The figures of a run; their JSON is that of `--json`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::codec::{self, Settings};

/// All figures of one run; this is the JSON file.
#[derive(Deserialize, Serialize)]
pub(crate) struct Report {
    version: String,
    /// Stream format and model, as `--version` prints them.
    pub(crate) codec: String,
    pub(crate) level: String,
    threads: usize,
    repeat: u32,
    pub(crate) rows: Vec<Row>,
    pub(crate) totals: Vec<Total>,
}

/// What was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DataKind {
    /// Pixels that mostly differ from the one before them.
    Photo,
    /// Pixels that mostly repeat the one before them: screenshots, diagrams.
    Graphic,
    Bytes,
}

/// The figures of one file.
#[derive(Deserialize, Serialize)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) folder: String,
    pub(crate) kind: DataKind,
    /// Length of the file on disk.
    pub(crate) file_bytes: u64,
    /// Length of what was compressed: samples of an image, else the file's bytes.
    pub(crate) raw_bytes: u64,
    /// Sub-pixels of an image, else bytes.
    pub(crate) samples: u64,
    pub(crate) coded_bytes: u64,
    pub(crate) encode_seconds: f64,
    pub(crate) decode_seconds: f64,
    pub(crate) error: Option<String>,
    pub(crate) peers: Vec<PeerResult>,
}

/// The figures of another compressor on one file.
#[derive(Deserialize, Serialize)]
pub(crate) struct PeerResult {
    pub(crate) name: String,
    /// Of a file that was decoded back; none where it failed or cannot hold the data.
    pub(crate) coded_bytes: Option<u64>,
    pub(crate) encode_seconds: f64,
    /// None where it failed before.
    pub(crate) decode_seconds: Option<f64>,
    pub(crate) error: Option<String>,
}

impl Report {
    pub(crate) fn new(settings: &Settings, repeat: u32) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            codec: codec::version_text().replace('\n', ", "),
            level: settings.level.to_string(),
            threads: settings.threads,
            repeat,
            rows: Vec::new(),
            totals: Vec::new(),
        }
    }
}

impl Row {
    pub(crate) fn new(path: &Path, folder: &str) -> Self {
        Self {
            file: path.display().to_string(),
            folder: folder.to_owned(),
            kind: DataKind::Bytes,
            file_bytes: 0,
            raw_bytes: 0,
            samples: 0,
            coded_bytes: 0,
            encode_seconds: 0.0,
            decode_seconds: 0.0,
            error: None,
            peers: Vec::new(),
        }
    }

    /// Everything to say about the file on stderr.
    pub(crate) fn problems(&self) -> impl Iterator<Item = String> {
        let peers = self.peers.iter().filter_map(|peer| {
            let error = peer.error.as_ref()?;
            Some(format!("note: {}: {error}", peer.name))
        });
        self.error.clone().into_iter().chain(peers)
    }

    pub(super) fn peer(&self, name: &str) -> Option<u64> {
        self.peers.iter().find(|peer| peer.name == name)?.coded_bytes
    }
}

impl PeerResult {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), coded_bytes: None, encode_seconds: 0.0, decode_seconds: None, error: None }
    }
}

/// The sums over files of one kind; files that failed do not count.
#[derive(Deserialize, Serialize)]
pub(crate) struct Total {
    pub(crate) folder: String,
    pub(crate) kind: DataKind,
    pub(crate) files: usize,
    pub(crate) raw_bytes: u64,
    pub(crate) coded_bytes: u64,
    /// Bits per sub-pixel of images, per byte of other data.
    pub(crate) bits_per_sample: f64,
    pub(crate) encode_seconds: f64,
    pub(crate) decode_seconds: f64,
    pub(crate) peers: Vec<PeerTotal>,
}

/// The sums of another compressor over those of the files that it could hold.
#[derive(Deserialize, Serialize)]
pub(crate) struct PeerTotal {
    pub(crate) name: String,
    pub(crate) files: usize,
    pub(crate) raw_bytes: u64,
    pub(crate) coded_bytes: u64,
    /// What our files have on the same inputs, as a percentage of its size.
    pub(crate) ours_percent: f64,
    pub(crate) encode_seconds: f64,
    pub(crate) decode_seconds: f64,
}

impl DataKind {
    /// All of them, in the order of tables and pictures.
    pub(crate) const ALL: [Self; 3] = [Self::Photo, Self::Graphic, Self::Bytes];

    /// The word for it in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Graphic => "graphic",
            Self::Bytes => "bytes",
        }
    }
}

/// Bits of coded data per sample.
pub(crate) fn bits(coded_bytes: u64, samples: u64) -> f64 {
    8.0 * ratio(coded_bytes as f64, samples as f64)
}

/// A quotient that is zero where there is nothing to divide by.
pub(crate) fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// Megabytes a second.
pub(crate) fn speed(bytes: u64, seconds: f64) -> f64 {
    ratio(bytes as f64 / 1e6, seconds)
}
