//! demo: a page of sizes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[tokio::test]
async fn a_page_shows_what_became_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..100).map(|number| format!("line {number} of a <text>\n")).collect();
    fs::write(folder.path().join("lines.txt"), &text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    let mut process =
        command.args(["--once", "lines.txt"]).current_dir(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let page = reqwest::get(url.trim_end()).await.unwrap().text().await.unwrap();
    assert!(process.wait().unwrap().success());
    assert!(page.contains("lines.txt") && page.contains(&format!("<p>{} bytes</p>", text.len())), "{page}");
    for level in ["fast", "default", "max"] {
        assert!(page.contains(&format!("DualComp {level}")), "{page}");
    }
}
