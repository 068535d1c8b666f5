//! Coded bodies beside the files of a web site.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::{Folder, message};

fn page(word: &str) -> String {
    (0..100).map(|n| format!("<li class=\"{word}\">{}</li>\n", n * n)).collect()
}

fn manifest(folder: &Folder) -> Value {
    serde_json::from_slice(&folder.read("site/dualcomp-manifest.json")).unwrap()
}

fn site() -> Folder {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("site/a b")).unwrap();
    folder.write("site/index.html", page("one"));
    folder.write("site/a b/STYLE.CSS", page("two"));
    folder.write("site/short.txt", "short");
    folder.write("site/photo.png", page("no picture, but named so"));
    folder.write("site/noise.txt", noise(3000));
    folder
}

fn noise(len: usize) -> Vec<u8> {
    let mut seed = 1u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn files_that_gain_have_a_coded_body_and_an_entry() {
    let folder = site();
    folder.ok("compress --for-web site -q -1");
    let found = manifest(&folder);
    let names: Vec<_> = found["files"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["a b/STYLE.CSS", "index.html"]);
    assert_eq!((&found["format"], &found["level"]), (&Value::from(1), &Value::from("fast")));
    for name in names {
        let (entry, content) = (&found["files"][&name], folder.read(&format!("site/{name}")));
        let coded = folder.read(&format!("site/{name}.dcs"));
        assert_eq!(dualcomp::decompress(&coded, &Default::default()).unwrap(), content);
        let sizes = [&entry["size"], &entry["coded_size"]].map(|size| size.as_u64().unwrap() as usize);
        assert_eq!(sizes, [content.len(), coded.len()]);
        assert_eq!(entry["coding"], "dualcomp-1");
    }
    for name in ["short.txt", "photo.png", "noise.txt"] {
        assert!(!folder.path(&format!("site/{name}.dcs")).exists(), "{name}");
    }
    folder.fails("compress --for-web site index.html", 2);
    assert!(folder.fails("compress --for-web site/index.html", 1).contains("is no folder"));
}

#[test]
fn the_coding_names_the_model_that_a_body_needs() {
    let folder = site();
    folder.ok("compress --for-web site -q");
    let model = String::from_utf8(folder.ok("--version")).unwrap();
    let model = model.lines().find_map(|line| line.strip_prefix("model ")).unwrap();
    assert_eq!(manifest(&folder)["files"]["index.html"]["coding"], format!("dualcomp-1-{model}"));
}

#[test]
fn a_second_run_codes_what_has_changed() {
    let folder = site();
    folder.ok("compress --for-web site -q -1");
    let time = |name: &str| fs::metadata(folder.path(name)).unwrap().modified().unwrap();
    let before = (time("site/index.html.dcs"), manifest(&folder));
    folder.write("site/a b/STYLE.CSS", page("three"));
    let output = folder.run("compress --for-web site -1");
    assert!(output.status.success() && message(&output).contains("2 of 5 files coded"), "{}", message(&output));
    assert_eq!(time("site/index.html.dcs"), before.0);
    let after = manifest(&folder);
    assert_eq!(after["files"]["index.html"], before.1["files"]["index.html"]);
    assert_ne!(after["files"]["a b/STYLE.CSS"], before.1["files"]["a b/STYLE.CSS"]);
    // A file that is gone takes its coded body with it; what somebody else put there stays.
    fs::remove_file(folder.path("site/index.html")).unwrap();
    fs::remove_file(folder.path("site/a b/STYLE.CSS")).unwrap();
    folder.write("site/a b/STYLE.CSS.dcs", "not ours");
    folder.ok("compress --for-web site -q -1");
    assert!(!folder.path("site/index.html.dcs").exists());
    assert_eq!(folder.read("site/a b/STYLE.CSS.dcs"), b"not ours");
    assert!(manifest(&folder)["files"].as_object().unwrap().is_empty());
}

#[test]
fn a_foreign_file_of_the_name_is_not_overwritten() {
    let folder = site();
    folder.write("site/index.html.dcs", "not ours");
    let error = folder.fails("compress --for-web site -1", 1);
    assert!(error.contains("index.html") && error.contains("exists; --force overwrites it"), "{error}");
    assert_eq!(folder.read("site/index.html.dcs"), b"not ours");
    // The others are done all the same.
    assert_eq!(manifest(&folder)["files"].as_object().unwrap().len(), 1);
    folder.ok("compress --for-web site -q -1 --force");
    assert_eq!(manifest(&folder)["files"].as_object().unwrap().len(), 2);
}

#[test]
fn a_coded_body_that_somebody_replaced_is_not_overwritten() {
    let folder = site();
    folder.ok("compress --for-web site -q -1");
    folder.write("site/index.html.dcs", "not ours");
    for level in ["-1", "-1", "-4"] {
        let error = folder.fails(&format!("compress --for-web site {level}"), 1);
        assert!(error.contains("index.html") && error.contains("exists; --force overwrites it"), "{error}");
        assert_eq!(folder.read("site/index.html.dcs"), b"not ours");
    }
    folder.ok("compress --for-web site -q -1 --force");
    assert_eq!(manifest(&folder)["files"].as_object().unwrap().len(), 2);
}

#[test]
fn a_manifest_removes_nothing_outside_its_folder() {
    let folder = site();
    folder.ok("compress --for-web site -q -1");
    let body = folder.read("site/index.html.dcs");
    fs::create_dir(folder.path("other")).unwrap();
    folder.write("other/victim.dcs", &body);
    let name_another = |name: &str| {
        let mut found = manifest(&folder);
        let entry = found["files"]["index.html"].clone();
        found["files"][name] = entry;
        folder.write("site/dualcomp-manifest.json", serde_json::to_vec(&found).unwrap());
    };
    let whole = folder.path("other/victim").to_str().unwrap().to_owned();
    let clean = folder.read("site/dualcomp-manifest.json");
    for name in ["../other/victim", &whole, "a b/../../other/victim", ""] {
        name_another(name);
        let error = folder.fails("compress --for-web site -1", 1);
        assert!(error.contains("which is not in the folder"), "{name}: {error}");
        folder.write("site/dualcomp-manifest.json", &clean);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../other", folder.path("site/link")).unwrap();
        name_another("link/victim");
        folder.ok("compress --for-web site -q -1");
    }
    assert!(folder.read("other/victim.dcs") == body);
}

#[test]
fn a_shorter_form_beside_the_file_is_enough() {
    let folder = site();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(b"").unwrap();
    // Shorter than anything that could be made of the page.
    folder.write("site/index.html.gz", gzip.finish().unwrap());
    folder.ok("compress --for-web site -q -1");
    assert!(!folder.path("site/index.html.dcs").exists());
    // A form of another file is no content of its own.
    assert!(!folder.path("site/index.html.gz.dcs").exists());
}

#[test]
fn damaged_manifests_are_errors() {
    let folder = site();
    for (text, expected) in [("{", "is no manifest"), (r#"{"format": 9, "level": "", "files": {}}"#, "another version")]
    {
        folder.write("site/dualcomp-manifest.json", text);
        let error = folder.fails("compress --for-web site -1", 1);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_run_that_was_interrupted_is_begun_again() {
    let folder = site();
    folder.ok("compress --for-web site -q -1");
    let before = manifest(&folder);
    // The manifest is written last.
    fs::remove_file(folder.path("site/dualcomp-manifest.json")).unwrap();
    folder.ok("compress --for-web site -q -1");
    assert_eq!(manifest(&folder), before);
    // A body of another content is somebody's.
    fs::remove_file(folder.path("site/dualcomp-manifest.json")).unwrap();
    fs::rename(folder.path("site/a b/STYLE.CSS.dcs"), folder.path("site/index.html.dcs")).unwrap();
    assert!(folder.fails("compress --for-web site -q -1", 1).contains("index.html.dcs exists"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_passed_over_with_a_note() {
    use std::os::unix::ffi::OsStrExt;

    let folder = site();
    let name = std::ffi::OsStr::from_bytes(b"site/\xff.html");
    if fs::write(folder.path("").join(name), page("three")).is_err() {
        return; // Some file systems have no such names.
    }
    let said = message(&folder.run("compress --for-web site -1"));
    assert!(said.contains(".html: note: left as it is: its name is not UTF-8"), "{said}");
    assert!(said.contains("2 of 6 files coded"), "{said}");
}
