//! What the clock of an emulator shows. An emulator has a clock of its own, and `yesterday` is a day by it: the brand
//! `sandbox` takes the time from the header `Date` of an answer that costs nothing and that no journal has. Where nobody
//! answers, the machine's clock has to do: the run itself will say what is wrong with the address. Not here: who reads the
//! clock of the machine (`main`).

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use calllegs_core::Endpoint;
use chrono::{DateTime, Utc};

use crate::{
    account::{connect, zone_cache::is_local},
    cli::{BrandName, Common},
};

/// How long an emulator is waited for at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of a head at most.
const LONGEST_HEAD: u64 = 8192;

/// The time that dates of this run are meant by; `machine` unless it is an emulator's.
pub(crate) fn now(common: &Common, machine: DateTime<Utc>) -> DateTime<Utc> {
    if common.brand != Some(BrandName::Sandbox) {
        return machine;
    }
    let url = common.endpoint.as_deref().unwrap_or(connect::SANDBOX_URL);
    // A wrong address is told by those who send something there.
    let Ok(endpoint) = Endpoint::custom(url) else { return machine };
    told(&endpoint).unwrap_or(machine)
}

/// What the server behind the address says.
fn told(endpoint: &Endpoint) -> Option<DateTime<Utc>> {
    let uri = endpoint.uri();
    // Emulators speak plain HTTP, on this machine.
    if !is_local(endpoint) || uri.scheme_str() != Some("http") {
        return None;
    }
    let authority = uri.authority()?;
    let host = authority.host().trim_matches(['[', ']']);
    let request = format!("GET {} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n", uri.path());
    let addresses = (host, authority.port_u16().unwrap_or(80)).to_socket_addrs().ok()?;
    let head = addresses.into_iter().find_map(|address| {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        head(stream, &request).ok()
    })?;
    date(&head)
}

fn head(mut stream: TcpStream, request: &str) -> io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    stream.take(LONGEST_HEAD).read_to_end(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The header `Date` of a head.
fn date(head: &str) -> Option<DateTime<Utc>> {
    let lines = head.lines().take_while(|line| !line.is_empty());
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
    read(value)
}

/// The value of a header `Date`.
pub(crate) fn read(value: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc2822(value.trim()).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_from_a_head_only() {
        let at = |text: &str| date(text).map(|at| at.timestamp());
        let head =
            "HTTP/1.1 405 Method Not Allowed\r\nallow: POST\r\ndate: Sat, 28 Feb 2026 09:00:00 GMT\r\n\r\n";
        assert_eq!(at(head), Some(1_772_269_200));
        assert_eq!(at("HTTP/1.1 200 OK\r\n\r\ndate: Sat, 28 Feb 2026 09:00:00 GMT"), None);
        assert_eq!(at("HTTP/1.1 200 OK\r\nDate: noon\r\n\r\n"), None);
        assert_eq!(at(""), None);
    }

    #[test]
    fn only_emulators_are_asked() {
        let machine = DateTime::from_timestamp(1_772_000_000, 0).unwrap();
        let closed = "http://127.0.0.1:1/v2.0".to_owned();
        for brand in [None, Some(BrandName::Uis), Some(BrandName::Sandbox)] {
            let common = Common { brand, endpoint: Some(closed.clone()), ..Common::default() };
            assert_eq!(now(&common, machine), machine);
        }
    }
}
