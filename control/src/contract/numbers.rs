//! Numbers whose type contains their range.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{Number, PartialSchema, ToSchema};
use vayu_shared::field_error::mismatch;
use vayu_shared::limits;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::scalars::by_value;

/// A whole number from `MIN` to `MAX`. `5.0` is accepted too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeNumber<const MIN: u64, const MAX: u64>(pub u64);

struct WholeVisitor<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Visitor<'_> for WholeVisitor<MIN, MAX> {
    type Value = WholeNumber<MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {MIN} to {MAX}")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        if number.fract() != 0.0 || number < MIN as f64 || number > MAX as f64 {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        Ok(WholeNumber(number as u64))
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for WholeNumber<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(WholeVisitor)
    }
}

impl<const MIN: u64, const MAX: u64> ToSchema for WholeNumber<MIN, MAX> {}

impl<const MIN: u64, const MAX: u64> PartialSchema for WholeNumber<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        whole(MIN, MAX)
    }
}

/// A percentage, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

/// An arrival rate, per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetRps(pub f64);

/// Latency above which a request is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowThreshold(pub Nanos);

/// Position of a saved object among its siblings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order(pub i64);

by_value! {
    Percent: number(0.0, 100.0),
    TargetRps: number(limits::TARGET_RPS_MIN, limits::TARGET_RPS),
    SlowThreshold: number(0.0, SlowThreshold::MAX_MS),
    Order: whole(-limits::ORDER, limits::ORDER),
}

/// Returns the number of a value if it is in the range.
fn between(value: &Value, least: f64, most: f64) -> Option<f64> {
    let number = value.as_f64();
    number.filter(|number| (least..=most).contains(number))
}

fn number(least: f64, most: f64) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Number);
    number.minimum(Some(least)).maximum(Some(most)).into()
}

fn whole<N: Into<Number>>(least: N, most: N) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    number.minimum(Some(least)).maximum(Some(most)).into()
}

impl Percent {
    fn of(value: &Value) -> Result<Self, String> {
        let number = between(value, 0.0, 100.0).map(Self);
        number.ok_or_else(|| mismatch(value, "a percentage, 0 to 100"))
    }
}

impl TargetRps {
    fn of(value: &Value) -> Result<Self, String> {
        let number = between(value, limits::TARGET_RPS_MIN, limits::TARGET_RPS).map(Self);
        number.ok_or_else(|| {
            let (least, most) = (limits::TARGET_RPS_MIN, limits::TARGET_RPS);
            mismatch(value, &format!("{least} to {most} requests per second"))
        })
    }
}

impl SlowThreshold {
    const MAX_MS: f64 = 1e9;

    fn of(value: &Value) -> Result<Self, String> {
        let ms = between(value, 0.0, Self::MAX_MS);
        ms.map(|ms| Self((ms * MILLISECOND as f64).round() as Nanos))
            .ok_or_else(|| mismatch(value, "a number of milliseconds, 0 or more"))
    }
}

impl From<Order> for i64 {
    fn from(order: Order) -> Self {
        order.0
    }
}

impl Order {
    fn of(value: &Value) -> Result<Self, String> {
        let most = limits::ORDER as f64;
        let number = between(value, -most, most).filter(|number| number.fract() == 0.0);
        number.map(|number| Self(number as i64)).ok_or_else(|| {
            let most = limits::ORDER;
            mismatch(value, &format!("a whole number, at most {most} either way"))
        })
    }
}
