//! `GET /run/:id/results`: the single requests kept of a run.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use utoipa::ToSchema;

use super::paging::{Bounds, Page, PageOf};
use super::query::Query;
use super::{ApiError, runs, stored};
use crate::store::{ResultFilter, ResultOutcome, ResultRow, Store};

/// A result has up to 8 KiB of its response, so pages are short.
const BOUNDS: Bounds = Bounds {
    default: 100,
    most: 1_000,
};

/// The single requests kept of a run
///
/// They are samples, in the order of storing; the numbers of a report are not
/// made of them.
#[utoipa::path(get, path = "/run/{id}/results", operation_id = "listResults", tag = "Runs",
    params(("id" = String, Path, description = "The run"), ResultsQuery),
    responses((status = 200, description = "A page of them", body = PageOf<ResultRow>)))]
pub async fn get(
    store: Data<Store>,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&["limit", "offset", "outcome"])?;
    let page = Page::of_query(&query, BOUNDS)?;
    let filter = ResultFilter {
        limit: page.limit,
        offset: page.offset,
        outcome: query.one_of("outcome", OUTCOMES, name)?,
    };
    let run = runs::find(&store, &id).await?;
    let asked = stored::answer(&store, move |store| {
        // Counted last: a page of a run that goes on never exceeds its total.
        let rows = store.results(&run.id, filter)?;
        Ok(page.of(rows, store.count_results(&run.id, filter.outcome)?))
    });
    asked.await
}

/// Which results.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct ResultsQuery {
    /// Most results of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// Without the first so many.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    offset: Option<u32>,
    /// Only those that turned out so.
    #[param(inline)]
    outcome: Option<OutcomeName>,
}

/// How a request turned out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it describes what `Query` reads")]
enum OutcomeName {
    /// A response of 2xx or 3xx.
    Success,
    /// No response, or one of another status.
    Error,
}

const OUTCOMES: [ResultOutcome; 2] = [ResultOutcome::Success, ResultOutcome::Error];

fn name(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Success => "success",
        ResultOutcome::Error => "error",
    }
}
