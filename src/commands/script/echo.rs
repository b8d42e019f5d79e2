//! The Echos of a script: signed requests through the same door as Amazon's.

use std::collections::BTreeMap;
use std::sync::Arc;

use alexa_skill::Verifier;
use alexa_skill::dev::Authority;
use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use hearthline_core::id::HouseholdId;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::actors::text;
use super::report::Facts;
use super::sheet::{self, Fault};
use crate::app::App;
use crate::channels::alexa::{self, Gate};

const SKILL: &str = "amzn1.ask.skill.script";
/// How far in the past a stale request lies; Amazon's limit is 150 seconds.
const STALE_MS: u64 = 600_000;
/// The largest answer that is read: far above Alexa's own limit.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Amazon's side: who signs, and the way to the skill.
#[derive(Debug)]
pub(super) struct Cloud {
    authority: Authority,
    door: Router,
}

impl Cloud {
    pub(super) fn open(
        app: &Arc<App>,
        echoes: &BTreeMap<String, sheet::Echo>,
    ) -> anyhow::Result<Self> {
        let authority = Authority::new()?;
        let anchors = vec![authority.anchor()?];
        let verifier = Verifier::new(authority.fetcher(), anchors, [SKILL.to_owned()]);
        let linked = echoes.values();
        let users: BTreeMap<String, HouseholdId> =
            linked.filter_map(|echo| Some((echo.user.clone(), echo.household.clone()?))).collect();
        Ok(Self { authority, door: alexa::routes(app, Gate::with(verifier, users)) })
    }

    async fn post(&self, body: String, signature: Option<String>) -> anyhow::Result<Facts> {
        let mut request = Request::post("/alexa").header("content-type", "application/json");
        for (name, value) in self.authority.headers(body.as_bytes())? {
            let spoiled = signature.as_ref().filter(|_| name.eq_ignore_ascii_case("signature-256"));
            request = request.header(name, spoiled.cloned().unwrap_or(value));
        }
        let response = self.door.clone().oneshot(request.body(Body::from(body))?).await?;
        let status = response.status();
        let body = to_bytes(response.into_body(), MAX_ANSWER_BYTES).await?;
        let mut facts = Facts::from([("status".to_owned(), status.as_u16().to_string())]);
        if !status.is_success() {
            facts.insert("reason".to_owned(), String::from_utf8_lossy(&body).into_owned());
            return Ok(facts);
        }
        let answer: Value = serde_json::from_slice(&body).context("the answer is no JSON")?;
        read(&answer["response"], &mut facts);
        Ok(facts)
    }
}

fn read(response: &Value, facts: &mut Facts) {
    let speech = &response["outputSpeech"];
    let words = if speech["text"].is_null() { &speech["ssml"] } else { &speech["text"] };
    let directives = response["directives"].as_array().into_iter().flatten();
    let kinds: Vec<String> = directives.clone().map(|directive| text(&directive["type"])).collect();
    let elicits = directives.clone().find_map(|directive| directive["slotToElicit"].as_str());
    let mut put = |key: &str, value: String| drop(facts.insert(key.to_owned(), value));
    put("speech", text(words));
    put("ends", text(&response["shouldEndSession"]));
    put("directives", if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") });
    put("elicits", elicits.unwrap_or("none").to_owned());
}

/// One Echo and its account.
#[derive(Debug)]
pub(super) struct Echo {
    name: String,
    user: String,
    requests: u32,
    last: Option<String>,
}

impl Echo {
    pub(super) fn new(name: &str, echo: &sheet::Echo) -> Self {
        Self { name: name.to_owned(), user: echo.user.clone(), requests: 0, last: None }
    }

    /// Sends a request, spoiled by `fault`; without one of its own it is the last once more.
    pub(super) async fn send(
        &mut self,
        app: &App,
        cloud: &Cloud,
        request: Option<&Value>,
        fault: Option<Fault>,
    ) -> Result<Facts, String> {
        let body = match (request, fault) {
            (Some(request), _) => self.envelope(app, request, fault == Some(Fault::Stale)),
            (None, Some(Fault::Repeat)) => {
                self.last.clone().ok_or("there is no request to repeat")?
            }
            (None, _) => return Err("an Echo needs a `request`".to_owned()),
        };
        let signature = match fault {
            Some(Fault::Signature) => {
                let other = cloud.authority.sign(b"something else");
                Some(other.map_err(|error| error.to_string())?)
            }
            Some(Fault::Stale | Fault::Repeat) | None => None,
        };
        self.last = Some(body.clone());
        cloud.post(body, signature).await.map_err(|error| format!("{error:#}"))
    }

    fn envelope(&mut self, app: &App, request: &Value, stale: bool) -> String {
        self.requests += 1;
        let now = app.clock.now().as_ms().saturating_sub(if stale { STALE_MS } else { 0 });
        let stamp =
            i64::try_from(now).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let mut request = request.clone();
        request["requestId"] =
            json!(format!("amzn1.echo-api.request.{}-{}", self.name, self.requests));
        request["timestamp"] = json!(stamp.unwrap_or_default().to_string());
        request["locale"] = json!("en-US");
        let system = json!({
            "application": { "applicationId": SKILL },
            "user": { "userId": self.user },
            "device": { "deviceId": format!("amzn1.ask.device.{}", self.name), "supportedInterfaces": {} },
            "apiEndpoint": "https://api.amazonalexa.com"
        });
        json!({
            "version": "1.0",
            "session": {
                "new": self.requests == 1,
                "sessionId": format!("amzn1.echo-api.session.{}", self.name),
                "application": { "applicationId": SKILL },
                "user": { "userId": self.user }
            },
            "context": { "System": system },
            "request": request
        })
        .to_string()
    }
}
