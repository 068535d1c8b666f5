//! The figures of a run, as a table and as JSON.

use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::peers::Toolbox;
use super::totals::Total;
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
    pub(crate) fn new(settings: Settings, repeat: u32) -> Self {
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

    fn peer(&self, name: &str) -> Option<u64> {
        self.peers.iter().find(|peer| peer.name == name)?.coded_bytes
    }
}

impl PeerResult {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), coded_bytes: None, encode_seconds: 0.0, decode_seconds: None, error: None }
    }
}

/// Prints the head of the table of files.
pub(crate) fn write_head(out: &mut impl Write, toolbox: &Toolbox) -> io::Result<()> {
    write!(
        out,
        "{:<36} {:>7} {:>11} {:>10} {:>8} {:>9} {:>9}",
        "file", "kind", "raw", "coded", "bits", "enc MB/s", "dec MB/s"
    )?;
    for name in toolbox.names() {
        write!(out, " {name:>10}")?;
    }
    writeln!(out)
}

/// Prints the line of one file.
pub(crate) fn write_row(out: &mut impl Write, row: &Row, toolbox: &Toolbox) -> io::Result<()> {
    let name = shortened(&row.file, 36);
    if row.error.is_some() {
        return writeln!(out, "{name:<36} error");
    }
    write!(
        out,
        "{name:<36} {:>7} {:>11} {:>10} {:>8.4} {:>9.3} {:>9.3}",
        row.kind.name(),
        row.raw_bytes,
        row.coded_bytes,
        bits(row.coded_bytes, row.samples),
        speed(row.raw_bytes, row.encode_seconds),
        speed(row.raw_bytes, row.decode_seconds),
    )?;
    for name in toolbox.names() {
        match row.peer(name) {
            Some(size) => write!(out, " {size:>10}")?,
            None => write!(out, " {:>10}", "-")?,
        }
    }
    writeln!(out)
}

/// Prints the table of totals and, under each total, what the other compressors did.
pub(crate) fn write_totals(out: &mut impl Write, totals: &[Total]) -> io::Result<()> {
    writeln!(
        out,
        "\n{:<36} {:>5} {:>7} {:>11} {:>10} {:>8} {:>9} {:>9}",
        "total", "kind", "files", "raw", "coded", "bits", "enc MB/s", "dec MB/s"
    )?;
    for total in totals {
        writeln!(
            out,
            "{:<36} {:>7} {:>5} {:>11} {:>10} {:>8.4} {:>9.3} {:>9.3}",
            shortened(&total.folder, 36),
            total.kind.name(),
            total.files,
            total.raw_bytes,
            total.coded_bytes,
            total.bits_per_sample,
            speed(total.raw_bytes, total.encode_seconds),
            speed(total.raw_bytes, total.decode_seconds),
        )?;
        for peer in &total.peers {
            writeln!(
                out,
                "  {:<34} {:>7} {:>5} {:>11} {:>10} {:>7.2}% {:>9.3} {:>9.3}  (ours is {:.2}% of it)",
                peer.name,
                "",
                peer.files,
                peer.raw_bytes,
                peer.coded_bytes,
                100.0 * ratio(peer.coded_bytes as f64, peer.raw_bytes as f64),
                speed(peer.raw_bytes, peer.encode_seconds),
                speed(peer.raw_bytes, peer.decode_seconds),
                peer.ours_percent,
            )?;
        }
    }
    Ok(())
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

/// The end of a path, where it is longer than `length` characters.
fn shortened(path: &str, length: usize) -> String {
    match path.chars().count().checked_sub(length) {
        None | Some(0) => path.to_owned(),
        Some(extra) => {
            let end: String = path.chars().skip(extra + 2).collect();
            format!("..{end}")
        }
    }
}
