//! Restricts the addresses of connections: the engine's own address is denied, and so is what the operator's
//! rules forbid.
//!
//! The check uses the IP address, directly before each connect, so redirects, names whose addresses change,
//! and requests of scripts are checked against their real destination. What a proxy does with a request is
//! not checked.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use vayu_shared::outcome::ErrorClass;
use vayu_shared::sample::ErrorDetail;
use vayu_shared::target_rule::TargetRule;

use super::Failure;

/// Rules for the addresses that connections may use.
#[derive(Debug, Default)]
pub struct Fence {
    allow: Vec<TargetRule>,
    deny: Vec<TargetRule>,
    /// The address that the engine listens on; `None` if requests to it are permitted.
    own: Option<SocketAddr>,
}

impl Fence {
    /// Creates the rules. `own` is the address that the engine listens on. An empty `allow` permits
    /// everything; `deny` takes precedence over `allow`.
    #[must_use]
    pub fn new(own: Option<SocketAddr>, allow: Vec<TargetRule>, deny: Vec<TargetRule>) -> Self {
        Self { allow, deny, own }
    }

    /// Returns whether targets at this port need an address check.
    #[must_use]
    pub fn concerns(&self, port: u16) -> bool {
        let is_own = self.own.is_some_and(|own| own.port() == port);
        is_own || !self.allow.is_empty() || !self.deny.is_empty()
    }

    /// Returns whether an address is the engine's own and requests to it are not permitted.
    #[must_use]
    pub fn is_own(&self, address: SocketAddr, from: Option<IpAddr>) -> bool {
        let address = SocketAddr::new(meant(address.ip(), from), address.port());
        self.own.is_some_and(|own| is_same(own, address))
    }

    /// Checks whether a request for `host` (a name or an address as text) may connect to `address`, from the
    /// local address `from` if one is set.
    ///
    /// # Errors
    /// Returns a failure of class [`ErrorClass::ConnectDenied`] whose message names the option responsible.
    pub fn check(
        &self,
        host: &str,
        address: SocketAddr,
        from: Option<IpAddr>,
    ) -> Result<(), Failure> {
        let is_own = self.is_own(address, from);
        let address = SocketAddr::new(meant(address.ip(), from), address.port());
        let refused = |words: String| {
            Err(Failure {
                class: ErrorClass::ConnectDenied,
                detail: ErrorDetail::Library(words.into()),
            })
        };
        if is_own {
            return refused(format!(
                "{address} is the address of this engine; requests to it are denied unless the engine runs with --allow-self"
            ));
        }
        if let Some(rule) = self.deny.iter().find(|rule| rule.matches(host, address)) {
            return refused(format!(
                "{host} ({address}) is denied by --deny-targets {rule}"
            ));
        }
        let is_allowed =
            self.allow.is_empty() || self.allow.iter().any(|rule| rule.matches(host, address));
        if is_allowed {
            return Ok(());
        }
        refused(format!(
            "{host} ({address}) is not permitted by --allow-targets"
        ))
    }
}

/// Returns the address that Linux connects to for `ip`: the unspecified address means the local end of the
/// connection, which is loopback unless the socket is bound.
fn meant(ip: IpAddr, from: Option<IpAddr>) -> IpAddr {
    match ip.to_canonical() {
        ip if !ip.is_unspecified() => ip,
        none => from.map_or_else(
            || match none {
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            },
            |from| from.to_canonical(),
        ),
    }
}

/// Returns whether a connection to `to` reaches a listener on `own`.
fn is_same(own: SocketAddr, to: SocketAddr) -> bool {
    let own_ip = own.ip().to_canonical();
    own.port() == to.port()
        && (to.ip() == own_ip || (own_ip.is_unspecified() && is_of_this_machine(to.ip())))
}

/// Returns whether an address may belong to this machine. The kernel rejects a bind to any other address.
fn is_of_this_machine(ip: IpAddr) -> bool {
    let bound = UdpSocket::bind((ip, 0));
    ip.is_loopback() || !bound.is_err_and(|error| error.kind() == ErrorKind::AddrNotAvailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn own_addresses_are_known_however_they_are_written() {
        let table = [
            ("127.0.0.1:9876", "127.0.0.1:9876", true),
            ("127.0.0.1:9876", "127.0.0.1:9877", false),
            ("127.0.0.1:9876", "[::ffff:127.0.0.1]:9876", true),
            ("127.0.0.1:9876", "0.0.0.0:9876", true),
            ("127.0.0.1:9876", "127.0.0.2:9876", false),
            ("127.0.0.1:9876", "192.0.2.7:9876", false),
            ("127.0.0.2:9876", "127.0.0.2:9876", true),
            ("[::1]:9876", "[::1]:9876", true),
            ("0.0.0.0:9876", "127.1.2.3:9876", true),
            ("0.0.0.0:9876", "0.0.0.0:9876", true),
            ("0.0.0.0:9876", "192.0.2.7:9876", false),
            ("[::]:9876", "[::1]:9876", true),
            ("[::]:9876", "127.0.0.1:9876", true),
            ("[::]:9876", "[2001:db8::7]:9876", false),
        ];
        for (own, to, is_own) in table {
            assert_eq!(Fence::default().check("h", address(to), None), Ok(()));
            let fence = Fence::new(Some(address(own)), Vec::new(), Vec::new());
            assert_eq!(
                fence.check("h", address(to), None).is_err(),
                is_own,
                "{own} {to}"
            );
        }
    }

    #[test]
    fn no_address_means_the_local_end() {
        let rules = vec![
            "127.0.0.0/8".parse().expect("a rule"),
            "::1".parse().expect("a rule"),
        ];
        let fence = Fence::new(Some(address("192.0.2.2:80")), Vec::new(), rules);
        for (to, from, is_denied) in [
            ("0.0.0.0:81", None, true),
            ("[::ffff:0.0.0.0]:81", None, true),
            ("[::]:81", None, true),
            ("0.0.0.0:81", Some("192.0.2.2"), false),
            ("0.0.0.0:80", Some("192.0.2.2"), true),
            ("192.0.2.3:80", Some("192.0.2.2"), false),
        ] {
            let from = from.map(|from| from.parse().expect("an address"));
            let judged = fence.check("h", address(to), from);
            assert_eq!(judged.is_err(), is_denied, "{to} {from:?}");
        }
    }

    #[test]
    fn what_is_denied_is_denied_among_what_is_allowed() {
        let rules = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| text.parse().expect("a rule"))
                .collect()
        };
        let fence = Fence::new(
            None,
            rules(&["*.a.test", "10.0.0.0/8"]),
            rules(&["x.a.test", "*:22"]),
        );
        for (host, to, words) in [
            ("b.a.test", "192.0.2.7:80", None),
            ("c.test", "10.1.2.3:80", None),
            (
                "c.test",
                "192.0.2.7:80",
                Some("c.test (192.0.2.7:80) is not permitted by --allow-targets"),
            ),
            (
                "x.a.test",
                "10.1.2.3:80",
                Some("x.a.test (10.1.2.3:80) is denied by --deny-targets x.a.test"),
            ),
            (
                "b.a.test",
                "10.1.2.3:22",
                Some("b.a.test (10.1.2.3:22) is denied by --deny-targets *:22"),
            ),
        ] {
            let judged = fence.check(host, address(to), None);
            let told = judged.err().map(|failure| {
                assert_eq!(failure.class, ErrorClass::ConnectDenied);
                failure.detail.to_string()
            });
            assert_eq!(told.as_deref(), words, "{host} {to}");
        }
    }
}
