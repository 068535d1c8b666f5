//! Inputs that change while they are worked on.
#![cfg(unix)]

use std::fs;
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::{Folder, message, program};

/// Runs the program, and `change` as soon as it has read its input and begun its output.
fn changed_meanwhile(folder: &Folder, arguments: &str, change: impl FnOnce()) -> Output {
    let child = program(&folder.path(""), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = || folder.names().iter().any(|name| name.starts_with(".dualcomp-"));
    for _ in 0..10_000 {
        if begun() {
            break;
        }
        sleep(Duration::from_millis(1));
    }
    assert!(begun(), "there was nothing to change");
    change();
    child.wait_with_output().unwrap()
}

/// Enough that coding takes far longer than to write a file.
fn picture(width: u32) -> Vec<u8> {
    let samples = (0..width * width).map(|at| (at.wrapping_mul(2_654_435_761) >> 23) as u8);
    [format!("P5\n{width} {width}\n255\n").into_bytes(), samples.collect()].concat()
}

#[test]
fn an_image_that_was_written_to_meanwhile_is_not_removed() {
    let folder = Folder::new();
    folder.write("a.pgm", picture(512));
    let output = changed_meanwhile(&folder, "compress --rm a.pgm", || folder.write("a.pgm", "new work"));
    assert_eq!(output.status.code(), Some(1));
    assert!(message(&output).contains("a.pgm: does not come back"), "{}", message(&output));
    assert_eq!((folder.names(), folder.read("a.pgm")), (vec!["a.pgm".to_owned()], b"new work".to_vec()));
    // Another file of the name.
    folder.write("a.pgm", picture(512));
    let output = changed_meanwhile(&folder, "compress --rm a.pgm", || {
        fs::rename(folder.path("a.pgm"), folder.path("old.pgm")).unwrap();
        folder.write("a.pgm", picture(500));
    });
    assert_eq!(output.status.code(), Some(1));
    assert!(folder.names() == ["a.pgm", "old.pgm"] && folder.read("a.pgm") == picture(500));
}

#[test]
fn another_file_of_the_name_is_not_removed() {
    let folder = Folder::new();
    folder.write("a.pgm", picture(512));
    folder.ok("compress a.pgm -o a.dci");
    fs::remove_file(folder.path("a.pgm")).unwrap();
    for force in ["", "--force"] {
        let output = changed_meanwhile(&folder, &format!("decompress --rm {force} a.dci"), || {
            fs::rename(folder.path("a.dci"), folder.path("old.dci")).unwrap();
            folder.write("a.dci", "another");
        });
        assert_eq!(output.status.code(), Some(1));
        assert!(message(&output).contains("was moved or written to meanwhile"), "{}", message(&output));
        assert!(folder.names() == ["a.dci", "a.png", "old.dci"] && folder.read("a.dci") == b"another");
        fs::rename(folder.path("old.dci"), folder.path("a.dci")).unwrap();
    }
    fs::remove_file(folder.path("a.png")).unwrap();
    // A link leads to the file that was read.
    fs::rename(folder.path("a.dci"), folder.path("old.dci")).unwrap();
    std::os::unix::fs::symlink("old.dci", folder.path("a.dci")).unwrap();
    folder.ok("decompress --rm --force a.dci");
    assert_eq!(folder.names(), ["a.png", "old.dci"]);
}
