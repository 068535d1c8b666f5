//! The picture itself: an SVG without fonts, scripts or links, readable on light and on dark ground.

use std::fmt::Write;

use super::labels::{self, LINE, Rect};
use super::points::{Panel, Point};
use super::scale::Scale;
use crate::bench::figures::DataKind;

const PANEL_WIDTH: f64 = 300.0;
const PANEL_HEIGHT: f64 = 290.0;
const GAP: f64 = 46.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 58.0;
const BOTTOM: f64 = 78.0;
const RADIUS: f64 = 4.5;

const STYLE: &str = "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#57606a}\
.head{font-weight:600;fill:#1f2328}.small{font-size:12px}.grid{stroke:#8c959f;stroke-opacity:.3}\
.peer{stroke:#6e7781;fill:#6e7781}.ours{stroke:#cf4a1f;fill:#cf4a1f}.line{stroke-width:1.5;stroke-opacity:.6}\
.back{fill:#fff;stroke-width:1.8}text.ours{stroke:none;font-weight:600}text.peer{stroke:none}\
@media(prefers-color-scheme:dark){text{fill:#9198a1}.head{fill:#f0f6fc}.grid{stroke:#656c76}\
.peer{stroke:#9198a1;fill:#9198a1}.ours{stroke:#ff8a5c;fill:#ff8a5c}.back{fill:#0d1117}}";

/// Draws the panels side by side.
pub(crate) fn draw(panels: &[Panel]) -> String {
    let width = LEFT + panels.len() as f64 * (PANEL_WIDTH + GAP);
    let height = TOP + PANEL_HEIGHT + BOTTOM;
    let mut out = String::new();
    line(
        &mut out,
        &format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">"#
        ),
    );
    line(&mut out, "<title>Compressed size against speed</title>");
    line(&mut out, &format!("<desc>{}</desc>", escape(&description(panels))));
    line(&mut out, &format!("<style>{STYLE}</style>"));
    for (index, panel) in panels.iter().enumerate() {
        let left = LEFT + index as f64 * (PANEL_WIDTH + GAP);
        draw_panel(&mut out, panel, Rect { left, top: TOP, width: PANEL_WIDTH, height: PANEL_HEIGHT });
    }
    draw_key(&mut out, height - 16.0);
    line(&mut out, "</svg>");
    out
}

/// Title, axes and points of one panel.
fn draw_panel(out: &mut String, panel: &Panel, frame: Rect) {
    let sizes: Vec<f64> = panel.points.iter().map(|point| point.percent).collect();
    let speeds: Vec<f64> = panel.points.iter().flat_map(Point::speeds).collect();
    let (across, up) = (Scale::logarithmic(&speeds), Scale::linear(&sizes));
    let bottom = frame.top + frame.height;
    let right = frame.left + frame.width;
    let x = |speed: f64| frame.left + frame.width * across.place(speed.log10());
    let y = |percent: f64| bottom - frame.height * up.place(percent);

    text(out, "head", "start", (frame.left, frame.top - 32.0), panel.title());
    let detail = format!("{} files, {:.1} MB: size in % of raw", panel.files, panel.raw_bytes as f64 / 1e6);
    text(out, "small", "start", (frame.left, frame.top - 14.0), &detail);
    for &tick in &up.ticks {
        rule(out, "grid", (frame.left, y(tick)), (right, y(tick)));
        text(out, "small", "end", (frame.left - 6.0, y(tick) + 4.0), &number(tick));
    }
    for &tick in &across.ticks {
        let value = 10f64.powf(tick);
        rule(out, "grid", (x(value), frame.top), (x(value), bottom));
        text(out, "small", "middle", (x(value), bottom + 17.0), &number(value));
    }
    text(out, "small", "middle", (frame.left + frame.width / 2.0, bottom + 36.0), "MB/s, of raw data");

    let places: Vec<(f64, Option<f64>, f64)> =
        panel.points.iter().map(|point| (x(point.encode), point.decode.map(x), y(point.percent))).collect();
    let marks: Vec<Rect> =
        places.iter().map(|&(encode, decode, y)| mark(encode, decode.unwrap_or(encode), y)).collect();
    let names: Vec<&str> = panel.points.iter().map(|point| point.label.as_str()).collect();
    for (point, &(encode, decode, y)) in panel.points.iter().zip(&places) {
        let class = point.class();
        if let Some(decode) = decode {
            rule(out, &format!("{class} line"), (encode, y), (decode, y));
            circle(out, &format!("{class} back"), decode, y);
        }
        circle(out, class, encode, y);
    }
    let labels = labels::place(frame, &marks, &names);
    for (point, (label, mark)) in panel.points.iter().zip(labels.iter().zip(&marks)) {
        let (anchor, x) = label.anchor(mark);
        text(out, point.class(), anchor, (x, label.top + LINE - 3.0), &point.label);
    }
}

/// The room that the marks of a point take.
fn mark(encode: f64, decode: f64, y: f64) -> Rect {
    let room = RADIUS + 1.0;
    Rect {
        left: encode.min(decode) - room,
        top: y - room,
        width: (encode - decode).abs() + 2.0 * room,
        height: 2.0 * room,
    }
}

/// What the marks mean.
fn draw_key(out: &mut String, y: f64) {
    circle(out, "peer", LEFT + RADIUS, y - 4.0);
    text(out, "small", "start", (LEFT + 16.0, y), "encode");
    circle(out, "peer back", LEFT + 76.0 + RADIUS, y - 4.0);
    text(out, "small", "start", (LEFT + 92.0, y), "decode");
    text(out, "small", "start", (LEFT + 152.0, y), "lower is smaller, further right is faster");
}

impl Panel {
    fn title(&self) -> &'static str {
        match self.kind {
            DataKind::Photo => "Photos",
            DataKind::Graphic => "Screenshots and graphics",
            DataKind::Bytes => "Text and other bytes",
        }
    }
}

impl Point {
    fn speeds(&self) -> impl Iterator<Item = f64> {
        [Some(self.encode), self.decode].into_iter().flatten()
    }

    fn class(&self) -> &'static str {
        if self.ours { "ours" } else { "peer" }
    }
}

/// The figures in words, for who does not see the picture.
fn description(panels: &[Panel]) -> String {
    let mut words = String::new();
    for panel in panels {
        let points = panel.points.iter().map(|point| {
            let decode = point.decode.map(|speed| format!(", decodes {speed:.3} MB/s")).unwrap_or_default();
            format!("{} {:.2} %, encodes {:.3} MB/s{decode}", point.label, point.percent, point.encode)
        });
        let points: Vec<String> = points.collect();
        let _ = write!(words, "{}: {}. ", panel.title(), points.join("; "));
    }
    words.trim_end().to_owned()
}

fn text(out: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), words: &str) {
    let words = escape(words);
    line(out, &format!(r#"<text class="{class}" text-anchor="{anchor}" x="{x:.1}" y="{y:.1}">{words}</text>"#));
}

fn rule(out: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    line(out, &format!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
}

fn circle(out: &mut String, class: &str, x: f64, y: f64) {
    line(out, &format!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{RADIUS}"/>"#));
}

fn line(out: &mut String, words: &str) {
    out.push_str(words);
    out.push('\n');
}

/// A tick without needless digits.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
