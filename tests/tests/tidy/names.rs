//! A type has a name of its own: no other public type of the engine's packages has it.

use std::collections::BTreeMap;

use syn::Visibility;
use syn::visit::Visit;

use crate::tree::{assert_none, engine_files};

/// Types with two implementations on purpose: one on the ring, one simulated, and one that is either.
const RUNTIME: &str = "worker/src/runtime/";

/// Names of types that other modules can use, with their lines.
struct Types {
    found: Vec<(String, usize)>,
}

impl Types {
    fn add(&mut self, visibility: &Visibility, name: &syn::Ident) {
        if !matches!(visibility, Visibility::Inherited) {
            self.found
                .push((name.to_string(), name.span().start().line));
        }
    }
}

impl<'tree> Visit<'tree> for Types {
    fn visit_item_struct(&mut self, item: &'tree syn::ItemStruct) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_enum(&mut self, item: &'tree syn::ItemEnum) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_trait(&mut self, item: &'tree syn::ItemTrait) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_type(&mut self, item: &'tree syn::ItemType) {
        self.add(&item.vis, &item.ident);
    }

    fn visit_item_union(&mut self, item: &'tree syn::ItemUnion) {
        self.add(&item.vis, &item.ident);
    }
}

#[test]
fn types_have_names_of_their_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, tree) in engine_files() {
        if file.path.starts_with(RUNTIME) {
            continue;
        }
        let mut types = Types { found: Vec::new() };
        types.visit_file(&tree);
        for (name, line) in types.found {
            places
                .entry(name)
                .or_default()
                .push(format!("{}:{line}", file.path));
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    let findings = twice.map(|(name, places)| format!("{name}: {}", places.join(", ")));
    assert_none(
        findings.collect(),
        "rename all but one of these types, or make them private to their file",
    );
}
