//! A PostgreSQL of the test's own: in a folder for the time, on a Unix socket, gone with the program that started it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
};

/// The server of this program, one for all its tests; `None` where PostgreSQL is not installed, which is an error in CI.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

/// A server that runs.
pub(crate) struct Server {
    folder: PathBuf,
    /// It ends when its input does: with this program, however that ends.
    _process: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var("CI").is_err(), "there is no PostgreSQL: install the package postgresql");
            eprintln!("not tested: there is no PostgreSQL (initdb) on this machine");
            return None;
        };
        // Short: the name of a socket has 107 bytes at most.
        let folder = tempfile::Builder::new().prefix("calllegs-pg").tempdir_in("/tmp").unwrap().keep();
        let id = |of: &str| {
            let told = Command::new("id").args([of, "nobody"]).output().unwrap();
            String::from_utf8(told.stdout).unwrap().trim().parse::<u32>().unwrap()
        };
        let user = is_root().then(|| (id("-u"), id("-g")));
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).unwrap();
        }
        // PostgreSQL does not run as root.
        let program = |path: &Path| match user {
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]);
                command.arg(path);
                command
            }
            None => Command::new(path),
        };
        let mut initdb = program(&programs.join("initdb"));
        let initdb =
            initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
        let made = initdb.arg(folder.join("data")).current_dir(&folder).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // A signal that ends this program ends its input too.
        let script = r#"trap "" INT TERM HUP; "$0" -D "$1/data" -k "$1" -F -c listen_addresses= -c max_connections=50 &
            server=$!; cat > /dev/null; kill -QUIT $server; wait $server; rm -rf "$1""#;
        let mut shell = program(Path::new("/bin/sh"));
        let shell = shell.arg("-c").arg(script).arg(programs.join("postgres")).arg(&folder);
        let shell = shell.env("LC_ALL", "C").current_dir(&folder).stdin(Stdio::piped());
        let mut process = shell.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = String::new();
        let is_ready = log.by_ref().any(|line| {
            said.push_str(&line);
            line.contains("ready to accept connections")
        });
        assert!(is_ready, "postgres: {said}");
        // What nobody reads would stop it one day.
        thread::spawn(move || log.for_each(drop));
        Some(Self { folder, _process: process })
    }

    /// Its address, for a schema.
    pub(crate) fn url(&self, schema: &str) -> String {
        format!("postgres://postgres@/postgres?host={}&schema={schema}", self.folder.display())
    }

    /// A client of the test's own, in this schema.
    pub(crate) fn client(&self, schema: &str) -> postgres::Client {
        let mut config = postgres::Config::new();
        config.host_path(&self.folder).user("postgres").dbname("postgres");
        let mut client = config.connect(postgres::NoTls).unwrap();
        client.batch_execute(&format!("SET search_path = \"{schema}\"")).unwrap();
        client
    }
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output().unwrap();
    user.stdout.starts_with(b"0")
}

/// The folder with the programs: on the path, or where Debian has them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map_while(Result::ok)
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort();
    let folders = std::env::split_paths(&path).chain(debian.into_iter().rev());
    let mut folders = folders.filter(|folder| folder.join("initdb").exists());
    folders.find(|folder| folder.join("postgres").exists())
}
