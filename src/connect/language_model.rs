//! Any endpoint that speaks the `OpenAI` chat completions protocol, asked for one line and given little time.
//!
//! The answer is streamed, so that at the deadline the sentences that are complete can still be spoken. Whatever
//! goes wrong, the scripted line is there: this module returns words or nothing, never an error to the person.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hearthline_core::conversation::{Mode, Prompt, RECENT_TURNS};
use hearthline_core::id::ConversationId;
use hearthline_core::time::Time;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::json;
use url::Url;

/// A person waits for the first sound; after this the scripted line is spoken.
pub const WITHIN: Duration = Duration::from_millis(1_500);
/// A spoken line is shorter; a model that goes on is not listened to any longer. In bytes.
const MAX_ANSWER: usize = 2_000;
/// What arrives over the wire is wrapped in JSON, many times its size. In bytes.
const MAX_STREAM: usize = 256 * 1024;
const MAX_TOKENS: u32 = 90;
/// How many conversations have their last turns at hand.
const MOST_RECENT: usize = 256;
/// After this silence earlier turns say nothing about the next.
const RECENT_FOR: Duration = Duration::from_secs(10 * 60);
/// So many failures in a row, and the model is left alone for a while: waiting each time would slow every turn.
const FAILURES: u32 = 3;
const REST: Duration = Duration::from_secs(60);

/// Where the model is and what it may word.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// The base address, such as `http://127.0.0.1:11434/v1`; `/chat/completions` is added.
    pub url: Url,
    pub model: String,
    pub key: Option<String>,
    pub mode: Mode,
    /// How long a turn waits for it; [`WITHIN`] unless a test is in a hurry.
    pub within: Duration,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.key.as_ref().map(|_| "…");
        let Self { url, model, mode, within, .. } = self;
        let host = url.host_str();
        f.debug_struct("Settings")
            .field("host", &host)
            .field("model", model)
            .field("key", &key)
            .field("mode", mode)
            .field("within", within)
            .finish()
    }
}

pub struct LanguageModel {
    client: reqwest::Client,
    endpoint: Url,
    settings: Settings,
    recent: Mutex<BTreeMap<ConversationId, Recent>>,
    health: Mutex<Health>,
}

/// The last turns of a conversation, never stored.
#[derive(Debug, Default)]
struct Recent {
    at: Time,
    turns: VecDeque<(String, String)>,
}

#[derive(Debug, Default)]
struct Health {
    failures: u32,
    rests_until: Option<Time>,
}

#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the language model's address cannot hold a path")]
    Address,
    #[error(transparent)]
    Client(#[from] reqwest::Error),
}

/// Why there are no words, for the log.
#[derive(Debug, thiserror::Error)]
enum Silent {
    #[error("it was not reached: {0}")]
    Unreached(reqwest::Error),
    #[error("it answered {0}")]
    Refused(reqwest::StatusCode),
    #[error("its answer is not what the protocol says")]
    Malformed,
    #[error("it said nothing in time")]
    Late,
}

impl std::fmt::Debug for LanguageModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the key nor anybody's words.
        f.debug_struct("LanguageModel").field("model", &self.settings.model).finish_non_exhaustive()
    }
}

impl LanguageModel {
    /// # Errors
    /// If the address is none to send to, or this machine's TLS roots cannot be read.
    pub fn new(settings: Settings) -> Result<Self, ModelError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut endpoint = settings.url.clone();
        endpoint
            .path_segments_mut()
            .map_err(|()| ModelError::Address)?
            .pop_if_empty()
            .extend(["chat", "completions"]);
        // The deadline of a turn is shorter; this ends what is left of its request.
        let builder =
            reqwest::Client::builder().redirect(Policy::none()).timeout(settings.within * 2);
        // What is meant for this machine does not go by way of another.
        let builder = if is_here(&endpoint) { builder.no_proxy() } else { builder };
        let client = builder.build()?;
        Ok(Self { client, endpoint, settings, recent: Mutex::default(), health: Mutex::default() })
    }

    #[must_use]
    pub fn mode(&self) -> Mode {
        self.settings.mode
    }

    /// The last turns of a conversation, oldest first.
    #[must_use]
    pub fn recent(&self, conversation: &ConversationId, now: Time) -> Vec<(String, String)> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent
            .get(conversation)
            .filter(|kept| now.since(kept.at) <= RECENT_FOR)
            .map(|kept| kept.turns.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Keeps a turn in mind, in memory alone.
    pub fn note(&self, conversation: ConversationId, said: &str, reply: &str, now: Time) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= MOST_RECENT && !recent.contains_key(&conversation) {
            let oldest = recent.iter().min_by_key(|(_, kept)| kept.at).map(|(id, _)| id.clone());
            oldest.and_then(|id| recent.remove(&id));
        }
        let kept = recent.entry(conversation).or_default();
        if now.since(kept.at) > RECENT_FOR {
            kept.turns.clear();
        }
        kept.at = now;
        kept.turns.push_back((said.to_owned(), reply.to_owned()));
        if kept.turns.len() > RECENT_TURNS {
            kept.turns.pop_front();
        }
    }

    /// Keeps nothing of a conversation any more.
    pub fn forget(&self, conversation: &ConversationId) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).remove(conversation);
    }

    /// One line for a turn, or nothing if the model is off the air, slow or beside itself.
    pub async fn words(&self, prompt: &Prompt, now: Time) -> Option<String> {
        if self.rests(now) {
            return None;
        }
        let words = self.ask(prompt).await;
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match words {
            Ok(words) => {
                health.failures = 0;
                Some(words)
            }
            Err(error) => {
                tracing::info!(%error, "the language model was no help; the scripted line is spoken");
                health.failures += 1;
                if health.failures >= FAILURES {
                    health.failures = 0;
                    health.rests_until = Some(now + REST);
                }
                None
            }
        }
    }

    fn rests(&self, now: Time) -> bool {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.rests_until.is_some_and(|until| now < until)
    }

    async fn ask(&self, prompt: &Prompt) -> Result<String, Silent> {
        let mut answer = Answer::default();
        let heard =
            tokio::time::timeout(self.settings.within, self.listen(prompt, &mut answer)).await;
        let heard = heard.unwrap_or(Err(Silent::Late));
        let Answer { text, ended, cut } = answer;
        let finished = ended && !cut && heard.is_ok();
        // What broke off or came late may still hold whole sentences; half a one is not spoken.
        let words = if finished { text.trim() } else { whole(&text).trim() };
        match (words.is_empty(), heard) {
            (false, _) => Ok(words.to_owned()),
            (true, Err(error)) => Err(error),
            (true, Ok(())) => Err(Silent::Malformed),
        }
    }

    /// Reads the stream into `answer` until it ends.
    async fn listen(&self, prompt: &Prompt, answer: &mut Answer) -> Result<(), Silent> {
        let mut messages = vec![json!({ "role": "system", "content": prompt.instructions })];
        for (said, reply) in &prompt.recent {
            messages.push(json!({ "role": "user", "content": said }));
            messages.push(json!({ "role": "assistant", "content": reply }));
        }
        messages.push(json!({ "role": "user", "content": prompt.said }));
        let body = json!({
            "model": self.settings.model,
            "messages": messages,
            "stream": true,
            "max_tokens": MAX_TOKENS,
            "temperature": 0.7,
        });
        let mut request = self.client.post(self.endpoint.clone()).json(&body);
        if let Some(key) = &self.settings.key {
            request = request.bearer_auth(key);
        }
        let unreached = |error: reqwest::Error| Silent::Unreached(error.without_url());
        let mut response = request.send().await.map_err(unreached)?;
        if !response.status().is_success() {
            return Err(Silent::Refused(response.status()));
        }
        let mut body = Vec::new();
        // Up to here `body` has been read line by line.
        let mut read = 0;
        while let Some(chunk) = response.chunk().await.map_err(unreached)? {
            if body.len() + chunk.len() > MAX_STREAM {
                return Err(Silent::Malformed);
            }
            body.extend_from_slice(&chunk);
            while let Some(length) = body[read..].iter().position(|byte| *byte == b'\n') {
                let last = answer.take(&body[read..read + length])?;
                if last || answer.text.len() > MAX_ANSWER {
                    return Ok(());
                }
                read += length + 1;
            }
        }
        answer.take(&body[read..])?;
        // An endpoint that does not stream sends one object and no events.
        if answer.text.is_empty() {
            let whole: Whole = serde_json::from_slice(&body).map_err(|_| Silent::Malformed)?;
            let choice = whole.choices.into_iter().next().ok_or(Silent::Malformed)?;
            answer.text = choice.message.content.unwrap_or_default();
            answer.cut = choice.finish_reason.as_deref() == Some(CUT_SHORT);
            answer.ended = true;
        }
        Ok(())
    }
}

/// What has been said so far.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    /// The model came to an end.
    ended: bool,
    /// To that of its allowance, in the middle of what it had to say.
    cut: bool,
}

impl Answer {
    /// Takes one line of the stream; whether it was the last.
    fn take(&mut self, line: &[u8]) -> Result<bool, Silent> {
        let line = std::str::from_utf8(line).map_err(|_| Silent::Malformed)?.trim();
        let Some(data) = line.strip_prefix("data:").map(str::trim) else { return Ok(false) };
        if data == "[DONE]" {
            self.ended = true;
            return Ok(true);
        }
        let part: Part = serde_json::from_str(data).map_err(|_| Silent::Malformed)?;
        let Some(choice) = part.choices.into_iter().next() else { return Ok(false) };
        self.text.push_str(choice.delta.content.as_deref().unwrap_or_default());
        if let Some(reason) = choice.finish_reason {
            (self.ended, self.cut) = (true, reason == CUT_SHORT);
        }
        Ok(false)
    }
}

/// Why a model stops that has used up its allowance of tokens.
const CUT_SHORT: &str = "length";

/// Everything up to the last end of a sentence.
fn whole(answer: &str) -> &str {
    answer.rfind(['.', '?', '!']).map_or("", |end| &answer[..=end])
}

/// Whether an address is this machine's own.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Content,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Content {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Whole {
    choices: Vec<WholeChoice>,
}

#[derive(Debug, Deserialize)]
struct WholeChoice {
    message: Content,
    #[serde(default)]
    finish_reason: Option<String>,
}
