//! Shared test fixture: an engine with one shard and a store of its own.

use std::sync::Arc;

use tempfile::TempDir;
use vayu_worker::{Driver, Engine, EngineConfig, Fence, io_uring_available};

use crate::config::{Config, SharedConfig};
use crate::run::RunManager;
use crate::store::Store;

/// A URL whose connections are refused at once: no program listens on this port (tcpmux).
pub const REFUSED: &str = "http://127.0.0.1:1/";

/// The parts of an engine, without its API.
pub struct TestEngine {
    pub engine: Arc<Engine>,
    pub store: Store,
    pub config: SharedConfig,
    pub runs: RunManager,
    _folder: TempDir,
}

impl TestEngine {
    /// Starts the parts with this configuration.
    pub fn new(config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let store = Store::open(&folder.path().join("vayu.db")).expect("a new database");
        let driver = match io_uring_available() {
            Ok(()) => Driver::IoUring,
            Err(_) => Driver::Legacy,
        };
        let engine = Engine::start(&EngineConfig {
            cpus: vec![0],
            driver,
            fence: Arc::new(Fence::default()),
        });
        let engine = Arc::new(engine.expect("one shard"));
        let config = SharedConfig::new(config, store.clone());
        let runs = RunManager::new(Arc::clone(&engine), store.clone(), config.clone());
        Self {
            engine,
            store,
            config,
            runs,
            _folder: folder,
        }
    }
}
