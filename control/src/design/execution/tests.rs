//! A design request whose parts are the real ones, beside a target that is nobody.

use serde_json::{Value, json};
use tempfile::TempDir;
use vayu_shared::units::SECOND;
use vayu_worker::script::ScopeValue;
use vayu_worker::{Driver, Engine, EngineConfig, Fence, io_uring_available};

use super::*;
use crate::config::{Config, SharedConfig};
use crate::run::RunManager;
use crate::store::{RunFilter, RunStatus, Store};

/// Nobody listens on this port (tcpmux), so every request is refused at once.
const NOBODY: &str = "http://127.0.0.1:1/";

struct Lab {
    designer: Designer,
    store: Store,
    _folder: TempDir,
}

impl Lab {
    fn new() -> Self {
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
        let config = SharedConfig::new(Config::new(1), store.clone());
        let runs = RunManager::new(Arc::clone(&engine), store.clone(), config.clone());
        let designer = Designer::new(engine, store.clone(), config, runs, &[], false);
        Self {
            designer: designer.expect("no directories to read"),
            store,
            _folder: folder,
        }
    }

    async fn execute(&self, order: &Value) -> Result<DesignAnswer, DesignError> {
        let order = DesignOrder::read(order, 10 * SECOND).expect("legal");
        self.designer.execute(order, "{}".into()).await
    }

    fn runs(&self) -> Vec<RunStatus> {
        let runs = self.store.runs(&RunFilter::default());
        runs.expect("readable")
            .iter()
            .map(|run| run.status)
            .collect()
    }
}

#[tokio::test]
async fn a_target_that_refuses_is_an_error_and_a_failed_run() {
    let lab = Lab::new();
    let order = json!({"method": "GET", "url": NOBODY});
    let Err(DesignError::Failed(failed)) = lab.execute(&order).await else {
        panic!("nobody answered")
    };
    assert!(failed.message.contains("127.0.0.1:1"), "{}", failed.message);
    assert_eq!(lab.runs(), [RunStatus::Failed]);
}

#[tokio::test]
async fn a_skipped_request_is_sent_to_nobody_and_keeps_what_its_script_set() {
    let lab = Lab::new();
    let order = json!({
        "method": "GET", "url": NOBODY,
        "preRequestScript": "pm.globals.set('seen', 'yes'); pm.execution.skipRequest();",
    });
    let answer = lab.execute(&order).await.expect("nothing was sent");
    assert_eq!(
        answer.changed_variables["globals"]["seen"],
        Some(json!("yes"))
    );
    let globals = lab.store.globals().expect("readable");
    assert!(globals.variables.contains("seen"), "{}", globals.variables);
    assert_eq!(lab.runs(), [RunStatus::Completed]);
}

#[tokio::test]
async fn a_script_that_cannot_be_read_leaves_no_run() {
    let lab = Lab::new();
    let order = json!({"method": "GET", "url": NOBODY, "preRequestScript": "let a = ;"});
    assert!(lab.execute(&order).await.is_err());
    assert!(lab.runs().is_empty());
}

#[test]
fn what_scripts_changed_is_told_by_scope_and_what_they_took_away_is_null() {
    let mut scopes = Scopes::default();
    let kept = BTreeMap::from([("old".to_owned(), ScopeValue::of(&json!("1")))]);
    *scopes.scope_mut(ScopeKind::Environment) = Scope::new(kept);
    scopes.scope_mut(ScopeKind::Environment).unset("old");
    let globals = scopes.scope_mut(ScopeKind::Globals);
    globals.set("text", ScopeValue::of(&json!("a")));
    globals.set("list", ScopeValue::of(&json!([1, 2])));
    let local = scopes.scope_mut(ScopeKind::Local);
    local.set("gone", ScopeValue::of(&json!("with the request")));
    let changed = changed_variables(&scopes);
    let told: Vec<_> = changed.keys().copied().collect();
    assert_eq!(told, ["environment", "globals"]);
    assert_eq!(
        changed["environment"],
        BTreeMap::from([("old".to_owned(), None)])
    );
    assert_eq!(changed["globals"]["text"], Some(json!("a")));
    assert_eq!(changed["globals"]["list"], Some(json!([1, 2])));
}
