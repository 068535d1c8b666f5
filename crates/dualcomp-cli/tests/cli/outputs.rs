//! What happens to files that exist, and after errors.

use std::io::Read;
use std::process::Stdio;

use crate::png_chunks::{data, file, header, zlib};
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

#[test]
fn texts_of_any_letters_come_back_in_a_tiff_file() {
    let (header, data) = (header(1, 8, 0), data(&[7]));
    let text = "Description\0\0\0\0\0größe 寸";
    let profile = [&b"p\0\0"[..], &zlib(b"a profile")].concat();
    let folder = Folder::new();
    let chunks = [(b"IHDR", &header[..]), (b"iCCP", &profile), (b"iTXt", text.as_bytes()), (b"IDAT", &data)];
    folder.write("a.png", file(&chunks));
    folder.ok("compress a.png");
    let output = folder.run("decompress a.dci -o a.tif");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", message(&output));
    let tiff = folder.read("a.tif");
    let has = |bytes: &[u8]| tiff.windows(bytes.len()).any(|found| found == bytes);
    assert!(has("größe 寸\0".as_bytes()));
    // A profile is no numbers: type 7.
    assert!(has(&[34675_u16.to_ne_bytes(), 7_u16.to_ne_bytes()].concat()));
    folder.ok("compress -f a.tif -o b.dci");
    folder.ok("decompress b.dci -o b.tif");
    assert!(folder.read("b.tif") == tiff);
}

#[test]
fn a_time_in_a_tiff_file_has_the_form_of_one() {
    let (header, data) = (header(1, 8, 0), data(&[7]));
    for (time, kept) in [("2026:12:01 10:00:00", true), ("2026-12-01 10:00:00", false), ("yesterday", false)] {
        let text = format!("Creation Time\0{time}");
        let folder = Folder::new();
        folder.write("a.png", file(&[(b"IHDR", &header), (b"tEXt", text.as_bytes()), (b"IDAT", &data)]));
        folder.ok("compress a.png");
        let said = message(&folder.run("decompress a.dci -o a.tif"));
        assert_eq!(said.is_empty(), kept, "{time}: {said}");
        assert_eq!(said.contains("TIFF has no place for text"), !kept, "{time}: {said}");
    }
}

#[test]
fn a_picture_too_wide_for_webp_is_told_so() {
    let folder = Folder::new();
    folder.write("a.pgm", [&b"P5\n16385 1\n255\n"[..], &[7; 16385]].concat());
    folder.ok("compress a.pgm");
    let said = folder.fails("decompress a.dci -o a.webp", 1);
    assert!(said.contains("WebP holds at most 16384 pixels a side; PNG can hold 16385 x 1"), "{said}");
    folder.ok("decompress a.dci -o a.png");
}
