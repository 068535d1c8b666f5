//! Streams that exist decode for ever: each file in `vectors/` to the content it was made of.
//!
//! Once released, a file is never replaced, whatever the encoder makes of the same content later. New files are added
//! by `DUALCOMP_BLESS=1`. Before the first release a change of format or weights replaces them all: `DUALCOMP_BLESS=format`.

use std::path::PathBuf;

use dualcomp_tests::vectors::Vector;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

#[test]
fn stored_streams_decode() {
    let bless = std::env::var_os("DUALCOMP_BLESS");
    for vector in Vector::all() {
        let path = folder().join(&vector.name);
        if bless.as_ref().is_some_and(|what| what == "format" || !path.exists()) {
            std::fs::write(&path, vector.make().unwrap()).unwrap();
        }
        let stored = std::fs::read(&path).unwrap();
        assert!(vector.is_coded_by(&stored).unwrap(), "{} decodes", vector.name);
    }
}

#[test]
fn every_stored_stream_is_checked() {
    let mut found: Vec<_> =
        std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let mut known: Vec<_> = Vector::all().into_iter().map(|vector| vector.name).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}
