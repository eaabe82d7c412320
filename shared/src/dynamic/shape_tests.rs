//! Tests the format of every dynamic variable against the examples in Postman's documentation, and that the
//! project's documentation lists each. Does not test how values are generated.

use std::collections::BTreeSet;

use regex_lite::Regex;

use super::*;

/// 2026-01-03T10:30:00.123Z.
const NOW: u64 = 1_767_436_200_123_000_000;

/// The string form of a JavaScript date.
const DATE: &str = r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT\+0000 \(Coordinated Universal Time\)";

/// A Latin sentence.
const SENTENCE: &str = r"[A-Z][a-z]+( [a-z]+){2,9}\.";

/// The names that Postman documents, each with a pattern for the whole value. `DATE` and `SENT` stand for the
/// patterns above.
const SHAPES: [(&str, &str); 118] = [
    (
        "$guid",
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    ("$timestamp", r"\d{10}"),
    ("$isoTimestamp", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    (
        "$randomUUID",
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    ("$randomAlphaNumeric", r"[0-9A-Za-z]"),
    ("$randomBoolean", r"true|false"),
    ("$randomInt", r"1000|\d{1,3}"),
    ("$randomColor", r"[a-z ]+"),
    ("$randomHexColor", r"#[0-9a-f]{6}"),
    ("$randomAbbreviation", r"[A-Z]{2,5}"),
    ("$randomIP", r"\d{1,3}(\.\d{1,3}){3}"),
    ("$randomIPV6", r"[0-9a-f]{4}(:[0-9a-f]{4}){7}"),
    ("$randomMACAddress", r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"),
    ("$randomPassword", r"[0-9A-Za-z]{15}"),
    ("$randomLocale", r"[a-z]{2}"),
    ("$randomUserAgent", r"Mozilla/5\.0 \([^)]+\) .+"),
    ("$randomProtocol", r"https?"),
    ("$randomSemver", r"\d\.\d\.\d"),
    ("$randomFirstName", r"[A-Z][a-z]+"),
    ("$randomLastName", r"[A-Z][A-Za-z']+"),
    ("$randomFullName", r"[A-Z][a-z]+ [A-Z][A-Za-z']+"),
    ("$randomNamePrefix", r"[A-Z][a-z]+\.?"),
    ("$randomNameSuffix", r"[A-Z][A-Za-z.]*"),
    ("$randomJobArea", r"[A-Z][a-z]+"),
    ("$randomJobDescriptor", r"[A-Z][a-z]+"),
    ("$randomJobTitle", r"[A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+"),
    ("$randomJobType", r"[A-Z][a-z]+"),
    ("$randomPhoneNumber", r"\d{3}-\d{3}-\d{4}"),
    ("$randomPhoneNumberExt", r"\d\d-\d{3}-\d{3}-\d{4}"),
    ("$randomCity", r"[A-Z][A-Za-z .'-]+"),
    ("$randomStreetName", r"[A-Z][A-Za-z']+ [A-Z][a-z]+"),
    (
        "$randomStreetAddress",
        r"\d{1,5} [A-Z][A-Za-z']+ [A-Z][a-z]+",
    ),
    ("$randomCountry", r"[A-Z][A-Za-z ]+"),
    ("$randomCountryCode", r"[A-Z]{2}"),
    ("$randomLatitude", r"-?\d{1,2}\.\d{4}"),
    ("$randomLongitude", r"-?\d{1,3}\.\d{4}"),
    ("$randomAvatarImage", r"https?://[a-z.]+/avatar/\d+"),
    ("$randomImageUrl", r"https?://[a-z.]+/640/480/\d+"),
    (
        "$randomAbstractImage",
        r"https?://[a-z.]+/640/480/abstract/\d+",
    ),
    (
        "$randomAnimalsImage",
        r"https?://[a-z.]+/640/480/animals/\d+",
    ),
    (
        "$randomBusinessImage",
        r"https?://[a-z.]+/640/480/business/\d+",
    ),
    ("$randomCatsImage", r"https?://[a-z.]+/640/480/cats/\d+"),
    ("$randomCityImage", r"https?://[a-z.]+/640/480/city/\d+"),
    ("$randomFoodImage", r"https?://[a-z.]+/640/480/food/\d+"),
    (
        "$randomNightlifeImage",
        r"https?://[a-z.]+/640/480/nightlife/\d+",
    ),
    (
        "$randomFashionImage",
        r"https?://[a-z.]+/640/480/fashion/\d+",
    ),
    ("$randomPeopleImage", r"https?://[a-z.]+/640/480/people/\d+"),
    ("$randomNatureImage", r"https?://[a-z.]+/640/480/nature/\d+"),
    ("$randomSportsImage", r"https?://[a-z.]+/640/480/sports/\d+"),
    (
        "$randomTransportImage",
        r"https?://[a-z.]+/640/480/transport/\d+",
    ),
    (
        "$randomImageDataUri",
        r"data:image/svg\+xml;charset=UTF-8,%3Csvg.+%3C%2Fsvg%3E",
    ),
    ("$randomBankAccount", r"\d{8}"),
    ("$randomBankAccountName", r"[A-Z][A-Za-z ]+ Account"),
    ("$randomCreditCardMask", r"\d{4}"),
    ("$randomBankAccountBic", r"[A-Z]{6}[A-Z0-9]{2}"),
    ("$randomBankAccountIban", r"[A-Z]{2}\d{13,29}"),
    ("$randomTransactionType", r"[a-z]+"),
    ("$randomCurrencyCode", r"[A-Z]{3}"),
    ("$randomCurrencyName", r"[A-Z][A-Za-z ]+"),
    ("$randomCurrencySymbol", r"[^0-9 ]{1,3}"),
    ("$randomBitcoin", r"[13][1-9A-HJ-NP-Za-km-z]{25,33}"),
    ("$randomCompanyName", r"[A-Z][A-Za-z']+ [A-Za-z. ]+"),
    ("$randomCompanySuffix", r"[A-Za-z. ]+"),
    ("$randomBs", r"[a-z]+ [a-z-]+ [a-z]+"),
    ("$randomBsAdjective", r"[a-z-]+"),
    ("$randomBsBuzz", r"[a-z]+"),
    ("$randomBsNoun", r"[a-z]+"),
    (
        "$randomCatchPhrase",
        r"[A-Z][a-z]+ [a-z-]+ [a-z]+( [a-z]+)?",
    ),
    ("$randomCatchPhraseAdjective", r"[A-Z][a-z]+"),
    ("$randomCatchPhraseDescriptor", r"[a-z-]+"),
    ("$randomCatchPhraseNoun", r"[a-z]+( [a-z]+)?"),
    ("$randomDatabaseColumn", r"[a-zA-Z]+"),
    ("$randomDatabaseType", r"[a-z]+"),
    ("$randomDatabaseCollation", r"[a-z0-9]+(_[a-z0-9]+)+"),
    ("$randomDatabaseEngine", r"[A-Za-z]+"),
    ("$randomDateFuture", r"DATE"),
    ("$randomDatePast", r"DATE"),
    ("$randomDateRecent", r"DATE"),
    ("$randomWeekday", r"[A-Z][a-z]+day"),
    ("$randomMonth", r"[A-Z][a-z]{2,8}"),
    ("$randomDomainName", r"[a-z]+\.[a-z]{2,4}"),
    ("$randomDomainSuffix", r"[a-z]{2,4}"),
    ("$randomDomainWord", r"[a-z]+"),
    (
        "$randomEmail",
        r"[A-Za-z]+\.[A-Za-z]+\d+@[a-z]+\.example\.com",
    ),
    (
        "$randomExampleEmail",
        r"[A-Za-z]+\.[A-Za-z]+\d+@example\.(com|net|org)",
    ),
    ("$randomUserName", r"[A-Za-z]+\.[A-Za-z]+\d+"),
    ("$randomUrl", r"https?://[a-z]+\.[a-z]{2,4}"),
    ("$randomFileName", r"[a-z]+_[a-z]+\.[a-z0-9]+"),
    ("$randomFileType", r"[a-z]+"),
    ("$randomFileExt", r"[a-z0-9]+"),
    ("$randomCommonFileName", r"[a-z]+_[a-z]+\.[a-z0-9]+"),
    ("$randomCommonFileType", r"[a-z]+"),
    ("$randomCommonFileExt", r"[a-z0-9]+"),
    ("$randomFilePath", r"(/[a-z]+)+/[a-z]+_[a-z]+\.[a-z0-9]+"),
    ("$randomDirectoryPath", r"(/[a-z]+)+"),
    ("$randomMimeType", r"[a-z]+/[a-z0-9+.-]+"),
    ("$randomPrice", r"\d{1,4}\.\d\d"),
    ("$randomProduct", r"[A-Z][a-z]+"),
    ("$randomProductAdjective", r"[A-Z][a-z]+"),
    ("$randomProductMaterial", r"[A-Z][a-z]+"),
    ("$randomProductName", r"[A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+"),
    ("$randomDepartment", r"[A-Z][a-z]+"),
    ("$randomNoun", r"[a-z]+"),
    ("$randomVerb", r"[a-z]+"),
    ("$randomIngverb", r"[a-z]+ing"),
    ("$randomAdjective", r"[a-z]+"),
    ("$randomWord", r"[a-z]+"),
    ("$randomWords", r"[a-z]+( [a-z]+){1,4}"),
    ("$randomPhrase", r"[A-Z][A-Za-z ,]+\."),
    ("$randomLoremWord", r"[a-z]+"),
    ("$randomLoremWords", r"[a-z]+( [a-z]+){2}"),
    ("$randomLoremSentence", r"SENT"),
    ("$randomLoremSentences", r"SENT( SENT){1,5}"),
    ("$randomLoremParagraph", r"SENT( SENT){2,5}"),
    ("$randomLoremParagraphs", r"SENT( SENT)*(\nSENT( SENT)*){2}"),
    ("$randomLoremText", r"SENT([ \n]SENT)*"),
    ("$randomLoremSlug", r"[a-z]+(-[a-z]+){2}"),
    ("$randomLoremLines", r"SENT(\nSENT){0,4}"),
];

#[test]
fn the_names_are_those_of_postman() {
    let known: BTreeSet<_> = Dynamic::names().collect();
    let documented: BTreeSet<_> = SHAPES.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, documented);
}

#[test]
fn every_value_has_its_shape() {
    for (name, pattern) in SHAPES {
        let pattern = pattern.replace("DATE", DATE).replace("SENT", SENTENCE);
        let pattern = Regex::new(&format!(r"\A(?:{pattern})\z")).expect("a pattern");
        let variable = Dynamic::find(name).expect("a known name");
        let mut source = DynamicSource::new(11);
        for _ in 0..256 {
            let mut out = Vec::new();
            source.write(variable, NOW, &mut out);
            let value = String::from_utf8(out).expect("UTF-8");
            assert!(pattern.is_match(&value), "{name}: {value}");
        }
    }
}

#[test]
fn every_name_is_documented() {
    let document = include_str!("../../../docs/design-mode.md");
    for name in Dynamic::names() {
        assert!(document.contains(&format!("`{name}`")), "{name}");
    }
}
