//! What is drawn: for each kind of data, each compressor's size and speeds over all files.

use crate::bench::figures::{DataKind, Report, Row, ratio, speed};
use crate::terminal::Failure;

/// All compressors on the files of one kind.
pub(crate) struct Panel {
    pub(crate) kind: DataKind,
    pub(crate) files: usize,
    pub(crate) raw_bytes: u64,
    pub(crate) points: Vec<Point>,
}

/// One compressor.
pub(crate) struct Point {
    pub(crate) label: String,
    /// Whether it is this one.
    pub(crate) ours: bool,
    pub(crate) coded_bytes: u64,
    /// Size in percent of the raw data.
    pub(crate) percent: f64,
    /// Megabytes of raw data a second.
    pub(crate) encode: f64,
    /// None where no decoder was run.
    pub(crate) decode: Option<f64>,
}

/// The panels of some runs, without kinds that none has files of.
pub(crate) fn panels(reports: &[Report]) -> Result<Vec<Panel>, Failure> {
    let mut panels = Vec::new();
    for kind in DataKind::ALL {
        panels.extend(panel(kind, reports)?);
    }
    if panels.is_empty() {
        return Err(Failure::Message("there is nothing to draw: no file was measured".to_owned()));
    }
    Ok(panels)
}

fn panel(kind: DataKind, reports: &[Report]) -> Result<Option<Panel>, Failure> {
    let runs = reports.iter().map(|report| (report, rows_of(report, kind))).filter(|(_, rows)| !rows.is_empty());
    let runs: Vec<(&Report, Vec<&Row>)> = runs.collect();
    let Some((_, first)) = runs.first() else { return Ok(None) };
    let mut points: Vec<Point> = Vec::new();
    for (report, rows) in &runs {
        if !same_files(first, rows) {
            let message =
                format!("the runs have different files of the kind {}, which cannot be compared", kind.name());
            return Err(Failure::Message(message));
        }
        add_ours(&mut points, &report.level, rows);
    }
    for (_, rows) in &runs {
        for peer in rows.iter().flat_map(|row| &row.peers) {
            if !points.iter().any(|point| !point.ours && point.label == peer.name) {
                points.extend(peer_point(&peer.name, rows));
            }
        }
    }
    let raw_bytes = first.iter().map(|row| row.raw_bytes).sum();
    Ok(Some(Panel { kind, files: first.len(), raw_bytes, points }))
}

fn rows_of(report: &Report, kind: DataKind) -> Vec<&Row> {
    report.rows.iter().filter(|row| row.kind == kind && row.error.is_none() && row.raw_bytes > 0).collect()
}

fn same_files(a: &[&Row], b: &[&Row]) -> bool {
    let names = |rows: &[&Row]| {
        let mut names: Vec<_> = rows.iter().map(|row| (row.file.clone(), row.raw_bytes)).collect();
        names.sort();
        names
    };
    names(a) == names(b)
}

/// Adds one run of ours. A level that gives the same files as another shares its point.
fn add_ours(points: &mut Vec<Point>, level: &str, rows: &[&Row]) {
    let raw: u64 = rows.iter().map(|row| row.raw_bytes).sum();
    let coded_bytes = rows.iter().map(|row| row.coded_bytes).sum();
    if let Some(point) = points.iter_mut().find(|point| point.coded_bytes == coded_bytes) {
        point.label = format!("{}, {level}", point.label);
        return;
    }
    points.push(Point {
        label: format!("DualComp {level}"),
        ours: true,
        coded_bytes,
        percent: 100.0 * ratio(coded_bytes as f64, raw as f64),
        encode: speed(raw, rows.iter().map(|row| row.encode_seconds).sum()),
        decode: Some(speed(raw, rows.iter().map(|row| row.decode_seconds).sum())),
    });
}

/// The sums of a peer over the files that it could hold.
fn peer_point(name: &str, rows: &[&Row]) -> Option<Point> {
    let held = rows.iter().filter_map(|row| {
        let peer = row.peers.iter().find(|peer| peer.name == name)?;
        Some((row.raw_bytes, peer.coded_bytes?, peer.encode_seconds, peer.decode_seconds))
    });
    let held: Vec<_> = held.collect();
    let raw: u64 = held.iter().map(|(raw, ..)| raw).sum();
    let coded_bytes = held.iter().map(|(_, coded, ..)| coded).sum();
    let decode_seconds: Option<f64> = held.iter().map(|(.., seconds)| *seconds).sum();
    (raw > 0).then(|| Point {
        label: name.to_owned(),
        ours: false,
        coded_bytes,
        percent: 100.0 * ratio(coded_bytes as f64, raw as f64),
        encode: speed(raw, held.iter().map(|(_, _, seconds, _)| seconds).sum()),
        decode: decode_seconds.map(|seconds| speed(raw, seconds)),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::bench::figures::PeerResult;
    use crate::codec::{Level, Settings};

    fn run(level: Level, coded: u64, file: &str) -> Report {
        let mut row = Row::new(Path::new(file), "folder");
        (row.raw_bytes, row.samples, row.coded_bytes) = (1_000_000, 1_000_000, coded);
        (row.encode_seconds, row.decode_seconds) = (2.0, 4.0);
        let mut peer = PeerResult::new("xz");
        (peer.coded_bytes, peer.encode_seconds) = (Some(500_000), 0.5);
        row.peers.push(peer);
        let mut report = Report::new(&Settings { level, threads: 1, dictionary: None }, 1);
        report.rows.push(row);
        report
    }

    #[test]
    fn levels_share_a_panel_and_peers_come_once() {
        let panels = panels(&[run(Level::Fast, 300_000, "a"), run(Level::Default, 200_000, "a")]).unwrap();
        assert_eq!((panels.len(), panels[0].files, panels[0].raw_bytes), (1, 1, 1_000_000));
        let labels: Vec<_> = panels[0].points.iter().map(|point| point.label.as_str()).collect();
        assert_eq!(labels, ["DualComp fast", "DualComp default", "xz"]);
        let ours = &panels[0].points[1];
        assert_eq!((ours.percent, ours.encode, ours.decode), (20.0, 0.5, Some(0.25)));
        let xz = &panels[0].points[2];
        assert_eq!((xz.percent, xz.encode, xz.decode), (50.0, 2.0, None));
    }

    #[test]
    fn levels_with_the_same_result_share_a_point() {
        let panels = panels(&[run(Level::Default, 7, "a"), run(Level::Max, 7, "a")]).unwrap();
        assert_eq!(panels[0].points[0].label, "DualComp default, max");
        assert_eq!(panels[0].points.len(), 2);
    }

    #[test]
    fn runs_of_other_files_are_not_compared() {
        assert!(panels(&[run(Level::Fast, 3, "a"), run(Level::Max, 2, "b")]).is_err());
        assert!(panels(&[]).is_err());
    }
}
