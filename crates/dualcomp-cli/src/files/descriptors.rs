//! Names of what a program has open, such as `/dev/stdout`: links that are to be written through, never replaced.

use std::fs;
use std::path::{Path, PathBuf};

use super::links::folder_of;
use crate::terminal::is_standard;

/// Links that are followed, as many as by Linux.
const MAX_LINKS: usize = 40;

/// Folders of the descriptors of this program, where the system has them.
const OWN: [&str; 2] = ["/dev/fd", "/proc/self/fd"];

/// Whether a path stands for standard output, or leads there.
pub(crate) fn is_stdout(path: &Path) -> bool {
    is_standard(path)
        || descriptor(path).is_some_and(|found| {
            let folder = folder_of(&found);
            found.ends_with("1") && OWN.iter().any(|own| fs::canonicalize(own).is_ok_and(|own| own == folder))
        })
}

/// Whether a path leads to a descriptor, of this program or of another.
pub(crate) fn is_descriptor(path: &Path) -> bool {
    descriptor(path).is_some()
}

/// The descriptor that a path leads to. Behind it may be a regular file, which the path alone does not tell.
fn descriptor(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let folder = fs::canonicalize(folder_of(&path)).ok()?;
        let here = folder.join(path.file_name()?);
        if folder == Path::new("/dev/fd") || folder.starts_with("/proc") && folder.ends_with("fd") {
            return Some(here);
        }
        path = folder.join(fs::read_link(here).ok()?);
    }
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_lead_to_descriptors() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (to, name) in [("/proc/self/fd/1", "one"), ("one", "two"), ("/proc/self/fd/2", "error"), ("loop", "loop")] {
            symlink(to, path(name)).unwrap();
        }
        fs::write(path("file"), "").unwrap();
        symlink("file", path("to-file")).unwrap();
        for (name, expected) in [
            ("one", [true, true]),
            ("two", [true, true]),
            ("error", [false, true]),
            ("loop", [false; 2]),
            ("file", [false; 2]),
            ("to-file", [false; 2]),
            ("none", [false; 2]),
        ] {
            assert_eq!([is_stdout(&path(name)), is_descriptor(&path(name))], expected, "{name}");
        }
        assert!(is_stdout(Path::new("-")) && is_stdout(Path::new("/proc/self/fd/1")));
        assert!(is_descriptor(Path::new("/proc/self/fd/77")) && !is_stdout(Path::new("/proc/self/fd/11")));
    }
}
