//! `dualcomp bench`: sizes that were decoded back and compared, and speeds, beside other tools'.

mod data;
mod figures;
mod files;
mod measure;
mod peers;
mod plot;
mod report;
mod totals;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::codec::{Level, Settings};
use crate::files::{Manner, Output, is_stdout};
use crate::terminal::{self, Failure, usage_error};
use figures::Report;
use files::BenchFile;

/// Measure sizes and speeds on files and folders
///
/// Every file is compressed in memory, images as pixels without metadata and others as bytes,
/// decompressed, and compared; a difference is an error. Speeds are megabytes (10^6) of raw data a
/// second. Raw data of an image are its samples.
///
/// --peers runs the installed ones of cjxl, cwebp, xz, zstd, brotli and zpaq at their best settings
/// on the same data, single-threaded, each with its own decoder, and compares too; their times
/// include the start of a process. Images they get as PNG. A zpaq archive has 1 KB of journal.
///
/// --plot draws size against speed, a panel each for photos, graphics and other files. With --from it draws runs whose
/// figures --json wrote, several levels for instance, and measures nothing unless paths are given too. Where one of the
/// two goes to standard output, the table does not.
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Files and folders; folders are walked in the order of names, files index.csv and links to folders left out
    #[arg(required_unless_present = "from", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Effort
    #[arg(short, long, value_enum, default_value_t)]
    level: Level,
    /// Threads; 0 is one per processor
    #[arg(short, long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Times to run each coding; the quickest counts
    #[arg(short, long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Run other compressors beside it
    #[arg(short, long)]
    peers: bool,
    /// Write all figures to this file, or - for standard output
    #[arg(short, long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw size against speed to this SVG file, or - for standard output
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Draw a run whose figures are in this file too; may be repeated
    #[arg(long, value_name = "RECORD", requires = "plot")]
    from: Vec<PathBuf>,
    /// Overwrite the files of --json and --plot
    #[arg(short, long)]
    force: bool,
}

impl BenchArgs {
    /// Ends the program if an output cannot be made of what is asked.
    fn check(&self) {
        if self.paths.is_empty() && self.json.is_some() {
            usage_error("--json writes what is measured: name a PATH");
        }
        if [&self.json, &self.plot].into_iter().flatten().filter(|path| is_stdout(path)).count() > 1 {
            usage_error("--json and --plot cannot both go to standard output");
        }
    }

    /// Opens an output, which replaces what has its name if the user forces that.
    fn open(&self, path: Option<&Path>) -> Result<Option<Output>, Failure> {
        let manner = Manner { force: self.force, ..Manner::default() };
        path.map(|path| Output::create(Some(path).filter(|path| !is_stdout(path)), manner, false, false)).transpose()
    }

    /// Where the table goes.
    fn table(&self) -> Box<dyn Write> {
        match [&self.json, &self.plot].into_iter().flatten().any(|path| is_stdout(path)) {
            true => Box::new(io::sink()),
            false => Box::new(io::stdout().lock()),
        }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &BenchArgs) -> ExitCode {
    args.check();
    match bench(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => terminal::failed(failure),
    }
}

/// Returns whether every file came back as it was.
fn bench(args: &BenchArgs) -> Result<bool, Failure> {
    // Before anything is measured, which takes long.
    let mut reports = args.from.iter().map(|path| plot::read_record(path)).collect::<Result<Vec<_>, _>>()?;
    let files = files::walk(&args.paths)?;
    files::check_outputs([args.json.as_deref(), args.plot.as_deref()], &files)?;
    let (json, picture) = (args.open(args.json.as_deref())?, args.open(args.plot.as_deref())?);
    if !files.is_empty() {
        reports.push(measure_all(args, &files, json)?);
    }
    if let Some(mut picture) = picture {
        picture.write_all(plot::draw(&reports)?.as_bytes())?;
        picture.commit(None)?;
    }
    Ok(reports.iter().flat_map(|report| &report.rows).all(|row| row.error.is_none()))
}

/// Measures the files and prints and writes the figures.
fn measure_all(args: &BenchArgs, files: &[BenchFile], json: Option<Output>) -> Result<Report, Failure> {
    let toolbox = match args.peers {
        true => peers::Toolbox::find()?,
        false => peers::Toolbox::empty(),
    };
    for name in toolbox.missing() {
        terminal::tell(format_args!("dualcomp: {name} is not installed and left out"));
    }
    let settings = Settings { level: args.level, threads: args.threads, dictionary: None };
    let mut report = Report::new(&settings, args.repeat);
    let mut table = args.table();
    report::write_head(&mut table, &toolbox)?;
    for file in files {
        let row = measure::file(file, &settings, args.repeat, &toolbox);
        report::write_row(&mut table, &row, &toolbox)?;
        for problem in row.problems() {
            terminal::report(&file.path, &problem);
        }
        report.rows.push(row);
    }
    report.totals = totals::of(&report.rows);
    report::write_totals(&mut table, &report.totals)?;
    table.flush()?;
    if let Some(mut json) = json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| Failure::Message(error.to_string()))?;
        json.write_all((text + "\n").as_bytes())?;
        json.commit(None)?;
    }
    Ok(report)
}
