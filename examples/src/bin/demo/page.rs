//! The page.

use std::time::Duration;

/// One input and what became of it.
pub(crate) struct Sample {
    pub(crate) name: String,
    /// Bytes as they are.
    pub(crate) raw: usize,
    pub(crate) rows: Vec<Row>,
    /// To show it, if it is an image.
    pub(crate) png: Option<Vec<u8>>,
}

/// One way to compress it.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) size: usize,
    /// Of encoding and decoding, by this process.
    pub(crate) times: Option<(Duration, Duration)>,
}

impl Row {
    pub(crate) fn of(name: &str, size: usize) -> Self {
        Self { name: name.to_owned(), size, times: None }
    }
}

const STYLE: &str = "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; } td { padding: .2em .5em; white-space: nowrap; } td.n { text-align: right; }
td.bar { width: 100%; } td.bar div { height: 1em; background: #9aa5b1; } tr.ours td.bar div { background: #1769aa; }
img { max-width: 100%; max-height: 20em; } small { color: #52606d; }
@media (prefers-color-scheme: dark) { body { background: #17191c; color: #e4e7eb; } small { color: #9aa5b1; } }";

/// The page of these samples.
pub(crate) fn html(samples: &[Sample]) -> String {
    let sections: String = samples.iter().enumerate().map(|(number, sample)| section(number, sample)).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>DualComp</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>\n<h1>DualComp</h1>\n\
         <p>Bytes of the same content. Everything that this page says of DualComp was decoded and compared. Programs that \
         are not installed are left out.</p>\n{sections}</html>\n"
    )
}

fn section(number: usize, sample: &Sample) -> String {
    let Sample { name, raw, rows, png } = sample;
    let largest = rows.iter().map(|row| row.size).max().unwrap_or(1).max(1);
    let rows: String = rows.iter().map(|row| line(row, largest, *raw)).collect();
    let picture = match png {
        Some(_) => format!("<p><img src=\"/picture/{number}\" alt=\"\"></p>\n"),
        None => String::new(),
    };
    format!("<h2>{}</h2>\n{picture}<p>{raw} bytes</p>\n<table>\n{rows}</table>\n", escaped(name))
}

fn line(row: &Row, largest: usize, raw: usize) -> String {
    let Row { name, size, times } = row;
    let ours = if name.starts_with("DualComp") { " class=\"ours\"" } else { "" };
    let width = 100.0 * *size as f64 / largest as f64;
    let percent = 100.0 * *size as f64 / raw.max(1) as f64;
    let times = times.map_or(String::new(), |(encoding, decoding)| {
        format!("<small>{} ms, back in {} ms</small>", encoding.as_millis(), decoding.as_millis())
    });
    format!(
        "<tr{ours}><td>{}</td><td class=\"n\">{size}</td><td class=\"n\">{percent:.1} %</td>\
         <td class=\"bar\"><div style=\"width:{width:.1}%\"></div></td><td>{times}</td></tr>\n",
        escaped(name)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
