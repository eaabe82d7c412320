//! Puts the engine together and serves it: data directory, store, shards, run
//! manager, HTTP.
//!
//! The order of ending is the reverse of the beginning: runs are stopped and
//! stored, connections are closed, the database is folded up, the lock is given
//! back.

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
use crate::design::Designer;
use crate::logging::{self, LogOptions};
use crate::readiness::Readiness;
use crate::run::{Retention, RunManager};
use crate::store::Store;

pub use tls::TlsFiles;

/// How an engine is started.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Where the database, the logs and the lock are.
    pub data_dir: PathBuf,
    /// One shard is pinned to each.
    pub cpus: Vec<usize>,
    /// How the shards talk to the kernel.
    pub driver: Driver,
    /// What clients have to show, to be let do everything; this or a file is needed beyond loopback.
    pub token: Option<String>,
    /// A file of tokens with their scopes.
    pub token_file: Option<PathBuf>,
    /// Certificate and key of the address, where clients are to speak TLS with it.
    pub tls: Option<TlsFiles>,
    /// Origins of pages that may use the engine, beside loopback ones.
    pub allowed_origins: Vec<String>,
    /// What clients speak.
    pub dialect: Dialect,
    /// Where requests may not go.
    pub fence: FenceOptions,
    /// Directories that bodies of requests may read files from.
    pub allowed_files: Vec<PathBuf>,
    /// Whether scripts may send requests of their own (`pm.sendRequest`).
    pub scripts_send: bool,
    /// Whether secrets are taken out of what is stored of runs.
    pub redacts: bool,
    /// What is logged; `None` starts no logging.
    pub log: Option<LogOptions>,
}

/// Where an engine sends no requests.
#[derive(Clone, Debug, Default)]
pub struct FenceOptions {
    /// Whether it sends requests to itself.
    pub allow_self: bool,
    /// What is allowed; everything when empty.
    pub allow: Vec<TargetRule>,
    /// What is denied, allowed or not.
    pub deny: Vec<TargetRule>,
}

impl FenceOptions {
    /// The fence of an engine that listens there.
    fn around(&self, own: SocketAddr) -> Fence {
        let own = Some(own).filter(|_| !self.allow_self);
        Fence::new(own, self.allow.clone(), self.deny.clone())
    }
}

/// An engine that listens and has not begun to serve.
pub struct Server {
    listener: TcpListener,
    data_dir: DataDir,
    engine: Arc<Engine>,
    store: Store,
    config: SharedConfig,
    runs: RunManager,
    designer: Arc<Designer>,
    guard: Arc<Guard>,
    tls: Option<TlsAcceptor>,
    dialect: Dialect,
    shutdown: ShutdownSignal,
}

impl Server {
    /// Starts the shards, opens the store and listens.
    ///
    /// # Errors
    /// When an option asks for what is not to be had; the message says what to do.
    pub fn start(options: &ServerOptions) -> anyhow::Result<Self> {
        let access = Access::new(options.token.as_deref(), options.token_file.clone())?;
        if !options.bind.is_loopback() && !access.is_closed() {
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
        for warning in data_dir.looseness() {
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
        let designer = Designer::new(
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
            designer: Arc::new(designer),
            guard: Arc::new(guard),
            tls,
            dialect: options.dialect,
            shutdown: ShutdownSignal::default(),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What ends it.
    #[must_use]
    pub fn shutdown_signal(&self) -> ShutdownSignal {
        self.shutdown.clone()
    }

    /// Serves until it is told to end: by `POST /shutdown`, the shutdown signal,
    /// or, with `on_signals`, by SIGINT or SIGTERM. `ready` is called once it does.
    ///
    /// # Errors
    /// The system's, and that of `ready`.
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
                designer: Arc::clone(&self.designer),
            }),
            designer: Data::from(Arc::clone(&self.designer)),
            store: Data::new(self.store.clone()),
            config: Data::new(self.config.clone()),
            runs: Data::new(self.runs.clone()),
            guard: Data::from(Arc::clone(&self.guard)),
            work: Data::new(api::Work::start()?),
            readiness: Data::new(readiness.context("cannot look at the data directory")?),
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
                // The last one is the outermost.
                .wrap(from_fn(api::dialect))
                .wrap(from_fn(api::edge))
                .configure(api::routes)
        };
        let ending = Arc::new(Notify::new());
        let server = http::serve(listener, tls, Arc::clone(&ending), app)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        if on_signals {
            obey_signals(&shutdown, access)?;
        }
        let retention = Retention::start(store.clone(), config)?;
        ready()?;
        shutdown.wait().await;
        tracing::info!("the engine ends");
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

/// What handlers and middleware ask for, each by itself.
#[derive(Clone)]
struct Handlers {
    starter: Data<api::Starter>,
    designer: Data<Designer>,
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
            .app_data(self.designer)
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

/// Has SIGINT and SIGTERM end the engine, and SIGHUP open its log and read its tokens anew, from
/// now on.
fn obey_signals(shutdown: &ShutdownSignal, access: Arc<Access>) -> anyhow::Result<()> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let (mut signals, shutdown) = (signal(kind)?, shutdown.clone());
        actix_web::rt::spawn(async move {
            signals.recv().await;
            shutdown.give();
        });
    }
    let mut hangups = signal(SignalKind::hangup())?;
    actix_web::rt::spawn(async move {
        // A terminal was closed, or a log was rotated; active runs continue.
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

/// Starts the shards, after making sure that they can work here.
///
/// # Errors
/// When io_uring is asked for and not permitted; the message says what to do.
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

/// Lets the process have as many descriptors as it may: one per connection.
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
