//! file_roundtrip.

use crate::{ok, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_file_roundtrip");

#[test]
fn a_file_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("words.txt"), "the same words again and again, ".repeat(20)).unwrap();
    let printed = String::from_utf8(ok(PROGRAM, &["words.txt"], folder.path(), b"")).unwrap();
    assert!(printed.starts_with("640 bytes became ") && printed.ends_with("and came back\n"), "{printed}");
    assert!(!run(PROGRAM, &["missing"], folder.path(), b"").status.success());
}
