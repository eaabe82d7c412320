//! Tests of design requests with a shard and a store, to a target that refuses connections.

use serde_json::{Value, json};
use vayu_shared::units::SECOND;
use vayu_worker::script::ScopeValue;

use super::*;
use crate::config::Config;
use crate::store::{RunFilter, RunStatus};
use crate::testing::{REFUSED, TestEngine};

struct DesignLab {
    executor: RequestExecutor,
    lab: TestEngine,
}

impl DesignLab {
    fn new() -> Self {
        let lab = TestEngine::new(Config::new(1));
        let executor = RequestExecutor::new(
            Arc::clone(&lab.engine),
            lab.store.clone(),
            lab.config.clone(),
            lab.runs.clone(),
            &[],
            false,
        );
        Self {
            executor: executor.expect("no directories to read"),
            lab,
        }
    }

    async fn execute(&self, config: &Value) -> Result<DesignAnswer, DesignError> {
        let config = DesignConfig::read(config, 10 * SECOND).expect("legal");
        self.executor.execute(config, "{}".into()).await
    }

    fn runs(&self) -> Vec<RunStatus> {
        let runs = self.lab.store.runs(&RunFilter::default());
        runs.expect("readable")
            .iter()
            .map(|run| run.status)
            .collect()
    }
}

#[tokio::test]
async fn a_target_that_refuses_is_an_error_and_a_failed_run() {
    let lab = DesignLab::new();
    let config = json!({"method": "GET", "url": REFUSED});
    let Err(DesignError::Failed(failed)) = lab.execute(&config).await else {
        panic!("the target refuses connections")
    };
    assert!(failed.message.contains("127.0.0.1:1"), "{}", failed.message);
    assert_eq!(lab.runs(), [RunStatus::Failed]);
}

#[tokio::test]
async fn a_skipped_request_is_not_sent_and_keeps_what_its_script_set() {
    let lab = DesignLab::new();
    let config = json!({
        "method": "GET", "url": REFUSED,
        "preRequestScript": "pm.globals.set('seen', 'yes'); pm.execution.skipRequest();",
    });
    let answer = lab.execute(&config).await.expect("nothing was sent");
    assert_eq!(
        answer.changed_variables["globals"]["seen"],
        Some(json!("yes"))
    );
    let globals = lab.lab.store.globals().expect("readable");
    assert!(globals.variables.contains("seen"), "{}", globals.variables);
    assert_eq!(lab.runs(), [RunStatus::Completed]);
}

#[tokio::test]
async fn a_script_that_cannot_be_read_leaves_no_run() {
    let lab = DesignLab::new();
    let config = json!({"method": "GET", "url": REFUSED, "preRequestScript": "let a = ;"});
    assert!(lab.execute(&config).await.is_err());
    assert!(lab.runs().is_empty());
}

#[test]
fn what_scripts_changed_is_told_by_scope_and_what_they_took_away_is_null() {
    let mut scopes = Scopes::default();
    let kept = BTreeMap::from([("old".to_owned(), ScopeValue::of(&json!("1")))]);
    *scopes.scope_mut(ScopeKind::Environment) = VariableScope::new(kept);
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
