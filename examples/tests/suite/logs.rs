//! log_rotation and log_shipper.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{ok, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_log_rotation");

fn lines(range: std::ops::Range<u32>) -> String {
    range.map(|number| format!("GET /orders/{number} 200 in {} ms\n", number % 17)).collect()
}

#[test]
fn lines_come_back_from_several_files_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (lines(0..300), lines(300..310));
    ok(PROGRAM, &["write", "logs", "4000"], folder.path(), first.as_bytes());
    ok(PROGRAM, &["write", "logs", "4000"], folder.path(), second.as_bytes());
    ok(PROGRAM, &["write", "logs", "4000"], folder.path(), b"");
    let mut names: Vec<_> = fs::read_dir(folder.path().join("logs")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["000001.log.dcs", "000002.log.dcs", "000003.log.dcs", "000004.log.dcs"]);
    let printed = ok(PROGRAM, &["cat", "logs"], folder.path(), b"");
    assert_eq!(String::from_utf8(printed).unwrap(), first.clone() + &second);

    // What a rotated file has is whole lines, and it can be read alone.
    let file = fs::read(folder.path().join("logs/000001.log.dcs")).unwrap();
    let text = dualcomp::decompress(&file, &Default::default()).unwrap();
    assert!(text.len() >= 4000 && text.ends_with(b"\n") && first.as_bytes().starts_with(&text));
}

#[test]
fn a_file_without_its_end_is_shown_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let text = lines(0..3000);
    ok(PROGRAM, &["write", "logs", "1000000"], folder.path(), text.as_bytes());
    let path = folder.path().join("logs/000001.log.dcs");
    let file = fs::read(&path).unwrap();
    fs::write(&path, &file[..file.len() - 9]).unwrap();
    let output = run(PROGRAM, &["cat", "logs"], folder.path(), b"");
    assert!(output.status.success());
    assert!(text.as_bytes().starts_with(&output.stdout));
    assert!(String::from_utf8(output.stderr).unwrap().contains("000001.log.dcs has no end"));
}

const SHIPPER: &str = env!("CARGO_BIN_EXE_log_shipper");

#[test]
fn shipped_lines_arrive_each_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let samples: Vec<String> = lines(1000..1500).lines().map(str::to_owned).collect();
    let dictionary = dualcomp::Dictionary::from_samples(&samples).unwrap();
    fs::write(folder.path().join("log.dcdict"), dictionary.to_bytes()).unwrap();
    fs::write(folder.path().join("today.log"), lines(0..50)).unwrap();
    let printed = ok(SHIPPER, &["load", "today.log", "log.dcdict"], folder.path(), b"");
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("lines a second; ") && printed.contains("in the median"), "{printed}");

    let mut collector = Command::new(SHIPPER);
    collector.args(["collect", "127.0.0.1:0", "log.dcdict"]).current_dir(folder.path()).stdout(Stdio::piped());
    let mut collector = collector.spawn().unwrap();
    let mut arrives = BufReader::new(collector.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = arrives.next().unwrap();
    ok(SHIPPER, &["ship", &address, "log.dcdict"], folder.path(), lines(0..20).as_bytes());
    let arrived: Vec<String> = arrives.by_ref().take(20).collect();
    assert_eq!(arrived, lines(0..20).lines().collect::<Vec<_>>());
    collector.kill().unwrap();
    collector.wait().unwrap();
}
