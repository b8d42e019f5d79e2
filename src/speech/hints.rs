//! What may help to recognise a recording: everything that can be said now.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use hearthline_core::household::Household;
use hearthline_core::understanding::model::Model;
use hearthline_core::understanding::vocabulary::Vocabulary;
use hearthline_core::understanding::{Layer, Lists, SHIPPED_MODEL, Understanding};

use super::sayable::Sayable;

/// A text understood with this confidence is not heard again.
const SURE: f32 = 0.85;

/// What can be said now. The default knows nothing: a recording is heard once, as it sounds.
#[derive(Clone, Default)]
pub struct Hints(Option<Arc<Known>>);

struct Known {
    sayable: Arc<Sayable>,
    /// Sentences with every name, as different as the samples are.
    examples: Vec<String>,
    sure: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

impl std::fmt::Debug for Hints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hints({} examples)", self.examples().len())
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
        Self(Some(Arc::new(Known { sayable, examples: vocabulary.examples, sure })))
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

    pub(super) fn examples(&self) -> &[String] {
        self.0.as_deref().map_or(&[], |known| &known.examples)
    }
}
