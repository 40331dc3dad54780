//! `NO_PROXY`: which hosts are reached directly. One rule for every transport, because there is no standard and every
//! program has forms of its own. Not here: the environment, and the proxy itself.

use std::net::IpAddr;

use http::Uri;

/// A list of hosts that no proxy is used for, read from a text such as `NO_PROXY` holds.
///
/// Entries stand between commas, semicolons or white space, and are compared without case and without a dot at the
/// end:
///
/// | entry | means |
/// |---|---|
/// | `*` | every host |
/// | `example.com`, `.example.com`, `*.example.com` | that name and the names below it |
/// | `192.0.2.7`, `2001:db8::7`, `[2001:db8::7]` | that address |
/// | `192.0.2.0/24`, `2001:db8::/32`, `[2001:db8::]/32` | the addresses of that network |
/// | a name or an address with a port: `example.com:443`, `192.0.2.7:443`, `[2001:db8::7]:443` | the same at that port |
///
/// What is none of these does nothing and is [kept](Self::not_understood), so that a program can say so.
///
/// ```
/// use calllegs_core::transport::NoProxy;
///
/// let list = NoProxy::parse("localhost, *.example.com:443 10.0.0.0/8 ^odd$");
/// assert!(list.excepts(&"https://api.example.com/v2.0".parse()?));
/// assert!(!list.excepts(&"https://api.example.com:8443/v2.0".parse()?));
/// assert!(list.excepts(&"https://10.1.2.3/v2.0".parse()?));
/// assert!(list.not_understood().eq(["^odd$"]));
/// # Ok::<(), http::uri::InvalidUri>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct NoProxy {
    entries: Vec<(Host, Option<u16>)>,
    not_understood: Vec<Box<str>>,
}

#[derive(Clone, Debug)]
enum Host {
    Any,
    Below(Box<str>),
    Network(IpAddr, u8),
}

impl NoProxy {
    /// Reads a list; nothing in it is an error.
    pub fn parse(list: &str) -> Self {
        let mut found = Self::default();
        let between = |c: char| c.is_whitespace() || c == ',' || c == ';';
        for entry in list.split(between).filter(|entry| !entry.is_empty()) {
            match read(entry) {
                Some(host) => found.entries.push(host),
                None => found.not_understood.push(shown(entry)),
            }
        }
        found
    }

    /// Whether the host of this URL is reached without the proxy.
    pub fn excepts(&self, destination: &Uri) -> bool {
        let Some(host) = destination.host().map(normal) else { return false };
        let address = address(&host);
        let default = if destination.scheme_str() == Some("http") { 80 } else { 443 };
        let port = destination.port_u16().unwrap_or(default);
        self.entries.iter().any(|(entry, only)| {
            only.is_none_or(|only| only == port)
                && match entry {
                    Host::Any => true,
                    Host::Below(name) => {
                        let above = host.strip_suffix(&**name);
                        address.is_none() && above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                    }
                    Host::Network(network, length) => {
                        address.is_some_and(|address| within(address, *network, *length))
                    }
                }
        })
    }

    /// The entries that are none of the forms, for a message to the user. Of an entry with an `@` only what follows it: a
    /// password may stand before.
    pub fn not_understood(&self) -> impl Iterator<Item = &str> {
        self.not_understood.iter().map(|entry| &**entry)
    }
}

fn read(entry: &str) -> Option<(Host, Option<u16>)> {
    if let Some((network, length)) = entry.split_once('/') {
        let network = address(network)?;
        let longest = if network.is_ipv4() { 32 } else { 128 };
        let length = number(length).filter(|length| *length <= longest)?;
        return Some((Host::Network(network, length), None));
    }
    // An address has colons of its own, so it is tried before a port is looked for.
    if let Some(alone) = host(entry) {
        return Some((alone, None));
    }
    let (name, port) = entry.rsplit_once(':')?;
    // `::1:443` would be an address with other digits.
    let named = if name.contains(':') && !name.ends_with(']') { None } else { host(name) };
    Some((named?, Some(number(port).filter(|port| *port > 0)?)))
}

fn host(text: &str) -> Option<Host> {
    if text == "*" {
        return Some(Host::Any);
    }
    if let Some(address) = address(text) {
        return Some(Host::Network(address, if address.is_ipv4() { 32 } else { 128 }));
    }
    let name = normal(text);
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(&name);
    let name = name.strip_prefix('.').unwrap_or(name);
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.split('.').all(label).then(|| Host::Below(name.into()))
}

/// Digits alone: `u8::from_str` takes a sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Small letters, no dot at the end.
fn normal(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    host.strip_suffix('.').map(str::to_owned).unwrap_or(host)
}

/// An address, in brackets or not; one of IPv4 that is written as IPv6 is what it stands for.
fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').map_or(Some(text), |rest| rest.strip_suffix(']'))?;
    inner.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Whether the first bits of both are the same.
fn within(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let (address, network, width): (u128, u128, u32) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (address.to_bits().into(), network.to_bits().into(), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let others = width - u32::from(length);
    // Of no bits at all there is nothing to compare.
    address.checked_shr(others) == network.checked_shr(others)
}

fn shown(entry: &str) -> Box<str> {
    let from = entry.rfind('@').unwrap_or_default();
    entry.get(from..).unwrap_or_default().chars().take(LONGEST_SHOWN).collect::<String>().into()
}

/// Characters of an entry in a message.
const LONGEST_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn excepts(list: &str, url: &str) -> bool {
        let list = NoProxy::parse(list);
        assert_eq!(list.not_understood().count(), 0, "{list:?}");
        list.excepts(&url.parse().unwrap())
    }

    #[test]
    fn names_and_what_is_below_them() {
        for list in [
            "near.example",
            ".near.example",
            "*.near.example",
            "near.example.",
            "NEAR.Example",
            "near.example:443",
            ".near.example.:443",
            "*.near.example:443",
            "far.example, near.example",
            "far.example near.example",
            "far.example;near.example",
            ",, near.example\t,",
            "*",
        ] {
            for url in
                ["https://near.example/v2.0", "https://Api.Near.Example./v2.0", "https://near.example:443"]
            {
                assert!(excepts(list, url), "{list}: {url}");
            }
            for url in
                ["https://near.example.org", "https://linear.example", "https://example", "https://10.0.0.1"]
            {
                assert_eq!(excepts(list, url), list == "*", "{list}: {url}");
            }
        }
        assert!(!excepts("near.example:8443", "https://near.example"));
        assert!(excepts("near.example:8443", "https://near.example:8443"));
        assert!(excepts("near.example:80", "http://near.example"));
        assert!(excepts("*:8443", "https://far.example:8443") && !excepts("*:8443", "https://far.example"));
        assert!(!excepts("", "https://near.example"));
        // A name of digits is no part of an address.
        assert!(!excepts("1", "https://10.0.0.1"));
    }

    #[test]
    fn addresses_and_networks() {
        for (list, url, direct) in [
            ("10.0.0.1", "https://10.0.0.1", true),
            ("10.0.0.1", "https://10.0.0.10", false),
            ("10.0.0.1:443", "https://10.0.0.1", true),
            ("10.0.0.1:8443", "https://10.0.0.1", false),
            ("10.0.0.0/8", "https://10.200.0.1", true),
            ("10.0.0.0/8", "https://11.0.0.1", false),
            ("10.9.9.9/8", "https://10.0.0.1", true),
            ("0.0.0.0/0", "https://203.0.113.7", true),
            ("0.0.0.0/0", "https://[2001:db8::7]", false),
            ("10.0.0.1/32", "https://10.0.0.1", true),
            ("2001:db8::7", "https://[2001:db8::7]", true),
            ("[2001:DB8::7]", "https://[2001:db8:0::7]:8443", true),
            ("[2001:db8::7]:443", "https://[2001:db8::7]", true),
            ("[2001:db8::7]:8443", "https://[2001:db8::7]", false),
            ("2001:db8::/32", "https://[2001:db8:ffff::1]", true),
            ("[2001:db8::]/32", "https://[2001:db9::1]", false),
            ("::/0", "https://[2001:db9::1]", true),
            ("::/0", "https://10.0.0.1", false),
            ("::1", "https://10.0.0.1", false),
            ("10.0.0.1", "https://[2001:db8::7]", false),
            ("::ffff:10.0.0.1", "https://10.0.0.1", true),
            ("10.0.0.1", "https://[::ffff:10.0.0.1]", true),
        ] {
            assert_eq!(excepts(list, url), direct, "{list}: {url}");
        }
    }

    #[test]
    fn what_is_not_understood_is_kept_and_does_nothing() {
        for entry in [
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::/129",
            "example.com/8",
            "https://near.example",
            "near.*",
            "*near.example",
            "near..example",
            "..example",
            "near.example:",
            "near.example:0",
            "near.example:99999",
            "near.example:http",
            "[::1",
            "::1]",
            "fe80::1%eth0",
            "пример.рф",
            "<local>",
            ".",
        ] {
            let list = NoProxy::parse(&format!("far.example,{entry}"));
            assert!(list.not_understood().eq([entry]), "{entry}: {list:?}");
            assert!(!list.excepts(&Uri::from_static("https://near.example")));
            assert!(list.excepts(&Uri::from_static("https://far.example")));
        }
        let secret = NoProxy::parse("http://user:hush@proxy");
        assert!(secret.not_understood().eq(["@proxy"]) && !format!("{secret:?}").contains("hush"));
    }
}
