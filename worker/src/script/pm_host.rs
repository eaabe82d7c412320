//! The functions of the engine that `pm` calls. They use the [`State`] of a context.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rquickjs::function::Opt;
use rquickjs::{Array, Coerced, Ctx, Error, Object, Result, String as JsString, Value};
use serde_json::Value as JsonValue;
use vayu_shared::dynamic::DynamicSource;
use vayu_shared::template::{Template, Variables};
use vayu_shared::units::to_ms;

use super::budget::{Metered, charge, require_room};
use super::functions::{define, text_of, throw};
use super::json::LazyJson;
use super::libraries::random;
use super::scopes::{BuiltInVariable, ScopeKind, ScopeValue, VariableScope};
use super::sent_request;
use super::state::{NextRequest, Shared, State};
use crate::clock;

/// Maximum length of a variable's name and of its value in bytes. Longer ones are refused.
const MAX_NAME_BYTES: usize = 64 * 1024;
const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;

/// Defines the functions in `host`. `unix_ns` returns the time for dynamic variables.
///
/// # Errors
/// Returns an error if memory cannot be allocated.
pub fn define_pm(
    host: &Object<'_>,
    shared: &Shared,
    unix_ns: impl Fn() -> u64 + 'static,
) -> Result<()> {
    define_scopes(host, shared)?;
    define_replace(host, shared, unix_ns)?;
    define_exchange(host, shared)?;
    define_results(host, shared)
}

fn kind(ctx: &Ctx<'_>, number: usize) -> Result<ScopeKind> {
    ScopeKind::of(number).ok_or_else(|| throw(ctx, "unknown variable scope"))
}

fn to_js<'js>(ctx: &Ctx<'js>, value: Option<&ScopeValue>) -> Result<Value<'js>> {
    match value {
        None => Ok(Value::new_undefined(ctx.clone())),
        Some(ScopeValue::Text(text)) => {
            JsString::from_str(ctx.clone(), text).map(JsString::into_value)
        }
        Some(ScopeValue::Json(json)) => ctx.json_parse(json.as_bytes().to_vec()),
    }
}

/// Values that JSON cannot express, such as `undefined` and functions, become `null`.
fn of_js<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<ScopeValue> {
    let is_text = value.is_string();
    let text = if is_text {
        value.get::<String>()?
    } else {
        let json = ctx.json_stringify(value)?;
        let json = json.map(|json| json.to_string()).transpose()?;
        json.unwrap_or_else(|| "null".to_owned())
    };
    if text.len() > MAX_VALUE_BYTES {
        return Err(throw(ctx, "the value of a variable is limited to 16 MiB"));
    }
    Ok(if is_text {
        ScopeValue::Text(text.into())
    } else {
        ScopeValue::Json(text.into())
    })
}

fn define_scopes<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let state = Rc::clone(shared);
    define(
        host,
        "get",
        move |ctx: Ctx<'js>, scope: usize, name: String| -> Result<Value<'js>> {
            let kind = kind(&ctx, scope)?;
            to_js(&ctx, state.borrow().scopes.scope(kind).get(&name))
        },
    )?;
    let state = Rc::clone(shared);
    define(
        host,
        "lookup",
        move |ctx: Ctx<'js>, name: String| -> Result<Value<'js>> {
            let scopes = &state.borrow().scopes;
            match (scopes.find(&name), scopes.fact(&name)) {
                (None, Some(BuiltInVariable::Number(number))) => {
                    Ok(Value::new_number(ctx, number as f64))
                }
                (None, Some(BuiltInVariable::Text(text))) => {
                    JsString::from_str(ctx, text).map(JsString::into_value)
                }
                (found, _) => to_js(&ctx, found),
            }
        },
    )?;
    let state = Rc::clone(shared);
    define(
        host,
        "set",
        move |ctx: Ctx<'js>, scope: usize, name: String, value: Value<'js>| -> Result<()> {
            if name.len() > MAX_NAME_BYTES {
                return Err(throw(&ctx, "the name of a variable is limited to 64 KiB"));
            }
            // The value's own `toJSON` may call back into this module, so nothing is borrowed yet.
            let (kind, value) = (kind(&ctx, scope)?, of_js(&ctx, value)?);
            let before = state.borrow().scopes.scope(kind).bytes_of(&name);
            let more = (name.len() + value.text().len()).saturating_sub(before);
            require_room(&ctx, &state, more)?;
            state.borrow_mut().scopes.scope_mut(kind).set(&name, value);
            Ok(())
        },
    )?;
    define_changes(host, shared)
}

fn define_changes<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let change = |name: &'static str, apply: fn(&mut VariableScope, &str)| {
        let state = Rc::clone(shared);
        define(
            host,
            name,
            move |ctx: Ctx<'js>, scope: usize, key: Opt<String>| {
                let kind = kind(&ctx, scope)?;
                let key = key.0.unwrap_or_default();
                apply(state.borrow_mut().scopes.scope_mut(kind), &key);
                Ok::<_, Error>(())
            },
        )
    };
    change("unset", VariableScope::unset)?;
    change("clear", |scope, _| scope.clear())?;
    let state = Rc::clone(shared);
    define(
        host,
        "has",
        move |ctx: Ctx<'js>, scope: usize, key: String| {
            let kind = kind(&ctx, scope)?;
            Ok::<_, Error>(state.borrow().scopes.scope(kind).get(&key).is_some())
        },
    )?;
    let state = Rc::clone(shared);
    define(
        host,
        "entries",
        move |ctx: Ctx<'js>, scope: usize| -> Result<Array<'js>> {
            let kind = kind(&ctx, scope)?;
            let entries = Array::new(ctx.clone())?;
            for (place, (name, value)) in state.borrow().scopes.scope(kind).entries().enumerate() {
                let entry = Array::new(ctx.clone())?;
                entry.set(0, name)?;
                entry.set(1, to_js(&ctx, Some(value))?)?;
                entries.set(place, entry)?;
            }
            Ok(entries)
        },
    )
}

/// Returns the request as `pm.request` is created from it, with its variables resolved if the state says so.
fn request(
    ctx: &Ctx<'_>,
    state: &State,
    source: &mut DynamicSource,
    unix_ns: u64,
) -> Result<String> {
    let request = match state.resolves_request {
        true => resolved(ctx, state, &state.request, source, unix_ns)?,
        false => state.request.clone(),
    };
    Ok(match &state.sent {
        Some(sent) => sent_request::definition(&request, sent, &state.origin),
        None => request,
    })
}

/// Replaces the variables in all strings of a JSON text.
fn resolved(
    ctx: &Ctx<'_>,
    state: &State,
    json: &str,
    source: &mut DynamicSource,
    unix_ns: u64,
) -> Result<String> {
    if !json.contains("{{") {
        return Ok(json.to_owned());
    }
    let variables = Metered::new(&state.scopes, state);
    let mut value: JsonValue = serde_json::from_str(json).unwrap_or_default();
    resolve(&mut value, &mut |text| {
        let template = Template::compile(text, &variables, &mut BTreeSet::new());
        template.render_text(source, unix_ns)
    });
    variables.checked(ctx, value.to_string())
}

fn resolve(value: &mut JsonValue, replace: &mut dyn FnMut(&str) -> String) {
    match value {
        JsonValue::String(text) => *text = replace(text),
        JsonValue::Array(values) => values.iter_mut().for_each(|value| resolve(value, replace)),
        JsonValue::Object(fields) => fields
            .values_mut()
            .for_each(|value| resolve(value, replace)),
        _ => {}
    }
}

fn define_replace<'js>(
    host: &Object<'js>,
    shared: &Shared,
    unix_ns: impl Fn() -> u64 + 'static,
) -> Result<()> {
    let state = Rc::clone(shared);
    let source = Rc::new(RefCell::new(DynamicSource::new(random_seed())));
    let unix_ns = Rc::new(unix_ns);
    let (asked, drawn, now) = (Rc::clone(shared), Rc::clone(&source), Rc::clone(&unix_ns));
    define(host, "request", move |ctx: Ctx<'js>| {
        request(&ctx, &asked.borrow(), &mut drawn.borrow_mut(), now())
    })?;
    let (asked, drawn, now) = (Rc::clone(shared), Rc::clone(&source), Rc::clone(&unix_ns));
    define(
        host,
        "send",
        move |ctx: Ctx<'js>, number: u32, mut request: String, resolves: bool| {
            if resolves {
                let state = asked.borrow();
                request = resolved(&ctx, &state, &request, &mut drawn.borrow_mut(), now())?;
            }
            charge(&ctx, &asked, request.len())?;
            asked.borrow_mut().sends.push((number, request));
            Ok::<_, Error>(())
        },
    )?;
    define(
        host,
        "replaceIn",
        move |ctx: Ctx<'js>, text: String, scope: Opt<Option<usize>>| {
            let state = state.borrow();
            let scope = scope.0.flatten().and_then(ScopeKind::of);
            let variables: &dyn Variables = match scope {
                Some(kind) => state.scopes.scope(kind),
                None => &state.scopes,
            };
            let variables = Metered::new(variables, &state);
            let template = Template::compile(&text, &variables, &mut BTreeSet::new());
            let text = template.render_text(&mut source.borrow_mut(), unix_ns());
            variables.checked(&ctx, text)
        },
    )
}

/// Returns a seed, so that scripts of different contexts draw different values. Without random bytes, all
/// contexts draw the same values.
fn random_seed() -> u64 {
    let bytes = random(8).unwrap_or_default();
    bytes.try_into().map_or(0, u64::from_ne_bytes)
}

fn parsed<'js>(json: LazyJson, ctx: &Ctx<'js>, text: &[u8]) -> Value<'js> {
    json.parse(ctx, text).unwrap_or_else(|_| {
        ctx.catch();
        Value::new_undefined(ctx.clone())
    })
}

fn define_exchange<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let tell = |name: &'static str, read: fn(&State) -> String| {
        let state = Rc::clone(shared);
        define(host, name, move || read(&state.borrow()))
    };
    tell("reason", |state| state.response.head().reason())?;
    tell("bytes", |state| text_of(state.response.content()))?;
    tell("cookies", |state| {
        let kept = state.cookies.clone();
        kept.unwrap_or_else(|| state.response.cookies())
    })?;
    tell("requestName", |state| state.request_name.clone())?;
    tell("requestId", |state| state.request_id.clone())?;
    tell("environmentName", |state| state.environment_name.clone())?;
    let state = Rc::clone(shared);
    define(host, "iteration", move || state.borrow().iteration as f64)?;
    let state = Rc::clone(shared);
    define(host, "iterationCount", move || {
        state.borrow().iteration_count as f64
    })?;
    define_body(host, shared)?;
    define_headers(host, shared)?;
    let state = Rc::clone(shared);
    define(host, "replace", move || {
        let mut state = state.borrow_mut();
        state.exposed_headers = true;
        state.replaced = true;
    })?;
    let state = Rc::clone(shared);
    define(host, "sizes", move || {
        let response = &state.borrow().response;
        vec![response.arrived() as f64, response.head_bytes() as f64]
    })
}

/// Defines the functions for the body of the response, as text and as JSON.
fn define_body<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let state = Rc::clone(shared);
    define(host, "text", move |ctx: Ctx<'js>| {
        JsString::from_str(ctx, &state.borrow().response.text())
    })?;
    // Returns undefined for a body that is not JSON or is truncated; other code reports why.
    let state = Rc::clone(shared);
    let json = LazyJson::new(host.ctx())?;
    define(host, "json", move |ctx: Ctx<'js>| {
        let response = &state.borrow().response;
        match response.is_truncated() {
            true => Value::new_undefined(ctx),
            false => parsed(json, &ctx, &response.text_bytes()),
        }
    })?;
    let state = Rc::clone(shared);
    define(host, "cutMessage", move || {
        state.borrow().response.truncation_message()
    })?;
    define(
        host,
        "parse",
        move |ctx: Ctx<'js>, text: JsString<'js>| match text.to_string() {
            Ok(text) => parsed(json, &ctx, text.as_bytes()),
            // The string has an unpaired surrogate, which JavaScript allows.
            Err(_) => Value::new_undefined(ctx),
        },
    )?;
    define(host, "isLater", move |accessor: Value<'js>| {
        json.is_later(&accessor)
    })
}

/// Defines the functions for the headers of the response.
fn define_headers<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let state = Rc::clone(shared);
    define(
        host,
        "header",
        move |ctx: Ctx<'js>, name: Coerced<JsString<'js>>| {
            let name = name.0.to_string().unwrap_or_default();
            let state = state.borrow();
            let value = state.response.header(&name);
            value
                .map(|value| JsString::from_str(ctx, &value))
                .transpose()
        },
    )?;
    let state = Rc::clone(shared);
    define(host, "replaceHeaders", move || {
        state.borrow_mut().exposed_headers = true;
    })?;
    let state = Rc::clone(shared);
    define(
        host,
        "headers",
        move |ctx: Ctx<'js>| -> Result<Array<'js>> {
            let headers = Array::new(ctx.clone())?;
            let mut state = state.borrow_mut();
            state.exposed_headers = true;
            for (place, (name, value)) in state.response.head().headers().enumerate() {
                headers.set(place, vec![name.as_ref(), value.as_ref()])?;
            }
            Ok(headers)
        },
    )
}

fn define_results<'js>(host: &Object<'js>, shared: &Shared) -> Result<()> {
    let state = Rc::clone(shared);
    define(host, "keepsLogs", move || state.borrow().keeps_logs)?;
    let state = Rc::clone(shared);
    define(host, "log", move |level: String, message: String| {
        // At most 10 MB in total: the length and the number of lines are limited.
        state.borrow_mut().add_log(level, message);
    })?;
    let state = Rc::clone(shared);
    define(host, "clearLogs", move || state.borrow_mut().logs.clear())?;
    let state = Rc::clone(shared);
    define(host, "nextRequest", move |name: Option<String>| {
        state.borrow_mut().next = Some(name.map_or(NextRequest::Nothing, NextRequest::Named));
    })?;
    let state = Rc::clone(shared);
    define(host, "waited", move || state.borrow_mut().waited = true)?;
    define(host, "steadyMs", || to_ms(clock::now()))?;
    let state = Rc::clone(shared);
    define(host, "hold", move || state.borrow_mut().holds = true)?;
    let state = Rc::clone(shared);
    define(host, "touch", move || state.borrow_mut().touched = true)?;
    let state = Rc::clone(shared);
    define(host, "unfit", move || state.borrow_mut().unfit = true)?;
    let state = Rc::clone(shared);
    define(host, "skipRequest", move || state.borrow_mut().skip = true)?;
    host.set("skipSignal", Object::new(host.ctx().clone())?)?;
    let state = Rc::clone(shared);
    define(
        host,
        "jar",
        move |ctx: Ctx<'js>, operation: String, url: String, argument: Opt<String>| {
            let argument = argument.0.unwrap_or_default();
            let mut state = state.borrow_mut();
            let answered = match &mut state.jar {
                Some(jar) => jar.ask(&operation, &url, &argument),
                None => Err(
                    "cookie jars are not available in load runs: they exist in design mode only"
                        .to_owned(),
                ),
            };
            answered.map_err(|words| throw(&ctx, &words))
        },
    )
}
