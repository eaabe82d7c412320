//! `GET` and `POST` of `/config`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Payload};
use serde_json::{Value, json};

use super::{ApiError, body};
use crate::config::{Config, ConfigChange, SETTINGS, Setting};
use crate::run::RunManager;
use crate::store::StoredSetting;

/// The settings in force, and everything a form needs to show them.
pub async fn get(manager: Data<RunManager>) -> Result<HttpResponse, ApiError> {
    answer(&manager).await
}

/// Changes settings for the runs to come.
pub async fn post(manager: Data<RunManager>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = body::read_json(payload).await?;
    let change = ConfigChange::read(&body.value)?;
    let changing = manager.get_ref().clone();
    web::block(move || changing.change_config(&change)).await??;
    answer(&manager).await
}

async fn answer(manager: &RunManager) -> Result<HttpResponse, ApiError> {
    let store = manager.store().clone();
    let stored = web::block(move || store.settings()).await??;
    let config = manager.config();
    let defaults = Config::new(config.workers);
    let entries = SETTINGS.iter().map(|setting| {
        let updated_at = stored
            .get(setting.key)
            .map(|kept: &StoredSetting| kept.updated_at);
        entry(setting, &config, &defaults, updated_at)
    });
    let entries: Vec<Value> = entries.collect();
    let mut body = json!(*config);
    body["entries"] = entries.into();
    Ok(HttpResponse::Ok().json(body))
}

fn entry(setting: &Setting, config: &Config, defaults: &Config, updated_at: Option<i64>) -> Value {
    json!({
        "key": setting.key,
        "value": setting.get(config).to_string(),
        "type": "integer",
        "label": setting.label,
        "description": setting.description,
        "category": setting.category,
        "default": setting.get(defaults).to_string(),
        "min": setting.range.start().to_string(),
        "max": setting.range.end().to_string(),
        // The beginning of time says that it was never changed.
        "updatedAt": updated_at.unwrap_or(0),
    })
}
