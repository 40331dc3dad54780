//! `calllegs man`: the command line in the words of `man`, or of Markdown, from the flags themselves. Not here: the flags (`cli`),
//! what shells complete (`completions`).

mod reference;

use std::{fs, path::Path};

use calllegs_core::filter::nearest;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use serde_json::json;

use crate::{
    cli::{Cli, ManArgs, ManFormat},
    failure::{Exit, Failure},
    lang::{self, say},
    ui::{
        echo::{shown, shown_path},
        stdout,
    },
};

const NAME: &str = "calllegs";

/// Prints or writes the manual.
pub(crate) fn run(args: &ManArgs) -> Result<(), Failure> {
    let mut command = lang::help::localized(Cli::command());
    command.build();
    match (&args.dir, args.format) {
        (Some(folder), _) => {
            let written = write_pages(folder, command)?;
            if args.json { stdout::print_json(&json!({"files": written})) } else { Ok(()) }
        }
        (None, ManFormat::Man) if args.json => {
            stdout::print_json(&reference::json(&found(command, &args.path)?))
        }
        (None, ManFormat::Markdown) => stdout::print(&reference::of(&command)),
        (None, ManFormat::Man) => {
            let page = page(found(command, &args.path)?)?;
            stdout::print(&String::from_utf8_lossy(&page))
        }
    }
}

/// The command of this name, or of none the tool.
fn found(mut command: Command, path: &[String]) -> Result<Command, Failure> {
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
    Ok(command)
}

/// The page of a command.
fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let drawn = Man::new(command).source(concat!("calllegs ", env!("CARGO_PKG_VERSION"))).render(&mut text);
    drawn.map_err(|error| Failure::new(Exit::Bug, say!("no manual page: {error}", error)))?;
    Ok(text)
}

/// Writes the page of a command and of those in it, under the names by which pages refer to each other. Returns these.
fn write_pages(folder: &Path, command: Command) -> Result<Vec<String>, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        if let Some(file) = path.ancestors().find(|above| above.exists()).filter(|above| !above.is_dir()) {
            return Failure::new(
                Exit::Destination,
                say!("{file} is a file and no folder", file = shown_path(file)),
            )
            .because(say!("manual pages lie in a folder"))
            .next(say!("name another folder with --dir"));
        }
        Failure::new(Exit::Destination, say!("{path} cannot be written", path = shown_path(path)))
            .because(error.to_string())
            .next(say!("name a folder that can be written with --dir"))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let (mut waiting, mut written) = (vec![command], Vec::new());
    while let Some(command) = waiting.pop() {
        waiting.extend(shown_commands(&command).cloned());
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let path = folder.join(format!("{name}.1"));
        let page = page(command)?;
        fs::write(&path, page).map_err(|error| failed(&path, error))?;
        written.push(path.display().to_string());
    }
    Ok(written)
}

/// The commands in a command that have a page: all but hidden ones, and `help`, which clap adds.
fn shown_commands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}
