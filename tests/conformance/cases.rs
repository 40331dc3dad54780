//! The cases. Each states one promise of the boundary; the table in `main.rs` runs it on every transport.

use std::{
    env,
    error::Error,
    io::Write,
    process::Command,
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use calllegs_core::transport::{
    Body, HttpRequest, HttpResponse, TransportError,
    TransportErrorKind::{self, BodyTooLarge, Connect, Interrupted, Other, Timeout},
};
use flate2::{Compression, write::GzEncoder};

use crate::{
    server::{Server, Then, Wire, answer, refused_url},
    subject::{Options, Subject},
};

// Replies that come.

pub(crate) fn any_status_is_a_reply<S: Subject>() {
    for (status, body) in [
        (200, r#"{"jsonrpc":"2.0"}"#),
        (404, ""),
        (429, r#"{"error":{}}"#),
        (500, "oops"),
        (502, "<html><h1>Bad Gateway</h1></html>"),
    ] {
        let server = Server::replying(reply(&format!("{status} Whatever"), "", body.as_bytes()));
        let reply = default::<S>().send(request(&server.url())).unwrap();
        assert_eq!(reply.status(), status);
        assert_eq!(reply.body().as_bytes(), body.as_bytes());
    }
}

pub(crate) fn headers_and_bodies_pass_both_ways<S: Subject>() {
    let server =
        Server::replying(reply("200 OK", "Content-Type: application/json; charset=UTF-8\r\n", b"{}"));
    let reply = default::<S>().send(request(&server.url())).unwrap();
    assert_eq!(reply.headers()["content-type"], "application/json; charset=UTF-8");
    assert_eq!(reply.headers()["content-length"], "2");

    let [seen] = server.requests().try_into().ok().unwrap();
    assert!(seen.head.starts_with("POST /v2.0 HTTP/1.1\n"), "{}", seen.head);
    assert_eq!(seen.body, QUESTION.as_bytes());
    assert_eq!(seen.header("content-type"), ["application/json; charset=UTF-8"]);
    assert_eq!(seen.header("content-length"), [QUESTION.len().to_string()]);
    assert_eq!(seen.header("accept-encoding"), ["gzip"]);
    assert_eq!(seen.header("host").len(), 1);
    let [agent] = seen.header("user-agent").try_into().unwrap();
    assert!(agent.starts_with("calllegs/"), "{agent}");
    // Nothing else: what a library adds on its own differs between transports.
    assert_eq!(seen.head.lines().filter(|line| line.contains(": ")).count(), 5, "{}", seen.head);
}

pub(crate) fn a_redirect_is_returned<S: Subject>() {
    for status in [301, 302, 303, 307, 308] {
        let target = Server::replying(reply("200 OK", "", b"the wrong server"));
        let location = format!("Location: {}\r\n", target.url());
        let server = Server::replying(reply(&format!("{status} Elsewhere"), &location, b"moved"));
        let reply = default::<S>().send(request(&server.url())).unwrap();
        assert_eq!(reply.status(), status);
        assert_eq!(reply.headers()["location"], target.url());
        assert_eq!(reply.body().as_bytes(), b"moved");
        assert_eq!((server.requests().len(), target.connections()), (1, 0));
    }
}

pub(crate) fn a_gzip_reply_is_decoded<S: Subject>() {
    let page = page(100_000);
    for coding in
        ["gzip", "GZIP", "Gzip", "x-gzip", "X-GZIP", "identity, gzip", "Identity\r\nContent-Encoding: Gzip"]
    {
        for framing in [reply, chunked] {
            let header = format!("Content-Encoding: {coding}\r\n");
            let server = Server::replying(framing("200 OK", &header, &gzip(&page)));
            let reply = default::<S>().send(request(&server.url())).unwrap();
            assert!(reply.body().as_bytes() == page, "the body is not the page: {coding}");
            assert!(!reply.headers().contains_key("content-encoding"));
            assert!(!reply.headers().contains_key("content-length"));
        }
    }
    for coding in ["identity", "IDENTITY", ""] {
        let server = Server::replying(reply("200 OK", &format!("Content-Encoding: {coding}\r\n"), &page));
        let reply = default::<S>().send(request(&server.url())).unwrap();
        assert!(reply.body().as_bytes() == page, "the body is not the page: {coding}");
    }
}

pub(crate) fn a_coding_that_was_not_asked_for_is_named<S: Subject>() {
    for coding in ["br", "Zstd", "deflate", "gzip, br", "gzip, gzip"] {
        let header = format!("Content-Encoding: {coding}\r\n");
        let server = Server::replying(reply("200 OK", &header, &gzip(&page(100))));
        let error = default::<S>().send(request(&server.url())).unwrap_err();
        assert_eq!(error.kind(), Other, "{error:?}");
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains(&format!("the content coding `{coding}`")), "{cause}");
        // A gateway that is in trouble is told by its status, whatever its page is packed with.
        let server = Server::replying(reply("503 Busy", &header, b"?"));
        assert_eq!(default::<S>().send(request(&server.url())).unwrap().status(), 503);
    }
}

pub(crate) fn a_reply_without_a_date_is_given_one<S: Subject>() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let server = Server::replying(reply("503 Busy", &format!("Date: {DATE}\r\n"), b"{}"));
    assert_eq!(default::<S>().send(request(&server.url())).unwrap().headers()["date"], DATE);
    for status in ["200 OK", "503 Busy"] {
        let server = Server::replying(reply(status, "", b"{}"));
        let reply = default::<S>().send(request(&server.url())).unwrap();
        let date = reply.headers()["date"].to_str().unwrap();
        assert!(date.ends_with(" GMT") && date.len() == DATE.len() && date != DATE, "{date}");
    }
}

pub(crate) fn a_large_page_arrives_whole<S: Subject>() {
    let page = page(10_000_000);
    for framing in [reply, chunked] {
        let server = Server::replying(framing("200 OK", "", &page));
        let reply = default::<S>().send(request(&server.url())).unwrap();
        assert!(reply.body().as_bytes() == page, "the body is not the page");
    }
}

pub(crate) fn a_reply_may_end_with_the_connection<S: Subject>() {
    let server = Server::cutting("HTTP/1.1 200 OK\r\n\r\nno length at all");
    let reply = default::<S>().send(request(&server.url())).unwrap();
    assert_eq!(reply.body().as_bytes(), b"no length at all");
}

// Connections.

pub(crate) fn a_connection_is_reused<S: Subject>() {
    for framing in [reply, chunked] {
        let server = Server::replying(framing("200 OK", "", &page(20_000)));
        let subject = default::<S>();
        for _ in 0..5 {
            subject.send(request(&server.url())).unwrap();
        }
        assert_eq!((server.requests().len(), server.connections()), (5, 1));
    }
}

pub(crate) fn a_connection_serves_after_a_gzip_reply<S: Subject>() {
    for framing in [reply, chunked] {
        let server = Server::replying(framing("200 OK", "Content-Encoding: gzip\r\n", &gzip(&page(20_000))));
        let subject = default::<S>();
        for _ in 0..3 {
            subject.send(request(&server.url())).unwrap();
        }
        assert_eq!((server.requests().len(), server.connections()), (3, 1));
    }
}

pub(crate) fn a_closed_idle_connection_costs_no_second_request<S: Subject>() {
    // The server reads the second request and hangs up, as it does when its idle timeout strikes meanwhile. A
    // client that retries would be heard on a third connection.
    let count = AtomicUsize::new(0);
    let server = Server::scripted(move |_, wire| match count.fetch_add(1, Ordering::SeqCst) {
        0 => answer(wire, &reply("200 OK", "", b"{}"), Then::KeepAlive),
        _ => Then::Close,
    });
    let subject = default::<S>();
    subject.send(request(&server.url())).unwrap();
    assert_kind(subject.send(request(&server.url())), Interrupted);
    assert_eq!((server.requests().len(), server.connections()), (2, 1));

    // The server hangs up right after its reply: the transport either notices and connects anew, or says an error
    // after which a retry is allowed. It sends nothing twice.
    let server = Server::cutting(reply("200 OK", "", b"{}"));
    let subject = default::<S>();
    for sends in 1..=20 {
        match subject.send(request(&server.url())) {
            Ok(reply) => assert_eq!(reply.status(), 200),
            Err(error) => assert!(matches!(error.kind(), Connect | Interrupted), "{error:?}"),
        }
        assert!(server.requests().len() <= sends);
    }
}

pub(crate) fn parallel_calls_do_not_mix<S: Subject>() {
    const CALLS: usize = 8;
    // Nobody is answered before all have asked: the calls do overlap.
    let all_asked = Barrier::new(CALLS);
    let server = Server::scripted(move |seen, wire| {
        all_asked.wait();
        answer(wire, &reply("200 OK", "", &seen.body), Then::KeepAlive)
    });
    let subject = default::<S>();
    thread::scope(|scope| {
        for number in 0..CALLS {
            let (subject, url) = (&subject, server.url());
            scope.spawn(move || {
                let body = format!("call {number}");
                let reply = subject.send(request_with(&url, &body)).unwrap();
                assert_eq!(reply.body().as_bytes(), body.as_bytes());
            });
        }
    });
    assert_eq!(server.requests().len(), CALLS);
}

// No connection: nothing was sent.

pub(crate) fn a_refused_port_is_no_connection<S: Subject>() {
    assert_kind(default::<S>().send(request(&refused_url())), Connect);
}

pub(crate) fn an_unknown_host_is_no_connection<S: Subject>() {
    assert_kind(default::<S>().send(request("http://calllegs.invalid/v2.0")), Connect);
}

pub(crate) fn tls_works_with_a_trusted_certificate<S: Subject>() {
    let server = Server::scripted_tls("127.0.0.1", |_, wire| {
        answer(wire, &reply("200 OK", "", b"over TLS"), Then::KeepAlive)
    });
    let subject = S::new(Options { root_certificates: vec![server.authority()], ..Options::default() });
    for _ in 0..2 {
        assert_eq!(subject.send(request(&server.url())).unwrap().body().as_bytes(), b"over TLS");
    }
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
}

pub(crate) fn an_untrusted_certificate_is_no_connection<S: Subject>() {
    let server = Server::scripted_tls("127.0.0.1", |_, wire| answer(wire, b"", Then::Close));
    let other = Server::scripted_tls("127.0.0.1", |_, _| Then::Close);
    let subject = S::new(Options { root_certificates: vec![other.authority()], ..Options::default() });
    for subject in [default::<S>(), subject] {
        let error = subject.send(request(&server.url())).unwrap_err();
        assert_eq!(error.kind(), Connect);
        let cause = error.source().unwrap();
        assert!(cause.to_string().contains("`Builder::root_certificates`"), "{cause}");
        assert!(cause.source().is_some(), "{cause}");
    }
    assert_eq!(server.requests().len(), 0);
}

/// What this machine trusts is said by the environment of another process, as in the case of the proxy.
pub(crate) fn own_roots_are_added_unless_they_are_to_be_the_only_ones<S: Subject>() {
    const AUTHORITIES: &str = "CONFORMANCE_AUTHORITIES";
    const URLS: &str = "CONFORMANCE_TLS_URLS";
    if let (Ok(authorities), Ok(urls)) = (env::var(AUTHORITIES), env::var(URLS)) {
        let [first, second] = authorities.split('|').collect::<Vec<_>>().try_into().unwrap();
        let urls: Vec<_> = urls.split(' ').collect();
        let added = vec![first.to_owned(), second.to_owned()];
        for (root_certificates, only, reached) in [
            (vec![], None, [true, false, false]),
            (added.clone(), None, [true, true, true]),
            (vec![], Some(first), [false, true, false]),
            (added, Some(second), [false, false, true]),
        ] {
            let only_root_certificates = only.map(str::to_owned);
            let subject = S::new(Options { root_certificates, only_root_certificates, ..Options::default() });
            for (url, reached) in urls.iter().zip(reached) {
                assert_eq!(subject.send(request(url)).is_ok(), reached, "{url} {only:?}");
            }
        }
        return;
    }

    let server = || {
        Server::scripted_tls("127.0.0.1", |_, wire| {
            answer(wire, &reply("200 OK", "", b"{}"), Then::KeepAlive)
        })
    };
    let servers = [server(), server(), server()];
    let [of_machine, first, second] = &servers;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(of_machine.authority().as_bytes()).unwrap();
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("{}::own_roots_are_added_unless_they_are_to_be_the_only_ones", S::NAME)])
        .env("SSL_CERT_FILE", file.path())
        .env_remove("SSL_CERT_DIR")
        .env(AUTHORITIES, format!("{}|{}", first.authority(), second.authority()))
        .env(URLS, servers.each_ref().map(Server::url).join(" "))
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert_eq!(servers.each_ref().map(|server| server.requests().len()), [2, 2, 2]);
}

pub(crate) fn a_certificate_for_another_name_is_not_trusted<S: Subject>() {
    let server = Server::scripted_tls("elsewhere.invalid", |_, wire| answer(wire, b"", Then::Close));
    let subject = S::new(Options { root_certificates: vec![server.authority()], ..Options::default() });
    assert_kind(subject.send(request(&server.url())), Connect);
    assert_eq!(server.requests().len(), 0);
}

/// It is the same at every attempt, so it is not tried again; where the TLS of the platform does not tell it from a lost
/// connection, it is one.
pub(crate) fn a_plain_server_spoken_to_with_tls_is_told<S: Subject>() {
    // It answers the first bytes of anything, as web servers do.
    let server = Server::babbling(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let outcome = default::<S>().send(request(&server.tls_url()));
    if S::NAME.ends_with("native") {
        return assert_kind(outcome, Connect);
    }
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Other, "{error:?}");
    assert!(error.source().is_some_and(|cause| cause.to_string().contains("plain http")), "{error:?}");
}

pub(crate) fn a_silent_handshake_meets_the_connect_deadline<S: Subject>() {
    let server = Server::silent();
    let subject = S::new(Options { connect_timeout: Some(SOON), ..Options::default() });
    assert_kind(subject.send(request(&server.tls_url())), Connect);
}

/// The environment of this process cannot be changed safely, so the test runs itself in another one.
pub(crate) fn the_proxy_of_the_environment_is_used_on_request<S: Subject>() {
    const AUTHORITY: &str = "CONFORMANCE_AUTHORITY";
    const URLS: &str = "CONFORMANCE_URLS";
    if let Ok(urls) = env::var(URLS) {
        for proxy_from_env in [false, true] {
            let root_certificates = vec![env::var(AUTHORITY).unwrap()];
            let subject = S::new(Options { root_certificates, proxy_from_env, ..Options::default() });
            for url in urls.split_whitespace() {
                assert_eq!(subject.send(request(url)).unwrap().body().as_bytes(), b"{}");
            }
        }
        return;
    }

    let answer = |_: &_, wire: &mut dyn Wire| answer(wire, &reply("200 OK", "", b"{}"), Then::KeepAlive);
    for (no_proxy, tunnels) in [
        ("other.example", 1),
        ("other.example,127.0.0.1", 0),
        ("*", 0),
        ("other.example 127.0.0.0/8", 0),
        ("127.0.0.1:PORT", 0),
        ("127.0.0.1:1, [::1]", 1),
        ("nonsense/, 127.0.0.1", 0),
    ] {
        let (tls, plain) = (Server::scripted_tls("127.0.0.1", answer), Server::scripted(answer));
        let no_proxy = no_proxy.replace("PORT", &tls.address().port().to_string());
        let proxy = Server::proxy();
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", &format!("{}::the_proxy_of_the_environment_is_used_on_request", S::NAME)])
            .env_remove("https_proxy")
            .env_remove("no_proxy")
            .env("HTTPS_PROXY", format!("http://user:pass@{}", proxy.address()))
            .env("HTTP_PROXY", refused_url())
            .env("NO_PROXY", no_proxy)
            .env(AUTHORITY, tls.authority())
            .env(URLS, format!("{} {}", tls.url(), plain.url()))
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        // Both asked each server once; only one of the four requests, if any, went through the proxy.
        assert_eq!((tls.requests().len(), plain.requests().len()), (2, 2));
        assert_eq!(proxy.requests().len(), tunnels);
        for seen in proxy.requests() {
            assert!(seen.head.starts_with(&format!("CONNECT {} HTTP/1.1\n", tls.address())), "{}", seen.head);
            assert_eq!(seen.header("proxy-authorization"), ["Basic dXNlcjpwYXNz"]);
            assert!(!seen.head.contains("get.account"));
        }
    }
}

// No whole reply: the request may have been executed.

pub(crate) fn a_server_that_closes_unanswering_interrupts<S: Subject>() {
    let server = Server::cutting("");
    assert_kind(default::<S>().send(request(&server.url())), Interrupted);
    assert_eq!((server.requests().len(), server.connections()), (1, 1));
    // Halfway through the head is no better.
    let server = Server::cutting("HTTP/1.1 200 OK\r\nContent-Le");
    assert_kind(default::<S>().send(request(&server.url())), Interrupted);
    assert_eq!(server.requests().len(), 1);
}

pub(crate) fn a_truncated_body_is_interrupted<S: Subject>() {
    let server = Server::cutting(cut(reply("200 OK", "", &page(10_000))));
    assert_kind(default::<S>().send(request(&server.url())), Interrupted);
    assert_eq!(server.requests().len(), 1);
}

pub(crate) fn a_truncated_chunked_body_is_interrupted<S: Subject>() {
    let whole = chunked("200 OK", "", &page(10_000));
    let in_a_chunk = cut(whole.clone());
    let before_the_last_chunk = whole.strip_suffix(b"0\r\n\r\n").unwrap().to_vec();
    for reply in [in_a_chunk, before_the_last_chunk] {
        let server = Server::cutting(reply);
        assert_kind(default::<S>().send(request(&server.url())), Interrupted);
        assert_eq!(server.requests().len(), 1);
    }
}

pub(crate) fn a_truncated_tls_body_is_interrupted<S: Subject>() {
    // The socket is dropped without the closing words of TLS.
    let server = Server::scripted_tls("127.0.0.1", |_, wire| {
        answer(wire, &cut(reply("200 OK", "", &page(10_000))), Then::Close)
    });
    let subject = S::new(Options { root_certificates: vec![server.authority()], ..Options::default() });
    assert_kind(subject.send(request(&server.url())), Interrupted);
    assert_eq!(server.requests().len(), 1);
}

pub(crate) fn a_cut_gzip_stream_is_interrupted<S: Subject>() {
    // The framing is whole: what stands before the server was cut off, and passed on what it had.
    let body = cut(gzip(&page(10_000)));
    let server = Server::replying(reply("200 OK", "Content-Encoding: gzip\r\n", &body));
    assert_kind(default::<S>().send(request(&server.url())), Interrupted);
}

pub(crate) fn a_broken_gzip_stream_is_interrupted<S: Subject>() {
    let good = gzip(&page(10_000));
    let mut bad_sum = good.clone();
    let sum = good.len() - 8;
    bad_sum[sum] ^= 1;
    let mut bad_data = good.clone();
    bad_data[20..40].fill(0xff);
    for body in [bad_sum, bad_data, b"not gzip at all".to_vec()] {
        let server = Server::replying(reply("200 OK", "Content-Encoding: gzip\r\n", &body));
        assert_kind(default::<S>().send(request(&server.url())), Interrupted);
    }
}

pub(crate) fn a_reply_that_is_not_http_is_other<S: Subject>() {
    for nonsense in
        ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]
    {
        let server = Server::cutting(nonsense);
        assert_kind(default::<S>().send(request(&server.url())), Other);
        assert_eq!(server.requests().len(), 1);
    }
}

pub(crate) fn a_silent_server_meets_the_deadline<S: Subject>() {
    let server = Server::silent();
    let subject = S::new(Options { timeout: Some(SOON), ..Options::default() });
    assert_kind(subject.send(request(&server.url())), Timeout);
}

pub(crate) fn a_dribbling_server_meets_the_deadline<S: Subject>() {
    // Every byte arrives well within the deadline, the body never does.
    let server = Server::scripted(|_, wire| {
        wire.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").unwrap();
        wire.socket().set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        while wire.write_all(b" ").is_ok() {
            // The pace: a millisecond without a word from the client, until it hangs up.
            if wire.read(&mut [0]).is_ok_and(|read| read == 0) {
                break;
            }
        }
        Then::Close
    });
    let subject = S::new(Options { timeout: Some(SOON), ..Options::default() });
    assert_kind(subject.send(request(&server.url())), Timeout);
}

// Too much of a reply.

pub(crate) fn a_body_at_the_cap_arrives<S: Subject>() {
    let page = page(5_000);
    for (encoding, body) in [("", page.clone()), ("Content-Encoding: gzip\r\n", gzip(&page))] {
        for framing in [reply, chunked] {
            let server = Server::replying(framing("200 OK", encoding, &body));
            let subject = S::new(Options { body_cap: Some(5_000), ..Options::default() });
            assert!(subject.send(request(&server.url())).unwrap().body().as_bytes() == page);
        }
    }
}

pub(crate) fn a_body_over_the_cap_is_refused<S: Subject>() {
    for framing in [reply, chunked] {
        let server = Server::replying(framing("200 OK", "", &page(5_001)));
        let subject = S::new(Options { body_cap: Some(5_000), ..Options::default() });
        assert_kind(subject.send(request(&server.url())), BodyTooLarge);
        assert_eq!(server.requests().len(), 1);
    }
    // An announced length is enough: the body need not come.
    let server = Server::scripted(|_, wire| {
        answer(wire, b"HTTP/1.1 200 OK\r\nContent-Length: 70000000000\r\n\r\n", Then::KeepAlive);
        wire.hang();
        Then::Close
    });
    assert_kind(default::<S>().send(request(&server.url())), BodyTooLarge);
}

pub(crate) fn a_gzip_bomb_is_refused<S: Subject>() {
    // 128 MB in 128 kB on the wire, which is within the cap.
    let bomb = gzip(&vec![b' '; 128 << 20]);
    assert!(bomb.len() < 200_000);
    for framing in [reply, chunked] {
        let server = Server::replying(framing("200 OK", "Content-Encoding: gzip\r\n", &bomb));
        let subject = S::new(Options { body_cap: Some(1 << 20), ..Options::default() });
        assert_kind(subject.send(request(&server.url())), BodyTooLarge);
    }
}

// Secrets.

pub(crate) fn errors_never_quote_the_request<S: Subject>() {
    let tls = Server::scripted_tls("127.0.0.1", |_, _| Then::Close);
    let silent = Server::silent();
    let mut urls = vec![refused_url(), "http://calllegs.invalid/v2.0".into(), tls.url(), silent.url()];
    // The last ones send the request back to the client as if it were a reply.
    let mut servers = vec![
        Server::cutting(""),
        Server::cutting(cut(reply("200 OK", "", b"{}"))),
        Server::replying(reply("200 OK", "Content-Encoding: gzip\r\n", b"{}")),
        Server::replying(reply("200 OK", "", &page(5_000))),
        Server::scripted(|seen, wire| answer(wire, &seen.body, Then::Close)),
        Server::scripted(|seen, wire| {
            let line = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{MARKER}\r\n");
            assert!(seen.body.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()));
            answer(wire, line.as_bytes(), Then::Close)
        }),
        Server::scripted(|seen, wire| {
            answer(wire, &reply("200 OK", "Content-Encoding: gzip\r\n", &seen.body), Then::Close)
        }),
    ];
    servers.push(Server::silent());
    urls.extend(servers.iter().map(Server::url));

    let body = format!(r#"{{"params":{{"access_token":"{MARKER}"}}}}"#);
    let options = || Options { timeout: Some(SOON), body_cap: Some(1_000), ..Options::default() };
    for url in urls {
        let error = S::new(options()).send(request_with(&url, &body)).unwrap_err();
        let mut text = format!("{error:?} {error:#?}");
        let mut level: Option<&dyn Error> = Some(&error);
        while let Some(error) = level {
            text = format!("{text} {error} {error:?}");
            level = error.source();
        }
        assert!(!text.contains(MARKER), "{url}: {text}");
    }
    assert!(!format!("{:?}", request_with("http://host.invalid", &body)).contains(MARKER));
}

// What the cases share.

const QUESTION: &str = r#"{"jsonrpc":"2.0","id":1,"method":"get.account","params":{}}"#;
const MARKER: &str = "marker-5up3r-s3cr3t";

/// A deadline for cases that expect to meet it.
const SOON: Duration = Duration::from_millis(100);

fn default<S: Subject>() -> S {
    S::new(Options::default())
}

fn request(url: &str) -> HttpRequest {
    request_with(url, QUESTION)
}

fn request_with(url: &str, body: &str) -> HttpRequest {
    http::Request::post(url)
        .header("content-type", "application/json; charset=UTF-8")
        .body(Body::new(body.to_owned()))
        .unwrap()
}

fn assert_kind(outcome: Result<HttpResponse, TransportError>, kind: TransportErrorKind) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
}

/// A reply framed by its length.
fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut reply =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    reply.extend(body);
    reply
}

/// A reply in chunks of uneven sizes.
fn chunked(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut reply = format!("HTTP/1.1 {status}\r\n{headers}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(4_093) {
        reply.extend(format!("{:x}\r\n", chunk.len()).bytes());
        reply.extend(chunk);
        reply.extend(b"\r\n");
    }
    reply.extend(b"0\r\n\r\n");
    reply
}

/// The first half of it, and a bit: the heads of these replies are short.
fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() * 2 / 3);
    bytes
}

/// Bytes that a lost, doubled or swapped piece would change, and that gzip shrinks a little.
fn page(length: usize) -> Vec<u8> {
    (0_u64..)
        .flat_map(|line| format!("{:016x}\n", line.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into_bytes())
        .take(length)
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
