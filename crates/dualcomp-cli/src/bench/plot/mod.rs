//! `dualcomp bench --plot`: size against speed as a picture, one panel for each kind of data.

mod labels;
mod points;
mod scale;
mod svg;

use std::fs;
use std::path::Path;

use super::report::Report;
use crate::batch::{Failure, context};

/// Reads a record that `--json` wrote.
pub(crate) fn read_record(path: &Path) -> Result<Report, Failure> {
    let text = fs::read(path).map_err(context(format!("cannot read {}", path.display())))?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::Message(format!("{} is not a record of bench: {error}", path.display())))
}

/// Writes the picture of some runs, for instance of several levels.
///
/// # Errors
/// If two runs measured different files of one kind, if there is nothing to draw, or if the file cannot be written.
pub(crate) fn write(path: &Path, reports: &[Report]) -> Result<(), Failure> {
    let panels = points::panels(reports)?;
    fs::write(path, svg::draw(&panels)).map_err(context(format!("cannot write {}", path.display())))
}
