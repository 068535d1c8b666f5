//! What happens to files that exist, and after errors.

use std::io::Read;
use std::process::Stdio;

use crate::{Folder, message, program};

#[test]
fn nothing_is_overwritten_without_force() {
    let folder = Folder::new();
    folder.write("a.txt", "first");
    folder.write("a.txt.dcs", "precious");
    let said = folder.fails("compress a.txt", 1);
    assert!(said.starts_with("dualcomp: a.txt: a.txt.dcs exists"), "{said}");
    assert_eq!(said.lines().count(), 1);
    assert_eq!(folder.read("a.txt.dcs"), b"precious");
    folder.ok("compress --force a.txt");
    folder.fails("decompress a.txt.dcs", 1);
    folder.write("a.txt", "changed");
    folder.ok("decompress --force a.txt.dcs");
    assert_eq!(folder.read("a.txt"), b"first");
}

#[test]
fn a_damaged_file_leaves_no_output() {
    let folder = Folder::new();
    let text: String = (0..400).map(|number| format!("line {number}\n")).collect();
    folder.write("a.txt", &text);
    folder.ok("compress a.txt -o good.dcs");
    let good = folder.read("good.dcs");
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0x10;
    folder.write("flipped.dcs", flipped);
    folder.write("cut.dcs", &good[..good.len() - 7]);
    folder.write("noise.dcs", "this was never compressed");
    let before = folder.names();
    for name in ["flipped", "cut", "noise", "missing"] {
        let said = folder.fails(&format!("decompress {name}.dcs"), 1);
        assert!(said.starts_with(&format!("dualcomp: {name}.dcs: ")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(folder.names(), before);
}

#[test]
fn one_bad_input_does_not_stop_the_others() {
    let folder = Folder::new();
    folder.write("b.txt", "b");
    std::fs::create_dir(folder.path("out")).unwrap();
    let said = folder.fails("compress a.txt b.txt . -o out", 1);
    assert_eq!(said.lines().count(), 2, "{said}");
    folder.ok("decompress out/b.txt.dcs");
    assert_eq!(folder.read("out/b.txt"), b"b");
}

#[cfg(unix)]
#[test]
fn a_private_file_stays_private() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    folder.write("secret", "words");
    set_permissions(folder.path("secret"), Permissions::from_mode(0o600)).unwrap();
    folder.ok("compress secret");
    let mode = metadata(folder.path("secret.dcs")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_as_it_is() {
    let folder = Folder::new();
    folder.write("a.txt", "words");
    folder.ok("compress a.txt -o /dev/null");
    let coded = folder.ok("compress a.txt -o -");
    assert_eq!(folder.run_with("decompress -", &coded).stdout, b"words");
}

#[cfg(target_os = "linux")]
#[test]
fn a_link_to_a_descriptor_is_written_through() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let folder = Folder::new();
    folder.write("a.txt", "words");
    folder.ok("compress a.txt");
    let coded = folder.read("a.txt.dcs");
    symlink("/proc/self/fd/1", folder.path("one")).unwrap();
    symlink("/proc/self/fd/3", folder.path("three")).unwrap();
    let names = folder.names();
    for (arguments, redirection) in [
        ("a.txt -o one", ">"),
        ("--force --rm a.txt -o one", ">"),
        ("--force a.txt -o /proc/self/fd/1", ">"),
        ("a.txt a.txt -o one", ">"),
        ("a.txt -o three", "3>"),
        ("--force --rm a.txt -o three", "3>"),
    ] {
        let line = format!("{} compress {arguments}", env!("CARGO_BIN_EXE_dualcomp"));
        let line = format!("{line} {redirection} out && printf head > more && {line} {redirection}> more");
        let output = Command::new("sh").arg("-c").arg(line).current_dir(folder.path("")).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", message(&output));
        let expected = if arguments.contains("a.txt a.txt") { coded.repeat(2) } else { coded.clone() };
        assert!(folder.read("out") == expected, "{arguments}");
        assert!(folder.read("more") == [b"head", &expected[..]].concat(), "{arguments}");
        std::fs::remove_file(folder.path("out")).unwrap();
        std::fs::remove_file(folder.path("more")).unwrap();
        assert_eq!(folder.names(), names, "{arguments}");
        assert!(std::fs::symlink_metadata(folder.path("one")).unwrap().is_symlink());
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_is_replaced() {
    let folder = Folder::new();
    folder.write("a.txt", "words");
    folder.write("other", "precious");
    std::os::unix::fs::symlink("other", folder.path("a.txt.dcs")).unwrap();
    folder.fails("compress a.txt", 1);
    folder.ok("compress --force a.txt");
    assert_eq!(folder.read("other"), b"precious");
    folder.ok("test a.txt.dcs");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    // All of one byte: quick to code, and far more than a pipe holds.
    folder.write("zeros", vec![0; 4 << 20]);
    folder.ok("compress zeros");
    let mut child = program(&folder.path(""), "decompress zeros.dcs -o -")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [1; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(first, [0; 10]);
    // As other programs end: by the signal of a pipe that nobody reads.
    #[cfg(unix)]
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&output.status), Some(13), "{output:?}");
    assert!(output.stderr.is_empty(), "{}", message(&output));
}
