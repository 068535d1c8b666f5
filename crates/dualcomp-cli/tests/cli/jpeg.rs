//! JPEG files, which come back to the last byte and under their names.

use std::fs;

use crate::{Folder, message};

/// A JPEG file under this name, in a folder of its own.
fn with(jpeg: &str, name: &str) -> Folder {
    let folder = Folder::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/jpeg/");
    folder.write(name, fs::read(format!("{path}{jpeg}.jpg")).unwrap());
    folder
}

#[test]
fn names_and_bytes_come_back() {
    for (name, compressed) in [
        ("a.jpg", "a.dci"),
        ("a.jpeg", "a.jpeg.dci"),
        ("A.JPG", "A.JPG.dci"),
        ("a.b.jpe", "a.b.jpe.dci"),
        ("a.JFIF", "a.JFIF.dci"),
    ] {
        let folder = with("progressive", name);
        let file = folder.read(name);
        folder.ok(&format!("compress --rm {name}"));
        assert_eq!(folder.names(), [compressed]);
        folder.ok(&format!("decompress --rm {compressed}"));
        assert_eq!(folder.names(), [name]);
        assert!(folder.read(name) == file, "{name}");
    }
}

#[test]
fn other_names_come_back_from_bytes() {
    for name in ["a.bak", "zz.png", "noext"] {
        let folder = with("baseline", name);
        let file = folder.read(name);
        let said = message(&folder.run(&format!("compress --rm {name}")));
        assert!(said.contains("JPEG image kept as bytes: its name has no extension of JPEG"), "{said}");
        assert!(folder.read(&format!("{name}.dcs")).len() < file.len() * 9 / 10);
        folder.ok(&format!("decompress --rm {name}.dcs"));
        assert_eq!(folder.names(), [name]);
        assert!(folder.read(name) == file);
        // Whoever names a .dci has one.
        assert!(folder.run(&format!("compress {name} -o a.dci")).stderr.is_empty());
        folder.ok("decompress a.dci");
        assert!(folder.read("a.jpg") == file);
    }
}

#[test]
fn a_name_of_another_format_is_refused() {
    let folder = with("baseline", "a.jpg");
    folder.ok("compress a.jpg");
    for name in ["b.png", "b.WebP", "b.tiff", "b.gif"] {
        let said = folder.fails(&format!("decompress a.dci -o {name}"), 1);
        assert!(said.contains("holds a JPEG file") && said.contains("name the output .jpg"), "{said}");
    }
    assert_eq!(folder.names(), ["a.dci", "a.jpg"]);
    for name in ["b.JPEG", "b", "b.bak"] {
        folder.ok(&format!("decompress a.dci -o {name}"));
        assert!(folder.read(name) == folder.read("a.jpg"), "{name}");
    }
}

#[test]
fn inspect_and_list_say_that_it_is_a_file() {
    let folder = with("baseline", "a.jpg");
    folder.ok("compress a.jpg");
    let json: serde_json::Value = serde_json::from_slice(&folder.ok("inspect --json a.dci")).unwrap();
    assert_eq!(json["kind"], "image file", "{json}");
    let text = String::from_utf8(folder.ok("inspect a.dci")).unwrap();
    assert!(text.contains("image file"), "{text}");
    folder.ok("list a.dci");
    folder.ok("test a.dci");
}

#[test]
fn what_a_broken_file_is_made_of_comes_back() {
    for name in ["arithmetic", "truncated"] {
        let folder = with(name, "a.jpg");
        folder.ok("compress a.jpg -o coded");
        folder.ok("decompress coded -o back");
        assert!(folder.read("back") == folder.read("a.jpg"), "{name}");
    }
}

#[test]
fn what_is_kept_as_bytes_gets_a_note_that_is_true() {
    let folder = with("arithmetic", "a.jpg");
    let note = "a.jpg: note: JPEG image kept as bytes: its coefficients are not coded apart: arithmetic coding\n";
    assert_eq!(message(&folder.run("compress a.jpg")), format!("dualcomp: {note}"));
    assert_eq!(folder.names(), ["a.jpg", "a.jpg.dcs"]);
    let whole = with("baseline", "a.jpg");
    for (length, words) in [(100, "headers are damaged"), (330, "image data is damaged")] {
        whole.write("cut.jpg", &whole.read("a.jpg")[..length]);
        let said = message(&whole.run("compress -f cut.jpg"));
        assert!(said.contains("JPEG image kept as bytes: its") && said.contains(words), "{said}");
    }
    // Whoever asks for bytes gets them without a word.
    assert!(folder.run("compress -f --bytes a.jpg").stderr.is_empty());
    assert!(folder.fails("compress -f --pixels a.jpg", 1).contains("its pixels are not read"));
}
