//! Inputs: files and standard input, looked at before they are read.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use crate::terminal::is_standard;

/// How much is read at a time.
const BUFFER: usize = 1 << 17;

/// What the output of a file has from it.
#[derive(Clone, Debug)]
pub(crate) struct Attributes {
    pub(crate) permissions: Permissions,
    pub(crate) modified: Option<SystemTime>,
    pub(crate) accessed: Option<SystemTime>,
    /// Numbers of user and group.
    #[cfg(unix)]
    pub(crate) owner: [u32; 2],
    identity: Identity,
}

/// What tells a file, and a state of it, from others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and number there.
    #[cfg(unix)]
    file: [u64; 2],
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            file: [metadata.dev(), metadata.ino()],
        }
    }
}

impl Attributes {
    fn of(metadata: &Metadata) -> Self {
        Self {
            permissions: metadata.permissions(),
            modified: metadata.modified().ok(),
            accessed: metadata.accessed().ok(),
            #[cfg(unix)]
            owner: [metadata.uid(), metadata.gid()],
            identity: Identity::of(metadata),
        }
    }

    /// Whether these are of the file that was opened, and nothing has written to it since.
    pub(crate) fn is_of(&self, metadata: &Metadata) -> bool {
        self.identity == Identity::of(metadata)
    }
}

/// One open input.
pub(crate) struct Input {
    body: Body,
    /// Length in bytes, where it is known before reading.
    pub(crate) size: Option<u64>,
    /// Of a file, for its output to have the same.
    pub(crate) attributes: Option<Attributes>,
}

enum Body {
    Seekable(BufReader<File>),
    Stream(Box<dyn BufRead>),
}

impl Input {
    /// Opens a file, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if is_standard(path) {
            return Ok(Self::stream(io::stdin().lock()));
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let reader = BufReader::with_capacity(BUFFER, file);
        if !metadata.is_file() {
            return Ok(Self::stream(reader));
        }
        Ok(Self {
            body: Body::Seekable(reader),
            size: Some(metadata.len()),
            attributes: Some(Attributes::of(&metadata)),
        })
    }

    fn stream(reader: impl BufRead + 'static) -> Self {
        Self { body: Body::Stream(Box::new(reader)), size: None, attributes: None }
    }

    /// The first `length` bytes, or all where there are fewer; they stay to be read.
    pub(crate) fn peek(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut prefix = Vec::new();
        match &mut self.body {
            Body::Seekable(reader) => {
                reader.take(length).read_to_end(&mut prefix)?;
                reader.rewind()?;
            }
            Body::Stream(reader) => {
                reader.take(length).read_to_end(&mut prefix)?;
                let rest = std::mem::replace(reader, Box::new(io::empty()));
                *reader = Box::new(Cursor::new(prefix.clone()).chain(rest));
            }
        }
        Ok(prefix)
    }

    /// All of the input in memory, which stays to be read.
    pub(crate) fn whole(&mut self) -> io::Result<Vec<u8>> {
        let mut data = Vec::new();
        match &mut self.body {
            Body::Seekable(reader) => {
                reader.rewind()?;
                reader.read_to_end(&mut data)?;
                reader.rewind()?;
            }
            Body::Stream(reader) => {
                reader.read_to_end(&mut data)?;
                self.size = Some(data.len() as u64);
                *reader = Box::new(Cursor::new(data.clone()));
            }
        }
        Ok(data)
    }

    /// The input from its start, to be read once.
    pub(crate) fn into_reader(self) -> io::Result<Box<dyn BufRead>> {
        match self.body {
            Body::Seekable(mut reader) => {
                reader.rewind()?;
                Ok(Box::new(reader))
            }
            Body::Stream(reader) => Ok(reader),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_whole_after_it_was_looked_at() {
        let mut source = Input::stream(Cursor::new(b"signature and body".to_vec()));
        assert_eq!(source.peek(9).unwrap(), b"signature");
        assert_eq!(source.peek(100).unwrap(), b"signature and body");
        assert_eq!(source.whole().unwrap(), b"signature and body");
        assert_eq!(source.size, Some(18));
        let mut all = String::new();
        source.into_reader().unwrap().read_to_string(&mut all).unwrap();
        assert_eq!(all, "signature and body");
    }
}
