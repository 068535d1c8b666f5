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
    assert_eq!(kinds, ["bytes", "photo"]);
    assert_eq!(rows[0]["raw_bytes"], 30);
    assert_eq!(rows[1]["samples"], 8);
    let totals = json["totals"].as_array().unwrap();
    let named: Vec<_> = totals.iter().map(|total| total["folder"].as_str().unwrap()).collect();
    assert_eq!(named, ["data", "all", "data/deep", "all"]);
}

#[test]
fn bench_times_both_ways_of_each_peer() {
    let folder = Folder::new();
    folder.write("words.txt", "some words and some more words");
    // The second file finds what the first has left.
    folder.write("more.txt", "some words and some more words, and others");
    let printed = String::from_utf8(folder.ok("bench words.txt more.txt --peers --json out.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&folder.read("out.json")).unwrap();
    for row in json["rows"].as_array().unwrap() {
        // Those that are installed; none may be.
        for peer in row["peers"].as_array().unwrap() {
            assert!(peer["error"].is_null() && peer["coded_bytes"].as_u64() > Some(0), "{peer}");
            assert!(
                peer["encode_seconds"].as_f64() > Some(0.0) && peer["decode_seconds"].as_f64() > Some(0.0),
                "{peer}"
            );
            assert!(printed.contains(&format!("\n  {} ", peer["name"].as_str().unwrap())), "{printed}");
        }
    }
}

#[test]
fn bench_says_what_it_cannot_read() {
    let folder = Folder::new();
    assert!(folder.fails("bench missing", 1).contains("cannot read missing"));
    std::fs::create_dir_all(folder.path("empty/deep")).unwrap();
    assert!(folder.fails("bench empty", 1).contains("no file to measure in empty"));
}

#[test]
fn bench_draws_a_run_and_records_of_others() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("data")).unwrap();
    folder.write("data/photo.pgm", b"P5 4 2 255 abcdefgh");
    folder.write("data/chart.pgm", b"P5 4 2 255 aaaaaaab");
    folder.write("data/words.txt", "some words & some more words");
    folder.ok("bench data --level fast --json fast.json --plot one.svg");
    let one = String::from_utf8(folder.read("one.svg")).unwrap();
    for words in ["<svg xmlns", "Photos", "Screenshots and graphics", "Text and other bytes", ">DualComp fast<"] {
        assert!(one.contains(words), "{words}: {one}");
    }
    assert!(one.ends_with("</svg>\n") && !one.contains("NaN") && !one.contains("inf"), "{one}");

    // Records alone draw the same picture and measure nothing.
    assert_eq!(folder.ok("bench --from fast.json --plot again.svg"), b"");
    assert_eq!(folder.read("again.svg"), folder.read("one.svg"));
    folder.ok("bench data --from fast.json --plot both.svg");
    let both = String::from_utf8(folder.read("both.svg")).unwrap();
    assert!(both.contains("DualComp fast") && both.contains("default"), "{both}");
}

#[test]
fn bench_refuses_records_that_do_not_fit() {
    let folder = Folder::new();
    folder.write("a.txt", "some words");
    folder.write("b.txt", "other words");
    folder.ok("bench a.txt --json a.json");
    assert!(folder.fails("bench b.txt --from a.json --plot x.svg", 1).contains("different files"));
    assert!(folder.fails("bench --from a.txt --plot x.svg", 1).contains("a.txt is not a record of bench"));
    folder.fails("bench a.txt --from a.json", 2);
    assert!(!folder.path("x.svg").exists());
}
