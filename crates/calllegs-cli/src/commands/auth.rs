//! `calllegs auth`: the key of a profile is kept, looked at, removed. Not here: how it is read in a run (`credentials`).

use std::{io, sync::Arc};

use calllegs_core::{Accounts, Query};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    account::{
        config::{ConfigFile, check_profile_name},
        connect::{self, ApiTarget},
        credentials, secrets,
    },
    cli::{AuthCommand, Common},
    failure::{Exit, Failure},
    lang::say,
    signals::Interruptions,
    ui::{
        command_line::quoted,
        diagnostics,
        echo::{shown, shown_path},
        stdout, table,
        terminal::Terminal,
        text::counted,
    },
};

/// Runs the command. The profile need not be there for `login`, which makes it: `flags` are as they were given.
pub(crate) fn login(flags: &Common, json: bool, terminal: &Terminal) -> Result<(), Failure> {
    let name = flags.profile.as_deref().unwrap_or("default");
    check_profile_name(name)?;
    let mut file = ConfigFile::of_user()?;
    let brand = match (flags.brand, file.brand_of(name)?) {
        (Some(brand), Some(known)) if known != brand.to_string() => {
            return Err(Failure::usage(say!(
                "profile {name} is of {known}, not of {brand}",
                name,
                known,
                brand
            ))
            .because(say!("its key would be lost"))
            .next(say!(
                "choose another name: -p {brand}; or first: calllegs profile remove {name}",
                brand,
                name
            )));
        }
        (Some(brand), _) => {
            file.set(name, "brand", &brand.to_string());
            brand.to_string()
        }
        (None, Some(known)) => known,
        (None, None) => {
            return Err(Failure::usage(say!("whose key is that of profile {value}?", value = shown(name)))
                .because(say!("a key is sent to the brand that gave it, and to nobody else"))
                .next(say!("add --brand: {legal}", legal = crate::cli::BrandName::LEGAL)));
        }
    };
    if let Some(endpoint) = &flags.endpoint {
        connect::endpoint(endpoint)?;
        file.set(name, "endpoint", endpoint);
    }
    let key = key(flags, &brand, terminal)?;
    let path = secrets::keep(name, &key)?;
    file.set(name, "key", "file");
    if !file.has_default() {
        file.set_default_profile(name);
    }
    file.write()?;
    terminal.note(&say!("the key of profile {name} is in {path}, which you alone can read; try: calllegs auth status -p {value}", name, path = shown_path(&path), value = quoted(name)));
    if !json {
        return Ok(());
    }
    stdout::print_json(
        &json!({"profile": name, "brand": brand, "key": "file", "path": path.display().to_string()}),
    )
}

/// The key, from a pipe or from somebody who types it unseen.
fn key(flags: &Common, brand: &str, terminal: &Terminal) -> Result<Zeroizing<String>, Failure> {
    if flags.token_stdin {
        return credentials::key_from_stdin();
    }
    if !terminal.asks() {
        return Err(Failure::usage(say!("there is no terminal to type a key into"))
            .because(say!("a key is typed unseen, or comes through a pipe"))
            .next(say!("for example: pass show telephony | calllegs auth login --token-stdin ...")));
    }
    let typed = rpassword::prompt_password(say!("API key of {brand} (not shown): ", brand));
    let typed = typed.map(Zeroizing::new).map_err(|error: io::Error| {
        Failure::new(Exit::Config, say!("cannot read the key: {error}", error))
            .because(say!("it is typed into the terminal"))
            .next(say!("pipe it to --token-stdin"))
    })?;
    if typed.trim().is_empty() {
        return Err(Failure::new(Exit::Config, say!("no key was typed"))
            .because(say!("what is typed or pasted is not shown, and Enter ends it"))
            .next(say!("nothing was changed; run the command again, or pipe the key to --token-stdin")));
    }
    credentials::checked_key(say!("what was typed"), &typed)
}

/// Removes the key of the profile.
pub(crate) fn logout(flags: &Common, json: bool, terminal: &Terminal) -> Result<(), Failure> {
    let name = flags.profile.as_deref().unwrap_or("default");
    check_profile_name(name)?;
    if secrets::forget(name)? {
        terminal.note(&say!("the key of profile {name} is removed", name));
        return if json { stdout::print_json(&json!({"profile": name, "key": null})) } else { Ok(()) };
    }
    Err(Failure::new(Exit::Config, say!("there is no key of profile {value} to remove", value = shown(name)))
        .because(say!("secrets.toml has none of this name"))
        .next(say!("calllegs profile list shows where keys are")))
}

/// Whose account the key opens, and where it is.
pub(crate) fn status(as_json: bool, common: &Common, terminal: &Arc<Terminal>) -> Result<(), Failure> {
    let target = ApiTarget::find(common, terminal)?;
    let (_, source) = credentials::find(common, target.name, terminal)?;
    let connection = connect::to(common, &target, terminal)?;
    let page = connect::block_on(async {
        let asked = async {
            let page = connection.client.call(Query::<Accounts>::all()).await;
            page.map_err(|error| diagnostics::explain(&error, &connection.context()))
        };
        Interruptions::watch().or(asked).await
    })?;
    let account = page.rows.first();
    let text = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
    let id = account.and_then(|account| account.app_id).map(|id| id.get().to_string());
    let name = account.and_then(|account| account.name.as_deref()).map(str::to_owned);
    let zone = account.and_then(|account| account.timezone.as_deref()).map(str::to_owned);
    let left = page.limits.day.as_ref().and_then(|day| day.remaining);
    let spent = connection.client.usage().spent;
    let host = target.endpoint.uri().host().unwrap_or_default().to_owned();
    if as_json {
        return stdout::print_json(&json!({
            "profile": common.profile, "host": host, "key": source, "account": id, "name": name, "timezone": zone,
            "day_remaining": left, "spent": spent,
        }));
    }
    let rows = [
        (say!("host"), host),
        (say!("key"), source),
        (say!("account"), text(id)),
        (say!("name"), text(name)),
        (say!("time zone"), text(zone)),
        (say!("points left today"), text(left.map(|left| left.to_string()))),
    ];
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    table::print(&["", ""].map(str::to_owned), rows)?;
    terminal.note(&say!("{points} spent to learn this", points = counted(spent.into(), "point")));
    Ok(())
}

/// Runs the command with settings that hold.
pub(crate) fn run(command: &AuthCommand, common: &Common, terminal: &Arc<Terminal>) -> Result<(), Failure> {
    match command {
        AuthCommand::Login(args) => login(common, args.json, terminal),
        AuthCommand::Logout(args) => logout(common, args.json, terminal),
        AuthCommand::Status { json } => status(*json, common, terminal),
    }
}
