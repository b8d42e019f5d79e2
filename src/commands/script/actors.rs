//! The devices of a script: each holds the same socket session as a real page, and remembers what it was shown.

use std::sync::Arc;

use hearthline_core::request::Speaker;
use serde_json::Value;

use super::report::Facts;
use crate::app::App;
use crate::channels::browser::commands::Session;
use crate::channels::browser::protocol::FromDevice;
use crate::devices::{Mail, Resume};
use crate::speech::Audio;

/// A page, an Echo Show of our own, a tablet.
#[derive(Debug)]
pub(super) struct Device {
    speaker: Speaker,
    line: Option<Line>,
    resume: Option<Resume>,
    commands: u32,
    /// What the last step was answered.
    said: Facts,
    call: Option<Value>,
    house: Value,
}

#[derive(Debug)]
struct Line {
    session: Session,
    id: String,
    mail: tokio::sync::mpsc::Receiver<Mail>,
}

impl Device {
    pub(super) fn new(speaker: Speaker) -> Self {
        Self {
            speaker,
            line: None,
            resume: None,
            commands: 0,
            said: Facts::new(),
            call: None,
            house: Value::Null,
        }
    }

    pub(super) async fn connect(&mut self, app: &Arc<App>) -> Result<(), String> {
        if !app.knows(&self.speaker) {
            return Err(format!("{} is no device of this household", self.speaker.device));
        }
        let fresh = uuid::Uuid::new_v4().to_string();
        let now = app.clock.now();
        let seat = app.devices.connect(&self.speaker, fresh, self.resume.as_ref(), now);
        self.resume = Some(Resume { session: seat.session.clone(), seq: seat.seq });
        let session = Session::new(self.speaker.clone());
        self.line = Some(Line { session, id: seat.session, mail: seat.mail });
        if !seat.resumed {
            app.send_house(&self.speaker.device);
        }
        app.device_connected(&self.speaker).await;
        Ok(())
    }

    pub(super) async fn disconnect(&mut self, app: &Arc<App>) {
        self.read();
        if let Some(Line { id, mail, .. }) = self.line.take() {
            drop(mail);
            app.device_disconnected(&self.speaker, &id).await;
        }
    }

    /// Sends a command as a page would, as JSON.
    pub(super) async fn command(
        &mut self,
        app: &Arc<App>,
        mut command: Value,
    ) -> Result<(), String> {
        self.commands += 1;
        command["command_id"] = Value::from(format!("script-{}", self.commands));
        self.send(app, command).await
    }

    async fn send(&mut self, app: &Arc<App>, command: Value) -> Result<(), String> {
        let line = self.line.as_mut().ok_or("this device is offline")?;
        let command: FromDevice =
            serde_json::from_value(command).map_err(|error| error.to_string())?;
        line.session.on(app, command).await;
        Ok(())
    }

    /// Plays a recording into the microphone.
    pub(super) async fn hear(&mut self, app: &Arc<App>, audio: &Audio) -> Result<(), String> {
        self.commands += 1;
        let id = format!("script-{}", self.commands);
        let start = serde_json::json!({
            "type": "audio.start", "command_id": id, "rate": crate::speech::audio::RATE_HZ, "channels": 1
        });
        self.send(app, start).await?;
        #[allow(clippy::cast_possible_truncation, reason = "clamped to 16 bits")]
        let pcm: Vec<u8> = audio
            .samples()
            .iter()
            .flat_map(|sample| ((sample * 32767.0).clamp(-32768.0, 32767.0) as i16).to_le_bytes())
            .collect();
        if let Some(line) = &mut self.line {
            line.session.on_audio(app, &pcm);
        }
        self.send(app, serde_json::json!({ "type": "audio.stop", "command_id": id })).await
    }

    /// The call this device was shown last.
    pub(super) fn call_id(&self) -> Result<&str, String> {
        let call = self.call.as_ref().and_then(|call| call["call_id"].as_str());
        call.ok_or_else(|| "this device was shown no call".to_owned())
    }

    /// The newest message in its inbox.
    pub(super) fn post_id(&self) -> Result<&str, String> {
        let post = self.incoming().and_then(|item| item["id"].as_str());
        post.ok_or_else(|| "this device was shown no message".to_owned())
    }

    /// Forgets what was said in the step before.
    pub(super) fn begin(&mut self) {
        self.said.clear();
        self.read();
    }

    /// Everything that can be expected of this device now.
    pub(super) fn facts(&mut self) -> Facts {
        self.read();
        let mut facts = self.said.clone();
        let mut put = |key: &str, value: String| drop(facts.insert(key.to_owned(), value));
        put("online", self.line.is_some().to_string());
        if let Some(call) = &self.call {
            put("call", text(&call["state"]));
            put("call.with", text(&call["with"]["name"]));
            put("call.direction", text(&call["direction"]));
            put("call.devices", text(&call["devices"]));
            put("call.reason", text(&call["reason"]));
        }
        for key in ["unread", "missed", "quiet"] {
            put(key, text(&self.house[key]));
        }
        if let Some(item) = self.incoming() {
            put("message", text(&item["text"]));
            put("message.from", text(&item["with"]["name"]));
        }
        if let Some(item) =
            self.item(|item| item["kind"] == "message" && item["direction"] == "out")
        {
            put("sent", text(&item["text"]));
            put("sent.to", text(&item["with"]["name"]));
            put("sent.state", text(&item["state"]));
        }
        for person in self.house["people"].as_array().into_iter().flatten() {
            put(&format!("presence.{}", text(&person["contact_id"])), text(&person["presence"]));
        }
        facts
    }

    fn incoming(&self) -> Option<&Value> {
        self.item(|item| item["kind"] == "message" && item["direction"] == "in")
    }

    fn item(&self, wanted: impl Fn(&Value) -> bool) -> Option<&Value> {
        self.house["inbox"].as_array()?.iter().find(|item| wanted(item))
    }

    /// Takes in what was sent meanwhile.
    fn read(&mut self) {
        let Some(line) = &mut self.line else { return };
        while let Ok(mail) = line.mail.try_recv() {
            let Mail::Message(message) = mail else { continue };
            let Ok(message) = serde_json::from_str::<Value>(&message) else { continue };
            if let (Some(resume), Some(seq)) = (&mut self.resume, message["seq"].as_u64()) {
                resume.seq = seq;
            }
            note(&message, &mut self.said, &mut self.call, &mut self.house);
        }
    }
}

fn note(message: &Value, said: &mut Facts, call: &mut Option<Value>, house: &mut Value) {
    let mut put = |key: &str, value: String| drop(said.insert(key.to_owned(), value));
    match message["type"].as_str().unwrap_or_default() {
        "answer" => {
            put("speech", text(&message["speech"]));
            put("intent", text(&message["intent"]));
            put("expects", text(&message["expects"]));
            let choices = message["choices"].as_array().into_iter().flatten().map(text);
            put("choices", choices.collect::<Vec<_>>().join(", "));
            for (name, slot) in message["slots"].as_object().into_iter().flatten() {
                let id = if slot["id"].is_null() { &slot["value"] } else { &slot["id"] };
                put(&format!("slot.{name}"), text(id));
            }
        }
        "heard" => put("heard", text(&message["text"])),
        "announce" => put("announced", text(&message["text"])),
        "error" => {
            put("error", text(&message["code"]));
            put("speech", text(&message["message"]));
        }
        "house" => *house = message.clone(),
        "call.initiate" | "call.ringing" | "call.accepted" | "call.update" | "call.ended" => {
            // Late news of another version is no news.
            let newer = call.as_ref().is_none_or(|known| {
                known["call_id"] != message["call"]["call_id"]
                    || known["version"].as_u64() <= message["call"]["version"].as_u64()
            });
            if newer {
                *call = Some(message["call"].clone());
            }
        }
        _ => {}
    }
}

/// Scalars as they are compared.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
