//! What core lets through its walls: futures that can move between threads, errors of one word, safe addresses.

use calllegs_core::{Brand, Client, Endpoint, Error, call::Raw, transport::Body};
use calllegs_tests::{Script, VirtualClock, account_with_key};

#[test]
fn the_clients_future_can_be_sent_to_another_thread() {
    fn sendable<T: Send>(_: &T) {}
    let client =
        Client::builder(Script::default(), account_with_key()).timer(VirtualClock::default()).build();
    sendable(&client.call(Raw::new("get.account", serde_json::Map::new())));
    sendable(&client);
}

#[test]
fn an_error_is_one_word() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn a_key_travels_over_https_only() {
    for url in [
        "http://example.com/v2.0",
        "http://10.0.0.1/",
        "ftp://localhost/",
        "example.com",
        "",
        "https://u:p@h/",
        "https://example.com/v2.0?key=value",
        "https://example.com/v2.0#key",
        "localhost:8321/v2.0",
    ] {
        assert!(Endpoint::custom(url).is_err(), "{url}");
    }
    for url in
        ["https://example.com/v2.0", "http://127.0.0.1:8321/v2.0", "http://localhost/", "http://[::1]:1/v2.0"]
    {
        assert!(Endpoint::custom(url).is_ok(), "{url}");
    }
}

#[test]
fn every_brand_has_a_host_and_the_documented_headers() {
    for brand in Brand::ALL {
        let request = Endpoint::of(*brand).http(Body::new("{}"));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().scheme_str(), Some("https"), "{brand:?}");
        assert!(request.uri().path().ends_with("/v2.0"));
        assert_eq!(request.headers()["content-type"], "application/json; charset=UTF-8");
        assert_eq!(request.headers()["content-length"], "2");
        assert_eq!(brand.to_string().parse(), Ok(*brand));
    }
}
