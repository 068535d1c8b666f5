//! Holes in place of zeros.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use tempfile::NamedTempFile;

/// Runs of this many zeros are not written: file systems have blocks of 4 KiB.
const BLOCK: usize = 4096;

/// A new file, in which blocks of zeros may become holes.
pub(super) struct SparseFile {
    file: NamedTempFile,
    /// Whether holes are left at all.
    sparse: bool,
    /// Whether the file ends in a hole, and so is not as long as it will be.
    open: bool,
}

impl SparseFile {
    pub(super) fn new(file: NamedTempFile, sparse: bool) -> Self {
        Self { file, sparse, open: false }
    }

    /// The file, as long as what was written to it.
    pub(super) fn finish(mut self) -> io::Result<NamedTempFile> {
        self.close()?;
        Ok(self.file)
    }

    /// The same from its start on, to be read.
    pub(super) fn reopen(&mut self) -> io::Result<File> {
        self.close()?;
        self.file.reopen()
    }

    fn close(&mut self) -> io::Result<()> {
        if self.open {
            let length = self.file.as_file_mut().stream_position()?;
            self.file.as_file().set_len(length)?;
            self.open = false;
        }
        Ok(())
    }
}

impl Write for SparseFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let zeros: usize = match self.sparse {
            true => data.chunks(BLOCK).take_while(|block| is_hole(block)).map(<[u8]>::len).sum(),
            false => 0,
        };
        if zeros > 0 {
            self.file.as_file_mut().seek(SeekFrom::Current(zeros as i64))?;
            self.open = true;
            return Ok(zeros);
        }
        let others: usize = match self.sparse {
            true => data.chunks(BLOCK).take_while(|block| !is_hole(block)).map(<[u8]>::len).sum(),
            false => data.len(),
        };
        let written = self.file.as_file_mut().write(&data[..others])?;
        self.open &= written == 0;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

fn is_hole(block: &[u8]) -> bool {
    block.len() == BLOCK && block.iter().all(|&byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_was_written_is_there_with_and_without_holes() {
        let parts = [vec![0; 3 * BLOCK], vec![7; 100], vec![0; 2 * BLOCK], b"end".to_vec(), vec![0; BLOCK]];
        for count in 0..=parts.len() {
            for sparse in [false, true] {
                let mut file = SparseFile::new(NamedTempFile::new().unwrap(), sparse);
                file.write_all(&parts[..count].concat()).unwrap();
                let mut whole = Vec::new();
                file.reopen().unwrap().read_to_end(&mut whole).unwrap();
                assert!(whole == parts[..count].concat(), "{count} {sparse}");
                let file = file.finish().unwrap();
                assert!(std::fs::read(file.path()).unwrap() == whole, "{count} {sparse}");
            }
        }
    }
}
