//! An Alexa interaction model: read whole, every mistake at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// The largest model file we read, in bytes: three times what Alexa accepts.
pub const MAX_MODEL_BYTES: usize = 4_500_000;
/// The most samples we compile.
pub const MAX_SAMPLES: usize = 20_000;

/// What a model says about language: intents with samples, and the types of their slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    pub invocation: String,
    pub intents: Vec<ModelIntent>,
    pub types: BTreeMap<String, Vec<TypeValue>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelIntent {
    pub name: String,
    pub slots: Vec<ModelSlot>,
    pub samples: Vec<Sample>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSlot {
    pub name: String,
    pub slot_type: String,
    /// What answers the question for this slot, such as "on {line}".
    pub samples: Vec<Sample>,
}

/// A value of a slot type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeValue {
    pub id: Option<String>,
    pub value: String,
    pub synonyms: Vec<String>,
}

/// A sample utterance, split at its slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub text: String,
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Words(String),
    Slot(String),
}

/// Something in a model that is wrong, where, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The place, as a path of names: `intents/CallIntent/samples/3`.
    pub place: String,
    /// A text that stands in the file at that place, to find its line.
    pub excerpt: String,
    pub says: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.says)
    }
}

/// Why a model cannot be used: every mistake found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "mistake" } else { "mistakes" };
        write!(f, "the interaction model has {count} {noun}")?;
        for mistake in &self.0 {
            write!(f, "\n  {mistake}")?;
        }
        Ok(())
    }
}

impl Model {
    /// Reads an interaction model file, as `ask deploy` takes it or its `languageModel` alone.
    ///
    /// # Errors
    /// Every mistake that keeps the model from being compiled: not JSON, not the shape of a model,
    /// samples with slots that are not declared, slots without a known type.
    pub fn read(json: &str) -> Result<Self, Mistakes> {
        let mut reader = Reader::default();
        let model = reader.model(json);
        if reader.mistakes.is_empty() { Ok(model) } else { Err(Mistakes(reader.mistakes)) }
    }

    #[must_use]
    pub fn intent(&self, name: &str) -> Option<&ModelIntent> {
        self.intents.iter().find(|intent| intent.name == name)
    }
}

/// Splits a sample at its slots; the error says what is wrong with its braces.
///
/// # Errors
/// If a brace is not closed, not opened, or holds no name.
pub fn pieces(sample: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = sample;
    while let Some(open) = rest.find('{') {
        let before = &rest[..open];
        if before.contains('}') {
            return Err("has a } without a {".to_owned());
        }
        if !before.trim().is_empty() {
            pieces.push(Piece::Words(before.to_owned()));
        }
        let Some(length) = rest[open..].find('}') else {
            return Err("has a { without a }".to_owned());
        };
        let name = rest[open + 1..open + length].trim();
        if name.is_empty() || name.contains(['{', ' ']) {
            return Err(format!("has {{{name}}}, which is no slot name"));
        }
        pieces.push(Piece::Slot(name.to_owned()));
        rest = &rest[open + length + 1..];
        // "{contact}'s": the possessive belongs to how the name is said.
        for possessive in ["'s", "\u{2019}s"] {
            rest = rest.strip_prefix(possessive).unwrap_or(rest);
        }
    }
    if rest.contains('}') {
        return Err("has a } without a {".to_owned());
    }
    if !rest.trim().is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    Ok(pieces)
}

#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
    samples: usize,
}

impl Reader {
    fn mistake(&mut self, place: &str, excerpt: &str, says: impl Into<String>) {
        self.mistakes.push(Mistake {
            place: place.to_owned(),
            excerpt: excerpt.to_owned(),
            says: says.into(),
        });
    }

    fn model(&mut self, json: &str) -> Model {
        if json.len() > MAX_MODEL_BYTES {
            let says = format!("the file has {} bytes; {MAX_MODEL_BYTES} are the most", json.len());
            self.mistake("file", "", says);
            return Model::default();
        }
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        let file: Value = match serde_json::from_str(json) {
            Ok(file) => file,
            Err(error) => {
                self.mistake("file", "", format!("is not JSON: {error}"));
                return Model::default();
            }
        };
        let language = file
            .pointer("/interactionModel/languageModel")
            .or_else(|| file.get("languageModel"))
            .unwrap_or(&file);
        let Some(intents) = language.get("intents").and_then(Value::as_array) else {
            self.mistake(
                "interactionModel/languageModel",
                "languageModel",
                "has no list \"intents\"; is this an Alexa interaction model?",
            );
            return Model::default();
        };
        let invocation = language.get("invocationName").and_then(Value::as_str).unwrap_or_default();
        let types = self.types(language.get("types"));
        let intents = self.intents(intents, &types);
        if self.samples > MAX_SAMPLES {
            let says = format!("has {} samples; {MAX_SAMPLES} are the most", self.samples);
            self.mistake("intents", "", says);
        }
        Model { invocation: invocation.to_owned(), intents, types }
    }

    fn name(&mut self, value: &Value, place: &str) -> Option<String> {
        match value.get("name").and_then(Value::as_str) {
            Some(name) if !name.trim().is_empty() => Some(name.to_owned()),
            _ => {
                self.mistake(place, "", "has no \"name\"");
                None
            }
        }
    }

    fn list<'v>(&mut self, value: Option<&'v Value>, place: &str) -> &'v [Value] {
        match value {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.mistake(place, "", "must be a list");
                &[]
            }
        }
    }

    fn types(&mut self, types: Option<&Value>) -> BTreeMap<String, Vec<TypeValue>> {
        let mut read = BTreeMap::new();
        for (at, slot_type) in self.list(types, "types").iter().enumerate() {
            let Some(name) = self.name(slot_type, &format!("types/{at}")) else { continue };
            let place = format!("types/{name}");
            let mut values = Vec::new();
            for (at, value) in
                self.list(slot_type.get("values"), &format!("{place}/values")).iter().enumerate()
            {
                let word = value.pointer("/name/value").and_then(Value::as_str);
                let Some(word) = word.filter(|word| !word.trim().is_empty()) else {
                    self.mistake(&format!("{place}/values/{at}"), &name, "has no name.value");
                    continue;
                };
                let id = value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
                let synonyms =
                    self.list(value.pointer("/name/synonyms"), &format!("{place}/values/{at}"));
                values.push(TypeValue {
                    id: id.map(str::to_owned),
                    value: word.to_owned(),
                    synonyms: synonyms
                        .iter()
                        .filter_map(Value::as_str)
                        .filter(|word| !word.trim().is_empty())
                        .map(str::to_owned)
                        .collect(),
                });
            }
            if read.insert(name.clone(), values).is_some() {
                self.mistake(&place, &name, "is declared twice; keep one");
            }
        }
        read
    }

    fn intents(
        &mut self,
        intents: &[Value],
        types: &BTreeMap<String, Vec<TypeValue>>,
    ) -> Vec<ModelIntent> {
        let mut read = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, intent) in intents.iter().enumerate() {
            let Some(name) = self.name(intent, &format!("intents/{at}")) else { continue };
            let place = format!("intents/{name}");
            if !seen.insert(name.clone()) {
                self.mistake(&place, &name, "is declared twice; keep one");
                continue;
            }
            let slots = self.slots(intent.get("slots"), &place, types);
            let samples = self.samples(intent.get("samples"), &place, |slot| {
                slots.iter().any(|declared| declared.name == slot)
            });
            read.push(ModelIntent { name, slots, samples });
        }
        read
    }

    fn slots(
        &mut self,
        slots: Option<&Value>,
        place: &str,
        types: &BTreeMap<String, Vec<TypeValue>>,
    ) -> Vec<ModelSlot> {
        let mut read: Vec<ModelSlot> = Vec::new();
        for (at, slot) in self.list(slots, &format!("{place}/slots")).iter().enumerate() {
            let Some(name) = self.name(slot, &format!("{place}/slots/{at}")) else { continue };
            let place = format!("{place}/slots/{name}");
            if read.iter().any(|known| known.name == name) {
                self.mistake(&place, &name, "is declared twice; keep one");
                continue;
            }
            let slot_type = slot.get("type").and_then(Value::as_str).unwrap_or_default();
            if slot_type.is_empty() {
                self.mistake(&place, &name, "has no \"type\"");
            } else if !slot_type.starts_with("AMAZON.") && !types.contains_key(slot_type) {
                let says = format!(
                    "has the type {slot_type:?}, which is neither under \"types\" nor one of Alexa's"
                );
                self.mistake(&place, slot_type, says);
            }
            // A slot's samples may name the other slots of its intent; the compiler of dialogs judges that.
            let samples = self.samples(slot.get("samples"), &place, |_| true);
            read.push(ModelSlot { name, slot_type: slot_type.to_owned(), samples });
        }
        read
    }

    fn samples(
        &mut self,
        samples: Option<&Value>,
        place: &str,
        declared: impl Fn(&str) -> bool,
    ) -> Vec<Sample> {
        let mut read = Vec::new();
        for (at, sample) in self.list(samples, &format!("{place}/samples")).iter().enumerate() {
            let place = format!("{place}/samples/{at}");
            let Some(text) = sample.as_str() else {
                self.mistake(&place, "", "must be a text");
                continue;
            };
            let pieces = match pieces(text) {
                Ok(pieces) => pieces,
                Err(says) => {
                    self.mistake(&place, text, format!("{text:?} {says}"));
                    continue;
                }
            };
            for piece in &pieces {
                if let Piece::Slot(slot) = piece
                    && !declared(slot)
                {
                    let says = format!(
                        "{text:?} uses {{{slot}}}, which the intent does not declare; add it under \"slots\""
                    );
                    self.mistake(&place, text, says);
                }
            }
            self.samples += 1;
            read.push(Sample { text: text.to_owned(), pieces });
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_at_once() {
        let mistakes = Model::read(
            r#"{"interactionModel":{"languageModel":{"intents":[
                {"name":"A","slots":[{"name":"x","type":"NOPE"},{"name":"y"}],"samples":["do {z}","do {x","do }"]},
                {"name":"A"},{"slots":[]}
            ],"types":[{"name":"T","values":[{"name":{}}]}]}}}"#,
        )
        .expect_err("many mistakes");
        let all = mistakes.to_string();
        for expected in [
            "\"NOPE\"",
            "intents/A/slots/y: has no \"type\"",
            "uses {z}",
            "has a { without a }",
            "has a } without a {",
            "intents/A: is declared twice",
            "intents/2: has no \"name\"",
            "types/T/values/0: has no name.value",
        ] {
            assert!(all.contains(expected), "{expected} is missing from {all}");
        }
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let check = |json: &str, says: &str| {
            let error = Model::read(json).expect_err("no model").to_string();
            assert!(error.contains(says), "{error}");
        };
        check("", "is not JSON");
        check("[]", "has no list \"intents\"");
        check(r#"{"intents":7}"#, "has no list \"intents\"");
        check(&format!("{}{}", "[".repeat(5000), "]".repeat(5000)), "is not JSON");
        check(r#"{"intents":[],"types":3}"#, "types: must be a list");
    }

    #[test]
    fn a_sample_is_split_at_its_slots() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let slot = |name: &str| Piece::Slot(name.to_owned());
        assert_eq!(pieces("call {a} now"), Ok(vec![words("call "), slot("a"), words(" now")]));
        assert_eq!(pieces("{a}'s voicemail"), Ok(vec![slot("a"), words(" voicemail")]));
        assert_eq!(pieces("{a} {b}"), Ok(vec![slot("a"), slot("b")]));
        assert!(pieces("{}").is_err());
    }
}
