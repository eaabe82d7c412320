//! XML for scripts: parses a text to a tree that JSON can express. The libraries that read the tree
//! (`xml2js`, `xml2Json`) decide what becomes of it.

use roxmltree::{Document, Node, ParsingOptions};
use rquickjs::{Ctx, Object, Result};
use serde_json::{Value, json};

use super::functions::{define, throw};

/// Maximum depth of elements, because their readers recurse.
const MAX_DEPTH: usize = 200;
/// Maximum nodes of a text.
const MAX_NODES: u32 = 1_000_000;

/// Defines `xml` in `host`.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_xml(host: &Object<'_>) -> Result<()> {
    define(host, "xml", |ctx: Ctx<'_>, text: String| {
        tree(&text).map_err(|words| throw(&ctx, &words))
    })
}

/// Returns the root element as JSON: an element is its name, its attributes and its children; a text is a
/// string.
fn tree(text: &str) -> std::result::Result<String, String> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let place = error.pos();
        format!("{error} at line {}, column {}", place.row, place.col)
    })?;
    element(&document, document.root_element(), 0).map(|tree| tree.to_string())
}

fn element(
    document: &Document<'_>,
    node: Node<'_, '_>,
    depth: usize,
) -> std::result::Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "elements are nested more than {MAX_DEPTH} levels deep"
        ));
    }
    let attributes = namespaces(node)
        .into_iter()
        .chain(node.attributes().map(|attribute| {
            let name = &document.input_text()[attribute.range_qname()];
            (name.to_owned(), attribute.value().to_owned())
        }));
    let attributes: Vec<Value> = attributes
        .map(|(name, value)| json!([name, value]))
        .collect();
    let mut children = Vec::new();
    for child in node.children() {
        if child.is_element() {
            children.push(element(document, child, depth + 1)?);
        } else if let Some(text) = child.text().filter(|_| child.is_text()) {
            children.push(Value::from(text));
        }
    }
    Ok(json!([
        qualified_name(document, node),
        attributes,
        children
    ]))
}

/// Returns the name as written, with its prefix.
fn qualified_name<'a>(document: &'a Document<'_>, node: Node<'_, '_>) -> &'a str {
    let written = &document.input_text()[node.range()];
    let name = written.trim_start_matches('<');
    let end = name.find(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '>'));
    &name[..end.unwrap_or(name.len())]
}

/// Returns the namespaces that an element declares, as attributes.
fn namespaces(node: Node<'_, '_>) -> Vec<(String, String)> {
    let parent = node.parent_element();
    let known = |name: Option<&str>, uri: &str| {
        let mut above = parent.iter().flat_map(|parent| parent.namespaces());
        above.any(|namespace| namespace.name() == name && namespace.uri() == uri)
    };
    let own = node.namespaces();
    let own = own.filter(|namespace| {
        namespace.name() != Some("xml") && !known(namespace.name(), namespace.uri())
    });
    own.map(|namespace| {
        let name = match namespace.name() {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        (name, namespace.uri().to_owned())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn a_text_becomes_a_tree() {
        for (text, expected) in [
            ("<a/>", r#"["a",[],[]]"#),
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<a x=\"1\" y='&lt;'>t<b>&amp;</b><!-- no --></a>",
                r#"["a",[["x","1"],["y","<"]],["t",["b",[],["&"]]]]"#,
            ),
            (
                "<s:a xmlns:s=\"u\" s:x=\"1\"><s:b/></s:a>",
                r#"["s:a",[["xmlns:s","u"],["s:x","1"]],[["s:b",[],[]]]]"#,
            ),
            ("<a><![CDATA[<x>]]></a>", r#"["a",[],["<x>"]]"#),
        ] {
            assert_eq!(tree(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_xml_is_told_with_its_place() {
        for text in [
            "<a>",
            "{}",
            "",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        ] {
            let error = tree(text).expect_err("no XML");
            assert!(
                error.contains("line") && error.contains("column"),
                "{text}: {error}"
            );
        }
        let deep = "<a>".repeat(1_000) + &"</a>".repeat(1_000);
        assert!(tree(&deep).is_err());
    }
}
