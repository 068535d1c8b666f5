//! Takes lines from standard input into a folder of compressed logs, a new file for every so many bytes.
//!
//! ```sh
//! my-server 2>&1 | cargo run --release -p dualcomp-examples --bin log_rotation -- write logs 10000000
//! cargo run --release -p dualcomp-examples --bin log_rotation -- cat logs | grep error
//! ```
//!
//! A file that is full is finished on another task, while lines go on into the next. What came in is on the disk at
//! the latest when the input has paused with 64 KiB waiting; if the machine stops, `cat` shows all that was written.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use dualcomp_async::tokio::bufread::DualCompDecoder;
use dualcomp_async::tokio::write::DualCompEncoder;
use dualcomp_async::{EncoderConfig, FlushPolicy};
use tokio::fs::{self, File};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader, stdin, stdout};
use tokio::task::JoinHandle;

/// Bytes that may wait for the disk while the input pauses. Smaller blocks compress less.
const HELD_BACK: u64 = 64 << 10;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["write", folder, bytes] => {
            let bytes = bytes.parse().map_err(|_| Error::other(format!("{bytes} is no number of bytes")))?;
            write(BufReader::new(stdin()), Path::new(folder), bytes).await
        }
        ["cat", folder] => cat(Path::new(folder)).await,
        _ => Err(Error::other("usage: log_rotation write FOLDER BYTES, or log_rotation cat FOLDER")),
    }
}

/// Writes lines until there are no more. Files end with a line, so they may be longer by one.
async fn write(mut lines: impl AsyncBufRead + Unpin, folder: &Path, bytes: u64) -> Result<()> {
    fs::create_dir_all(folder).await?;
    let mut number = files(folder).await?.last().map_or(0, |(number, _)| *number);
    let mut finishing: Option<JoinHandle<Result<()>>> = None;
    let mut line = Vec::new();
    while !lines.fill_buf().await?.is_empty() {
        number += 1;
        let mut log = start(folder, number, bytes).await?;
        let mut written = 0;
        while written < bytes && lines.read_until(b'\n', &mut line).await? > 0 {
            log.write_all(&line).await?;
            written += line.len() as u64;
            line.clear();
            // Costs nothing unless enough is waiting.
            log.flush().await?;
        }
        // At most one file is being finished: who sends faster than that has to wait.
        if let Some(task) = finishing.take() {
            task.await??;
        }
        finishing = Some(tokio::spawn(async move { log.shutdown().await }));
    }
    match finishing {
        Some(task) => task.await?,
        None => Ok(()),
    }
}

async fn start(folder: &Path, number: u64, bytes: u64) -> Result<DualCompEncoder<File>> {
    let file = File::create_new(folder.join(format!("{number:06}.log.dcs"))).await?;
    let config = EncoderConfig::default().with_flush(FlushPolicy::After(HELD_BACK)).with_size_hint(bytes);
    Ok(DualCompEncoder::with_config(file, config))
}

/// Prints all logs, the oldest first.
async fn cat(folder: &Path) -> Result<()> {
    let mut out = stdout();
    for (_, path) in files(folder).await? {
        let mut log = DualCompDecoder::new(BufReader::new(File::open(&path).await?));
        match tokio::io::copy(&mut log, &mut out).await {
            // The file that is still being written, or was when the machine stopped.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                eprintln!("{} has no end", path.display());
            }
            result => drop(result?),
        }
    }
    out.flush().await
}

/// The logs of a folder with their numbers, ascending.
async fn files(folder: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let number =
            name.to_str().and_then(|name| name.strip_suffix(".log.dcs")).and_then(|number| number.parse().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort();
    Ok(found)
}
