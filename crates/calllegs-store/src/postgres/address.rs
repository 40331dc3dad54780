//! Where the server is and who asks: a URL, and the variables that libpq reads. Not here: what is done there.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use calllegs_core::filter::nearest;
use percent_encoding::percent_decode_str;
use postgres::{Config, config::Host, config::SslMode};

use crate::error::{Error, ErrorKind};

/// How long a server may take to answer to a new connection, unless it is said.
const PATIENCE: Duration = Duration::from_secs(30);

/// The options of the URL that the client takes as they are.
const PASSED_ON: [&str; 14] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "port",
    "target_session_attrs",
];

/// A server and a database.
pub(super) struct Address {
    /// As it was given: without a password, because one is refused.
    pub(super) text: String,
    pub(super) config: Config,
    pub(super) trust: Trust,
    pub(super) schema: Option<String>,
    /// The table of legs, also with its schema.
    pub(super) table: Option<String>,
    /// A new table has a partition for each month.
    pub(super) is_partitioned: bool,
}

/// Whom TLS has to prove the server to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nobody: it may be encrypted, as libpq does it for `prefer` and `require`.
    Anybody,
    /// Its name, by the roots of the machine and Mozilla's.
    Roots,
    /// Its name, by the roots in this file.
    File(PathBuf),
}

/// The password is in the settings of the client.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.text).finish()
    }
}

impl Address {
    /// What a URL and the environment of this process say.
    pub(super) fn read(url: &str) -> Result<Self, Error> {
        Self::parse(url, &|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn parse(url: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| wrong("it does not begin with postgres://"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        // Whatever stands before an @ may be a part of one, also behind a slash that ought to be encoded.
        if place.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err(has_password());
        }
        let (mut schema, mut table, mut partition) = (None, None, None);
        let (mut mode, mut roots, mut passed) = (None, None, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').ok_or_else(|| wrong("an option has no value"))?;
            let decoded = || {
                let text = percent_decode_str(value).decode_utf8();
                text.map(String::from).map_err(|_| wrong(format!("the value of {name} is no text")))
            };
            match name {
                "password" | "sslpassword" => return Err(has_password()),
                "table" if table.is_some() => return Err(wrong("it names two tables")),
                "partition" if value != "month" => {
                    return Err(wrong("a partition has a month").next("write partition=month"));
                }
                "schema" => schema = Some(decoded()?),
                "table" => table = Some(decoded()?),
                "partition" => partition = Some(()),
                "sslmode" => mode = Some(decoded()?),
                "sslrootcert" => roots = Some(decoded()?),
                "user" => passed.push(option),
                known if PASSED_ON.contains(&known) => passed.push(option),
                unknown => return Err(unknown_option(unknown, query)),
            }
        }
        let known = format!("postgres://{place}?{}", passed.join("&"));
        let mut config: Config = known.parse().map_err(|error: postgres::Error| {
            wrong(std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string))
        })?;
        if config.get_password().is_some() {
            return Err(has_password());
        }
        complete(&mut config, variable)?;
        let roots = roots.or_else(|| variable("PGSSLROOTCERT")).filter(|roots| roots != "system");
        let mode = mode.or_else(|| variable("PGSSLMODE"));
        let trust =
            secure(&mut config, mode.as_deref().unwrap_or("prefer"), roots.as_deref().map(Path::new))?;
        let password = variable("PGPASSWORD").or_else(|| passfile(&config, variable));
        if let Some(password) = password {
            config.password(password);
        }
        let schema = schema.filter(|schema: &String| !schema.is_empty());
        let schema_of_table =
            table.as_ref().and_then(|table: &String| table.split_once('.')).map(|(schema, _)| schema);
        if schema_of_table.zip(schema.as_deref()).is_some_and(|(one, other)| one != other) {
            return Err(wrong("it names two schemas").next("leave one out: ?table=schema.table says both"));
        }
        Ok(Self { text: url.to_owned(), config, trust, schema, table, is_partitioned: partition.is_some() })
    }
}

/// The name is not repeated where it may be the end of a password with a question mark in it, or a key.
fn unknown_option(name: &str, query: &str) -> Error {
    const OWN: [&str; 6] = ["schema", "table", "partition", "sslmode", "sslrootcert", "user"];
    let is_word =
        name.len() <= 20 && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
    if !is_word || query.contains('@') {
        return wrong("an option is not known")
            .next(format!("options are {}, and those of libpq for hosts", OWN.join(", ")));
    }
    let error = wrong(format!("there is no option {name}"));
    match nearest(name, OWN.into_iter().chain(PASSED_ON)) {
        Some(near) => error.next(format!("did you mean {near}?")),
        None => error.next(format!("options are {}, and those of libpq for hosts", OWN.join(", "))),
    }
}

/// What the URL leaves open, by variables or as libpq does it.
fn complete(config: &mut Config, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), Error> {
    if config.get_ports().is_empty()
        && let Some(port) = variable("PGPORT")
    {
        for port in port.split(',') {
            config.port(port.parse().map_err(|_| wrong("PGPORT is no port"))?);
        }
    }
    if config.get_hosts().is_empty() && !config.get_hostaddrs().is_empty() {
        // The name that TLS is to prove.
        for address in config.get_hostaddrs().to_vec() {
            config.host(&address.to_string());
        }
    } else if config.get_hosts().is_empty() {
        match variable("PGHOST") {
            Some(hosts) => hosts.split(',').for_each(|host| {
                config.host(host);
            }),
            None => {
                config.host(usual_host(config.get_ports().first().copied().unwrap_or(5432)));
            }
        }
    }
    if config.get_user().is_none()
        && let Some(user) = variable("PGUSER")
    {
        config.user(&user);
    }
    if config.get_dbname().is_none()
        && let Some(name) = variable("PGDATABASE")
    {
        config.dbname(&name);
    }
    if config.get_application_name().is_none() {
        config.application_name(variable("PGAPPNAME").as_deref().unwrap_or("calllegs"));
    }
    if config.get_connect_timeout().is_none() {
        let seconds = variable("PGCONNECT_TIMEOUT").and_then(|seconds| seconds.parse().ok());
        config.connect_timeout(seconds.map_or(PATIENCE, Duration::from_secs));
    }
    Ok(())
}

/// The folder with a socket of a server on this machine, or the machine itself.
fn usual_host(port: u16) -> &'static str {
    let folders = ["/run/postgresql", "/var/run/postgresql", "/tmp"];
    let has_socket = |folder: &&str| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists();
    folders.into_iter().find(|folder| cfg!(unix) && has_socket(folder)).unwrap_or("localhost")
}

fn secure(config: &mut Config, mode: &str, roots: Option<&Path>) -> Result<Trust, Error> {
    let verified = || roots.map_or(Trust::Roots, |roots| Trust::File(roots.to_owned()));
    let (mode, trust) = match mode {
        "disable" => (SslMode::Disable, Trust::Anybody),
        "prefer" => (SslMode::Prefer, Trust::Anybody),
        "require" if roots.is_none() => (SslMode::Require, Trust::Anybody),
        "require" | "verify-full" => (SslMode::Require, verified()),
        "allow" | "verify-ca" => {
            return Err(wrong(format!("sslmode {mode} is not supported"))
                .next("choose disable, prefer, require or verify-full"));
        }
        _ => {
            return Err(wrong("sslmode is not known").next("choose disable, prefer, require or verify-full"));
        }
    };
    let is_local = config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
    // No server speaks TLS through a socket of its own machine.
    config.ssl_mode(if is_local && !config.get_hosts().is_empty() { SslMode::Disable } else { mode });
    Ok(trust)
}

/// The password that a passfile has for this server.
fn passfile(config: &Config, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let path = variable("PGPASSFILE").map(PathBuf::from);
    let path = path.or_else(|| Some(Path::new(&variable("HOME")?).join(".pgpass")))?;
    if !is_private(&path) {
        return None;
    }
    let user = config.get_user().map(str::to_owned).or_else(|| variable("USER"))?;
    let database = config.get_dbname().unwrap_or(&user);
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.as_str(),
        Some(_) | None => "localhost",
    };
    password_in(&fs::read_to_string(path).ok()?, [host, &port, database, &user])
}

/// The six bits of other people are not set: libpq passes over any other file.
fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode().trailing_zeros() >= 6)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// Lines are `host:port:database:user:password`; a star is anything, and a backslash takes its meaning from a colon.
fn password_in(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let (mut fields, mut field, mut letters) = (Vec::new(), String::new(), line.chars());
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => field.extend(letters.next()),
                ':' if fields.len() < 4 => fields.push(std::mem::take(&mut field)),
                letter => field.push(letter),
            }
        }
        let fits = |(field, wanted): (&String, &str)| field == "*" || field == wanted;
        (fields.len() == 4 && fields.iter().zip(wanted).all(fits)).then_some(field)
    })
}

fn has_password() -> Error {
    wrong("there is a password in it")
        .because("arguments of a program can be read by everybody on the machine, and stay in the history")
        .next("set PGPASSWORD, or write a line into ~/.pgpass (or the file of PGPASSFILE), mode 600")
}

/// Never with the URL: it may hold a secret.
fn wrong(why: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Place, format!("the address of PostgreSQL cannot be used: {why}"))
        .next("write postgres://user@host:port/database?schema=name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str, variables: &[(&str, &str)]) -> Result<Address, Error> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Address::parse(url, &|name| value(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for url in [
            "postgres://me:hunter2@host/db",
            "postgres://me:hun/ter2@host/db",
            "postgres://me:4/hunter2@host/db",
            "postgres://me@host/db?password=hunter2",
            "postgres://me:1?hunter2@host",
            "postgres://me:1?hunter2=@host",
            "hunter2",
        ] {
            let error = parse(url, &[]).unwrap_err();
            let said = format!("{error} {:?} {:?} {error:?}", error.cause(), error.next_step());
            assert!(!said.contains("ter2"), "{said}");
        }
        let error = parse("postgres://me:hunter2@host/db", &[]).unwrap_err();
        assert!(error.next_step().unwrap().contains("PGPASSWORD"));
    }

    #[test]
    fn variables_say_what_the_address_leaves_open() {
        let variables = [
            ("PGHOST", "db.example"),
            ("PGPORT", "6432"),
            ("PGUSER", "loader"),
            ("PGPASSWORD", "hunter2"),
            ("PGDATABASE", "calls"),
            ("PGSSLMODE", "verify-full"),
        ];
        let address = parse("postgres://?schema=tele%20fon", &variables).unwrap();
        assert_eq!(address.config.get_hosts(), [Host::Tcp("db.example".to_owned())]);
        assert_eq!(address.config.get_ports(), [6432]);
        assert_eq!(address.config.get_user(), Some("loader"));
        assert_eq!(address.config.get_dbname(), Some("calls"));
        assert_eq!(address.config.get_password(), Some(b"hunter2".as_slice()));
        assert_eq!((address.trust.clone(), address.schema.as_deref()), (Trust::Roots, Some("tele fon")));
        assert!(!format!("{address:?}").contains("hunter2"));
        let address = parse("postgresql://me@[::1]:5433/own?sslmode=require", &variables).unwrap();
        assert_eq!(address.config.get_ports(), [5433]);
        assert_eq!((address.config.get_user(), address.config.get_dbname()), (Some("me"), Some("own")));
        assert_eq!((address.config.get_ssl_mode(), address.trust), (SslMode::Require, Trust::Anybody));
    }

    #[test]
    fn a_table_is_named_once() {
        let address = parse("postgres://me@h/db?table=telephony.legs&partition=month", &[]).unwrap();
        assert_eq!((address.table.as_deref(), address.is_partitioned), (Some("telephony.legs"), true));
        let error = parse("postgres://me@h/db?shema=a", &[]).unwrap_err();
        assert_eq!(error.next_step(), Some("did you mean schema?"));
        for options in ["table=a&table=b", "schema=a&table=b.c", "partition=day"] {
            assert!(parse(&format!("postgres://me@h/db?{options}"), &[]).is_err(), "{options}");
        }
        assert!(parse("postgres://me@h/db?schema=b&table=b.c", &[]).is_ok());
    }

    #[test]
    fn a_socket_is_a_folder() {
        let address = parse("postgres://me@/db?host=/run/pg&port=5499&sslmode=require", &[]).unwrap();
        assert_eq!(address.config.get_hosts(), [Host::Unix("/run/pg".into())]);
        assert_eq!(address.config.get_ssl_mode(), SslMode::Disable);
        let encoded = parse("postgres://me@%2Frun%2Fpg:5499/db", &[]).unwrap();
        assert_eq!(encoded.config.get_hosts(), address.config.get_hosts());
    }

    #[test]
    fn what_is_not_supported_is_said() {
        for mode in ["allow", "verify-ca", "sometimes"] {
            let error = parse(&format!("postgres://h/db?sslmode={mode}"), &[]).unwrap_err();
            assert!(error.next_step().unwrap().contains("verify-full"), "{mode}");
        }
    }

    #[test]
    fn a_passfile_has_the_password_of_the_first_line_that_fits() {
        let text = "# a comment\nother:*:*:*:no\nh:5432:a\\:b:me:se\\:c:ret\n*:*:*:*:last";
        assert_eq!(password_in(text, ["h", "5432", "a:b", "me"]).as_deref(), Some("se:c:ret"));
        assert_eq!(password_in(text, ["h", "5433", "a:b", "me"]).as_deref(), Some("last"));
        assert_eq!(password_in("h:5432:db", ["h", "5432", "db", "me"]), None);
    }
}
