//! Adds what follows from the properties of an operation, so that no handler has to list it: error responses,
//! and the optional bearer token.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// Adds error responses and the security scheme to every operation.
pub struct Refusals;

/// Name of the security scheme in the document.
const TOKEN: &str = "token";

impl Modify for Refusals {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Needed when the engine was started with `--token`"))
            .build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
        // Either no token or a token, depending on the engine's options.
        let scopes: [&str; 0] = [];
        let token = SecurityRequirement::new(TOKEN, scopes);
        document.security = Some(vec![SecurityRequirement::default(), token]);
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.delete];
            operations.into_iter().flatten().for_each(refuse);
        }
    }
}

fn refuse(operation: &mut Operation) {
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let is_path = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(one) => one.parameter_in == ParameterIn::Path,
        RefOr::Ref(_) => false,
    };
    let named = parameters.iter().any(is_path);
    let has_body = operation.request_body.is_some();
    let takes_anything = has_body || !parameters.is_empty();
    let refusals = [
        ("400", "A field or parameter is wrong", takes_anything),
        ("401", "The bearer token is missing or wrong", true),
        ("403", "`Host` or `Origin` is not allowed", true),
        ("404", "There is no such thing", named),
        ("413", "The body is larger than 16 MiB", has_body),
        ("500", "Something in the engine failed", true),
    ];
    for (status, description, applies) in refusals {
        if applies {
            let responses = &mut operation.responses.responses;
            let absent = || RefOr::T(refusal(description));
            responses.entry(status.to_owned()).or_insert_with(absent);
        }
    }
}

fn refusal(description: &str) -> Response {
    let schema = Ref::from_schema_name("ErrorBody");
    ResponseBuilder::new()
        .description(description)
        .content("application/json", Content::new(Some(schema)))
        .build()
}
