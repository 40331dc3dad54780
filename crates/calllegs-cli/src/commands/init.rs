//! `calllegs init`: brand and key, once; then the checks of `doctor` on what was written. Not here: how a key is kept
//! (`auth`), what is checked (`doctor`).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    account::{config::ConfigFile, settings},
    cli::{BrandName, Common, DoctorArgs, InitArgs},
    commands::{auth, doctor},
    failure::{Exit, Failure},
    lang::say,
    ui::terminal::Terminal,
};

/// Runs the command: `flags` are as they were given.
pub(crate) fn run(
    args: &InitArgs,
    flags: &Common,
    terminal: &Arc<Terminal>,
    now: impl Fn() -> DateTime<Utc>,
) -> Result<Exit, Failure> {
    let name = flags.profile.as_deref().unwrap_or("default");
    let known = ConfigFile::of_user()?.brand_of(name)?;
    let lacks_brand = flags.brand.is_none() && known.is_none();
    if !terminal.asks() && (lacks_brand || !flags.token_stdin) {
        let missing = [(lacks_brand, "--brand"), (!flags.token_stdin, "--token-stdin")];
        let missing: Vec<_> = missing.into_iter().filter_map(|(lacks, flag)| lacks.then_some(flag)).collect();
        return Err(Failure::usage(say!(
            "nobody can be asked, and there is no {missing}",
            missing = missing.join(say!(" and no "))
        ))
        .because(say!("brand and key are asked for on a terminal only"))
        .next(say!("for example: pass show uis/acme | calllegs init --brand uis --token-stdin")));
    }
    let brand = if lacks_brand { Some(ask_brand(terminal)?) } else { flags.brand };
    auth::login(&Common { brand, ..flags.clone() }, false, terminal)?;
    // From here on what was written holds, not what stood on the command line.
    let written = Common {
        profile: Some(name.to_owned()),
        brand: None,
        endpoint: None,
        token_stdin: false,
        ..flags.clone()
    };
    let settings = settings::resolve(written)?;
    let checks = DoctorArgs { json: args.json, ..DoctorArgs::default() };
    let exit = doctor::run(&checks, &settings.common, terminal, now)?;
    terminal.note(&if exit == Exit::Done {
        say!("ready; try: calllegs -p {name} get --on yesterday", name)
    } else {
        say!("the profile is written; when that is mended: calllegs doctor -p {name}", name)
    });
    Ok(exit)
}

fn ask_brand(terminal: &Terminal) -> Result<BrandName, Failure> {
    let answer = terminal.ask_line("Brand [uis/comagic/novofon/callgear]:");
    answer.trim().parse().map_err(|_| {
        Failure::usage(say!("that is no brand"))
            .because(say!("a key is sent to the brand that gave it, and to nobody else"))
            .next(say!("calllegs init --brand {legal}", legal = BrandName::LEGAL))
    })
}
