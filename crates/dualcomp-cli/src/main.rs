//! `dualcomp`: lossless compression of images and text on the command line.
//!
//! Exit codes: 0 when all went well, 1 when an input failed, 2 when the command line itself is wrong.

mod batch;
mod bench;
mod codec;
mod compress;
mod decompress;
mod inspect;
mod interrupt;
mod manual;
mod output;
mod picture;
mod progress;
mod source;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Lossless compression of images and text.
///
/// Images become .dci files, everything else .dcs files. `-` stands for standard input and output.
#[derive(Parser)]
#[command(
    name = "dualcomp",
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    override_usage = "dualcomp <COMMAND>"
)]
struct Cli {
    // Not clap's own flag: that would make every start of the program load the model for its id.
    /// Print the versions of program and stream format, and the id of the model inside
    #[arg(short = 'V', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Compress(compress::CompressArgs),
    Decompress(decompress::DecompressArgs),
    Inspect(inspect::InspectArgs),
    Bench(bench::BenchArgs),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    interrupt::install();
    match cli.command {
        Some(Command::Compress(args)) => compress::run(&args),
        Some(Command::Decompress(args)) => decompress::run(&args),
        Some(Command::Inspect(args)) => inspect::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Completions(args)) => manual::completions(&args),
        Some(Command::Man(args)) => manual::man(&args),
        None => print_version(),
    }
}

/// What is left when there is no command, since clap answers an empty command line itself.
fn print_version() -> ExitCode {
    let text = format!("dualcomp {}\n{}\n", env!("CARGO_PKG_VERSION"), codec::version_text());
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
