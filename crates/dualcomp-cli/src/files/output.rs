//! Outputs: standard output, or a file that appears whole or not at all.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, PersistError};

use super::descriptors::is_descriptor;
use super::input::Attributes;
use super::links::folder_of;
use super::needed::needed;
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
    /// What errors call it.
    name: String,
    manner: Manner,
    written: u64,
}

enum Sink {
    Stdout(BufWriter<io::Stdout>),
    /// Something that exists and is written to as it is, such as `/dev/null`, a named pipe or a descriptor.
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
        let name = path.map_or("standard output".to_owned(), shown);
        Ok(Self { sink, name, manner, written: 0 })
    }

    fn open(path: &Path, manner: Manner, private: bool) -> Result<Sink, Failure> {
        let cannot = || context(format!("cannot create {}", shown(path)));
        if let Some(what) = needed(path) {
            return Err(Failure::Message(format!("{} is the {what}, and is not overwritten", shown(path))));
        }
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(Failure::Message(format!("{} is a folder", shown(path)))),
            Ok(found) if !found.is_file() || is_descriptor(path) => {
                // What a file has that a descriptor leads to may be the user's.
                let device = OpenOptions::new().write(true).append(found.is_file()).open(path).map_err(cannot())?;
                return Ok(Sink::Device(BufWriter::with_capacity(BUFFER, device)));
            }
            Ok(_) if !manner.force => return Err(exists(path)),
            _ => {}
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(signals::PREFIX);
        // Private, or with the usual permissions of a new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(if private { 0o600 } else { 0o666 }));
        #[cfg(not(unix))]
        let _ = private;
        // The error would name the temporary file, which the user does not know.
        let file = builder.tempfile_in(folder_of(path)).map_err(|error| cannot()(plain(&error)))?;
        signals::guard(file.path());
        let writer = BufWriter::with_capacity(BUFFER, SparseFile::new(file, manner.sparse));
        Ok(Sink::File { writer, path: path.to_owned() })
    }

    /// All that was written so far, to be read; none if the output is no file.
    pub(crate) fn reopen(&mut self) -> Result<Option<File>, Failure> {
        match &mut self.sink {
            Sink::Stdout(_) | Sink::Device(_) => Ok(None),
            Sink::File { writer, path } => {
                writer.flush().map_err(|error| cannot_write(&self.name, &error))?;
                let reopened = writer.get_mut().reopen();
                reopened.map(Some).map_err(|error| context(format!("cannot read {}", shown(path)))(plain(&error)))
            }
        }
    }

    /// Finishes the output: all is written and, for a file, moved to its name. Returns its length.
    pub(crate) fn commit(self, attributes: Option<&Attributes>) -> Result<u64, Failure> {
        let cannot = |error| cannot_write(&self.name, &error);
        match self.sink {
            Sink::Stdout(mut writer) => writer.flush().map_err(cannot)?,
            Sink::Device(mut writer) => writer.flush().map_err(cannot)?,
            Sink::File { writer, path } => {
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error);
                let file = file.and_then(SparseFile::finish).map_err(cannot)?;
                if let Some(attributes) = attributes {
                    give(file.as_file(), attributes);
                }
                if self.manner.sync {
                    file.as_file().sync_all().map_err(cannot)?;
                }
                let temporary = file.path().to_owned();
                // A link is replaced and not followed, as by gzip, xz and zstd: whoever may make one in this folder could
                // else choose what is overwritten.
                let moved = match self.manner.force {
                    true => file.persist(&path).map(drop),
                    false => name_anew(file, &path),
                };
                signals::release(&temporary);
                moved.map_err(|error| match error.error.kind() {
                    io::ErrorKind::AlreadyExists => exists(&path),
                    _ => context(format!("cannot create {}", shown(&path)))(plain(&error.error)),
                })?;
                if self.manner.sync {
                    sync_folder(&path).map_err(cannot)?;
                }
            }
        }
        Ok(self.written)
    }
}

/// Owner and group where the user may give them, permissions, but not the right to run as somebody else, and the times.
fn give(file: &File, attributes: &Attributes) {
    let permissions = attributes.permissions.clone();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::{PermissionsExt, fchown};
        let [user, group] = attributes.owner;
        // Few users may give a file away: then it is theirs.
        let _ = fchown(file, Some(user), None);
        let mode = match fchown(file, None, Some(group)) {
            Ok(()) => permissions.mode() & 0o777,
            Err(_) => for_another_group(permissions.mode()),
        };
        fs::Permissions::from_mode(mode)
    };
    // File systems that have no permissions or times refuse them; then the file stays as private as it was made.
    let _ = file.set_permissions(permissions);
    if let Some(modified) = attributes.modified {
        let mut times = FileTimes::new().set_modified(modified);
        if let Some(accessed) = attributes.accessed {
            times = times.set_accessed(accessed);
        }
        let _ = file.set_times(times);
    }
}

/// Permissions of a file that is of another group now: of that, and of all others, no more than both had.
#[cfg(unix)]
fn for_another_group(mode: u32) -> u32 {
    let both = mode >> 3 & mode & 0o007;
    mode & 0o700 | both << 3 | both
}

/// Moves a file to a name that nothing has.
fn name_anew(file: NamedTempFile, path: &Path) -> Result<(), PersistError> {
    match file.persist_noclobber(path) {
        // Some file systems can do so in one step by no means; between two, somebody else can take the name.
        Err(PersistError { error, file }) if error.kind() != io::ErrorKind::AlreadyExists => {
            match fs::symlink_metadata(path) {
                Err(found) if found.kind() == io::ErrorKind::NotFound => file.persist(path).map(drop),
                _ => Err(PersistError { error, file }),
            }
        }
        named => named.map(drop),
    }
}

/// Makes the new name last, where folders can be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = match &mut self.sink {
            Sink::Stdout(writer) => writer.write(data),
            Sink::Device(writer) => writer.write(data),
            Sink::File { writer, .. } => writer.write(data),
        };
        let count = written.map_err(|error| cannot_write(&self.name, &error))?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = match &mut self.sink {
            Sink::Stdout(writer) => writer.flush(),
            Sink::Device(writer) => writer.flush(),
            Sink::File { writer, .. } => writer.flush(),
        };
        flushed.map_err(|error| cannot_write(&self.name, &error))
    }
}

fn exists(path: &Path) -> Failure {
    Failure::Message(format!("{} exists; --force overwrites it", shown(path)))
}

/// An error of writing, which names what was written. A pipe that nobody reads stays what it is.
fn cannot_write(name: &str, error: &io::Error) -> io::Error {
    match error.kind() {
        kind @ (io::ErrorKind::BrokenPipe | io::ErrorKind::Interrupted) => kind.into(),
        kind => io::Error::new(kind, format!("cannot write {name}: {error}")),
    }
}

/// An error without what a library added to it.
fn plain(error: &io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    match inner.unwrap_or(error).raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        // The name is new: what is not found is its folder.
        None if error.kind() == io::ErrorKind::NotFound => io::Error::other("there is no such folder"),
        None => error.kind().into(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn another_group_gets_no_more_than_all_have() {
        for (mode, given) in [(0o640, 0o600), (0o644, 0o644), (0o664, 0o644), (0o604, 0o600), (0o777, 0o777)] {
            assert_eq!(for_another_group(mode), given, "{mode:o}");
        }
    }
}
