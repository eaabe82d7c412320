//! Dynamic variables: names such as `$guid` with a fresh value per request.
//!
//! Names and formats are those Postman documents. The word lists are original and short, so values repeat
//! sooner than Postman's. Values are request data, not secrets: the generator is fast, not cryptographic.
//! This module reads no clock; the caller passes the time.

use fastrand::Rng;

mod codes;
mod dates;
mod phrases;
mod value_writer;
mod words;

use value_writer::ValueWriter;

/// An existing dynamic variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dynamic(
    /// Index in [`TABLE`].
    u8,
);

impl Dynamic {
    /// Returns the variable with this name. Names start with `$` and are case-sensitive, as in Postman.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        // Most names in braces are user variables and need no search.
        if !name.starts_with('$') {
            return None;
        }
        let place = TABLE.iter().position(|(known, _)| *known == name)?;
        u8::try_from(place).ok().map(Self)
    }

    /// Returns the names of all dynamic variables, each with its `$`, in no particular order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, _)| *name)
    }

    /// Returns the name, with its `$`.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE[usize::from(self.0)].0
    }

    fn kind(self) -> Kind {
        TABLE[usize::from(self.0)].1
    }
}

/// Generates values. The same seed yields the same values in the same order.
#[derive(Debug)]
pub struct DynamicSource {
    rng: Rng,
}

impl DynamicSource {
    /// Creates a source with its own stream of values. Shards that must send different values need different
    /// seeds.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
        }
    }

    /// Appends a fresh value of `what` to `out`, as UTF-8. `unix_ns` is the time of the request, in
    /// nanoseconds since 1970 UTC; only timestamps and dates use it. Allocates only to grow `out`.
    pub fn write(&mut self, what: Dynamic, unix_ns: u64, out: &mut Vec<u8>) {
        let mut pen = ValueWriter {
            rng: &mut self.rng,
            unix_ns,
            out,
        };
        match what.kind() {
            OneOf(list) => pen.pick(list),
            Made(make) => make(&mut pen),
            Image(category) => codes::category_image_url(&mut pen, category),
        }
    }
}

/// How values of a variable are generated.
#[derive(Clone, Copy)]
enum Kind {
    OneOf(&'static [&'static str]),
    Made(fn(&mut ValueWriter<'_>)),
    /// The URL of an image of this category.
    Image(&'static str),
}

use Kind::{Image, Made, OneOf};

/// Every dynamic variable of Postman. An index must fit into a `u8`.
static TABLE: &[(&str, Kind)] = &[
    ("$guid", Made(codes::uuid)),
    ("$randomUUID", Made(codes::uuid)),
    ("$timestamp", Made(dates::unix_seconds)),
    ("$isoTimestamp", Made(dates::iso)),
    ("$randomInt", Made(codes::int)),
    ("$randomAlphaNumeric", Made(codes::alphanumeric)),
    ("$randomBoolean", OneOf(&["true", "false"])),
    ("$randomPassword", Made(codes::password)),
    ("$randomHexColor", Made(codes::hex_color)),
    ("$randomColor", OneOf(words::COLORS)),
    ("$randomIP", Made(codes::ipv4)),
    ("$randomIPV6", Made(codes::ipv6)),
    ("$randomMACAddress", Made(codes::mac)),
    ("$randomLocale", OneOf(words::LOCALES)),
    ("$randomUserAgent", Made(codes::user_agent)),
    ("$randomProtocol", OneOf(&["http", "https"])),
    ("$randomSemver", Made(codes::semver)),
    ("$randomAbbreviation", OneOf(words::ABBREVIATIONS)),
    ("$randomWord", Made(phrases::word)),
    ("$randomWords", Made(phrases::words)),
    ("$randomNoun", OneOf(words::NOUNS)),
    ("$randomVerb", OneOf(words::VERBS)),
    ("$randomAdjective", OneOf(words::ADJECTIVES)),
    ("$randomIngverb", OneOf(words::INGVERBS)),
    ("$randomPhrase", Made(phrases::phrase)),
    ("$randomLoremWord", OneOf(words::LOREM)),
    ("$randomLoremWords", Made(phrases::lorem_words)),
    ("$randomLoremSentence", Made(phrases::lorem_sentence)),
    ("$randomLoremSentences", Made(phrases::lorem_sentences)),
    ("$randomLoremParagraph", Made(phrases::lorem_paragraph)),
    ("$randomLoremParagraphs", Made(phrases::lorem_paragraphs)),
    ("$randomLoremText", Made(phrases::lorem_text)),
    ("$randomLoremSlug", Made(phrases::lorem_slug)),
    ("$randomLoremLines", Made(phrases::lorem_lines)),
    ("$randomFirstName", OneOf(words::FIRST_NAMES)),
    ("$randomLastName", OneOf(words::LAST_NAMES)),
    ("$randomFullName", Made(phrases::full_name)),
    ("$randomNamePrefix", OneOf(words::NAME_PREFIXES)),
    ("$randomNameSuffix", OneOf(words::NAME_SUFFIXES)),
    ("$randomUserName", Made(phrases::user_name)),
    ("$randomEmail", Made(phrases::email)),
    ("$randomExampleEmail", Made(phrases::example_email)),
    ("$randomPhoneNumber", Made(codes::phone)),
    ("$randomPhoneNumberExt", Made(codes::phone_ext)),
    ("$randomCity", OneOf(words::CITIES)),
    ("$randomStreetName", Made(phrases::street_name)),
    ("$randomStreetAddress", Made(phrases::street_address)),
    ("$randomCountry", OneOf(words::COUNTRIES)),
    ("$randomCountryCode", OneOf(words::COUNTRY_CODES)),
    ("$randomLatitude", Made(codes::latitude)),
    ("$randomLongitude", Made(codes::longitude)),
    ("$randomJobTitle", Made(phrases::job_title)),
    ("$randomJobArea", OneOf(words::JOB_AREAS)),
    ("$randomJobDescriptor", OneOf(words::JOB_DESCRIPTORS)),
    ("$randomJobType", OneOf(words::JOB_TYPES)),
    ("$randomCompanyName", Made(phrases::company)),
    ("$randomCompanySuffix", OneOf(words::COMPANY_SUFFIXES)),
    ("$randomBs", Made(phrases::business_phrase)),
    ("$randomBsAdjective", OneOf(words::BUSINESS_ADJECTIVES)),
    ("$randomBsBuzz", OneOf(words::BUSINESS_VERBS)),
    ("$randomBsNoun", OneOf(words::BUSINESS_NOUNS)),
    ("$randomCatchPhrase", Made(phrases::catch_phrase)),
    (
        "$randomCatchPhraseAdjective",
        OneOf(words::CATCH_ADJECTIVES),
    ),
    (
        "$randomCatchPhraseDescriptor",
        OneOf(words::CATCH_DESCRIPTORS),
    ),
    ("$randomCatchPhraseNoun", OneOf(words::CATCH_NOUNS)),
    ("$randomDomainName", Made(phrases::domain)),
    ("$randomDomainSuffix", OneOf(words::DOMAIN_SUFFIXES)),
    ("$randomDomainWord", Made(phrases::domain_word)),
    ("$randomUrl", Made(phrases::url)),
    ("$randomProduct", OneOf(words::PRODUCTS)),
    ("$randomProductName", Made(phrases::product_name)),
    ("$randomProductAdjective", OneOf(words::PRODUCT_ADJECTIVES)),
    ("$randomProductMaterial", OneOf(words::PRODUCT_MATERIALS)),
    ("$randomDepartment", OneOf(words::DEPARTMENTS)),
    ("$randomPrice", Made(codes::price)),
    ("$randomCurrencyCode", OneOf(words::CURRENCY_CODES)),
    ("$randomCurrencyName", OneOf(words::CURRENCY_NAMES)),
    ("$randomCurrencySymbol", OneOf(words::CURRENCY_SYMBOLS)),
    ("$randomCreditCardMask", Made(codes::card_mask)),
    ("$randomBankAccount", Made(codes::bank_account)),
    ("$randomBankAccountName", OneOf(words::ACCOUNT_NAMES)),
    ("$randomBankAccountBic", Made(codes::bic)),
    ("$randomBankAccountIban", Made(codes::iban)),
    ("$randomTransactionType", OneOf(words::TRANSACTION_TYPES)),
    ("$randomBitcoin", Made(codes::bitcoin)),
    ("$randomDateFuture", Made(dates::future)),
    ("$randomDatePast", Made(dates::past)),
    ("$randomDateRecent", Made(dates::recent)),
    ("$randomMonth", OneOf(words::MONTHS)),
    ("$randomWeekday", OneOf(words::WEEKDAYS)),
    ("$randomFileName", Made(phrases::file_name)),
    ("$randomFileExt", OneOf(words::FILE_EXTS)),
    ("$randomFileType", OneOf(words::FILE_TYPES)),
    ("$randomCommonFileName", Made(phrases::common_file_name)),
    ("$randomCommonFileExt", OneOf(words::COMMON_FILE_EXTS)),
    ("$randomCommonFileType", OneOf(words::COMMON_FILE_TYPES)),
    ("$randomFilePath", Made(phrases::file_path)),
    ("$randomDirectoryPath", OneOf(words::DIRECTORIES)),
    ("$randomMimeType", OneOf(words::MIME_TYPES)),
    ("$randomAvatarImage", Made(codes::avatar_url)),
    ("$randomImageUrl", Made(codes::image_url)),
    ("$randomAbstractImage", Image("abstract")),
    ("$randomAnimalsImage", Image("animals")),
    ("$randomBusinessImage", Image("business")),
    ("$randomCatsImage", Image("cats")),
    ("$randomCityImage", Image("city")),
    ("$randomFashionImage", Image("fashion")),
    ("$randomFoodImage", Image("food")),
    ("$randomNatureImage", Image("nature")),
    ("$randomNightlifeImage", Image("nightlife")),
    ("$randomPeopleImage", Image("people")),
    ("$randomSportsImage", Image("sports")),
    ("$randomTransportImage", Image("transport")),
    ("$randomImageDataUri", Made(codes::image_data_uri)),
    ("$randomDatabaseColumn", OneOf(words::DATABASE_COLUMNS)),
    ("$randomDatabaseType", OneOf(words::DATABASE_TYPES)),
    (
        "$randomDatabaseCollation",
        OneOf(words::DATABASE_COLLATIONS),
    ),
    ("$randomDatabaseEngine", OneOf(words::DATABASE_ENGINES)),
];

#[cfg(test)]
mod shape_tests;
#[cfg(test)]
mod tests;
