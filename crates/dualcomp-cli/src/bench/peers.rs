//! Other compressors, run as processes on temporary files.

use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::data::Data;
use super::figures::PeerResult;
use crate::picture::{self, Picture};
use crate::source::{self, Format};
use crate::terminal::{Failure, context};

/// One other compressor. In the command lines IN, OUT and BACK stand for the files; a command that
/// does not name its output writes it to standard output.
struct Peer {
    name: &'static str,
    /// Whether it takes images, not bytes.
    image: bool,
    coded: &'static str,
    encode: &'static [&'static str],
    decode: &'static [&'static str],
}

#[rustfmt::skip]
const PEERS: [Peer; 6] = [
    Peer {
        name: "cjxl", image: true, coded: "OUT.jxl",
        encode: &["cjxl", "IN", "OUT", "-d", "0", "-e", "9", "--num_threads=0", "--quiet"],
        decode: &["djxl", "OUT", "BACK", "--num_threads=0", "--quiet"],
    },
    Peer {
        name: "cwebp", image: true, coded: "OUT.webp",
        encode: &["cwebp", "-quiet", "-lossless", "-exact", "-z", "9", "-metadata", "none", "IN", "-o", "OUT"],
        decode: &["dwebp", "-quiet", "OUT", "-o", "BACK"],
    },
    Peer {
        name: "xz", image: false, coded: "OUT.xz",
        encode: &["xz", "-9e", "-T1", "-c", "IN"],
        decode: &["xz", "-d", "-c", "OUT"],
    },
    Peer {
        name: "zstd", image: false, coded: "OUT.zst",
        encode: &["zstd", "-q", "--ultra", "-22", "--long=27", "--single-thread", "-c", "IN"],
        decode: &["zstd", "-q", "-d", "--long=27", "-c", "OUT"],
    },
    Peer {
        name: "brotli", image: false, coded: "OUT.br",
        encode: &["brotli", "-q", "11", "-w", "24", "-c", "IN"],
        decode: &["brotli", "-d", "-c", "OUT"],
    },
    Peer {
        name: "zpaq", image: false, coded: "OUT.zpaq",
        encode: &["zpaq", "add", "OUT", "IN", "-m5", "-t1"],
        decode: &["zpaq", "extract", "OUT", "IN", "-to", "BACK", "-t1"],
    },
];

/// The name of the peer that needs no tool: the PNG file that `decompress` would write.
const PNG: &str = "png";

/// The compressors that are installed, and a folder for their files.
pub(crate) struct Toolbox {
    peers: Vec<&'static Peer>,
    missing: Vec<&'static str>,
    folder: Option<TempDir>,
}

impl Toolbox {
    /// No compressors at all.
    pub(crate) fn empty() -> Self {
        Self { peers: Vec::new(), missing: Vec::new(), folder: None }
    }

    /// Looks for the compressors on the path. One without its decoder is left out: its sizes could not be checked.
    pub(crate) fn find() -> Result<Self, Failure> {
        let whole = |peer: &&Peer| installed(peer.encode[0]) && installed(peer.decode[0]);
        let (peers, missing): (Vec<_>, Vec<_>) = PEERS.iter().partition(whole);
        Ok(Self {
            peers,
            missing: missing.iter().map(|peer| peer.name).collect(),
            folder: Some(tempfile::tempdir().map_err(context("cannot make a temporary folder"))?),
        })
    }

    /// Names of the compressors that were not found.
    pub(crate) fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    /// Names of all that run, in the order of their results.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let png = self.folder.as_ref().map(|_| PNG);
        png.into_iter().chain(self.peers.iter().map(|peer| peer.name)).collect()
    }

    /// Runs every compressor for this kind of data.
    ///
    /// # Errors
    /// Only those of the temporary files; what a tool says against the data is in its result.
    pub(crate) fn run(&self, data: &Data) -> Result<Vec<PeerResult>, Failure> {
        let Some(folder) = &self.folder else {
            return Ok(Vec::new());
        };
        let mut results = Vec::new();
        let input = match data {
            Data::Image(picture) => {
                let start = Instant::now();
                let file = picture::best_png(picture)?;
                let encode_seconds = start.elapsed().as_secs_f64();
                results.push(png_result(picture, &file, encode_seconds));
                let path = folder.path().join("in.png");
                fs::write(&path, file)?;
                path
            }
            Data::Bytes(bytes) => {
                let path = folder.path().join("in");
                fs::write(&path, bytes)?;
                path
            }
        };
        for peer in self.peers.iter().filter(|peer| peer.image == matches!(data, Data::Image(_))) {
            results.push(peer.run(data, &input, folder.path()));
        }
        Ok(results)
    }
}

impl Peer {
    fn run(&self, data: &Data, input: &Path, folder: &Path) -> PeerResult {
        let mut result = PeerResult::new(self.name);
        // WebP has no 16-bit samples: cwebp would drop their lower half.
        if self.name == "cwebp" && matches!(data, Data::Image(picture) if picture.is_16_bit()) {
            result.error = Some("does not hold 16-bit samples".to_owned());
            return result;
        }
        if let Err(reason) = self.measure(data, input, folder, &mut result) {
            result.error = Some(reason);
        }
        result
    }

    fn measure(&self, data: &Data, input: &Path, folder: &Path, result: &mut PeerResult) -> Result<(), String> {
        let coded = folder.join(self.coded);
        let back = folder.join(match self.image {
            true => "back.png",
            false => "back",
        });
        let files = [("IN", input), ("OUT", &coded), ("BACK", &back)];
        // An archiver would add to what the file before has left, and not overwrite.
        for path in [&coded, &back] {
            let removed = fs::remove_file(path);
            removed.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(said(error)) })?;
        }
        result.encode_seconds = execute(self.encode, &files, &coded)?;
        let size = fs::metadata(&coded).map_err(said)?.len();
        result.decode_seconds = Some(execute(self.decode, &files, &back)?);
        let decoded = fs::read(&back).map_err(said)?;
        let same = match data {
            Data::Image(picture) => same_pixels(picture, &decoded)?,
            Data::Bytes(bytes) => *bytes == decoded,
        };
        if !same {
            return Err("decoded to something else".to_owned());
        }
        result.coded_bytes = Some(size);
        Ok(())
    }
}

/// Runs a command line with the files put in; returns the seconds it took.
fn execute(command: &[&str], files: &[(&str, &Path)], output: &Path) -> Result<f64, String> {
    let mut process = Command::new(command[0]);
    let mut names_output = false;
    for argument in &command[1..] {
        match files.iter().find(|(name, _)| name == argument) {
            Some((_, path)) => {
                names_output |= *path == output;
                process.arg(path)
            }
            None => process.arg(argument),
        };
    }
    process.stdin(Stdio::null()).stdout(Stdio::null());
    if !names_output {
        process.stdout(File::create(output).map_err(said)?);
    }
    let start = Instant::now();
    let done = process.output().map_err(said)?;
    let seconds = start.elapsed().as_secs_f64();
    match done.status.success() {
        true => Ok(seconds),
        false => Err(format!("{} failed: {}", command[0], String::from_utf8_lossy(&done.stderr))),
    }
}

fn said(error: io::Error) -> String {
    error.to_string()
}

fn png_result(picture: &Picture, file: &[u8], encode_seconds: f64) -> PeerResult {
    let mut result = PeerResult::new(PNG);
    result.encode_seconds = encode_seconds;
    let start = Instant::now();
    let read = source::read(file, Format::Png).map(|(picture, _)| picture);
    result.decode_seconds = Some(start.elapsed().as_secs_f64());
    match read {
        Ok(read) if read.pixels == picture.pixels => result.coded_bytes = Some(file.len() as u64),
        Ok(_) => result.error = Some("decoded to something else".to_owned()),
        Err(reason) => result.error = Some(reason),
    }
    result
}

/// Whether an image file shows the same pixels, be it with other channels or sample sizes.
fn same_pixels(picture: &Picture, file: &[u8]) -> Result<bool, String> {
    let decoded = source::read(file, Format::Png).map(|(picture, _)| picture)?;
    Ok((decoded.info.width, decoded.info.height) == (picture.info.width, picture.info.height)
        && decoded.widened().eq(picture.widened()))
}

fn installed(tool: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| {
        env::split_paths(&path).any(|folder| folder.join(tool).with_extension(env::consts::EXE_EXTENSION).is_file())
    })
}
