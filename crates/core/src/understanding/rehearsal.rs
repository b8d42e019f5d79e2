//! Every sample of a model is said once, and must come back as its own intent with its own slots.

use std::collections::BTreeMap;

use super::model::{Mistake, Model, ModelIntent, Piece, Sample};
use super::typed::Typed;
use super::{FALLBACK, Lists, Understanding, normalise};

/// Free text that is nobody's sample.
const FREE_TEXT: &str = "pancakes with honey";

/// What is wrong with a model's samples: those that two intents share, and those that are understood
/// as something else.
#[must_use]
pub fn mistakes(model: &Model) -> Vec<Mistake> {
    let understanding = Understanding::of(model);
    let mut mistakes = shared(model);
    for intent in &model.intents {
        for (at, sample) in intent.samples.iter().enumerate() {
            if let Err(says) = rehearse(&understanding, model, intent, sample) {
                let place = format!("intents/{}/samples/{at}", intent.name);
                mistakes.push(Mistake { place, excerpt: sample.text.clone(), says });
            }
        }
    }
    mistakes
}

/// Samples with the same words and the same kinds of slots.
fn shared(model: &Model) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for intent in &model.intents {
        for (at, sample) in intent.samples.iter().enumerate() {
            let owner = *owners.entry(frame(intent, sample)).or_insert(&intent.name);
            if owner != intent.name {
                mistakes.push(Mistake {
                    place: format!("intents/{}/samples/{at}", intent.name),
                    excerpt: sample.text.clone(),
                    says: format!("{:?} belongs to {owner} as well; keep it in one", sample.text),
                });
            }
        }
    }
    mistakes
}

fn frame(intent: &ModelIntent, sample: &Sample) -> String {
    let parts = sample.pieces.iter().map(|piece| match piece {
        Piece::Words(words) => normalise::key(words),
        Piece::Slot(name) => format!("{{{}}}", slot_type(intent, name)),
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn slot_type<'i>(intent: &'i ModelIntent, name: &str) -> &'i str {
    intent.slots.iter().find(|slot| slot.name == name).map_or("", |slot| &slot.slot_type)
}

fn rehearse(
    understanding: &Understanding,
    model: &Model,
    intent: &ModelIntent,
    sample: &Sample,
) -> Result<(), String> {
    let mut said = String::new();
    let mut expected: BTreeMap<&str, String> = BTreeMap::new();
    for piece in &sample.pieces {
        if !said.is_empty() {
            said.push(' ');
        }
        match piece {
            Piece::Words(words) => said.push_str(words.trim()),
            Piece::Slot(name) => {
                // Two slots of one type are two different people.
                let value = example(model, slot_type(intent, name), expected.len());
                said.push_str(&value);
                expected.insert(name, value);
            }
        }
    }
    let parse = understanding.parse(&said, &Lists::none());
    let wanted = (intent.name != FALLBACK).then_some(intent.name.as_str());
    if parse.intent.as_deref() != wanted {
        return Err(format!(
            "{said:?}, said from {:?}, is understood as {}; make the two differ",
            sample.text,
            parse.intent.as_deref().unwrap_or("out of scope")
        ));
    }
    if wanted.is_none() {
        return Ok(());
    }
    let got: BTreeMap<&str, String> =
        parse.slots.iter().map(|(name, slot)| (name.as_str(), slot.value.clone())).collect();
    if got != expected {
        return Err(format!(
            "{said:?}, said from {:?}, fills {got:?} instead of {expected:?}",
            sample.text
        ));
    }
    Ok(())
}

/// Something that can be said for a slot of this type.
fn example(model: &Model, slot_type: &str, number: usize) -> String {
    if let Some(typed) = Typed::of(slot_type) {
        return match typed {
            Typed::Number => "7",
            Typed::FourDigits => "1234",
            Typed::Phone => "555 0100",
            Typed::Ordinal => "second",
            Typed::Date => "yesterday",
            Typed::Time => ["7 pm", "6 am"][number.min(1)],
            Typed::Duration => "two hours",
        }
        .to_owned();
    }
    let values = model.types.get(slot_type).filter(|values| !values.is_empty());
    match values {
        Some(values) => values[number % values.len()].value.clone(),
        None if super::lists::is_name(slot_type) => "Oliver".to_owned(),
        None => FREE_TEXT.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::SHIPPED_MODEL;

    /// Invariant 7: every sample parses to its own intent and slots, and none belongs to two.
    #[test]
    fn every_sample_comes_back_as_its_own_intent() {
        let model = Model::read(SHIPPED_MODEL).expect("the shipped model");
        let mistakes: Vec<_> = mistakes(&model).iter().map(ToString::to_string).collect();
        assert!(mistakes.is_empty(), "{mistakes:#?}");
    }

    /// Every one of our own intents is asked for in many ways.
    #[test]
    fn every_intent_has_eight_samples() {
        let model = Model::read(SHIPPED_MODEL).expect("the shipped model");
        let own = model.intents.iter().filter(|intent| !intent.name.starts_with("AMAZON."));
        let few: Vec<_> = own.filter(|i| i.samples.len() < 8).map(|i| i.name.as_str()).collect();
        assert!(few.is_empty(), "{few:?}");
    }

    #[test]
    fn samples_that_collide_are_found() {
        let model = Model::read(
            r#"{"intents":[
            {"name":"A","samples":["open it","Close it!"]},
            {"name":"B","samples":["close it","shut it"]}]}"#,
        )
        .expect("a model");
        let all: Vec<_> = mistakes(&model).iter().map(ToString::to_string).collect();
        assert_eq!(all.len(), 2, "{all:#?}");
        assert!(all[0].contains("belongs to A as well"), "{all:#?}");
    }
}
