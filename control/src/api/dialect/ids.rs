//! Ids for objects that the Manager App creates: the app expects the engine to choose them, while in the
//! contract the client chooses.
//!
//! The form is `col_<milliseconds>_<tag>`. Later ids are greater. The tag differs per process, so ids stay
//! unique even if the clock is set back.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Map, Value};

use crate::wall_clock;

/// Adds an id with this prefix to a body that has none.
pub fn provide(body: &mut Map<String, Value>, prefix: &str) {
    if body.get("id").is_none_or(Value::is_null) {
        body.insert("id".into(), next(prefix).into());
    }
}

fn next(prefix: &str) -> String {
    static LAST_MS: AtomicI64 = AtomicI64::new(0);
    // Only the hasher's random keys are needed here.
    static TAG: LazyLock<u32> = LazyLock::new(|| RandomState::new().hash_one(0) as u32);
    let now = wall_clock::now_ms();
    let later = |last: i64| now.max(last + 1);
    let last = LAST_MS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        Some(later(last))
    });
    // The update closure always returns `Some`, so both arms contain the previous value.
    let (Ok(last) | Err(last)) = last;
    format!("{prefix}_{:013}_{:08x}", later(last), *TAG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_has_no_id_gets_one() {
        for (mut body, keeps) in [
            (json!({"name": "a"}), false),
            (json!({"id": null}), false),
            (json!({"id": "col_1"}), true),
            (json!({"id": 7}), true),
        ] {
            let before = body["id"].clone();
            provide(body.as_object_mut().expect("rows are objects"), "col");
            assert_eq!(body["id"] == before, keeps, "{body}");
            let made = body["id"].as_str().is_some_and(|id| id.starts_with("col_"));
            assert!(keeps || made, "{body}");
        }
    }

    #[test]
    fn ids_are_unique_and_in_the_order_of_making() {
        let ids: Vec<String> = (0..1000).map(|_| next("req")).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        let others = std::thread::spawn(|| (0..1000).map(|_| next("req")).collect::<Vec<_>>());
        let mut all: Vec<String> = (0..1000).map(|_| next("req")).collect();
        all.extend(others.join().expect("making ids does not panic"));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 2000);
    }
}
