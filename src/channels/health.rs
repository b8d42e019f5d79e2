//! `/healthz`, `/readyz` and `/metrics`: for whoever runs the house.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::telemetry::Figures;

/// Alive, and who it is: `make up` recognises its own server by this.
pub async fn alive() -> Response {
    Json(json!({ "name": "hearthline", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// Ready to serve: the store can be written. Says as well whether audio can be understood; without it
/// everything else works.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let store = app.store.writable().await;
    let status = if store { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |ok: bool| if ok { "ready" } else { "not ready" };
    let hearing = if app.hears() { "ready" } else { app.why_deaf() };
    let body = json!({ "ready": store, "store": word(store), "hearing": hearing });
    (status, Json(body)).into_response()
}

/// The figures, for Prometheus.
pub async fn metrics(State(figures): State<Figures>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], figures.render()).into_response()
}
