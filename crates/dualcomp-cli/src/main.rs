//! `dualcomp`: lossless compression of images and text on the command line.
//!
//! Exit codes: 0 when all went well, 1 when an input failed, 2 when the command line itself is wrong.

mod bench;
mod codec;
mod commands;
mod files;
mod picture;
mod source;
mod terminal;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use commands::{compress, decompress, inspect, list, manual, plain, test, train_dictionary};

/// Lossless compression of images and text.
///
/// Images become .dci files, everything else .dcs files. `-` stands for standard input and output. Without a command,
/// files are compressed, or with -d decompressed, as by gzip, xz and zstd; a file that is called like a command goes
/// after `--`.
#[derive(Parser)]
#[command(
    name = "dualcomp",
    args_conflicts_with_subcommands = true,
    args_override_self = true,
    override_usage = "dualcomp <COMMAND>\n       dualcomp [OPTIONS] [--] <FILE>...",
    after_help = "Exit status: 0 if all went well, 1 if an input failed, 2 if the command line is wrong."
)]
struct Cli {
    // Not clap's own flag: that would make every start of the program load the model for its id.
    /// Print the versions of program and stream format, and the id of the model inside
    #[arg(short = 'V', long)]
    version: bool,
    /// Weights file to use in place of the model inside; what is compressed with it needs it again
    #[arg(long, global = true, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    plain: plain::PlainArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Compress(compress::CompressArgs),
    Decompress(decompress::DecompressArgs),
    Test(test::TestArgs),
    List(list::ListArgs),
    Inspect(inspect::InspectArgs),
    TrainDictionary(train_dictionary::TrainArgs),
    Bench(bench::BenchArgs),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
}

fn main() -> ExitCode {
    commands::refuse_foreign(std::env::args_os());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return say(&error),
    };
    files::signals::install();
    if let Some(path) = &cli.model
        && let Err(terminal::Failure::Message(reason)) = codec::use_model(path)
    {
        terminal::usage_error(reason);
    }
    match cli.command {
        Some(Command::Compress(args)) => compress::run(&args),
        Some(Command::Decompress(args)) => decompress::run(&args),
        Some(Command::Test(args)) => test::run(&args),
        Some(Command::List(args)) => list::run(&args),
        Some(Command::Inspect(args)) => inspect::run(&args),
        Some(Command::TrainDictionary(args)) => train_dictionary::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Completions(args)) => manual::completions(&args, Cli::command()),
        Some(Command::Man(args)) => manual::man(&args, Cli::command()),
        None if cli.version => print_version(),
        None if cli.plain.is_empty() => terminal::usage_error("no files are named; dualcomp --help says more"),
        None => {
            let command = Cli::command();
            let names: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
            plain::run(cli.plain, &names)
        }
    }
}

/// Prints help, or what is wrong with the command line.
fn say(error: &clap::Error) -> ExitCode {
    let printed = error.print().and_then(|()| io::stdout().flush());
    if error.use_stderr() { ExitCode::from(2) } else { terminal::printed(printed) }
}

fn print_version() -> ExitCode {
    let text = format!("dualcomp {}\n{}\n", env!("CARGO_PKG_VERSION"), codec::version_text());
    terminal::print(text.as_bytes())
}
