//! Texts with variables, and requests with dynamic values in them: one request
//! comes out, and its body is as long as it says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu_shared::dynamic::DynamicSource;
use vayu_shared::request_template::{RequestTemplate, Scratch};
use vayu_shared::template::NoVariables;

fuzz_target!(|bytes: &[u8]| {
    let Some(template) = RequestTemplate::of(bytes, &[]) else {
        return;
    };
    let mut out = Vec::new();
    let source = &mut DynamicSource::new(1);
    template.render(source, 1_700_000_000_000_000_000, &NoVariables, &mut Scratch::default(), &mut out);
    let end = out.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&out[..end]);
    let line = head.split("\r\n").next().unwrap_or_default();
    assert!(line.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{line:?}");
});
