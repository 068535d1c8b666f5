//! Measuring one file.

use std::fs;
use std::io::Cursor;
use std::time::Instant;

use super::files::BenchFile;
use super::peers::Toolbox;
use super::report::{DataKind, Row};
use crate::batch::Failure;
use crate::codec::{self, Metadata, Settings};
use crate::picture::{self, Picture};

/// What is compressed: the pixels of an image file, or a file's bytes.
pub(crate) enum Data {
    Image(Picture),
    Bytes(Vec<u8>),
}

impl Data {
    pub(crate) fn kind(&self) -> DataKind {
        match self {
            Self::Image(picture) if picture.is_drawn() => DataKind::Graphic,
            Self::Image(_) => DataKind::Photo,
            Self::Bytes(_) => DataKind::Bytes,
        }
    }

    fn raw(&self) -> &[u8] {
        match self {
            Self::Image(picture) => &picture.pixels,
            Self::Bytes(bytes) => bytes,
        }
    }

    /// Sub-pixels of an image, bytes of anything else.
    fn samples(&self) -> u64 {
        match self {
            Self::Image(picture) => (picture.pixels.len() / picture.info.color.bytes_per_sample()) as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    fn encode(&self, settings: Settings) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Image(picture) => codec::encode_picture(picture, settings),
            Self::Bytes(bytes) => codec::pack(bytes, settings),
        }
    }

    fn decode(&self, coded: &[u8], threads: usize) -> Result<Self, Failure> {
        Ok(match self {
            Self::Image(_) => Self::Image(codec::decode_picture(coded, threads)?),
            Self::Bytes(_) => Self::Bytes(codec::unpack(coded, threads)?),
        })
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Image(a), Self::Image(b)) => a.info == b.info && a.pixels == b.pixels,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            _ => false,
        }
    }
}

/// Measures one file; whatever goes wrong is in the row.
pub(crate) fn file(file: &BenchFile, settings: Settings, repeat: u32, toolbox: &Toolbox) -> Row {
    let mut row = Row::new(&file.path, &file.folder);
    if let Err(failure) = measure(file, settings, repeat, toolbox, &mut row) {
        row.error = Some(match failure {
            Failure::Closed => "broken pipe".to_owned(),
            Failure::Message(reason) => reason,
        });
    }
    row
}

fn measure(file: &BenchFile, settings: Settings, repeat: u32, toolbox: &Toolbox, row: &mut Row) -> Result<(), Failure> {
    let data = load(fs::read(&file.path)?, row);
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

fn load(bytes: Vec<u8>, row: &mut Row) -> Data {
    row.file_bytes = bytes.len() as u64;
    let picture = picture::file_format(&bytes).and_then(|format| picture::read(&mut Cursor::new(&bytes), format).ok());
    match picture {
        Some(mut picture) => {
            picture.metadata = Metadata::default();
            Data::Image(picture)
        }
        None => Data::Bytes(bytes),
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
