//! Postman-compatible scripts in QuickJS: contexts that provide the `pm` object, within time, memory and
//! stack limits.
//!
//! A [`ScriptContext`] runs the scripts of one request in sequence and holds their results. It opens no files
//! and no connections: its caller performs what scripts request (`pm.sendRequest`, timers). The engine's own
//! JavaScript is in `script/js`.

mod assertion;
mod budget;
mod bytecode;
pub(crate) mod changed;
mod context;
mod declaration;
mod error;
mod functions;
mod guess;
mod host;
mod isolation;
mod json;
mod libraries;
mod modules;
mod native;
mod plan;
mod pm_host;
mod pm_test;
mod quick;
mod response_parts;
mod rsa;
mod scopes;
mod scripts;
mod sent_request;
mod source;
mod state;
mod time_zones;
mod tokens;
pub(crate) mod watchdog;
mod wrapper;
mod xml;

pub use context::{Advance, ScriptContext, ScriptLimits, Waits};
pub use declaration::{MEMBERS, Member, Parameter};
pub use error::ScriptError;
pub use guess::{Guess, Patching};
pub use isolation::Lifetime;
pub use plan::{ScriptPlan, ScriptReply, ScriptSend};
pub use response_parts::{BodyLimit, ResponseParts, truncation_message};
pub use scopes::{ScopeKind, ScopeValue, Scopes, VariableScope};
pub use scripts::Scripts;
pub use source::check;
pub use state::{CookieStore, LogLine, NextRequest, TestOutcome, TestResult};
