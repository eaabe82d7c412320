//! Saved requests. Each belongs to an existing collection.
//!
//! They are definitions that contain variables. This module does not know how they are sent or whether they
//! are valid HTTP.

use crate::contract::RequestEdit;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::field_error::{FieldError, FieldErrorKind};

use super::changes::ChangeError;
use super::schema::requests;
use super::{Store, StoreError, collections, json_text};
use crate::wall_clock::now_ms;

/// A stored request. Its JSON form is the API representation.
#[derive(
    Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = requests, treat_none_as_null = true)]
#[serde(rename_all = "camelCase")]
pub struct SavedRequest {
    /// Id.
    pub id: String,
    /// Id of the collection that contains it.
    pub collection_id: String,
    /// Name.
    pub name: String,
    /// Method, in upper case.
    pub method: String,
    /// URL, with variables as written.
    pub url: String,
    /// Query parameters as kept by a client, as JSON text: an object or a list.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = serde_json::Value)]
    pub params: String,
    /// Header values by name, as JSON text.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub headers: String,
    /// Body, as JSON text. `null` means no body.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = serde_json::Value)]
    pub body: String,
    /// Client-defined name of the kind of body.
    pub body_type: Option<String>,
    /// Authentication, as JSON text: an object.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = serde_json::Map<String, serde_json::Value>)]
    pub auth: String,
    /// Script that runs before the request.
    pub pre_request_script: String,
    /// Script that runs after the response.
    pub post_request_script: String,
    /// Creation time, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Time of the last change, in milliseconds since the Unix epoch.
    pub updated_at: i64,
}

impl Store {
    /// Creates a request, or updates the one with this id.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if a new request lacks a required field, or if its collection does not
    /// exist.
    pub fn save_request(&self, edit: RequestEdit) -> Result<SavedRequest, StoreError> {
        self.change(move |connection| save(connection, &edit))
    }

    /// Deletes a request. Returns whether it existed.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn delete_request(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.change(move |connection| {
            let found = diesel::delete(requests::table.find(&id)).execute(connection)?;
            Ok(found > 0)
        })
    }

    /// Returns the request with this id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn request(&self, id: &str) -> Result<Option<SavedRequest>, StoreError> {
        self.shared.readers.read(|connection| find(connection, id))
    }

    /// Returns the requests directly in this collection, ordered by creation time and id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn requests_of(&self, collection_id: &str) -> Result<Vec<SavedRequest>, StoreError> {
        let inside = requests::table
            .filter(requests::collection_id.eq(collection_id))
            .order((requests::created_at, requests::id))
            .select(SavedRequest::as_select());
        self.shared
            .readers
            .read(|connection| inside.load(connection))
    }
}

fn find(connection: &mut SqliteConnection, id: &str) -> QueryResult<Option<SavedRequest>> {
    let found = requests::table.find(id).select(SavedRequest::as_select());
    found.first(connection).optional()
}

fn save(
    connection: &mut SqliteConnection,
    edit: &RequestEdit,
) -> Result<SavedRequest, ChangeError> {
    if let Some(collection) = &edit.collection_id {
        collections::must_exist(connection, "collectionId", collection)?;
    }
    let stored = find(connection, &edit.id)?;
    let mut row = stored.map_or_else(|| new(edit), Ok)?;
    overwrite(&mut row, edit.clone());
    diesel::insert_into(requests::table)
        .values(&row)
        .on_conflict(requests::id)
        .do_update()
        .set(&row)
        .execute(connection)?;
    Ok(row)
}

/// Creates a request from its required fields, with defaults for the others.
fn new(edit: &RequestEdit) -> Result<SavedRequest, FieldError> {
    let missing = |field| move || missing(field, &edit.id);
    let json = |text: &str| text.to_owned();
    let now = now_ms();
    Ok(SavedRequest {
        id: edit.id.clone(),
        collection_id: (edit.collection_id.clone()).ok_or_else(missing("collectionId"))?,
        name: edit.name.clone().ok_or_else(missing("name"))?,
        method: (edit.method.clone()).ok_or_else(missing("method"))?,
        url: edit.url.clone().ok_or_else(missing("url"))?,
        params: json("{}"),
        headers: json("{}"),
        body: json("null"),
        body_type: None,
        auth: json("{}"),
        pre_request_script: String::new(),
        post_request_script: String::new(),
        created_at: now,
        updated_at: now,
    })
}

fn missing(field: &str, id: &str) -> FieldError {
    let mistake = match field {
        "url" => FieldErrorKind::Url,
        _ => FieldErrorKind::Request,
    };
    FieldError {
        mistake,
        field: field.to_owned(),
        problem: format!("is missing; there is no request \"{id}\" yet, and a new one needs it"),
    }
}

/// Overwrites the fields that were sent.
fn overwrite(row: &mut SavedRequest, edit: RequestEdit) {
    fn put<T>(place: &mut T, sent: Option<T>) {
        if let Some(value) = sent {
            *place = value;
        }
    }
    put(&mut row.collection_id, edit.collection_id);
    put(&mut row.name, edit.name);
    put(&mut row.method, edit.method);
    put(&mut row.url, edit.url);
    put(&mut row.params, edit.params);
    put(&mut row.headers, edit.headers);
    put(&mut row.body, edit.body);
    put(&mut row.body_type, edit.body_type);
    put(&mut row.auth, edit.auth);
    put(&mut row.pre_request_script, edit.pre_request_script);
    put(&mut row.post_request_script, edit.post_request_script);
    row.updated_at = now_ms();
}
