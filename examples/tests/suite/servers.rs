//! thumbnails and http_fallback, as programs that listen on a port of this machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use dualcomp_image::SaveDci;
use image::{Rgb, RgbImage};
use reqwest::{Client, Response};

use crate::ok;

const THUMBNAILS: &str = env!("CARGO_BIN_EXE_thumbnails");
const LOAD: &str = env!("CARGO_BIN_EXE_load");
const FALLBACK: &str = env!("CARGO_BIN_EXE_http_fallback");

/// A server that ends with the test.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(program: &str, arguments: &[&str], folder: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).arg("127.0.0.1:0").current_dir(folder).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim_end().to_owned() }
    }

    async fn get(&self, path: &str, field: (&str, &str)) -> Response {
        // Without the codings that a client adds and undoes by itself.
        let client = Client::builder().no_gzip().build().unwrap();
        client.get(format!("{}{path}", self.url)).header(field.0, field.1).send().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test]
async fn a_gallery_has_thumbnails_and_images() {
    let folder = tempfile::tempdir().unwrap();
    let photo = RgbImage::from_fn(300, 100, |x, y| Rgb([x as u8, y as u8, (x / 3) as u8]));
    photo.save_dci(folder.path().join("photo.dci")).unwrap();
    fs::write(folder.path().join("broken.dci"), "no image").unwrap();
    fs::write(folder.path().join("secret.txt"), "not for the web").unwrap();
    let server = Server::start(THUMBNAILS, &["."], folder.path());
    let browser = ("accept", "image/png,image/*;q=0.8,*/*;q=0.5");

    let page = server.get("/", browser).await.text().await.unwrap();
    assert!(page.contains("thumbnail/photo.dci") && !page.contains("secret"), "{page}");
    for _ in 0..2 {
        let thumbnail = server.get("/thumbnail/photo.dci", browser).await.bytes().await.unwrap();
        let thumbnail = image::load_from_memory(&thumbnail).unwrap();
        assert_eq!((thumbnail.width(), thumbnail.height()), (200, 67));
    }
    let png = server.get("/image/photo.dci", browser).await;
    assert_eq!(
        (&png.headers()["content-type"], &png.headers()["vary"]),
        (&"image/png".parse().unwrap(), &"accept".parse().unwrap())
    );
    assert_eq!(image::load_from_memory(&png.bytes().await.unwrap()).unwrap().into_rgb8(), photo);
    let dci = server.get("/image/photo.dci", ("accept", "image/vnd.dualcomp")).await.bytes().await.unwrap();
    assert_eq!(dci, fs::read(folder.path().join("photo.dci")).unwrap());

    let url = format!("{}/thumbnail/photo.dci", server.url);
    let said = String::from_utf8(ok(LOAD, &[&url, "50", "4"], folder.path(), b"")).unwrap();
    assert!(said.contains(" requests a second; ") && said.contains("50: 200 OK, as it is, "), "{said}");

    for (path, status) in [
        ("/image/missing.dci", 404),
        ("/image/secret.txt", 404),
        ("/image/..%2Fphoto.dci", 404),
        ("/thumbnail/broken.dci", 422),
    ] {
        assert_eq!(server.get(path, browser).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn a_client_that_knows_dualcomp_gets_it_and_others_get_gzip_or_brotli() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..300).map(|number| format!("line {number} of a text, {}\n", number * number)).collect();
    fs::write(folder.path().join("lines.txt"), &text).unwrap();
    let server = Server::start(FALLBACK, &["serve", "."], folder.path());

    let url = format!("{}/lines.txt", server.url);
    assert_eq!(ok(FALLBACK, &["get", &url], folder.path(), b""), text.as_bytes());

    let mut sizes = Vec::new();
    for coding in ["dualcomp-1", "br", "gzip"] {
        let response = server.get("/lines.txt", ("accept-encoding", coding)).await;
        assert_eq!(response.headers()["content-encoding"], coding);
        sizes.push(response.bytes().await.unwrap().len());
    }
    assert!(sizes.is_sorted(), "{sizes:?}");
    let plain = server.get("/lines.txt", ("accept-encoding", "identity")).await;
    assert!(!plain.headers().contains_key("content-encoding"));
    assert_eq!(plain.text().await.unwrap(), text);
    // Coded once with the network, for the client, and once without.
    ok(FALLBACK, &["get", &url], folder.path(), b"");
    let figures = server.get("/", ("accept-encoding", "identity")).await.text().await.unwrap();
    assert!(figures.contains("coded: 2,") && figures.contains("hits: 1,"), "{figures}");
    assert_eq!(server.get("/..%2Flines.txt", ("accept-encoding", "gzip")).await.status(), 404);
}
