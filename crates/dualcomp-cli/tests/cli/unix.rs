//! Owners, permissions, links, holes and signals.

use std::fs::{self, Permissions, metadata, read_to_string, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::habits::TEXT;
use crate::{Folder, message, program};

#[test]
fn outputs_do_not_run_as_somebody_else() {
    let folder = Folder::new();
    folder.write("f", "x");
    set_permissions(folder.path("f"), Permissions::from_mode(0o6755)).unwrap();
    folder.ok("compress f");
    assert_eq!(metadata(folder.path("f.dcs")).unwrap().permissions().mode() & 0o7777, 0o755);
}

#[test]
fn outputs_have_the_owner_of_their_inputs() {
    let folder = Folder::new();
    folder.write("f", TEXT);
    set_permissions(folder.path("f"), Permissions::from_mode(0o640)).unwrap();
    if chown(folder.path("f"), Some(1234), Some(2345)).is_err() {
        return; // Only root may.
    }
    folder.ok("compress --rm f");
    folder.ok("decompress f.dcs");
    for name in ["f.dcs", "f"] {
        let found = metadata(folder.path(name)).unwrap();
        assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (1234, 2345, 0o640), "{name}");
    }
}

#[test]
fn links_in_folders_are_passed_over() {
    let folder = Folder::new();
    fs::create_dir(folder.path("logs")).unwrap();
    folder.write("logs/app.log", TEXT);
    folder.write("outside", TEXT);
    for (to, name) in [("app.log", "logs/a-link"), ("app.log", "logs/z-link"), ("../outside", "logs/b")] {
        symlink(to, folder.path(name)).unwrap();
    }
    folder.ok("compress -r --rm logs -q");
    let mut left: Vec<_> = fs::read_dir(folder.path("logs")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a-link", "app.log.dcs", "b", "z-link"]);
    // One that is named is what it names.
    folder.ok("compress logs/b");
    folder.ok("decompress logs/b.dcs -o back");
    assert_eq!(folder.read("back"), TEXT.as_bytes());
}

#[test]
fn rm_refuses_inputs_that_have_other_links() {
    let folder = Folder::new();
    folder.write("a", TEXT);
    fs::hard_link(folder.path("a"), folder.path("b")).unwrap();
    assert!(folder.fails("compress --rm a", 1).contains("dualcomp: a: has 1 other link; "));
    fs::hard_link(folder.path("a"), folder.path("c")).unwrap();
    folder.write("d", TEXT);
    // The others are worked on.
    assert!(folder.fails("compress -r --rm a d", 1).contains("dualcomp: a: has 2 other links; "));
    symlink("a", folder.path("l")).unwrap();
    assert!(folder.fails("compress --rm l", 1).contains("dualcomp: l: is a symbolic link; "));
    assert_eq!(folder.names(), ["a", "b", "c", "d.dcs", "l"]);
    // Without --rm nothing is lost, and --force means what it says.
    folder.ok("compress a");
    folder.ok("compress --rm --force l a");
    assert_eq!(folder.names(), ["a.dcs", "b", "c", "d.dcs", "l.dcs"]);
    fs::hard_link(folder.path("a.dcs"), folder.path("e.dcs")).unwrap();
    assert!(folder.fails("decompress --rm a.dcs", 1).contains("has 1 other link"));
    folder.ok("decompress --rm --force a.dcs");
    assert_eq!(folder.names(), ["a", "b", "c", "d.dcs", "e.dcs", "l.dcs"]);
}

#[test]
fn folders_that_cannot_be_read_do_not_stop_the_others() {
    let folder = Folder::new();
    for name in ["a", "b", "c"] {
        fs::create_dir_all(folder.path("in").join(name)).unwrap();
        folder.write(&format!("in/{name}/x"), TEXT);
    }
    set_permissions(folder.path("in/b"), Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(folder.path("in/b")).is_ok() {
        return; // Root reads all.
    }
    let said = folder.fails("compress -r in", 1);
    assert!(said.contains("dualcomp: in/b: Permission denied") && said.lines().count() == 1, "{said}");
    assert!(folder.path("in/a/x.dcs").exists() && folder.path("in/c/x.dcs").exists());
    folder.fails("compress --for-web in", 1);
    set_permissions(folder.path("in/b"), Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn holes_are_left_where_zeros_were() {
    let folder = Folder::new();
    folder.write("zeros", [&vec![0; 8 << 20][..], b"end", &vec![0; 1 << 20]].concat());
    folder.ok("compress zeros");
    folder.ok("decompress zeros.dcs -o back");
    assert!(folder.read("back") == folder.read("zeros"));
    assert!(metadata(folder.path("back")).unwrap().blocks() * 512 < 4 << 20);
}

/// Starts work that takes long, and waits for its temporary file.
fn busy(folder: &Folder) -> (Child, String) {
    let book: String = (0..60_000).map(|line| format!("line {line} of a book, {}\n", line * line % 977)).collect();
    folder.write("book.txt", book);
    set_permissions(folder.path("book.txt"), Permissions::from_mode(0o600)).unwrap();
    let mut child = program(&folder.path(""), "compress book.txt --level max")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..1000 {
        if let Some(name) = folder.names().into_iter().find(|name| name.starts_with(".dualcomp-")) {
            return (child, name);
        }
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    panic!("there is no temporary file: {}", child.wait().unwrap());
}

/// Whether this test was started with a signal ignored, which its children inherit: as by `nohup`.
fn is_ignored(number: u32) -> bool {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[test]
fn a_signal_leaves_no_temporary_file() {
    for (name, number) in [("TERM", 15), ("HUP", 1), ("INT", 2), ("QUIT", 3), ("XCPU", 24)] {
        if is_ignored(number as u32) {
            continue;
        }
        let folder = Folder::new();
        let (mut child, temporary) = busy(&folder);
        let mode = metadata(folder.path(&temporary)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "private until it is done");
        let pid = child.id().to_string();
        assert!(Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(number), "{name}");
        assert_eq!(folder.names(), ["book.txt"], "{name}");
    }
}

#[test]
fn a_limit_on_the_length_of_files_leaves_no_temporary_file() {
    let folder = Folder::new();
    folder.write("zeros", vec![1; 4 << 20]);
    folder.ok("compress zeros");
    let line = format!("ulimit -f 300; exec {} decompress zeros.dcs -o back", env!("CARGO_BIN_EXE_dualcomp"));
    let output = Command::new("sh").arg("-c").arg(line).current_dir(folder.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert_eq!(folder.names(), ["zeros", "zeros.dcs"]);
}
