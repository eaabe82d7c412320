//! Sends the requests of `pm.sendRequest` like any design request, without scripts of their own. Their
//! variables are replaced before they get here.

use serde_json::{Value, json};
use vayu_shared::content::charset;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::to_ms;
use vayu_worker::script::{Scopes, truncation_message};

use super::wire::ChangedRequest;
use super::{BODY_SETTING, SendContext};
use crate::contract::DesignOptions;
use crate::design::answer::DesignAnswer;
use crate::design::design_config::DesignConfig;
use crate::design::draft::Draft;
use crate::design::failure::{DesignError, Failed};
use crate::design::hop::Route;
use crate::design::redirect_chain::ChainStart;

/// Sends a request and returns its outcome in the format that `pm/send.js` reads.
pub async fn send(sending: &SendContext<'_>, request: &str) -> String {
    if !sending.executor.scripts_send {
        let message =
            "pm.sendRequest is disabled (the engine was started with --no-script-requests)";
        return refused("EACCES", message).to_string();
    }
    let outcome = match make(sending, request).await {
        Ok(answer) => told(&answer, sending.route.body_limit),
        Err(DesignError::Failed(failed)) => refused(code(&failed), &failed.message),
        Err(other) => refused("ERR_INVALID_REQUEST", &other.to_string()),
    };
    outcome.to_string()
}

async fn make(sending: &SendContext<'_>, request: &str) -> Result<DesignAnswer, DesignError> {
    let Some(request) = ChangedRequest::read(request) else {
        return Err(DesignError::field(
            "pm.sendRequest",
            "received an invalid request; pass a URL or a request object",
        ));
    };
    let options = DesignOptions::default();
    let config = DesignConfig::new(request.into_request(), options, sending.route.timeout)?;
    let draft = Draft::new(&config, &Scopes::default(), sending.executor.files())?;
    let route = Route {
        connection: &draft.connection,
        ..*sending.route
    };
    let departure = ChainStart {
        hop: draft.hop,
        auth: &draft.auth,
        redirects: config.options.redirects,
    };
    let chain = sending.executor.follow_hops(departure, &route, sending.jar);
    let chain = chain.await?;
    Ok(DesignAnswer::new(chain, route.body_limit))
}

fn told(answer: &DesignAnswer, limit: u64) -> Value {
    let cut = answer.truncated;
    let mut told = json!({
        "cut": cut.then(|| truncation_message(answer.size.raw, limit, BODY_SETTING)),
        "code": answer.status, "status": answer.status_text, "headers": answer.raw_headers,
        "responseTime": to_ms(answer.timing.total()),
        "size": {"body": answer.size.raw, "header": answer.size.head, "total": answer.size.raw + answer.size.head},
    });
    let bytes = answer.body_bytes();
    let text = charset::text(answer.content_type(), &bytes);
    if text.as_bytes() != bytes {
        let letters: String = bytes.iter().copied().map(char::from).collect();
        told["bytes"] = letters.into();
    }
    told["text"] = text.into();
    told
}

fn refused(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message, "syscall": "connect"}})
}

/// Returns the Node.js error code of a failure.
fn code(failed: &Failed) -> &'static str {
    match failed.class {
        ErrorClass::Resolve => "ENOTFOUND",
        ErrorClass::ConnectRefused => "ECONNREFUSED",
        ErrorClass::ConnectDenied => "EACCES",
        class => match class.wire_type() {
            "timeout" => "ETIMEDOUT",
            "ssl_error" => "EPROTO",
            "connection_reset" => "ECONNRESET",
            _ => "ECONNABORTED",
        },
    }
}
