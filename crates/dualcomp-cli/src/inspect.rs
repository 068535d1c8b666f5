//! `dualcomp inspect`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::batch::{self, Failure};
use crate::codec;
use crate::source::Source;

/// Show what a compressed file is made of, without decoding it
#[derive(Args)]
pub(crate) struct InspectArgs {
    /// Files to look at; - is standard input
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// Print one JSON object a line for each file
    #[arg(short, long)]
    json: bool,
}

/// What a compressed file says about itself.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// "image" or "bytes".
    pub(crate) kind: &'static str,
    /// How many streams follow each other in the file.
    pub(crate) streams: usize,
    /// In hexadecimal; none where no block needs a model.
    pub(crate) model: Option<String>,
    #[serde(flatten)]
    pub(crate) image: Option<ImageSummary>,
    /// Length of what was compressed: samples of an image, else bytes.
    pub(crate) raw_bytes: u64,
    /// Length of the compressed file.
    pub(crate) coded_bytes: u64,
    pub(crate) chunks: Vec<ChunkSummary>,
}

/// What only images have.
#[derive(Debug, Serialize)]
pub(crate) struct ImageSummary {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) color: String,
    pub(crate) subpixels: u64,
}

/// One chunk of a file.
#[derive(Debug, Serialize)]
pub(crate) struct ChunkSummary {
    pub(crate) kind: String,
    /// Where it begins, in bytes from the start of the file.
    pub(crate) offset: u64,
    /// Bytes it decodes to; 0 for chunks that hold no data.
    pub(crate) raw_bytes: u64,
    /// Bytes it takes in the file.
    pub(crate) coded_bytes: u64,
}

/// Runs the subcommand.
pub(crate) fn run(args: &InspectArgs) -> ExitCode {
    batch::run(&args.inputs, |input| inspect(args, input))
}

fn inspect(args: &InspectArgs, input: &Path) -> Result<(), Failure> {
    let mut source = Source::open(input)?;
    if codec::detect(&source.peek(codec::SIGNATURE)?).is_none() {
        return Err(Failure::Message("not a DualComp file".to_owned()));
    }
    let summary = codec::summary(source.into_reader()?)?;
    let mut out = io::stdout().lock();
    if args.json {
        let line = serde_json::to_string(&summary).map_err(|error| error.to_string())?;
        writeln!(out, "{line}")?;
    } else {
        print(&mut out, input, &summary)?;
    }
    out.flush()?;
    Ok(())
}

fn print(out: &mut impl Write, input: &Path, summary: &Summary) -> io::Result<()> {
    let percent = |coded: u64, raw: u64| match raw {
        0 => String::new(),
        raw => format!("{:.2}%", 100.0 * coded as f64 / raw as f64),
    };
    writeln!(out, "{}", batch::display_name(input))?;
    writeln!(out, "  kind      {}", summary.kind)?;
    if summary.streams > 1 {
        writeln!(out, "  streams   {}", summary.streams)?;
    }
    writeln!(out, "  model     {}", summary.model.as_deref().unwrap_or("none needed"))?;
    let mut samples = (summary.raw_bytes, "byte");
    if let Some(image) = &summary.image {
        writeln!(out, "  pixels    {} x {}, {}", image.width, image.height, image.color)?;
        samples = (image.subpixels, "sub-pixel");
    }
    writeln!(out, "  raw       {} bytes", summary.raw_bytes)?;
    write!(out, "  coded     {} bytes", summary.coded_bytes)?;
    if samples.0 > 0 {
        let bits = 8.0 * summary.coded_bytes as f64 / samples.0 as f64;
        let ratio = percent(summary.coded_bytes, summary.raw_bytes);
        write!(out, ", {ratio}, {bits:.4} bits per {}", samples.1)?;
    }
    writeln!(out, "\n\n  {:<13} {:>12} {:>12} {:>12} {:>9}", "chunk", "offset", "raw", "coded", "ratio")?;
    for chunk in &summary.chunks {
        let ratio = percent(chunk.coded_bytes, chunk.raw_bytes);
        writeln!(
            out,
            "  {:<13} {:>12} {:>12} {:>12} {ratio:>9}",
            chunk.kind, chunk.offset, chunk.raw_bytes, chunk.coded_bytes
        )?;
    }
    Ok(())
}
