//! What is saved in the workspace, as changes to it: collections, requests,
//! environments and globals.
//!
//! A change names an object and holds the fields that were sent: `None` keeps
//! what is stored. A field that was reset holds its default already. JSON
//! fields are kept as the text that was sent, so that they come back unchanged.
//! What is stored, and whether a change fits it, is not known here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::Method;

/// Variables by name.
pub type Variables = BTreeMap<String, StoredVariable>;

/// A variable as a client keeps it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum StoredVariable {
    /// Its value.
    Text(String),
    /// Its value beside other things, like `{"value": "…", "enabled": true}`.
    /// With `enabled` false it counts as not there.
    Full(Map<String, Value>),
}

/// A new collection, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CollectionEdit {
    /// Which collection: an id of the client's own making.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^(\.{0,2}[A-Za-z0-9_:-][A-Za-z0-9._:-]*|\.{3}[A-Za-z0-9._:-]*)$"
    )]
    pub id: String,
    /// Its name; a new one needs it.
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 512)]
    pub name: Option<String>,
    /// The collection it lies in; `null` puts it at the root.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, pattern = r"^(\.{0,2}[A-Za-z0-9_:-][A-Za-z0-9._:-]*|\.{3}[A-Za-z0-9._:-]*)$")]
    pub parent_id: Option<Option<String>>,
    /// Its place among its siblings. Default: 0.
    #[schema(minimum = -9007199254740991i64, maximum = 9007199254740991i64)]
    pub order: Option<i64>,
    /// JSON text: an object of variables.
    #[schema(value_type = Option<Variables>)]
    pub variables: Option<String>,
}

/// A new saved request, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct RequestEdit {
    /// Which request: an id of the client's own making.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^(\.{0,2}[A-Za-z0-9_:-][A-Za-z0-9._:-]*|\.{3}[A-Za-z0-9._:-]*)$"
    )]
    pub id: String,
    /// The collection it lies in; a new one needs it.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^(\.{0,2}[A-Za-z0-9_:-][A-Za-z0-9._:-]*|\.{3}[A-Za-z0-9._:-]*)$"
    )]
    pub collection_id: Option<String>,
    /// Its name; a new one needs it.
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 512)]
    pub name: Option<String>,
    /// Its method: one of the IANA registry, in any case, or with `customMethod: true`
    /// any token; a new one needs it.
    #[schema(value_type = Option<String>, nullable = false,
             pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$")]
    pub method: Option<Method>,
    /// Whether a `method` that is not known is accepted. Not stored. Default: false.
    pub custom_method: Option<bool>,
    /// Its URL, with variables in it as they were written; a new one needs it.
    #[schema(min_length = 1, max_length = 8192)]
    pub url: Option<String>,
    /// JSON text: an object or a list.
    #[schema(value_type = Option<Value>)]
    pub params: Option<String>,
    /// JSON text: an object of strings.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub headers: Option<String>,
    /// JSON text: anything.
    #[schema(value_type = Option<Value>)]
    pub body: Option<String>,
    /// What a client calls the kind of body; `null` is none.
    #[schema(value_type = Option<String>)]
    pub body_type: Option<Option<String>>,
    /// JSON text: an object.
    #[schema(value_type = Option<Map<String, Value>>)]
    pub auth: Option<String>,
    /// Script to run before the request.
    pub pre_request_script: Option<String>,
    /// Script to run after the response.
    pub post_request_script: Option<String>,
}

/// A new environment, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct EnvironmentEdit {
    /// Which environment: an id of the client's own making.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^(\.{0,2}[A-Za-z0-9_:-][A-Za-z0-9._:-]*|\.{3}[A-Za-z0-9._:-]*)$"
    )]
    pub id: String,
    /// Its name; a new one needs it.
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 512)]
    pub name: Option<String>,
    /// JSON text: an object of variables.
    #[schema(value_type = Option<Variables>)]
    pub variables: Option<String>,
    /// Whether a client has it selected.
    pub is_active: Option<bool>,
}

/// New global variables.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
pub struct GlobalsEdit {
    /// JSON text: an object of variables.
    #[schema(value_type = Variables)]
    pub variables: String,
}
