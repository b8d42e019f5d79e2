//! From our answers to Alexa's JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use alexa_skill::lint::MAX_SPEECH_CHARS;
use alexa_skill::response::{Card, Directive, Response, Speech, UpdatedIntent};
use hearthline_core::effect::{Answer, Expects};
use hearthline_core::understanding::{SHIPPED_MODEL, Slots};
use serde_json::Value;

/// An Echo gives a skill free text only in a slot that was asked for.
const CHAT: (&str, &str) = ("ChatIntent", "topic");

/// The answer as Alexa takes it.
pub(super) fn response(answer: &Answer) -> Response {
    let speech: String = answer.speech.chars().take(MAX_SPEECH_CHARS).collect();
    if speech.trim().is_empty() {
        return Response::empty().ending(Some(answer.expects == Expects::Nothing));
    }
    let again = Speech::plain(question(&speech));
    let response = match &answer.expects {
        Expects::Nothing => Response::tell(Speech::plain(speech)),
        Expects::Reply => elicit(Response::ask(Speech::plain(speech), again), CHAT, None),
        Expects::Slot { intent, slot, slots } => {
            let open = Response::ask(Speech::plain(speech), again);
            elicit(open, (intent, slot), Some(slots))
        }
        // A plain question: yes and no are intents of ours, and so is whatever else is said instead.
        Expects::Confirmation { .. } => Response::ask(Speech::plain(speech), again),
    };
    match answer.choices.is_empty() {
        true => response,
        false => response.with_card(Card::Simple {
            title: "Hearthline".to_owned(),
            content: format!("{}\n\n{}", answer.speech, answer.choices.join("\n")),
        }),
    }
}

/// Asks for a slot, if the interaction model has a dialog for it; Alexa refuses the directive otherwise.
fn elicit(response: Response, (intent, slot): (&str, &str), slots: Option<&Slots>) -> Response {
    if !dialogs().get(intent).is_some_and(|known| known.contains(slot)) {
        return response;
    }
    let filled = slots.into_iter().flatten().filter(|(name, _)| *name != slot);
    let filled = filled.map(|(name, slot)| (name.as_str(), slot.value.as_str()));
    response.with(Directive::ElicitSlot {
        slot_to_elicit: slot.to_owned(),
        updated_intent: Some(UpdatedIntent::with_slots(intent, filled)),
    })
}

/// What is asked once more when nothing comes: the last question, or a general one.
fn question(speech: &str) -> String {
    let last = speech.trim_end().strip_suffix('?').map(|before| {
        let start = before.rfind(['.', '?', '!']).map_or(0, |at| at + 1);
        format!("{}?", before[start..].trim())
    });
    last.unwrap_or_else(|| "What would you like to do?".to_owned())
}

/// Intents that have a dialog, with the slots in it.
fn dialogs() -> &'static BTreeMap<String, BTreeSet<String>> {
    static DIALOGS: OnceLock<BTreeMap<String, BTreeSet<String>>> = OnceLock::new();
    DIALOGS.get_or_init(|| {
        let model: Value = serde_json::from_str(SHIPPED_MODEL).unwrap_or_default();
        let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
        let intents = model["interactionModel"]["dialog"]["intents"].as_array();
        let intents = intents.into_iter().flatten().map(|intent| {
            let slots = intent["slots"].as_array();
            (name(intent), slots.into_iter().flatten().map(name).collect())
        });
        intents.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_question_is_asked_again() {
        for (speech, again) in [
            ("Whom shall I call?", "Whom shall I call?"),
            ("I know two. Niamh or Neve?", "Niamh or Neve?"),
            ("Calling.", "What would you like to do?"),
            ("", "What would you like to do?"),
        ] {
            assert_eq!(question(speech), again);
        }
    }

    #[test]
    fn an_answer_becomes_a_response_without_findings() {
        let expects = Expects::Slot {
            intent: "SendMessageIntent".to_owned(),
            slot: "message".to_owned(),
            slots: Slots::new(),
        };
        for expects in [Expects::Nothing, Expects::Reply, expects] {
            let speech = "What shall I say?".to_owned();
            let response =
                response(&Answer { speech, expects: expects.clone(), ..Answer::default() });
            let context = alexa_skill::lint::LintContext {
                request: "IntentRequest",
                dialog_intents: None,
                intent: None,
            };
            assert_eq!(alexa_skill::lint::lint(&response, &context), vec![], "{expects:?}");
            let open = expects != Expects::Nothing;
            assert_eq!(response.body.should_end_session, Some(!open));
            let asked = matches!(expects, Expects::Slot { .. });
            assert_eq!(
                !response.body.directives.is_empty(),
                asked || dialogs().contains_key(CHAT.0) && open
            );
        }
    }
}
