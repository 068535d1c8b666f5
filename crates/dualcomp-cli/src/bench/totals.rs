//! Totals per folder and over all, for each kind of data.

use super::figures::{DataKind, PeerTotal, Row, Total, bits, ratio};

/// The folder name of the total over everything of one kind.
const ALL: &str = "all";

/// Folders in the order they first appear, then everything.
pub(crate) fn of(rows: &[Row]) -> Vec<Total> {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.error.is_none()).collect();
    let mut folders: Vec<&str> = Vec::new();
    for row in &rows {
        if !folders.contains(&row.folder.as_str()) {
            folders.push(&row.folder);
        }
    }
    let mut totals = Vec::new();
    for kind in DataKind::ALL {
        let of_kind = || rows.iter().copied().filter(move |row| row.kind == kind);
        for folder in &folders {
            totals.extend(sum(folder, of_kind().filter(|row| row.folder == *folder).collect()));
        }
        totals.extend(sum(ALL, of_kind().collect()));
    }
    totals
}

/// The total of some rows of one kind, if there are any.
fn sum(folder: &str, rows: Vec<&Row>) -> Option<Total> {
    let first = rows.first()?;
    let coded_bytes = rows.iter().map(|row| row.coded_bytes).sum();
    let samples = rows.iter().map(|row| row.samples).sum();
    let mut names: Vec<&str> = Vec::new();
    for peer in rows.iter().flat_map(|row| &row.peers) {
        if !names.contains(&peer.name.as_str()) {
            names.push(&peer.name);
        }
    }
    Some(Total {
        folder: folder.to_owned(),
        kind: first.kind,
        files: rows.len(),
        raw_bytes: rows.iter().map(|row| row.raw_bytes).sum(),
        coded_bytes,
        bits_per_sample: bits(coded_bytes, samples),
        encode_seconds: rows.iter().map(|row| row.encode_seconds).sum(),
        decode_seconds: rows.iter().map(|row| row.decode_seconds).sum(),
        peers: names.into_iter().filter_map(|name| sum_peer(name, &rows)).collect(),
    })
}

fn sum_peer(name: &str, rows: &[&Row]) -> Option<PeerTotal> {
    let mut total = PeerTotal {
        name: name.to_owned(),
        files: 0,
        raw_bytes: 0,
        coded_bytes: 0,
        ours_percent: 0.0,
        encode_seconds: 0.0,
        decode_seconds: 0.0,
    };
    let mut ours = 0;
    for row in rows {
        let Some(peer) = row.peers.iter().find(|peer| peer.name == name) else {
            continue;
        };
        let Some(size) = peer.coded_bytes else {
            continue;
        };
        total.files += 1;
        total.raw_bytes += row.raw_bytes;
        total.coded_bytes += size;
        total.encode_seconds += peer.encode_seconds;
        total.decode_seconds += peer.decode_seconds.unwrap_or(0.0);
        ours += row.coded_bytes;
    }
    total.ours_percent = 100.0 * ratio(ours as f64, total.coded_bytes as f64);
    (total.files > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::figures::PeerResult;
    use super::*;

    fn row(folder: &str, coded: u64, peer: Option<u64>) -> Row {
        let mut row = Row::new(Path::new("file"), folder);
        row.raw_bytes = 100;
        row.samples = 100;
        row.coded_bytes = coded;
        let mut result = PeerResult::new("xz");
        result.coded_bytes = peer;
        row.peers.push(result);
        row
    }

    #[test]
    fn a_peer_is_compared_on_the_files_it_could_hold() {
        let mut failed = row("b", 99, Some(1));
        failed.error = Some("decoded to something else".to_owned());
        let rows = [row("a", 20, Some(40)), row("b", 10, None), failed];
        let totals = of(&rows);
        let folders: Vec<_> = totals.iter().map(|total| total.folder.as_str()).collect();
        assert_eq!(folders, ["a", "b", ALL]);
        let all = &totals[2];
        assert_eq!((all.files, all.coded_bytes, all.bits_per_sample), (2, 30, 1.2));
        assert_eq!((all.peers[0].files, all.peers[0].ours_percent), (1, 50.0));
        assert!(totals[1].peers.is_empty());
    }
}
