//! Compares the fields that serde reads of each body with the fields of its schema.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;

use super::*;
use crate::contract::connection::{ConnectionBody, DnsBody, TlsBody};
use crate::contract::{auth, design, payload, request, run, workspace};

/// A deserializer that only records the fields a type asks for.
struct Asked<'a>(&'a mut Vec<&'static str>);

#[derive(Debug)]
struct Enough;

impl fmt::Display for Enough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields are known")
    }
}

impl std::error::Error for Enough {}

impl Error for Enough {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Enough;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Enough> {
        Err(Enough)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Enough> {
        self.0.extend(fields);
        Err(Enough)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn assert_same_fields<'de, T: Deserialize<'de> + ToSchema>() {
    let name = std::any::type_name::<T>();
    let mut read = Vec::new();
    let _ = T::deserialize(Asked(&mut read));
    let mut described = Fields::of::<T>().names();
    described.sort_unstable();
    read.sort_unstable();
    assert!(!read.is_empty(), "{name} has no fields");
    assert_eq!(read, described, "{name}");
}

#[test]
fn every_field_that_is_read_is_in_the_schema_and_no_other() {
    assert_same_fields::<ConnectionBody>();
    assert_same_fields::<DnsBody>();
    assert_same_fields::<TlsBody>();
    assert_same_fields::<request::RequestConfig>();
    assert_same_fields::<design::DesignOptions>();
    assert_same_fields::<run::RunBody>();
    assert_same_fields::<run::Pacing>();
    assert_same_fields::<auth::BearerAuth>();
    assert_same_fields::<auth::LoginAuth>();
    assert_same_fields::<auth::ApiKeyAuth>();
    assert_same_fields::<auth::OAuth2Auth>();
    assert_same_fields::<auth::AwsAuth>();
    assert_same_fields::<payload::RawBody>();
    assert_same_fields::<payload::Pair>();
    assert_same_fields::<payload::Part>();
    assert_same_fields::<payload::FileSource>();
    assert_same_fields::<payload::BinarySource>();
    assert_same_fields::<vayu_shared::body::GraphQl>();
    assert_same_fields::<workspace::CollectionEdit>();
    assert_same_fields::<workspace::RequestEdit>();
    assert_same_fields::<workspace::EnvironmentEdit>();
    assert_same_fields::<workspace::GlobalsEdit>();
}
