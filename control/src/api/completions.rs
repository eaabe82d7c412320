//! `GET /scripting/completions`: completion items for a script editor.
//!
//! The fields are those of a completion item of the Monaco editor, which the desktop client embeds; kinds and
//! insert-text rules are Monaco's numbers too.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// The script API, as completion items.
#[derive(Serialize, ToSchema)]
pub struct Completions {
    /// Version of the engine.
    version: &'static str,
    /// JavaScript engine that runs the scripts.
    engine: &'static str,
    /// Completion items.
    completions: Vec<Completion>,
}

/// A completion item.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// Text shown in the list.
    label: &'static str,
    /// Monaco's `CompletionItemKind`: 0 method, 9 property.
    kind: u8,
    /// Text to insert; `${1:name}` marks a placeholder.
    insert_text: &'static str,
    /// Monaco's rule 4: the text is a snippet. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    insert_text_rules: Option<u8>,
    /// Short description, like the type.
    detail: &'static str,
    /// Full description.
    documentation: &'static str,
    /// Sort key that preserves the order of the list.
    sort_text: String,
}

/// List the script API for an editor
#[utoipa::path(get, path = "/scripting/completions", operation_id = "listCompletions", tag = "Scripting",
    responses((status = 200, description = "The members", body = Completions)))]
pub async fn get() -> HttpResponse {
    let members = MEMBERS.iter().enumerate();
    HttpResponse::Ok().json(Completions {
        version: env!("CARGO_PKG_VERSION"),
        engine: "QuickJS",
        completions: members
            .map(|(place, member)| completion(place, member))
            .collect(),
    })
}

/// An item: the text to insert, and its description. The label is that text without placeholders.
struct Member {
    label: &'static str,
    insert: &'static str,
    detail: &'static str,
    documentation: &'static str,
}

fn completion(place: usize, member: &Member) -> Completion {
    const METHOD: u8 = 0;
    const PROPERTY: u8 = 9;
    const SNIPPET: u8 = 4;
    Completion {
        label: member.label,
        kind: if member.label.ends_with(')') {
            METHOD
        } else {
            PROPERTY
        },
        insert_text: member.insert,
        insert_text_rules: member.insert.contains("${").then_some(SNIPPET),
        detail: member.detail,
        documentation: member.documentation,
        sort_text: format!("{place:03}"),
    }
}

macro_rules! members {
    ($($label:literal, $insert:literal, $detail:literal, $documentation:literal;)*) => {
        [$(Member {
            label: $label,
            insert: $insert,
            detail: $detail,
            documentation: $documentation,
        }),*]
    };
}

static MEMBERS: [Member; 57] = members![
    "pm.test(name, fn)", "pm.test(\"${1:name}\", () => {\n\t${2}\n});", "a test", "Runs assertions under a name; the answer lists whether they held.";
    "pm.expect(value)", "pm.expect(${1:value})", "an assertion", "Begins a chain of assertions about a value.";
    "pm.response.code", "pm.response.code", "number", "Status code of the response.";
    "pm.response.status", "pm.response.status", "string", "Reason phrase of the response, like OK.";
    "pm.response.body", "pm.response.body", "any", "Body of the response, parsed when it is JSON.";
    "pm.response.text()", "pm.response.text()", "string", "Body of the response as text.";
    "pm.response.json()", "pm.response.json()", "any", "Body of the response parsed as JSON; throws when it is none.";
    "pm.response.truncated", "pm.response.truncated", "boolean", "Whether the body is longer than what scripts see of it.";
    "pm.response.headers", "pm.response.headers", "headers", "Headers of the response.";
    "pm.response.responseTime", "pm.response.responseTime", "number", "Time of the whole request in milliseconds.";
    "pm.response.cookies", "pm.response.cookies", "array", "Cookies the response set.";
    "pm.request.method", "pm.request.method", "string", "Method of the request.";
    "pm.request.url", "pm.request.url", "URL", "URL of the request.";
    "pm.request.headers", "pm.request.headers", "headers", "Headers of the request.";
    "pm.request.body", "pm.request.body", "body", "Body of the request.";
    "pm.variables.get(name)", "pm.variables.get(\"${1:name}\")", "any", "Value of a variable, wherever it is set.";
    "pm.variables.set(name, value)", "pm.variables.set(\"${1:name}\", ${2:value})", "nothing", "Sets a variable for this request only.";
    "pm.environment.get(name)", "pm.environment.get(\"${1:name}\")", "any", "Value of a variable of the environment.";
    "pm.environment.set(name, value)", "pm.environment.set(\"${1:name}\", ${2:value})", "nothing", "Sets a variable of the environment.";
    "to.equal(value)", "to.equal(${1:value})", "assertion", "The same value, as === tells.";
    "to.not.equal(value)", "to.not.equal(${1:value})", "assertion", "Another value.";
    "to.be.true", "to.be.true", "assertion", "Exactly true.";
    "to.be.false", "to.be.false", "assertion", "Exactly false.";
    "to.be.null", "to.be.null", "assertion", "Exactly null.";
    "to.be.undefined", "to.be.undefined", "assertion", "Exactly undefined.";
    "to.be.above(n)", "to.be.above(${1:n})", "assertion", "A larger number.";
    "to.be.below(n)", "to.be.below(${1:n})", "assertion", "A smaller number.";
    "to.be.within(min, max)", "to.be.within(${1:min}, ${2:max})", "assertion", "A number from min to max.";
    "to.include(item)", "to.include(${1:item})", "assertion", "An array or a text with this in it.";
    "to.match(pattern)", "to.match(/${1:pattern}/)", "assertion", "A text that fits the pattern.";
    "to.have.property(name)", "to.have.property(\"${1:name}\")", "assertion", "An object with this property.";
    "to.have.property(name, value)", "to.have.property(\"${1:name}\", ${2:value})", "assertion", "An object with this property and this value of it.";
    "to.have.length(n)", "to.have.length(${1:n})", "assertion", "An array or a text of this length.";
    "to.be.a(type)", "to.be.a(\"${1:string}\")", "assertion", "A value of this type.";
    "to.be.an(type)", "to.be.an(\"${1:array}\")", "assertion", "A value of this type.";
    "console.log(message)", "console.log(${1:message})", "nothing", "Writes a line to the console of the answer.";
    "console.info(message)", "console.info(${1:message})", "nothing", "Writes a line to the console of the answer, as information.";
    "console.warn(message)", "console.warn(${1:message})", "nothing", "Writes a line to the console of the answer, as a warning.";
    "console.error(message)", "console.error(${1:message})", "nothing", "Writes a line to the console of the answer, as an error.";
    "pm.test.skip(name, fn)", "pm.test.skip(\"${1:name}\", () => {\n\t${2}\n});", "a test", "Names a test without running it.";
    "pm.response.to.have.status(code)", "pm.response.to.have.status(${1:200})", "assertion", "The response has this status code, or this reason phrase.";
    "pm.response.to.have.header(name)", "pm.response.to.have.header(\"${1:name}\")", "assertion", "The response has a header of this name.";
    "pm.response.to.have.jsonBody(path, value)", "pm.response.to.have.jsonBody(\"${1:path}\", ${2:value})", "assertion", "The JSON body has this value at this path.";
    "pm.response.to.have.jsonSchema(schema)", "pm.response.to.have.jsonSchema(${1:schema})", "assertion", "The JSON body fits the schema.";
    "pm.response.to.be.ok", "pm.response.to.be.ok", "assertion", "The response is 200 OK.";
    "pm.response.headers.get(name)", "pm.response.headers.get(\"${1:name}\")", "string", "Value of a header of the response; of several, the last.";
    "pm.request.headers.upsert(header)", "pm.request.headers.upsert({key: \"${1:name}\", value: ${2:value}})", "nothing", "Sets a header of the request before it is sent.";
    "pm.globals.get(name)", "pm.globals.get(\"${1:name}\")", "any", "Value of a global variable.";
    "pm.globals.set(name, value)", "pm.globals.set(\"${1:name}\", ${2:value})", "nothing", "Sets a global variable.";
    "pm.collectionVariables.get(name)", "pm.collectionVariables.get(\"${1:name}\")", "any", "Value of a variable of the collection.";
    "pm.collectionVariables.set(name, value)", "pm.collectionVariables.set(\"${1:name}\", ${2:value})", "nothing", "Sets a variable of the collection.";
    "pm.variables.replaceIn(text)", "pm.variables.replaceIn(\"${1:text}\")", "string", "The text with its variables replaced.";
    "pm.cookies.get(name)", "pm.cookies.get(\"${1:name}\")", "string", "Value of a cookie of the request's URL.";
    "pm.sendRequest(request, callback)", "pm.sendRequest(\"${1:url}\", (error, response) => {\n\t${2}\n});", "a request", "Sends another request; without a callback it gives a promise.";
    "pm.execution.skipRequest()", "pm.execution.skipRequest()", "nothing", "Before the request: it is not sent.";
    "pm.info.iteration", "pm.info.iteration", "number", "Number of the iteration, from 0.";
    "require(library)", "require(\"${1:lodash}\")", "a library", "One of the libraries in docs/scripting.md.";
];
