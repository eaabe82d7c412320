//! Assembles and serves the engine: data directory, store, shards, run manager, HTTP.
//!
//! Shutdown is in the reverse order of the start: runs are stopped and stored, connections are closed, the
//! WAL is checkpointed and the database closed, the lock is released.

mod error_bodies;
mod http;
mod tls;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::App;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use anyhow::{Context, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use vayu_shared::target_rule::TargetRule;
use vayu_worker::{Driver, Engine, EngineConfig, Fence, io_uring_available, placement};

use crate::access::Access;
use crate::api::{self, Dialect, Guard, OpenApiText, ShutdownSignal};
use crate::config::{Config, SharedConfig};
use crate::data_dir::DataDir;
use crate::design::RequestExecutor;
use crate::logging::{self, LogOptions};
use crate::readiness::Readiness;
use crate::run::{Retention, RunManager};
use crate::store::Store;

pub use tls::TlsFiles;

/// Options to start an engine with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on; 0 selects a free one.
    pub port: u16,
    /// Directory of the database, the logs and the lock.
    pub data_dir: PathBuf,
    /// Cores; one shard is pinned to each.
    pub cpus: Vec<usize>,
    /// I/O driver of the shards.
    pub driver: Driver,
    /// Bearer token with full access. This or `token_file` is required to listen beyond loopback.
    pub token: Option<String>,
    /// File of tokens with their scopes.
    pub token_file: Option<PathBuf>,
    /// Certificate and key of the listening address; if present, clients must use TLS.
    pub tls: Option<TlsFiles>,
    /// Origins whose pages may use the engine, in addition to loopback origins.
    pub allowed_origins: Vec<String>,
    /// API dialect.
    pub dialect: Dialect,
    /// Targets that requests must not reach.
    pub fence: FenceOptions,
    /// Directories from which request bodies may read files.
    pub allowed_files: Vec<PathBuf>,
    /// Whether scripts may send requests of their own (`pm.sendRequest`).
    pub scripts_send: bool,
    /// Whether secrets are removed from stored runs.
    pub redacts: bool,
    /// Logging options; `None` starts no logging.
    pub log: Option<LogOptions>,
}

/// Which targets an engine refuses to send requests to.
#[derive(Clone, Debug, Default)]
pub struct FenceOptions {
    /// Whether requests to the engine itself are permitted.
    pub allow_self: bool,
    /// Permitted targets; all if empty.
    pub allow: Vec<TargetRule>,
    /// Denied targets. Takes precedence over `allow`.
    pub deny: Vec<TargetRule>,
}

impl FenceOptions {
    /// Returns the fence of an engine that listens on `own`.
    fn around(&self, own: SocketAddr) -> Fence {
        let own = Some(own).filter(|_| !self.allow_self);
        Fence::new(own, self.allow.clone(), self.deny.clone())
    }
}

/// An engine that listens and does not serve yet.
pub struct Server {
    listener: TcpListener,
    data_dir: DataDir,
    engine: Arc<Engine>,
    store: Store,
    config: SharedConfig,
    runs: RunManager,
    executor: Arc<RequestExecutor>,
    guard: Arc<Guard>,
    tls: Option<TlsAcceptor>,
    dialect: Dialect,
    shutdown: ShutdownSignal,
}

impl Server {
    /// Starts the shards, opens the store and listens.
    ///
    /// # Errors
    /// Returns an error if an option cannot be satisfied; the message says what to do.
    pub fn start(options: &ServerOptions) -> anyhow::Result<Self> {
        let access = Access::new(options.token.as_deref(), options.token_file.clone())?;
        if !options.bind.is_loopback() && !access.requires_token() {
            bail!(
                "--bind {} opens the engine to the network; give it a token with --token, VAYU_TOKEN or --token-file",
                options.bind
            );
        }
        let tls = options.tls.as_ref().map(TlsFiles::read).transpose()?;
        placement::keep_off(&options.cpus);
        let data_dir = DataDir::open(&options.data_dir)?;
        if let Some(log) = options.log {
            logging::start(&data_dir.log_file(), log)?;
        }
        for warning in data_dir.permission_warnings() {
            tracing::warn!("{warning}");
        }
        let listener = TcpListener::bind((options.bind, options.port)).with_context(|| {
            format!(
                "cannot listen on {}:{}; is another engine there?",
                options.bind, options.port
            )
        })?;
        let store = Store::open_with(&data_dir.database(), options.redacts)?;
        let fence = options.fence.around(listener.local_addr()?);
        let engine = start_engine(&options.cpus, options.driver, fence)?;
        let config = Config::from_settings(engine.workers(), &store.settings()?);
        let mut allowed_origins = options.allowed_origins.clone();
        allowed_origins.extend(options.dialect.origin().map(str::to_owned));
        let guard = Guard {
            address: listener.local_addr()?,
            access: Arc::new(access),
            is_encrypted: tls.is_some(),
            allowed_origins,
        };
        let engine = Arc::new(engine);
        let config = SharedConfig::new(config, store.clone());
        let runs = RunManager::new(Arc::clone(&engine), store.clone(), config.clone());
        let executor = RequestExecutor::new(
            Arc::clone(&engine),
            store.clone(),
            config.clone(),
            runs.clone(),
            &options.allowed_files,
            options.scripts_send,
        )
        .context("cannot read a directory of --allow-files")?;
        Ok(Self {
            listener,
            data_dir,
            engine,
            store,
            config,
            runs,
            executor: Arc::new(executor),
            guard: Arc::new(guard),
            tls,
            dialect: options.dialect,
            shutdown: ShutdownSignal::default(),
        })
    }

    /// Returns the listening address.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Returns the signal that shuts the server down.
    #[must_use]
    pub fn shutdown_signal(&self) -> ShutdownSignal {
        self.shutdown.clone()
    }

    /// Serves until shutdown: by `POST /shutdown`, the shutdown signal or, with `on_signals`, SIGINT or
    /// SIGTERM. Calls `ready` once it serves.
    ///
    /// # Errors
    /// Returns the system's error, or the error of `ready`.
    pub fn serve(
        self,
        on_signals: bool,
        ready: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        actix_web::rt::System::new().block_on(self.run(on_signals, ready))
    }

    fn handlers(&self) -> anyhow::Result<Handlers> {
        let readiness = Readiness::new(
            Arc::clone(&self.engine),
            self.store.clone(),
            self.config.clone(),
            (&self.data_dir.database(), &self.data_dir.lock_file()),
        );
        Ok(Handlers {
            starter: Data::new(api::Starter {
                engine: Arc::clone(&self.engine),
                config: self.config.clone(),
                runs: self.runs.clone(),
                executor: Arc::clone(&self.executor),
            }),
            executor: Data::from(Arc::clone(&self.executor)),
            store: Data::new(self.store.clone()),
            config: Data::new(self.config.clone()),
            runs: Data::new(self.runs.clone()),
            guard: Data::from(Arc::clone(&self.guard)),
            work: Data::new(api::Work::start()?),
            readiness: Data::new(readiness.context("cannot read the data directory")?),
            document: Data::new(OpenApiText::generate()),
            shutdown: Data::new(self.shutdown.clone()),
            dialect: self.dialect,
        })
    }

    async fn run(
        self,
        on_signals: bool,
        ready: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let handlers = self.handlers()?;
        let Self {
            listener,
            data_dir,
            store,
            config,
            runs,
            guard,
            tls,
            shutdown,
            ..
        } = self;
        let access = Arc::clone(&guard.access);
        let app = move || {
            let handlers = handlers.clone();
            App::new()
                .configure(move |app| handlers.provide(app))
                // The middleware registered last is the outermost.
                .wrap(from_fn(api::dialect))
                .wrap(from_fn(api::edge))
                .configure(api::routes)
        };
        let ending = Arc::new(Notify::new());
        let server = http::serve(listener, tls, Arc::clone(&ending), app)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        if on_signals {
            handle_signals(&shutdown, access)?;
        }
        let retention = Retention::start(store.clone(), config)?;
        ready()?;
        shutdown.wait().await;
        tracing::info!("shutting down");
        runs.stop_all().await;
        ending.notify_waiters();
        handle.stop(true).await;
        serving.await??;
        drop(retention);
        store.close();
        drop(data_dir);
        Ok(())
    }
}

/// The application data of handlers and middleware.
#[derive(Clone)]
struct Handlers {
    starter: Data<api::Starter>,
    executor: Data<RequestExecutor>,
    store: Data<Store>,
    config: Data<SharedConfig>,
    runs: Data<RunManager>,
    guard: Data<Guard>,
    work: Data<api::Work>,
    readiness: Data<Readiness>,
    document: Data<OpenApiText>,
    shutdown: Data<ShutdownSignal>,
    dialect: Dialect,
}

impl Handlers {
    fn provide(self, app: &mut ServiceConfig) {
        app.app_data(self.starter)
            .app_data(self.executor)
            .app_data(self.store)
            .app_data(self.config)
            .app_data(self.runs)
            .app_data(self.guard)
            .app_data(self.work)
            .app_data(self.readiness)
            .app_data(self.document)
            .app_data(self.shutdown)
            .app_data(self.dialect);
    }
}

/// Installs the signal handlers: SIGINT and SIGTERM shut the engine down, SIGHUP reopens the log and reloads
/// the tokens.
fn handle_signals(shutdown: &ShutdownSignal, access: Arc<Access>) -> anyhow::Result<()> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let (mut signals, shutdown) = (signal(kind)?, shutdown.clone());
        actix_web::rt::spawn(async move {
            signals.recv().await;
            shutdown.give();
        });
    }
    let mut hangups = signal(SignalKind::hangup())?;
    actix_web::rt::spawn(async move {
        // SIGHUP: a terminal was closed, or a log was rotated. Active runs continue.
        while hangups.recv().await.is_some() {
            match logging::reopen() {
                Ok(()) => tracing::info!("the log was opened anew, as SIGHUP asks"),
                Err(error) => tracing::error!("SIGHUP: the log cannot be opened anew: {error}"),
            }
            if let Err(error) = access.reload() {
                tracing::error!("SIGHUP: the tokens stay as they were: {error}");
            }
        }
    });
    Ok(())
}

/// Starts the shards, after checking that the driver is permitted here.
///
/// # Errors
/// Returns an error if io_uring is requested and not permitted; the message says what to do.
pub fn start_engine(cpus: &[usize], driver: Driver, fence: Fence) -> anyhow::Result<Engine> {
    raise_descriptor_limit();
    if driver == Driver::IoUring
        && let Err(error) = io_uring_available()
    {
        bail!(
            "io_uring is not permitted here ({error}). Permit it (sysctl kernel.io_uring_disabled=0, \
             or the container's seccomp profile), or start with --driver epoll, which costs more CPU per request"
        );
    }
    let config = EngineConfig {
        cpus: cpus.to_vec(),
        driver,
        fence: Arc::new(fence),
    };
    Engine::start(&config).context("cannot start the shards")
}

/// Raises the soft limit of descriptors to the hard limit: each connection needs one.
fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!("the descriptor limit stays at {:?}: {error}", limit.current);
    }
}
