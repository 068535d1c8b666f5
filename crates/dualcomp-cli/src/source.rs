//! Inputs: files and standard input, looked at before they are read.

use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use crate::batch::is_standard;

/// How much is read at a time.
const BUFFER: usize = 1 << 17;

/// An input that can be read from its start more than once.
pub(crate) trait Rewind: BufRead + Seek {}

impl<T: BufRead + Seek> Rewind for T {}

/// One open input.
pub(crate) struct Source {
    body: Body,
    /// Length in bytes, where it is known before reading.
    pub(crate) size: Option<u64>,
    /// Permissions of the file, for its output to have the same.
    pub(crate) permissions: Option<Permissions>,
}

enum Body {
    Seekable(Box<dyn Rewind>),
    Stream(Box<dyn BufRead>),
}

impl Source {
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
            body: Body::Seekable(Box::new(reader)),
            size: Some(metadata.len()),
            permissions: Some(metadata.permissions()),
        })
    }

    fn stream(reader: impl BufRead + 'static) -> Self {
        Self { body: Body::Stream(Box::new(reader)), size: None, permissions: None }
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

    /// The input from its start, seekable: a stream is read into memory for that.
    pub(crate) fn rewind(&mut self) -> io::Result<&mut dyn Rewind> {
        if let Body::Stream(reader) = &mut self.body {
            let mut data = Vec::new();
            reader.read_to_end(&mut data)?;
            self.size = Some(data.len() as u64);
            self.body = Body::Seekable(Box::new(Cursor::new(data)));
        }
        match &mut self.body {
            Body::Seekable(reader) => {
                reader.rewind()?;
                Ok(reader)
            }
            // Replaced just above.
            Body::Stream(_) => Err(io::ErrorKind::NotSeekable.into()),
        }
    }

    /// The input from its start, to be read once.
    pub(crate) fn into_reader(self) -> io::Result<Box<dyn BufRead>> {
        match self.body {
            Body::Seekable(mut reader) => {
                reader.rewind()?;
                Ok(reader)
            }
            Body::Stream(reader) => Ok(reader),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_whole_after_a_peek_and_after_a_rewind() {
        let mut source = Source::stream(Cursor::new(b"signature and body".to_vec()));
        assert_eq!(source.peek(9).unwrap(), b"signature");
        assert_eq!(source.peek(100).unwrap(), b"signature and body");
        let mut all = String::new();
        source.rewind().unwrap().read_to_string(&mut all).unwrap();
        assert_eq!(all, "signature and body");
        assert_eq!(source.size, Some(18));
        all.clear();
        source.into_reader().unwrap().read_to_string(&mut all).unwrap();
        assert_eq!(all, "signature and body");
    }
}
