//! Files that nothing refers to: Rust files outside of the module tree, JavaScript that no module requires, scripts and
//! pages that no other file names.

use std::collections::BTreeSet;

use syn::{Item, ItemMod};

use crate::tree::{
    SourceFile, assert_none, files, files_with, is_entry, module_directory, rust_files,
};

/// Where the modules that a file declares may be.
fn children(path: &str, tree: &syn::File) -> Vec<String> {
    let (directory, _) = path.rsplit_once('/').unwrap_or_default();
    let own = module_directory(path);
    let mut found = Vec::new();
    let mut add = |module: &ItemMod| {
        let path = module
            .attrs
            .iter()
            .find(|attribute| attribute.path().is_ident("path"));
        if let Some(syn::Meta::NameValue(named)) = path.map(|attribute| &attribute.meta)
            && let syn::Expr::Lit(literal) = &named.value
            && let syn::Lit::Str(given) = &literal.lit
        {
            found.push(format!("{directory}/{}", given.value()));
        }
        found.push(format!("{own}/{}.rs", module.ident));
        found.push(format!("{own}/{}/mod.rs", module.ident));
    };
    for item in &tree.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
        {
            add(module);
        }
    }
    found
}

#[test]
fn rust_files_are_modules() {
    let files = rust_files();
    let declared: BTreeSet<String> = files
        .iter()
        .flat_map(|(file, tree)| children(&file.path, tree))
        .map(|path| path.replace("/./", "/"))
        .collect();
    let dead = files.iter().map(|(file, _)| &file.path);
    let dead = dead.filter(|path| !is_entry(path) && !declared.contains(*path));
    assert_none(dead.cloned().collect(), "no `mod` declares these files");
}

#[test]
fn javascript_is_required() {
    const ROOT: &str = "worker/src/script/js/";
    let files = files_with("js");
    let users: Vec<SourceFile> = files_with("rs")
        .into_iter()
        .chain(files_with("js"))
        .collect();
    // By its whole name, or by its last one in a file of the same directory.
    let is_used = |path: &str, module: &str| {
        let (directory, name) = module.rsplit_once('/').unwrap_or(("", module));
        let (full, whole, last) = (
            format!("'vayu:{module}'"),
            format!("'{module}'"),
            format!("'{name}'"),
        );
        let inside = format!("{ROOT}{directory}/");
        users.iter().filter(|user| user.path != path).any(|user| {
            user.text.contains(&full)
                || user.text.contains(&whole)
                || user.path.starts_with(&inside) && user.text.contains(&last)
        })
    };
    let is_dead = |file: &&SourceFile| {
        let name = file.path.strip_prefix(ROOT);
        let module = name.and_then(|name| name.strip_suffix(".js"));
        module.is_some_and(|module| !is_used(&file.path, module))
    };
    let dead = files.iter().filter(is_dead).map(|file| file.path.clone());
    assert_none(dead.collect(), "no module requires these files");
}

/// Files that people or tools look for by their name.
const KNOWN: [&str; 6] = [
    "README.md",
    "LICENSE",
    "Cargo.toml",
    ".gitignore",
    ".dockerignore",
    "deny.toml",
];

#[test]
fn other_files_are_named_by_others() {
    let files = files();
    let mut findings = Vec::new();
    for file in &files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let is_code = matches!(file.extension(), "rs" | "js");
        // Migrations and cases of tests are found by their directory; decisions by theirs.
        let is_listed = [
            "migrations/",
            "tests/cases/",
            "docs/decisions/",
            "tests/differential/cases/",
        ]
        .iter()
        .any(|directory| file.path.starts_with(directory));
        if is_code || is_listed || KNOWN.contains(&name) || file.path.starts_with('.') {
            continue;
        }
        let is_named = files
            .iter()
            .any(|other| other.path != file.path && other.text.contains(name));
        if !is_named {
            findings.push(file.path.clone());
        }
    }
    assert_none(
        findings,
        "no other file names these: delete them or link to them",
    );
}
