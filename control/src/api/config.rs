//! `GET` and `POST` of `/config`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Payload};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, JsonBody};
use super::openapi::ConfigBody;
use super::{ApiError, stored};
use crate::config::{Config, ConfigChange, SETTINGS, Setting, SharedConfig};
use crate::store::{Store, StoredSetting};

/// The settings in force, and everything a form needs to show them.
#[derive(Serialize, ToSchema)]
pub struct Settings {
    /// The settings as numbers.
    #[serde(flatten)]
    config: Config,
    /// The settings as a form shows them.
    entries: Vec<SettingEntry>,
}

/// A setting as a form shows it. Its numbers are text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingEntry {
    /// Its name.
    key: &'static str,
    /// Its value in force.
    value: String,
    /// What kind of value it is.
    #[serde(rename = "type")]
    kind: SettingType,
    /// What a form calls it, with its unit.
    label: &'static str,
    /// What it does.
    description: &'static str,
    /// The section of a form it belongs to.
    category: &'static str,
    /// Its value unless changed.
    default: String,
    /// The smallest it may have.
    min: String,
    /// The largest it may have.
    max: String,
    /// When it was changed last, in milliseconds since the Unix epoch; 0 if never.
    updated_at: i64,
}

/// What kind of value a setting has.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingType {
    /// A whole number.
    Integer,
}

/// The settings in force
#[utoipa::path(get, path = "/config", operation_id = "getConfig", tag = "Engine",
    responses((status = 200, description = "The settings", body = Settings)))]
pub async fn get(config: Data<SharedConfig>, store: Data<Store>) -> Result<HttpResponse, ApiError> {
    answer(&config, &store).await
}

/// Changes settings
///
/// They are kept, and take effect for the runs to come. All are changed or none.
#[utoipa::path(post, path = "/config", operation_id = "changeConfig", tag = "Engine",
    request_body = ConfigBody,
    responses((status = 200, description = "The settings now in force", body = Settings)))]
pub async fn post(
    config: Data<SharedConfig>,
    store: Data<Store>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let read = |body: &JsonBody| Ok(ConfigChange::read(&body.value)?);
    let change = body::read_json(payload, read).await?;
    let changing = config.get_ref().clone();
    web::block(move || changing.change(&change)).await??;
    answer(&config, &store).await
}

async fn answer(config: &SharedConfig, store: &Store) -> Result<HttpResponse, ApiError> {
    let stored = stored::ask(store, |store| store.settings()).await?;
    let config = config.current();
    let defaults = Config::new(config.workers);
    let entries = SETTINGS.iter().map(|setting| {
        let updated_at = stored
            .get(setting.key)
            .map(|kept: &StoredSetting| kept.updated_at);
        entry(setting, &config, &defaults, updated_at)
    });
    Ok(HttpResponse::Ok().json(Settings {
        entries: entries.collect(),
        config: (*config).clone(),
    }))
}

fn entry(
    setting: &Setting,
    config: &Config,
    defaults: &Config,
    updated_at: Option<i64>,
) -> SettingEntry {
    SettingEntry {
        key: setting.key,
        value: setting.get(config).to_string(),
        kind: SettingType::Integer,
        label: setting.label,
        description: setting.description,
        category: setting.category,
        default: setting.get(defaults).to_string(),
        min: setting.range.start().to_string(),
        max: setting.range.end().to_string(),
        updated_at: updated_at.unwrap_or(0),
    }
}
