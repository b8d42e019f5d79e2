//! What may help to recognise a recording: everything that can be said now.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use hearthline_core::household::Household;
use hearthline_core::understanding::model::Model;
use hearthline_core::understanding::vocabulary::{Part, Vocabulary};
use hearthline_core::understanding::{Layer, Lists, SHIPPED_MODEL, Understanding, normalise};

use super::sayable::Sayable;

/// How many ways to begin a sentence are put before the recogniser.
const FRAMES: usize = 3;
/// A text understood with this confidence is not heard again.
const SURE: f32 = 0.85;

/// What can be said now. The default knows nothing: a recording is heard once, as it sounds.
#[derive(Clone, Default)]
pub struct Hints(Option<Arc<Known>>);

struct Known {
    sayable: Arc<Sayable>,
    frames: Vec<Frame>,
    sure: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// How a sample begins, up to a name, and the names that may follow.
struct Frame {
    words: String,
    names: Arc<Vec<String>>,
}

impl std::fmt::Debug for Hints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hints({} frames)", self.0.as_ref().map_or(0, |known| known.frames.len()))
    }
}

impl Hints {
    /// Of any model; without a household, its own values stand for names.
    pub fn of<U>(
        model: &Model,
        household: Option<&Household>,
        understanding: U,
        lists: Arc<Lists>,
    ) -> Self
    where
        U: Deref<Target = Understanding> + Send + Sync + 'static,
    {
        let vocabulary = Vocabulary::of(model, household);
        let sayable = Arc::new(Sayable::of(&vocabulary));
        let sure = Box::new(move |text: &str| {
            let parse = understanding.parse(text, &lists);
            parse.layer == Layer::Samples && parse.intent.is_some() && parse.confidence >= SURE
        });
        Self(Some(Arc::new(Known { sayable, frames: frames(&vocabulary), sure })))
    }

    /// Of the model we ship.
    ///
    /// # Panics
    /// Never: a test reads the same text.
    #[must_use]
    pub fn shipped(household: &Household, lists: Arc<Lists>) -> Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        let model = MODEL.get_or_init(|| Model::read(SHIPPED_MODEL).expect("tested in the core"));
        Self::of(model, Some(household), Understanding::shipped(), lists)
    }

    /// What to listen for, when `text` leaves anything to be heard again.
    pub(super) fn doubting(&self, text: &str) -> Option<&Arc<Sayable>> {
        let known = self.0.as_deref()?;
        (!text.is_empty() && !(known.sure)(text)).then_some(&known.sayable)
    }

    /// Sentences with every name, in the words of the samples that begin most like `text`: the name
    /// that is meant then stands in a sentence like the one that was said. The likeliest come last.
    pub(super) fn examples(&self, text: &str) -> Vec<String> {
        let Some(known) = self.0.as_deref() else { return vec![] };
        let heard = normalise::key(text);
        let mut frames: Vec<(f64, &Frame)> =
            known.frames.iter().map(|frame| (likeness(&frame.words, &heard), frame)).collect();
        frames.sort_by(|a, b| b.0.total_cmp(&a.0));
        frames.truncate(FRAMES);
        let Some((_, best)) = frames.first() else { return vec![] };
        let rest: String = heard.chars().skip(best.words.chars().count()).collect();
        let rest = rest.trim_start();
        let mut names: Vec<(f64, &String)> =
            best.names.iter().map(|name| (likeness(name, rest), name)).collect();
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let sentence = |((_, name), (_, frame)): (&(f64, &String), &(f64, &Frame))| {
            let mut letters = frame.words.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            format!(" {first}{} {name}.", letters.as_str())
        };
        names.iter().zip(frames.iter().cycle()).map(sentence).collect()
    }
}

fn frames(vocabulary: &Vocabulary) -> Vec<Frame> {
    let names: BTreeMap<&str, Arc<Vec<String>>> =
        vocabulary.names.iter().map(|(k, names)| (k.as_str(), Arc::new(names.clone()))).collect();
    let mut frames: BTreeMap<String, Arc<Vec<String>>> = BTreeMap::new();
    for sample in &vocabulary.samples {
        if let [Part::Words(words), Part::Listed(list), ..] = &sample[..]
            && let Some(names) = names.get(list.as_str())
        {
            frames.entry(words.trim().to_owned()).or_insert_with(|| Arc::clone(names));
        }
    }
    frames.into_iter().map(|(words, names)| Frame { words, names }).collect()
}

/// How much a text begins like these words, 0 to 1.
fn likeness(words: &str, text: &str) -> f64 {
    let words = normalise::key(words);
    let beginning: String = text.chars().take(words.chars().count()).collect();
    strsim::normalized_levenshtein(&words, &beginning)
}
