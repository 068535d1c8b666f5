//! Options and names on the command line.

use crate::{Folder, message, program};

const TEXT: &str = "Options that are said twice, and the opposite of what was said before.\n";

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
fn the_last_of_opposite_options_counts() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    for arguments in ["-kk", "-qq -ff", "-k -1 -k -9 -6", "-T2 -T1", "--level fast --level max", "-c -c", "-rr"] {
        folder.ok(&format!("-f {arguments} a.txt"));
        folder.ok(&format!("compress -f {arguments} a.txt"));
    }
    assert!(message(&folder.run("-f -q -vv a.txt")).contains(" MB/s"));
    assert!(folder.run("-f -v -qq a.txt").stderr.is_empty());
    assert!(message(&folder.run("test -q -v a.txt.dcs")).contains("good"));
    folder.ok("-f --rm -k a.txt");
    assert_eq!(folder.names(), ["a.txt", "a.txt.dcs"]);
    folder.ok("-f -k --rm a.txt");
    assert_eq!(folder.names(), ["a.txt.dcs"]);
}

#[test]
fn a_name_without_a_letter_stops_nothing() {
    let folder = Folder::new();
    folder.write("a.txt", TEXT);
    for command in [&[][..], &["compress"], &["-d"], &["test"], &["list"], &["inspect"]] {
        let mut program = program(&folder.path(""), "");
        let output = program.args(command).args(["", "a.txt"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        assert!(message(&output).contains("dualcomp: '': No such file"), "{}", message(&output));
    }
    assert_eq!(folder.names(), ["a.txt", "a.txt.dcs"]);
}

#[test]
fn list_reads_standard_input() {
    let folder = Folder::new();
    let coded = folder.run_with("-c", TEXT.as_bytes()).stdout;
    for arguments in ["list", "-l", "list -"] {
        let listed = String::from_utf8(folder.run_with(arguments, &coded).stdout).unwrap();
        assert!(listed.contains("standard input"), "{arguments}: {listed}");
    }
}
