//! The bench subcommand.

use crate::Folder;

#[test]
fn bench_measures_a_folder() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("data/deep")).unwrap();
    folder.write("data/grey.pgm", b"P5 4 2 255 abcdefgh");
    folder.write("data/deep/words.txt", "some words and some more words");
    folder.write("data/index.csv", "not,measured");
    let printed = String::from_utf8(folder.ok("bench data --json out.json --threads 1")).unwrap();
    assert!(printed.contains("words.txt") && !printed.contains("index.csv"), "{printed}");
    let json: serde_json::Value = serde_json::from_slice(&folder.read("out.json")).unwrap();
    let rows = json["rows"].as_array().unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["bytes", "image"]);
    assert_eq!(rows[0]["raw_bytes"], 30);
    assert_eq!(rows[1]["samples"], 8);
    let totals = json["totals"].as_array().unwrap();
    let named: Vec<_> = totals.iter().map(|total| total["folder"].as_str().unwrap()).collect();
    assert_eq!(named, ["data", "all", "data/deep", "all"]);
}

#[test]
fn bench_says_what_it_cannot_read() {
    let folder = Folder::new();
    assert!(folder.fails("bench missing", 1).contains("cannot read missing"));
}
