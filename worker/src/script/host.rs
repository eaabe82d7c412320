//! Makes `host`, the object through which the engine's own JavaScript reaches the engine. Its members are declared in
//! `declaration/host.rs`; the files named here define them.

use rquickjs::{Ctx, Object, Result};

use super::assertion::define_assertions;
use super::libraries::define_libraries;
use super::pm_host::define_pm;
use super::pm_test::define_tests;
use super::quick::define_quick;
use super::rsa::define_rsa;
use super::state::Shared;
use super::time_zones::define_time_zones;
use super::xml::define_xml;

/// Creates `host`. `has_pre` is whether there is a script before the request; `unix_ns` returns the time of day for
/// dynamic variables.
///
/// # Errors
/// Returns an error if there is no memory.
pub fn make_host<'js>(
    ctx: &Ctx<'js>,
    shared: &Shared,
    has_pre: bool,
    unix_ns: impl Fn() -> u64 + 'static,
) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    define_assertions(&host)?;
    define_quick(&host, shared)?;
    define_tests(&host, shared)?;
    define_pm(&host, shared, unix_ns)?;
    define_libraries(&host)?;
    define_rsa(&host)?;
    define_time_zones(&host)?;
    define_xml(&host)?;
    host.set("hasPre", has_pre)?;
    Ok(host)
}
