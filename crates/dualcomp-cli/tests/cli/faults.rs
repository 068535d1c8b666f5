//! What is left when the program is killed or cannot write.
#![cfg(unix)]

use std::fs::OpenOptions;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::{Folder, message, program};

/// Enough that compressing takes far longer than the delays below.
fn book() -> String {
    (0..60_000).map(|line| format!("line {line} of a book, {}\n", line * line % 977)).collect()
}

/// Names of files but those of unfinished outputs.
fn finished(folder: &Folder) -> Vec<String> {
    folder.names().into_iter().filter(|name| !name.starts_with(".dualcomp-")).collect()
}

#[test]
fn a_killed_program_leaves_no_half_written_file() {
    let folder = Folder::new();
    folder.write("book.txt", book());
    // Large once decoded, so that decoding is killed while it writes.
    folder.write("zeros", vec![0; 300 << 20]);
    folder.ok("compress zeros");
    std::fs::remove_file(folder.path("zeros")).unwrap();
    folder.write("old.dcs", "what was there");
    let mut kills = 0;
    for milliseconds in [0, 3, 10, 30, 60, 100, 200, 400] {
        for arguments in ["compress book.txt", "compress --force book.txt -o old.dcs", "decompress zeros.dcs -o zeros"]
        {
            let mut child =
                program(&folder.path(""), arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            sleep(Duration::from_millis(milliseconds));
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                // Only decoding can be that quick.
                assert_eq!(folder.read("zeros").len(), 300 << 20);
                std::fs::remove_file(folder.path("zeros")).unwrap();
                continue;
            }
            kills += 1;
            assert_eq!(finished(&folder), ["book.txt", "old.dcs", "zeros.dcs"], "{arguments}");
            assert_eq!(folder.read("old.dcs"), b"what was there");
        }
    }
    println!("{kills} times killed: no half-written file");
    assert!(kills >= 16);
}

/// A file system that takes no more looks like a limit on the length of files to a program that ignores its signal.
#[test]
fn a_full_disk_leaves_no_file() {
    let folder = Folder::new();
    // Does not compress: the output is as long.
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..500_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    folder.write("noise", &noise);
    folder.ok("compress noise");
    folder.ok("compress noise -o other.dcs");
    std::fs::remove_file(folder.path("noise")).unwrap();
    folder.write("again", &noise);
    let before = folder.names();
    for arguments in ["compress again", "compress --force again -o other.dcs", "decompress noise.dcs"] {
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("trap '' XFSZ; ulimit -f 300; exec {} {arguments}", env!("CARGO_BIN_EXE_dualcomp")))
            .current_dir(folder.path(""))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", message(&output));
        assert_eq!(message(&output).lines().count(), 1, "{}", message(&output));
        assert_eq!(folder.names(), before, "{arguments}");
    }
    folder.ok("decompress other.dcs -o whole");
    assert_eq!(folder.read("whole"), noise);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    let folder = Folder::new();
    folder.write("zeros", vec![0; 4 << 20]);
    folder.ok("compress zeros");
    for arguments in ["compress zeros -o -", "decompress zeros.dcs -o -", "compress zeros -o /dev/full"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = program(&folder.path(""), arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments}");
        assert!(message(&output).contains("No space left"), "{arguments}: {}", message(&output));
    }
    for arguments in ["--help", "compress --help", "-h", "--version", "man"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = program(&folder.path(""), arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments}");
    }
}
