//! Collections: a tree of folders, saved, listed and deleted.
//!
//! Every change of a parent is validated in the transaction that makes it, so parents exist and the tree has
//! no cycles.

use crate::contract::{CollectionEdit, StoredVariables};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::field_error::FieldError;

use super::changes::ChangeError;
use super::schema::{collections, requests};
use super::{Store, StoreError, json_text};
use crate::wall_clock::now_ms;

/// A stored collection. Its JSON form is the API representation.
#[derive(
    Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = collections, treat_none_as_null = true)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    /// Id.
    pub id: String,
    /// Id of the parent collection. Absent at the root.
    pub parent_id: Option<String>,
    /// Name.
    pub name: String,
    /// Position among its siblings.
    #[diesel(column_name = sort_order)]
    pub order: i64,
    /// Variables, as JSON text.
    #[serde(serialize_with = "json_text::serialize")]
    #[schema(value_type = StoredVariables)]
    pub variables: String,
    /// Creation time, in milliseconds since the Unix epoch.
    pub created_at: i64,
    /// Time of the last change, in milliseconds since the Unix epoch.
    pub updated_at: i64,
}

/// Numbers of objects deleted with a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeletedCollections {
    /// Collections, including the named one.
    pub collections: usize,
    /// Requests in these collections.
    pub requests: usize,
}

impl Store {
    /// Creates a collection, or updates the one with this id.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if a new collection has no name, or if the parent does not exist or is
    /// a descendant of the collection.
    pub fn save_collection(&self, edit: CollectionEdit) -> Result<Collection, StoreError> {
        self.change(move |connection| save(connection, &edit))
    }

    /// Deletes a collection and everything in it. Returns `None` if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn delete_collection(&self, id: &str) -> Result<Option<DeletedCollections>, StoreError> {
        let id = id.to_owned();
        self.change(move |connection| Ok(delete(connection, &id)?))
    }

    /// Returns the collection with this id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn collection(&self, id: &str) -> Result<Option<Collection>, StoreError> {
        self.shared.readers.read(|connection| find(connection, id))
    }

    /// Returns all collections, ordered by `order`, creation time and id.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn collections(&self) -> Result<Vec<Collection>, StoreError> {
        use collections::{created_at, id, sort_order};
        let all = collections::table.select(Collection::as_select());
        let all = all.order((sort_order, created_at, id));
        self.shared.readers.read(|connection| all.load(connection))
    }
}

fn find(connection: &mut SqliteConnection, id: &str) -> QueryResult<Option<Collection>> {
    let found = collections::table.find(id).select(Collection::as_select());
    found.first(connection).optional()
}

/// Refuses the id of a collection that does not exist.
pub(super) fn must_exist(
    connection: &mut SqliteConnection,
    field: &str,
    id: &str,
) -> Result<(), ChangeError> {
    let count = collections::table.find(id).count();
    if count.get_result::<i64>(connection)? > 0 {
        return Ok(());
    }
    let problem = format!("is \"{id}\"; there is no such collection");
    Err(FieldError::new(field, problem).into())
}

fn save(
    connection: &mut SqliteConnection,
    edit: &CollectionEdit,
) -> Result<Collection, ChangeError> {
    if let Some(Some(parent)) = &edit.parent_id {
        check_parent(connection, &edit.id, parent)?;
    }
    let row = merged(find(connection, &edit.id)?, edit.clone())?;
    diesel::insert_into(collections::table)
        .values(&row)
        .on_conflict(collections::id)
        .do_update()
        .set(&row)
        .execute(connection)?;
    Ok(row)
}

fn merged(stored: Option<Collection>, edit: CollectionEdit) -> Result<Collection, FieldError> {
    let now = now_ms();
    let mut row = match stored {
        Some(stored) => stored,
        None => Collection {
            name: edit.name.clone().ok_or_else(|| no_name(&edit.id))?,
            id: edit.id,
            parent_id: None,
            order: 0,
            variables: "{}".to_owned(),
            created_at: now,
            updated_at: now,
        },
    };
    row.name = edit.name.unwrap_or(row.name);
    row.parent_id = edit.parent_id.unwrap_or(row.parent_id);
    row.order = edit.order.unwrap_or(row.order);
    row.variables = edit.variables.unwrap_or(row.variables);
    row.updated_at = now;
    Ok(row)
}

fn no_name(id: &str) -> FieldError {
    let problem =
        format!("is missing; there is no collection \"{id}\" yet, and a new one needs it");
    FieldError::new("name", problem)
}

fn check_parent(
    connection: &mut SqliteConnection,
    id: &str,
    parent: &str,
) -> Result<(), ChangeError> {
    let refuse = |problem: String| Err(FieldError::new("parentId", problem).into());
    if id == parent {
        return refuse(format!(
            "is \"{parent}\", the collection itself; a collection cannot be its own parent"
        ));
    }
    must_exist(connection, "parentId", parent)?;
    if ancestors(connection, parent)?.iter().any(|one| one == id) {
        return refuse(format!(
            "is \"{parent}\", which lies below \"{id}\"; a collection cannot be put below itself"
        ));
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Returns a collection and its ancestors up to the root. `UNION` omits rows found before, so the query
/// terminates even for a damaged tree.
fn ancestors(connection: &mut SqliteConnection, id: &str) -> QueryResult<Vec<String>> {
    const UP: &str = "WITH RECURSIVE line (id) AS ( \
         VALUES (?) UNION \
         SELECT parent_id FROM collections JOIN line USING (id) WHERE parent_id IS NOT NULL \
         ) SELECT id FROM line";
    walk(connection, UP, id)
}

/// Returns a collection and its descendants, each after its parent: the queue of a recursive query is first
/// in, first out (SQLite, "The WITH Clause").
fn descendants(connection: &mut SqliteConnection, id: &str) -> QueryResult<Vec<String>> {
    const DOWN: &str = "WITH RECURSIVE tree (id) AS ( \
         SELECT id FROM collections WHERE id = ? UNION \
         SELECT child.id FROM collections AS child JOIN tree ON child.parent_id = tree.id \
         ) SELECT id FROM tree";
    walk(connection, DOWN, id)
}

fn walk(connection: &mut SqliteConnection, query: &str, id: &str) -> QueryResult<Vec<String>> {
    let rows = diesel::sql_query(query).bind::<Text, _>(id);
    let rows: Vec<Id> = rows.load(connection)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Deletes from the leaves up: the schema's own cascade would not count the rows, and SQLite follows it only
/// a thousand levels deep.
fn delete(connection: &mut SqliteConnection, id: &str) -> QueryResult<Option<DeletedCollections>> {
    let tree = descendants(connection, id)?;
    let mut deleted = DeletedCollections::default();
    for id in tree.iter().rev() {
        let inside = requests::table.filter(requests::collection_id.eq(id));
        deleted.requests += diesel::delete(inside).execute(connection)?;
        deleted.collections += diesel::delete(collections::table.find(id)).execute(connection)?;
    }
    Ok((deleted.collections > 0).then_some(deleted))
}
