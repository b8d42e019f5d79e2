//! From Alexa's intents to ours. What is in the household's own lists is looked up there, so that an Echo means
//! the same contact and room by a name as every other channel.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use alexa_skill::request::{ConfirmationStatus, Entity, Envelope, Intent, Request as Asked, Slot};
use hearthline_core::request::{Channel, Heard, Request, Speaker};
use hearthline_core::understanding::lists::{self, Lists};
use hearthline_core::understanding::model::Model;
use hearthline_core::understanding::{self, Layer, Parse, SHIPPED_MODEL, Slots};

/// Built-in types whose value Alexa already writes in its canonical form: dates, times, numbers.
const WRITTEN_OUT: [&str; 7] = [
    "AMAZON.DATE",
    "AMAZON.TIME",
    "AMAZON.DURATION",
    "AMAZON.NUMBER",
    "AMAZON.FOUR_DIGIT_NUMBER",
    "AMAZON.PhoneNumber",
    "AMAZON.Ordinal",
];

/// A launch or an intent as a turn of ours; `None` if its id is none.
pub(super) fn request(
    envelope: &Envelope,
    speaker: Speaker,
    lists: Option<&Lists>,
) -> Option<Request> {
    let heard = match &envelope.request {
        Asked::Intent(asked) => heard(&asked.intent, lists),
        _ => Heard::Launch,
    };
    Some(Request {
        id: envelope.id.parse().ok()?,
        channel: Channel::Alexa,
        speaker,
        heard,
        certainty: None,
    })
}

fn heard(intent: &Intent, lists: Option<&Lists>) -> Heard {
    // A confirmation that Alexa asked for itself is the yes or no to our question.
    let name = match intent.confirmation_status {
        Some(ConfirmationStatus::Confirmed) => "AMAZON.YesIntent",
        Some(ConfirmationStatus::Denied) => "AMAZON.NoIntent",
        _ => intent.name.as_str(),
    };
    if name == "AMAZON.FallbackIntent" {
        return Heard::Nothing;
    }
    let slots: Slots = intent
        .slots
        .iter()
        .filter_map(|(name, slot)| Some((name.clone(), filled(&intent.name, name, slot, lists)?)))
        .collect();
    // An Echo sends no transcript; what filled the slots is all there is of the words.
    let text = slots.values().map(|slot| slot.value.as_str()).collect::<Vec<_>>().join(" ");
    let slots = if name == intent.name { slots } else { Slots::new() };
    let intent = Some(name.to_owned());
    Heard::Understood(Parse {
        text,
        intent,
        confidence: 1.0,
        slots,
        alternatives: vec![],
        layer: Layer::Samples,
    })
}

fn filled(
    intent: &str,
    name: &str,
    slot: &Slot,
    lists: Option<&Lists>,
) -> Option<understanding::Slot> {
    let values = slot.filled();
    let value = values.iter().map(|(value, _)| *value).collect::<Vec<_>>().join(" and ");
    let id = match values[..] {
        [] => return None,
        [(value, entity)] => id(slot_type(intent, name), value, entity, lists),
        _ => None,
    };
    Some(understanding::Slot { value, id })
}

fn id(
    slot_type: Option<&str>,
    value: &str,
    entity: Option<&Entity>,
    lists: Option<&Lists>,
) -> Option<String> {
    let resolved = || entity.map(|entity| entity.id.clone().unwrap_or(entity.name.clone()));
    match slot_type {
        Some(kind) if lists::is_filled_by_households(kind) => {
            let list = lists.and_then(|lists| lists.list(kind))?;
            // Alexa may have turned a synonym into the canonical name; the words as said come first.
            let named = list.get(value).or_else(|| list.get(&entity?.name));
            named.and_then(lists::Phrase::certain).map(str::to_owned)
        }
        Some(kind) if WRITTEN_OUT.contains(&kind) => Some(value.to_owned()),
        _ => resolved(),
    }
}

fn slot_type(intent: &str, slot: &str) -> Option<&'static str> {
    static TYPES: OnceLock<BTreeMap<(String, String), String>> = OnceLock::new();
    let types = TYPES.get_or_init(|| {
        let model = Model::read(SHIPPED_MODEL).expect("the shipped model is tested with the core");
        let slots = model.intents.iter().flat_map(|intent| {
            intent
                .slots
                .iter()
                .map(|slot| ((intent.name.clone(), slot.name.clone()), slot.slot_type.clone()))
        });
        slots.collect()
    });
    types.get(&(intent.to_owned(), slot.to_owned())).map(String::as_str)
}
