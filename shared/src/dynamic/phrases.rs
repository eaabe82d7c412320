//! Values put together from words: names, addresses, sentences, files.
//!
//! The words are in the lists of [`super::words`]; here is only how they are
//! joined. Nothing is quoted or escaped. Only `$randomLoremLines`,
//! `$randomLoremParagraphs` and `$randomLoremText` may hold line feeds, which
//! a JSON string does not take as they are.

use std::ops::RangeInclusive;

use super::pen::Pen;
use super::words as lists;

/// A noun, verb or adjective.
pub(super) fn word(pen: &mut Pen<'_>) {
    let list = [lists::NOUNS, lists::VERBS, lists::ADJECTIVES][pen.rng.usize(..3)];
    pen.pick(list);
}

/// Two to five words.
pub(super) fn words(pen: &mut Pen<'_>) {
    repeat(pen, 2..=5, " ", word);
}

/// A sentence that reads like one.
pub(super) fn phrase(pen: &mut Pen<'_>) {
    if pen.rng.bool() {
        pen.text("Please ");
        pen.pick(lists::VERBS);
        pen.text(" the ");
    } else {
        pen.pick_capital(lists::INGVERBS);
        pen.text(" helps only with the ");
    }
    pen.pick(lists::ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::NOUNS);
    pen.text(", said the ");
    pen.pick(lists::ABBREVIATIONS);
    pen.text(" ");
    pen.pick(lists::NOUNS);
    pen.text(".");
}

/// Three Latin words.
pub(super) fn lorem_words(pen: &mut Pen<'_>) {
    repeat(pen, 3..=3, " ", lorem_word);
}

/// Three Latin words with hyphens.
pub(super) fn lorem_slug(pen: &mut Pen<'_>) {
    repeat(pen, 3..=3, "-", lorem_word);
}

/// Three to ten Latin words, a capital and a full stop.
pub(super) fn lorem_sentence(pen: &mut Pen<'_>) {
    pen.pick_capital(lists::LOREM);
    pen.text(" ");
    repeat(pen, 2..=9, " ", lorem_word);
    pen.text(".");
}

/// Two to six sentences.
pub(super) fn lorem_sentences(pen: &mut Pen<'_>) {
    repeat(pen, 2..=6, " ", lorem_sentence);
}

/// Three to six sentences.
pub(super) fn lorem_paragraph(pen: &mut Pen<'_>) {
    repeat(pen, 3..=6, " ", lorem_sentence);
}

/// Three paragraphs, a line feed between them.
pub(super) fn lorem_paragraphs(pen: &mut Pen<'_>) {
    repeat(pen, 3..=3, "\n", lorem_paragraph);
}

/// One to five lines of a sentence each.
pub(super) fn lorem_lines(pen: &mut Pen<'_>) {
    repeat(pen, 1..=5, "\n", lorem_sentence);
}

/// Some amount of Latin, from a sentence to paragraphs.
pub(super) fn lorem_text(pen: &mut Pen<'_>) {
    match pen.between(0..=4) {
        0 => lorem_sentence(pen),
        1 => lorem_sentences(pen),
        2 => lorem_lines(pen),
        3 => lorem_paragraph(pen),
        _ => lorem_paragraphs(pen),
    }
}

fn lorem_word(pen: &mut Pen<'_>) {
    pen.pick(lists::LOREM);
}

/// Writes `make` as often as chance takes from `times`, `between` in between.
fn repeat(pen: &mut Pen<'_>, times: RangeInclusive<u64>, between: &str, make: fn(&mut Pen<'_>)) {
    for turn in 0..pen.between(times) {
        if turn > 0 {
            pen.text(between);
        }
        make(pen);
    }
}

/// A first and a last name.
pub(super) fn full_name(pen: &mut Pen<'_>) {
    pen.pick(lists::FIRST_NAMES);
    pen.text(" ");
    pen.pick(lists::LAST_NAMES);
}

/// `Nora.Lindgren48213`. The number is long because load tests create users
/// by the million, and our lists of names are short.
pub(super) fn user_name(pen: &mut Pen<'_>) {
    pen.pick(lists::FIRST_NAMES);
    pen.text(".");
    pen.pick(lists::LAST_NAMES);
    let number = pen.between(0..=99_999);
    pen.number(number);
}

/// An e-mail address below a reserved domain (RFC 2606). Postman takes those
/// of large providers; a load test must not write to people who have one.
pub(super) fn email(pen: &mut Pen<'_>) {
    user_name(pen);
    pen.text("@");
    domain_word(pen);
    pen.text(".example.com");
}

/// An e-mail address of `example.com`, `.net` or `.org`.
pub(super) fn example_email(pen: &mut Pen<'_>) {
    user_name(pen);
    pen.text("@example.");
    pen.pick(&["com", "net", "org"]);
}

/// `Lindgren Avenue`.
pub(super) fn street_name(pen: &mut Pen<'_>) {
    pen.pick(lists::LAST_NAMES);
    pen.text(" ");
    pen.pick(lists::STREETS);
}

/// A number and a street.
pub(super) fn street_address(pen: &mut Pen<'_>) {
    let number = pen.between(1..=9999);
    pen.number(number);
    pen.text(" ");
    street_name(pen);
}

/// `Senior Network Analyst`.
pub(super) fn job_title(pen: &mut Pen<'_>) {
    pen.pick(lists::JOB_DESCRIPTORS);
    pen.text(" ");
    pen.pick(lists::JOB_AREAS);
    pen.text(" ");
    pen.pick(lists::JOB_TYPES);
}

/// A last name and what kind of company it is.
pub(super) fn company(pen: &mut Pen<'_>) {
    pen.pick(lists::LAST_NAMES);
    pen.text(" ");
    pen.pick(lists::COMPANY_SUFFIXES);
}

/// Verb, adjective and noun of business language: `streamline scalable workflows`.
pub(super) fn business_phrase(pen: &mut Pen<'_>) {
    pen.pick(lists::BUSINESS_VERBS);
    pen.text(" ");
    pen.pick(lists::BUSINESS_ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::BUSINESS_NOUNS);
}

/// Adjective, descriptor and noun of advertising: `Proven event-driven archive`.
pub(super) fn catch_phrase(pen: &mut Pen<'_>) {
    pen.pick(lists::CATCH_ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::CATCH_DESCRIPTORS);
    pen.text(" ");
    pen.pick(lists::CATCH_NOUNS);
}

/// A domain's first label: a name in lower case.
pub(super) fn domain_word(pen: &mut Pen<'_>) {
    pen.pick_lower(lists::LAST_NAMES);
}

/// A label and a top-level domain. It may well be registered.
pub(super) fn domain(pen: &mut Pen<'_>) {
    domain_word(pen);
    pen.text(".");
    pen.pick(lists::DOMAIN_SUFFIXES);
}

/// A domain with `http://` or `https://` before it.
pub(super) fn url(pen: &mut Pen<'_>) {
    pen.pick(&["http://", "https://"]);
    domain(pen);
}

/// `Handy Oak Lamp`.
pub(super) fn product_name(pen: &mut Pen<'_>) {
    pen.pick(lists::PRODUCT_ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::PRODUCT_MATERIALS);
    pen.text(" ");
    pen.pick(lists::PRODUCTS);
}

/// Two words and any extension.
pub(super) fn file_name(pen: &mut Pen<'_>) {
    file(pen, lists::FILE_EXTS);
}

/// Two words and an extension that everybody has met.
pub(super) fn common_file_name(pen: &mut Pen<'_>) {
    file(pen, lists::COMMON_FILE_EXTS);
}

fn file(pen: &mut Pen<'_>, extensions: &'static [&'static str]) {
    pen.pick(lists::ADJECTIVES);
    pen.text("_");
    pen.pick(lists::NOUNS);
    pen.text(".");
    pen.pick(extensions);
}

/// A directory and a file in it.
pub(super) fn file_path(pen: &mut Pen<'_>) {
    pen.pick(lists::DIRECTORIES);
    pen.text("/");
    file_name(pen);
}
