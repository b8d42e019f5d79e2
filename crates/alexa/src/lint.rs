//! What Amazon would refuse, usually without saying why.

use std::collections::BTreeSet;

use crate::response::{Directive, Response, Speech};
use crate::ssml;

/// Older documents say 24 KB, newer ones more; below this every Echo takes it. Attributes count.
pub const MAX_RESPONSE_BYTES: usize = 24 * 1024;
/// Alexa's own error message names the number.
pub const MAX_SPEECH_CHARS: usize = 8000;
pub const MAX_AUDIO_CLIPS: usize = 5;
/// Values and synonyms together.
pub const MAX_DYNAMIC_ENTITIES: usize = 100;
/// What the Alexa app shows of a card.
pub const MAX_CARD_CHARS: usize = 8000;

/// The uri that asks for permissions by voice, without its version.
const ASK_FOR: &str = "connection://AMAZON.AskForPermissionsConsent";

/// What an answer is judged against.
#[derive(Debug, Clone, Copy)]
pub struct LintContext<'a> {
    /// `request.type` of the request it answers.
    pub request: &'a str,
    /// Intents that have a dialog in the interaction model; `None` if that is not known.
    pub dialog_intents: Option<&'a BTreeSet<String>>,
    /// The intent it answers, if it answers one.
    pub intent: Option<&'a str>,
}

/// One thing wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A stable word, for tests and for silencing.
    pub rule: &'static str,
    /// Amazon refuses it; otherwise it is refused at certification or sounds wrong.
    pub fatal: bool,
    pub message: String,
}

/// Everything wrong with an answer, in the order of the fields.
#[must_use]
pub fn lint(response: &Response, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    size(response, &mut findings);
    speech(response, &mut findings);
    silence(response, context, &mut findings);
    card(response, &mut findings);
    directives(response, context, &mut findings);
    session(response, context, &mut findings);
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn fatal(&mut self, rule: &'static str, message: impl Into<String>) {
        self.0.push(Finding { rule, fatal: true, message: message.into() });
    }

    fn weak(&mut self, rule: &'static str, message: impl Into<String>) {
        self.0.push(Finding { rule, fatal: false, message: message.into() });
    }
}

fn size(response: &Response, findings: &mut Findings) {
    let bytes = response.to_json().map_or(usize::MAX, |json| json.len());
    if bytes > MAX_RESPONSE_BYTES {
        findings.fatal("size", format!("{bytes} bytes, of {MAX_RESPONSE_BYTES} with attributes"));
    }
}

/// The words of a speech, and how many clips it plays.
fn words(speech: &Speech) -> (String, usize, Vec<String>) {
    match speech {
        Speech::PlainText { text, .. } => (text.clone(), 0, vec![]),
        Speech::Ssml { ssml, .. } => {
            let markup = ssml::read(ssml);
            (markup.text, markup.audio_clips, markup.mistakes)
        }
    }
}

fn speech(response: &Response, findings: &mut Findings) {
    let body = &response.body;
    let reprompt = body.reprompt.as_ref().map(|reprompt| &reprompt.output_speech);
    for (place, speech) in [("speech", body.output_speech.as_ref()), ("reprompt", reprompt)] {
        let Some(speech) = speech else { continue };
        let written = match speech {
            Speech::PlainText { text, .. } => text,
            Speech::Ssml { ssml, .. } => ssml,
        };
        let length = written.chars().count();
        if length > MAX_SPEECH_CHARS {
            let rule = "speech-length";
            findings
                .fatal(rule, format!("the {place} has {length} characters, of {MAX_SPEECH_CHARS}"));
        }
        let (text, clips, mistakes) = words(speech);
        for mistake in mistakes {
            findings.fatal("ssml", format!("in the {place}, {mistake}"));
        }
        if clips > MAX_AUDIO_CLIPS {
            findings.fatal(
                "audio-clips",
                format!("the {place} plays {clips} clips, of {MAX_AUDIO_CLIPS}"),
            );
        }
        if text.trim().is_empty() && clips == 0 {
            findings.weak("speech-empty", format!("the {place} says nothing"));
        }
        if matches!(speech, Speech::PlainText { text, .. } if text.contains("<speak>")) {
            findings.weak("ssml-as-text", format!("the {place} is plain text with tags in it"));
        }
    }
}

/// Requests that nobody waits for in words.
fn silence(response: &Response, context: &LintContext<'_>, findings: &mut Findings) {
    let body = &response.body;
    let kind = context.request;
    let spoken = body.output_speech.is_some() || body.reprompt.is_some();
    if kind == "SessionEndedRequest" {
        if spoken || body.card.is_some() || !body.directives.is_empty() {
            findings.fatal("session-ended", "a session that has ended takes no answer");
        }
        return;
    }
    let silent = [
        "AudioPlayer.",
        "PlaybackController.",
        "AlexaSkillEvent.",
        "AlexaHouseholdListEvent.",
        "Reminders.",
        "Messaging.",
        "System.",
        "Alexa.DataStore.",
    ];
    if !silent.iter().any(|prefix| kind.starts_with(prefix)) {
        return;
    }
    if spoken || body.card.is_some() {
        findings.fatal("silent-request", format!("{kind} is answered without speech or card"));
    }
    let plays = kind.starts_with("AudioPlayer.") || kind.starts_with("PlaybackController.");
    let only_audio = body.directives.iter().all(|one| one.kind().starts_with("AudioPlayer."));
    let allowed = body.directives.is_empty() || (plays && only_audio);
    if !allowed {
        findings.fatal("silent-directive", format!("{kind} takes no such directive"));
    }
}

fn card(response: &Response, findings: &mut Findings) {
    use crate::response::Card;
    let (title, text) = match &response.body.card {
        Some(Card::Simple { title, content }) => (title, content),
        Some(Card::Standard { title, text, .. }) => (title, text),
        Some(Card::AskForPermissionsConsent { permissions }) if permissions.is_empty() => {
            findings.fatal("card", "the permission card asks for no permission");
            return;
        }
        Some(Card::LinkAccount | Card::AskForPermissionsConsent { .. }) | None => return,
    };
    let length = title.chars().count() + text.chars().count();
    if length > MAX_CARD_CHARS {
        findings.fatal("card", format!("the card has {length} characters, of {MAX_CARD_CHARS}"));
    }
}

fn directives(response: &Response, context: &LintContext<'_>, findings: &mut Findings) {
    let body = &response.body;
    let dialog = |one: &&Directive| {
        one.kind().starts_with("Dialog.") && one.kind() != "Dialog.UpdateDynamicEntities"
    };
    let dialogs: Vec<&Directive> = body.directives.iter().filter(dialog).collect();
    if dialogs.len() > 1 {
        findings.fatal("one-dialog", "at most one Dialog directive steers the dialog");
    }
    if !dialogs.is_empty() && body.should_end_session != Some(false) {
        findings.fatal("dialog-open", "a Dialog directive needs shouldEndSession false");
    }
    for one in dialogs {
        dialog_model(one, context, findings);
    }
    for one in &body.directives {
        match one {
            Directive::LaunchVideo { video_item } => {
                if body.should_end_session.is_some() {
                    findings.fatal("video-session", "VideoApp.Launch takes no shouldEndSession");
                }
                https("video", &video_item.source, findings);
            }
            Directive::Play { audio_item, .. } => {
                https("audio", &audio_item.stream.url, findings);
                let token = &audio_item.stream.token;
                if token.is_empty() || token.chars().count() > 1024 {
                    findings.fatal("audio-token", "an audio token has 1 to 1024 characters");
                }
            }
            Directive::StartConnection { uri, .. }
                if uri.starts_with(ASK_FOR) && body.directives.len() > 1 =>
            {
                findings.fatal("ask-for-alone", "AskFor must be the only directive");
            }
            Directive::UpdateDynamicEntities { types, .. } => {
                let values = types.iter().flatten().flat_map(|list| &list.values);
                let each = values.map(|one| 1 + one.name.synonyms.as_ref().map_or(0, Vec::len));
                let count: usize = each.sum();
                if count > MAX_DYNAMIC_ENTITIES {
                    let message =
                        format!("{count} dynamic values and synonyms, of {MAX_DYNAMIC_ENTITIES}");
                    findings.fatal("dynamic-entities", message);
                }
            }
            _ => {}
        }
    }
}

fn dialog_model(directive: &Directive, context: &LintContext<'_>, findings: &mut Findings) {
    let (Some(known), Some(updated)) = (context.dialog_intents, intent(directive)) else { return };
    let name = updated.or(context.intent);
    match name {
        Some(name) if known.contains(name) => {}
        Some(name) => findings.fatal("dialog-model", format!("{name} has no dialog in the model")),
        None => findings.fatal("dialog-model", "a Dialog directive without an intent to steer"),
    }
}

/// The intent a directive steers: `Some(None)` is the one being answered.
fn intent(directive: &Directive) -> Option<Option<&str>> {
    match directive {
        Directive::Delegate { updated_intent }
        | Directive::ElicitSlot { updated_intent, .. }
        | Directive::ConfirmSlot { updated_intent, .. }
        | Directive::ConfirmIntent { updated_intent } => {
            Some(updated_intent.as_ref().map(|intent| intent.name.as_str()))
        }
        _ => None,
    }
}

fn https(what: &str, url: &str, findings: &mut Findings) {
    if !url.starts_with("https://") {
        findings.fatal("https", format!("{what} is played from https:// only"));
    }
}

fn session(response: &Response, context: &LintContext<'_>, findings: &mut Findings) {
    let body = &response.body;
    let turn = matches!(context.request, "LaunchRequest" | "IntentRequest");
    if body.should_end_session == Some(true) && body.reprompt.is_some() {
        findings.weak("reprompt-unheard", "a reprompt in a session that ends is never heard");
    }
    if !turn || body.should_end_session != Some(false) {
        return;
    }
    // Delegated, Alexa itself asks.
    if body.directives.iter().any(|one| matches!(one, Directive::Delegate { .. })) {
        return;
    }
    if body.reprompt.is_none() {
        findings.weak("reprompt", "an open session needs a reprompt");
    }
    match &body.output_speech {
        None => findings.weak("open-silent", "an open session says nothing"),
        Some(speech) if !words(speech).0.trim_end().ends_with('?') => {
            findings.weak("open-question", "an open session ends in a question");
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests;
