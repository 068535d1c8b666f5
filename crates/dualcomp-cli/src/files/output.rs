//! Outputs: standard output, or a file that appears whole or not at all.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::input::Attributes;
use super::signals;
use super::sparse::SparseFile;
use crate::terminal::{Failure, context, shown};

/// How much is written at a time.
const BUFFER: usize = 1 << 17;

/// How an output is to be made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Overwrite files, and write to a terminal.
    pub(crate) force: bool,
    /// Leave holes where there would be zeros.
    pub(crate) sparse: bool,
    /// Have the file on the disk before it gets its name.
    pub(crate) sync: bool,
}

/// One output being written. Dropped without [`commit`](Self::commit), a file leaves no trace.
pub(crate) struct Output {
    sink: Sink,
    manner: Manner,
    written: u64,
}

enum Sink {
    Stdout(BufWriter<io::Stdout>),
    /// Something that exists and is no regular file, such as `/dev/null` or a named pipe.
    Device(BufWriter<File>),
    File {
        writer: BufWriter<SparseFile>,
        path: PathBuf,
    },
}

impl Output {
    /// Opens `path`, or standard output where there is none. A file that will have the attributes of another is private
    /// until it has them.
    ///
    /// # Errors
    /// Unless forced: when the file exists, or when `binary` data would go to a terminal.
    pub(crate) fn create(path: Option<&Path>, manner: Manner, binary: bool, private: bool) -> Result<Self, Failure> {
        let sink = match path {
            None => {
                if binary && !manner.force && io::stdout().is_terminal() {
                    return Err(Failure::Message(
                        "binary data is not written to a terminal without --force".to_owned(),
                    ));
                }
                Sink::Stdout(BufWriter::with_capacity(BUFFER, io::stdout()))
            }
            Some(path) => Self::open(path, manner, private)?,
        };
        Ok(Self { sink, manner, written: 0 })
    }

    fn open(path: &Path, manner: Manner, private: bool) -> Result<Sink, Failure> {
        let cannot = || context(format!("cannot create {}", shown(path)));
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(Failure::Message(format!("{} is a folder", shown(path)))),
            Ok(found) if !found.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(cannot())?;
                return Ok(Sink::Device(BufWriter::with_capacity(BUFFER, device)));
            }
            Ok(_) if !manner.force => return Err(exists(path)),
            _ => {}
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(signals::PREFIX);
        // Private, or with the usual permissions of a new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(if private { 0o600 } else { 0o666 }));
        #[cfg(not(unix))]
        let _ = private;
        // The error would name the temporary file, which the user does not know.
        let file = builder.tempfile_in(folder).map_err(|error| cannot()(plain(&error)))?;
        signals::guard(file.path());
        let writer = BufWriter::with_capacity(BUFFER, SparseFile::new(file, manner.sparse));
        Ok(Sink::File { writer, path: path.to_owned() })
    }

    /// Finishes the output: all is written and, for a file, moved to its name. Returns its length.
    pub(crate) fn commit(self, attributes: Option<&Attributes>) -> Result<u64, Failure> {
        match self.sink {
            Sink::Stdout(mut writer) => writer.flush()?,
            Sink::Device(mut writer) => writer.flush()?,
            Sink::File { writer, path } => {
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
                if let Some(attributes) = attributes {
                    give(file.as_file(), attributes)?;
                }
                if self.manner.sync {
                    file.as_file().sync_all()?;
                }
                let temporary = file.path().to_owned();
                let moved = match self.manner.force {
                    true => file.persist(&path).map(drop),
                    false => file.persist_noclobber(&path).map(drop),
                };
                signals::release(&temporary);
                moved.map_err(|error| match error.error.kind() {
                    io::ErrorKind::AlreadyExists => exists(&path),
                    _ => context(format!("cannot create {}", shown(&path)))(plain(&error.error)),
                })?;
                if self.manner.sync {
                    sync_folder(&path)?;
                }
            }
        }
        Ok(self.written)
    }
}

/// Permissions, but not the right to run as somebody else, and the times.
fn give(file: &File, attributes: &Attributes) -> io::Result<()> {
    let permissions = attributes.permissions.clone();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        fs::Permissions::from_mode(permissions.mode() & 0o777)
    };
    file.set_permissions(permissions)?;
    if let Some(modified) = attributes.modified {
        let mut times = FileTimes::new().set_modified(modified);
        if let Some(accessed) = attributes.accessed {
            times = times.set_accessed(accessed);
        }
        file.set_times(times)?;
    }
    Ok(())
}

/// Makes the new name last, where folders can be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let count = match &mut self.sink {
            Sink::Stdout(writer) => writer.write(data),
            Sink::Device(writer) => writer.write(data),
            Sink::File { writer, .. } => writer.write(data),
        }?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stdout(writer) => writer.flush(),
            Sink::Device(writer) => writer.flush(),
            Sink::File { writer, .. } => writer.flush(),
        }
    }
}

fn exists(path: &Path) -> Failure {
    Failure::Message(format!("{} exists; --force overwrites it", shown(path)))
}

/// An error without what a library added to it.
fn plain(error: &io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    match inner.unwrap_or(error).raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}
