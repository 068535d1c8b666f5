//! Outputs: standard output, or a file that appears whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::batch::{Failure, context, is_standard};
use crate::interrupt;

/// How much is written at a time.
const BUFFER: usize = 1 << 17;

/// Where the results of a command go, as the user said it.
pub(crate) enum Destination {
    /// Next to each input, or to standard output for standard input.
    Beside,
    Stdout,
    Folder(PathBuf),
    File(PathBuf),
}

impl Destination {
    /// Reads the `--output` option.
    ///
    /// # Errors
    /// Says in words why `output` cannot take the results of that many inputs.
    pub(crate) fn new(output: Option<&Path>, inputs: usize) -> Result<Self, String> {
        match output {
            None => Ok(Self::Beside),
            Some(path) if path.is_dir() => Ok(Self::Folder(path.to_owned())),
            Some(_) if inputs > 1 => Err("with several inputs --output must be a folder".to_owned()),
            Some(path) if is_standard(path) => Ok(Self::Stdout),
            Some(path) => Ok(Self::File(path.to_owned())),
        }
    }

    /// The output path for `input`, or none for standard output; `rename` makes a file name from
    /// the input's where the user gave no name.
    pub(crate) fn path(
        &self,
        input: &Path,
        rename: impl FnOnce(&OsStr) -> Result<OsString, Failure>,
    ) -> Result<Option<PathBuf>, Failure> {
        let renamed = |input: &Path| match input.file_name() {
            Some(name) if !is_standard(input) => rename(name),
            _ => Err(Failure::Message("has no name: give a file to --output".to_owned())),
        };
        Ok(match self {
            Self::Stdout => None,
            Self::Beside if is_standard(input) => None,
            Self::Beside => Some(input.with_file_name(renamed(input)?)),
            Self::Folder(folder) => Some(folder.join(renamed(input)?)),
            Self::File(path) => Some(path.clone()),
        })
    }
}

/// One output being written. Dropped without [`commit`](Self::commit), a file leaves no trace.
pub(crate) struct Output {
    sink: Sink,
    written: u64,
}

enum Sink {
    Stdout(BufWriter<io::Stdout>),
    /// Something that exists and is no regular file, such as `/dev/null` or a named pipe.
    Device(BufWriter<File>),
    File {
        writer: BufWriter<NamedTempFile>,
        path: PathBuf,
        force: bool,
    },
}

impl Output {
    /// Opens `path`, or standard output where there is none.
    ///
    /// # Errors
    /// Without `force`: when the file exists, or when `binary` data would go to a terminal.
    pub(crate) fn create(path: Option<&Path>, force: bool, binary: bool) -> Result<Self, Failure> {
        let sink = match path {
            None => {
                if binary && !force && io::stdout().is_terminal() {
                    return Err(Failure::Message(
                        "binary data is not written to a terminal without --force".to_owned(),
                    ));
                }
                Sink::Stdout(BufWriter::with_capacity(BUFFER, io::stdout()))
            }
            Some(path) => Self::open(path, force)?,
        };
        Ok(Self { sink, written: 0 })
    }

    fn open(path: &Path, force: bool) -> Result<Sink, Failure> {
        let cannot = || context(format!("cannot create {}", path.display()));
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(cannot())?;
                return Ok(Sink::Device(BufWriter::with_capacity(BUFFER, device)));
            }
            Ok(_) if !force => return Err(exists(path)),
            _ => {}
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".dualcomp-");
        // The usual permissions of a new file, not the private ones of a temporary.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(cannot())?;
        interrupt::guard(file.path());
        Ok(Sink::File { writer: BufWriter::with_capacity(BUFFER, file), path: path.to_owned(), force })
    }

    /// Finishes the output: all is written and, for a file, moved to its name. Returns its length.
    pub(crate) fn commit(self, permissions: Option<Permissions>) -> Result<u64, Failure> {
        match self.sink {
            Sink::Stdout(mut writer) => writer.flush()?,
            Sink::Device(mut writer) => writer.flush()?,
            Sink::File { writer, path, force } => {
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
                if let Some(permissions) = permissions {
                    file.as_file().set_permissions(permissions)?;
                }
                let moved = if force { file.persist(&path).map(drop) } else { file.persist_noclobber(&path).map(drop) };
                interrupt::release();
                moved.map_err(|error| match error.error.kind() {
                    io::ErrorKind::AlreadyExists => exists(&path),
                    _ => context(format!("cannot create {}", path.display()))(error.error),
                })?;
            }
        }
        Ok(self.written)
    }
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
    Failure::Message(format!("{} exists; --force overwrites it", path.display()))
}
