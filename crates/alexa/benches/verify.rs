//! What a signed request costs beside the one thing it cannot do without: checking an RSA-2048 signature.
//!
//! `cargo bench -p alexa-skill --features dev`. Both run in turn in the same loop, and the fastest round of each
//! counts, so that a busy machine slows neither more than the other.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark prints times"
)]

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use alexa_skill::Verifier;
use alexa_skill::dev::Authority;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::json;
use x509_parser::prelude::{FromDer as _, X509Certificate};

const ROUNDS: usize = 60;
const PER_ROUND: u32 = 200;

fn main() {
    let authority = Authority::new().unwrap();
    let body = request();
    let headers = authority.headers(body.as_bytes()).unwrap();
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let anchors = vec![authority.anchor().unwrap()];
    let verifier = Verifier::new(authority.fetcher(), anchors, ["amzn1.ask.skill.s".to_owned()]);
    let verify = || {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        ready(verifier.verify(headers, body.as_bytes(), now)).unwrap()
    };

    let leaf = CertificateDer::from_pem_slice(authority.chain_pem().as_bytes()).unwrap();
    let (_, leaf) = X509Certificate::from_der(&leaf).unwrap();
    let key = leaf.public_key().subject_public_key.data.to_vec();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
    let signature = STANDARD.decode(&headers[1].1).unwrap();
    let bare = || key.verify(body.as_bytes(), &signature).unwrap();

    let (mut bare_best, mut whole_best) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        bare_best = bare_best.min(round(bare));
        whole_best = whole_best.min(round(verify));
    }
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    println!("body                        {} bytes", body.len());
    println!("bare RSA-2048 verification  {:.1} us", us(bare_best));
    println!("verification and parsing    {:.1} us", us(whole_best));
    println!("ratio                       {:.2}", us(whole_best) / us(bare_best));
}

/// The mean of one round.
fn round<T>(run: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..PER_ROUND {
        black_box(run());
    }
    start.elapsed() / PER_ROUND
}

/// With the key known and a fetcher that has its files with it, nothing waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing to wait for"),
    }
}

/// About as long as what an Echo with a screen sends: two slots, one resolved, tokens, a viewport.
fn request() -> String {
    let application = json!({"applicationId": "amzn1.ask.skill.s"});
    let user = json!({"userId": format!("amzn1.ask.account.{}", "A".repeat(160))});
    json!({
        "version": "1.0",
        "session": {
            "new": false, "sessionId": "amzn1.echo-api.session.1", "application": application,
            "attributes": {"state": "ringing", "turn": 3}, "user": user,
        },
        "context": {
            "System": {
                "application": application, "user": user,
                "device": {
                    "deviceId": format!("amzn1.ask.device.{}", "B".repeat(160)),
                    "supportedInterfaces": {"AudioPlayer": {}, "Alexa.Presentation.APL": {"runtime": {"maxVersion": "2024.3"}}},
                },
                "apiEndpoint": "https://api.amazonalexa.com",
                "apiAccessToken": "e".repeat(600),
            },
            "AudioPlayer": {"playerActivity": "IDLE"},
            "Viewport": {
                "experiences": [{"arcMinuteWidth": 246, "arcMinuteHeight": 144, "canRotate": false, "canResize": false}],
                "mode": "HUB", "shape": "RECTANGLE", "pixelWidth": 1024, "pixelHeight": 600, "dpi": 160,
                "currentPixelWidth": 1024, "currentPixelHeight": 600, "touch": ["SINGLE"],
                "video": {"codecs": ["H_264_42", "H_264_41"]},
            },
        },
        "request": {
            "type": "IntentRequest", "requestId": "amzn1.echo-api.request.1", "locale": "en-US",
            "timestamp": "2026-01-01T00:00:00Z", "dialogState": "IN_PROGRESS",
            "intent": {
                "name": "SendMessageIntent", "confirmationStatus": "NONE",
                "slots": {
                    "contact": {
                        "name": "contact", "value": "grandma", "confirmationStatus": "NONE", "source": "USER",
                        "resolutions": {"resolutionsPerAuthority": [{
                            "authority": "amzn1.er-authority.echo-sdk.amzn1.ask.skill.s.CONTACT",
                            "status": {"code": "ER_SUCCESS_MATCH"},
                            "values": [{"value": {"name": "Grandma", "id": "grandma"}}],
                        }]},
                        "slotValue": {"type": "Simple", "value": "grandma"},
                    },
                    "message": {"name": "message", "confirmationStatus": "NONE"},
                },
            },
        },
    })
    .to_string()
}
