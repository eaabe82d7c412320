//! The functions around a script, as text, and the names of scripts.

/// Names of the scripts in stack traces: before the request, after the response.
pub const NAMES: [&str; 2] = ["pre-request script", "test script"];

// A script is a function inside a function that provides `pm` as a variable. Otherwise each use would look
// `pm` up in the global object, for a tenth of the time of a short script. All heads have the same length.
pub const WITH_PM: &str = "(function(){const pm=arguments[0];return ";
pub const PLAIN: &str = "(function(){                        return ";
// The semicolon prevents a `use strict` at the head of a script from being a directive, as in Postman.
pub const SYNC: &str = "function(){      ;";
pub const ASYNC: &str = "async function(){;";
pub const END: &str = "\n}";
pub const END_OF_ALL: &str = "})";
/// Columns before the script itself in the first line.
pub const WRAPPER_COLUMNS: u32 = (WITH_PM.len() + SYNC.len()) as u32;
