//! The test harness: starts the real binaries, talks real HTTP to them, and reads the real database.
//!
//! The binaries come from the same build as the suites; `./dev test` builds them first. Every process and
//! server stops when its value is dropped.

mod bodies;
mod busy;
mod certs;
mod client;
mod contract;
mod database;
mod design;
mod dns;
mod engine;
mod faulty_targets;
mod files;
mod log_processor;
mod manager_app;
mod nginx;
mod nginx_tls;
mod origin;
pub mod parsers;
mod peer;
mod process;
mod quiet;
mod raw_server;
mod report;
mod script_corpus;
mod scripted;
mod tcp_server;
mod usage;

pub use bodies::merged;
pub use busy::{BusyLoops, Throttle};
pub use certs::{Certs, Identity, Pem};
pub use client::{Answer, Event, delete, get, get_text, post, raw, stream};
pub use contract::Contract;
pub use database::Database;
pub use design::{get_request, made, refused};
pub use dns::{Dns, Reply};
pub use engine::{Engine, RunHandle};
pub use faulty_targets::{Fault, FaultyTargets};
pub use files::files_below;
pub use log_processor::{ProcessedInterval, ProcessedLog, process_log, tags_of_log};
pub use manager_app::{App, PAGES};
pub use nginx::Nginx;
pub use nginx_tls::{Tls, TlsRequest};
pub use origin::Origin;
pub use peer::{Conversation, OK, Peer};
pub use process::{Server, binary};
pub use quiet::{Quiet, Stalls};
pub use raw_server::{RawServer, TlsFault};
pub use report::{assert_balanced, count, number, print_line, verdict};
pub use script_corpus::{ScriptCase, leaking_scripts, script_cases, script_server};
pub use scripted::{ReceivedRequest, Scripted, response, token_server};
pub use usage::{descriptors, resident_kib, settled_descriptors};
