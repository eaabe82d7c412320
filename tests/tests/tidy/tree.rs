//! The files of the repository, as git lists them, and their Rust syntax trees.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file of the repository.
pub struct SourceFile {
    /// Path from the root of the repository.
    pub path: String,
    pub text: String,
}

impl SourceFile {
    pub fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether the file is code of the project's tests.
    pub fn is_test(&self) -> bool {
        let name = self.path.trim_end_matches(".rs");
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || name.ends_with("tests")
            || name.ends_with("/testing")
    }
}

pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the workspace").to_owned()
}

/// All text files that git tracks or would track. Inputs of fuzz targets and lock files are data: they are left out.
pub fn files() -> Vec<SourceFile> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository");
    assert!(listed.status.success(), "git ls-files: {listed:?}");
    let listed = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let is_data = |path: &str| path.starts_with("tests/fuzz/corpus/") || path.ends_with(".lock");
    let paths = listed.lines().filter(|path| !is_data(path));
    // A file that was deleted and not committed yet is still listed; a binary file is not UTF-8.
    let read = paths.filter_map(|path| {
        let text = fs::read_to_string(root().join(path)).ok()?;
        let path = path.to_owned();
        Some(SourceFile { path, text })
    });
    let files: Vec<SourceFile> = read.collect();
    assert!(files.len() > 500, "git lists {} files only", files.len());
    files
}

/// The files with an extension.
pub fn files_with(extension: &str) -> Vec<SourceFile> {
    let files = files().into_iter();
    files.filter(|file| file.extension() == extension).collect()
}

/// The Rust files of the workspace and their syntax trees.
pub fn rust_files() -> Vec<(SourceFile, syn::File)> {
    let parse = |file: SourceFile| {
        let tree = syn::parse_file(&file.text);
        let tree = tree.unwrap_or_else(|error| panic!("{}: {error}", file.path));
        (file, tree)
    };
    files_with("rs").into_iter().map(parse).collect()
}

/// The Rust files of the engine, without those of its tests and without items for tests.
pub fn engine_files() -> Vec<(SourceFile, syn::File)> {
    const PACKAGES: [&str; 3] = ["shared/src/", "worker/src/", "control/src/"];
    let is_engine = |file: &SourceFile| {
        let mut packages = PACKAGES.iter();
        packages.any(|package| file.path.starts_with(package))
    };
    let mut files = rust_files();
    files.retain(|(file, _)| is_engine(file));
    let of_tests: Vec<String> = files.iter().flat_map(test_modules).collect();
    let is_test = |file: &SourceFile| {
        let stem = file.path.trim_end_matches(".rs");
        let below = |of: &String| stem.strip_prefix(of.as_str()).is_some_and(is_end);
        file.is_test() || of_tests.iter().any(below)
    };
    files.retain(|(file, _)| !is_test(file));
    files.iter_mut().for_each(|(_, tree)| remove_tests(tree));
    files
}

fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// The modules that a file declares for tests (`#[cfg(test)] mod simulation;`), as paths without an extension.
fn test_modules((file, tree): &(SourceFile, syn::File)) -> Vec<String> {
    let directory = module_directory(&file.path);
    let declared = tree.items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) if is_test_only(&item.attrs) => {
            Some(format!("{directory}/{}", item.ident))
        }
        _ => None,
    });
    declared.collect()
}

/// Whether Cargo or a `mod` of its directory finds a Rust file by its place: its modules are beside it.
pub fn is_entry(path: &str) -> bool {
    const NAMES: [&str; 3] = ["/lib.rs", "/main.rs", "/mod.rs"];
    NAMES.iter().any(|name| path.ends_with(name))
        || ["/bin/", "/examples/", "/fuzz_targets/"]
            .iter()
            .any(|part| path.contains(part))
        || is_directly_below(path, "tests/tests/")
        || is_directly_below(path, "benches/benches/")
        || is_directly_below(path, "benches/")
        || is_directly_below(path, "benches/origin/tests/")
}

fn is_directly_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| !rest.contains('/'))
}

/// The directory of the modules that a file declares.
pub fn module_directory(path: &str) -> &str {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    match stem.rsplit_once('/') {
        Some((directory, _)) if is_entry(path) => directory,
        _ => stem,
    }
}

/// Removes the items that exist in tests only.
pub fn remove_tests(tree: &mut syn::File) {
    tree.items.retain(|item| !is_test_only(attributes_of(item)));
}

fn attributes_of(item: &syn::Item) -> &[syn::Attribute] {
    use syn::Item;
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

/// Whether an item exists in tests only: `#[cfg(test)]`.
pub fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Fails with all findings, one per line.
pub fn assert_none(findings: Vec<String>, remedy: &str) {
    assert!(findings.is_empty(), "{remedy}\n{}", findings.join("\n"));
}
