//! Which module uses which, read from `use` items and from paths in code. Imports go one way: between packages,
//! between the modules of a package, and between the files of a directory. Code of tests is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ImplItem, Item, UseTree};

use crate::tree::{assert_none, engine_files, is_test_only};

/// The packages, and which others each may use.
const PACKAGES: [(&str, &[&str]); 3] = [
    ("shared", &[]),
    ("worker", &["shared"]),
    ("control", &["shared", "worker"]),
];

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

/// A use that closes a cycle on purpose, and why: the module, what it uses, the reason.
const EXEMPT: [(&str, &str, &str); 1] = [(
    "worker/shard/run",
    "worker/shard/vu",
    "a run starts its virtual users, which then work on the run",
)];

/// A module as the names that lead to it, the package first: `["worker", "shard", "run"]`.
type ModulePath = Vec<String>;

/// For each name, the names it uses, and which items of theirs.
type Uses<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

/// Uses of a package: from a module, of a module or of an external package.
struct Graph {
    modules: BTreeSet<ModulePath>,
    /// Pairs of a module and what it uses, with the names of the items.
    uses: BTreeMap<(ModulePath, ModulePath), BTreeSet<String>>,
    /// Pairs of a module and the first name of a path that leads out of the workspace.
    external: BTreeSet<(ModulePath, String)>,
}

/// The module that a file is.
fn module_of(path: &str) -> Option<ModulePath> {
    let (package, inner) = path.split_once("/src/")?;
    let is_package = PACKAGES.iter().any(|(name, _)| *name == package);
    let inner = inner.strip_suffix(".rs").filter(|_| is_package)?;
    let mut module = vec![package.to_owned()];
    module.extend(inner.split('/').map(str::to_owned));
    if matches!(inner.rsplit('/').next(), Some("lib" | "mod" | "main")) {
        module.pop();
    }
    Some(module)
}

/// Collects the paths of one module, as lists of names.
struct Paths {
    found: Vec<Vec<String>>,
    uses: Vec<Vec<String>>,
}

impl Paths {
    fn add_use(&mut self, prefix: &[String], tree: &UseTree) {
        let mut path = prefix.to_vec();
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.add_use(&path, &step.tree);
            }
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|tree| self.add_use(prefix, tree)),
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.uses.push(path);
            }
            UseTree::Rename(name) => {
                path.push(name.ident.to_string());
                self.uses.push(path);
            }
            UseTree::Glob(_) => self.uses.push(path),
        }
    }

    /// Paths in the arguments of macros, which are no syntax tree.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        path.clear();
                    }
                    path.push(name.to_string());
                    self.found.push(path.clone());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.add_tokens(group.stream());
                    path.clear();
                }
                _ => path.clear(),
            }
        }
    }
}

fn attributes_of(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

impl<'tree> Visit<'tree> for Paths {
    fn visit_item(&mut self, item: &'tree Item) {
        if !is_test_only(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'tree ImplItem) {
        let is_test = matches!(item, ImplItem::Fn(function) if is_test_only(&function.attrs));
        if !is_test {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'tree syn::ItemUse) {
        self.add_use(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'tree syn::Path) {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.found.push(names.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'tree syn::Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

impl Graph {
    fn new() -> Self {
        let files = engine_files();
        let known: Vec<_> = files
            .iter()
            .filter_map(|(file, tree)| Some((module_of(&file.path)?, tree)))
            .collect();
        let mut graph = Self {
            modules: known.iter().map(|(module, _)| module.clone()).collect(),
            uses: BTreeMap::new(),
            external: BTreeSet::new(),
        };
        for (module, tree) in known {
            let mut paths = Paths {
                found: Vec::new(),
                uses: Vec::new(),
            };
            paths.visit_file(tree);
            for path in paths.found.iter().chain(&paths.uses) {
                graph.add(&module, path);
            }
        }
        graph
    }

    fn add(&mut self, module: &ModulePath, path: &[String]) {
        let Some(absolute) = self.absolute(module, path) else {
            if path.len() > 1 {
                self.external.insert((module.clone(), path[0].clone()));
            }
            return;
        };
        let lengths = (1..=absolute.len()).rev();
        let mut prefixes = lengths.map(|length| absolute[..length].to_vec());
        let used = prefixes.find(|prefix| self.modules.contains(prefix));
        let is_exempt = |used: &ModulePath| {
            let pair = (module.join("/"), used.join("/"));
            EXEMPT
                .iter()
                .any(|(from, to, _)| *from == pair.0 && *to == pair.1)
        };
        if let Some(used) = used.filter(|used| used != module && !is_exempt(used)) {
            let item = absolute.get(used.len()).cloned();
            let items = self.uses.entry((module.clone(), used)).or_default();
            items.extend(item);
        }
    }

    /// The path from the root of the workspace; nothing where it leads out of it.
    fn absolute(&self, module: &ModulePath, path: &[String]) -> Option<Vec<String>> {
        let first = path.first()?;
        if let Some(package) = first.strip_prefix("vayu_") {
            return Some([&[package.to_owned()], &path[1..]].concat());
        }
        if first == "crate" {
            return Some([&module[..1], &path[1..]].concat());
        }
        let parents = path.iter().take_while(|name| *name == "super").count();
        if parents > 0 {
            let kept = module.len().saturating_sub(parents);
            return Some([&module[..kept], &path[parents..]].concat());
        }
        let rest = if first == "self" { &path[1..] } else { path };
        let child = [module.as_slice(), rest].concat();
        let is_known = first == "self" || self.modules.contains(&child[..=module.len()]);
        is_known.then_some(child)
    }

    /// The graph of the modules directly below one: which uses which, by itself or by one below it.
    fn below(&self, parent: &[String]) -> Uses<'_> {
        let name = |module: &'_ ModulePath| -> Option<usize> {
            (module.len() > parent.len() && module.starts_with(parent)).then_some(parent.len())
        };
        let mut graph = Uses::new();
        for ((from, to), items) in &self.uses {
            let (Some(from_place), Some(to_place)) = (name(from), name(to)) else {
                continue;
            };
            let (from, to) = (from[from_place].as_str(), to[to_place].as_str());
            if from != to {
                let uses = graph.entry(from).or_default();
                let known = uses.entry(to).or_default();
                items.iter().for_each(|item| *known += &format!(" {item}"));
            }
        }
        graph
    }
}

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
fn packages_use_each_other_one_way() {
    let graph = Graph::new();
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
    let graph = Graph::new();
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
    let graph = Graph::new();
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
    let graph = Graph::new();
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
