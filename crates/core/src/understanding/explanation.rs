//! Why an utterance was understood as it was: what `hearthline parse --explain` shows.

use std::fmt;

use serde::Serialize;

use super::resolver::Resolution;
use super::{Layer, Lists, Parse, Understanding, normalise};

/// How many intents of the statistical layer are named.
const RANKED: usize = 4;

/// An answer and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub layer: Layer,
    /// The words as they are compared.
    pub words: Vec<String>,
    /// Where each slot's words stand in the text, in bytes.
    pub spans: Vec<Span>,
    /// How sure the statistical layer is of each intent, the surest first; it is asked only if no sample fits well.
    pub ranked: Vec<Ranked>,
    /// Who or what each name may mean, the best first.
    pub candidates: Vec<Named>,
    #[serde(skip)]
    parse: Parse,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    pub slot: String,
    pub from: usize,
    pub to: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    pub intent: String,
    /// 0 to 1.
    pub sure: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    pub slot: String,
    pub id: String,
    /// 0 to 1.
    pub score: f32,
    pub why: String,
}

impl Understanding {
    /// What `text` means to this household, and why.
    #[must_use]
    pub fn explain(&self, text: &str, lists: &Lists) -> Explanation {
        let parse = self.parse(text, lists);
        let tokens = normalise::tokens(text).unwrap_or_default();
        let (from, to) = normalise::without_politeness(&tokens);
        let mut ranked = self.statistics.guess(&tokens[from..to], &self.grammar, lists).ranked;
        ranked.truncate(RANKED);
        let ranked = ranked
            .into_iter()
            .map(|(intent, sure)| Ranked { intent: self.grammar.intent(intent).to_owned(), sure });
        let spans = parse.slots.iter().filter_map(|(slot, filled)| {
            let from = text.find(&filled.value)?;
            Some(Span { slot: slot.clone(), from, to: from + filled.value.len() })
        });
        Explanation {
            layer: parse.layer,
            words: tokens.into_iter().map(|token| token.text).collect(),
            spans: spans.collect(),
            ranked: ranked.collect(),
            candidates: self.candidates(&parse, lists),
            parse,
        }
    }

    fn candidates(&self, parse: &Parse, lists: &Lists) -> Vec<Named> {
        let mut named = Vec::new();
        let Some(intent) = &parse.intent else { return named };
        for (slot, filled) in &parse.slots {
            let Some(slot_type) = self.grammar.slot_type(intent, slot) else { continue };
            if lists.list(slot_type).is_none() {
                continue;
            }
            let found = match lists.resolve(slot_type, &[(&filled.value, 1.0)]) {
                Resolution::One(one) => vec![one],
                Resolution::Ask(several) => several,
                Resolution::None => vec![],
            };
            named.extend(found.into_iter().map(|candidate| Named {
                slot: slot.clone(),
                id: candidate.id,
                score: candidate.score,
                why: candidate.why.to_string(),
            }));
        }
        named
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    words       {}", self.words.join(" "))?;
        let answered = match self.layer {
            Layer::Samples => "a sample fits",
            Layer::Statistics => "no sample fits; it is most like those of this intent",
            Layer::None => "nothing fits",
        };
        writeln!(f, "    answered    {answered}")?;
        for Span { slot, from, to } in &self.spans {
            writeln!(f, "    slot        {slot} at {from}..{to}")?;
        }
        for Named { slot, id, score, why } in &self.candidates {
            writeln!(f, "    candidate   {slot}: {id} ({score:.2}) {why}")?;
        }
        for reading in &self.parse.alternatives {
            write!(f, "    runner-up   {} ({:.2})", reading.intent, reading.confidence)?;
            for (name, slot) in &reading.slots {
                write!(f, "  {name}={:?}", slot.id.as_ref().unwrap_or(&slot.value))?;
            }
            writeln!(f)?;
        }
        for Ranked { intent, sure } in &self.ranked {
            writeln!(f, "    likeness    {intent} ({sure:.2})")?;
        }
        Ok(())
    }
}
