//! Files made by a released version decode, and the same input still makes the same file.
//!
//! A change of format or weights before the first release replaces the files: run with `DUALCOMP_BLESS=1`. After it
//! they stay, and new ones are added.

use std::path::PathBuf;

use dualcomp_tests::vectors::Vector;

#[test]
fn files_decode_and_are_made_anew() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors");
    for vector in Vector::all() {
        let (path, made) = (folder.join(&vector.name), vector.make().unwrap());
        if std::env::var_os("DUALCOMP_BLESS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let stored = std::fs::read(&path).unwrap();
        assert!(vector.is_coded_by(&stored).unwrap(), "{} decodes", vector.name);
        assert!(made == stored, "{} is made anew", vector.name);
    }
}

#[test]
fn every_file_is_checked() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut found: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let mut known: Vec<_> = Vector::all().into_iter().map(|vector| vector.name).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}
