//! The fields of a body, taken from its OpenAPI schema.

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::joined;

/// The fields of a type, including nested ones.
pub struct Fields(Vec<Field>);

struct Field {
    /// Path from the body, like `tls.key`.
    path: String,
    description: Option<String>,
    is_required: bool,
}

impl Fields {
    /// Returns the fields of a type.
    pub fn of<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let mut fields = Self(Vec::new());
        fields.collect(&T::schema(), "", &parts);
        fields
    }

    /// Appends the fields of `other`.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the paths from the body.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|field| field.path.as_str())
    }

    /// Returns whether there is a required field at a path.
    pub fn is_required(&self, path: &str) -> bool {
        let mut fields = self.0.iter();
        fields.any(|field| field.path == path && field.is_required)
    }

    /// Returns the names of the top-level fields.
    pub fn names(&self) -> Vec<String> {
        let names = self.paths().filter(|path| !path.contains('.'));
        names.map(str::to_owned).collect()
    }

    /// Returns the description of the field at a path, in a form that continues a sentence.
    pub fn description(&self, path: &str) -> Option<String> {
        let field = self.0.iter().find(|field| field.path == path)?;
        let text = field.description.as_deref()?.trim_end_matches('.');
        let text = text.replace('\n', " ");
        let (first, rest) = text.split_at_checked(1)?;
        // An abbreviation keeps its capitals.
        let is_word = !rest.starts_with(|c: char| c.is_uppercase());
        let first = if is_word {
            first.to_lowercase()
        } else {
            first.to_owned()
        };
        Some(format!("{first}{rest}"))
    }

    /// Returns the known field whose name differs only in case or separators: preferably with the same
    /// parent, otherwise anywhere in the body.
    pub fn likely(&self, path: &str) -> Option<&str> {
        let split = |path: &'_ str| {
            let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
            let plain = name.chars().filter(|c| c.is_alphanumeric());
            let plain: String = plain.flat_map(char::to_lowercase).collect();
            (parent.to_owned(), plain)
        };
        let (parent, name) = split(path);
        let same: Vec<&str> = self
            .paths()
            .filter(|known| split(known).1 == name)
            .collect();
        let beside = same.iter().find(|known| split(known).0 == parent);
        beside.or(same.first()).copied()
    }

    fn collect(&mut self, schema: &RefOr<Schema>, path: &str, parts: &[(String, RefOr<Schema>)]) {
        let schema = match schema {
            RefOr::T(schema) => schema,
            RefOr::Ref(link) => {
                let name = link.ref_location.rsplit('/').next().unwrap_or_default();
                let part = parts.iter().find(|(part, _)| part == name);
                return part.map_or((), |(_, schema)| self.collect(schema, path, parts));
            }
        };
        match schema {
            Schema::Object(object) => {
                for (name, field) in &object.properties {
                    let path = joined(path, name);
                    self.collect(field, &path, parts);
                    let description = description_of(field);
                    self.0.push(Field {
                        path,
                        description,
                        is_required: object.required.contains(name),
                    });
                }
            }
            Schema::OneOf(kinds) => kinds
                .items
                .iter()
                .for_each(|kind| self.collect(kind, path, parts)),
            _ => {}
        }
    }
}

fn description_of(field: &RefOr<Schema>) -> Option<String> {
    match field {
        RefOr::Ref(link) => Some(link.description.clone()).filter(|text| !text.is_empty()),
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::OneOf(kinds)) => kinds.description.clone(),
        RefOr::T(_) => None,
    }
}

#[cfg(test)]
mod tests;
