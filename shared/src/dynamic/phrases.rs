//! Values composed of words: names, addresses, sentences, files.
//!
//! The words are in the lists of [`super::words`]; this module joins them. Nothing is quoted or escaped. Only
//! `$randomLoremLines`, `$randomLoremParagraphs` and `$randomLoremText` may contain line feeds, which a JSON
//! string cannot contain unescaped.

use std::ops::RangeInclusive;

use super::value_writer::ValueWriter;
use super::words as lists;

/// A noun, verb or adjective.
pub(super) fn word(pen: &mut ValueWriter<'_>) {
    let list = [lists::NOUNS, lists::VERBS, lists::ADJECTIVES][pen.rng.usize(..3)];
    pen.pick(list);
}

/// Two to five words.
pub(super) fn words(pen: &mut ValueWriter<'_>) {
    repeat(pen, 2..=5, " ", word);
}

/// A grammatical sentence.
pub(super) fn phrase(pen: &mut ValueWriter<'_>) {
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
pub(super) fn lorem_words(pen: &mut ValueWriter<'_>) {
    repeat(pen, 3..=3, " ", lorem_word);
}

/// Three Latin words joined by hyphens.
pub(super) fn lorem_slug(pen: &mut ValueWriter<'_>) {
    repeat(pen, 3..=3, "-", lorem_word);
}

/// Three to ten Latin words, capitalized, with a full stop.
pub(super) fn lorem_sentence(pen: &mut ValueWriter<'_>) {
    pen.pick_capital(lists::LOREM);
    pen.text(" ");
    repeat(pen, 2..=9, " ", lorem_word);
    pen.text(".");
}

/// Two to six sentences.
pub(super) fn lorem_sentences(pen: &mut ValueWriter<'_>) {
    repeat(pen, 2..=6, " ", lorem_sentence);
}

/// Three to six sentences.
pub(super) fn lorem_paragraph(pen: &mut ValueWriter<'_>) {
    repeat(pen, 3..=6, " ", lorem_sentence);
}

/// Three paragraphs separated by line feeds.
pub(super) fn lorem_paragraphs(pen: &mut ValueWriter<'_>) {
    repeat(pen, 3..=3, "\n", lorem_paragraph);
}

/// One to five lines of one sentence each.
pub(super) fn lorem_lines(pen: &mut ValueWriter<'_>) {
    repeat(pen, 1..=5, "\n", lorem_sentence);
}

/// Latin text of varying length, from one sentence to several paragraphs.
pub(super) fn lorem_text(pen: &mut ValueWriter<'_>) {
    match pen.between(0..=4) {
        0 => lorem_sentence(pen),
        1 => lorem_sentences(pen),
        2 => lorem_lines(pen),
        3 => lorem_paragraph(pen),
        _ => lorem_paragraphs(pen),
    }
}

fn lorem_word(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::LOREM);
}

/// Writes `make` a random number of times from `times`, separated by `between`.
fn repeat(
    pen: &mut ValueWriter<'_>,
    times: RangeInclusive<u64>,
    between: &str,
    make: fn(&mut ValueWriter<'_>),
) {
    for turn in 0..pen.between(times) {
        if turn > 0 {
            pen.text(between);
        }
        make(pen);
    }
}

/// A first and a last name.
pub(super) fn full_name(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::FIRST_NAMES);
    pen.text(" ");
    pen.pick(lists::LAST_NAMES);
}

/// A user name, such as `Nora.Lindgren48213`. The number is long because load tests create users by the
/// million and the lists of names are short.
pub(super) fn user_name(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::FIRST_NAMES);
    pen.text(".");
    pen.pick(lists::LAST_NAMES);
    let number = pen.between(0..=99_999);
    pen.number(number);
}

/// An e-mail address in a reserved domain (RFC 2606). Postman uses domains of large providers; a load test
/// must not send mail to real people.
pub(super) fn email(pen: &mut ValueWriter<'_>) {
    user_name(pen);
    pen.text("@");
    domain_word(pen);
    pen.text(".example.com");
}

/// An e-mail address in `example.com`, `.net` or `.org`.
pub(super) fn example_email(pen: &mut ValueWriter<'_>) {
    user_name(pen);
    pen.text("@example.");
    pen.pick(&["com", "net", "org"]);
}

/// A street name, such as `Lindgren Avenue`.
pub(super) fn street_name(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::LAST_NAMES);
    pen.text(" ");
    pen.pick(lists::STREETS);
}

/// A number and a street.
pub(super) fn street_address(pen: &mut ValueWriter<'_>) {
    let number = pen.between(1..=9999);
    pen.number(number);
    pen.text(" ");
    street_name(pen);
}

/// A job title, such as `Senior Network Analyst`.
pub(super) fn job_title(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::JOB_DESCRIPTORS);
    pen.text(" ");
    pen.pick(lists::JOB_AREAS);
    pen.text(" ");
    pen.pick(lists::JOB_TYPES);
}

/// A last name and a company suffix.
pub(super) fn company(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::LAST_NAMES);
    pen.text(" ");
    pen.pick(lists::COMPANY_SUFFIXES);
}

/// Verb, adjective and noun of business language, such as `streamline scalable workflows`.
pub(super) fn business_phrase(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::BUSINESS_VERBS);
    pen.text(" ");
    pen.pick(lists::BUSINESS_ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::BUSINESS_NOUNS);
}

/// Adjective, descriptor and noun of advertising, such as `Proven event-driven archive`.
pub(super) fn catch_phrase(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::CATCH_ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::CATCH_DESCRIPTORS);
    pen.text(" ");
    pen.pick(lists::CATCH_NOUNS);
}

/// The first label of a domain: a last name in lower case.
pub(super) fn domain_word(pen: &mut ValueWriter<'_>) {
    pen.pick_lower(lists::LAST_NAMES);
}

/// A label and a top-level domain. The domain may be registered.
pub(super) fn domain(pen: &mut ValueWriter<'_>) {
    domain_word(pen);
    pen.text(".");
    pen.pick(lists::DOMAIN_SUFFIXES);
}

/// A domain prefixed with `http://` or `https://`.
pub(super) fn url(pen: &mut ValueWriter<'_>) {
    pen.pick(&["http://", "https://"]);
    domain(pen);
}

/// A product name, such as `Handy Oak Lamp`.
pub(super) fn product_name(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::PRODUCT_ADJECTIVES);
    pen.text(" ");
    pen.pick(lists::PRODUCT_MATERIALS);
    pen.text(" ");
    pen.pick(lists::PRODUCTS);
}

/// Two words and any extension.
pub(super) fn file_name(pen: &mut ValueWriter<'_>) {
    file(pen, lists::FILE_EXTS);
}

/// Two words and a common extension.
pub(super) fn common_file_name(pen: &mut ValueWriter<'_>) {
    file(pen, lists::COMMON_FILE_EXTS);
}

fn file(pen: &mut ValueWriter<'_>, extensions: &'static [&'static str]) {
    pen.pick(lists::ADJECTIVES);
    pen.text("_");
    pen.pick(lists::NOUNS);
    pen.text(".");
    pen.pick(extensions);
}

/// A directory and a file in it.
pub(super) fn file_path(pen: &mut ValueWriter<'_>) {
    pen.pick(lists::DIRECTORIES);
    pen.text("/");
    file_name(pen);
}
