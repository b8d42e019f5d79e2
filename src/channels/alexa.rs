//! `POST /alexa`: an Echo's requests, verified, put into the house's words, answered.

mod gate;
mod hear;
mod say;

use std::sync::Arc;
use std::time::Duration;

use alexa_skill::request::{Envelope, Request};
use alexa_skill::response::Response as Spoken;
use alexa_skill::response::Speech;
use alexa_skill::{MAX_BODY_BYTES, Verified};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ring::digest::{SHA256, digest};

use crate::app::App;
use crate::telemetry;
use crate::turn::TurnError;

pub use gate::{Gate, GateError};

/// How long a turn may take. Alexa waits about 8 s, of which fetching a certificate may have taken 3.
const TURN_WITHIN: Duration = Duration::from_secs(4);

#[derive(Debug, Clone)]
struct Door {
    app: Arc<App>,
    gate: Arc<Gate>,
}

/// The route, for every method: any but POST is 405.
pub fn routes(app: &Arc<App>, gate: Gate) -> Router {
    let door = Door { app: Arc::clone(app), gate: Arc::new(gate) };
    Router::new()
        .route("/alexa", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(door)
}

/// One request: verified first, and only then looked into.
async fn receive(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    let verified = match door.gate.admit(&headers, &body, door.app.clock.now()).await {
        Ok(verified) => verified,
        Err(reason) => return refuse(reason),
    };
    match answer(&door, verified, &body).await {
        Ok(spoken) => json(&spoken),
        Err(reason) => refuse(reason),
    }
}

/// What is said to a verified request, or the reason word that refuses it.
async fn answer(door: &Door, verified: Verified, body: &[u8]) -> Result<Spoken, &'static str> {
    let envelope = verified.into_envelope();
    note(&envelope);
    if !matches!(envelope.request, Request::Launch(_) | Request::Intent(_)) {
        return Ok(Spoken::empty());
    }
    let speaker = door.gate.speaker(&envelope).ok_or("body-malformed")?;
    if let Err(error) = door.gate.house(&door.app, &speaker, &envelope).await {
        tracing::error!(%error, "a household could not be saved");
        return Ok(apology(&TurnError::Lost.spoken()));
    }
    let lists = door.app.world().lists(&speaker.household);
    let request = hear::request(&envelope, speaker, lists.as_deref()).ok_or("body-malformed")?;
    let hash = digest(&SHA256, body).as_ref().try_into().unwrap_or_default();
    let late = door.app.clock.now() + TURN_WITHIN;
    let turn = tokio::select! {
        turn = door.app.turn(request, hash) => turn,
        // The turn goes on by itself; only its words come too late.
        () = door.app.clock.sleep_until(late) => {
            tracing::warn!("a turn took longer than Alexa waits");
            return Ok(apology("Sorry, that is taking me longer than it should. Ask me again in a moment."));
        }
    };
    match turn {
        Ok(answer) => Ok(say::response(&answer)),
        Err(TurnError::Conflict) => Err("request-id"),
        Err(error) => Ok(apology(&error.spoken())),
    }
}

fn apology(text: &str) -> Spoken {
    Spoken::tell(Speech::plain(text))
}

/// What Amazon tells us about itself goes to the log: it is the only word on why a response failed.
fn note(envelope: &Envelope) {
    let kind = envelope.request.kind();
    match &envelope.request {
        Request::ExceptionEncountered(exception) => {
            let (cause, error) = (exception.cause.as_ref(), exception.error.as_ref());
            let cause = cause.and_then(|cause| cause.request_id.as_deref());
            let error = error.and_then(|error| error.kind.as_deref());
            tracing::warn!(alexa.cause = cause, alexa.error = error, "Alexa refused an answer");
        }
        Request::SessionEnded(ended) => {
            let reason = ended.reason.as_ref().map(|reason| reason.as_str());
            let error = ended.error.as_ref().and_then(|error| error.kind.as_ref());
            let error = error.map(|error| error.as_str());
            tracing::debug!(alexa.reason = reason, alexa.error = error, "an Alexa session ended");
        }
        Request::Unknown(_) => tracing::info!(alexa.request = kind, "an unknown Alexa request"),
        _ => tracing::debug!(alexa.request = kind, "an Alexa request"),
    }
}

fn refuse(reason: &'static str) -> Response {
    telemetry::refused(reason);
    tracing::debug!(alexa.refused = reason, "an Alexa request was refused");
    let status = match reason {
        "body-too-large" => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], reason).into_response()
}

fn json(spoken: &Spoken) -> Response {
    match spoken.to_json() {
        Ok(body) => {
            ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
