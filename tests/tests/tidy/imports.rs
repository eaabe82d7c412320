//! The rules of imports, over the graph of `graph.rs`. Imports go one way: between packages, between the modules of a
//! package, and between the files of a directory. Code of tests is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{EXEMPT, GRAPH, ModulePath, PACKAGES, Uses};
use crate::tree::{assert_none, engine_files};

/// Layers, the highest first: a module uses only those to the right of it.
const LAYERS: [(&str, &[&str]); 2] = [
    ("worker", &["engine", "shard", "exchange", "net", "runtime"]),
    (
        "control",
        &[
            "server", "api", "design", "run", "store", "contract", "machine",
        ],
    ),
];

/// Packages that only some places may use, and why.
const CONFINED: [(&str, &[&str], &str); 5] = [
    (
        "monoio",
        &["worker/runtime/ring"],
        "the ring is the one real runtime",
    ),
    (
        "diesel",
        &["control/store"],
        "the store is the one way to the database",
    ),
    (
        "hickory_resolver",
        &["control/run/resolver"],
        "the resolver asks name servers",
    ),
    (
        "actix_web",
        &["control/api", "control/server", "control/access"],
        "the rest of the control plane does not know HTTP servers",
    ),
    ("tokio", &["control"], "shards have a runtime of their own"),
];

/// Names that a place does not use, the files that may, and why.
const ABSENT: [(&str, &[&str], &str, &str); 8] = [
    (
        "shared/src/",
        &["std::thread", "Instant::now"],
        "",
        "shared is data and arithmetic",
    ),
    (
        "worker/src/",
        &["SystemTime"],
        "",
        "shards read the monotonic clock only",
    ),
    ("worker/src/", &["tracing::"], "", "shards do not log"),
    (
        "worker/src/",
        &["Mutex", "RwLock"],
        "",
        "shards do not lock",
    ),
    (
        "worker/src/",
        &["actix", "diesel"],
        "",
        "the worker knows neither REST nor a database",
    ),
    (
        "control/src/api/",
        &["StatusCode"],
        "control/src/api/error.rs",
        "one file knows the statuses of errors",
    ),
    (
        "control/src/report/",
        &["crate::api", "crate::run", "crate::store"],
        "",
        "reports are made from summaries",
    ),
    (
        "control/src/machine",
        &["crate::api", "crate::run", "crate::cli"],
        "",
        "facts of the machine do not know runs",
    ),
];

/// What a name leads to, over any number of uses.
fn reachable<'a>(graph: &Uses<'a>, name: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        let used = graph.get(name).into_iter().flat_map(BTreeMap::keys);
        open.extend(used.copied().filter(|used| found.insert(*used)));
    }
    found
}

/// The uses that are part of a cycle.
fn cyclic<'a>(graph: &'a Uses<'_>) -> Vec<(&'a str, &'a str, &'a str)> {
    let uses = graph.iter().flat_map(|(from, used)| {
        let used = used.iter();
        used.map(move |(to, items)| (*from, *to, items.as_str()))
    });
    uses.filter(|(from, to, _)| reachable(graph, to).contains(from))
        .collect()
}

#[test]
fn the_tables_name_what_exists() {
    let graph = &*GRAPH;
    let is_module = |path: &str| graph.modules.iter().any(|module| module.join("/") == path);
    let mut findings = Vec::new();
    for (package, layers) in LAYERS {
        let layers = layers.iter().map(|layer| format!("{package}/{layer}"));
        findings.extend(layers.filter(|layer| !is_module(layer)));
    }
    for (package, places, _) in CONFINED {
        let is_used = graph.external.iter().any(|(_, name)| name == package);
        findings.extend((!is_used).then(|| package.to_owned()));
        // The control plane as a whole is a place, too: a package.
        let places = places.iter().filter(|place| place.contains('/'));
        findings.extend(
            places
                .filter(|place| !is_module(place))
                .map(|place| (*place).to_owned()),
        );
    }
    for (from, to, _) in EXEMPT {
        findings.extend(
            [from, to]
                .into_iter()
                .filter(|path| !is_module(path))
                .map(str::to_owned),
        );
    }
    let files = engine_files();
    for (place, ..) in ABSENT {
        let is_there = files.iter().any(|(file, _)| file.path.starts_with(place));
        findings.extend((!is_there).then(|| place.to_owned()));
    }
    assert_none(
        findings,
        "the tables name these, which do not exist: rename or remove the rows",
    );
}

#[test]
fn packages_use_each_other_one_way() {
    let graph = &*GRAPH;
    let is_allowed = |from: &str, to: &str| {
        let known = PACKAGES.iter().find(|(name, _)| *name == from);
        from == to || known.is_some_and(|(_, allowed)| allowed.contains(&to))
    };
    let wrong = graph
        .uses
        .keys()
        .filter(|(from, to)| !is_allowed(&from[0], &to[0]));
    let findings = wrong.map(|(from, to)| format!("{} uses {}", from.join("/"), to.join("/")));
    assert_none(findings.collect(), "imports go shared <- worker <- control");
}

#[test]
fn layers_use_lower_layers_only() {
    let graph = &*GRAPH;
    let mut findings = Vec::new();
    for (package, layers) in LAYERS {
        let rank = |module: &ModulePath| {
            let layer = module.get(1).filter(|_| module[0] == package)?;
            layers.iter().position(|name| name == layer)
        };
        for (from, to) in graph.uses.keys() {
            if rank(from).zip(rank(to)).is_some_and(|(from, to)| to < from) {
                findings.push(format!("{} uses {}", from.join("/"), to.join("/")));
            }
        }
    }
    assert_none(findings, "a layer uses only those below it (LAYERS)");
}

#[test]
fn modules_of_a_directory_have_no_cycles() {
    let graph = &*GRAPH;
    let parents: BTreeSet<&[String]> = graph
        .modules
        .iter()
        .flat_map(|module| (1..module.len()).map(|length| &module[..length]))
        .collect();
    let findings = parents.into_iter().flat_map(|parent| {
        let below = graph.below(parent);
        let uses = cyclic(&below).into_iter();
        let name = |(from, to, items)| format!("{}: {from} uses {to}:{items}", parent.join("/"));
        uses.map(name).collect::<Vec<_>>()
    });
    assert_none(
        findings.collect(),
        "move what both need to a module of its own",
    );
}

#[test]
fn packages_are_used_where_they_belong() {
    let graph = &*GRAPH;
    let mut findings = Vec::new();
    for (package, places, reason) in CONFINED {
        for (module, _) in graph.external.iter().filter(|(_, name)| name == package) {
            let module = module.join("/");
            if !places.iter().any(|place| module.starts_with(place)) {
                findings.push(format!("{module} uses {package}: {reason}"));
            }
        }
    }
    assert_none(findings, "use the module that wraps the package (CONFINED)");
}

#[test]
fn names_are_absent_where_they_do_not_belong() {
    let mut findings = Vec::new();
    for (file, _) in engine_files() {
        // Unit tests beside the code are at the end of a file.
        let code = file.text.split("#[cfg(test)]\nmod tests {").next();
        for (place, names, except, reason) in ABSENT {
            if !file.path.starts_with(place) || file.path == except {
                continue;
            }
            let used = |name: &&&str| code.is_some_and(|code| code.contains(**name));
            for name in names.iter().filter(used) {
                findings.push(format!("{} uses {name}: {reason}", file.path));
            }
        }
    }
    assert_none(findings, "move the use to where it belongs (ABSENT)");
}

#[test]
fn cycles_are_found() {
    let graph = |pairs: &[(&'static str, &'static str)]| {
        let mut graph = Uses::new();
        for (from, to) in pairs {
            let uses: &mut BTreeMap<_, _> = graph.entry(from).or_default();
            uses.insert(*to, "Item".to_owned());
        }
        graph
    };
    assert_eq!(cyclic(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), []);
    let with_cycle = graph(&[("a", "b"), ("b", "c"), ("c", "b")]);
    assert_eq!(
        cyclic(&with_cycle),
        [("b", "c", "Item"), ("c", "b", "Item")]
    );
}
