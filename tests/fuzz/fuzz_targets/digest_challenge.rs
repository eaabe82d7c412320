#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vayu_tests::parsers::digest_challenge(bytes));
