//! Today's encoder is deterministic: it makes the streams that `encoder.txt` records, on every machine.
//!
//! An encoder may choose better in a later version. Then `DUALCOMP_BLESS=1` rewrites the record, in a commit that says
//! why; streams that exist are another matter (`stored_streams`).

use dualcomp_tests::vectors::{Vector, record, recorded};

#[test]
fn streams_are_those_of_the_record() {
    let lines: Vec<_> = Vector::all().iter().map(|vector| record(&vector.name, &vector.make().unwrap())).collect();
    if std::env::var_os("DUALCOMP_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/encoder.txt");
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
        return;
    }
    assert_eq!(lines, recorded().collect::<Vec<_>>());
}
