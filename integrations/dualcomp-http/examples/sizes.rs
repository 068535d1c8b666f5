//! Sizes on the wire of a JSON response of 20 KB and a page of 60 KB, beside brotli at its best.
//!
//! ```sh
//! cargo run --release -p dualcomp-http --example sizes
//! ```

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::fmt::Write;
use std::time::Instant;

use async_compression::Level as Effort;
use async_compression::tokio::bufread::BrotliEncoder;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::routing::get;
use dualcomp_http::{Coding, CompressionLayer};
use http_body_util::BodyExt;
use tokio::io::AsyncReadExt;
use tower::ServiceExt;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const FIRST: [&str; 12] =
    ["Anna", "Bruno", "Chen", "Dana", "Emeka", "Fatima", "Goran", "Hana", "Ivan", "Julia", "Kofi", "Lena"];
const LAST: [&str; 10] =
    ["Almeida", "Becker", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen"];
const CITIES: [&str; 8] = ["Lisbon", "Hamburg", "Toronto", "Nairobi", "Osaka", "Lima", "Warsaw", "Adelaide"];
const GOODS: [&str; 9] = [
    "desk lamp",
    "water bottle",
    "rain jacket",
    "notebook",
    "tea kettle",
    "headphones",
    "garden hose",
    "bread knife",
    "picture frame",
];
const STATES: [&str; 5] = ["pending", "paid", "shipped", "delivered", "returned"];

/// What an API of a shop may answer.
fn json() -> String {
    let mut numbers = Numbers(1);
    let mut text = String::from(r#"{"page":1,"per_page":50,"orders":["#);
    while text.len() < 20_000 {
        let (first, last) = (numbers.of(&FIRST), numbers.of(&LAST));
        if !text.ends_with('[') {
            text.push(',');
        }
        let id = 100_000 + numbers.below(900_000);
        let (year, month, day) = (2023 + numbers.below(3), 1 + numbers.below(12), 1 + numbers.below(28));
        let (hour, minute) = (numbers.below(24), numbers.below(60));
        let (item, city, state) = (numbers.of(&GOODS), numbers.of(&CITIES), numbers.of(&STATES));
        let (count, euros, cents) = (1 + numbers.below(4), 5 + numbers.below(200), numbers.below(100));
        let mail = format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase());
        // Writing to a string does not fail.
        let _ = write!(
            text,
            concat!(
                r#"{{"id":{},"created_at":"{}-{:02}-{:02}T{:02}:{:02}:00Z","status":"{}","customer":{{"name":"{} {}","#,
                r#""email":"{}","city":"{}"}},"items":[{{"title":"{}","quantity":{},"price":{}.{:02}}}],"currency":"EUR"}}"#
            ),
            id, year, month, day, hour, minute, state, first, last, mail, city, item, count, euros, cents
        );
    }
    text.push_str("]}");
    text
}

/// The documents of this project as a page with a table of contents, 60 KB at most.
fn html() -> Result<String, Error> {
    const FILES: [&str; 9] = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/spec/format.md",
        "docs/spec/image.md",
        "docs/spec/numerics.md",
        "docs/guide/performance.md",
        "training/README.md",
        "crates/dualcomp-model/weights/MODEL_CARD.md",
    ];
    let (mut contents, mut sections) = (String::new(), String::new());
    let mut number = 0;
    for name in FILES {
        let text = std::fs::read_to_string(format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR")))?;
        for part in text.replace('&', "&amp;").replace('<', "&lt;").split("\n\n") {
            if contents.len() + sections.len() + part.len() > 59_000 {
                continue;
            }
            // Writing to a string does not fail.
            let _ = if let Some(title) = part.strip_prefix('#') {
                number += 1;
                let title = title.trim_start_matches('#').trim();
                let _ = writeln!(contents, "<li><a class=\"link\" href=\"#section-{number}\">{title}</a></li>");
                writeln!(sections, "<h2 class=\"title\" id=\"section-{number}\">{title}</h2>")
            } else if part.starts_with("- ") {
                let items = part.trim_start_matches("- ").replace("\n- ", "</li>\n<li>");
                writeln!(sections, "<ul class=\"list\">\n<li>{items}</li>\n</ul>")
            } else {
                writeln!(sections, "<p class=\"text\">{part}</p>")
            };
        }
    }
    Ok(format!(
        concat!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>DualComp</title>\n",
            "<link rel=\"stylesheet\" href=\"/assets/style.css\">\n</head>\n<body>\n",
            "<nav>\n<ul>\n{}</ul>\n</nav>\n<main>\n{}</main>\n</body>\n</html>\n"
        ),
        contents, sections
    ))
}

async fn brotli(content: &str) -> Result<usize, Error> {
    let mut out = Vec::new();
    BrotliEncoder::with_quality(content.as_bytes(), Effort::Precise(11)).read_to_end(&mut out).await?;
    Ok(out.len())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let codings: Vec<_> = Coding::supported().iter().map(Coding::to_string).collect();
    for (kind, content) in [("application/json", json()), ("text/html", html()?)] {
        let brotli = brotli(&content).await?;
        for coding in &codings {
            let content = content.clone();
            let app = Router::new()
                .route("/", get(move || async move { ([(CONTENT_TYPE, kind)], content) }))
                .layer(CompressionLayer::new());
            let start = Instant::now();
            let request = Request::get("/").header(ACCEPT_ENCODING, coding).body(Body::empty())?;
            let response = app.oneshot(request).await?;
            assert_eq!(response.headers()[CONTENT_ENCODING], coding.as_str());
            let body = response.into_body().collect().await?.to_bytes();
            let seconds = start.elapsed().as_secs_f64();
            let plain = dualcomp::decompress(&body, &Default::default())?;
            let saved = 100.0 * (1.0 - body.len() as f64 / brotli as f64);
            println!(
                "{kind}: {} bytes, brotli 11 {brotli}, {coding} {} ({saved:.1} % smaller), {seconds:.2} s",
                plain.len(),
                body.len()
            );
        }
    }
    Ok(())
}
