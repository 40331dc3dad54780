//! Framing: what is accepted as a reply, and what is not.

use calllegs_core::{
    Accounts, CallLegs, ErrorKind, Mnemonic, Period, Query,
    call::Raw,
    error::Retryability,
    limits::QuotaWindow,
    rpc::{self, Identity, RequestId},
    value::wall_time,
};

use super::period;

fn read(body: &str) -> Result<String, calllegs_core::Error> {
    let call = Raw::new("get.call_legs_report", serde_json::Map::new());
    rpc::reply(&call, RequestId::new(7), body.as_bytes()).map(|(data, _)| data.get().to_owned())
}

#[test]
fn both_generations_of_the_envelope_are_read() {
    let new = r#"{"jsonrpc":"2.0","id":7,"result":{"data":[1],"metadata":{"total_items":1,"version":null,"limits":{}}}}"#;
    let old = r#"{"result":{"metadata":{"limits":{"day_limit":5},"total_items":1},"data":[1]},"id":7,"jsonrpc":"2.0"}"#;
    let typo = r#"{"jsonrpc":"2.0","id":7,"result":{"meta_data":{},"data":[1]}}"#;
    let bare = r#"{"jsonrpc":"2.0","id":"7","result":{"data":[1]}}"#;
    for body in [new, old, typo, bare] {
        assert_eq!(read(body).unwrap(), "[1]", "{body}");
    }
    assert_eq!(read(&format!("\u{feff}{new}")).unwrap(), "[1]");
}

#[test]
fn metadata_of_odd_shapes_is_no_metadata() {
    for metadata in [
        "null",
        "[]",
        "false",
        "7",
        "\"x\"",
        "{\"limits\":\"\"}",
        "{\"limits\":[]}",
        "{\"limits\":null}",
        "{\"total_items\":\"12\"}",
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"data":[],"metadata":{metadata}}}}}"#);
        assert_eq!(read(&body).unwrap(), "[]", "{metadata}");
    }
}

#[test]
fn what_is_not_a_reply_to_this_request_is_refused() {
    let wrong = [
        "",
        "[]",
        "null",
        "<html>",
        r#"{"jsonrpc":"1.0","id":7,"result":{"data":[]}}"#,
        r#"{"id":7,"result":{"data":[]}}"#,
        r#"{"jsonrpc":"2.0","id":8,"result":{"data":[]}}"#,
        r#"{"jsonrpc":"2.0","id":null,"result":{"data":[]}}"#,
        r#"{"jsonrpc":"2.0","result":{"data":[]}}"#,
        r#"{"jsonrpc":"2.0","id":7}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":null}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":{"data":[1}}"#,
        r#"{"jsonrpc":"2.0","id":8,"error":{"code":-32603,"message":"x"}}"#,
    ];
    for body in wrong {
        let error = read(body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}: {error}");
    }
}

#[test]
fn errors_are_told_apart_by_mnemonic_not_by_code() {
    // docs/api.md 9.2 S2: the live server sent -32602 where the pages say -32008.
    let body = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"You need at least one","data":
        {"mnemonic":"method_component_disabled","field":null,"value":null,"params":{"components":"call_center"}}}}"#;
    let error = read(body).unwrap_err();
    let server = error.server().unwrap();
    assert_eq!(*server.mnemonic(), Mnemonic::MethodComponentDisabled);
    assert_eq!(server.code(), -32602);
    assert_eq!(server.param("components").as_deref(), Some("call_center"));
}

#[test]
fn an_error_may_lack_everything_and_its_id() {
    for body in [
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","id":7,"error":{}}"#,
        r#"{"jsonrpc":"2.0","error":{"data":null}}"#,
    ] {
        assert_eq!(read(body).unwrap_err().kind(), ErrorKind::Server, "{body}");
    }
    let error = read(r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"x"}}"#).unwrap_err();
    assert_eq!(error.retryability(), Retryability::IfIdempotent);
    let nowhere = r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"no","data":{"mnemonic":"error","field":""}}}"#;
    assert_eq!(read(nowhere).unwrap_err().to_string(), "no (error, 1)");
}

#[test]
fn limits_are_read_from_errors_too() {
    for holder in [
        r#""data":{"mnemonic":"limit_exceeded","params":{"limit_type":"day"},"metadata":{"limits":{"day_reset":9}}}"#,
        r#""data":{"mnemonic":"limit_exceeded","params":{"limit_type":"day"}},"metadata":{"limits":{"day_reset":9}}"#,
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,"error":{{"code":-32029,"message":"x",{holder}}}}}"#);
        let error = read(&body).unwrap_err();
        let server = error.server().unwrap();
        assert_eq!(server.exceeded(), QuotaWindow::Day);
        assert_eq!(server.limits().day.unwrap().reset.unwrap().as_secs(), 9);
    }
}

#[test]
fn both_spellings_of_the_batch_mnemonic_are_one() {
    for word in ["batch_opreations_not_supported", "batch_operations_not_supported"] {
        assert_eq!(Mnemonic::from(word), Mnemonic::BatchOpreationsNotSupported);
    }
}

#[test]
fn a_request_carries_key_and_user() {
    let call = Raw::new("get.account", serde_json::Map::new());
    let mut identity = Identity::key("secret");
    identity.user_id = Some(9);
    let body = rpc::request(&call, &identity, RequestId::new(1)).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(body.as_bytes()).unwrap();
    assert_eq!(
        sent,
        serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "get.account",
            "params": {"access_token": "secret", "user_id": 9}})
    );
    // A query that names a user is nearer than the account.
    let query = Query::<CallLegs>::new(period("2026-03-02 00:00:00", "2026-03-03 00:00:00")).acting_for(7);
    let body = rpc::request(&query, &identity, RequestId::new(2)).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(body.as_bytes()).unwrap();
    assert_eq!(sent["params"]["user_id"], 7);
    let refused = rpc::request(&Query::<Accounts>::all().acting_for(7), &identity, RequestId::new(3));
    assert_eq!(refused.unwrap_err().refusal().unwrap().field(), "user_id");
}

#[test]
fn errors_without_a_mnemonic_are_told_apart_by_code() {
    for (code, retryability) in [
        (-32001, Retryability::AfterLogin),
        (-32029, Retryability::AtReset),
        (-32603, Retryability::IfIdempotent),
        (-32602, Retryability::Never),
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,"error":{{"code":{code},"message":"x"}}}}"#);
        assert_eq!(read(&body).unwrap_err().retryability(), retryability, "{code}");
    }
}

#[test]
fn an_error_of_any_shape_keeps_the_words_of_the_server() {
    // (error, as it is shown)
    for (error, shown) in [
        (r#""Access denied""#, "Access denied"),
        (r#""access_token_invalid""#, "access_token_invalid (access_token_invalid, 0)"),
        ("-32001", "an error without words (-32001)"),
        ("true", "an error without words"),
        ("[]", "an error without words"),
        ("{}", "an error without words"),
        (r#"[{"code":-32003,"message":"First"},{"code":1,"message":"Second"}]"#, "First (-32003)"),
        (r#"["Access denied"]"#, "Access denied"),
        (r#"{"code":"-32029","message":"Later"}"#, "Later (-32029)"),
        (r#"{"code":-32029.0,"message":"Later"}"#, "Later (-32029)"),
        (r#"{"code":null,"message":"Later"}"#, "Later"),
        (r#"{"code":"forbidden","message":"No"}"#, "No (forbidden, 0)"),
        (r#"{"code":"E17","message":"No"}"#, "No"),
        (r#"{"code":-32001,"message":"No","data":"Key unknown"}"#, "No (-32001)"),
        (r#"{"code":-32001,"data":"Key unknown"}"#, "Key unknown (-32001)"),
        (r#"{"code":-32001,"message":"","data":"Key unknown"}"#, "Key unknown (-32001)"),
        (
            r#"{"code":-32001,"message":"No","data":"access_token_expired"}"#,
            "No (access_token_expired, -32001)",
        ),
        (r#"{"code":-32001,"message":"No","data":[1]}"#, "No (-32001)"),
        (r#"{"code":-32001,"message":"No","data":null}"#, "No (-32001)"),
        (r#"{"code":-32001,"message":"No","data":{}}"#, "No (-32001)"),
        (r#"{"code":-32001,"message":"No","data":{"mnemonic":null}}"#, "No (-32001)"),
        (r#"{"code":-32001,"message":["No"],"data":{"mnemonic":7}}"#, "an error without words (-32001)"),
        (r#"{"code":1,"message":"No","mnemonic":"forbidden"}"#, "No (forbidden, 1)"),
        (r#"{"code":1,"message":" a\u001b[2J\nb "}"#, "a\u{fffd}[2J\u{fffd}b (1)"),
    ] {
        let told = read(&format!(r#"{{"jsonrpc":"2.0","id":7,"error":{error}}}"#)).unwrap_err();
        assert_eq!((told.kind(), &*told.to_string()), (ErrorKind::Server, shown), "{error}");
    }
    let long = format!(r#"{{"jsonrpc":"2.0","id":7,"error":"{}"}}"#, "ы".repeat(5000));
    assert_eq!(read(&long).unwrap_err().to_string(), format!("{}…", "ы".repeat(300)));
    // What the caller sent may be a phone number.
    let sent = r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"No","data":{"value":"79991234567"}}}"#;
    assert!(!format!("{0} {0:?}", read(sent).unwrap_err()).contains("7999"));
}

#[test]
fn a_login_reply_may_name_its_end_in_either_way_or_both() {
    use calllegs_core::{call::Login, value::secret::Password};
    for members in ["\"expire_at\":5", "\"expire\":5", "\"expire_at\":5,\"expire\":5", "\"expire\":\"5\""] {
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"data":{{"access_token":"t",{members}}}}}}}"#);
        let password = Password::new("x");
        let reply = rpc::reply(&Login::new("me", &password), RequestId::new(7), body.as_bytes()).unwrap();
        assert_eq!(reply.expire_at, Some(5), "{members}");
    }
}

#[test]
fn a_long_reply_is_read_as_a_short_one() {
    let time = |text| wall_time::parse(text).unwrap();
    let day = Period::new(time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00")).unwrap();
    let query = Query::<CallLegs>::new(day);
    let ids = |body: String| {
        let page = rpc::reply(&query, RequestId::new(7), body.as_bytes());
        page.map(|page| page.rows.iter().map(|leg| leg.id.unwrap().get()).collect::<Vec<_>>())
            .map_err(|error| error.kind())
    };
    let good = Ok(vec![1, 2]);
    let bad = Err(ErrorKind::Decode);
    for (envelope, outcome) in [
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":ROWS,"metadata":{"total_items":2}}}"#, &good),
        (r#"{"result":{"metadata":{"a":[1]},"data": ROWS },"id":7,"jsonrpc":"2.0"}"#, &good),
        // Brackets behind the rows, and what looks like the rows before and behind them.
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":ROWS,"metadata":{"a":[1,"]"]}}}"#, &good),
        (r#"{"jsonrpc":"2.0","id":7,"x":"\"data\":[","result":{"data":ROWS},"y":["\"data\":[{}]"]}"#, &good),
        (r#"{"jsonrpc":"2.0","id":7,"x":{"data":[{"id":9}]},"result":{"data":ROWS}}"#, &good),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":ROWS},"x":{"data":[{"id":9}]}}"#, &good),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"metadata":{"data":[{"id":9}]},"data":ROWS}}"#, &good),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":ROWS,"data":[]}}"#, &bad),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":[],"data":ROWS}}"#, &bad),
        (r#"{"jsonrpc":"2.0","id":8,"result":{"data":ROWS}}"#, &bad),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":ROWS}"#, &bad),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":ROWS}} x"#, &bad),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"data":[ROWS]}}"#, &bad),
        (r#"{"jsonrpc":"2.0","id":7,"result":{"x":{"data":ROWS}}}"#, &bad),
    ] {
        let with = |filler: usize| {
            let rows = format!(r#"[{{"id":1,"contact_full_name":"{}"}},{{"id":2}}]"#, "a".repeat(filler));
            envelope.replace("ROWS", &rows)
        };
        assert_eq!(&ids(with(1)), outcome, "short: {envelope}");
        assert_eq!(&ids(with(70_000)), outcome, "long: {envelope}");
    }
}
