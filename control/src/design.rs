//! Design mode: sends a single request the way an API client does.
//!
//! Execution order (`execution`): the pre-request script runs (`scripts`), variables are replaced (`draft`),
//! the request follows redirects and authentication challenges (`redirect_chain`, one hop at a time in `hop`), the
//! response is decoded (`response`) and prepared for display (`chain_answer`), the post-request script runs, and
//! everything is stored (`record`). Shards perform the exchanges; this module decides what is exchanged.

mod answer;
mod auth;
mod blocking;
mod body;
mod boundary;
mod certificate;
mod chain_answer;
mod cookies;
mod design_config;
mod draft;
mod execution;
mod failure;
mod headers;
mod hop;
mod jars;
mod load;
mod load_auth;
mod load_scripts;
mod pace;
mod proxy;
mod record;
mod redirect_chain;
mod replacer;
mod response;
mod scopes;
mod scripts;
mod tokens;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;
use vayu_shared::connection::ConnectionSpec;
use vayu_shared::units::Nanos;
use vayu_worker::script::{ScopeKind, Scopes};
use vayu_worker::{Engine, monotonic_now};

use crate::config::{Config, SharedConfig};
use crate::contract::VariableValues;
use crate::run::RunManager;
use crate::store::{Store, StoreError};
use auth::oauth2::TokenCache;
use blocking::blocking;
use body::AllowedFiles;
use execution::Links;
use hop::Route;
use jars::{Jars, in_jar};
use pace::Pace;
use proxy::Proxy;
use scopes::{scope_of, scope_of_text};

pub use answer::{DesignAnswer, HeaderValues, ShownLine, ShownTest};
pub use cookies::{CookieJar, StoredCookie};
pub use design_config::DesignConfig;
pub use failure::{DesignError, Failed};
pub use load_auth::{PlainLoad, Renewal};
pub use load_scripts::LoadSender;

/// Maximum MiB of response bodies that concurrent requests may hold together. Requests that would exceed it
/// wait.
const MAX_BODY_MIB: usize = 1_024;
const MIB: u64 = 1024 * 1024;
/// Maximum size of a token endpoint's response, in bytes.
const TOKEN_BYTES: u64 = 1024 * 1024;

/// Executes design requests.
pub struct RequestExecutor {
    engine: Arc<Engine>,
    store: Store,
    config: SharedConfig,
    runs: RunManager,
    tokens: Mutex<TokenCache>,
    jars: Jars,
    turns: Semaphore,
    /// Limits the number of scripts that run concurrently.
    contexts: Arc<Semaphore>,
    pace: Pace,
    environment_proxy: Proxy,
    plain_connection: ConnectionSpec,
    files: AllowedFiles,
    /// Whether scripts may send requests of their own.
    scripts_send: bool,
}

impl RequestExecutor {
    /// Creates an executor that sends requests on the shards of `engine` alongside `runs` and reads files
    /// from the `allowed` directories only. `scripts_send` lets scripts send requests of their own.
    ///
    /// # Errors
    /// Returns an error if one of the directories cannot be read.
    pub fn new(
        engine: Arc<Engine>,
        store: Store,
        config: SharedConfig,
        runs: RunManager,
        allowed: &[PathBuf],
        scripts_send: bool,
    ) -> std::io::Result<Self> {
        Ok(Self {
            jars: Jars::new(store.clone()),
            tokens: Mutex::default(),
            turns: Semaphore::new(MAX_BODY_MIB),
            contexts: Arc::new(Semaphore::new(max_contexts(&config.current()))),
            pace: Pace::new(runs.clone()),
            environment_proxy: Proxy::of_environment(|name| std::env::var(name).ok()),
            plain_connection: ConnectionSpec::default(),
            files: AllowedFiles::new(allowed)?,
            scripts_send,
            engine,
            store,
            config,
            runs,
        })
    }

    /// Returns the parameters of a route with a deadline `timeout` from now and a body limit sized for a
    /// token response.
    fn route<'a>(
        &'a self,
        connection: &'a ConnectionSpec,
        proxy: &'a Proxy,
        timeout: Nanos,
    ) -> Route<'a> {
        Route {
            engine: &self.engine,
            pace: &self.pace,
            connection,
            proxy,
            connect_timeout: timeout,
            deadline: monotonic_now().saturating_add(timeout),
            timeout,
            body_limit: TOKEN_BYTES,
        }
    }

    /// Returns the variables visible to a request and the stored objects it is linked to.
    async fn scopes(
        &self,
        own: &VariableValues,
        request: Option<String>,
        environment: Option<String>,
    ) -> Result<(Scopes, Links), DesignError> {
        let mut scopes = Scopes::default();
        *scopes.scope_mut(ScopeKind::Data) = scope_of(&own.0);
        let store = self.store.clone();
        let reading = blocking(move || {
            let mut links = Links::default();
            if let Some(environment) = environment
                && let Some(found) = store.environment(&environment)?
            {
                *scopes.scope_mut(ScopeKind::Environment) = scope_of_text(&found.variables);
                links.environment_name = found.name;
            }
            if let Some(request) = request
                && let Some(found) = store.request(&request)?
            {
                links.request_name = found.name;
                if let Some(collection) = store.collection(&found.collection_id)? {
                    *scopes.scope_mut(ScopeKind::Collection) = scope_of_text(&collection.variables);
                    links.collection = Some(collection.id);
                }
            }
            *scopes.scope_mut(ScopeKind::Globals) = scope_of_text(&store.globals()?.variables);
            Ok::<_, StoreError>((scopes, links))
        });
        reading.await
    }

    /// Returns the directories from which files may be read.
    fn files(&self) -> &AllowedFiles {
        &self.files
    }

    /// Returns the cookies of an environment, or of requests without one.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn cookies(&self, environment: &str) -> Result<Vec<StoredCookie>, DesignError> {
        let jar = self.jars.of(environment).await?;
        Ok(in_jar(&jar, |jar| jar.list()))
    }

    /// Clears the cookies of an environment, all or of one domain, and returns how many were removed.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn clear_cookies(
        &self,
        environment: &str,
        domain: Option<&str>,
    ) -> Result<usize, DesignError> {
        let jar = self.jars.of(environment).await?;
        let gone = in_jar(&jar, |jar| jar.clear(domain));
        self.jars.keep(environment, &jar).await?;
        Ok(gone)
    }

    /// Drops the cookies of a deleted environment from memory. The store has deleted its copy with the
    /// environment.
    pub fn forget_cookies(&self, environment: &str) {
        self.jars.forget(environment);
    }
}

/// Returns the maximum number of concurrent scripts, which is the configured number of contexts.
fn max_contexts(config: &Config) -> usize {
    usize::try_from(config.context_pool_size).unwrap_or(usize::MAX)
}
