//! Measuring one file.

use std::fs;
use std::time::Instant;

use super::data::Data;
use super::figures::Row;
use super::files::BenchFile;
use super::peers::Toolbox;
use crate::codec::Settings;
use crate::source;
use crate::terminal::Failure;

/// Measures one file; whatever goes wrong is in the row.
pub(crate) fn file(file: &BenchFile, settings: &Settings, repeat: u32, toolbox: &Toolbox) -> Row {
    let mut row = Row::new(&file.path, &file.folder);
    if let Err(failure) = measure(file, settings, repeat, toolbox, &mut row) {
        row.error = Some(match failure {
            Failure::Closed => "broken pipe".to_owned(),
            Failure::Message(reason) => reason,
        });
    }
    row
}

fn measure(
    file: &BenchFile,
    settings: &Settings,
    repeat: u32,
    toolbox: &Toolbox,
    row: &mut Row,
) -> Result<(), Failure> {
    let data = load(fs::read(&file.path)?, file, row);
    row.kind = data.kind();
    row.raw_bytes = data.raw().len() as u64;
    row.samples = data.samples();
    let (coded, seconds) = quickest(repeat, || data.encode(settings))?;
    row.encode_seconds = seconds;
    row.coded_bytes = coded.len() as u64;
    let (decoded, seconds) = quickest(repeat, || data.decode(&coded, settings.threads))?;
    row.decode_seconds = seconds;
    if !data.same(&decoded) {
        return Err(Failure::Message("decoded to something else".to_owned()));
    }
    row.peers = toolbox.run(&data)?;
    Ok(())
}

/// An image as pixels, without metadata; everything else, and what there are no pixels of, as bytes.
fn load(bytes: Vec<u8>, file: &BenchFile, row: &mut Row) -> Data {
    row.file_bytes = bytes.len() as u64;
    let source::Found::Picture(format) = source::sniff(&bytes, &file.path) else { return Data::Bytes(bytes) };
    match source::read(&bytes, format) {
        Ok((mut picture, _)) => {
            picture.metadata = Default::default();
            Data::Image(Box::new(picture))
        }
        Err(_) => Data::Bytes(bytes),
    }
}

/// Runs `work` so many times; its last result and the seconds of its quickest run.
fn quickest<T>(repeat: u32, mut work: impl FnMut() -> Result<T, Failure>) -> Result<(T, f64), Failure> {
    let mut timed = || {
        let start = Instant::now();
        work().map(|result| (result, start.elapsed().as_secs_f64()))
    };
    let (mut result, mut best) = timed()?;
    for _ in 1..repeat {
        let (next, seconds) = timed()?;
        (result, best) = (next, best.min(seconds));
    }
    Ok((result, best))
}
