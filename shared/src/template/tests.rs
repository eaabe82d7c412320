//! Tests the variable rules as a table, their limits, and properties over arbitrary texts. Values of dynamic
//! variables are tested in `dynamic`.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Variables from a list, in place of the caller's scopes.
struct Listed(BTreeMap<String, String>);

impl Listed {
    fn new(list: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Self(list.iter().map(owned).collect())
    }
}

impl Variables for Listed {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

fn compile(text: &str, variables: &Listed) -> (Template, Vec<String>) {
    let mut unresolved = BTreeSet::new();
    let template = Template::compile(text, variables, &mut unresolved);
    (template, unresolved.into_iter().collect())
}

fn rendered(template: &Template) -> String {
    template.render_text(&mut DynamicSource::new(1), 1_767_436_200_123_000_000)
}

fn variables() -> Listed {
    Listed::new(&[
        ("host", "127.0.0.1"),
        ("stage", "dev"),
        ("host_dev", "dev.test"),
        ("url", "http://{{host}}/{{stage}}"),
        ("empty", ""),
        (" padded ", "as written"),
        ("padded", "trimmed"),
        ("name with spaces", "spaces"),
        ("ключ", "значение"),
        ("ping", "{{pong}}"),
        ("pong", "{{ping}}"),
        ("self", "<{{self}}>"),
        ("opening", "{{"),
        ("$randomInt", "mine"),
        ("$mine", "own"),
    ])
}

/// A text, its expected output, and the expected unresolved names.
type Case<'a> = (&'a str, &'a str, &'a [&'a str]);

fn check(table: &[Case<'_>]) {
    for (text, expected, listed) in table {
        let (template, unresolved) = compile(text, &variables());
        assert_eq!(template.constant(), Some(*expected), "{text}");
        assert_eq!(rendered(&template), *expected, "{text}");
        assert_eq!(unresolved, *listed, "{text}");
    }
}

#[test]
fn known_variables_are_substituted() {
    check(&[
        ("", "", &[]),
        ("plain", "plain", &[]),
        ("{{host}}", "127.0.0.1", &[]),
        ("a{{host}}b{{stage}}c", "a127.0.0.1bdevc", &[]),
        ("{{host_{{stage}}}}", "dev.test", &[]),
        ("{{url}}/x", "http://127.0.0.1/dev/x", &[]),
        ("[{{empty}}]", "[]", &[]),
        ("{{empty}}", "", &[]),
        // Whitespace: looked up as written first, then trimmed.
        ("{{ padded }}", "as written", &[]),
        ("{{  padded}}", "trimmed", &[]),
        ("{{ host }}", "127.0.0.1", &[]),
        ("{{name with spaces}}", "spaces", &[]),
        ("{{ключ}}", "значение", &[]),
        // A user variable shadows a dynamic one.
        ("{{$randomInt}}{{$mine}}", "mineown", &[]),
    ]);
}

#[test]
fn what_has_no_value_stays_as_typed_and_is_listed() {
    let deep = format!("{}{{{{self}}}}{}", "<".repeat(20), ">".repeat(20));
    check(&[
        (
            "{{no}}/{{ an }}/{{no}}",
            "{{no}}/{{ an }}/{{no}}",
            &["an", "no"],
        ),
        ("{{host_{{no}}}}", "{{host_{{no}}}}", &["no"]),
        (
            "{{$unknownDynamic}}",
            "{{$unknownDynamic}}",
            &["$unknownDynamic"],
        ),
        ("{{$GUID}}", "{{$GUID}}", &["$GUID"]),
        // Cycles terminate.
        ("{{ping}}", "{{ping}}", &["ping"]),
        ("{{self}}", &deep, &["self"]),
    ]);
}

#[test]
fn braces_that_hold_no_name_are_text() {
    check(&[
        ("{{}}", "{{}}", &[]),
        ("{{ }}", "{{ }}", &[]),
        ("{{host", "{{host", &[]),
        ("host}}", "host}}", &[]),
        ("{host}", "{host}", &[]),
        ("{{ho{st}}", "{{ho{st}}", &[]),
        ("{{ho}st}}", "{{ho}st}}", &[]),
        ("}}{{host}}{{", "}}127.0.0.1{{", &[]),
        ("{{{host}}}", "{127.0.0.1}", &[]),
        ("{{{{host}}}}", "{{127.0.0.1}}", &["127.0.0.1"]),
        (r#"{"a":{"b":{{host}}}}"#, r#"{"a":{"b":127.0.0.1}}"#, &[]),
        // A value may contain braces that form a name only with the surrounding text.
        ("{{opening}}host}}", "127.0.0.1", &[]),
    ]);
}

#[test]
fn dynamic_variables_are_parts() {
    let table: &[(&str, &str)] = &[
        ("{{$timestamp}}", "1767436200"),
        ("<{{ $timestamp }}>", "<1767436200>"),
        (
            "{{$timestamp}}{{$isoTimestamp}}",
            "17674362002026-01-03T10:30:00.123Z",
        ),
        ("{{now}}", "at 1767436200!"),
        ("{{{$timestamp}}}", "{1767436200}"),
        ("a{{b{{$timestamp}}c", "a{{b1767436200c"),
    ];
    let variables = Listed::new(&[("now", "at {{$timestamp}}!")]);
    for (text, expected) in table {
        let (template, unresolved) = compile(text, &variables);
        assert_eq!(template.constant(), None, "{text}");
        assert_eq!(rendered(&template), *expected, "{text}");
        assert!(unresolved.is_empty(), "{text}: {unresolved:?}");
    }
}

#[test]
fn a_name_that_holds_a_dynamic_variable_is_listed() {
    let (template, unresolved) = compile("{{at_{{$timestamp}}}} {{no}}", &Listed::new(&[]));
    assert_eq!(rendered(&template), "{{at_1767436200}} {{no}}");
    assert_eq!(unresolved, ["at_{{$timestamp}}", "no"]);
}

#[test]
fn neighbouring_texts_are_one_part() {
    let (template, _) = compile("a{{stage}}b{{no}}c{{$guid}}d{{stage}}", &variables());
    let kinds: Vec<_> = template
        .parts
        .iter()
        .map(|part| matches!(part, Part::Text(_)))
        .collect();
    assert_eq!(kinds, [true, false, true]);
}

#[test]
fn each_rendering_has_fresh_values_and_is_appended() {
    let (template, _) = compile("{{$guid}}", &variables());
    let mut source = DynamicSource::new(7);
    let mut out = b"x".to_vec();
    template.render(&mut source, 0, &mut out);
    template.render(&mut source, 0, &mut out);
    assert_eq!(out.len(), 1 + 2 * 36);
    assert_ne!(out[1..37], out[37..]);
}

#[test]
fn unresolved_names_are_added_to_those_of_before() {
    let mut unresolved = BTreeSet::from(["before".to_owned()]);
    let _ = Template::compile("{{after}}", &variables(), &mut unresolved);
    assert_eq!(
        unresolved.into_iter().collect::<Vec<_>>(),
        ["after", "before"]
    );
}

#[test]
fn the_deepest_chain_has_twenty_links() {
    let links: Vec<_> = (0..21)
        .map(|link| (format!("v{link}"), format!("{{{{v{}}}}}", link + 1)))
        .collect();
    let chain = Listed(
        links
            .into_iter()
            .chain([("v21".into(), "end".into())])
            .collect(),
    );
    let (template, unresolved) = compile("{{v2}}", &chain);
    assert_eq!(template.constant(), Some("end"));
    assert!(unresolved.is_empty());
    let (template, unresolved) = compile("{{v1}}", &chain);
    assert_eq!(template.constant(), Some("{{v21}}"));
    assert_eq!(unresolved, ["v21"]);
}

#[test]
fn expansion_ends_at_its_limit() {
    let block = "x".repeat(MAX_EXPANDED / 4);
    let full = "{{block}}".repeat(6);
    let (template, unresolved) = compile(&full, &Listed::new(&[("block", &block)]));
    let text = template.constant().unwrap_or_default();
    assert!(text.starts_with(&block.repeat(4)));
    assert_eq!(text[MAX_EXPANDED..], "{{block}}".repeat(2));
    assert_eq!(unresolved, ["block"]);
}

#[test]
fn values_that_multiply_are_held_in_bounds() {
    let ten = |next: &str| next.repeat(10);
    let variables = Listed::new(&[
        ("a", &ten("{{b}}")),
        ("b", &ten("{{c}}")),
        ("c", &ten("{{a}}")),
    ]);
    let (template, unresolved) = compile("{{a}}", &variables);
    let text = template.constant().unwrap_or_default();
    assert!(text.len() <= 2 * MAX_EXPANDED, "{}", text.len());
    assert!(!unresolved.is_empty());
}

#[test]
fn a_text_beyond_the_limit_is_kept_whole() {
    let text = format!("{}{{{{host}}}}{{{{$timestamp}}}}", "x".repeat(MAX_EXPANDED));
    let (template, unresolved) = compile(&text, &variables());
    assert!(rendered(&template).ends_with("x{{host}}1767436200"));
    assert_eq!(unresolved, ["host"]);
}

/// Texts in which braces are as common as names.
fn brace_soup() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{", "{", "}", "}", "{{", "{{", "}}", "}}", "a", "b", " ", "é", "$guid", "$x",
    ];
    let piece = prop::sample::select(PIECES);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_text_without_braces_is_itself(text in "[^{}]*") {
        let (template, unresolved) = compile(&text, &variables());
        prop_assert_eq!(template.constant(), Some(text.as_str()));
        prop_assert_eq!(rendered(&template), text);
        prop_assert!(unresolved.is_empty());
    }

    #[test]
    fn without_variables_nothing_is_lost(text in "([{}]{1,3}|[^$])*") {
        let (template, _) = compile(&text, &Listed::new(&[]));
        prop_assert_eq!(template.constant(), Some(text.as_str()));
    }

    #[test]
    fn any_text_compiles(text in any::<String>()) {
        rendered(&compile(&text, &variables()).0);
    }

    #[test]
    fn any_braces_compile(text in brace_soup(), a in brace_soup(), b in brace_soup()) {
        // Values that multiply are tested above; here they would be slow.
        let values = Listed::new(&[("a", &a.replace(['a', 'b'], "")), ("b", &b.replace('b', ""))]);
        let (template, unresolved) = compile(&text, &values);
        rendered(&template);
        prop_assert!(unresolved.iter().all(|name| name != "$guid"));
        prop_assert_eq!(template.constant() == Some(""), rendered(&template).is_empty());
    }

    #[test]
    fn the_scanner_finds_what_a_plain_search_finds(text in brace_soup()) {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(token) = next_token(&text, from) {
            from = token.end;
            found.push(token);
        }
        prop_assert_eq!(found, plain_search(&text));
    }
}

/// Returns the matches of `\{\{[^{}]+\}\}`, tried at each position in turn.
fn plain_search(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < text.len() {
        match match_at(&text.as_bytes()[from..]) {
            Some(length) => {
                found.push(from..from + length);
                from += length;
            }
            None => from += 1,
        }
    }
    found
}

fn match_at(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"{{")?;
    let name = rest.iter().position(|byte| b"{}".contains(byte))?;
    (name > 0 && rest[name..].starts_with(b"}}")).then_some(name + 4)
}
