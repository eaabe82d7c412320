//! `GET /config`.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::run::RunManager;

/// The settings in force.
pub async fn get(manager: Data<RunManager>) -> HttpResponse {
    HttpResponse::Ok().json(manager.config())
}
