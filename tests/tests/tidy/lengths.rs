//! How long lines, files and functions may be, for each type of file, and that files of code have a head.

use syn::visit::{self, Visit};

use crate::tree::{SourceFile, assert_none, files, remove_tests, rust_files};

/// Maximum characters of a line.
const MAX_LINE_CHARS: usize = 120;
/// Maximum lines of a file of code.
const MAX_FILE_LINES: usize = 450;
/// Maximum lines of a function. Functions of tests may be longer: their tables are.
const MAX_FUNCTION_LINES: usize = 70;

/// Extensions of files whose lines are limited.
const WITH_LINES: [&str; 12] = [
    "rs", "js", "mjs", "py", "sh", "md", "toml", "sql", "c", "service", "default", "",
];
/// Extensions of files that are limited as a whole.
const CODE: [&str; 5] = ["rs", "js", "mjs", "py", "sh"];

/// Whether a line may be longer: tables and links of Markdown cannot be wrapped, strings
/// should not.
fn may_be_long(file: &SourceFile, line: &str) -> bool {
    let line = line.trim_start();
    let mark = match file.extension() {
        "rs" | "js" | "mjs" => "//",
        _ => "# ",
    };
    if file.extension() != "md" && line.starts_with(mark) {
        return line.contains("://");
    }
    match file.extension() {
        "md" => line.starts_with('|') || !line.contains(' ') || line.contains("](http"),
        "rs" | "py" | "sh" | "toml" => line.contains(['"', '\'']) || line.contains("://"),
        "js" | "mjs" => line.contains(['\'', '/', '`']),
        _ => line.contains("://"),
    }
}

#[test]
fn lines_fit_a_screen() {
    let mut findings = Vec::new();
    for file in files() {
        let is_data = ["LICENSE", "tests/differential/cases/"]
            .iter()
            .any(|start| file.path.starts_with(start));
        if !WITH_LINES.contains(&file.extension()) || is_data {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            let length = line.chars().count();
            if length > MAX_LINE_CHARS && !may_be_long(&file, line) {
                findings.push(format!("{}:{}: {length} characters", file.path, number + 1));
            }
        }
    }
    assert_none(findings, "wrap these lines at 120 characters");
}

#[test]
fn files_stay_small_and_have_a_head() {
    let mut findings = Vec::new();
    for file in files() {
        let lines = file.text.lines().count();
        if CODE.contains(&file.extension()) && lines > MAX_FILE_LINES {
            findings.push(format!("{}: {lines} lines; split it", file.path));
        }
        let has_head = match file.extension() {
            "rs" => file.text.starts_with("//!") || file.text.starts_with("#!["),
            "js" | "mjs" => file.text.starts_with("//"),
            "sh" | "py" => file.text.lines().take(2).any(is_head_line),
            "sql" => file.text.starts_with("--"),
            _ => true,
        };
        if !has_head {
            findings.push(format!("{}: say at the top what it is for", file.path));
        }
    }
    assert_none(findings, "files of code have at most 450 lines and a head");
}

fn is_head_line(line: &str) -> bool {
    (line.starts_with('#') && !line.starts_with("#!")) || line.starts_with("\"\"\"")
}

/// Functions of a file that have too many lines.
struct LongFunctions {
    found: Vec<(usize, usize)>,
}

impl LongFunctions {
    /// Counts from the signature to the closing brace: without docs and attributes.
    fn check(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let last = block.brace_token.span.close().end().line;
        let lines = last - first + 1;
        if lines > MAX_FUNCTION_LINES {
            self.found.push((first, lines));
        }
    }
}

impl<'tree> Visit<'tree> for LongFunctions {
    fn visit_item_fn(&mut self, item: &'tree syn::ItemFn) {
        self.check(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'tree syn::ImplItemFn) {
        self.check(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

fn long_functions(tree: &syn::File) -> Vec<(usize, usize)> {
    let mut visitor = LongFunctions { found: Vec::new() };
    visitor.visit_file(tree);
    visitor.found
}

#[test]
fn functions_fit_a_screen() {
    let mut findings = Vec::new();
    for (file, mut tree) in rust_files() {
        if file.is_test() {
            continue;
        }
        remove_tests(&mut tree);
        for (line, lines) in long_functions(&tree) {
            findings.push(format!("{}:{line}: {lines} lines", file.path));
        }
    }
    assert_none(findings, "split these functions: at most 70 lines");
}

#[test]
fn long_functions_are_found() {
    let text = |lines: usize| format!("/// Docs.\nfn a() {{\n{}}}\n", "    b();\n".repeat(lines));
    let found = |lines| long_functions(&syn::parse_file(&text(lines)).expect("Rust"));
    assert_eq!(found(MAX_FUNCTION_LINES - 2), []);
    assert_eq!(found(MAX_FUNCTION_LINES - 1), [(2, MAX_FUNCTION_LINES + 1)]);
}
