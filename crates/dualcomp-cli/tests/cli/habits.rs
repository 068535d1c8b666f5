//! What users of gzip, xz and zstd expect, and what careful tools do with files.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::{Folder, message};

pub(crate) const TEXT: &str = "To be, or not to be, that is the question: whether 'tis nobler in the mind.\n";

#[test]
fn files_are_compressed_and_decompressed_without_a_command() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    folder.write("-b", TEXT);
    folder.ok("-9k a.txt");
    folder.ok("-1 -q -- -b");
    fs::remove_file(folder.path("a.txt")).unwrap();
    folder.ok("-d a.txt.dcs -T1");
    assert_eq!(folder.read("a.txt"), TEXT.as_bytes());
    folder.ok("-t a.txt.dcs ./-b.dcs");
    assert_eq!(folder.ok("-dc a.txt.dcs"), TEXT.as_bytes());
    let coded = folder.run_with("-c", TEXT.as_bytes()).stdout;
    assert_eq!(folder.run_with("-d", &coded).stdout, TEXT.as_bytes());
    for arguments in ["compress", "", "-q", "-6", "-T1"] {
        assert_eq!(folder.run_with(arguments, TEXT.as_bytes()).stdout, coded, "{arguments}");
    }
    assert_eq!(folder.run_with("decompress", &coded).stdout, TEXT.as_bytes());
    assert!(folder.run_with("test", &coded).status.success());
    let listed = String::from_utf8(folder.ok("-l a.txt.dcs -- -b.dcs")).unwrap();
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.contains("bytes") && listed.contains("a.txt.dcs"), "{listed}");
    fs::remove_file(folder.path("a.txt")).unwrap();
    for arguments in ["-dt a.txt.dcs", "-td a.txt.dcs", "-lt a.txt.dcs", "-zt a.txt.dcs"] {
        assert!(folder.ok(arguments).is_empty());
    }
    assert!(!folder.path("a.txt").exists());
    for arguments in ["-dl a.txt.dcs", "-ld a.txt.dcs", "-tl a.txt.dcs", "-zl a.txt.dcs"] {
        assert!(String::from_utf8(folder.ok(arguments)).unwrap().contains("a.txt.dcs"), "{arguments}");
    }
    assert_eq!(folder.run_with("-zd", &coded).stdout, TEXT.as_bytes());
    assert_eq!(folder.run_with("-dz", TEXT.as_bytes()).stdout, coded);
}

#[test]
fn a_command_behind_its_options_is_no_file() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    assert!(folder.fails("-q compress a.txt", 2).contains("goes in front"));
    folder.write("compress", TEXT);
    folder.ok("-q compress a.txt");
    assert_eq!(folder.names(), ["a.txt", "a.txt.dcs", "compress", "compress.dcs"]);
}

#[test]
fn rm_removes_inputs_whose_outputs_are_complete() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    folder.ok("compress --rm a.txt");
    assert_eq!(folder.names(), ["a.txt.dcs"]);
    folder.write("bad.dcs", "nothing");
    folder.fails("decompress --rm a.txt.dcs bad.dcs", 1);
    assert_eq!(folder.names(), ["a.txt", "bad.dcs"]);
    folder.fails("compress --rm -c a.txt", 2);
}

#[test]
fn rm_keeps_inputs_that_do_not_come_back() {
    // Says something else whenever it is read, and so never what was compressed.
    let input = "/proc/sys/kernel/random/uuid";
    if !std::path::Path::new(input).exists() {
        return;
    }
    let folder = Folder::new();
    folder.write("old.dcs", "what was there");
    for arguments in ["-o new.dcs", "-f -o old.dcs"] {
        let said = folder.fails(&format!("compress --rm {input} {arguments}"), 1);
        assert!(said.contains("does not come back") && said.contains("Please report"), "{said}");
        assert!(folder.names() == ["old.dcs"] && folder.read("old.dcs") == b"what was there");
    }
    folder.ok(&format!("compress {input} -o new.dcs"));
}

#[test]
fn rm_removes_images_too() {
    let folder = Folder::new();
    folder.write("a.pgm", [&b"P5\n64 64\n255\n"[..], &[7; 4096]].concat());
    folder.ok("compress a.pgm");
    folder.ok("decompress a.dci -o b.png");
    folder.ok("decompress a.dci -o c.tiff");
    folder.ok("compress -f --rm a.pgm b.png c.tiff");
    assert_eq!(folder.names(), ["a.dci", "b.dci", "c.dci"]);
    folder.ok("test a.dci b.dci c.dci");
}

#[test]
fn folders_are_walked_and_made() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("in/deep")).unwrap();
    folder.write("in/a.txt", TEXT);
    folder.write("in/deep/b.txt", TEXT);
    folder.fails("compress in", 1);
    folder.ok("compress -r in -o out/new/");
    folder.ok("compress -r in");
    // What is compressed already is passed over.
    folder.ok("compress -r in/deep -f -q");
    folder.ok("test -r out");
    folder.ok("decompress -r out/new -o back/");
    assert_eq!(folder.read("back/deep/b.txt"), TEXT.as_bytes());
    assert_eq!(folder.read("back/a.txt"), TEXT.as_bytes());
    assert!(folder.path("in/deep/b.txt.dcs").exists());
}

#[test]
fn what_is_compressed_is_not_compressed_again_without_a_word() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    folder.ok("compress a.txt");
    assert!(folder.fails("compress a.txt.dcs", 1).contains("compressed already"));
    folder.ok("compress --force a.txt.dcs");
    folder.ok("decompress --force a.txt.dcs.dcs");
    folder.ok("decompress --force a.txt.dcs");
    assert_eq!(folder.read("a.txt"), TEXT.as_bytes());
}

#[test]
fn two_inputs_with_one_output_are_an_error() {
    let folder = Folder::new();
    for name in ["photo.pgm", "photo.ppm"] {
        folder.write(name, b"P5 2 1 255 ab");
    }
    let said = folder.fails("compress --force photo.pgm photo.ppm", 1);
    assert!(said.contains("photo.dci is the output of photo.pgm already"), "{said}");
    // That which was refused has none.
    folder.write("photo.pam", b"P5 2 1 255 ab");
    let said = folder.fails("compress --force photo.pgm photo.ppm photo.pam", 1);
    assert_eq!(said.matches("photo.dci is the output of photo.pgm already").count(), 2, "{said}");
}

#[test]
fn an_input_is_not_its_own_output() {
    let folder = Folder::new();
    folder.write("a.pgm", b"P5 2 1 255 ab");
    assert!(folder.fails("compress --force a.pgm -o a.pgm", 1).contains("its own output"));
    assert!(folder.fails("compress --force a.pgm -o ./a.pgm", 1).contains("its own output"));
    #[cfg(unix)]
    {
        fs::hard_link(folder.path("a.pgm"), folder.path("b")).unwrap();
        assert!(folder.fails("compress --force a.pgm -o b", 1).contains("its own output"));
    }
    assert_eq!(folder.read("a.pgm"), b"P5 2 1 255 ab");
}

#[test]
fn the_time_of_change_is_kept() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options().write(true).open(folder.path("a.txt")).unwrap().set_modified(then).unwrap();
    folder.ok("compress --sync a.txt");
    fs::remove_file(folder.path("a.txt")).unwrap();
    folder.ok("decompress a.txt.dcs");
    for name in ["a.txt.dcs", "a.txt"] {
        assert_eq!(fs::metadata(folder.path(name)).unwrap().modified().unwrap(), then, "{name}");
    }
}

#[test]
fn messages_do_not_name_temporary_files() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    let said = folder.fails("compress a.txt -o missing/b.dcs", 1);
    assert!(said.contains("cannot create missing/b.dcs") && !said.contains(".dualcomp-"), "{said}");
    let said = message(&folder.run("compress no\x1b[31mfile"));
    assert!(said.contains(r"no\u{1b}[31mfile"), "{said}");
}

#[test]
fn messages_say_what_to_do() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    for command in ["compress .", "decompress .", "test .", "list .", "-c ."] {
        assert!(folder.fails(command, 1).contains("is a folder; --recursive"), "{command}");
    }
    assert!(folder.fails("compress a.txt -o missing/a.dcs", 1).contains("there is no such folder"));
    assert!(String::from_utf8(folder.ok("--help")).unwrap().contains("Exit status"));
}

#[cfg(target_os = "linux")]
#[test]
fn errors_of_writing_name_the_output() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    folder.ok("compress a.txt");
    for command in ["compress a.txt -o /dev/full", "decompress a.txt.dcs -o /dev/full"] {
        let said = folder.fails(command, 1);
        assert!(said.contains(": cannot write /dev/full: No space left"), "{said}");
    }
    for command in
        ["list a.txt.dcs", "inspect a.txt.dcs", "inspect --json a.txt.dcs", "--help", "-h", "compress --help"]
            .into_iter()
            .chain(["--version", "man", "completions bash"])
    {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = crate::program(&folder.path(""), command).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}");
        let said = message(&output);
        assert!(said.contains(": cannot write standard output: No space left"), "{command}: {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn messages_that_nobody_can_read_stop_nothing() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    folder.write("a.png", "no image");
    for arguments in ["-v -1 missing a.txt a.png", "bench missing"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = crate::program(&folder.path(""), arguments).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments}");
    }
    assert_eq!(folder.names(), ["a.png", "a.png.dcs", "a.txt", "a.txt.dcs"]);
}

#[test]
fn a_last_line_says_what_came_of_it() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    let said = message(&folder.run("compress -v a.txt"));
    assert!(said.contains("a.txt: 76 -> ") && said.contains(" %), ") && said.contains(" MB/s, a.txt.dcs"), "{said}");
    let said = message(&folder.run("test -v a.txt.dcs"));
    assert!(said.contains("a.txt.dcs: good"), "{said}");
}

#[test]
fn bench_opens_its_files_before_it_measures() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    let output = folder.run("bench a.txt --json missing/a.json");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty() && message(&output).contains("missing/a.json"), "{}", message(&output));
}
