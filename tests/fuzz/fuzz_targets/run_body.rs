//! Bodies of `POST /run` and of the workspace, whatever they hold.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu_shared::validate::{Defaults, Document, collection_edit, request_edit, run_spec};

fuzz_target!(|text: &str| {
    let Ok(value) = serde_json::from_str(text) else {
        return;
    };
    let _ = run_spec(&value, &Defaults::default());
    if let Ok(document) = Document::new(&value, text) {
        let _ = collection_edit(&document);
        let _ = request_edit(&document);
    }
});
