//! The fields of a body, as its OpenAPI schema has them.

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::joined;

/// The fields of a type and of its parts.
pub struct Fields(Vec<Field>);

struct Field {
    /// From the body on, like `tls.key`.
    path: String,
    description: Option<String>,
    is_required: bool,
}

impl Fields {
    /// Those of a type.
    pub fn of<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let mut fields = Self(Vec::new());
        fields.collect(&T::schema(), "", &parts);
        fields
    }

    /// These and others.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Their paths, from the body on.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|field| field.path.as_str())
    }

    /// Whether there is a field at a path that cannot be left out.
    pub fn is_required(&self, path: &str) -> bool {
        let mut fields = self.0.iter();
        fields.any(|field| field.path == path && field.is_required)
    }

    /// The names of those that are no part's.
    pub fn names(&self) -> Vec<String> {
        let names = self.paths().filter(|path| !path.contains('.'));
        names.map(str::to_owned).collect()
    }

    /// What the field at a path is; reads on in a sentence.
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

    /// The known field whose name differs only in case or separators: beside the unknown one, or
    /// else anywhere in the body.
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
