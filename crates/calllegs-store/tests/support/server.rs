//! A PostgreSQL of the test's own: in a folder for the time, on a Unix socket, gone with the program that started it.

#![allow(dead_code, reason = "no program of tests needs all of it")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        mpsc::{self, Receiver},
    },
    thread,
};

/// The server of this program, one for all its tests; `None` where PostgreSQL is not installed, which is an error in CI.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[], &[])).as_ref()
}

/// A server that runs.
pub(crate) struct Server {
    folder: PathBuf,
    /// It ends when its input does: with this program, however that ends. A line in it starts the server once more.
    input: Mutex<ChildStdin>,
    /// That it is ready, or what it said instead.
    ready: Mutex<Receiver<Result<(), String>>>,
    _process: Child,
}

/// Runs it, and again for each line of the input. A signal that ends this program ends the input too.
const SCRIPT: &str = r#"trap "" INT TERM HUP
    folder="$1"; shift
    run() { "$0" -D "$folder/data" -k "$folder" -F -c max_connections=50 "$@" & server=$!; }
    run "$@"; while read -r _; do wait $server; run "$@"; done
    kill -QUIT $server; wait $server; rm -rf "$folder""#;

impl Server {
    /// One with these files in its folder and these options.
    pub(crate) fn start(files: &[(&str, &str)], options: &[&str]) -> Option<Self> {
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
        let give = |path: &Path| {
            if let Some((user, group)) = user {
                std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
            }
        };
        give(&folder);
        for (name, text) in files {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            give(&path);
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
        let options = if options.is_empty() { &["-c", "listen_addresses="] } else { options };
        let mut shell = program(Path::new("/bin/sh"));
        let shell = shell.arg("-c").arg(SCRIPT).arg(programs.join("postgres")).arg(&folder).args(options);
        let shell = shell.env("LC_ALL", "C").current_dir(&folder).stdin(Stdio::piped());
        let mut process = shell.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let (is_ready, ready) = mpsc::channel();
        // What nobody reads would stop it one day.
        thread::spawn(move || {
            let mut said = String::new();
            for line in log {
                said.push_str(&line);
                if line.contains("ready to accept connections") {
                    said.clear();
                    // After the last start nobody listens.
                    let _unheard = is_ready.send(Ok(()));
                }
            }
            let _unheard = is_ready.send(Err(said));
        });
        let input = Mutex::new(process.stdin.take().unwrap());
        assert_eq!(ready.recv().unwrap(), Ok(()));
        Some(Self { folder, input, ready: Mutex::new(ready), _process: process })
    }

    /// Starts it once more on the same folder, when it was killed.
    pub(crate) fn again(&self) {
        self.input.lock().unwrap().write_all(b"\n").unwrap();
        assert_eq!(self.ready.lock().unwrap().recv().unwrap(), Ok(()));
    }

    /// Its folder, with the socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its address, for a schema.
    pub(crate) fn url(&self, schema: &str) -> String {
        format!("postgres://postgres@/postgres?host={}&schema={schema}", self.folder.display())
    }

    /// A client of the test's own, in this schema.
    pub(crate) fn client(&self, schema: &str) -> postgres::Client {
        client(&self.folder, schema)
    }
}

/// A client of the server in this folder.
pub(crate) fn client(folder: &Path, schema: &str) -> postgres::Client {
    let mut client = client_at(folder, 5432);
    client.batch_execute(&format!("SET search_path = \"{schema}\"")).unwrap();
    client
}

/// The same, where the socket has the number of another port.
pub(crate) fn client_at(folder: &Path, port: u16) -> postgres::Client {
    let mut config = postgres::Config::new();
    config.host_path(folder).port(port).user("postgres").dbname("postgres").connect(postgres::NoTls).unwrap()
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
