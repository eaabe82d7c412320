//! `GET /run/:id/results`: the stored single requests of a run.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use utoipa::ToSchema;

use super::paging::{Page, PageLimits, PageOf};
use super::query::Query;
use super::{ApiError, runs, stored};
use crate::store::{ResultFilter, ResultOutcome, ResultRow, Store};

/// A result contains up to 8 KiB of its response, so pages are small.
const BOUNDS: PageLimits = PageLimits {
    default: 100,
    most: 1_000,
};

/// List the stored single requests of a run
///
/// They are samples, in storage order. The numbers of a report are not computed from them.
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
        // Counted after reading: a page of an active run never exceeds its total.
        let rows = store.results(&run.id, filter)?;
        Ok(page.of(rows, store.count_results(&run.id, filter.outcome)?))
    });
    asked.await
}

/// Page and filter of results.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct ResultsQuery {
    /// Maximum number of results of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// Number of results to skip. Default: 0.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    offset: Option<u32>,
    /// Only results with this outcome.
    #[param(inline)]
    outcome: Option<OutcomeName>,
}

/// Outcome of a request.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it describes what `Query` reads")]
enum OutcomeName {
    /// A response with a status of 2xx or 3xx.
    Success,
    /// No response, or a response with another status.
    Error,
}

const OUTCOMES: [ResultOutcome; 2] = [ResultOutcome::Success, ResultOutcome::Error];

fn name(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Success => "success",
        ResultOutcome::Error => "error",
    }
}
