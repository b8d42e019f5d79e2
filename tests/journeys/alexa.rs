//! An Echo's requests over loopback HTTP, signed by a development root and verified like Amazon's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alexa_skill::dev::{Authority, CHAIN_URL};
use hearthline::app::App;
use hearthline::channels::alexa::{self, Gate};
use hearthline::clock::Clock;
use hearthline::config;
use hearthline::store::Store;
use hearthline_core::time::{Seed, Time};
use serde_json::{Value, json};

pub(super) const SKILL: &str = "amzn1.ask.skill.hearthline";
pub(super) const MAYA: &str = "amzn1.ask.account.MAYA";
/// 2026-01-01T00:00:00Z.
const NOW_MS: u64 = 1_767_225_600_000;

#[tokio::test]
async fn an_echo_talks_to_its_household() {
    let house = House::open(false).await;
    let launch = house.ask("launch", MAYA, json!({"type": "LaunchRequest"})).await;
    assert!(!launch.speech().is_empty(), "{launch:?}");
    assert_eq!(launch.json["response"]["shouldEndSession"], false);

    let call = house
        .intent(
            "call",
            MAYA,
            "CallIntent",
            json!({"contact": {"name": "contact", "value": "grandma"}}),
        )
        .await;
    assert!(call.speech().contains("Grandma Ines"), "{call:?}");

    let whom = house
        .intent("whom", MAYA, "SendMessageIntent", json!({"contact": {"name": "contact"}}))
        .await;
    let directive = &whom.json["response"]["directives"][0];
    assert_eq!(directive["type"], "Dialog.ElicitSlot", "{whom:?}");
    assert_eq!(directive["updatedIntent"]["name"], "SendMessageIntent");
    assert_eq!(whom.json["response"]["shouldEndSession"], false);
    assert!(whom.json["response"]["reprompt"].is_object());

    let fallback = house.intent("nothing", MAYA, "AMAZON.FallbackIntent", json!({})).await;
    assert!(!fallback.speech().is_empty(), "{fallback:?}");
}

#[tokio::test]
async fn an_account_nobody_linked_has_a_home_without_contacts_and_hears_so() {
    let house = House::open(false).await;
    let launch =
        house.ask("launch", "amzn1.ask.account.NEW", json!({"type": "LaunchRequest"})).await;
    let known = house.ask("launch-2", MAYA, json!({"type": "LaunchRequest"})).await;
    assert_ne!(launch.speech(), known.speech());
    let slots = json!({"contact": {"name": "contact", "value": "grandma"}});
    let call = house.intent("call", "amzn1.ask.account.NEW", "CallIntent", slots).await;
    assert!(!call.speech().contains("Ines"), "{call:?}");
}

#[tokio::test]
async fn events_and_strangers_types_get_an_empty_answer() {
    let house = House::open(false).await;
    for (at, request) in [
        json!({"type": "SessionEndedRequest", "reason": "USER_INITIATED"}),
        json!({"type": "AlexaSkillEvent.SkillDisabled"}),
        json!({"type": "AudioPlayer.PlaybackStopped", "token": "t", "offsetInMilliseconds": 3}),
        json!({"type": "System.ExceptionEncountered", "error": {"type": "INVALID_RESPONSE"}, "cause": {"requestId": "r"}}),
        json!({"type": "Alexa.Comms.CallSignaling.New", "payload": {}}),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = house.ask(&format!("event-{at}"), MAYA, request.clone()).await;
        assert_eq!(reply.json, json!({"version": "1.0", "response": {}}), "{request}");
    }
}

#[tokio::test]
async fn a_repeat_gets_the_stored_answer_once_verified() {
    let house = House::open(false).await;
    let slots = json!({
        "contact": {"name": "contact", "value": "grandma"},
        "message": {"name": "message", "value": "the soup is ready"},
    });
    let body = house.body("send", MAYA, intent("SendMessageIntent", slots));
    let first = house.send(&body).await;
    let posts = house.posts();
    let again = house.send(&body).await;
    assert_eq!((first.status, &again), (200, &first));
    assert_eq!(house.posts(), posts, "a repeat does nothing");
    // Unsigned, the same bytes are worth nothing.
    let mut headers = house.headers(&body);
    headers[1].1 = house.authority.sign(b"other").unwrap();
    assert_eq!(
        house.post(&headers, body.clone().into_bytes()).await.refusal(),
        "signature-mismatch"
    );
    // The same id for something else is no repeat.
    let other = house.body("send", MAYA, intent("AMAZON.HelpIntent", json!({})));
    assert_eq!(house.send(&other).await.refusal(), "request-id");
}

#[tokio::test]
async fn refusals_are_400_with_one_word_and_change_nothing() {
    let house = House::open(false).await;
    let body = house.body("r", MAYA, json!({"type": "LaunchRequest"}));
    let [url, signature] = house.headers(&body);
    let json = ("Content-Type", "application/json; charset=utf-8".to_owned());
    let evil = ("SignatureCertChainUrl", CHAIN_URL.replace("echo.api", "echo.api/../evil"));
    let gone = ("SignatureCertChainUrl", CHAIN_URL.replace("development", "gone"));
    let text = ("Content-Type", "text/plain".to_owned());
    for (headers, word) in [
        (vec![], "header-missing"),
        (vec![url.clone()], "header-missing"),
        (vec![signature.clone()], "header-missing"),
        (vec![url.clone(), signature.clone(), signature.clone()], "header-repeated"),
        (vec![evil, signature.clone()], "certificate-url"),
        (vec![gone, signature.clone()], "certificate-unavailable"),
        (vec![url.clone(), ("Signature-256", "AAAA".to_owned())], "signature-mismatch"),
        (vec![url.clone(), ("Signature-256", "?".to_owned())], "signature-malformed"),
        (vec![text, url.clone(), signature.clone()], "content-type"),
    ] {
        let reply = house.post(&headers, body.clone().into_bytes()).await;
        assert_eq!(reply.refusal(), word, "{headers:?}");
    }
    let stale = body.replace("2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z");
    let other_skill = body.replace(SKILL, "amzn1.ask.skill.other");
    let no_user = body.replace("userId", "user");
    let no_id = body.replace("\"requestId\":\"r\"", "\"requestId\":\"\"");
    let deep = body.replace(
        "\"new\":true",
        &format!("\"attributes\":{}{}", "[".repeat(5000), "]".repeat(5000)),
    );
    for (body, word) in [
        (stale.into_bytes(), "timestamp-stale"),
        (other_skill.into_bytes(), "application-id"),
        (b"{".to_vec(), "body-malformed"),
        (vec![], "body-malformed"),
        (b"\"\xff\xfe\"".to_vec(), "body-malformed"),
        ([&body.as_bytes()[..body.len() - 1], b",\"x\":\"\xff\"}"].concat(), "body-malformed"),
        (deep.into_bytes(), "body-malformed"),
        (no_user.into_bytes(), "body-malformed"),
        (no_id.into_bytes(), "body-malformed"),
    ] {
        assert_eq!(house.send_bytes(&body).await.refusal(), word);
    }
    let reply = house.post(&[json, url, signature], body.into_bytes()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn other_methods_are_405_and_what_is_too_large_413() {
    let house = House::open(false).await;
    let client = client();
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let reply = client.request(method.clone(), &house.url).send().await.unwrap();
        assert_eq!(reply.status(), 405, "{method}");
        assert_eq!(reply.headers()["allow"], "POST");
    }
    let large = vec![b' '; 300 * 1024];
    assert_eq!(house.send_bytes(&large).await.status, 413);
    assert_eq!(house.post(&[], large).await.status, 413);
}

#[tokio::test]
async fn a_development_gate_lets_nobody_in_from_outside() {
    let house = House::open(true).await;
    let body = house.body("r", MAYA, json!({"type": "LaunchRequest"}));
    for name in ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "Via"] {
        let mut headers = house.headers(&body).to_vec();
        headers.push((name, "for=192.0.2.1".to_owned()));
        assert_eq!(house.post(&headers, body.clone().into_bytes()).await.refusal(), "forwarded");
    }
    // The fixed clock, the extra root and the folder of certificates serve.
    assert_eq!(house.send(&body).await.status, 200);
}

#[test]
fn every_reason_word_is_in_the_handbook() {
    let handbook = include_str!("../../docs/alexa.md");
    let words = alexa_skill::Refusal::ALL.iter().map(|refusal| refusal.as_str());
    for word in words.chain(["content-type", "forwarded", "request-id"]) {
        assert!(
            handbook.contains(&format!("| `{word}` |")),
            "docs/alexa.md does not explain {word}"
        );
    }
}

pub(super) fn intent(name: &str, slots: Value) -> Value {
    json!({"type": "IntentRequest", "locale": "en-US", "intent": {"name": name, "confirmationStatus": "NONE", "slots": slots}})
}

/// A server with the demo households, and a signer it trusts.
pub(super) struct House {
    authority: Authority,
    pub(super) app: Arc<App>,
    url: String,
    /// The development clock stands still.
    fixed: bool,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug, PartialEq)]
pub(super) struct Reply {
    status: u16,
    text: String,
    pub(super) json: Value,
}

impl Reply {
    pub(super) fn speech(&self) -> &str {
        self.json["response"]["outputSpeech"]["text"].as_str().unwrap_or_default()
    }

    /// The reason word of a refusal; the whole reply if it is none.
    fn refusal(&self) -> String {
        if self.status == 400 { self.text.clone() } else { format!("{self:?}") }
    }
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(20)).no_proxy().build().unwrap()
}

impl House {
    /// With `moved`, the house's own clock is a year off and only the configured one is right.
    pub(super) async fn open(moved: bool) -> Self {
        let authority = Authority::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.root_pem()).unwrap();
        std::fs::write(folder.path().join("development.pem"), authority.chain_pem()).unwrap();
        let year = if moved { 31_536_000_000 } else { 0 };
        let clock = Clock::virtual_at(Time::from_ms(NOW_MS + year), Seed(1));
        let app = App::start(Store::in_memory().await.unwrap(), clock, true).await.unwrap();
        let alder = app.world().directory.households().next().unwrap().id.to_string();
        let config = config::Alexa {
            skill_ids: [SKILL.to_owned()].into(),
            users: BTreeMap::from([(MAYA.to_owned(), alder)]),
            dev: Some(config::AlexaDev {
                trust_anchor: Some(folder.path().join("ca.pem")),
                certificates: Some(folder.path().to_owned()),
                clock: moved.then(|| "2026-01-01T00:00:00Z".parse().unwrap()),
            }),
        };
        let routes = alexa::routes(&app, Gate::open(&config).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/alexa", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { authority, app, url, fixed: moved, server, _folder: folder }
    }

    fn body(&self, id: &str, user: &str, request: Value) -> String {
        self.body_in("s", true, id, user, request)
    }

    /// In a session of that name, which is new or goes on.
    fn body_in(
        &self,
        session: &str,
        new: bool,
        id: &str,
        user: &str,
        mut request: Value,
    ) -> String {
        let now = if self.fixed { NOW_MS } else { self.app.clock.now().as_ms() };
        let now = jiff::Timestamp::from_millisecond(now.try_into().unwrap()).unwrap();
        request["requestId"] = json!(id);
        request["timestamp"] = json!(now.to_string());
        let (application, user) = (json!({"applicationId": SKILL}), json!({"userId": user}));
        json!({
            "version": "1.0",
            "session": {"new": new, "sessionId": session, "application": application, "user": user},
            "context": {"System": {"application": application, "user": user, "device": {"deviceId": "echo-1"}}},
            "request": request,
        })
        .to_string()
    }

    fn headers(&self, body: &str) -> [(&'static str, String); 2] {
        self.authority.headers(body.as_bytes()).unwrap()
    }

    async fn ask(&self, id: &str, user: &str, request: Value) -> Reply {
        let reply = self.send(&self.body(id, user, request)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }

    /// One turn of Maya's in a session.
    pub(super) async fn turn(&self, session: &str, new: bool, id: &str, request: Value) -> Reply {
        let reply = self.send(&self.body_in(session, new, id, MAYA, request)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }

    async fn intent(&self, id: &str, user: &str, name: &str, slots: Value) -> Reply {
        self.ask(id, user, intent(name, slots)).await
    }

    async fn send(&self, body: &str) -> Reply {
        self.send_bytes(body.as_bytes()).await
    }

    async fn send_bytes(&self, body: &[u8]) -> Reply {
        self.post(&self.authority.headers(body).unwrap(), body.to_vec()).await
    }

    async fn post(&self, headers: &[(&str, String)], body: Vec<u8>) -> Reply {
        let mut request = client().post(&self.url).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let reply = request.send().await.unwrap();
        let status = reply.status().as_u16();
        let text = reply.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Reply { status, text, json }
    }

    /// How many messages there are.
    fn posts(&self) -> usize {
        let world = self.app.world();
        let homes: Vec<_> = world.directory.households().map(|home| home.id.clone()).collect();
        homes.iter().map(|home| world.posts(home).len()).sum()
    }
}
