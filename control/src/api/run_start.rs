//! `POST /run`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Payload, ReqData};
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::field_error::FieldError;
use vayu_shared::spec::RunSpec;
use vayu_worker::{Engine, Fence};

use super::body::{self, JsonBody, ORIGINAL_FIELDS_KEY, OriginalFields};
use super::error::{ApiError, ErrorBody};
use super::work::{Work, blocking};
use crate::config::SharedConfig;
use crate::contract::RunBody;
use crate::design::{LoadSender, RequestExecutor};
use crate::readiness::Readiness;
use crate::run::resolver::literal;
use crate::run::{PreparedRun, RunManager, without_secrets};
use crate::store::RunStatus;

/// An accepted run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StartedRun {
    /// Run id.
    run_id: String,
    /// Always `pending`.
    status: RunStatus,
    /// Human-readable message.
    message: &'static str,
    /// Warnings: ignored fields and fields without effect, with the probably intended field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Start a load run
///
/// Nothing is stored before the whole body is accepted.
#[utoipa::path(post, path = "/run", operation_id = "startRun", tag = "Runs", request_body = RunBody,
    responses(
        (status = 202, description = "It was accepted", body = StartedRun, links(
            ("run" = (operation_id = "getRun", parameters(("id" = "$response.body#/runId")))),
            ("report" = (operation_id = "getReport", parameters(("id" = "$response.body#/runId")))),
            ("results" = (operation_id = "listResults", parameters(("id" = "$response.body#/runId")))),
            ("stats" = (operation_id = "streamStats", parameters(("id" = "$response.body#/runId")))),
            ("live" = (operation_id = "streamLiveMetrics", parameters(("id" = "$response.body#/runId")))),
            ("histogram" = (operation_id = "getHistogram", parameters(("id" = "$response.body#/runId")))),
            ("stop" = (operation_id = "stopRun", parameters(("id" = "$response.body#/runId")))),
            ("delete" = (operation_id = "deleteRun", parameters(("id" = "$response.body#/runId")))))),
        (status = 502, description = "The access token could not be fetched (see `POST /request`)", body = ErrorBody),
        (status = 503, description = "Its end could not be stored: the disk is full, or the database was deleted (`NOT_READY`)", body = ErrorBody),
        (status = 409, description = "Too many active runs (`TOO_MANY_RUNS`)", body = ErrorBody)))]
pub async fn post(
    starter: Data<Starter>,
    sent: Option<ReqData<OriginalFields>>,
    work: Data<Work>,
    readiness: Data<Readiness>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if let Some(obstacle) = readiness.obstacle() {
        return Err(ApiError::not_ready(obstacle));
    }
    let bytes = body::read_bytes(payload).await?;
    let sent = sent.map(ReqData::into_inner);
    let threads = work.clone();
    let started = async move { starter.start(&threads, sent, bytes).await };
    Ok(HttpResponse::Accepted().json(work.on(started).await?))
}

/// The dependencies of starting a run.
pub struct Starter {
    /// Engine whose fence checks the target.
    pub engine: Arc<Engine>,
    /// Configuration for defaults.
    pub config: SharedConfig,
    /// Manager that starts the runs.
    pub runs: RunManager,
    /// Resolves variables, authentication and scripts, and sends the requests that these need.
    pub executor: Arc<RequestExecutor>,
}

impl Starter {
    async fn start(
        &self,
        work: &Work,
        sent: Option<OriginalFields>,
        bytes: Bytes,
    ) -> Result<StartedRun, ApiError> {
        let body = JsonBody::read(bytes)?;
        let mut warnings = Vec::new();
        let asked = RunBody::read(&body.value, &mut warnings)?;
        let plain = self.executor.plain_load(&asked).await?;
        warnings.extend(plain.warnings);
        let spec = asked.spec(
            plain.request,
            &self.config.current().run_defaults(),
            warnings,
        )?;
        let warnings = spec.warnings.clone();
        is_not_own(self.engine.fence(), &spec)?;
        let order = blocking(move || Ok(PreparedRun::new(spec)?)).await?;
        let sender = LoadSender {
            executor: Arc::clone(&self.executor),
            runtime: tokio::runtime::Handle::current(),
        };
        let scripts = plain.scripts;
        let scripts = scripts
            .map(|scripts| scripts.for_run(&order.spec, &self.config.current(), Arc::new(sender)));
        let order = PreparedRun {
            signing: plain.signing,
            scripts,
            ..order
        };
        let snapshot = snapshot(&body, sent);
        let starting = self.runs.clone();
        let id = blocking(move || Ok(starting.start(order, snapshot)?)).await?;
        if let Some(renewal) = plain.renewal {
            let (run, executor) = (id.clone(), Arc::clone(&self.executor));
            work.detached(async move { executor.keep_fresh(&run, renewal).await });
        }
        Ok(StartedRun {
            run_id: id,
            status: RunStatus::Pending,
            message: "Load test started",
            warnings,
        })
    }
}

/// Refuses a run whose target is known to be the engine itself. Host names that need a look-up are checked on
/// connect.
fn is_not_own(fence: &Fence, spec: &RunSpec) -> Result<(), FieldError> {
    let endpoint = &spec.request.endpoint;
    let (host, port) = (endpoint.host.as_str(), endpoint.port);
    let given = spec.connection.resolve.iter().copied();
    let literal = literal(host, port).map(|address| address.ip());
    let local = host
        .eq_ignore_ascii_case("localhost")
        .then_some(Ipv4Addr::LOCALHOST.into());
    let mut addresses = given.chain(literal).chain(local);
    let own = addresses.find(|ip| fence.is_own(SocketAddr::new(*ip, port), None));
    own.map_or(Ok(()), |ip| {
        let problem = format!(
            "leads to {ip}:{port}, this engine's own address, which it sends no requests to; start it with \
             --allow-self to permit them"
        );
        Err(FieldError::url("request.url", problem))
    })
}

/// Returns the snapshot of a body to store.
fn snapshot(body: &JsonBody, sent: Option<OriginalFields>) -> String {
    let Some(OriginalFields(sent)) = sent else {
        return without_secrets(&body.value, &body.text);
    };
    let mut value = body.value.clone();
    value[ORIGINAL_FIELDS_KEY] = sent.into();
    without_secrets(&value, &value.to_string())
}
