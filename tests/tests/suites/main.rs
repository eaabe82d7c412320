//! What the engine does, seen from outside: the real binaries are started, spoken to over real
//! HTTP, and the real database is read. One program, so that it is linked once; several tests
//! run at a time, so none may depend on how quick the machine is: those are in `measured`.

mod access;
mod bad_fields;
mod cli;
mod config;
mod connections;
mod containment;
mod cors;
mod crashes;
mod design;
mod design_access;
mod design_cases;
mod dialect;
mod early_responses;
mod edge;
mod engine_process;
mod faults;
mod harness_tls;
mod histograms;
mod isolation;
mod live_metrics;
mod load_auth;
mod load_scripts;
mod manager_app;
mod methods_and_urls;
mod odd_responses;
mod openapi;
mod prometheus;
mod reference;
mod refresh;
mod request_bodies;
mod resolver;
mod reuse;
mod routes;
mod run_control;
mod run_modes;
mod runs_deletion;
mod runs_surface;
mod script_bodies;
mod script_requests;
mod scripts;
mod tidy;
mod tls;
mod workspace;
mod workspace_refusals;
