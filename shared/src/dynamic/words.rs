//! The word lists of dynamic variables.
//!
//! The lists are original and short: ten to thirty words each unless fewer exist. Words contain no quotes,
//! backslashes or braces, so they are safe in a JSON string. This module does not join words.

/// Declares lists without commas, because rustfmt would put every word of a list with commas on its own line.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $($word:literal)+;)+) => {
        $($(#[$doc])* pub(super) const $name: &[&str] = &[$($word),+];)+
    };
}

lists! {
    /// CSS colours.
    COLORS = "red" "green" "blue" "olive" "teal" "navy" "purple" "maroon" "orange" "silver"
        "gold" "indigo" "violet" "salmon" "turquoise" "ivory" "crimson" "khaki";

    /// Languages, ISO 639-1.
    LOCALES = "cs" "da" "de" "el" "en" "es" "et" "fi" "fr" "hi" "hu" "it" "ja" "ko" "lt" "nl"
        "pl" "pt" "sv" "tr" "uk" "vi" "zh";

    /// Platforms in user agents.
    PLATFORMS = "X11; Linux x86_64" "X11; Linux aarch64" "X11; Ubuntu; Linux x86_64"
        "X11; Fedora; Linux x86_64" "X11; CrOS x86_64 14541.0.0" "X11; FreeBSD amd64"
        "X11; OpenBSD amd64" "Windows NT 10.0; Win64; x64" "Windows NT 10.0; WOW64"
        "Macintosh; Intel Mac OS X 10_15_7" "Macintosh; Intel Mac OS X 13_4" "Android 14; Mobile"
        "Android 13; Tablet";

    /// Computing abbreviations.
    ABBREVIATIONS = "API" "CPU" "CSV" "DNS" "GPU" "HTML" "HTTP" "IMAP" "IP" "JSON" "LDAP" "NFS"
        "PNG" "RAM" "SMTP" "SQL" "SSH" "TCP" "TLS" "UDP" "USB" "XML";

    /// Nouns in the singular.
    NOUNS = "anchor" "bridge" "cable" "canvas" "circuit" "compass" "engine" "filter" "gateway"
        "harbor" "kernel" "ladder" "lantern" "ledger" "magnet" "mirror" "needle" "packet" "pulley"
        "queue" "sensor" "signal" "socket" "spindle" "turbine" "valve" "window";

    /// Verbs in the infinitive.
    VERBS = "align" "balance" "borrow" "carry" "collect" "compare" "deliver" "encode" "fold"
        "gather" "inspect" "launch" "measure" "observe" "polish" "repair" "replace" "rotate"
        "shorten" "sort" "stack" "trace" "unlock" "weigh";

    /// Adjectives.
    ADJECTIVES = "amber" "brisk" "calm" "distant" "early" "eager" "frozen" "gentle" "hollow"
        "idle" "jagged" "lucid" "mellow" "narrow" "opaque" "patient" "quiet" "rapid" "secret"
        "solid" "tidy" "urgent" "vivid" "woven";

    /// Verbs that end in "ing".
    INGVERBS = "aligning" "balancing" "borrowing" "carrying" "collecting" "comparing"
        "delivering" "encoding" "folding" "gathering" "inspecting" "launching" "measuring"
        "observing" "polishing" "repairing" "rotating" "sorting" "stacking" "tracing" "weighing";

    /// Placeholder Latin.
    LOREM = "lorem" "ipsum" "dolor" "sit" "amet" "consectetur" "adipiscing" "elit" "sed" "tempor"
        "incididunt" "labore" "magna" "aliqua" "enim" "minim" "veniam" "quis" "nostrud" "ullamco"
        "laboris" "nisi" "commodo" "velit" "esse" "cillum" "fugiat" "nulla" "culpa" "mollit";

    /// First names.
    FIRST_NAMES = "Ada" "Amir" "Anders" "Bianca" "Carlos" "Chloe" "Dmitri" "Elena" "Farah"
        "Gustav" "Hana" "Ingrid" "Jamal" "Keiko" "Leon" "Mira" "Nora" "Oscar" "Priya" "Quentin"
        "Rosa" "Samuel" "Tara" "Ulrich" "Vera" "Wendell" "Yusuf" "Zoe";

    /// Last names: ASCII letters only, because domains are made of them.
    LAST_NAMES = "Abbott" "Bauer" "Castillo" "Dubois" "Eriksen" "Ferrari" "Gallagher" "Haddad"
        "Ivanov" "Jensen" "Kowalski" "Lindgren" "Moreau" "Nakamura" "Okafor" "Petrov" "Quigley"
        "Rossi" "Schmidt" "Tanaka" "Ueda" "Vargas" "Whitaker" "Yilmaz" "Zhang";

    /// Prefixes of names.
    NAME_PREFIXES = "Mr." "Mrs." "Ms." "Miss" "Mx." "Dr." "Prof." "Rev." "Sir" "Hon.";

    /// Suffixes of names.
    NAME_SUFFIXES = "Jr." "Sr." "I" "II" "III" "IV" "V" "MD" "PhD" "DDS" "DVM" "Esq.";

    /// Cities.
    CITIES = "Aarhus" "Bergen" "Bologna" "Cork" "Dakar" "Eindhoven" "Fukuoka" "Ghent" "Hanoi"
        "Izmir" "Jakarta" "Kigali" "Lima" "Malmo" "Nairobi" "Ottawa" "Porto" "Quito" "Riga"
        "Seville" "Tampere" "Utrecht" "Valencia" "Wellington" "Zagreb";

    /// Kinds of streets.
    STREETS = "Alley" "Avenue" "Boulevard" "Close" "Court" "Crescent" "Drive" "Lane" "Parkway"
        "Place" "Road" "Row" "Square" "Street" "Terrace" "Walk" "Way";

    /// Countries.
    COUNTRIES = "Argentina" "Belgium" "Canada" "Denmark" "Estonia" "Finland" "Ghana" "Hungary"
        "India" "Japan" "Kenya" "Latvia" "Mexico" "Norway" "Oman" "Portugal" "Qatar" "Romania"
        "Spain" "Thailand" "Uruguay" "Vietnam" "Zambia";

    /// Countries, ISO 3166-1 alpha-2.
    COUNTRY_CODES = "AR" "BE" "CA" "DK" "EE" "FI" "GH" "HU" "IN" "JP" "KE" "LV" "MX" "NO" "OM"
        "PT" "QA" "RO" "ES" "TH" "UY" "VN" "ZM";

    /// Areas in job titles.
    JOB_AREAS = "Accounts" "Billing" "Data" "Design" "Facilities" "Hardware" "Legal" "Logistics"
        "Network" "Payroll" "Platform" "Research" "Safety" "Sales" "Security" "Software" "Training";

    /// First words of job titles.
    JOB_DESCRIPTORS = "Acting" "Assistant" "Associate" "Chief" "Deputy" "District" "Interim"
        "Junior" "Lead" "Managing" "National" "Principal" "Regional" "Senior" "Staff";

    /// Last words of job titles.
    JOB_TYPES = "Administrator" "Advisor" "Analyst" "Architect" "Auditor" "Clerk" "Consultant"
        "Coordinator" "Designer" "Developer" "Director" "Engineer" "Manager" "Planner"
        "Researcher" "Technician";

    /// Company suffixes.
    COMPANY_SUFFIXES = "AB" "AG" "and Daughters" "and Sons" "BV" "Co." "GmbH" "Group" "Inc"
        "LLC" "Ltd" "Oy" "PLC" "SA";

    /// Verbs of business language.
    BUSINESS_VERBS = "accelerate" "automate" "consolidate" "deploy" "digitize" "expand" "improve"
        "integrate" "modernize" "optimize" "orchestrate" "scale" "secure" "simplify" "streamline"
        "transform" "unify" "validate";

    /// Adjectives of business language.
    BUSINESS_ADJECTIVES = "agile" "cloud-based" "collaborative" "cost-effective" "data-driven"
        "end-to-end" "global" "innovative" "interactive" "leading" "mobile" "multi-tenant"
        "open-source" "resilient" "scalable" "strategic" "sustainable" "world-class";

    /// Nouns of business language, in the plural.
    BUSINESS_NOUNS = "applications" "channels" "communities" "experiences" "insights" "markets"
        "metrics" "models" "networks" "partnerships" "platforms" "processes" "products"
        "services" "solutions" "strategies" "teams" "workflows";

    /// First words of slogans.
    CATCH_ADJECTIVES = "Adaptive" "Automated" "Certified" "Configurable" "Decentralized"
        "Distributed" "Extended" "Flexible" "Integrated" "Managed" "Modular" "Open" "Optimized"
        "Persistent" "Proven" "Shared" "Unified" "Versatile";

    /// Second words of slogans.
    CATCH_DESCRIPTORS = "asynchronous" "client-side" "concurrent" "context-aware" "declarative"
        "event-driven" "fault-tolerant" "high-level" "incremental" "local" "multi-region"
        "non-blocking" "parallel" "real-time" "regional" "static" "transactional" "zero-copy";

    /// Last words of slogans.
    CATCH_NOUNS = "ability" "adapter" "alliance" "approach" "archive" "architecture" "framework"
        "function" "interface" "knowledge base" "library" "middleware" "orchestration" "policy"
        "portal" "protocol" "solution" "toolset";

    /// Top-level domains.
    DOMAIN_SUFFIXES = "app" "biz" "com" "dev" "eu" "info" "io" "name" "net" "org" "shop" "tech";

    /// Products of a shop.
    PRODUCTS = "Backpack" "Blanket" "Bottle" "Bowl" "Chair" "Clock" "Desk" "Gloves" "Hammer"
        "Jacket" "Kettle" "Lamp" "Mug" "Notebook" "Pillow" "Scarf" "Shelf" "Table" "Umbrella";

    /// Adjectives for products.
    PRODUCT_ADJECTIVES = "Classic" "Compact" "Durable" "Elegant" "Foldable" "Handy" "Light"
        "Modern" "Plain" "Portable" "Reliable" "Robust" "Simple" "Smart" "Sturdy" "Vintage";

    /// Materials of products.
    PRODUCT_MATERIALS = "Aluminium" "Bamboo" "Brass" "Ceramic" "Copper" "Cork" "Cotton" "Glass"
        "Leather" "Linen" "Marble" "Oak" "Paper" "Slate" "Steel" "Wool";

    /// Departments of a shop.
    DEPARTMENTS = "Bakery" "Bicycles" "Books" "Camping" "Electronics" "Flowers" "Furniture"
        "Games" "Garden" "Groceries" "Kitchen" "Lighting" "Music" "Shoes" "Stationery" "Tools"
        "Toys";

    /// Currencies, ISO 4217.
    CURRENCY_CODES = "AUD" "BRL" "CAD" "CHF" "CNY" "CZK" "DKK" "EUR" "GBP" "INR" "JPY" "KRW"
        "MXN" "NOK" "NZD" "PLN" "SEK" "SGD" "USD" "ZAR";

    /// Currency names.
    CURRENCY_NAMES = "Australian Dollar" "Canadian Dollar" "Czech Koruna" "Danish Krone" "Euro"
        "Indian Rupee" "Mexican Peso" "Norwegian Krone" "Pound Sterling" "Rand" "Swedish Krona"
        "Swiss Franc" "US Dollar" "Won" "Yen" "Yuan Renminbi" "Zloty";

    /// Currency symbols, not all of them ASCII.
    CURRENCY_SYMBOLS = "$" "€" "£" "¥" "₹" "₩" "₺" "₪" "₫" "₴" "kr" "zł" "Kč" "Ft" "R";

    /// Account names.
    ACCOUNT_NAMES = "Business Account" "Car Loan Account" "Checking Account" "Credit Card Account"
        "Deposit Account" "Home Loan Account" "Household Account" "Investment Account"
        "Joint Account" "Pension Account" "Savings Account" "Student Account";

    /// Transaction types.
    TRANSACTION_TYPES = "chargeback" "credit" "debit" "deposit" "fee" "interest" "invoice"
        "payment" "refund" "transfer" "withdrawal";

    /// The months, in order.
    MONTHS = "January" "February" "March" "April" "May" "June" "July" "August" "September"
        "October" "November" "December";

    /// The days of the week, in JavaScript's order.
    WEEKDAYS = "Sunday" "Monday" "Tuesday" "Wednesday" "Thursday" "Friday" "Saturday";

    /// File extensions.
    FILE_EXTS = "avi" "bz2" "c" "csv" "dmg" "epub" "flac" "gif" "iso" "jar" "log" "md" "odt"
        "ogg" "png" "rs" "rtf" "svg" "tar" "ttf" "wasm" "webm" "xml" "yaml" "zip";

    /// Top-level media types.
    FILE_TYPES = "application" "audio" "font" "image" "message" "model" "multipart" "text" "video";

    /// Common file extensions.
    COMMON_FILE_EXTS = "csv" "docx" "gif" "html" "jpg" "json" "mp3" "mp4" "pdf" "png" "txt"
        "wav" "xlsx" "zip";

    /// Common top-level media types.
    COMMON_FILE_TYPES = "application" "audio" "image" "text" "video";

    /// Directories of a Unix system.
    DIRECTORIES = "/bin" "/etc" "/home" "/lib" "/media" "/mnt" "/opt" "/srv" "/tmp" "/usr/bin"
        "/usr/lib" "/usr/local/bin" "/usr/share" "/var/lib" "/var/log" "/var/tmp";

    /// Media types.
    MIME_TYPES = "application/gzip" "application/json" "application/octet-stream"
        "application/pdf" "application/xml" "application/zip" "audio/mpeg" "audio/ogg" "font/woff2"
        "image/gif" "image/jpeg" "image/png" "image/svg+xml" "text/css" "text/csv" "text/html"
        "text/plain" "video/mp4" "video/webm";

    /// Column names.
    DATABASE_COLUMNS = "amount" "avatar" "category" "comment" "createdAt" "email" "group" "id"
        "name" "password" "phone" "status" "title" "token" "updatedAt";

    /// Column types.
    DATABASE_TYPES = "bigint" "binary" "blob" "boolean" "char" "date" "datetime" "decimal"
        "double" "enum" "float" "int" "json" "smallint" "text" "time" "timestamp" "varchar";

    /// MySQL collations.
    DATABASE_COLLATIONS = "ascii_bin" "ascii_general_ci" "cp1250_bin" "cp1250_general_ci"
        "latin1_bin" "latin1_swedish_ci" "utf8mb4_0900_ai_ci" "utf8mb4_bin" "utf8mb4_general_ci"
        "utf8mb4_unicode_ci";

    /// Storage engines of MySQL and its forks.
    DATABASE_ENGINES = "ARCHIVE" "Aria" "BLACKHOLE" "CSV" "FEDERATED" "InnoDB" "MEMORY" "MERGE"
        "MyISAM" "RocksDB";
}
