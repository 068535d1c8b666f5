//! What users of gzip, xz and zstd expect, and what careful tools do with files.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::{Folder, message};

const TEXT: &str = "To be, or not to be, that is the question: whether 'tis nobler in the mind.\n";

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
    folder.fails("-dt a.txt.dcs", 2);
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
fn digits_are_levels() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT.repeat(3));
    for (digit, level) in [(1, "fast"), (3, "fast"), (6, "default"), (9, "max")] {
        folder.ok(&format!("compress -f -{digit} a.txt -o digit"));
        folder.ok(&format!("compress -f --level {level} a.txt -o name"));
        assert_eq!(folder.read("digit"), folder.read("name"), "{digit}");
    }
}

#[test]
fn options_that_there_are_not_say_why() {
    let folder = Folder::new();
    for option in ["--long=27", "--ultra", "-e", "-S", "-M", "--format=xz", "--best", "--fast=3", "-D"] {
        assert!(folder.fails(&format!("compress {option} a"), 2).contains("there is no option"), "{option}");
    }
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
    folder.fails("compress --rm -k a.txt", 2);
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

#[cfg(unix)]
mod permissions {
    use std::fs::{Permissions, metadata, read_to_string, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;

    use super::*;
    use crate::program;

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
        let mut left: Vec<_> =
            fs::read_dir(folder.path("logs")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a-link", "app.log.dcs", "b", "z-link"]);
        // One that is named is what it names.
        folder.ok("compress logs/b");
        folder.ok("decompress logs/b.dcs -o back");
        assert_eq!(folder.read("back"), TEXT.as_bytes());
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
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask >> (number - 1) & 1 == 1)
    }

    #[test]
    fn a_signal_leaves_no_temporary_file() {
        for (name, number) in [("TERM", 15), ("HUP", 1), ("INT", 2)] {
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
}
