//! A short fuzzing round for each parser: the stored inputs, and inputs that a seeded generator derives from
//! them. `./dev fuzz` searches for new ones, guided by coverage.
//!
//! `VAYU_PARSER_INPUTS` is the number of inputs per parser. Default 10,000. `VAYU_PARSER_SEED` is the seed.
//! Default 1.

use std::panic::catch_unwind;

use vayu_tests::parsers::{Inputs, PARSERS};

fn number(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect("a number"))
}

fn check(name: &str, parser: fn(&[u8]), input: &[u8]) {
    if catch_unwind(|| parser(input)).is_err() {
        panic!("{name} fails for b\"{}\", see above", input.escape_ascii());
    }
}

#[test]
fn parsers_hold_what_they_promise_for_kept_and_made_inputs() {
    let seed = number("VAYU_PARSER_SEED", 1);
    for (name, parser) in PARSERS {
        let mut inputs = Inputs::of(name, seed);
        for input in inputs.kept() {
            check(name, parser, input);
        }
        for _ in 0..number("VAYU_PARSER_INPUTS", 10_000) {
            check(name, parser, &inputs.made());
        }
    }
}
