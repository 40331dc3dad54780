//! One suite, run on every transport over real sockets: what `calllegs_core::transport` promises.
//!
//! A case is a function over [`Subject`](subject::Subject); the tables below make it one test per transport. Over HTTP/2 a
//! case needs an upstream that it can do without, so not all of them are in its table.
//! Servers are scripts on loopback threads, TLS included. Not here: what the core does with a reply.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests: a wrong index is a failure")]

mod cases;
#[path = "../support/gateway.rs"]
mod gateway;
mod server;
mod subject;

macro_rules! over_http2 {
    ($($case:ident)*) => {
        mod hyper_http2 {
            $(#[test] fn $case() { crate::cases::$case::<crate::subject::HyperHttp2>(); })*
        }
    };
}

macro_rules! conformance {
    ($($case:ident)*) => {
        mod hyper {
            $(#[test] fn $case() { crate::cases::$case::<crate::subject::Hyper>(); })*
        }
        mod ureq {
            $(#[test] fn $case() { crate::cases::$case::<crate::subject::Ureq>(); })*
        }
        #[cfg(feature = "native-tls")]
        mod hyper_native {
            $(#[test] fn $case() { crate::cases::$case::<crate::subject::HyperNative>(); })*
        }
        #[cfg(feature = "native-tls")]
        mod ureq_native {
            $(#[test] fn $case() { crate::cases::$case::<crate::subject::UreqNative>(); })*
        }
        /// A case that is written but missing in the table would never run.
        #[test]
        fn every_case_is_in_the_table() {
            let table = [$(stringify!($case)),*];
            for line in include_str!("cases.rs").lines() {
                if let Some(case) = line.strip_prefix("pub(crate) fn ") {
                    let case = case.split('<').next().unwrap();
                    assert!(table.contains(&case), "{case}");
                }
            }
        }
    };
}

conformance! {
    a_body_at_the_cap_arrives
    a_body_over_the_cap_is_refused
    a_broken_gzip_stream_is_interrupted
    a_certificate_for_another_name_is_not_trusted
    a_closed_idle_connection_costs_no_second_request
    a_coding_that_was_not_asked_for_is_named
    a_connection_is_reused
    a_connection_serves_after_a_gzip_reply
    a_cut_gzip_stream_is_interrupted
    a_dribbling_server_meets_the_deadline
    a_gzip_bomb_is_refused
    a_gzip_reply_is_decoded
    a_large_page_arrives_whole
    a_plain_server_spoken_to_with_tls_is_told
    a_redirect_is_returned
    a_refused_port_is_no_connection
    a_reply_may_end_with_the_connection
    a_reply_that_is_not_http_is_other
    a_reply_without_a_date_is_given_one
    a_server_that_closes_unanswering_interrupts
    a_silent_handshake_meets_the_connect_deadline
    a_silent_server_meets_the_deadline
    a_truncated_body_is_interrupted
    a_truncated_chunked_body_is_interrupted
    a_truncated_tls_body_is_interrupted
    an_unknown_host_is_no_connection
    an_untrusted_certificate_is_no_connection
    any_status_is_a_reply
    errors_never_quote_the_request
    headers_and_bodies_pass_both_ways
    own_roots_are_added_unless_they_are_to_be_the_only_ones
    parallel_calls_do_not_mix
    the_proxy_of_the_environment_is_used_on_request
    tls_works_with_a_trusted_certificate
}

over_http2! {
    a_body_at_the_cap_arrives
    a_body_over_the_cap_is_refused
    a_broken_gzip_stream_is_interrupted
    a_coding_that_was_not_asked_for_is_named
    a_cut_gzip_stream_is_interrupted
    a_dribbling_server_meets_the_deadline
    a_gzip_bomb_is_refused
    a_gzip_reply_is_decoded
    a_large_page_arrives_whole
    a_redirect_is_returned
    a_reply_may_end_with_the_connection
    a_reply_without_a_date_is_given_one
    a_server_that_closes_unanswering_interrupts
    a_silent_server_meets_the_deadline
    a_truncated_body_is_interrupted
    a_truncated_chunked_body_is_interrupted
    any_status_is_a_reply
    errors_never_quote_the_request
    parallel_calls_do_not_mix
}

/// Where the server offers HTTP/2 it is taken up, and all calls share a connection.
#[test]
fn calls_over_http2_share_a_connection() {
    use subject::Subject;
    let server = server::Server::replying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let gateway = gateway::Gateway::before(&server.address().to_string());
    let options =
        subject::Options { root_certificates: vec![gateway.authority()], ..subject::Options::default() };
    let subject = subject::Hyper::new(options);
    for _ in 0..5 {
        let request = http::Request::post(gateway.url("/v2.0"))
            .body(calllegs_core::transport::Body::new("{}"))
            .unwrap();
        let reply = subject.send(request).unwrap();
        assert_eq!((reply.version(), reply.body().as_bytes()), (http::Version::HTTP_2, &b"{}"[..]));
    }
    assert_eq!(gateway.seen(), (1, 5));
}
