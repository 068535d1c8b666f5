//! `dualcomp bench --plot`: size against speed as a picture, one panel for each kind of data.

#![allow(clippy::disallowed_methods, reason = "a plot decides no bit of a stream")]

mod labels;
mod points;
mod scale;
mod svg;

use std::fs;
use std::path::Path;

use super::figures::Report;
use crate::terminal::{Failure, context, shown};

/// Reads a record that `--json` wrote.
pub(crate) fn read_record(path: &Path) -> Result<Report, Failure> {
    let text = fs::read(path).map_err(context(format!("cannot read {}", shown(path))))?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::Message(format!("{} is not a record of bench: {error}", shown(path))))
}

/// Draws some runs, for instance of several levels, as SVG.
///
/// # Errors
/// If two runs measured different files of one kind, or if there is nothing to draw.
pub(crate) fn draw(reports: &[Report]) -> Result<String, Failure> {
    Ok(svg::draw(&points::panels(reports)?))
}
