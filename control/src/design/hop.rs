//! One hop of a design request: from a URL to its response.
//!
//! Resolves the addresses, selects the proxy, encodes the request and has a shard perform the exchange.
//! `redirect_chain` decides what follows a response.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use url::{Position, form_urlencoded};
use vayu_shared::connection::ConnectionSpec;
use vayu_shared::http::{Endpoint, Method};
use vayu_shared::outcome::ErrorClass;
use vayu_shared::request::http1::{PreparedRequest, header_lines};
use vayu_shared::spec::RequestSpec;
use vayu_shared::units::Nanos;
use vayu_worker::single::{SingleExchange, SingleFailure, SingleOutcome};
use vayu_worker::{Engine, TlsSetup, monotonic_now};

use super::blocking::blocking;
use super::failure::{DesignError, Failed};
use super::headers::{self, Lines};
use super::pace::Pace;
use super::proxy::{Proxy, ProxyServer};
use crate::contract::checked_headers;
use crate::run::resolver::{self, Resolver};
use crate::run::system_roots;

/// A request as sent in one hop.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Method.
    pub method: Method,
    /// Target URL.
    pub url: url::Url,
    /// Path and query to send exactly as typed, instead of those of `url`.
    pub typed_target: Option<String>,
    /// Headers, in order.
    pub headers: Lines,
    /// Body.
    pub body: Vec<u8>,
}

/// Outcome of a hop.
#[derive(Clone, Debug)]
pub struct HopOutcome {
    /// The bytes that were sent.
    pub sent: Arc<[u8]>,
    /// Result reported by the shard.
    pub outcome: SingleOutcome,
}

/// Parameters shared by all hops of a chain.
pub struct Route<'a> {
    /// Performs the exchanges.
    pub engine: &'a Engine,
    /// Decides when an exchange may start.
    pub pace: &'a Pace,
    /// Connection settings.
    pub connection: &'a ConnectionSpec,
    /// Selects the proxy for a URL.
    pub proxy: &'a Proxy,
    /// Maximum duration of the DNS lookup, the connect and the TLS handshake, each.
    pub connect_timeout: Nanos,
    /// Deadline of the whole request, on the monotonic clock.
    pub deadline: Nanos,
    /// Total timeout of the request, for error messages.
    pub timeout: Nanos,
    /// Maximum number of response body bytes that are kept.
    pub body_limit: u64,
}

impl Hop {
    /// Returns whether the hop has a header of this name.
    pub fn has(&self, name: &str) -> bool {
        headers::first(&self.headers, name).is_some()
    }

    /// Adds a header unless one of this name exists: headers written by the user take precedence.
    pub fn propose(&mut self, name: &str, value: &str) {
        headers::propose(&mut self.headers, name, value);
    }

    /// Removes the headers of these names.
    pub fn drop_headers(&mut self, names: &[&str]) {
        headers::remove(&mut self.headers, names);
    }

    /// Returns the header lines as sent over a direct connection to the origin.
    ///
    /// # Errors
    /// Returns an error if no valid request can be built.
    pub fn sent_lines(&self) -> Result<Lines, DesignError> {
        Ok(header_lines(&self.spec(&self.endpoint()?, None)?, true))
    }

    /// Returns path and query as they appear in the request line.
    pub fn target(&self) -> &str {
        let typed = self.typed_target.as_deref();
        typed.unwrap_or(&self.url[Position::BeforePath..Position::AfterQuery])
    }

    /// Returns the URL for display, with the path that is sent.
    pub fn shown_url(&self) -> String {
        let url = &self.url;
        let (before, after) = (&url[..Position::BeforePath], &url[Position::AfterQuery..]);
        format!("{before}{}{after}", self.target())
    }

    /// Returns whether the query has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.url.query_pairs().any(|(known, _)| known == name)
    }

    /// Appends a parameter to the query.
    pub fn add_parameter(&mut self, name: &str, value: &str) {
        self.url.query_pairs_mut().append_pair(name, value);
        if let Some(target) = &mut self.typed_target {
            let mark = if target.contains('?') { '&' } else { '?' };
            let pair = form_urlencoded::Serializer::new(String::new())
                .append_pair(name, value)
                .finish();
            target.push(mark);
            target.push_str(&pair);
        }
    }

    /// Performs the hop.
    ///
    /// # Errors
    /// Returns an error that maps to status 400 if the request itself is invalid, or to 502 if the exchange
    /// fails.
    pub async fn go(&self, route: &Route<'_>) -> Result<HopOutcome, DesignError> {
        let endpoint = self.endpoint()?;
        let proxy = route.proxy.of(&self.url);
        let spec = self.spec(&endpoint, proxy.filter(|_| !endpoint.tls))?;
        let request = PreparedRequest::new(&spec, true);
        let (host, port) = match proxy {
            Some(proxy) => (proxy.host.as_str(), proxy.port),
            None => (endpoint.host.as_str(), endpoint.port),
        };
        if proxy.is_some() {
            self.permit_behind_proxy(route, &endpoint).await?;
        }
        let (addresses, dns) = self.addresses(route, host, port, proxy.is_some()).await?;
        let order = SingleExchange {
            host: host.to_owned(),
            addresses,
            tunnel: proxy
                .filter(|_| endpoint.tls)
                .map(|proxy| proxy.tunnel(&endpoint)),
            tls: self.tls(route, &endpoint)?,
            connect_timeout: route.connect_timeout,
            deadline: route.deadline,
            head_limits: route.connection.response_head,
            body_limit: route.body_limit,
            request,
        };
        let sent = Arc::clone(&order.request.bytes);
        route.pace.turn().await;
        let mut outcome = exchange(route.engine, order).await?;
        outcome.phases.dns = dns;
        let hop = HopOutcome { sent, outcome };
        match &hop.outcome.result {
            Ok(_) => Ok(hop),
            Err(failure) => Err(self.failed(route, &hop, failure, &endpoint)),
        }
    }

    fn endpoint(&self) -> Result<Endpoint, DesignError> {
        let endpoint = Endpoint::parse(self.url.as_str()).map_err(DesignError::url)?;
        Ok(Endpoint {
            path_and_query: self.target().to_owned(),
            ..endpoint
        })
    }

    fn spec(
        &self,
        endpoint: &Endpoint,
        proxy: Option<&ProxyServer>,
    ) -> Result<RequestSpec, DesignError> {
        let (mut endpoint, mut lines) = (endpoint.clone(), self.headers.clone());
        if let Some(proxy) = proxy {
            // A proxy requires the absolute form of the URL (RFC 9112, 3.2.2).
            endpoint.path_and_query =
                format!("http://{}{}", endpoint.authority, endpoint.path_and_query);
            let credentials = proxy.authorization.clone();
            lines.extend(credentials.map(|value| ("Proxy-Authorization".to_owned(), value)));
        }
        let headers = checked_headers(&lines, "headers")?;
        Ok(RequestSpec {
            path_as_is: self.typed_target.is_some(),
            headers,
            body: self.body.clone(),
            ..RequestSpec::new(self.method, &self.shown_url(), endpoint)
        })
    }

    /// Checks whether the target may be requested through a proxy. If its name cannot be resolved locally,
    /// only the name is checked.
    async fn permit_behind_proxy(
        &self,
        route: &Route<'_>,
        endpoint: &Endpoint,
    ) -> Result<(), DesignError> {
        let fence = route.engine.fence();
        let (host, port) = (&endpoint.host, endpoint.port);
        if !fence.concerns(port) {
            return Ok(());
        }
        let found = self.addresses(route, host, port, true).await;
        let addresses = match found {
            Ok((addresses, _)) => addresses,
            Err(_) => vec![SocketAddr::new(Ipv4Addr::BROADCAST.into(), port)],
        };
        for address in addresses {
            if let Err(denied) = fence.check(host, address, None) {
                let message = format!("Cannot connect to {host}:{port}: {}", denied.detail);
                return Err(Failed::new(denied.class, message).into());
            }
        }
        Ok(())
    }

    async fn addresses(
        &self,
        route: &Route<'_>,
        host: &str,
        port: u16,
        is_proxy: bool,
    ) -> Result<(Vec<SocketAddr>, Nanos), DesignError> {
        let given = &route.connection.resolve;
        if !given.is_empty() && !is_proxy {
            let addresses = given.iter().map(|ip| SocketAddr::new(*ip, port));
            return Ok((addresses.collect(), 0));
        }
        if let Some(address) = resolver::literal(host, port) {
            return Ok((vec![address], 0));
        }
        let (name, servers) = (host.to_owned(), route.connection.dns.servers.clone());
        let looking = blocking(move || {
            let resolver = Resolver::new(&servers);
            let resolver = resolver.map_err(|error| DesignError::Internal(error.to_string()))?;
            Ok::<_, DesignError>(resolver.lookup(&name, port))
        });
        let left = Duration::from_nanos(route.deadline.saturating_sub(monotonic_now()));
        let Ok(lookup) = tokio::time::timeout(left, looking).await else {
            let what = format!("DNS lookup of {host} did not finish in time");
            return Err(Failed::timeout(route.timeout, &what).into());
        };
        let lookup = lookup?;
        match lookup.failure {
            None => Ok((lookup.addresses, lookup.took)),
            Some(failure) => {
                let message = format!("Cannot connect to {host}:{port}: {failure}");
                let mut failed = Failed::new(ErrorClass::Resolve, message);
                failed.phases.dns = lookup.took;
                Err(failed.into())
            }
        }
    }

    fn tls(
        &self,
        route: &Route<'_>,
        endpoint: &Endpoint,
    ) -> Result<Option<Arc<TlsSetup>>, DesignError> {
        if !endpoint.tls {
            return Ok(None);
        }
        let setup = TlsSetup::new(&route.connection.tls, &endpoint.host, &system_roots());
        Ok(Some(Arc::new(setup?)))
    }

    fn failed(
        &self,
        route: &Route<'_>,
        hop: &HopOutcome,
        failure: &SingleFailure,
        endpoint: &Endpoint,
    ) -> DesignError {
        let target = format!("{}:{}", endpoint.host, endpoint.port);
        let peer = hop.outcome.remote.map(|address| address.to_string());
        let peer = peer.filter(|peer| *peer != target);
        let at = peer.map_or(target.clone(), |peer| format!("{target} ({peer})"));
        let mut failed = Failed::of(failure, &at, route.timeout);
        failed.phases = hop.outcome.phases;
        let remote = hop.outcome.remote;
        failed.is_own_target = remote.is_some_and(|to| route.engine.fence().is_own(to, None));
        failed.into()
    }
}

/// How long after its deadline an exchange may report before its shard is considered stuck.
const STUCK: Duration = Duration::from_secs(5);

/// Has a shard perform the exchange. Dropping the future cancels the exchange on the shard.
async fn exchange(engine: &Engine, order: SingleExchange) -> Result<SingleOutcome, DesignError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let deadline = order.deadline;
    let handle = engine.exchange(order, |outcome| {
        // The receiver may have been dropped.
        let _ = sender.send(outcome);
    });
    // The shard enforces the deadline, unless it is stuck.
    let left = Duration::from_nanos(deadline.saturating_sub(monotonic_now()));
    let outcome = tokio::time::timeout(left + STUCK, receiver).await;
    drop(handle);
    let Ok(outcome) = outcome else {
        return Err(DesignError::Internal(
            "the shard that executed the request does not respond; see GET /health/ready".into(),
        ));
    };
    match outcome {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(error)) => Err(DesignError::Internal(format!(
            "the shard could not create a timer: {error}"
        ))),
        Err(_) => Err(DesignError::Internal(
            "the shard failed while executing the request; see the log".into(),
        )),
    }
}

#[cfg(test)]
mod tests;
