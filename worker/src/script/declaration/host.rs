//! Every member of `host`, with its types and what it does. Tests compare the list with a context and with the
//! JavaScript that uses it: this is documentation that cannot be outdated.
//!
//! Types are TypeScript's, with these: `binary` is a string with one character for each byte (0–255), `json` a
//! string of JSON, `scope` the number of a variable scope ([`ScopeKind`](crate::script::ScopeKind)).

/// A member of `host`.
pub struct HostMember {
    /// Name, without `host.`.
    pub name: &'static str,
    /// Name and type of each parameter; `None` for a value that is not a function. A type that ends in `?` is
    /// optional.
    pub parameters: Option<&'static [(&'static str, &'static str)]>,
    /// Type of the result, or of the value.
    pub result: &'static str,
    /// Description.
    pub docs: &'static [&'static str],
}

macro_rules! host {
    ($($(#[doc = $docs:literal])+ $name:ident $(($($parameter:ident: $kind:literal),*))? -> $result:literal;)*) => {
        /// All members of `host`.
        pub static HOST: &[HostMember] = &[$(HostMember {
            name: stringify!($name),
            parameters: host!(@parameters $(($($parameter: $kind),*))?),
            result: $result,
            docs: &[$($docs),+],
        }),*];
    };
    (@parameters) => { None };
    (@parameters ($($parameter:ident: $kind:literal),*)) => {
        Some(&[$((stringify!($parameter), $kind)),*])
    };
}

host! {
    /// Returns the value of a variable of one scope.
    get(scope: "scope", name: "string") -> "any";
    /// Returns the value of a variable from the nearest scope that has it, or a built-in variable such as `iteration`.
    lookup(name: "string") -> "any";
    /// Sets a variable of one scope. Names have at most 64 KiB, values 16 MiB.
    set(scope: "scope", name: "string", value: "any") -> "void";
    /// Removes a variable of one scope.
    unset(scope: "scope", name: "string?") -> "void";
    /// Removes all variables of one scope.
    clear(scope: "scope", name: "string?") -> "void";
    /// Returns whether one scope has a variable.
    has(scope: "scope", name: "string") -> "boolean";
    /// Returns all variables of one scope as pairs of name and value.
    entries(scope: "scope") -> "[string, any][]";
    /// Replaces the variables in a text with their values, from one scope or, without one, from all.
    replaceIn(text: "string", scope: "scope?") -> "string";

    /// Returns the request that `pm.request` is created from.
    request() -> "json";
    /// Queues a request of `pm.sendRequest`. `resolves` replaces the variables in it.
    send(id: "number", request: "json", resolves: "boolean") -> "void";
    /// Does not send the request of this iteration.
    skipRequest() -> "void";
    /// The value that `pm.execution.skipRequest` throws, so that it is not reported as an error.
    skipSignal -> "object";
    /// Sets the name of the request that follows; null for none.
    nextRequest(name: "string | null") -> "void";

    /// Returns the reason phrase of the response.
    reason() -> "string";
    /// Returns the body of the response, decoded from its content coding.
    bytes() -> "binary";
    /// Returns the body of the response as text.
    text() -> "string";
    /// Returns the body of the response parsed as JSON; undefined if it is not JSON, or truncated.
    json() -> "any";
    /// Parses JSON; undefined if the text is not JSON.
    parse(text: "string") -> "any";
    /// Returns whether a getter is one that parses a part of a large JSON document when it is read.
    isLater(accessor: "any") -> "boolean";
    /// Returns why the body of the response is truncated; undefined if it is complete.
    cutMessage() -> "string | undefined";
    /// Returns the last value of a header of the response.
    header(name: "string") -> "string | undefined";
    /// Returns all headers of the response as pairs of name and value.
    headers() -> "[string, string][]";
    /// Returns the number of bytes of the body and of the head of the response.
    sizes() -> "[number, number]";
    /// Records that a script may have changed the headers of the response.
    replaceHeaders() -> "void";
    /// Records that a script may have replaced any part of the response.
    replace() -> "void";
    /// The handle through which native functions reach the response.
    direct -> "object";
    /// Creates `pm.response.text`. `other` is called for all objects except `response`.
    quickText(direct: "object", response: "object", other: "function") -> "function";

    /// Returns the cookies of the URL of the request, or without a jar the `Set-Cookie` lines of the response.
    cookies() -> "json";
    /// Executes `all`, `set`, `unset` or `clear` on the cookie jar.
    jar(operation: "string", url: "string", argument: "string?") -> "json";

    /// Returns the name of the request.
    requestName() -> "string";
    /// Returns the id of the request.
    requestId() -> "string";
    /// Returns the name of the environment.
    environmentName() -> "string";
    /// Returns the number of the iteration, from 0.
    iteration() -> "number";
    /// Returns the number of iterations.
    iterationCount() -> "number";
    /// Whether there is a script before the request.
    hasPre -> "boolean";

    /// The test results of this event: `begin`, `end`, `count`, `passed`, `failed`, `skipped`, `answer`, `test`.
    tests -> "object";
    /// Creates the members of assertions on a prototype; see `assertion.rs`.
    assertions(prototype: "object") -> "object";
    /// Returns whether lines of the console are kept.
    keepsLogs() -> "boolean";
    /// Keeps a line of the console. At most 1,000 lines of 10,000 characters.
    log(level: "string", message: "string") -> "void";
    /// Removes all lines of the console.
    clearLogs() -> "void";

    /// Returns the monotonic clock in milliseconds.
    steadyMs() -> "number";
    /// Records that a script that runs to its end at once left a timer.
    waited() -> "void";
    /// Records that a script changed a setting that lasts until the end of the iteration.
    hold() -> "void";
    /// Records that `pm/main.js` has something to clean up at the end of the event.
    touch() -> "void";
    /// Records that the context cannot run another iteration.
    unfit() -> "void";

    /// Returns the digest of data. Algorithms: see `libraries.rs`.
    hash(algorithm: "string", data: "binary") -> "binary";
    /// Returns the HMAC (RFC 2104) of data.
    hmac(algorithm: "string", key: "binary", data: "binary") -> "binary";
    /// Derives a key with PBKDF2 (RFC 8018): at most 1 MiB in at most 200,000 iterations.
    pbkdf2(algorithm: "string", password: "binary", salt: "binary", iterations: "number", length: "number") -> "binary";
    /// Encrypts or decrypts whole blocks with AES. Modes: `cbc`, `ctr`, `ecb`.
    aes(direction: "string", mode: "string", key: "binary", iv: "binary", data: "binary") -> "binary";
    /// Returns random bytes of the kernel, at most 1 MiB.
    random(length: "number") -> "binary";
    /// Encodes text as UTF-8.
    utf8Encode(text: "string") -> "binary";
    /// Decodes UTF-8. Invalid sequences become U+FFFD.
    utf8Decode(bytes: "binary") -> "string";
    /// Reads an RSA key as the list of its numbers. Formats: `pkcs8`, `spki`.
    rsaRead(format: "string", data: "binary") -> "binary[]";
    /// Writes an RSA key.
    rsaWrite(key: "binary[]") -> "binary";
    /// Throws if the numbers are not an RSA key.
    rsaCheck(key: "binary[]") -> "void";
    /// Signs data with RSASSA-PKCS1-v1_5.
    rsaSign(hash: "string", key: "binary[]", data: "binary") -> "binary";
    /// Returns whether a signature is valid.
    rsaVerify(hash: "string", key: "binary[]", signature: "binary", data: "binary") -> "boolean";

    /// Parses XML to a tree: an element is its name, attributes and children. At most 200 levels.
    xml(text: "string") -> "json";
    /// Returns the canonical spelling of a time zone; undefined for an unknown one.
    zoneName(name: "string") -> "string | undefined";
    /// Returns offset in seconds, whether daylight-saving time applies, and abbreviation of a zone at a time.
    zoneOffset(name: "string", unixSeconds: "number") -> "[number, boolean, string]";
    /// Returns the names of all time zones, sorted.
    zoneNames() -> "string[]";
    /// Returns the time zone of the machine.
    systemZone() -> "string";
}

mod tests {
    use std::collections::BTreeSet;

    use rquickjs::{Context, Function, Runtime, Value};

    use super::{HOST, HostMember};
    use crate::script::host::make_host;
    use crate::script::modules::texts;
    use crate::script::state::Shared;

    /// Parameters that must be given; `None` for a value.
    fn required(member: &HostMember) -> Option<usize> {
        let parameters = member.parameters?.iter();
        Some(parameters.filter(|(_, kind)| !kind.ends_with('?')).count())
    }

    #[test]
    fn the_declared_members_are_those_of_a_context() {
        let runtime = Runtime::new().expect("a runtime");
        let context = Context::full(&runtime).expect("a context");
        let found = context.with(|ctx| {
            let host = make_host(&ctx, &Shared::default(), false, || 0).expect("host");
            let members = host.props::<String, Value<'_>>().map(|member| {
                let (name, value) = member.expect("a member");
                let length = |function: &Function<'_>| function.get("length").expect("a length");
                let parameters: Option<usize> = value.as_function().map(length);
                (name, parameters)
            });
            members.collect::<BTreeSet<_>>()
        });
        let declared: BTreeSet<_> = HOST
            .iter()
            .map(|member| (member.name.to_owned(), required(member)))
            .collect();
        assert_eq!(declared, found);
    }

    /// The names that a text reads from `host`.
    fn used(text: &str) -> BTreeSet<&str> {
        let is_name = |mark: char| mark.is_ascii_alphanumeric() || mark == '_';
        text.match_indices("host.")
            .filter(|(start, _)| !text[..*start].ends_with(is_name))
            .map(|(start, found)| {
                let rest = &text[start + found.len()..];
                &rest[..rest.find(|mark| !is_name(mark)).unwrap_or(rest.len())]
            })
            // The end of a sentence in a comment.
            .filter(|name| !name.is_empty())
            .collect()
    }

    #[test]
    fn the_javascript_uses_the_declared_members() {
        let used: BTreeSet<&str> = texts().flat_map(used).collect();
        let declared: BTreeSet<&str> = HOST.iter().map(|member| member.name).collect();
        assert_eq!(declared, used);
    }

    #[test]
    fn types_are_known() {
        const TYPES: [&str; 12] = [
            "any", "binary", "binary[]", "boolean", "function", "json", "number", "object",
            "scope", "string", "string[]", "void",
        ];
        for member in HOST {
            let parameters = member.parameters.unwrap_or_default().iter();
            let parameters = parameters.map(|(_, kind)| kind.trim_end_matches('?'));
            for kind in parameters.chain([member.result]) {
                let is_known = kind.trim_matches(['[', ']']).split([',', '|']).all(|part| {
                    matches!(part.trim(), "undefined" | "null") || TYPES.contains(&part.trim())
                });
                assert!(is_known, "host.{}: {kind:?}", member.name);
            }
            assert!(!member.docs.is_empty(), "host.{}", member.name);
        }
    }
}
