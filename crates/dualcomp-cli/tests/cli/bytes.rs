//! Files that are no images.

use crate::{Folder, message};

const TEXT: &str = "To be, or not to be, that is the question: whether 'tis nobler in the mind.\n";

#[test]
fn text_comes_back_under_its_name() {
    let folder = Folder::new();
    folder.write("play.txt", TEXT.repeat(20));
    folder.ok("compress play.txt");
    assert!(folder.read("play.txt.dcs").len() < TEXT.len() * 20);
    std::fs::remove_file(folder.path("play.txt")).unwrap();
    folder.ok("decompress play.txt.dcs");
    assert_eq!(folder.read("play.txt"), TEXT.repeat(20).as_bytes());
    assert_eq!(folder.names(), ["play.txt", "play.txt.dcs"]);
}

#[test]
fn every_level_comes_back() {
    let folder = Folder::new();
    folder.write("play.txt", TEXT);
    for level in ["fast", "default", "max"] {
        folder.ok(&format!("compress play.txt --level {level} --threads 1 -o {level}.dcs"));
        folder.ok(&format!("decompress {level}.dcs"));
        assert_eq!(folder.read(level), TEXT.as_bytes());
    }
}

#[test]
fn the_empty_file_and_random_bytes_come_back() {
    let folder = Folder::new();
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..3000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    folder.write("empty", b"");
    folder.write("noise", &noise);
    folder.ok("compress empty noise");
    folder.ok("decompress empty.dcs noise.dcs --force");
    assert_eq!(folder.read("empty"), b"");
    assert_eq!(folder.read("noise"), noise);
}

#[test]
fn a_pipe_goes_both_ways() {
    let folder = Folder::new();
    let coded = folder.run_with("compress - -o -", TEXT.as_bytes());
    assert!(coded.status.success(), "{}", message(&coded));
    let decoded = folder.run_with("decompress -", &coded.stdout);
    assert!(decoded.status.success(), "{}", message(&decoded));
    assert_eq!(decoded.stdout, TEXT.as_bytes());
    assert!(folder.names().is_empty());
}

#[test]
fn the_signature_decides_not_the_name() {
    let folder = Folder::new();
    folder.write("play.txt", TEXT);
    folder.ok("compress play.txt -o play.dci");
    folder.ok("decompress play.dci");
    assert_eq!(folder.read("play"), TEXT.as_bytes());
    std::fs::rename(folder.path("play.dci"), folder.path("play.bin")).unwrap();
    assert!(folder.fails("decompress play.bin", 1).contains("--output"));
    folder.ok("decompress play.bin -o back.txt");
    assert_eq!(folder.read("back.txt"), TEXT.as_bytes());
}

#[test]
fn inspect_tells_the_sizes() {
    let folder = Folder::new();
    folder.write("play.txt", TEXT);
    folder.ok("compress play.txt");
    let printed = String::from_utf8(folder.ok("inspect play.txt.dcs")).unwrap();
    assert!(printed.contains("bytes") && printed.contains(&TEXT.len().to_string()), "{printed}");
    let json: serde_json::Value = serde_json::from_slice(&folder.ok("inspect --json play.txt.dcs")).unwrap();
    assert_eq!(json["kind"], "bytes");
    assert_eq!(json["raw_bytes"], TEXT.len());
    assert_eq!(json["coded_bytes"], folder.read("play.txt.dcs").len());
    assert!(folder.fails("inspect play.txt", 1).contains("not a DualComp file"));
}

#[test]
fn what_only_begins_like_a_dualcomp_file_is_told_from_others() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("inside")).unwrap();
    for (name, bytes, words) in [
        ("later", &b"\x89DCZ\x02 of another time"[..], "the version of the format is unknown"),
        ("cut", b"\x89DC", "ends"),
        ("dictionary", b"\x89DCD\x01 and so on", "this is a dictionary"),
        ("other", b"\x89DCQ\x01 and so on", "not a DualComp file"),
    ] {
        folder.write(name, bytes);
        for command in ["test", "list", "decompress -o none"] {
            let said = folder.fails(&format!("{command} {name}"), 1);
            assert!(said.contains(words), "{command}: {said}");
        }
        // In folders there are others, too.
        let file = format!("inside/{name}");
        folder.write(&file, bytes);
        let fails = matches!(name, "later" | "cut");
        assert_eq!(folder.run("test -r inside").status.success(), !fails, "{name}");
        std::fs::remove_file(folder.path(&file)).unwrap();
    }
    for name in ["later", "cut", "other"] {
        folder.fails(&format!("inspect {name}"), 1);
    }
}

#[test]
fn a_dci_that_is_no_image_gets_a_note() {
    let folder = Folder::new();
    folder.write("a.txt", "words");
    let said = message(&folder.run("compress a.txt -o a.dci"));
    assert!(said.contains("note: kept as bytes") && said.contains("no image"), "{said}");
    folder.ok("decompress a.dci -o back");
    assert_eq!(folder.read("back"), b"words");
    assert!(folder.run("compress -q -f a.txt -o a.dci").stderr.is_empty());
    assert!(folder.run("compress -f a.txt -o a.dcs").stderr.is_empty());
}

#[test]
fn several_files_on_standard_output_come_back_one_after_the_other() {
    let folder = Folder::new();
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/gamma.png");
    let jpeg = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/jpeg/baseline.jpg");
    std::fs::create_dir(folder.path("in")).unwrap();
    std::fs::copy(own, folder.path("in/a.png")).unwrap();
    folder.write("in/b.log", TEXT);
    std::fs::copy(jpeg, folder.path("in/c.jpg")).unwrap();
    folder.write("in/d.pgm", b"P5 2 1 255 ab");
    let names = ["in/a.png", "in/b.log", "in/c.jpg", "in/d.pgm"];
    let whole: Vec<u8> = names.iter().flat_map(|name| folder.read(name)).collect();
    let named = names.join(" ");
    for arguments in [&format!("compress -c {named}"), &format!("compress --exact -o - {named}"), "-rc in"] {
        let output = folder.run(arguments);
        assert!(output.status.success() && output.stderr.is_empty(), "{}", message(&output));
        assert!(folder.run_with("-dc", &output.stdout).stdout == whole, "{arguments}");
    }
    let coded = folder.ok(&format!("-c --dictionary in/b.log {named}"));
    assert!(folder.run_with("-dc --dictionary in/b.log", &coded).stdout == whole);
    folder.fails(&format!("compress --pixels -c {named}"), 2);
    // Nothing follows a single one.
    assert!(folder.ok("compress -c in/a.png").starts_with(b"\x89DCI"));
}
