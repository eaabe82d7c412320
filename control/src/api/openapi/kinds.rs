//! Adds what no type can express about a body: which of its fields go together.

use utoipa::Modify;
use utoipa::openapi::OpenApi;

use crate::contract::RunBody;

/// Adds the field combinations of each kind of load to `RunBody`.
pub struct Kinds;

impl Modify for Kinds {
    fn modify(&self, document: &mut OpenApi) {
        let schemas = document.components.as_mut();
        let body = schemas.and_then(|components| components.schemas.get_mut("RunBody"));
        if let Some(body) = body {
            *body = RunBody::schema_of_kinds(body.clone());
        }
    }
}
