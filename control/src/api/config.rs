//! `GET` and `POST` of `/config`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Payload};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, JsonBody};
use super::config_schema::ConfigBody;
use super::{ApiError, stored};
use crate::config::{Config, ConfigChange, SETTINGS, Setting, SharedConfig};
use crate::store::{Store, StoredSetting};

/// The current configuration, with everything a form needs to show it.
#[derive(Serialize, ToSchema)]
pub struct Settings {
    /// The values as numbers.
    #[serde(flatten)]
    config: Config,
    /// The settings for a form.
    entries: Vec<SettingEntry>,
}

/// A setting as a form shows it. Numbers are strings.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingEntry {
    /// Name of the setting.
    key: &'static str,
    /// Current value.
    value: String,
    /// Type of the value.
    #[serde(rename = "type")]
    kind: SettingType,
    /// Label in a form, with the unit.
    label: &'static str,
    /// Description of the setting.
    description: &'static str,
    /// Section of the form.
    category: &'static str,
    /// Default value.
    default: String,
    /// Minimum value.
    min: String,
    /// Maximum value.
    max: String,
    /// Time of the last change, in milliseconds since the Unix epoch; 0 if never changed.
    updated_at: i64,
}

/// Type of a setting's value.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingType {
    /// A whole number.
    Integer,
}

/// Get the current configuration
#[utoipa::path(get, path = "/config", operation_id = "getConfig", tag = "Engine",
    responses((status = 200, description = "The settings", body = Settings)))]
pub async fn get(config: Data<SharedConfig>, store: Data<Store>) -> Result<HttpResponse, ApiError> {
    answer(&config, &store).await
}

/// Change settings
///
/// Changes are stored and take effect for new runs. Either all settings are changed or none.
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
