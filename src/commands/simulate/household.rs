//! The household half: people ask for calls and messages through the same `turn` as everybody.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use hearthline_core::id::{DeviceId, RequestId};
use hearthline_core::request::{Channel, Heard, Request, Speaker};
use hearthline_core::time::{Seed, Time};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::clock::Clock;
use crate::store::Store;

use super::report::Errands;

/// What passes between two people's requests.
const PAUSE: Duration = Duration::from_secs(20);

/// One thing that somebody asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    home: String,
    device: String,
    person: String,
    says: String,
}

impl Ask {
    fn speaker(&self) -> anyhow::Result<Speaker> {
        Ok(Speaker {
            household: self.home.parse()?,
            device: self.device.parse()?,
            person: Some(self.person.parse()?),
        })
    }
}

/// The demo households run the errands, each a row of requests, in an order that the seed chooses.
pub(super) async fn run(errands: &[Vec<Ask>], begin: Time, seed: Seed) -> anyhow::Result<Errands> {
    let clock = Clock::virtual_at(begin, seed);
    let app: Arc<App> = App::start(Store::in_memory().await?, clock, true).await?;
    let mut done = Errands::default();
    // Every speaker is switched on, so that calls ring somewhere.
    let mut lines: Vec<(DeviceId, _)> = Vec::new();
    for ask in errands.iter().flatten() {
        let speaker = ask.speaker()?;
        if lines.iter().all(|(device, _)| *device != speaker.device) {
            let line = app.devices.connect(&speaker, "simulated".to_owned(), None, app.clock.now());
            lines.push((speaker.device, line));
        }
    }
    let mut order: Vec<usize> = (0..errands.len()).collect();
    order.sort_by_key(|index| seed.for_purpose(&format!("errand {index}")).0);
    for ask in order.into_iter().flat_map(|index| &errands[index]) {
        done.asked += 1;
        let id: RequestId = format!("simulated-{}", done.asked).parse()?;
        let heard = Heard::Words(ask.says.clone());
        let (channel, certainty) = (Channel::Terminal, None);
        let request = Request { id, channel, speaker: ask.speaker()?, heard, certainty };
        let body = Sha256::digest(ask.says.as_bytes()).into();
        let answer = app.turn(request, body).await.with_context(|| format!("\"{}\"", ask.says))?;
        done.understood += u64::from(answer.intent.is_some());
        done.calls += u64::from(answer.call.is_some());
        done.messages += u64::from(answer.post.is_some());
        done.refused += u64::from(answer.refused.is_some());
        if !app.clock.advance(PAUSE) {
            anyhow::bail!("the virtual clock stands still");
        }
    }
    Ok(done)
}
