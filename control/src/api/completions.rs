//! `GET /scripting/completions`: completion items for a script editor.
//!
//! The items are made from the members that `vayu_worker::script` declares. Their fields, kinds and insert-text rules
//! are the ones of the Monaco editor, which the desktop client embeds.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_worker::script::{MEMBERS, Member, Parameter};

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
    label: String,
    /// Monaco's `CompletionItemKind`: 0 method, 9 property.
    kind: u8,
    /// Text to insert; `${1:name}` marks a placeholder.
    insert_text: String,
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
            .map(|(index, member)| completion(index, member))
            .collect(),
    })
}

fn completion(index: usize, member: &Member) -> Completion {
    const METHOD: u8 = 0;
    const PROPERTY: u8 = 9;
    const SNIPPET: u8 = 4;
    let parameters = member.parameters.unwrap_or_default();
    Completion {
        label: label(member),
        kind: member.parameters.map_or(PROPERTY, |_| METHOD),
        insert_text: insert_text(member),
        insert_text_rules: (!parameters.is_empty()).then_some(SNIPPET),
        detail: member.result,
        documentation: member.docs,
        sort_text: format!("{index:03}"),
    }
}

/// The path with the names of the parameters: `pm.test(name, fn)`.
fn label(member: &Member) -> String {
    written(member, |_, parameter| parameter.name.to_owned())
}

/// The path with a placeholder for each parameter. A call with a function is a statement of its own.
fn insert_text(member: &Member) -> String {
    let last = member.parameters.unwrap_or_default().last();
    let is_statement = last.is_some_and(|last| matches!(last.kind, "test" | "callback"));
    written(member, placeholder) + if is_statement { ";" } else { "" }
}

/// The path, and the parameters as `write` writes each with its number.
fn written(member: &Member, write: impl Fn(usize, &Parameter) -> String) -> String {
    let Some(parameters) = member.parameters else {
        return member.path.to_owned();
    };
    let numbered = (1..).zip(parameters);
    let parameters: Vec<String> = numbered
        .map(|(number, parameter)| write(number, parameter))
        .collect();
    format!("{}({})", member.path, parameters.join(", "))
}

fn placeholder(number: usize, Parameter { name, kind }: &Parameter) -> String {
    match *kind {
        "string" => format!("\"${{{number}:{name}}}\""),
        "pattern" => format!("/${{{number}:{name}}}/"),
        "header" => format!(
            "{{ key: \"${{{number}:name}}\", value: \"${{{}:value}}\" }}",
            number + 1
        ),
        "test" => format!("() => {{\n\t${{{number}}}\n}}"),
        "callback" => format!("(error, response) => {{\n\t${{{number}}}\n}}"),
        _ => format!("${{{number}:{name}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> (String, String) {
        let member = MEMBERS.iter().find(|member| member.path == path);
        let member = member.expect("a declared member");
        (label(member), insert_text(member))
    }

    #[test]
    fn labels_and_snippets_follow_the_declaration() {
        for (path, expected_label, snippet) in [
            (
                "pm.test",
                "pm.test(name, fn)",
                "pm.test(\"${1:name}\", () => {\n\t${2}\n});",
            ),
            ("pm.response.code", "pm.response.code", "pm.response.code"),
            (
                "pm.response.json",
                "pm.response.json()",
                "pm.response.json()",
            ),
            ("to.match", "to.match(pattern)", "to.match(/${1:pattern}/)"),
            (
                "pm.request.headers.upsert",
                "pm.request.headers.upsert(header)",
                "pm.request.headers.upsert({ key: \"${1:name}\", value: \"${2:value}\" })",
            ),
            (
                "pm.sendRequest",
                "pm.sendRequest(url, callback)",
                "pm.sendRequest(\"${1:url}\", (error, response) => {\n\t${2}\n});",
            ),
        ] {
            assert_eq!(of(path), (expected_label.to_owned(), snippet.to_owned()));
        }
    }
}
