//! A browser without a window, told what to do over the `DevTools` protocol.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

pub(crate) struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: String,
    calls: u64,
    /// What it told on its own: requests, messages of the console, errors.
    pub(crate) events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// One that is installed; `None` where none is, which CI takes for a failure.
    pub(crate) fn start() -> Option<Self> {
        let profile = tempfile::tempdir().unwrap();
        let start = |name: &str| {
            Command::new(name)
                .args(["--headless", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"])
                // A page of our own is all that it opens; containers have no sandbox to give.
                .args(["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"])
                .arg(format!("--user-data-dir={}", profile.path().display()))
                .arg("about:blank")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .ok()
        };
        let Some(mut child) = NAMES.into_iter().find_map(start) else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no browser: .ci/run installs one");
            eprintln!("left out: how the page behaves in a browser, as there is none; install chromium");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut place = lines.by_ref().map_while(Result::ok);
        let place =
            place.find_map(|line| line.strip_prefix("DevTools listening on ws://").map(str::to_owned));
        // What it says later is nobody's concern, but has to be read.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let place = place.expect("the browser did not start");
        let stream = TcpStream::connect(place.split('/').next().unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{place}"), stream).unwrap();
        let mut browser =
            Self { child, socket, session: String::new(), calls: 0, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attached =
            browser.call("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Calls a method, and waits for its answer.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let told = self.read();
            if told["id"] == self.calls {
                assert!(told["error"].is_null(), "{method}: {}", told["error"]);
                return told["result"].clone();
            }
            self.events.push(told);
        }
    }

    /// Opens a page, and waits until it is there.
    pub(crate) fn open(&mut self, address: &str) {
        self.events.clear();
        self.call("Page.navigate", &json!({"url": address}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let told = self.read();
            self.events.push(told);
        }
    }

    /// What an expression of JavaScript gives.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let found = self.call("Runtime.evaluate", &json!({"expression": expression, "returnByValue": true}));
        assert!(found["exceptionDetails"].is_null(), "{}", found["exceptionDetails"]);
        found["result"]["value"].clone()
    }

    /// The size of the window, in points.
    pub(crate) fn resize(&mut self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    fn read(&mut self) -> Value {
        // Beside texts there is what keeps the connection alive.
        let message = self.socket.read().unwrap();
        if let Message::Text(text) = message { serde_json::from_str(&text).unwrap() } else { Value::Null }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
