//! Everything at a glance: a photo, a text and the answer of an API, compressed by DualComp and by what is installed, on
//! a page of this machine.
//!
//! ```sh
//! cargo run --release -p dualcomp-examples --bin demo                       # prints an address, and opens it
//! cargo run --release -p dualcomp-examples --bin demo -- photo.png page.html   # your own files
//! ```
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod page;
mod peers;
mod samples;

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dualcomp::{ColorType, EncoderOptions, ImageInfo, Level, Metadata};
use image::RgbImage;

use page::{Row, Sample};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let once = arguments.iter().position(|argument| argument == "--once").map(|at| arguments.remove(at)).is_some();
    let mut samples = Vec::new();
    if arguments.is_empty() {
        samples.push(picture("A picture, drawn by this program with the noise of a camera", samples::picture())?);
        samples.push(bytes("A text", samples::text().as_bytes())?);
        samples.push(bytes("The answer of an API", samples::answer().as_bytes())?);
    }
    for argument in &arguments {
        samples.push(match image::open(Path::new(argument)) {
            Ok(picture_of_file) => picture(argument, picture_of_file.into_rgb8())?,
            Err(_) => bytes(argument, &std::fs::read(argument)?)?,
        });
    }
    let page = page::html(&samples);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    println!("{address}");
    std::io::stdout().flush()?;
    if !once {
        open(&address);
    }
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // Browsers open connections before they need them. One that goes away is no reason to end.
            let answering = scope.spawn(|| answer(stream, &page, &samples));
            if once && answering.join().is_ok_and(|answered| answered.is_ok()) {
                break;
            }
        }
    });
    Ok(())
}

/// An image at three levels, and as others make it.
fn picture(name: &str, picture: RgbImage) -> Result<Sample> {
    let info = ImageInfo::new(picture.width(), picture.height(), ColorType::Rgb8);
    let mut rows = Vec::new();
    for level in [Level::Fast, Level::Default, Level::Max] {
        let options = EncoderOptions::default().with_level(level);
        rows.push(timed(
            &format!("DualComp {level}"),
            || Ok(dualcomp::encode_image(&picture, &info, &Metadata::default(), &options)?),
            |coded| Ok(dualcomp::decode_image(coded, &Default::default())?.pixels == *picture.as_raw()),
        )?);
    }
    let png = peers::png(&picture)?;
    rows.push(Row::of("PNG, best effort", png.len()));
    rows.extend(peers::image(&png));
    Ok(Sample { name: name.to_owned(), raw: picture.len(), rows, png: Some(png) })
}

/// Bytes at three levels, and as others make them.
fn bytes(name: &str, content: &[u8]) -> Result<Sample> {
    let mut rows = Vec::new();
    for level in [Level::Fast, Level::Default, Level::Max] {
        let options = EncoderOptions::default().with_level(level).with_size_hint(content.len() as u64);
        rows.push(timed(
            &format!("DualComp {level}"),
            || Ok(dualcomp::compress(content, &options)?),
            |coded| Ok(dualcomp::decompress(coded, &Default::default())? == content),
        )?);
    }
    rows.extend(peers::bytes(content));
    Ok(Sample { name: name.to_owned(), raw: content.len(), rows, png: None })
}

/// Encodes and decodes, and takes the time of both.
fn timed(
    name: &str,
    encode: impl FnOnce() -> Result<Vec<u8>>,
    comes_back: impl FnOnce(&[u8]) -> Result<bool>,
) -> Result<Row> {
    let start = Instant::now();
    let coded = encode()?;
    let encoding = start.elapsed();
    let start = Instant::now();
    if !comes_back(&coded)? {
        return Err(format!("{name} did not come back as it was").into());
    }
    Ok(Row { name: name.to_owned(), size: coded.len(), times: Some((encoding, start.elapsed())) })
}

/// Answers one request: the page, or the picture of a sample.
fn answer(stream: TcpStream, page: &str, samples: &[Sample]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut field = String::new();
    while reader.read_line(&mut field)? > 2 {
        field.clear();
    }
    let path = line.split(' ').nth(1).unwrap_or("/");
    let number = path.strip_prefix("/picture/").and_then(|number| number.parse::<usize>().ok());
    let (status, kind, content) = match number.map(|number| samples.get(number).and_then(|s| s.png.as_deref())) {
        Some(Some(png)) => ("200 OK", "image/png", png),
        None if path == "/" => ("200 OK", "text/html; charset=utf-8", page.as_bytes()),
        _ => ("404 Not Found", "text/plain", &b"not found"[..]),
    };
    let length = content.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    (&stream).write_all(head.as_bytes())?;
    (&stream).write_all(content)
}

/// Opens a browser where there is one. Where not, the address is printed.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = Command::new(program).arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
