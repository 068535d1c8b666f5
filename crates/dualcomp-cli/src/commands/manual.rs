//! `dualcomp completions` and `dualcomp man`: both are made of the definition of the command line itself.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::terminal::{self, usage_error};

/// Print a script with which a shell completes commands and options
///
/// For bash: dualcomp completions bash > ~/.local/share/bash-completion/completions/dualcomp
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page of the program, or of one of its commands
///
/// To read it: dualcomp man | man -l -
#[derive(Args)]
pub(crate) struct ManArgs {
    /// The command
    command: Option<String>,
}

/// Runs `completions`.
pub(crate) fn completions(args: &CompletionsArgs, mut program: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "dualcomp", &mut script);
    terminal::print(&script)
}

/// Runs `man`.
pub(crate) fn man(args: &ManArgs, mut program: Command) -> ExitCode {
    // Gives the commands their full names.
    program.build();
    let page = match &args.command {
        None => Man::new(program),
        Some(name) => match program.find_subcommand(name) {
            Some(command) => Man::new(command.clone()).title(format!("dualcomp-{name}")),
            None => usage_error(format!("there is no command {name}")),
        },
    };
    let page = page.source(concat!("dualcomp ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = page.render(&mut text);
    terminal::print(&text)
}
