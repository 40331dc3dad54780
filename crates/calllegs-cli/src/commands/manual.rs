//! `calllegs completions` and `calllegs man`: the command line in the words of shells and of `man`. Both come from the flags
//! themselves. Not here: the flags (`cli`).

use calllegs_core::filter::nearest;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{
    cli::Cli,
    failure::{Exit, Failure},
    lang::{self, say},
    ui::{echo::shown, stdout},
};

const NAME: &str = "calllegs";

/// Prints what a shell reads.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut lang::help::localized(Cli::command()), NAME, &mut text);
    stdout::print(&String::from_utf8_lossy(&text))
}

/// Prints the page of a command, or of the tool.
pub(crate) fn page(path: &[String]) -> Result<(), Failure> {
    let mut command = lang::help::localized(Cli::command());
    command.build();
    let mut name = NAME.to_owned();
    for word in path {
        let Some(inner) = command.find_subcommand(word) else {
            let near = nearest(&word.to_lowercase(), command.get_subcommands().map(Command::get_name));
            return Err(Failure::usage(say!("{name} has no command {word}", name, word = shown(word)))
                .because(say!("a manual page is that of a command"))
                .next(match near {
                    Some(near) => say!("did you mean {near}?", near),
                    None => say!("`{name} --help` lists the commands", name),
                }));
        };
        name = format!("{name} {word}");
        command = inner.clone();
    }
    let mut text = Vec::new();
    let drawn = Man::new(command).source(concat!("calllegs ", env!("CARGO_PKG_VERSION"))).render(&mut text);
    drawn.map_err(|error| Failure::new(Exit::Bug, say!("no manual page: {error}", error)))?;
    stdout::print(&String::from_utf8_lossy(&text))
}
