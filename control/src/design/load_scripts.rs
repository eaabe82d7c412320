//! Prepares the scripts of a load run for the shards.

use std::sync::Arc;

use serde_json::Value;
use tokio::runtime::Handle;
use vayu_shared::http::Header;
use vayu_shared::spec::{RequestSpec, RunSpec};
use vayu_shared::units::MILLISECOND;
use vayu_worker::monotonic_now;
use vayu_worker::script::{Scopes, ScriptPlan, Scripts};

use super::RequestExecutor;
use super::execution::Links;
use super::failure::DesignError;
use super::scripts::{SendContext, checked, definition, header_list, limits, send};
use crate::config::Config;
use crate::contract::RunBody;
use crate::run::{RunScripts, SendForScripts};
use crate::wall_clock::now_ns;

/// Stack size of a script on a shard's thread, in bytes.
const STACK: usize = 512 * 1024;

/// The scripts of a run and the data visible to them.
pub struct LoadScripts {
    /// JavaScript source.
    pub scripts: Scripts,
    /// Initial variables of every virtual user.
    pub scopes: Scopes,
    /// The stored objects the run is linked to.
    pub links: Links,
    /// The request as visible to scripts, the source of `pm.request`.
    pub definition: Value,
    /// Share of responses whose script runs, in percent.
    pub sample_percent: f64,
    /// Number of response body bytes visible to scripts, if the run specifies it.
    pub body_bytes: Option<u64>,
}

impl LoadScripts {
    /// Returns the scripts of a run body. Returns `None` if it has none.
    ///
    /// # Errors
    /// Returns an error if a script is not valid JavaScript.
    pub async fn new(
        scripts: Scripts,
        scopes: Scopes,
        links: Links,
        body: &RunBody,
        plain: &RequestSpec,
    ) -> Result<Option<Self>, DesignError> {
        if scripts.is_empty() {
            return Ok(None);
        }
        checked(&scripts).await?;
        Ok(Some(Self {
            definition: seen(body, plain),
            scripts,
            scopes,
            links,
            sample_percent: body.script_sample_rate.map_or(100.0, |percent| percent.0),
            body_bytes: body.script_body_bytes.map(|bytes| bytes.0),
        }))
    }

    /// Returns the scripts for the shards of a run with these settings.
    pub fn for_run(
        self,
        spec: &RunSpec,
        config: &Config,
        sender: Arc<dyn SendForScripts>,
    ) -> RunScripts {
        let sends = [&self.scripts.pre, &self.scripts.test]
            .iter()
            .any(|script| script.contains("sendRequest"));
        let plan = ScriptPlan {
            scripts: self.scripts,
            limits: limits(config, config.load_script_timeout, STACK),
            scopes: self.scopes,
            contexts: usize::try_from(config.context_pool_size).unwrap_or(usize::MAX),
            sample_percent: self.sample_percent,
            body_bytes: self.body_bytes.unwrap_or(config.script_body_bytes),
            definition_text: self.definition.to_string(),
            definition: self.definition,
            request: spec.request.clone(),
            request_name: self.links.request_name,
            request_id: spec
                .request_id
                .clone()
                .unwrap_or_else(|| format!("{:016x}", fastrand::u64(..))),
            environment_name: self.links.environment_name,
            iteration_count: spec.load.expected_requests(),
            unix_offset: now_ns().saturating_sub(monotonic_now()),
            seed: fastrand::u64(..),
        };
        RunScripts {
            plan: Arc::new(plan),
            sender: sends.then_some(sender),
        }
    }
}

/// Returns the request as visible to scripts: as written, with the headers added by authentication and body.
fn seen(body: &RunBody, plain: &RequestSpec) -> Value {
    let mut seen = definition(&body.request, plain.method);
    seen["url"] = plain.url.as_str().into();
    let lines = plain.headers.iter();
    let lines: Vec<_> = lines
        .map(|Header { name, value }| (name.clone(), value.clone()))
        .collect();
    seen["header"] = header_list(&lines);
    seen
}

/// Sends the requests of scripts in load runs, in the same way as design requests.
pub struct LoadSender {
    /// Sends the requests.
    pub executor: Arc<RequestExecutor>,
    /// Runtime on which they are sent.
    pub runtime: Handle,
}

impl SendForScripts for LoadSender {
    fn send(&self, request: String, reply: Box<dyn FnOnce(String) + Send>) {
        let executor = Arc::clone(&self.executor);
        self.runtime.spawn(async move {
            let timeout = executor.config.current().default_timeout * MILLISECOND;
            let route = executor.route(
                &executor.plain_connection,
                &executor.environment_proxy,
                timeout,
            );
            let sending = SendContext {
                executor: &executor,
                route: &route,
                jar: None,
            };
            let outcome = send(&sending, &request).await;
            reply(outcome);
        });
    }
}
