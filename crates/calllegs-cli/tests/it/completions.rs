//! Completions in the shells themselves, with profiles, customers and accounts that this machine knows.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use rusqlite::Connection;

use crate::support::{run, tool};

/// A home with two profiles, a partner's customer and a ledger; the tool is on its PATH.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let at = |path: &str| home.path().join(path);
    for folder in ["bin", ".config/calllegs", ".cache/calllegs"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calllegs"), at("bin/calllegs")).unwrap();
    fs::write(
        at(".config/calllegs/config.toml"),
        "[profile.acme]\nbrand = \"uis\"\n[profile.zenith]\nbrand = \"uis\"\n",
    )
    .unwrap();
    fs::write(at(".cache/calllegs/customers.json"), r#"{"print": ["Clinic Health"]}"#).unwrap();
    let ledger = Connection::open(at("calls.db")).unwrap();
    ledger.execute_batch("CREATE TABLE _calllegs_windows (account TEXT); INSERT INTO _calllegs_windows VALUES ('uis:1103')").unwrap();
    home
}

/// What a program says in this home; `None` where it is not installed, which is an error in CI.
fn told(home: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(home).env_clear().stdin(Stdio::null());
    let path = format!("{}:/usr/bin:/bin", home.join("bin").display());
    command.env("PATH", path).env("HOME", home).env("TERM", "dumb").env("LC_ALL", "C.UTF-8");
    let Ok(output) = command.output() else {
        #[expect(
            clippy::disallowed_methods,
            reason = "it asks whether this is CI, as the tests of the store do"
        )]
        let in_ci = std::env::var("CI").is_ok();
        assert!(!in_ci, "there is no {program}: install the package {program}");
        eprintln!("not tested: there is no {program} on this machine");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

/// A line as it is typed up to the key, and what is offered then.
const TYPED: [(&str, &[&str]); 8] = [
    ("calllegs doct", &["doctor"]),
    ("calllegs -p ", &["acme", "zenith"]),
    ("calllegs profile use z", &["zenith"]),
    ("calllegs get --csv-preset excel-r", &["excel-ru"]),
    ("calllegs sync --customer Cli", &["Clinic Health"]),
    ("calllegs get --fields id,is_o", &["id,is_operator"]),
    ("calllegs explain sip_off", &["sip_offline"]),
    ("calllegs state show --data calls.db --account ", &["uis:1103"]),
];

#[test]
fn bash_completes_what_this_machine_knows() {
    let home = home();
    for (line, offered) in TYPED {
        let words: Vec<_> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let last = words.last().unwrap();
        let script = format!(
            "source <(calllegs completions bash)\nCOMP_WORDS=({})\nCOMP_CWORD={}\nCOMP_TYPE=9\n\
             _clap_complete_calllegs calllegs {last} ''\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let Some(said) = told(home.path(), "bash", &["--norc", "-c", &script]) else { return };
        let said: Vec<_> = said.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(said, offered, "{line}");
    }
}

#[test]
fn fish_completes_what_this_machine_knows() {
    let home = home();
    for (line, offered) in TYPED {
        let script = format!("calllegs completions fish | source; complete -C '{line}'");
        let Some(said) = told(home.path(), "fish", &["--no-config", "-c", &script]) else { return };
        let said: Vec<_> = said.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(said, offered, "{line}");
    }
}

/// From a file on `fpath`, as a package installs it, at the first key.
#[test]
fn zsh_completes_at_the_first_key() {
    let home = home();
    let script = run(&mut tool(&["completions", "zsh"]));
    fs::create_dir(home.path().join("functions")).unwrap();
    fs::write(home.path().join("functions/_calllegs"), script.stdout).unwrap();
    fs::write(home.path().join("setup.zsh"), SETUP).unwrap();
    for (line, completed) in [
        ("calllegs doct", "calllegs doctor"),
        ("calllegs -p ac", "calllegs -p acme"),
        ("calllegs sync --customer Cli", "calllegs sync --customer Clinic\\ Health"),
        ("calllegs get --fields id,is_o", "calllegs get --fields id,is_operator"),
        ("calllegs explain sip_off", "calllegs explain sip_offline"),
        (
            "calllegs state show --data calls.db --account u",
            "calllegs state show --data calls.db --account uis:1103",
        ),
    ] {
        let script = SESSION.replace("LINE", line);
        let Some(said) = told(home.path(), "zsh", &["-f", "-c", &script]) else { return };
        let buffer = said.split("BUFFER[").nth(1).and_then(|rest| rest.split(']').next());
        assert_eq!(buffer.map(str::trim_end), Some(completed), "{said}");
    }
}

/// A zsh on a terminal of its own: at its prompt a line and a tab are typed, and a key shows what became of them.
const SESSION: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source ~/setup.zsh'
zpty -r -m shell said '*ATPROMPT>*'
zpty -w -n shell $'LINE\t\a'
zpty -r -m shell said '*BUFFER\[*\]*'
print -r -- "$said"
"#;

/// A shell that nobody types into ends.
const SETUP: &str = r#"
TMOUT=60
fpath=(~/functions $fpath)
autoload -Uz compinit
compinit -D -u
show() { print -r -- "BUFFER[$BUFFER]"; exit }
zle -N show
bindkey '^G' show
bindkey '^I' complete-word
PS1='ATPROMPT>'
"#;

#[test]
fn what_is_broken_completes_nothing_and_says_nothing() {
    let home = home();
    fs::write(home.path().join(".config/calllegs/config.toml"), "[profile").unwrap();
    fs::write(home.path().join(".cache/calllegs/customers.json"), "{").unwrap();
    for last in ["-p", "--customer"] {
        let mut command = tool(&["--", "calllegs", "sync", last, ""]);
        command.env("HOME", home.path()).env("CALLLEGS_COMPLETE", "fish");
        let told = run(&mut command);
        assert_eq!((told.code, told.stdout.as_str(), told.stderr.as_str()), (Some(0), "", ""), "{last}");
    }
}
