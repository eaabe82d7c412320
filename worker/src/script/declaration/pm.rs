//! The members that scripts can use, with types and descriptions, from which `GET /scripting/completions` is made.
//! Of assertions, the ones that are used most.

/// A member, such as `pm.response.code` or `to.equal(value)`.
pub struct Member {
    /// Path without parameters.
    pub path: &'static str,
    /// Parameters; `None` for a property.
    pub parameters: Option<&'static [Parameter]>,
    /// Type of the result, or of the property.
    pub result: &'static str,
    /// Description.
    pub docs: &'static str,
}

/// A parameter of a member.
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Type as in TypeScript; `test` is a function without parameters, `callback` one of `(error, response)`,
    /// `header` an object with `key` and `value`, `pattern` a regular expression.
    pub kind: &'static str,
}

macro_rules! members {
    ($($(#[doc = $docs:literal])+ $path:literal $(($($parameter:ident: $kind:ident),*))? -> $result:ident;)*) => {
        /// All members, in the order in which an editor lists them.
        pub static MEMBERS: &[Member] = &[$(Member {
            path: $path,
            parameters: members!(@parameters $(($($parameter: $kind),*))?),
            result: stringify!($result),
            docs: concat!($($docs),+).trim_ascii(),
        }),*];
    };
    (@parameters) => { None };
    (@parameters ($($parameter:ident: $kind:ident),*)) => {
        Some(&[$(Parameter { name: stringify!($parameter), kind: stringify!($kind) }),*])
    };
}

members! {
    /// Runs assertions under a name. The response lists whether they passed.
    "pm.test"(name: string, fn: test) -> pm;
    /// Reports a test as skipped without running it.
    "pm.test.skip"(name: string, fn: test) -> pm;
    /// Number of tests so far.
    "pm.test.index"() -> number;
    /// Begins a chain of assertions about a value.
    "pm.expect"(value: any) -> assertion;

    /// Status code of the response.
    "pm.response.code" -> number;
    /// Reason phrase of the response, such as OK.
    "pm.response.status" -> string;
    /// Body of the response, parsed if it is JSON.
    "pm.response.body" -> any;
    /// Body of the response as text.
    "pm.response.text"() -> string;
    /// Body of the response parsed as JSON. Throws if it is not JSON.
    "pm.response.json"() -> any;
    /// Whether the body is longer than the part that scripts receive.
    "pm.response.truncated" -> boolean;
    /// Headers of the response.
    "pm.response.headers" -> headers;
    /// Value of a header of the response; the last of several.
    "pm.response.headers.get"(name: string) -> string;
    /// Whether the response has a header.
    "pm.response.headers.has"(name: string) -> boolean;
    /// Duration of the request in milliseconds.
    "pm.response.responseTime" -> number;
    /// Bytes of the body of the response.
    "pm.response.responseSize" -> number;
    /// Cookies that the response set.
    "pm.response.cookies" -> array;
    /// Asserts the status code or the reason phrase of the response.
    "pm.response.to.have.status"(code: number) -> assertion;
    /// Asserts that the response has a header.
    "pm.response.to.have.header"(name: string) -> assertion;
    /// Asserts that the JSON body has a value at a path.
    "pm.response.to.have.jsonBody"(path: string, value: any) -> assertion;
    /// Asserts that the JSON body matches a JSON schema.
    "pm.response.to.have.jsonSchema"(schema: object) -> assertion;
    /// Asserts that the response is 200 OK.
    "pm.response.to.be.ok" -> assertion;

    /// Method of the request.
    "pm.request.method" -> string;
    /// URL of the request.
    "pm.request.url" -> URL;
    /// Headers of the request.
    "pm.request.headers" -> headers;
    /// Adds a header to the request before it is sent.
    "pm.request.headers.add"(header: header) -> void;
    /// Sets a header of the request before it is sent.
    "pm.request.headers.upsert"(header: header) -> void;
    /// Removes a header of the request before it is sent.
    "pm.request.headers.remove"(name: string) -> void;
    /// Body of the request.
    "pm.request.body" -> body;

    /// Value of a variable, from the nearest scope that has it.
    "pm.variables.get"(name: string) -> any;
    /// Sets a variable for this request only.
    "pm.variables.set"(name: string, value: any) -> void;
    /// Whether any scope has a variable.
    "pm.variables.has"(name: string) -> boolean;
    /// Removes a variable that was set for this request only.
    "pm.variables.unset"(name: string) -> void;
    /// Removes all variables that were set for this request only.
    "pm.variables.clear"() -> void;
    /// The variables of all scopes as an object.
    "pm.variables.toObject"() -> object;
    /// Replaces the variables in a text with their values.
    "pm.variables.replaceIn"(text: string) -> string;
    /// Name of the environment.
    "pm.environment.name" -> string;
    /// Value of a variable of the environment.
    "pm.environment.get"(name: string) -> any;
    /// Sets a variable of the environment.
    "pm.environment.set"(name: string, value: any) -> void;
    /// Whether the environment has a variable.
    "pm.environment.has"(name: string) -> boolean;
    /// Removes a variable of the environment.
    "pm.environment.unset"(name: string) -> void;
    /// Removes all variables of the environment.
    "pm.environment.clear"() -> void;
    /// The variables of the environment as an object.
    "pm.environment.toObject"() -> object;
    /// Value of a variable of the collection.
    "pm.collectionVariables.get"(name: string) -> any;
    /// Sets a variable of the collection.
    "pm.collectionVariables.set"(name: string, value: any) -> void;
    /// Whether the collection has a variable.
    "pm.collectionVariables.has"(name: string) -> boolean;
    /// Removes a variable of the collection.
    "pm.collectionVariables.unset"(name: string) -> void;
    /// Removes all variables of the collection.
    "pm.collectionVariables.clear"() -> void;
    /// Value of a global variable.
    "pm.globals.get"(name: string) -> any;
    /// Sets a global variable.
    "pm.globals.set"(name: string, value: any) -> void;
    /// Whether there is a global variable.
    "pm.globals.has"(name: string) -> boolean;
    /// Removes a global variable.
    "pm.globals.unset"(name: string) -> void;
    /// Removes all global variables.
    "pm.globals.clear"() -> void;
    /// Value of a variable of the data of this iteration.
    "pm.iterationData.get"(name: string) -> any;
    /// Whether the data of this iteration has a variable.
    "pm.iterationData.has"(name: string) -> boolean;

    /// Value of a cookie of the URL of the request.
    "pm.cookies.get"(name: string) -> string;
    /// Whether there is a cookie for the URL of the request.
    "pm.cookies.has"(name: string) -> boolean;
    /// The cookies of the URL of the request as an object.
    "pm.cookies.toObject"() -> object;
    /// The cookie jar of design mode.
    "pm.cookies.jar"() -> jar;

    /// Sends another request. Returns a promise if there is no callback.
    "pm.sendRequest"(url: string, callback: callback) -> promise;
    /// Does not send the request. Works in the script before the request.
    "pm.execution.skipRequest"() -> void;
    /// Names the request that follows; null for none.
    "pm.execution.setNextRequest"(name: string) -> void;
    /// Where the request is in its collection.
    "pm.execution.location" -> array;
    /// Which script runs: prerequest or test.
    "pm.info.eventName" -> string;
    /// Number of the iteration, from 0.
    "pm.info.iteration" -> number;
    /// Number of iterations.
    "pm.info.iterationCount" -> number;
    /// Name of the request.
    "pm.info.requestName" -> string;
    /// Id of the request.
    "pm.info.requestId" -> string;
    /// Loads a library, as require does.
    "pm.require"(library: string) -> any;
    /// Loads one of the libraries in docs/scripting.md.
    "require"(library: string) -> any;

    /// Asserts the same value, as === compares.
    "to.equal"(value: any) -> assertion;
    /// Asserts another value.
    "to.not.equal"(value: any) -> assertion;
    /// Asserts an equal value; objects and arrays are compared by their members.
    "to.eql"(value: any) -> assertion;
    /// Asserts true.
    "to.be.true" -> assertion;
    /// Asserts false.
    "to.be.false" -> assertion;
    /// Asserts null.
    "to.be.null" -> assertion;
    /// Asserts undefined.
    "to.be.undefined" -> assertion;
    /// Asserts that an array, a string or an object is empty.
    "to.be.empty" -> assertion;
    /// Asserts a larger number.
    "to.be.above"(n: number) -> assertion;
    /// Asserts a smaller number.
    "to.be.below"(n: number) -> assertion;
    /// Asserts a number between two limits, inclusive.
    "to.be.within"(min: number, max: number) -> assertion;
    /// Asserts one of the values of an array.
    "to.be.oneOf"(values: array) -> assertion;
    /// Asserts an array or a string that contains an item.
    "to.include"(item: any) -> assertion;
    /// Asserts a string that matches a pattern.
    "to.match"(pattern: pattern) -> assertion;
    /// Asserts an object that has a property.
    "to.have.property"(name: string) -> assertion;
    /// Asserts an object that has a property with a value.
    "to.have.property"(name: string, value: any) -> assertion;
    /// Asserts the length of an array or a string.
    "to.have.length"(n: number) -> assertion;
    /// Asserts the type of a value.
    "to.be.a"(type: string) -> assertion;
    /// Asserts the type of a value.
    "to.be.an"(type: string) -> assertion;

    /// Writes a line to the console.
    "console.log"(message: any) -> void;
    /// Writes a line to the console, with the level info.
    "console.info"(message: any) -> void;
    /// Writes a line to the console, with the level warn.
    "console.warn"(message: any) -> void;
    /// Writes a line to the console, with the level error.
    "console.error"(message: any) -> void;
    /// Writes a line to the console, with the level debug.
    "console.debug"(message: any) -> void;
    /// Removes all lines of the console.
    "console.clear"() -> void;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::MEMBERS;
    use crate::script::context::tests::results_of;

    /// A script that tests for each member whether it exists, and is a function if it has parameters.
    fn probe() -> String {
        let mut script = String::new();
        for member in MEMBERS {
            let path = member.path;
            // Properties of assertions assert something when they are read.
            let expression = match path.rsplit_once('.') {
                Some((owner, name)) if path.starts_with("to.") => {
                    format!("('{name}' in pm.expect(1).{owner})")
                }
                Some((owner, name)) if path.contains(".to.") => format!("('{name}' in {owner})"),
                _ if member.parameters.is_some() => format!("(typeof {path} === 'function')"),
                Some((owner, name)) => format!("('{name}' in {owner})"),
                None => format!("(typeof {path} !== 'undefined')"),
            };
            script += &format!(
                "pm.test('{path}', () => {{ if (!{expression}) throw new Error('is not there'); }});\n"
            );
        }
        script
    }

    #[test]
    fn every_member_exists() {
        let failed: Vec<String> = results_of(&probe())
            .into_iter()
            .filter(|result| !result.ends_with(": passed"))
            .collect();
        assert_eq!(failed, Vec::<String>::new());
    }

    #[test]
    fn every_member_of_pm_is_declared() {
        // Postman has these, the engine refuses them or does nothing.
        const NOT_OFFERED: [&str; 4] = [
            "pm.visualizer",
            "pm.vault",
            "pm.datasets",
            "pm.execution.runRequest",
        ];
        let script = "
            const names = Object.keys(pm).map((name) => `pm.${name}`);
            for (const part of ['info', 'execution']) {
              for (const name of Object.keys(pm[part])) names.push(`pm.${part}.${name}`);
            }
            for (const name of names) pm.test(name, () => {});";
        let declared: BTreeSet<&str> = MEMBERS.iter().map(|member| member.path).collect();
        let is_declared = |path: &str| {
            let inner = format!("{path}.");
            NOT_OFFERED.contains(&path)
                || declared
                    .iter()
                    .any(|known| *known == path || known.starts_with(&inner))
        };
        let results = results_of(script);
        let names = results
            .iter()
            .filter_map(|result| result.strip_suffix(": passed"));
        let missing: Vec<&str> = names.filter(|name| !is_declared(name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
        assert!(results.len() > 20, "{results:?}");
    }
}
