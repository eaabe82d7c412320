//! `GET /docs/…`: Swagger UI for the document at `/openapi.json`. All files are embedded in the binary.

use std::io::{Cursor, Read};
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{Path, block};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;
use zip::result::{ZipError, ZipResult};

use super::ApiError;

/// The one file that is not from the Swagger UI release: it sets the document to show, and disables
/// validation by an external host.
const SETTINGS: (&str, &str) = (
    "swagger-initializer.js",
    r##"window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: "none",
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: "StandaloneLayout"
  });
};
"##,
);

/// The page runs its own files only. Swagger UI uses inline styles and `data:` images.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The Swagger UI release archive, with its index parsed.
type Release = ZipArchive<Cursor<&'static [u8]>>;

static RELEASE: LazyLock<Release> = LazyLock::new(|| {
    ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).expect("the package holds an archive")
});

/// Redirects to the page: its file names are relative to `/docs/`.
pub async fn enter() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/docs/"))
        .finish()
}

/// Returns a file of the page.
pub async fn get(file: Path<String>) -> Result<HttpResponse, ApiError> {
    let name = match file.as_str() {
        "" => "index.html".to_owned(),
        _ => file.into_inner(),
    };
    let content_type = mime_guess::from_path(&name).first_or_octet_stream();
    let bytes = if name == SETTINGS.0 {
        SETTINGS.1.into()
    } else {
        // Decompressing the largest file takes milliseconds, which would block other requests.
        let wanted = name.clone();
        block(move || read(&wanted))
            .await?
            .map_err(|error| match error {
                ZipError::FileNotFound => {
                    ApiError::not_found(format!("there is no page /docs/{name}"))
                }
                _ => ApiError::internal(error.to_string()),
            })?
    };
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(bytes))
}

/// Reads a file of the release's `dist` folder. All files are below one folder named after the version.
fn read(name: &str) -> ZipResult<Vec<u8>> {
    let mut release = RELEASE.clone();
    let wanted = format!("dist/{name}");
    let path = release
        .file_names()
        .flatten()
        .find(|path| path.split_once('/').is_some_and(|(_, file)| file == wanted))
        .ok_or(ZipError::FileNotFound)?
        .into_owned();
    let mut bytes = Vec::new();
    release.by_name(&path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
