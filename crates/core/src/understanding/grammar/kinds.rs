//! What kinds of values there are, and where they stand: what the statistical layer sees of slots.

use super::{Grammar, Taking};
use crate::understanding::cues::Kinds;
use crate::understanding::lists::{self, Lists};
use crate::understanding::normalise::Token;

impl Grammar {
    /// Calls `take` with every value that stands in `tokens`: the number of its kind, and its place. Of one kind,
    /// the longest value at the first place stands.
    pub fn listed(
        &self,
        tokens: &[Token],
        lists: &Lists,
        mut take: impl FnMut(usize, usize, usize),
    ) {
        for (kind, taking) in self.takings.iter().enumerate() {
            let mut at = 0;
            while at < tokens.len() {
                let end = match taking {
                    Taking::Formed(typed) => typed.ends(tokens, at).first().copied(),
                    Taking::Free { .. } => break,
                    Taking::Listed { slot_type, .. } => {
                        let home = lists.list(slot_type);
                        let model = self.values.get(slot_type).filter(|_| home.is_none());
                        home.or(model)
                            .and_then(|list| list.at(tokens, at).map(|found| found.end).max())
                    }
                };
                if let Some(end) = end {
                    take(kind, at, end);
                }
                at = end.unwrap_or(at + 1);
            }
        }
    }

    /// The kind of a slot type, as [`Grammar::listed`] numbers it.
    #[must_use]
    pub fn kinds(&self, slot_type: &str) -> Option<Kinds> {
        let of_type = |taking: &Taking| matches!(taking, Taking::Listed { slot_type: known, .. } if known == slot_type);
        self.takings.iter().position(of_type).map(|kind| 1 << (kind % 64))
    }

    /// The kinds that the slots of an intent take; everything if one takes any words.
    #[must_use]
    pub fn kinds_of_intent(&self, intent: usize) -> Kinds {
        let takings = self.takes.range((intent, 0)..=(intent, u16::MAX)).map(|(_, taking)| *taking);
        takings.fold(0, |kinds, taking| match self.takings[usize::from(taking)] {
            Taking::Free { .. } => Kinds::MAX,
            Taking::Listed { .. } | Taking::Formed(_) => kinds | 1 << (taking % 64),
        })
    }

    /// What the name of somebody known here is: every kind that lists people.
    #[must_use]
    pub fn name_kinds(&self, slot_type: &str) -> Option<Kinds> {
        if !lists::is_name(slot_type) {
            return self.kinds(slot_type);
        }
        let names = self.kinds_of(|taking| {
            matches!(taking, Taking::Listed { slot_type, .. } if lists::is_name(slot_type))
        });
        (names != 0).then_some(names)
    }

    /// Kinds that say nothing about what is talked of: forms, and what households fill.
    #[must_use]
    pub fn neutral_kinds(&self) -> Kinds {
        self.kinds_of(|taking| match taking {
            Taking::Formed(_) => true,
            Taking::Listed { slot_type, .. } => lists::is_filled_by_households(slot_type),
            Taking::Free { .. } => false,
        })
    }

    fn kinds_of(&self, test: impl Fn(&Taking) -> bool) -> Kinds {
        let kinds = self.takings.iter().enumerate().filter(|(_, taking)| test(taking));
        kinds.fold(0, |kinds, (kind, _)| kinds | 1 << (kind % 64))
    }

    /// Whether a slot of this type takes any words.
    #[must_use]
    pub fn is_free(&self, slot_type: &str) -> bool {
        self.takings
            .iter()
            .any(|taking| matches!(taking, Taking::Free { slot_type: known } if known == slot_type))
    }
}
