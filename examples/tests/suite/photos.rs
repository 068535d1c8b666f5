//! photo_folder.

use std::fs;

use image::{Rgb, RgbImage};

use crate::{ok, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_photo_folder");

#[allow(clippy::disallowed_methods, reason = "any picture will do")]
fn photo(seed: u32) -> RgbImage {
    let wave = |at: u32| (127.0 + 100.0 * (f64::from(at) / 9.0).sin()) as u8;
    RgbImage::from_fn(48, 32, |x, y| Rgb([wave(x + seed), wave(y), wave(x * y / 8) ^ ((x * 7 + y * seed) as u8 % 4)]))
}

#[test]
fn a_folder_goes_to_dci_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("photos")).unwrap();
    photo(1).save(path("photos/one.png")).unwrap();
    photo(2).save(path("photos/two.TIFF")).unwrap();
    fs::write(path("photos/notes.txt"), "not a photo").unwrap();

    let report = String::from_utf8(ok(PROGRAM, &["to-dci", "photos", "archive"], folder.path(), b"")).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 3, "{report}");
    assert!(lines[0].contains("one.png: ") && lines[0].ends_with("% saved"), "{report}");
    assert!(lines[2].starts_with("2 files: ") && lines[2].ends_with("% saved"), "{report}");

    ok(PROGRAM, &["to-png", "archive", "again"], folder.path(), b"");
    assert_eq!(image::open(path("again/one.png")).unwrap().into_rgb8(), photo(1));
    assert_eq!(image::open(path("again/two.TIFF.png")).unwrap().into_rgb8(), photo(2));
}

#[test]
fn no_photo_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("photos")).unwrap();
    let names = ["trip.1.png", "trip.2.png", "trip.2.bmp"];
    for (seed, name) in (1..).zip(names) {
        photo(seed).save(path("photos").join(name)).unwrap();
    }
    ok(PROGRAM, &["to-dci", "photos", "archive"], folder.path(), b"");
    ok(PROGRAM, &["to-png", "archive", "again"], folder.path(), b"");
    for (seed, name) in (1..).zip(["trip.1.png", "trip.2.png", "trip.2.bmp.png"]) {
        assert_eq!(image::open(path("again").join(name)).unwrap().into_rgb8(), photo(seed), "{name}");
    }

    fs::write(path("archive/trip.1.png.dci"), "mine").unwrap();
    let output = run(PROGRAM, &["to-dci", "photos", "archive"], folder.path(), b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read(path("archive/trip.1.png.dci")).unwrap(), b"mine");
}

#[test]
fn a_damaged_photo_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    photo(3).save(folder.path().join("good.png")).unwrap();
    fs::write(folder.path().join("bad.png"), "no photo").unwrap();
    let output = run(PROGRAM, &["to-dci", ".", "archive"], folder.path(), b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("bad.png"));
    assert!(folder.path().join("archive/good.png.dci").exists());
}
