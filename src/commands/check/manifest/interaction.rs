//! The lint of an interaction model.

use std::collections::{BTreeMap, BTreeSet};

use hearthline_core::understanding::model::{Mistake, Model, ModelIntent, Piece, Sample};
use hearthline_core::understanding::{Understanding, normalise, rehearsal};
use serde_json::Value;

use crate::commands::check::Source;

// Alexa's limits.
const MAX_INTENTS: usize = 250;
const MAX_BYTES: usize = 1_500_000;
const MAX_VALUES: usize = 50_000;

const REQUIRED: &[&str] =
    &["AMAZON.HelpIntent", "AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.FallbackIntent"];
/// What a skill must also understand when it claims an interface.
const REQUIRED_WITH: &[(&str, &[&str])] = &[
    ("AUDIO_PLAYER", &["AMAZON.PauseIntent", "AMAZON.ResumeIntent"]),
    ("ALEXA_PRESENTATION_APL", &["AMAZON.NavigateHomeIntent"]),
];
const BUILT_IN_INTENTS: &[&str] = &[
    "AMAZON.CancelIntent",
    "AMAZON.FallbackIntent",
    "AMAZON.HelpIntent",
    "AMAZON.LoopOffIntent",
    "AMAZON.LoopOnIntent",
    "AMAZON.MoreIntent",
    "AMAZON.NavigateHomeIntent",
    "AMAZON.NextIntent",
    "AMAZON.NoIntent",
    "AMAZON.PauseIntent",
    "AMAZON.PreviousIntent",
    "AMAZON.RepeatIntent",
    "AMAZON.ResumeIntent",
    "AMAZON.ScrollDownIntent",
    "AMAZON.ScrollUpIntent",
    "AMAZON.SelectIntent",
    "AMAZON.ShuffleOffIntent",
    "AMAZON.ShuffleOnIntent",
    "AMAZON.StartOverIntent",
    "AMAZON.StopIntent",
    "AMAZON.YesIntent",
];
/// Alexa's slot types that we know; another one may be a slip of the pen.
const BUILT_IN_TYPES: &[&str] = &[
    "AMAZON.Actor",
    "AMAZON.Airline",
    "AMAZON.Animal",
    "AMAZON.Artist",
    "AMAZON.Author",
    "AMAZON.Book",
    "AMAZON.City",
    "AMAZON.Color",
    "AMAZON.Country",
    "AMAZON.DATE",
    "AMAZON.DURATION",
    "AMAZON.DayOfWeek",
    "AMAZON.DeviceType",
    "AMAZON.FOUR_DIGIT_NUMBER",
    "AMAZON.FirstName",
    "AMAZON.Food",
    "AMAZON.Genre",
    "AMAZON.Language",
    "AMAZON.Month",
    "AMAZON.Movie",
    "AMAZON.NUMBER",
    "AMAZON.Ordinal",
    "AMAZON.Person",
    "AMAZON.PhoneNumber",
    "AMAZON.Room",
    "AMAZON.SearchQuery",
    "AMAZON.TIME",
    "AMAZON.US_CITY",
    "AMAZON.US_FIRST_NAME",
    "AMAZON.US_STATE",
];

const WAKE_WORDS: &[&str] = &["alexa", "amazon", "echo", "computer"];
const LAUNCH_WORDS: &[&str] = &[
    "run", "start", "play", "resume", "use", "launch", "ask", "open", "tell", "load", "begin",
    "enable",
];
const LINKING_WORDS: &[&str] = &[
    "to", "from", "by", "if", "and", "whether", "in", "using", "with", "about", "for", "that",
    "skill", "app",
];
const ARTICLES: &[&str] = &["the", "a", "an"];

/// Which keys the objects of a model may have; `*` stands for every entry of a list.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["interactionModel", "version", "description"]),
    ("interactionModel", &["languageModel", "dialog", "prompts"]),
    (
        "interactionModel/languageModel",
        &["invocationName", "intents", "types", "modelConfiguration"],
    ),
    ("interactionModel/languageModel/modelConfiguration", &["fallbackIntentSensitivity"]),
    ("interactionModel/languageModel/intents/*", &["name", "slots", "samples"]),
    (
        "interactionModel/languageModel/intents/*/slots/*",
        &["name", "type", "samples", "multipleValues"],
    ),
    ("interactionModel/languageModel/types/*", &["name", "values", "valueSupplier"]),
    ("interactionModel/languageModel/types/*/values/*", &["id", "name"]),
    ("interactionModel/languageModel/types/*/values/*/name", &["value", "synonyms"]),
    ("interactionModel/dialog", &["delegationStrategy", "intents"]),
    (
        "interactionModel/dialog/intents/*",
        &["name", "delegationStrategy", "confirmationRequired", "prompts", "slots"],
    ),
    (
        "interactionModel/dialog/intents/*/slots/*",
        &["name", "type", "elicitationRequired", "confirmationRequired", "prompts", "validations"],
    ),
    ("interactionModel/prompts/*", &["id", "variations"]),
    ("interactionModel/prompts/*/variations/*", &["type", "value"]),
];

/// Lints a model; returns its invocation name and what it understands, if it can be compiled.
pub(super) fn check(
    source: &mut Source,
    file: &Value,
    skill: &Value,
) -> Option<(String, Understanding)> {
    keys(source, file);
    let model = match Model::read(&source.text) {
        Ok(model) => model,
        Err(mistakes) => {
            mistakes.0.iter().for_each(|mistake| add(source, mistake));
            return None;
        }
    };
    invocation(source, &model.invocation);
    intents(source, file, &model, skill);
    types(source, &model);
    dialog(source, file, &model);
    for mistake in rehearsal::mistakes(&model) {
        add(source, &mistake);
    }
    Some((model.invocation.clone(), Understanding::of(&model)))
}

fn add(source: &mut Source, mistake: &Mistake) {
    let mut path: Vec<&str> = mistake.place.split('/').collect();
    path.push(&mistake.excerpt);
    path.retain(|part| part.parse::<usize>().is_err());
    source.at(&path, mistake.to_string());
}

/// Every object that a pattern of keys leads to.
fn along<'v>(value: &'v Value, pattern: &str) -> Vec<&'v Value> {
    pattern.split('/').filter(|part| !part.is_empty()).fold(vec![value], |found, part| {
        let inside = found.into_iter();
        if part == "*" {
            inside.filter_map(Value::as_array).flatten().collect()
        } else {
            inside.filter_map(|value| value.get(part)).collect()
        }
    })
}

fn keys(source: &mut Source, file: &Value) {
    for (pattern, allowed) in KEYS {
        for object in along(file, pattern) {
            for key in object.as_object().into_iter().flatten().map(|(key, _)| key) {
                if !allowed.contains(&key.as_str()) {
                    let name = object.get("name").or_else(|| object.get("id"));
                    let name = name.and_then(Value::as_str).unwrap_or_default().to_owned();
                    let says = format!("{key:?} is no key here; there are {}", allowed.join(", "));
                    source.at(&[&name, key], says);
                }
            }
        }
    }
}

fn invocation(source: &mut Source, name: &str) {
    let mut wrong = |says: String| {
        source.at(&["invocationName", name], format!("the invocation name {name:?} {says}"));
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    if words.len() < 2 {
        wrong("must have two words or more".to_owned());
    }
    if words.len() == 2 && words.iter().any(|word| ARTICLES.contains(word)) {
        wrong("must have two words besides an article".to_owned());
    }
    if name.chars().any(|c| !(c.is_lowercase() || c == ' ' || c == '\'' || c == '.')) {
        wrong("may hold lower-case letters, spaces, apostrophes and full stops only".to_owned());
    }
    for (words_of, why) in [
        (WAKE_WORDS, "is a wake word"),
        (LAUNCH_WORDS, "launches a skill"),
        (LINKING_WORDS, "links an invocation to a request"),
    ] {
        for word in words.iter().filter(|word| words_of.contains(word)) {
            wrong(format!("may not hold {word:?}, which {why}"));
        }
    }
}

fn intents(source: &mut Source, file: &Value, model: &Model, skill: &Value) {
    if source.text.len() > MAX_BYTES {
        let says = format!("has {} bytes; {MAX_BYTES} are the most", source.text.len());
        source.add(1, says);
    }
    if model.intents.len() > MAX_INTENTS {
        let says = format!("has {} intents; {MAX_INTENTS} are the most", model.intents.len());
        source.at(&["intents"], says);
    }
    let claimed: BTreeSet<&str> = along(skill, "manifest/apis/custom/interfaces/*/type")
        .into_iter()
        .filter_map(Value::as_str)
        .collect();
    let with_interfaces = REQUIRED_WITH
        .iter()
        .filter(|(interface, _)| claimed.contains(interface))
        .flat_map(|(_, intents)| intents.iter());
    for required in REQUIRED.iter().chain(with_interfaces) {
        if model.intent(required).is_none() {
            source.at(&["intents"], format!("{required} is missing; certification asks for it"));
        }
    }
    let level = file
        .pointer(
            "/interactionModel/languageModel/modelConfiguration/fallbackIntentSensitivity/level",
        )
        .and_then(Value::as_str);
    if !level.is_some_and(|level| ["LOW", "MEDIUM", "HIGH"].contains(&level)) {
        let says = "fallbackIntentSensitivity.level must be LOW, MEDIUM or HIGH";
        source.at(&["modelConfiguration"], says);
    }
    for intent in &model.intents {
        let own = intent.name.strip_prefix("AMAZON.").is_none();
        if !own && !BUILT_IN_INTENTS.contains(&intent.name.as_str()) {
            let says = format!("{} is none of Alexa's intents; check its spelling", intent.name);
            source.at(&["intents", &intent.name], says);
        }
        if own && intent.samples.is_empty() {
            let says = format!("{} has no samples; nobody can ask for it", intent.name);
            source.at(&["intents", &intent.name], says);
        }
        for slot in &intent.slots {
            let slot_type = slot.slot_type.as_str();
            if slot_type.starts_with("AMAZON.") && !BUILT_IN_TYPES.contains(&slot_type) {
                let says = format!("{slot_type} is none of Alexa's slot types we know");
                source.at(&[&intent.name, slot_type], says);
            }
            for sample in &slot.samples {
                sample_of(source, intent, sample);
            }
        }
        for sample in &intent.samples {
            sample_of(source, intent, sample);
        }
    }
}

/// The rules for one sample: its letters, and open speech behind a carrier phrase, alone.
fn sample_of(source: &mut Source, intent: &ModelIntent, sample: &Sample) {
    let mut words = 0;
    let mut slots = 0;
    let mut open = 0;
    for piece in &sample.pieces {
        match piece {
            Piece::Words(text) => {
                words += 1;
                let strange = text.chars().find(|c| {
                    !(c.is_alphabetic() || matches!(c, ' ' | '\'' | '\u{2019}' | '.' | '-' | '_'))
                });
                if let Some(strange) = strange {
                    let says = format!(
                        "{:?} holds {strange:?}; samples are letters, spaces, apostrophes, hyphens and full stops",
                        sample.text
                    );
                    source.at(&[&intent.name, &sample.text], says);
                }
            }
            Piece::Slot(name) => {
                slots += 1;
                let declared = intent.slots.iter().find(|slot| slot.name == *name);
                match declared {
                    Some(slot) => {
                        open += usize::from(slot.slot_type == "AMAZON.SearchQuery");
                    }
                    None => {
                        let says =
                            format!("{:?} uses {{{name}}}, which is not declared", sample.text);
                        source.at(&[&intent.name, &sample.text], says);
                    }
                }
            }
        }
    }
    if open > 0 && (slots > 1 || words == 0) {
        let says = format!(
            "{:?}: AMAZON.SearchQuery needs words around it, and no other slot beside it",
            sample.text
        );
        source.at(&[&intent.name, &sample.text], says);
    }
}

fn types(source: &mut Source, model: &Model) {
    let mut count = 0;
    for (name, values) in &model.types {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for value in values {
            for word in std::iter::once(&value.value).chain(&value.synonyms) {
                count += 1;
                let owner = *owners.entry(normalise::key(word)).or_insert(&value.value);
                if owner != value.value {
                    let says = format!("{word:?} names both {owner:?} and {:?}", value.value);
                    source.at(&["types", name, &value.value, word], says);
                }
            }
        }
        let used = model.intents.iter().flat_map(|intent| &intent.slots);
        if !name.starts_with("AMAZON.") && !used.into_iter().any(|slot| slot.slot_type == *name) {
            source.at(&["types", name], format!("the type {name} is used by no slot; remove it"));
        }
    }
    if count > MAX_VALUES {
        let says = format!("has {count} slot values and synonyms; {MAX_VALUES} are the most");
        source.at(&["types"], says);
    }
}

fn dialog(source: &mut Source, file: &Value, model: &Model) {
    let text = |value: &Value, key: &str| -> String {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let prompts: BTreeSet<String> =
        along(file, "interactionModel/prompts/*").iter().map(|prompt| text(prompt, "id")).collect();
    for prompt in along(file, "interactionModel/prompts/*") {
        let id = text(prompt, "id");
        let variations = along(prompt, "variations/*");
        let good = |variation: &&Value| {
            ["PlainText", "SSML"].contains(&text(variation, "type").as_str())
                && !text(variation, "value").trim().is_empty()
        };
        if variations.is_empty() || !variations.iter().all(good) {
            let says = format!("the prompt {id:?} needs variations, each with a type and a value");
            source.at(&["prompts", &id], says);
        }
    }
    let mut used = BTreeSet::new();
    let mut refer = |source: &mut Source, object: &Value, place: &[&str]| {
        for (kind, flag) in
            [("elicitation", "elicitationRequired"), ("confirmation", "confirmationRequired")]
        {
            let id = object.pointer(&format!("/prompts/{kind}")).and_then(Value::as_str);
            let required = object.get(flag).and_then(Value::as_bool).unwrap_or(false);
            match id {
                Some(id) if !prompts.contains(id) => {
                    let says = format!("the prompt {id:?} is not under \"prompts\"");
                    source.at(&[place, &[id]].concat(), says);
                }
                Some(id) => {
                    used.insert(id.to_owned());
                }
                None if required => {
                    source.at(place, format!("{flag} needs a prompt for its {kind}"));
                }
                None => {}
            }
        }
    };
    for intent in along(file, "interactionModel/dialog/intents/*") {
        let name = text(intent, "name");
        let place = ["dialog", name.as_str()];
        let Some(declared) = model.intent(&name) else {
            source.at(&place, format!("the dialog intent {name:?} is none of the intents"));
            continue;
        };
        refer(source, intent, &place);
        for slot in along(intent, "slots/*") {
            let slot_name = text(slot, "name");
            let place = ["dialog", name.as_str(), slot_name.as_str()];
            match declared.slots.iter().find(|declared| declared.name == slot_name) {
                None => {
                    source.at(&place, format!("{name} has no slot {slot_name:?}"));
                }
                Some(declared) if declared.slot_type != text(slot, "type") => {
                    let says =
                        format!("{slot_name:?} has the type {} in {name}", declared.slot_type);
                    source.at(&place, says);
                }
                Some(_) => {}
            }
            refer(source, slot, &place);
        }
    }
    for unused in prompts.difference(&used) {
        source
            .at(&["prompts", unused], format!("the prompt {unused:?} is used nowhere; remove it"));
    }
}
