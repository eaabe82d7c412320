//! Executes one design request: pre-request script, variables, the exchanges, post-request script, and
//! storing the result.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use vayu_shared::units::to_ms;
use vayu_worker::script::{BodyLimit, ResponseParts, ScopeKind, Scopes, VariableScope};

use super::answer::DesignAnswer;
use super::blocking::blocking;
use super::design_config::DesignConfig;
use super::draft::Draft;
use super::failure::{DesignError, Failed};
use super::hop::Route;
use super::jars::{SharedJar, in_jar};
use super::record::Record;
use super::redirect_chain::ChainStart;
use super::scripts::{
    BODY_SETTING, Ran, ScriptJob, ScriptOutput, ScriptSession, SendContext, ThreadSetting, checked,
    definition, limits, sent_definition, wait_deadline,
};
use super::{MIB, RequestExecutor};
use crate::store::{StoreError, VariableChanges, VariablesOf};
use crate::wall_clock::WallClockStart;

/// The stored objects that a design request is linked to.
#[derive(Default)]
pub struct Links {
    /// Name of the saved request.
    pub request_name: String,
    /// Id of the collection that contains it.
    pub collection: Option<String>,
    /// Name of the environment.
    pub environment_name: String,
}

/// Context of a request in progress.
struct RequestContext<'a> {
    jar: Option<Arc<SharedJar>>,
    route: Route<'a>,
}

impl RequestExecutor {
    /// Executes a request and stores it as a design run. `config_snapshot` is the request as given, as JSON
    /// text without private keys. Dropping the future cancels the request.
    ///
    /// # Errors
    /// See [`DesignError`]. Errors of the request itself store no run. Failures of the target or the network
    /// are stored as well.
    pub async fn execute(
        &self,
        mut config: DesignConfig,
        config_snapshot: String,
    ) -> Result<DesignAnswer, DesignError> {
        if !config.scripts.is_empty() && !config.reports_script_errors {
            checked(&config.scripts).await?;
        }
        let mib = config.options.body_limit.div_ceil(MIB).max(1);
        let turn = self
            .turns
            .acquire_many(u32::try_from(mib).unwrap_or(u32::MAX))
            .await;
        let turn = turn.map_err(|error| DesignError::Internal(error.to_string()))?;
        let record = Record {
            id: self.runs.new_run_id(),
            request_id: config.request_id.clone(),
            environment_id: config.environment_id.clone(),
            config_snapshot,
            begun: WallClockStart::now(),
        };
        let run_id = record.id.clone();
        let made = match self.make(&mut config, &run_id).await {
            Ok(answer) => Ok(DesignAnswer { run_id, ..answer }),
            Err(DesignError::Failed(failed)) => Err(failed),
            Err(other) => return Err(other),
        };
        drop(turn);
        let store = self.store.clone();
        let stored = blocking(move || {
            record.store(&store, made.as_ref().map_err(AsRef::as_ref))?;
            Ok::<_, StoreError>(made)
        });
        let answer = stored.await?.map_err(DesignError::Failed)?;
        match &answer.post_script_error {
            Some(error) if !config.reports_script_errors => {
                Err(DesignError::after_script(&error.clone(), answer))
            }
            _ => Ok(answer),
        }
    }

    async fn make(
        &self,
        config: &mut DesignConfig,
        run_id: &str,
    ) -> Result<DesignAnswer, DesignError> {
        let (request, environment) = (config.request_id.clone(), config.environment_id.clone());
        let (mut scopes, links) = self.scopes(&config.variables, request, environment).await?;
        let environment = config.environment_id.clone().unwrap_or_default();
        let jar = match config.options.cookies {
            true => Some(self.jars.of(&environment).await?),
            false => None,
        };
        let mut told = ScriptOutput::default();
        let mut changed = BTreeMap::new();
        let mut session = self.session(config, &links, &jar, run_id).await?;
        if let Some(session) = &mut session {
            let company = RequestContext {
                jar: jar.clone(),
                route: self.base_route(config),
            };
            let ran = self.before(session, config, scopes, &company).await?;
            told.add(&ran, "pre");
            let mistake = match ran.changed {
                Some(changed) if !ran.skip => changed.apply(config).err(),
                _ => None,
            };
            told.pre_error = told.pre_error.take().or(mistake);
            scopes = ran.scopes;
            if let Some(error) = told
                .pre_error
                .as_ref()
                .filter(|_| !config.reports_script_errors)
            {
                return Err(DesignError::script("pre-request script", error));
            }
            if ran.skip {
                let changed = changed_variables(&scopes);
                self.write_back(config, &links, &changed).await?;
                let mut answer = DesignAnswer::skipped();
                answer.changed_variables = changed;
                told.show_in(&mut answer);
                return Ok(answer);
            }
        }
        let draft = Draft::new(config, &scopes, &self.files)?;
        let made = self.exchange(config, &draft, jar.as_deref()).await?;
        if let Some(session) = &mut session {
            let company = RequestContext {
                jar: jar.clone(),
                route: self.base_route(config),
            };
            let sent = made.as_ref().ok().map(|answer| &answer.first_request);
            let request = sent_definition(&draft, sent).to_string();
            let ran = self
                .after(session, request, scopes, made.as_ref().ok(), &company)
                .await?;
            told.add(&ran, "post");
            changed = changed_variables(&ran.scopes);
            self.write_back(config, &links, &changed).await?;
            if let Some(jar) = &jar {
                self.jars.keep(&environment, jar).await?;
            }
        }
        let mut answer = made.map_err(DesignError::Failed)?;
        answer.warnings.extend(draft.warnings);
        answer.unresolved_variables = draft.unresolved;
        answer.changed_variables = changed;
        told.show_in(&mut answer);
        Ok(answer)
    }

    /// Sends the completed request and stores the received cookies. The inner error is a failure of the
    /// target or the network.
    async fn exchange(
        &self,
        config: &DesignConfig,
        draft: &Draft,
        jar: Option<&SharedJar>,
    ) -> Result<Result<DesignAnswer, Box<Failed>>, DesignError> {
        let proxy = config.options.proxy.as_ref();
        let route = Route {
            connection: &draft.connection,
            proxy: proxy.unwrap_or(&self.environment_proxy),
            ..self.base_route(config)
        };
        let departure = ChainStart {
            hop: draft.hop.clone(),
            auth: &draft.auth,
            redirects: config.options.redirects,
        };
        let chain = self.follow_hops(departure, &route, jar).await;
        if let Some(jar) = jar {
            let environment = config.environment_id.as_deref().unwrap_or_default();
            self.jars.keep(environment, jar).await?;
        }
        match chain {
            Ok(chain) => Ok(Ok(DesignAnswer::new(chain, config.options.body_limit))),
            Err(DesignError::Failed(failed)) if failed.is_own_target => {
                Err(DesignError::url(failed.message))
            }
            Err(DesignError::Failed(failed)) => Ok(Err(failed)),
            Err(other) => Err(other),
        }
    }

    /// Starts a session for the scripts of a design request. Returns `None` if there are none.
    async fn session(
        &self,
        config: &DesignConfig,
        links: &Links,
        jar: &Option<Arc<SharedJar>>,
        run_id: &str,
    ) -> Result<Option<ScriptSession>, DesignError> {
        if config.scripts.is_empty() {
            return Ok(None);
        }
        let permit = Arc::clone(&self.contexts).acquire_owned().await;
        let permit = permit.map_err(|error| DesignError::Internal(error.to_string()))?;
        let current = self.config.current();
        let limits = limits(&current, current.script_timeout, SCRIPT_STACK);
        let setting = ThreadSetting {
            request_name: links.request_name.clone(),
            request_id: config
                .request_id
                .clone()
                .unwrap_or_else(|| run_id.to_owned()),
            environment_name: links.environment_name.clone(),
            jar: jar.clone(),
        };
        ScriptSession::start(config.scripts.clone(), limits, setting, permit).map(Some)
    }

    async fn before(
        &self,
        session: &mut ScriptSession,
        config: &DesignConfig,
        scopes: Scopes,
        company: &RequestContext<'_>,
    ) -> Result<Ran, DesignError> {
        let job = ScriptJob::Pre {
            scopes,
            request: definition(&config.request, config.method).to_string(),
            deadline: wait_deadline(company.route.timeout),
        };
        session.run(job, &self.sending(company)).await
    }

    async fn after(
        &self,
        session: &mut ScriptSession,
        request: String,
        scopes: Scopes,
        answer: Option<&DesignAnswer>,
        company: &RequestContext<'_>,
    ) -> Result<Ran, DesignError> {
        let cookies = match (&company.jar, answer) {
            (Some(jar), Some(answer)) => {
                let url = url::Url::parse(&answer.request.url).ok();
                let cookies = url.map(|url| in_jar(jar, |jar| jar.matching(&url)));
                serde_json::to_string(&cookies.unwrap_or_default()).unwrap_or_default()
            }
            _ => "[]".to_owned(),
        };
        let response = answer.map(|answer| {
            let parts = ResponseParts::decoded_already(answer.head.clone(), answer.body_bytes());
            let limit = BodyLimit {
                bytes: company.route.body_limit,
                setting: BODY_SETTING,
            };
            let parts = parts.received(answer.size.raw, answer.truncated, limit);
            (answer.status, parts, to_ms(answer.timing.total()))
        });
        let job = ScriptJob::Test {
            scopes,
            request,
            response,
            cookies,
            deadline: wait_deadline(company.route.timeout),
        };
        session.run(job, &self.sending(company)).await
    }

    fn sending<'a>(&'a self, company: &'a RequestContext<'a>) -> SendContext<'a> {
        SendContext {
            executor: self,
            route: &company.route,
            jar: company.jar.as_deref(),
        }
    }

    /// Returns the parameters of the route that do not depend on the URL.
    fn base_route(&self, config: &DesignConfig) -> Route<'_> {
        Route {
            connect_timeout: config.options.connect_timeout,
            body_limit: config.options.body_limit,
            ..self.route(
                &self.plain_connection,
                &self.environment_proxy,
                config.options.timeout,
            )
        }
    }

    /// Stores the changes that scripts made to stored variables.
    async fn write_back(
        &self,
        config: &DesignConfig,
        links: &Links,
        changed: &BTreeMap<&'static str, VariableChanges>,
    ) -> Result<(), DesignError> {
        let of = |name| changed.get(name).cloned().unwrap_or_default();
        let environment = config.environment_id.clone().map(VariablesOf::Environment);
        let collection = links.collection.clone().map(VariablesOf::Collection);
        let all = [
            (environment, of(ENVIRONMENT)),
            (collection, of(COLLECTION)),
            (Some(VariablesOf::Globals), of(GLOBALS)),
        ];
        let store = self.store.clone();
        blocking(move || {
            for (whose, changes) in all {
                if let Some(whose) = whose {
                    store.change_variables(whose, changes)?;
                }
            }
            Ok::<_, StoreError>(())
        })
        .await
    }
}

/// Names of the scopes in responses, as in `pm`.
const ENVIRONMENT: &str = "environment";
const COLLECTION: &str = "collectionVariables";
const GLOBALS: &str = "globals";

/// Stack size of a script, in bytes.
const SCRIPT_STACK: usize = 1024 * 1024;

fn changes(scope: &VariableScope) -> VariableChanges {
    let changes = scope.changes().iter();
    let changes =
        changes.map(|(name, value)| (name.clone(), value.as_ref().map(|value| value.to_json())));
    changes.collect::<BTreeMap<String, Option<Value>>>()
}

/// Returns the changes made by scripts, by scope. Scopes without changes are omitted.
fn changed_variables(scopes: &Scopes) -> BTreeMap<&'static str, VariableChanges> {
    let kinds = [
        (ENVIRONMENT, ScopeKind::Environment),
        (COLLECTION, ScopeKind::Collection),
        (GLOBALS, ScopeKind::Globals),
    ];
    let all = kinds.map(|(name, kind)| (name, changes(scopes.scope(kind))));
    let some = all.into_iter().filter(|(_, changes)| !changes.is_empty());
    some.collect()
}

#[cfg(test)]
mod tests;
