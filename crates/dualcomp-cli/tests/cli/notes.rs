//! What is said of files that are passed over or not wholly kept, and how.

use std::fs;

use crate::habits::TEXT;
use crate::png_chunks::{data, file, header};
use crate::{Folder, message};

#[test]
fn files_that_are_compressed_already_are_passed_over_with_a_note() {
    let folder = Folder::new();
    fs::create_dir(folder.path("in")).unwrap();
    folder.write("in/a.txt", TEXT);
    folder.ok("compress -1 in/a.txt");
    for arguments in ["-r in -o out/", "-rc in"] {
        let output = folder.run(&format!("-1 {arguments}"));
        let said = message(&output);
        assert!(output.status.success(), "{arguments}: {said}");
        assert!(said.contains("in/a.txt.dcs: note: passed over: is compressed already"), "{arguments}: {said}");
        assert!(folder.run(&format!("-1fq {arguments}")).stderr.is_empty(), "{arguments}");
    }
}

#[cfg(unix)]
#[test]
fn links_and_pipes_in_folders_are_passed_over_with_a_note() {
    let folder = Folder::new();
    fs::create_dir(folder.path("in")).unwrap();
    folder.write("in/a.txt", TEXT);
    std::os::unix::fs::symlink("a.txt", folder.path("in/link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.path("in/pipe")).status().unwrap().success());
    for command in ["compress -1 -o out/", "decompress", "test"] {
        let said = message(&folder.run(&format!("{command} -r in")));
        assert!(said.contains("in/link: note: passed over: is a symbolic link"), "{command}: {said}");
        assert!(said.contains("in/pipe: note: passed over: is no regular file"), "{command}: {said}");
        assert!(folder.run(&format!("{command} -f -q -r in").replace("test -f", "test")).stderr.is_empty());
    }
}

#[test]
fn a_png_file_that_goes_for_its_pixels_is_named() {
    let folder = Folder::new();
    folder.write("a.png", file(&[(b"IHDR", &header(1, 8, 0)), (b"IDAT", &data(&[7]))]));
    let said = |arguments: &str| message(&folder.run(arguments));
    let note = "note: pixels only: the file itself is not kept (--exact keeps it)";
    assert!(!said("compress -f a.png").contains(note));
    assert!(said("compress -f -v a.png").contains(note));
    assert!(!said("compress -f -v --pixels a.png").contains(note));
    assert!(said("compress -f --rm a.png").contains(note));
    assert_eq!(folder.names(), ["a.dci"]);
}

#[test]
fn spaces_of_a_name_stay_in_messages() {
    let folder = Folder::new();
    folder.write("a  b.txt", TEXT);
    folder.write("a  b.txt.dcs", "precious");
    let output = crate::program(&folder.path(""), "-1").arg("a  b.txt").output().unwrap();
    assert!(message(&output).contains("a  b.txt: a  b.txt.dcs exists"), "{}", message(&output));
}

#[test]
fn digits_that_stand_together_are_no_level() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    for arguments in ["-22 a.txt", "compress -12 a.txt", "-k19 a.txt"] {
        let said = folder.fails(arguments, 2);
        assert!(said.contains("there is no level") && said.contains("-1 to -9") && said.contains("--level"), "{said}");
    }
    folder.ok("compress -1 -T12 -t10 a.txt -f");
}

#[test]
fn an_image_that_something_follows_is_not_listed() {
    let folder = Folder::new();
    folder.write("a.pgm", b"P5 2 1 255 ab");
    folder.write("b.txt", TEXT);
    folder.ok("compress -1 a.pgm b.txt");
    let (image, bytes) = (folder.read("a.dci"), folder.read("b.txt.dcs"));
    folder.write("both", [&image[..], &bytes].concat());
    folder.write("texts", [&bytes[..], &bytes].concat());
    for command in ["list", "inspect", "test", "-dc"] {
        folder.fails(&format!("{command} both"), 1);
        folder.ok(&format!("{command} texts"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_drawn_into_what_goes_to_a_terminal() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    folder.ok("compress -1 a.txt");
    let on_terminal = |arguments: &str| {
        let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_dualcomp"));
        let mut script = std::process::Command::new("script");
        let output = script.args(["-qc", &line, "/dev/null"]).current_dir(folder.path("")).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Ok(printed) = on_terminal("-dc a.txt.dcs") else { return };
    assert_eq!(printed.trim_end(), TEXT.trim_end());
    assert!(on_terminal("-dcv a.txt.dcs").unwrap().contains("MB/s, standard output"));
    assert!(on_terminal("-df a.txt.dcs").unwrap().contains("MB/s, a.txt"));
}
