//! Names resolved on the machine itself: `localhost`, and names in `/etc/hosts`. The file is read once, when
//! the resolver is created.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_resolver::Hosts;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};

/// Names resolved on the machine itself.
pub struct LocalNames {
    hosts: Hosts,
    /// Whether the file applies to all names, or only to `localhost`.
    speaks_for_all: bool,
}

impl LocalNames {
    /// Reads the machine's hosts file. A file that cannot be read contains no names.
    pub fn from_system(speaks_for_all: bool) -> Self {
        Self {
            hosts: Hosts::from_system().unwrap_or_default(),
            speaks_for_all,
        }
    }

    /// Returns the addresses of a local name. A name in the file is not looked up elsewhere, even if it has
    /// only one kind of address; the C library treats `hosts: files dns` in the same way.
    pub fn addresses(&self, host: &str) -> Option<Vec<IpAddr>> {
        if is_localhost(host) {
            return Some(self.loopback());
        }
        let found = self.in_file(host);
        (self.speaks_for_all && !found.is_empty()).then_some(found)
    }

    /// Returns the addresses of localhost in the file, since a machine without IPv6 omits `::1`. Only
    /// loopback addresses are used, whatever the file contains (RFC 6761, 6.3).
    fn loopback(&self) -> Vec<IpAddr> {
        let mut found = self.in_file("localhost");
        found.retain(IpAddr::is_loopback);
        if found.is_empty() {
            found = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        }
        found
    }

    fn in_file(&self, host: &str) -> Vec<IpAddr> {
        let Ok(name) = Name::from_str_relaxed(host) else {
            return Vec::new();
        };
        let of_kind = |kind| {
            let found = self
                .hosts
                .lookup_static_host(&Query::query(name.clone(), kind));
            let records = found.into_iter().flat_map(|found| found.answers().to_vec());
            records.filter_map(|record| record.data.ip_addr())
        };
        of_kind(RecordType::A)
            .chain(of_kind(RecordType::AAAA))
            .collect()
    }
}

fn is_localhost(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str, speaks_for_all: bool, host: &str) -> Option<Vec<String>> {
        let mut hosts = Hosts::default();
        hosts
            .read_hosts_conf(file.as_bytes())
            .expect("a readable file");
        let local = LocalNames {
            hosts,
            speaks_for_all,
        };
        let found = local.addresses(host)?;
        Some(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn localhost_is_loopback_whatever_the_file_says() {
        let both: &[&str] = &["127.0.0.1", "::1"];
        let rows: [(&str, &str, &[&str]); 5] = [
            ("", "localhost", both),
            ("", "api.LOCALHOST.", both),
            ("127.0.0.1 localhost", "localhost", &["127.0.0.1"]),
            ("127.0.0.1 localhost", "api.localhost", &["127.0.0.1"]),
            ("10.0.0.1 localhost", "localhost", both),
        ];
        for (file, host, wanted) in rows {
            let found = told(file, false, host).expect("localhost is always known");
            assert_eq!(found, wanted, "{host} with {file:?}");
        }
    }

    #[test]
    fn the_file_speaks_for_its_names_when_it_may() {
        let file = "10.0.0.1 lab\n10.0.0.2 lab\nfd00::1 lab\n10.0.0.3 other";
        let found = told(file, true, "LAB").expect("it stands in the file");
        assert_eq!(found, ["10.0.0.1", "10.0.0.2", "fd00::1"]);
        let only_v4 = told(file, true, "other").expect("it stands in the file");
        assert_eq!(only_v4, ["10.0.0.3"]);
        assert_eq!(told(file, true, "elsewhere"), None);
        assert_eq!(
            told(file, false, "lab"),
            None,
            "own servers are asked instead"
        );
    }
}
