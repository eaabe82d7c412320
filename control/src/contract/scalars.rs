//! Single values whose type contains their validation, except numbers and time spans.

use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;
use serde::de::value::{Error as ValueError, MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use vayu_shared::field_error::mismatch;
use vayu_shared::limits;

/// Implements the contract's traits for a type that has a function `of`, from a JSON value; the schema is
/// given after the type. For values that can be written in more than one form.
macro_rules! by_value {
    ($($read:ident: $schema:expr),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $read {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                Self::of(&value).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::ToSchema for $read {}

        impl utoipa::PartialSchema for $read {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema
            }
        }
    )*};
}

pub(super) use by_value;

/// Schema of a string.
pub fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// An IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let invalid = |_| D::Error::custom(format!("is \"{text}\", which is not an IP address"));
        text.parse().map(Self).map_err(invalid)
    }
}

impl ToSchema for Address {}

impl PartialSchema for Address {
    fn schema() -> RefOr<Schema> {
        text().into()
    }
}

/// The address of a name server, with or without a port. Default port: 53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameServer(pub SocketAddr);

impl<'de> Deserialize<'de> for NameServer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const PORT: u16 = 53;
        let text = String::deserialize(deserializer)?;
        let bare = |_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT));
        let server = text.parse().or_else(bare).map(Self);
        server.map_err(|_| {
            D::Error::custom(format!(
                "is \"{text}\"; expected an address like \"10.0.0.53:53\""
            ))
        })
    }
}

/// The id of a saved object, chosen by the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Id(pub String);

/// The name of a saved object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(pub String);

/// Text that appears neither in errors nor in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

by_value! {
    Id: text().min_length(Some(1)).max_length(Some(limits::ID_CHARS)).pattern(Some(Id::PATTERN)).into(),
    Name: text().min_length(Some(1)).max_length(Some(limits::NAME_CHARS)).into(),
    Secret: text().into(),
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl Id {
    /// `.` and `..` are dot segments in a path (RFC 3986, 5.2.4).
    const PATTERN: &str = r"^(\.{0,2}[A-Za-z0-9_:-][A-Za-z0-9._:-]*|\.{3}[A-Za-z0-9._:-]*)$";

    fn of(value: &Value) -> Result<Self, String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        match value.as_str() {
            Some("." | "..") => Err(mismatch(value, "an id that a URL can name")),
            Some(id) if (1..=limits::ID_CHARS).contains(&id.len()) && id.chars().all(legal) => {
                Ok(Self(id.to_owned()))
            }
            _ => {
                let most = limits::ID_CHARS;
                let right = format!("1 to {most} letters, digits, `-`, `_`, `.` or `:`");
                Err(mismatch(value, &right))
            }
        }
    }
}

impl Name {
    fn of(value: &Value) -> Result<Self, String> {
        let name = value.as_str().ok_or_else(|| mismatch(value, "a string"))?;
        let (chars, most) = (name.chars().count(), limits::NAME_CHARS);
        if (1..=most).contains(&chars) {
            return Ok(Self(name.to_owned()));
        }
        Err(format!(
            "has {chars} characters; it has to have 1 to {most}"
        ))
    }
}

impl Secret {
    fn of(value: &Value) -> Result<Self, String> {
        let text = value.as_str().map(|text| Self(text.to_owned()));
        text.ok_or_else(|| "has to be a string".to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A string, or a list of strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let one = T::deserialize(StrDeserializer::new(text))?;
        Ok(OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            entries.push(entry);
        }
        Ok(OneOrMany(entries))
    }
}

impl<T: ToSchema> ToSchema for OneOrMany<T> {}

impl<T: ToSchema> PartialSchema for OneOrMany<T> {
    fn schema() -> RefOr<Schema> {
        let list = ArrayBuilder::new().items(T::schema());
        OneOfBuilder::new().item(T::schema()).item(list).into()
    }
}

/// Parses an enum name; `null` is `None`. Serde would also accept an object whose only key is a name.
pub fn word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.is_null() {
        return Ok(None);
    }
    // A value that is not a string gets the error of an unknown name, which lists the known names.
    let word = StrDeserializer::<ValueError>::new(value.as_str().unwrap_or_default());
    T::deserialize(word).map(Some).map_err(D::Error::custom)
}

/// Parses the enum name of a required field.
pub fn required_word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    word(deserializer)?.ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &"a word"))
}

/// Parses an object; `null` is `None`. Serde would also accept an array of the field values.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_option(ObjectVisitor(PhantomData))
}

/// Parses a required object.
pub fn required_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let part = deserializer.deserialize_map(ObjectVisitor(PhantomData))?;
    part.ok_or_else(|| D::Error::custom("has to be an object"))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}
