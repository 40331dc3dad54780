//! Flags of the commands around profiles and keys, and of those that a shell and `man` read.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::JsonArgs;

/// The key of a profile
#[derive(Debug, Subcommand)]
#[command(
    before_help = "Examples:\n  calllegs auth login -p acme --brand uis\n  calllegs auth status -p acme"
)]
pub(crate) enum AuthCommand {
    /// Keep the key of a profile in secrets.toml: typed without being shown, or from --token-stdin
    #[command(before_help = LOGIN_EXAMPLES)]
    Login(JsonArgs),
    /// Show where the key of a profile is, and whose account it opens; costs one point
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove the key of a profile from secrets.toml
    Logout(JsonArgs),
}

/// Profiles: a brand, a key's place, and what else holds for an account
#[derive(Debug, Subcommand)]
#[command(before_help = "Examples:\n  calllegs profile list\n  calllegs profile use acme")]
pub(crate) enum ProfileCommand {
    /// List the profiles
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what a profile says
    Show(ProfileName),
    /// Make a profile the one that holds where none is named
    Use(ProfileName),
    /// Remove a profile and its key
    Remove(ProfileName),
}

#[derive(Args, Debug)]
pub(crate) struct ProfileName {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The settings that hold, and where they come from
#[derive(Debug, Subcommand)]
#[command(before_help = CONFIG_EXAMPLES, after_help = CONFIG_SAMPLE)]
pub(crate) enum ConfigCommand {
    /// Show what holds, once it is looked at: what is wrong in a file is named
    Show {
        /// With the place of each: flag, variable, or file and key
        #[arg(long)]
        origin: bool,
        /// As JSON, with places
        #[arg(long)]
        json: bool,
    },
    /// Print the path of the user's config.toml
    Path(JsonArgs),
    /// Open the user's config.toml with VISUAL or EDITOR
    Edit(JsonArgs),
}

const LOGIN_EXAMPLES: &str = "\
Examples:
  calllegs auth login -p acme --brand uis
  pass show telephony | calllegs auth login -p acme --brand uis --token-stdin";

const CONFIG_EXAMPLES: &str = "\
Examples:
  calllegs config show --origin
  calllegs -p acme config show";

/// A file of settings, for those who write one by hand.
pub(super) const CONFIG_SAMPLE: &str = "\
A sample of config.toml; `calllegs config path` says where it is:
  default_profile = \"acme\"

  [profile.acme]
  brand = \"uis\"
  key = \"file\"                # kept by: calllegs auth login -p acme

  [profile.acme.sync]
  to = [\"calls.db\"]
  since = \"2026-01-01\"
  lookback = \"3d\"";

#[derive(Args, Debug)]
#[command(before_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// Whose: bash, zsh, fish, powershell, elvish
    #[arg(value_enum, value_name = "SHELL", hide_possible_values = true)]
    pub(crate) shell: Shell,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  calllegs completions bash > ~/.local/share/bash-completion/completions/calllegs
  calllegs completions zsh > ~/.zfunc/_calllegs
  calllegs completions fish > ~/.config/fish/completions/calllegs.fish";

#[derive(Args, Debug)]
#[command(before_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// The command, as in `sandbox serve`; all of the tool unless given
    #[arg(value_name = "COMMAND")]
    pub(crate) path: Vec<String>,
    /// man for one page, or markdown for every command in one text
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "man",
        hide_possible_values = true,
        conflicts_with = "path"
    )]
    pub(crate) format: ManFormat,
    /// Write a page for every command into this folder: calllegs.1, calllegs-get.1
    #[arg(long, value_name = "DIR", conflicts_with_all = ["path", "format"])]
    pub(crate) dir: Option<PathBuf>,
    /// As JSON: what a command and those in it take, or with --dir the files that were written
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

const MAN_EXAMPLES: &str = "\
Examples:
  calllegs man | man -l -
  calllegs man sync | man -l -
  calllegs man --dir ~/.local/share/man/man1
  calllegs man --format markdown > commands.md";

/// What a manual is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManFormat {
    Man,
    Markdown,
}
