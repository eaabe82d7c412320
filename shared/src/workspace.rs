//! What is saved in the workspace, as changes to it: collections, requests,
//! environments and globals.
//!
//! A change names an object and holds the fields that were sent: `None` keeps
//! what is stored. A field that was reset holds its default already. JSON
//! fields are kept as the text that was sent, so that they come back unchanged.
//! What is stored, and whether a change fits it, is not known here.

use crate::http::Method;

/// A new collection, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollectionEdit {
    /// Which collection.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The collection it lies in; `Some(None)` puts it at the root.
    pub parent_id: Option<Option<String>>,
    /// Its place among its siblings.
    pub order: Option<i64>,
    /// JSON text: an object of variables.
    pub variables: Option<String>,
}

/// A new saved request, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestEdit {
    /// Which request.
    pub id: String,
    /// The collection it lies in.
    pub collection_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its method.
    pub method: Option<Method>,
    /// Its URL, with variables in it as they were written.
    pub url: Option<String>,
    /// JSON text: an object or a list.
    pub params: Option<String>,
    /// JSON text: an object of strings.
    pub headers: Option<String>,
    /// JSON text: anything.
    pub body: Option<String>,
    /// What a client calls the kind of body; `Some(None)` is none.
    pub body_type: Option<Option<String>>,
    /// JSON text: an object.
    pub auth: Option<String>,
    /// Script to run before the request.
    pub pre_request_script: Option<String>,
    /// Script to run after the response.
    pub post_request_script: Option<String>,
}

/// A new environment, or changes to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentEdit {
    /// Which environment.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// JSON text: an object of variables.
    pub variables: Option<String>,
    /// Whether a client has it selected.
    pub is_active: Option<bool>,
}

/// New global variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalsEdit {
    /// JSON text: an object of variables.
    pub variables: String,
}
