//! Rules about permitted targets: a host, a domain, an address, a network, a port.
//!
//! A rule is matched against the host name of a request and the address it is about to connect to. This
//! module does not define which rules exist or what a match means.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// One rule, in the syntax of `--allow-targets` and `--deny-targets`.
///
/// | syntax | matches |
/// |---|---|
/// | `api.example.com` | this name |
/// | `*.example.com` | every subdomain |
/// | `10.0.0.0/8`, `fd00::/8`, `192.0.2.7` | addresses of the network, whatever the name |
/// | `*` | everything |
///
/// Each may be followed by `:PORT`. An IPv6 address or network must then be in brackets, as in
/// `[fd00::/8]:443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRule {
    host: HostRule,
    port: Option<u16>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostRule {
    Any,
    /// In lower case.
    Name(String),
    /// With the leading dot, in lower case.
    Below(String),
    Network(IpNet),
}

impl TargetRule {
    /// Returns whether the rule applies to a request for `host` (a name, or an address as text) that connects
    /// to `address`.
    #[must_use]
    pub fn matches(&self, host: &str, address: SocketAddr) -> bool {
        self.port.is_none_or(|port| port == address.port())
            && match &self.host {
                HostRule::Any => true,
                HostRule::Network(network) => network.contains(&address.ip().to_canonical()),
                HostRule::Name(name) => bare(host).eq_ignore_ascii_case(name),
                HostRule::Below(end) => {
                    let host = bare(host).to_ascii_lowercase();
                    host.len() > end.len() && host.ends_with(end)
                }
            }
    }
}

/// Strips the trailing dots of a fully qualified name.
fn bare(host: &str) -> &str {
    host.trim_end_matches('.')
}

impl fmt::Display for TargetRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for TargetRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "{text:?} {why}; use a host (api.example.com), a domain (*.example.com), an address or network \
                 (192.0.2.7, 10.0.0.0/8, [fd00::/8]) or *, optionally followed by :PORT"
            )
        };
        let (host, port) = split(text).ok_or_else(|| wrong("is not a valid target rule"))?;
        let port = match port {
            Some(port) => {
                let number = port.parse().ok().filter(|port| *port != 0);
                Some(number.ok_or_else(|| wrong("has a port outside 1 to 65535"))?)
            }
            None => None,
        };
        let host = host_rule(host).ok_or_else(|| wrong("has no valid host"))?;
        Ok(Self {
            host,
            port,
            text: text.to_owned(),
        })
    }
}

/// Splits a rule into host (without brackets) and port.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return match port {
            "" => Some((host, None)),
            _ => Some((host, Some(port.strip_prefix(':')?))),
        };
    }
    match text.split_once(':') {
        // More than one colon: an IPv6 address.
        Some((_, rest)) if rest.contains(':') => Some((text, None)),
        Some((host, port)) => Some((host, Some(port))),
        None => Some((text, None)),
    }
}

/// Converts an IPv4-mapped IPv6 network to IPv4. Returns `None` if it also contains other addresses.
fn canonical(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(mapped) = network else {
        return Some(network);
    };
    let Some(address) = mapped.network().to_ipv4_mapped() else {
        return Some(network);
    };
    let length = mapped.prefix_len().checked_sub(96)?;
    Ipv4Net::new(address, length).ok().map(IpNet::V4)
}

fn host_rule(host: &str) -> Option<HostRule> {
    if host == "*" {
        return Some(HostRule::Any);
    }
    if let Ok(network) = host.parse::<IpNet>() {
        return canonical(network).map(HostRule::Network);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(HostRule::Network(address.to_canonical().into()));
    }
    let (is_domain, name) = match host.strip_prefix('*') {
        Some(rest) => (true, rest.strip_prefix('.')?),
        None => (false, host),
    };
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_name = !name.is_empty() && name.chars().all(is_letter) && !name.starts_with('.');
    // A name that looks like an address but is not one is a mistake.
    let last = bare(name).rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with("0x") || last.parse::<u32>().is_ok();
    if !is_name || is_number {
        return None;
    }
    let name = bare(name).to_ascii_lowercase();
    Some(if is_domain {
        HostRule::Below(format!(".{name}"))
    } else {
        HostRule::Name(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_what_they_say() {
        let table = [
            ("*", "a.test", "192.0.2.7:80", true),
            ("*:443", "a.test", "192.0.2.7:443", true),
            ("*:443", "a.test", "192.0.2.7:80", false),
            ("a.test", "A.Test.", "192.0.2.7:80", true),
            ("a.test", "b.a.test", "192.0.2.7:80", false),
            ("a.test:8080", "a.test", "192.0.2.7:8080", true),
            ("a.test:8080", "a.test", "192.0.2.7:80", false),
            ("*.a.test", "b.A.test", "192.0.2.7:80", true),
            ("*.a.test", "a.test", "192.0.2.7:80", false),
            ("*.a.test", "ba.test", "192.0.2.7:80", false),
            ("10.0.0.0/8", "a.test", "10.9.8.7:80", true),
            ("10.0.0.0/8", "10.9.8.7", "[::ffff:10.9.8.7]:80", true),
            ("10.0.0.0/8", "a.test", "11.0.0.1:80", false),
            ("10.0.0.0/8:81", "a.test", "10.9.8.7:80", false),
            ("192.0.2.7", "a.test", "192.0.2.7:80", true),
            ("::ffff:10.0.0.0/104", "a.test", "10.9.8.7:80", true),
            ("::ffff:10.0.0.0/104", "a.test", "11.9.8.7:80", false),
            ("a.test", "a.test..", "192.0.2.7:80", true),
            ("::1", "a.test", "[::1]:80", true),
            ("fd00::/8", "a.test", "[fd00::7]:80", true),
            ("[fd00::/8]:443", "a.test", "[fd00::7]:443", true),
            ("[fd00::/8]:443", "a.test", "[fe80::7]:443", false),
        ];
        for (rule, host, address, matches) in table {
            let parsed: TargetRule = rule.parse().unwrap_or_else(|error| panic!("{error}"));
            let address = address.parse().expect("an address");
            assert_eq!(
                parsed.matches(host, address),
                matches,
                "{rule} {host} {address}"
            );
            assert_eq!(parsed.to_string(), rule);
        }
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for text in [
            "",
            ":80",
            "a b",
            "http://a.test",
            "a.test:0",
            "a.test:65536",
            "a.test:x",
            "10.0.0.0/33",
            "10.0.0",
            "300.1.1.1",
            "*a.test",
            "*.",
            "0x7f000001",
            "1.0x7f",
            "[::1",
            "[::1]80",
            "a.test/8",
            ".a.test",
        ] {
            let error = text.parse::<TargetRule>().expect_err(text);
            assert!(error.starts_with(&format!("{text:?} ")), "{error}");
        }
    }
}
