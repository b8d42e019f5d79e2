//! What a device asks for. Typed words, spoken words and pressed buttons all become a `Request` and end in
//! `turn`, so that the same rules hold however it was asked.

use std::sync::Arc;

use hearthline_core::effect::Answer;
use hearthline_core::id::{CallId, HouseholdId, RequestId};
use hearthline_core::request::{Button, Channel, Heard, MAX_UTTERANCE_CHARS, Request, Speaker};
use hearthline_core::understanding::Parse;
use sha2::{Digest, Sha256};

use super::protocol::{FromDevice, ToDevice, expects};
use crate::app::App;
use crate::speech::{AudioError, Hints, Recording, SpeechError, choose};
use crate::turn::TurnError;

/// The longest `command_id`: a UUID with room for a prefix.
const MAX_COMMAND_ID: usize = 64;

/// Audio on its way.
#[derive(Debug)]
struct Microphone {
    command_id: String,
    recording: Recording,
}

/// One connected device.
#[derive(Debug)]
pub struct Session {
    speaker: Speaker,
    microphone: Option<Microphone>,
}

impl Session {
    #[must_use]
    pub fn new(speaker: Speaker) -> Self {
        Self { speaker, microphone: None }
    }

    /// Carries out one command and sends its `done` or `error`.
    pub async fn on(&mut self, app: &Arc<App>, command: FromDevice) {
        let body = digest(&command);
        let result = match command {
            FromDevice::Say { command_id, text } => self.words(app, command_id, text, body).await,
            FromDevice::AudioStart { command_id, rate, channels } => {
                match self.open(app, &command_id, rate, channels) {
                    Ok(()) => return,
                    Err(error) => Err(error.about(command_id)),
                }
            }
            FromDevice::AudioStop { command_id } => self.recognise(app, command_id, body).await,
            FromDevice::AudioCancel { command_id } => {
                self.microphone = None;
                Ok(ToDevice::Done { command_id, call_id: None, post_id: None })
            }
            FromDevice::CallInitiate { command_id, contact_id: Some(contact), room_id: None } => {
                self.press(app, command_id, Button::CallContact(contact), body).await
            }
            FromDevice::CallInitiate { command_id, contact_id: None, room_id: Some(room) } => {
                self.press(app, command_id, Button::CallRoom(room), body).await
            }
            FromDevice::CallInitiate { command_id, .. } => {
                Err(Failure::malformed("Name a contact_id or a room_id, one of them.")
                    .about(command_id))
            }
            FromDevice::CallAnswer { command_id, call_id } => {
                self.press(app, command_id, Button::Answer(call_id), body).await
            }
            FromDevice::CallReject { command_id, call_id } => {
                self.press(app, command_id, Button::Decline(call_id), body).await
            }
            FromDevice::CallHangup { command_id, call_id } => {
                self.press(app, command_id, Button::HangUp(call_id), body).await
            }
            FromDevice::PostSend { command_id, contact_id, text } => {
                self.press(app, command_id, Button::Send(contact_id, text), body).await
            }
            FromDevice::PostHeard { command_id, post_id } => {
                self.press(app, command_id, Button::MarkHeard(post_id), body).await
            }
            FromDevice::PostDelete { command_id, post_id } => {
                self.press(app, command_id, Button::Delete(post_id), body).await
            }
            FromDevice::Quiet { command_id, on } => {
                self.press(app, command_id, Button::Quiet(on), body).await
            }
            FromDevice::CallRinging { call_id } => return self.rings(app, &call_id).await,
            FromDevice::Ping {} => Ok(ToDevice::Pong { now_ms: app.clock.now() }),
            FromDevice::Unknown => return,
        };
        let message = result.unwrap_or_else(|error| error);
        app.devices.send(&self.speaker.device, &message);
    }

    /// Audio that came for the open microphone; without one it is dropped.
    pub fn on_audio(&mut self, app: &App, pcm: &[u8]) {
        let Some(microphone) = &mut self.microphone else { return };
        if let Err(error) = microphone.recording.push(pcm) {
            let command_id = microphone.command_id.clone();
            self.microphone = None;
            let error = Failure::from(error).about(command_id);
            app.devices.send(&self.speaker.device, &error);
        }
    }

    fn open(
        &mut self,
        app: &App,
        command_id: &str,
        rate: u32,
        channels: u16,
    ) -> Result<(), Failure> {
        if !app.hears() {
            return Err(Failure::deaf());
        }
        let recording = Recording::new(rate, channels)?;
        self.microphone = Some(Microphone { command_id: command_id.to_owned(), recording });
        Ok(())
    }

    async fn recognise(
        &mut self,
        app: &Arc<App>,
        command_id: String,
        body: [u8; 32],
    ) -> Result<ToDevice, ToDevice> {
        let microphone = self.microphone.take().filter(|open| open.command_id == command_id);
        let Some(microphone) = microphone else {
            return Err(Failure::malformed("No audio.start came before.").about(command_id));
        };
        let household = &self.speaker.household;
        let (parse, certainty) = match transcribe(app, household, microphone.recording).await {
            Ok(Some((parse, certainty))) => (Some(parse), Some(certainty)),
            Ok(None) => (None, None),
            Err(failure) => return Err(failure.about(command_id)),
        };
        let text = parse.as_ref().map(|parse| parse.text.clone()).unwrap_or_default();
        let heard = ToDevice::Heard { command_id: command_id.clone(), text };
        app.devices.send(&self.speaker.device, &heard);
        let heard = parse.map_or(Heard::Nothing, Heard::Understood);
        self.turn(app, command_id, (heard, certainty), body, true).await
    }

    async fn words(
        &self,
        app: &Arc<App>,
        command_id: String,
        text: String,
        body: [u8; 32],
    ) -> Result<ToDevice, ToDevice> {
        if text.chars().count() > MAX_UTTERANCE_CHARS {
            let message = format!("At most {MAX_UTTERANCE_CHARS} characters at once, please.");
            return Err(Failure { code: "too_long", message }.about(command_id));
        }
        self.turn(app, command_id, (Heard::Words(text), None), body, true).await
    }

    async fn press(
        &self,
        app: &Arc<App>,
        command_id: String,
        button: Button,
        body: [u8; 32],
    ) -> Result<ToDevice, ToDevice> {
        self.turn(app, command_id, (Heard::Pressed(button), None), body, false).await
    }

    async fn turn(
        &self,
        app: &Arc<App>,
        command_id: String,
        (heard, certainty): (Heard, Option<f32>),
        body: [u8; 32],
        spoken: bool,
    ) -> Result<ToDevice, ToDevice> {
        let id = match request_id(&self.speaker, &command_id) {
            Ok(id) => id,
            Err(failure) => return Err(failure.about(command_id)),
        };
        let (channel, speaker) = (Channel::Browser, self.speaker.clone());
        let request = Request { id, channel, speaker, heard, certainty };
        match app.turn(request, body).await {
            Ok(answer) => Ok(self.answered(app, command_id, answer, spoken)),
            Err(error) => Err(Failure::from(error).about(command_id)),
        }
    }

    /// A spoken turn is answered in words; a pressed button only says whether it was done.
    fn answered(&self, app: &App, command_id: String, answer: Answer, spoken: bool) -> ToDevice {
        if spoken {
            let message = ToDevice::Answer {
                command_id: command_id.clone(),
                expects: expects(&answer.expects),
                speech: answer.speech,
                choices: answer.choices,
                intent: answer.intent,
                confidence: answer.confidence,
                slots: answer.slots,
            };
            app.devices.send(&self.speaker.device, &message);
        } else if let Some(refused) = answer.refused {
            let failure = Failure { code: refused.as_str(), message: answer.speech };
            return failure.about(command_id);
        }
        ToDevice::Done { command_id, call_id: answer.call, post_id: answer.post }
    }

    async fn rings(&self, app: &Arc<App>, call: &CallId) {
        let device = self.speaker.device.clone();
        app.call_event(call, &hearthline_core::call::Event::Ringing { device }).await;
    }
}

/// What was said, what it means and how sure we are of the words; nothing when nobody spoke.
async fn transcribe(
    app: &App,
    household: &HouseholdId,
    recording: Recording,
) -> Result<Option<(Parse, f32)>, Failure> {
    let audio = match recording.finish() {
        Ok(audio) => audio,
        Err(AudioError::Empty) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let ears = app.ears().ok_or_else(Failure::deaf)?;
    // A household that is not known here is told so by the turn.
    let (lists, home) = {
        let world = app.world();
        (world.lists(household).unwrap_or_default(), world.directory.household(household).cloned())
    };
    let hints = home.map(|home| Hints::shipped(&home, Arc::clone(&lists))).unwrap_or_default();
    let transcript = ears.hear(audio, hints).await?;
    let understood =
        |transcript| (choose(&transcript, app.understanding, &lists), transcript.certainty);
    Ok((!transcript.no_speech).then(|| understood(transcript)))
}

/// Two devices may use the same `command_id`.
fn request_id(speaker: &Speaker, command_id: &str) -> Result<RequestId, Failure> {
    if command_id.len() > MAX_COMMAND_ID {
        return Err(Failure::malformed("The command_id is too long."));
    }
    format!("{}/{command_id}", speaker.device)
        .parse()
        .map_err(|_| Failure::malformed("The command_id must be short visible text."))
}

fn digest(command: &FromDevice) -> [u8; 32] {
    let body = serde_json::to_vec(command).expect("commands are plain strings and numbers");
    Sha256::digest(body).into()
}

/// Why a command was not carried out, before it is known which.
#[derive(Debug)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
}

impl Failure {
    fn malformed(message: &str) -> Self {
        Self { code: "malformed", message: message.into() }
    }

    fn deaf() -> Self {
        let message = "I can't hear at the moment: the speech model is missing. You can type.";
        Self { code: "deaf", message: message.into() }
    }

    fn about(self, command_id: String) -> ToDevice {
        ToDevice::Error { command_id: Some(command_id), code: self.code, message: self.message }
    }
}

impl From<AudioError> for Failure {
    fn from(error: AudioError) -> Self {
        Self { code: "audio", message: error.to_string() }
    }
}

impl From<SpeechError> for Failure {
    fn from(error: SpeechError) -> Self {
        Self { code: "deaf", message: error.to_string() }
    }
}

impl From<TurnError> for Failure {
    fn from(error: TurnError) -> Self {
        let code = match error {
            TurnError::Conflict => "conflict",
            TurnError::UnknownHousehold | TurnError::Store(_) | TurnError::Lost => "failed",
        };
        Self { code, message: error.spoken() }
    }
}
