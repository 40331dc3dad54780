//! What `tracing` is told: a span for every attempt, and nothing of what is sent.

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
};

use calllegs_core::{Accounts, Query, blocking};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_login};
use serde_json::json;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber,
};

/// Keeps what it is told as text.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Told {
    fn tell(&self, name: &str, record: impl FnOnce(&mut Line)) {
        let mut line = Line(name.to_owned());
        record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "calllegs"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.tell(span.metadata().name(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        self.tell("event", |line| event.record(line));
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn every_attempt_is_a_span_without_values() {
    let script = Script::new([
        Answer::data(&json!({"access_token": "marker-session"}), &json!({})),
        Answer::error("internal_error", -32603, &json!({})),
        Answer::data(&json!([{"name": "marker-name"}]), &json!({})),
    ]);
    let told = Told::default();
    subscriber::with_default(told.clone(), || {
        let client =
            blocking::Client::builder(script, account_with_login()).timer(VirtualClock::default()).build();
        client.call(Query::<Accounts>::all()).unwrap();
    });
    assert_eq!(
        *told.0.lock().unwrap(),
        [
            r#"attempt method="login.user" attempt=1"#,
            r#"attempt method="get.account" attempt=1"#,
            r#"event message=the attempt failed method="get.account" attempt=1 kind=Server"#,
            r#"attempt method="get.account" attempt=2"#,
        ]
    );
}
