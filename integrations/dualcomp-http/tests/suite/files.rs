//! Files that were coded before, over a socket.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use axum::Router;
use dualcomp_http::DualCompMiddleware;
use dualcomp_http::files::Precompressed;
use http::{Method, StatusCode};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tower_http::services::ServeDir;

use crate::server::{Received, coded, get, gzip, send, serve};

const US: &str = "dualcomp-1";

fn style() -> String {
    (0..200).map(|n| format!(".class-{n} {{ margin: {}px; }}\n", n * 7 % 40)).collect()
}

fn hexadecimal(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the coded bodies of these files and their manifest, as the program does.
fn code(root: &Path, files: &[&str]) {
    let entries: Vec<String> = files
        .iter()
        .map(|file| {
            let content = fs::read(root.join(file)).unwrap();
            let body = coded(&content);
            fs::write(root.join(format!("{file}.dcs")), &body).unwrap();
            format!(
                r#""{file}": {{"size": {}, "sha256": "{}", "coding": "{US}", "coded_size": {}, "coded_sha256": "{}"}}"#,
                content.len(),
                hexadecimal(&content),
                body.len(),
                hexadecimal(&body)
            )
        })
        .collect();
    let text = format!(r#"{{"format": 1, "level": "fast", "files": {{{}}}}}"#, entries.join(", "));
    fs::write(root.join("dualcomp-manifest.json"), text).unwrap();
}

/// A folder of files, some of them coded.
async fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("sub")).unwrap();
    fs::write(root.join("a style.css"), style()).unwrap();
    fs::write(root.join("sub/index.html"), format!("<style>{}</style>", style())).unwrap();
    fs::write(root.join("plain.txt"), "not coded").unwrap();
    fs::write(root.join("plain.txt.gz"), gzip(b"not coded").await).unwrap();
    fs::write(root.join("a style.css.gz"), gzip(style().as_bytes()).await).unwrap();
    code(root, &["a style.css", "sub/index.html"]);
    folder
}

async fn served(site: &TempDir) -> SocketAddr {
    let files = ServeDir::new(site.path()).precompressed_br().precompressed_gzip();
    serve(Router::new().fallback_service(Precompressed::new(site.path(), files))).await
}

#[track_caller]
fn is_coded(received: &Received, content: &[u8], kind: &str) {
    assert_eq!((received.status, received.coding()), (StatusCode::OK, Some(US)));
    assert_eq!(received.header("content-type"), Some(kind));
    assert_eq!(received.header("content-length"), Some(&received.body.len().to_string()[..]));
    assert_eq!((received.vary(), received.header("accept-ranges")), (vec!["accept-encoding".to_owned()], None));
    assert!(received.decoded() == content);
}

#[tokio::test]
async fn a_coded_file_is_served_to_who_knows_the_coding() {
    let site = site().await;
    let address = served(&site).await;
    is_coded(&get(address, "/a%20style.css?v=1", "gzip, dualcomp-1").await, style().as_bytes(), "text/css");
    let page = format!("<style>{}</style>", style());
    is_coded(&get(address, "/sub/", US).await, page.as_bytes(), "text/html");
    for path in ["/sub", "/sub%2F"] {
        assert_eq!(get(address, path, US).await.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
    }
    assert_eq!(Precompressed::new(site.path(), ()).coded_files().unwrap(), 2);
}

#[tokio::test]
async fn others_get_what_lies_beside_or_the_file() {
    let site = site().await;
    let address = served(&site).await;
    for (line, coding) in [
        ("gzip", Some("gzip")),
        ("br, gzip;q=0.5", Some("gzip")),
        ("dualcomp-1;q=0.5, gzip", Some("gzip")),
        ("dualcomp-1-01020304, gzip", Some("gzip")),
        ("dualcomp-2", None),
        ("identity, dualcomp-1;q=0.9", None),
        ("", None),
    ] {
        let received = get(address, "/a%20style.css", line).await;
        assert_eq!((received.status, received.coding()), (StatusCode::OK, coding), "{line}");
        assert_eq!((received.header("content-type"), received.vary().len()), (Some("text/css"), 1), "{line}");
        assert!(coding.is_some() || received.body == style());
    }
    let received = get(address, "/plain.txt", "dualcomp-1, gzip").await;
    assert_eq!((received.coding(), received.header("content-type")), (Some("gzip"), Some("text/plain")));
    assert_eq!(get(address, "/nothing.css", US).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(address, "/../a%20style.css", US).await.status, StatusCode::NOT_FOUND);
    let received = send(address, Method::POST, "/a%20style.css", &[("accept-encoding", US)]).await;
    assert_eq!(received.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn validators_and_head() {
    let site = site().await;
    let address = served(&site).await;
    let [ours, plain] = [get(address, "/a%20style.css", US).await, get(address, "/a%20style.css", "").await];
    let [tag, other] = [&ours, &plain].map(|received| received.header("etag").unwrap().to_owned());
    assert!(tag.starts_with('"') && tag != other);
    let ask = async |method, tag: &str, line| {
        send(address, method, "/a%20style.css", &[("accept-encoding", line), ("if-none-match", tag)]).await
    };
    let received = ask(Method::GET, &tag, US).await;
    assert_eq!((received.status, received.header("etag")), (StatusCode::NOT_MODIFIED, Some(&tag[..])));
    assert_eq!((received.vary().len(), received.body.len()), (1, 0));
    // The tag of one form says nothing of another.
    assert_eq!(ask(Method::GET, &other, US).await.status, StatusCode::OK);
    assert_eq!(ask(Method::GET, &tag, "gzip").await.status, StatusCode::OK);
    let head = ask(Method::HEAD, "\"none\"", US).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    for name in ["content-encoding", "content-length", "content-type", "etag", "vary", "last-modified"] {
        assert_eq!(head.header(name), ours.header(name), "{name}");
    }
}

#[tokio::test]
async fn a_coded_body_has_no_date() {
    let site = site().await;
    let address = served(&site).await;
    let path = site.path().join("a style.css");
    let day = |number: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * number);
    let date = |path: &Path, when| fs::File::options().write(true).open(path).unwrap().set_modified(when).unwrap();
    date(&path, day(10_001));
    date(&site.path().join("a style.css.dcs"), day(10_003));
    let since = "Thu, 22 May 1997 00:00:00 GMT";
    for name in ["if-modified-since", "if-unmodified-since"] {
        for since in [since, "Sun, 18 May 1997 00:00:00 GMT"] {
            let ours = send(address, Method::GET, "/a%20style.css", &[("accept-encoding", US), (name, since)]).await;
            is_coded(&ours, style().as_bytes(), "text/css");
            assert_eq!(ours.header("last-modified"), None);
        }
    }
    let tag = get(address, "/a%20style.css", US).await.header("etag").unwrap().to_owned();
    let fields = [("accept-encoding", US), ("if-none-match", &tag[..]), ("if-modified-since", since)];
    let known = send(address, Method::GET, "/a%20style.css", &fields).await;
    assert_eq!((known.status, known.header("last-modified")), (StatusCode::NOT_MODIFIED, None));
    // The file itself has one.
    let plain = send(address, Method::GET, "/a%20style.css", &[("if-modified-since", since)]).await;
    assert_eq!(plain.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn ranges_are_of_the_content() {
    let site = site().await;
    let address = served(&site).await;
    let fields = [("accept-encoding", "dualcomp-1, gzip"), ("range", "bytes=10-19")];
    let received = send(address, Method::GET, "/a%20style.css", &fields).await;
    assert_eq!((received.status, received.coding()), (StatusCode::PARTIAL_CONTENT, None));
    assert_eq!(received.body, style()[10..20]);
    assert_eq!(received.header("content-range"), Some(&format!("bytes 10-19/{}", style().len())[..]));
    // Who has a part of the coded body, or may have, gets the whole.
    let ours = get(address, "/a%20style.css", US).await;
    for tag in [ours.header("etag").unwrap(), "\"another\""] {
        let fields = [("accept-encoding", US), ("range", "bytes=10-19"), ("if-range", tag)];
        let received = send(address, Method::GET, "/a%20style.css", &fields).await;
        assert_eq!((received.status, received.coding()), (StatusCode::OK, Some(US)));
        assert_eq!(received.body, ours.body);
    }
    // Of a file without one there is nothing to confuse.
    let fields = [("accept-encoding", US), ("range", "bytes=0-1"), ("if-range", "\"another\"")];
    assert_eq!(send(address, Method::GET, "/plain.txt", &fields).await.status, StatusCode::PARTIAL_CONTENT);
}

#[tokio::test]
async fn what_has_changed_since_is_served_as_it_is() {
    let site = site().await;
    let address = served(&site).await;
    let path = site.path().join("a style.css");
    is_coded(&get(address, "/a%20style.css", US).await, style().as_bytes(), "text/css");
    // Of the same length, with the same time of modification.
    let (changed, modified) = (style().replace("px", "pt"), fs::metadata(&path).unwrap().modified().unwrap());
    fs::write(&path, &changed).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let received = get(address, "/a%20style.css", US).await;
    assert_eq!((received.coding(), received.body == changed), (None, true));
    // Coded again, without a restart.
    code(site.path(), &["a style.css"]);
    is_coded(&get(address, "/a%20style.css", US).await, changed.as_bytes(), "text/css");
    assert_eq!(get(address, "/sub/", US).await.coding(), None);
    // A body that is not the one of the manifest.
    fs::write(site.path().join("a style.css.dcs"), coded(b"something else")).unwrap();
    assert_eq!(get(address, "/a%20style.css", US).await.coding(), None);
    for text in ["{", "[]"] {
        fs::write(site.path().join("dualcomp-manifest.json"), text).unwrap();
        assert_eq!(get(address, "/a%20style.css", US).await.coding(), None);
    }
    fs::remove_file(site.path().join("dualcomp-manifest.json")).unwrap();
    assert_eq!(get(address, "/a%20style.css", US).await.body, changed);
}

#[tokio::test]
async fn reqwest_reads_coded_files() {
    let site = site().await;
    let address = served(&site).await;
    let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new()).with(DualCompMiddleware::new()).build();
    let response = client.get(format!("http://{address}/a%20style.css")).send().await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["content-type"]),
        (StatusCode::OK, &"text/css".parse().unwrap())
    );
    assert!(response.text().await.unwrap() == style());
}

/// As a program of others sees it. Where there is no curl, nothing is tested.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_gets_coded_files() {
    let site = site().await;
    let address = served(&site).await;
    let url = format!("http://{address}/a%20style.css");
    let curl = |arguments: &[&str]| {
        let output = Command::new("curl").args(["-sS", "--max-time", "20"]).args(arguments).arg(&url).output().ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(output.stdout)
    };
    let Some(body) = curl(&["-H", "Accept-Encoding: dualcomp-1"]) else { return };
    assert!(dualcomp::decompress(&body, &Default::default()).unwrap() == style().as_bytes());
    assert!(curl(&["--compressed"]).unwrap() == style().as_bytes());
    assert!(curl(&["-H", "Accept-Encoding: dualcomp-1", "-r", "0-99"]).unwrap() == style().as_bytes()[..100]);
    let head = String::from_utf8(curl(&["-I", "-H", "Accept-Encoding: dualcomp-1"]).unwrap()).unwrap();
    assert!(head.contains("content-encoding: dualcomp-1\r\n"), "{head}");
}
