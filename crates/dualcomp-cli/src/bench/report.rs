//! The figures of a run as a table.

use std::io::{self, Write};
use std::path::Path;

use super::figures::{Row, Total, bits, ratio, speed};
use super::peers::Toolbox;
use crate::terminal::shown;

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
    let name = shortened(&shown(Path::new(&row.file)), 36);
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
