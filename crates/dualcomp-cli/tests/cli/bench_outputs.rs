//! What bench reads and writes.

use std::fs;

use crate::{Folder, message};

#[test]
fn bench_overwrites_nothing_without_force() {
    let folder = Folder::new();
    folder.write("a.txt", "some words");
    folder.write("old", "precious");
    folder.ok("bench a.txt -l fast --json a.json");
    for arguments in ["-j old", "--plot old", "--json new --plot old"] {
        let said = folder.fails(&format!("bench a.txt -l fast {arguments}"), 1);
        assert!(said.contains("old exists; --force overwrites it"), "{arguments}: {said}");
    }
    assert!(folder.fails("bench --from a.json --plot old", 1).contains("exists"));
    assert_eq!(folder.read("old"), b"precious");
    assert_eq!(folder.names(), ["a.json", "a.txt", "old"]);
    folder.ok("bench a.txt -l fast --force -j old");
    assert!(folder.read("old").starts_with(b"{"));
}

#[test]
fn what_bench_measures_is_no_output() {
    let folder = Folder::new();
    fs::create_dir(folder.path("data")).unwrap();
    folder.write("data/a.txt", "some words");
    folder.write("b.txt", "other words");
    for arguments in ["-j b.txt data/a.txt b.txt", "-f -j data/a.txt b.txt data", "-f --plot ./b.txt data b.txt"] {
        let said = folder.fails(&format!("bench -l fast {arguments}"), 1);
        assert!(said.contains("is measured, and is no output"), "{arguments}: {said}");
    }
    folder.fails("bench -l fast b.txt --json c --plot ./c", 1);
    assert_eq!(folder.names(), ["b.txt", "data"]);
    assert_eq!((folder.read("data/a.txt"), folder.read("b.txt")), (b"some words".to_vec(), b"other words".to_vec()));
}

#[test]
fn bench_writes_to_standard_output() {
    let folder = Folder::new();
    folder.write("a.txt", "some words");
    let found: serde_json::Value = serde_json::from_slice(&folder.ok("bench a.txt -l fast --json -")).unwrap();
    assert_eq!(found["rows"][0]["raw_bytes"], 10);
    let drawn = String::from_utf8(folder.ok("bench a.txt -l fast --plot -")).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>\n"), "{drawn}");
    folder.fails("bench a.txt --json - --plot -", 2);
    assert_eq!(folder.names(), ["a.txt"]);
}

#[test]
fn bench_says_what_it_does_not_measure() {
    let folder = Folder::new();
    folder.write("a.txt", "some words");
    assert!(folder.fails("bench -", 1).contains("not standard input"));
    folder.ok("bench a.txt -l fast --json a.json");
    assert!(folder.fails("bench --from a.json --plot p.svg --json b.json", 2).contains("name a PATH"));
    assert_eq!(folder.names(), ["a.json", "a.txt"]);
}

#[cfg(unix)]
#[test]
fn bench_passes_over_pipes_and_links_to_folders() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("data/deep")).unwrap();
    folder.write("data/deep/a.txt", "some words");
    std::os::unix::fs::symlink("..", folder.path("data/loop")).unwrap();
    std::os::unix::fs::symlink("deep/a.txt", folder.path("data/link.txt")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path("data/pipe")).status().unwrap();
    assert!(made.success());
    let output = folder.run("bench data -l fast");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("link.txt"), "{}", message(&output));
    assert_eq!(printed.matches("a.txt").count(), 1, "{printed}");
}
