//! Fields of any JSON. Their values are taken unchanged from the body, because numbers lose digits in serde.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

/// Skips a field of any JSON. With `serde::de::IgnoredAny` the field would be reported as unknown.
pub fn any_json<'de, D: Deserializer<'de>, T: Default>(deserializer: D) -> Result<T, D::Error> {
    Skipped::<true>::deserialize(deserializer).map(|_| T::default())
}

/// Any value; with `LISTS` false, any value except a list.
pub struct Skipped<const LISTS: bool>;

impl<'de, const LISTS: bool> Deserialize<'de> for Skipped<LISTS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de, const LISTS: bool> Visitor<'de> for Skipped<LISTS> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or an object with a `value`")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        if !LISTS {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        while list.next_element::<Skipped<true>>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Skipped<true>, Skipped<true>>()?.is_some() {}
        Ok(self)
    }
}
