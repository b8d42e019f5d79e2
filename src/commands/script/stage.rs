//! The house of a script: in memory, on a virtual clock, with its devices and Echos.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use hearthline_core::request::Speaker;
use hearthline_core::time::{Seed, Time};
use serde_json::json;

use super::actors::Device;
use super::echo::{Cloud, Echo};
use super::report::{Facts, fill};
use super::sheet::{self, Go, Sheet, Step};
use crate::app::{App, read_household};
use crate::clock::Clock;
use crate::speech::{Audio, Ears};
use crate::store::Store;

#[derive(Debug)]
pub(super) struct Stage {
    app: Arc<App>,
    folder: PathBuf,
    devices: BTreeMap<String, Device>,
    echoes: BTreeMap<String, Echo>,
    cloud: Cloud,
    pub(super) vars: BTreeMap<String, String>,
}

impl Stage {
    pub(super) async fn open(
        sheet: &Sheet,
        folder: &Path,
        ears: Option<Ears>,
    ) -> anyhow::Result<Self> {
        let start =
            u64::try_from(sheet.start.as_millisecond()).context("`start` lies before 1970")?;
        let clock = Clock::virtual_at(Time::from_ms(start), Seed(sheet.seed));
        let demo = sheet.households.is_empty();
        let app = App::start(Store::in_memory().await?, clock, demo).await?;
        let homes: anyhow::Result<Vec<_>> =
            sheet.households.iter().map(|file| read_household(&folder.join(file))).collect();
        app.put_households(homes?).await?;
        if let Some(ears) = ears {
            app.set_ears(ears);
        }
        let mut devices = BTreeMap::new();
        for (name, device) in &sheet.devices {
            let speaker = Speaker {
                household: device.household.clone(),
                device: device.device.clone(),
                person: device.person.clone(),
            };
            let mut actor = Device::new(speaker);
            if device.online {
                actor.connect(&app).await.map_err(anyhow::Error::msg)?;
            }
            devices.insert(name.clone(), actor);
        }
        let cloud = Cloud::open(&app, &sheet.echoes)?;
        let echoes = sheet.echoes.iter().map(|(name, echo)| (name.clone(), Echo::new(name, echo)));
        let (echoes, vars) = (echoes.collect(), sheet.vars.clone());
        Ok(Self { app, folder: folder.to_owned(), devices, echoes, cloud, vars })
    }

    /// Carries out one step and tells what is true then.
    ///
    /// # Errors
    /// With a sentence for the author, if the step cannot be carried out.
    pub(super) async fn step(&mut self, step: &Step) -> Result<Facts, String> {
        if let Some(span) = &step.advance {
            self.advance(sheet::span(span)?).await;
        }
        let Some(name) = &step.at else {
            return if step.advance.is_some() && step.expect.is_empty() {
                Ok(Facts::new())
            } else {
                Err("name a device with `at`".to_owned())
            };
        };
        let app = Arc::clone(&self.app);
        if let Some(echo) = self.echoes.get_mut(name) {
            let facts = echo.send(&app, &self.cloud, step.request.as_ref(), step.fault).await?;
            return self.kept(step, facts);
        }
        let device =
            self.devices.get_mut(name).ok_or_else(|| format!("there is no device {name:?}"))?;
        device.begin();
        match step.go {
            Some(Go::Offline) => device.disconnect(&app).await,
            Some(Go::Online) => device.connect(&app).await?,
            None => {}
        }
        if let Some(words) = &step.say {
            let words = fill(words, &self.vars);
            device.command(&app, json!({ "type": "say", "text": words })).await?;
        }
        if let Some(recording) = &step.hear {
            let path = self.folder.join(recording);
            let bytes =
                std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let audio = Audio::decode(&bytes).map_err(|error| error.to_string())?;
            device.hear(&app, &audio).await?;
        }
        if let Some(button) = &step.press {
            let command = pressed(device, button)?;
            device.command(&app, command).await?;
        }
        if let Some(send) = &step.send {
            let (to, text) = (&send.to, fill(&send.text, &self.vars));
            let command = json!({ "type": "post.send", "contact_id": to, "text": text });
            device.command(&app, command).await?;
        }
        let facts = device.facts();
        self.kept(step, facts)
    }

    /// Remembers what the step wants to keep.
    fn kept(&mut self, step: &Step, facts: Facts) -> Result<Facts, String> {
        for (var, fact) in &step.keep {
            let value = facts.get(fact).ok_or_else(|| format!("there is no {fact:?} to keep"))?;
            self.vars.insert(var.clone(), value.clone());
        }
        Ok(facts)
    }

    /// Lets time pass, doing what is due on the way at its own moment.
    async fn advance(&self, by: std::time::Duration) {
        let clock = &self.app.clock;
        let until = clock.now() + by;
        while let Some(due) = self.app.next_deadline().filter(|due| *due <= until) {
            let before = clock.now();
            let _ = clock.advance(due.since(before));
            self.app.tick().await;
            // A deadline that stays would hold the clock for ever.
            if self.app.next_deadline() == Some(due) {
                break;
            }
        }
        let _ = clock.advance(until.since(clock.now()));
        self.app.tick().await;
    }
}

fn pressed(device: &Device, button: &str) -> Result<serde_json::Value, String> {
    let call = |kind: &str| Ok(json!({ "type": kind, "call_id": device.call_id()? }));
    let post = |kind: &str| Ok(json!({ "type": kind, "post_id": device.post_id()? }));
    match button.split_once(' ').unwrap_or((button, "")) {
        ("answer", _) => call("call.answer"),
        ("decline", _) => call("call.reject"),
        ("hang_up", _) => call("call.hangup"),
        ("heard", _) => post("post.heard"),
        ("delete", _) => post("post.delete"),
        ("quiet", _) => Ok(json!({ "type": "quiet", "on": true })),
        ("loud", _) => Ok(json!({ "type": "quiet", "on": false })),
        ("call", contact) => Ok(json!({ "type": "call.initiate", "contact_id": contact })),
        ("room", room) => Ok(json!({ "type": "call.initiate", "room_id": room })),
        _ => Err(format!("there is no button {button:?}")),
    }
}
