//! Which module uses which, read from `use` items and from paths in code. A use through a re-export is one of the
//! module that defines the item.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ImplItem, UseTree};

use crate::tree::{engine_files, is_test_only, module_directory};

/// The packages, and which others each may use.
pub const PACKAGES: [(&str, &[&str]); 3] = [
    ("shared", &[]),
    ("worker", &["shared"]),
    ("control", &["shared", "worker"]),
];

/// A use that closes a cycle on purpose, and why: the module, what it uses, the reason.
pub const EXEMPT: [(&str, &str, &str); 1] = [(
    "worker/shard/run",
    "worker/shard/vu",
    "a run starts its virtual users, which then work on the run",
)];

/// A module as the names that lead to it, the package first: `["worker", "shard", "run"]`.
pub type ModulePath = Vec<String>;

/// For each name, the names it uses, and which items of theirs.
pub type Uses<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

/// Uses of a package: from a module, of a module or of an external package.
pub struct Graph {
    pub modules: BTreeSet<ModulePath>,
    /// Pairs of a module and what it uses, with the names of the items.
    pub uses: BTreeMap<(ModulePath, ModulePath), BTreeSet<String>>,
    /// Pairs of a module and the first name of a path that leads out of the workspace.
    pub external: BTreeSet<(ModulePath, String)>,
    /// What a module imports, by name: the path of the item. A use of `run::StopSwitch` is one of the module that
    /// defines it.
    imported: BTreeMap<(ModulePath, String), Vec<String>>,
}

/// The graph of the engine, read once.
pub static GRAPH: LazyLock<Graph> = LazyLock::new(Graph::new);

/// The module that a file of the engine is.
fn module_of(path: &str) -> ModulePath {
    let parts = module_directory(path).split('/');
    parts
        .enumerate()
        // The directory `src` of the package is no module.
        .filter(|(depth, _)| *depth != 1)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Collects the paths of one module, as lists of names.
struct Paths {
    found: Vec<Vec<String>>,
    uses: Vec<Vec<String>>,
}

impl Paths {
    fn of(tree: &syn::File) -> Self {
        let mut paths = Self {
            found: Vec::new(),
            uses: Vec::new(),
        };
        paths.visit_file(tree);
        paths
    }

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

impl<'tree> Visit<'tree> for Paths {
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
        let paths: Vec<_> = engine_files()
            .iter()
            .map(|(file, tree)| (module_of(&file.path), Paths::of(tree)))
            .collect();
        let mut graph = Self {
            modules: paths.iter().map(|(module, _)| module.clone()).collect(),
            uses: BTreeMap::new(),
            external: BTreeSet::new(),
            imported: BTreeMap::new(),
        };
        for (module, paths) in &paths {
            for path in &paths.uses {
                graph.add_import(module, path);
            }
        }
        for (module, paths) in &paths {
            for path in paths.found.iter().chain(&paths.uses) {
                graph.add(module, path);
            }
        }
        graph
    }

    fn add_import(&mut self, module: &ModulePath, path: &[String]) {
        if let (Some(absolute), Some(name)) = (self.absolute(module, path), path.last()) {
            let own = [module.as_slice(), std::slice::from_ref(name)].concat();
            if absolute != own {
                self.imported
                    .insert((module.clone(), name.clone()), absolute);
            }
        }
    }

    /// The module that a path leads to, and the item in it, through imports of the modules on its way.
    fn module_of_item(&self, path: Vec<String>) -> Option<(ModulePath, Option<String>)> {
        let mut path = path;
        // Imports of a module from each other would be a cycle of names, which does not compile.
        for _ in 0..16 {
            let mut lengths = (1..=path.len()).rev();
            let length = lengths.find(|length| self.modules.contains(&path[..*length]))?;
            let module = path[..length].to_vec();
            let Some(item) = path.get(length).cloned() else {
                return Some((module, None));
            };
            match self.imported.get(&(module.clone(), item.clone())) {
                Some(target) => path = [target, &path[length + 1..]].concat(),
                None => return Some((module, Some(item))),
            }
        }
        None
    }

    fn add(&mut self, module: &ModulePath, path: &[String]) {
        // A package of the workspace that is not one of the engine's: no module of the graph.
        let package = path[0].strip_prefix("vayu_").filter(|_| path.len() > 1);
        let is_known = |name: &str| PACKAGES.iter().any(|(known, _)| *known == name);
        if let Some(package) = package.filter(|package| !is_known(package)) {
            self.uses
                .entry((module.clone(), vec![package.to_owned()]))
                .or_default();
        }
        let Some(absolute) = self.absolute(module, path) else {
            if path.len() > 1 {
                self.external.insert((module.clone(), path[0].clone()));
            }
            return;
        };
        let Some((used, item)) = self.module_of_item(absolute) else {
            return;
        };
        let is_exempt = |used: &ModulePath| {
            let pair = (module.join("/"), used.join("/"));
            EXEMPT
                .iter()
                .any(|(from, to, _)| *from == pair.0 && *to == pair.1)
        };
        if used != *module && !is_exempt(&used) {
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
    pub fn below(&self, parent: &[String]) -> Uses<'_> {
        let depth = parent.len();
        let is_below = |module: &ModulePath| module.len() > depth && module.starts_with(parent);
        let mut graph = Uses::new();
        let inside = self.uses.iter();
        for ((from, to), items) in inside.filter(|((from, to), _)| is_below(from) && is_below(to)) {
            let (from, to) = (from[depth].as_str(), to[depth].as_str());
            if from != to {
                let uses = graph.entry(from).or_default();
                let known = uses.entry(to).or_default();
                items.iter().for_each(|item| *known += &format!(" {item}"));
            }
        }
        graph
    }
}
