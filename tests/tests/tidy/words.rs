//! Words that the project does not write: notes of unfinished work, and turns of phrase that an engineer has to read
//! twice. The field's own term stands in their place.

use crate::tree::{SourceFile, assert_none, files};

/// What is finished has none of these.
const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
];

/// Phrases to replace, and what to write instead.
const PHRASES: [(&str, &str); 19] = [
    ("nobody", "name the actor, or use the passive"),
    ("those of which", "begin a new sentence"),
    ("in words", "human-readable message"),
    ("for good", "permanently, or the limit"),
    ("at first", "the default, or initially"),
    ("vouch", "guarantee"),
    ("come by", "obtained"),
    ("comes by", "obtains"),
    ("is told", "receives, or is notified"),
    ("are told", "receive, or are notified"),
    ("told apart", "distinguished"),
    ("puts load", "generates load"),
    ("put load", "generate load"),
    ("takes a breath", "waits"),
    ("worth knowing", "leave it out"),
    ("goes on", "continues, or is active"),
    ("go on", "continue, or are active"),
    ("to be had", "available"),
    ("at all events", "leave it out"),
];

/// Files whose words are not the project's prose: inputs of tests, and this list.
fn is_data(path: &str) -> bool {
    path.starts_with("tests/cases/")
        || path.ends_with("tidy/words.rs")
        || path.starts_with("LICENSE")
}

#[test]
fn nothing_is_left_for_later() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| !is_data(&file.path)) {
        for (number, line) in file.text.lines().enumerate() {
            if UNFINISHED.iter().any(|word| line.contains(word)) {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert_none(findings, "finish it, or leave it out");
}

/// Whether prose may be on a line: in code, comments and strings are; in the code of tests, comments are.
fn may_be_prose(file: &SourceFile, line: &str) -> bool {
    match file.extension() {
        "rs" if file.is_test() => line.trim_start().starts_with("//"),
        "rs" | "js" | "py" => ["//", "#", "\""].iter().any(|mark| line.contains(mark)),
        "mjs" => line.trim_start().starts_with("//"),
        _ => true,
    }
}

/// A phrase as it begins a sentence.
fn capitalized(phrase: &str) -> String {
    let (first, rest) = phrase.split_at(1);
    first.to_uppercase() + rest
}

/// Whether a line has a phrase as words of their own.
fn has_phrase(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + phrase.len()..].chars().next();
        let is_part =
            |mark: Option<char>| mark.is_some_and(|mark| mark.is_alphanumeric() || mark == '_');
        !is_part(before) && !is_part(after)
    })
}

#[test]
fn prose_is_plain() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| !is_data(&file.path)) {
        for (number, line) in file.text.lines().enumerate() {
            if !may_be_prose(file, line) {
                continue;
            }
            for (phrase, instead) in PHRASES {
                if has_phrase(line, phrase) || has_phrase(line, &capitalized(phrase)) {
                    findings.push(format!(
                        "{}:{}: \"{phrase}\": {instead}",
                        file.path,
                        number + 1
                    ));
                }
            }
        }
    }
    assert_none(findings, "write plain technical English (PHRASES)");
}

#[test]
fn phrases_are_words_of_their_own() {
    for (line, expected) in [
        ("it goes on.", true),
        ("cargo on", false),
        ("go_on()", false),
        ("go on", true),
    ] {
        assert_eq!(
            has_phrase(line, "go on") || has_phrase(line, "goes on"),
            expected,
            "{line}"
        );
    }
}
