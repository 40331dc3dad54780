//! `calllegs config` and `calllegs profile`: what holds, and where it is written. Not here: which value wins (`settings`).

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Map, Value, json};

use crate::{
    account::{
        config::{Config, ConfigFile, no_home, user_path},
        secrets,
        settings::{Said, Settings},
    },
    cli::{ConfigCommand, JsonArgs, ProfileCommand},
    commands::sync,
    env,
    failure::{Exit, Failure},
    key_source::KeySource,
    lang::say,
    ui::{
        echo::{shown, without_passwords},
        stdout, table,
        terminal::Terminal,
    },
};

/// Runs `config`.
pub(crate) fn run(command: &ConfigCommand, settings: &Settings, terminal: &Terminal) -> Result<(), Failure> {
    if let ConfigCommand::Show { .. } = command {
        sync::check(&settings.sync).map_err(|failure| Failure {
            exit: Exit::Config,
            what: say!("what the profile says of sync: {what}", what = failure.what),
            ..failure
        })?;
    }
    match command {
        ConfigCommand::Show { json: true, .. } => {
            let said = settings.said.iter();
            let said: Vec<_> = said
                .map(|Said { name, value, origin }| json!({"name": name, "value": value, "origin": origin}))
                .collect();
            stdout::print_json(&json!(said))
        }
        ConfigCommand::Show { origin, json: false } => show(&settings.said, *origin),
        ConfigCommand::Path(JsonArgs { json: true }) => print_path(&own_path()?),
        ConfigCommand::Path(JsonArgs { json: false }) => {
            stdout::print(&format!("{}\n", own_path()?.display()))
        }
        ConfigCommand::Edit(args) => edit(args.json, terminal),
    }
}

fn show(said: &[Said], origin: bool) -> Result<(), Failure> {
    if said.is_empty() {
        return stdout::print(say!("nothing is set: all settings have their defaults\n"));
    }
    let row = |Said { name, value, origin: place }: &Said| {
        let mut row = vec![(*name).to_owned(), value.clone()];
        if origin {
            row.push(place.clone());
        }
        row
    };
    let heads = [say!("setting"), say!("value"), say!("origin")].map(str::to_owned);
    let heads = heads.get(..if origin { 3 } else { 2 }).unwrap_or(&heads);
    table::print(heads, said.iter().map(row).collect())
}

fn own_path() -> Result<PathBuf, Failure> {
    Ok(user_path()?.ok_or_else(no_home)?.0)
}

fn print_path(path: &Path) -> Result<(), Failure> {
    stdout::print_json(&json!({"path": path.display().to_string()}))
}

fn edit(as_json: bool, terminal: &Terminal) -> Result<(), Failure> {
    let path = own_path()?;
    let editor = match env::text("VISUAL")? {
        Some(editor) => Some(editor),
        None => env::text("EDITOR")?,
    };
    let Some(editor) = editor else {
        return Err(Failure::new(Exit::Config, say!("there is no editor"))
            .because(say!("neither VISUAL nor EDITOR is set"))
            .next(say!("open {path} with a program of your choice", path = path.display())));
    };
    // The folder has to be there for an editor to write into.
    ConfigFile::of_user()?.write()?;
    let mut words = editor.split_whitespace();
    let mut program = Command::new(words.next().unwrap_or_default());
    let status = program.args(words).arg(&path).status();
    match status {
        Ok(status) if status.success() => {
            Config::read()?;
            terminal.note(&say!("{path} is sound", path = path.display()));
            if as_json { print_path(&path) } else { Ok(()) }
        }
        Ok(status) => Err(Failure::new(Exit::Config, say!("the editor ended with {status}", status))),
        Err(error) => Err(Failure::new(Exit::Config, say!("the editor does not start: {error}", error))
            .next(say!("correct VISUAL or EDITOR"))),
    }
}

/// Runs `profile`.
pub(crate) fn profile(command: &ProfileCommand, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        ProfileCommand::List { json } => list(*json),
        ProfileCommand::Show(args) => {
            let config = Config::read()?;
            let profile = config.profile(&args.name)?;
            // What is no place of a key may be the key itself.
            let text = |key: &str, text: String| match key {
                "key" if KeySource::read(&text, &args.name).is_none() => "…".to_owned(),
                "sync.to" => without_passwords(&text),
                _ => text,
            };
            let said = profile.said()?.into_iter();
            let said = said.map(|found| (found.key.clone(), text(&found.key, found.text)));
            if args.json {
                let said: Map<_, _> = said.map(|(key, value)| (key, value.into())).collect();
                return stdout::print_json(&json!({"name": args.name, "settings": said}));
            }
            let said = said.map(|(key, value)| vec![key, value]).collect();
            table::print(&[say!("setting"), say!("value")].map(str::to_owned), said)
        }
        ProfileCommand::Use(args) => {
            Config::read()?.profile(&args.name)?;
            let mut file = ConfigFile::of_user()?;
            file.set_default_profile(&args.name);
            file.write()?;
            terminal.note(&say!("{args} holds where no profile is named", args = shown(&args.name)));
            print_if(args.json, &json!({"default_profile": args.name}))
        }
        ProfileCommand::Remove(args) => {
            let mut file = ConfigFile::of_user()?;
            if !file.remove(&args.name) {
                // Says which there are, or that only the project has it.
                Config::read()?.profile(&args.name)?;
                return Err(Failure::new(
                    Exit::Config,
                    say!("profile {args} is not yours", args = shown(&args.name)),
                )
                .because(say!("it stands in calllegs.toml of this folder"))
                .next(say!("remove it there")));
            }
            let had_key = secrets::forget(&args.name)?;
            file.write()?;
            let key = if had_key { say!(", and its key") } else { "" };
            terminal.note(&say!("profile {args} is removed{key}", args = shown(&args.name), key));
            print_if(args.json, &json!({"removed": args.name, "had_key": had_key}))
        }
    }
}

fn print_if(as_json: bool, value: &Value) -> Result<(), Failure> {
    if as_json { stdout::print_json(value) } else { Ok(()) }
}

fn list(as_json: bool) -> Result<(), Failure> {
    let config = Config::read()?;
    let default = config.default_profile()?.map(|found| found.text);
    let mut rows = Vec::new();
    for name in config.profiles() {
        let profile = config.profile(&name)?;
        let text =
            |key: &str| Ok::<_, Failure>(profile.get(key)?.map(|found| found.text).unwrap_or_default());
        let brand = text("brand")?;
        // What is no place may be the key itself.
        let key = KeySource::read(&text("key")?, &name);
        let key = key.as_ref().map(secrets::place).transpose()?.unwrap_or_default();
        let is_default = default.as_deref() == Some(&name);
        rows.push((name, brand, key, is_default));
    }
    if as_json {
        let profiles = rows.iter().map(|(name, brand, key, is_default)| {
            json!({"name": name, "brand": brand, "key": key, "default": is_default})
        });
        return stdout::print_json(&json!(profiles.collect::<Vec<_>>()));
    }
    if rows.is_empty() {
        return stdout::print(say!(
            "there are no profiles; `calllegs auth login -p NAME --brand BRAND` makes one\n"
        ));
    }
    let rows = rows.into_iter().map(|(name, brand, key, is_default)| {
        vec![name, brand, key, if is_default { "default" } else { "" }.to_owned()]
    });
    table::print(&[say!("profile"), say!("brand"), say!("key"), ""].map(str::to_owned), rows.collect())
}
