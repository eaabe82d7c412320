//! Tests of the saved workspace: upserts, the tree, cascades, and concurrent writers.

use std::thread;

use crate::contract::{CollectionEdit, EnvironmentEdit, GlobalsEdit, RequestEdit};

use crate::store::testing::TestStore;
use crate::store::{DeletedCollections, Store, StoreError};

fn folder(id: &str, parent: Option<&str>) -> CollectionEdit {
    CollectionEdit {
        id: id.to_owned(),
        name: Some(format!("name of {id}")),
        parent_id: Some(parent.map(str::to_owned)),
        ..CollectionEdit::default()
    }
}

fn request(id: &str, collection: &str) -> RequestEdit {
    RequestEdit {
        id: id.to_owned(),
        collection_id: Some(collection.to_owned()),
        name: Some("n".to_owned()),
        method: Some("PUT".to_owned()),
        url: Some("{{base}}/x".to_owned()),
        ..RequestEdit::default()
    }
}

/// Returns a store with collections under their parents. `None` is the root.
fn store_with(tree: &[(&str, Option<&str>)]) -> TestStore {
    let test = TestStore::new();
    for (id, parent) in tree {
        test.store
            .save_collection(folder(id, *parent))
            .unwrap_or_else(|error| panic!("{id} in {parent:?}: {error}"));
    }
    test
}

/// Returns the field and the message of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (String, String) {
    match result {
        Err(StoreError::Refused(error)) => (error.field, error.problem),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_object_gets_defaults_and_a_known_one_keeps_what_was_not_sent() {
    let test = store_with(&[("a", None)]);
    let made = test.store.save_request(request("r", "a")).expect("legal");
    let defaults = (
        made.params.as_str(),
        made.headers.as_str(),
        made.auth.as_str(),
    );
    assert_eq!(defaults, ("{}", "{}", "{}"));
    assert_eq!((made.body.as_str(), &made.body_type), ("null", &None));
    assert_eq!(
        (made.method.as_str(), made.url.as_str()),
        ("PUT", "{{base}}/x")
    );
    assert_eq!(made.created_at, made.updated_at);

    let edit = RequestEdit {
        id: "r".to_owned(),
        body: Some("[1]".to_owned()),
        body_type: Some(Some("json".to_owned())),
        ..RequestEdit::default()
    };
    let changed = test.store.save_request(edit).expect("legal");
    assert_eq!(
        (changed.body.as_str(), changed.url.as_str()),
        ("[1]", "{{base}}/x")
    );
    assert_eq!(changed.created_at, made.created_at);
    assert_eq!(test.store.request("r"), Ok(Some(changed.clone())));
    let reset = RequestEdit {
        id: "r".to_owned(),
        body_type: Some(None),
        ..RequestEdit::default()
    };
    let reset = test.store.save_request(reset).expect("legal");
    assert_eq!((reset.body_type, reset.body), (None, changed.body));
}

#[test]
fn a_new_object_needs_its_required_fields() {
    let test = store_with(&[("a", None)]);
    type Clear = fn(&mut RequestEdit);
    let table: [(&str, Clear); 4] = [
        ("collectionId", |edit| edit.collection_id = None),
        ("name", |edit| edit.name = None),
        ("method", |edit| edit.method = None),
        ("url", |edit| edit.url = None),
    ];
    for (field, clear) in table {
        let mut edit = request("r", "a");
        clear(&mut edit);
        assert_eq!(refusal(test.store.save_request(edit)).0, field);
    }
    let nameless = CollectionEdit {
        name: None,
        ..folder("b", None)
    };
    assert_eq!(refusal(test.store.save_collection(nameless)).0, "name");
    let nameless = EnvironmentEdit {
        id: "e".to_owned(),
        ..EnvironmentEdit::default()
    };
    assert_eq!(refusal(test.store.save_environment(nameless)).0, "name");
    assert_eq!(test.store.request("r"), Ok(None));
    assert_eq!(test.store.collection("b"), Ok(None));
    assert_eq!(test.store.environments(), Ok(vec![]));
}

#[test]
fn what_is_referred_to_has_to_exist() {
    let test = store_with(&[("a", None)]);
    let (field, problem) = refusal(test.store.save_request(request("r", "no-such")));
    assert_eq!(field, "collectionId");
    assert!(problem.contains("no-such"), "{problem}");
    let (field, problem) = refusal(test.store.save_collection(folder("b", Some("no-such"))));
    assert_eq!(field, "parentId");
    assert!(problem.contains("no-such"), "{problem}");
}

#[test]
fn nothing_lies_below_itself() {
    let tree = [("a", None), ("b", Some("a")), ("c", Some("b")), ("d", None)];
    let test = store_with(&tree);
    for (id, parent) in [
        ("a", "a"),
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
        ("new", "new"),
    ] {
        let (field, problem) = refusal(test.store.save_collection(folder(id, Some(parent))));
        assert_eq!(field, "parentId", "{id} in {parent}");
        for named in [id, parent] {
            assert!(problem.contains(&format!("\"{named}\"")), "{problem}");
        }
    }
    for (id, parent) in [("c", Some("a")), ("b", Some("c")), ("a", Some("d"))] {
        let moved = test.store.save_collection(folder(id, parent));
        assert_eq!(moved.expect("no cycle").parent_id.as_deref(), parent);
    }
}

#[test]
fn collections_are_listed_by_order_age_and_id() {
    let test = TestStore::new();
    for (id, order) in [("z", 1), ("b", 0), ("c", -1), ("a", 0)] {
        let edit = CollectionEdit {
            order: Some(order),
            ..folder(id, None)
        };
        test.store.save_collection(edit).expect("legal");
    }
    let listed = test.store.collections().expect("readable");
    let mut sorted = listed.clone();
    sorted.sort_by_key(|one| (one.order, one.created_at, one.id.clone()));
    assert_eq!(listed, sorted);
    assert_eq!((listed[0].id.as_str(), listed[3].id.as_str()), ("c", "z"));
}

#[test]
fn a_deleted_collection_takes_its_tree_along_and_nothing_else() {
    let tree = [("a", None), ("b", Some("a")), ("c", Some("b")), ("d", None)];
    let test = store_with(&tree);
    for (id, collection) in [("1", "a"), ("2", "c"), ("3", "c"), ("4", "d")] {
        test.store
            .save_request(request(id, collection))
            .expect("legal");
    }
    let deleted = DeletedCollections {
        collections: 2,
        requests: 2,
    };
    assert_eq!(test.store.delete_collection("b"), Ok(Some(deleted)));
    assert_eq!(test.store.delete_collection("b"), Ok(None));
    assert_eq!(test.store.collection("c"), Ok(None));
    assert_eq!(test.store.request("2"), Ok(None));
    for (collection, requests) in [("a", 1), ("d", 1), ("c", 0)] {
        let found = test.store.requests_of(collection).expect("readable");
        assert_eq!(found.len(), requests, "{collection}");
    }
}

#[test]
fn a_tree_may_be_deeper_than_a_cascade_of_sqlite() {
    const LEVELS: usize = 1_200;
    let test = TestStore::new();
    let mut parent: Option<String> = None;
    for level in 0..LEVELS {
        let id = level.to_string();
        let made = test.store.save_collection(folder(&id, parent.as_deref()));
        made.expect("legal");
        parent = Some(id);
    }
    let below = refusal(test.store.save_collection(folder("0", parent.as_deref())));
    assert_eq!(below.0, "parentId");
    let deleted = DeletedCollections {
        collections: LEVELS,
        requests: 0,
    };
    assert_eq!(test.store.delete_collection("0"), Ok(Some(deleted)));
    assert_eq!(test.store.collections(), Ok(vec![]));
}

#[test]
fn a_refused_change_leaves_the_others_of_its_transaction() {
    let test = store_with(&[("a", None)]);
    let hold = test.hold_writer();
    let save = |edit: RequestEdit| {
        let store: Store = test.store.clone();
        thread::spawn(move || store.save_request(edit))
    };
    let saves = [
        save(request("1", "a")),
        save(request("2", "no-such")),
        save(request("3", "a")),
    ];
    drop(hold);
    let saved = saves.map(|one| one.join().expect("no panic").is_ok());
    assert_eq!(saved, [true, false, true]);
    assert_eq!(test.store.requests_of("a").expect("readable").len(), 2);
}

#[test]
fn environments_and_globals_outlive_the_store() {
    let test = TestStore::new();
    let before = test.store.globals().expect("readable");
    assert_eq!((before.variables.as_str(), before.updated_at), ("{}", 0));
    let environment = EnvironmentEdit {
        id: "e".to_owned(),
        name: Some("n".to_owned()),
        is_active: Some(true),
        variables: None,
    };
    let made = test.store.save_environment(environment).expect("legal");
    let globals = |variables: &str| GlobalsEdit {
        variables: variables.to_owned(),
    };
    let _ = test.store.save_globals(globals(r#"{"a":"1"}"#));
    let saved = test
        .store
        .save_globals(globals(r#"{"b":"2"}"#))
        .expect("written");
    let reopened = Store::open(&test.path()).expect("it exists");
    assert_eq!(reopened.environment("e"), Ok(Some(made)));
    assert_eq!(reopened.globals(), Ok(saved.clone()));
    assert_eq!(saved.variables, r#"{"b":"2"}"#);
    assert_eq!(reopened.delete_environment("e"), Ok(true));
    assert_eq!(reopened.delete_environment("e"), Ok(false));
}
