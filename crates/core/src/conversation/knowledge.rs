//! What is known beside the topics: tables ("the capital of France"), cards worth telling, and sums.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Line, Lines};
use super::listen::Heard;
use super::pattern::{Captures, Pattern};

/// A card answers a question by itself if it holds this share of the question's words; below that it is only
/// about the same thing, and is offered as such.
const ANSWERS: f32 = 0.75;
/// Fewer words of meaning than this say too little for a card to be an answer.
const LEAST_WORDS: usize = 2;

#[derive(Debug)]
pub(crate) struct Card {
    /// The topic it belongs to, if it stands in a topic's file.
    pub(crate) topic: Option<String>,
    pub(crate) line: Lines,
    /// Its words, as people's are rewritten.
    pub(crate) words: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    pub(crate) cards: Vec<Card>,
    /// First word of a way to call a card up -> the whole way and the card.
    calls: BTreeMap<String, Vec<(Vec<String>, usize)>>,
    pub(crate) tables: Vec<Table>,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) asked: Vec<Pattern>,
    pub(crate) say: Lines,
    pub(crate) back_asked: Vec<Pattern>,
    pub(crate) back_say: Lines,
    /// Words of a name -> name and value, and the other way round.
    pub(crate) entries: BTreeMap<String, (String, String)>,
    pub(crate) back: BTreeMap<String, (String, String)>,
}

/// A card that has to do with what was said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'b> {
    pub(crate) line: &'b Lines,
    pub(crate) topic: Option<&'b str>,
    /// It says what was asked, rather than something about it.
    pub(crate) answers: bool,
}

impl Knowledge {
    pub(crate) fn add_card(&mut self, card: Card, ways: Vec<Vec<String>>) {
        for way in ways {
            if let Some(first) = way.first() {
                self.calls.entry(first.clone()).or_default().push((way, self.cards.len()));
            }
        }
        self.cards.push(card);
    }

    /// Cards that are called up by what was said and not told yet, the best first.
    pub(crate) fn cards(&self, heard: &Heard, told: impl Fn(&Line) -> bool) -> Vec<Found<'_>> {
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for segment in &heard.segments {
            for at in 0..segment.words.len() {
                let rest = &segment.words[at..];
                let calls = self.calls.get(&rest[0]).map_or(&[][..], Vec::as_slice);
                for (way, card) in calls.iter().filter(|(way, _)| rest.starts_with(way)) {
                    found.push((self.shared(*card, heard), way.len(), *card));
                }
            }
        }
        // A card that shares more of what was said comes first, then the longer name, then the file's order.
        found.sort_by_key(|(shared, length, card)| {
            (usize::MAX - shared, usize::MAX - length, *card)
        });
        found.dedup_by_key(|(_, _, card)| *card);
        let asked = heard.content.len();
        let fresh =
            found.into_iter().filter(|(_, _, card)| !self.cards[*card].line.0.iter().any(&told));
        fresh
            .map(|(shared, _, card)| Found {
                line: &self.cards[card].line,
                topic: self.cards[card].topic.as_deref(),
                answers: asked >= LEAST_WORDS && shared as f32 >= ANSWERS * asked as f32,
            })
            .collect()
    }

    fn shared(&self, card: usize, heard: &Heard) -> usize {
        heard.content.iter().filter(|word| self.cards[card].words.contains(*word)).count()
    }

    /// An answer out of a table: the lines that say it and what fills them.
    pub(crate) fn look_up(&self, heard: &Heard) -> Option<(&Lines, Captures)> {
        self.tables.iter().find_map(|table| {
            table
                .find(heard, &table.asked, &table.entries, &table.say)
                .or_else(|| table.find(heard, &table.back_asked, &table.back, &table.back_say))
        })
    }
}

impl Table {
    fn find<'t>(
        &self,
        heard: &Heard,
        asked: &[Pattern],
        entries: &BTreeMap<String, (String, String)>,
        say: &'t Lines,
    ) -> Option<(&'t Lines, Captures)> {
        asked.iter().find_map(|pattern| {
            let captured = heard.find(pattern)?;
            let said = captured.values().next()?;
            let (x, y) = shorter(said).find_map(|said| entries.get(said))?;
            let filled = [("x".to_owned(), x.clone()), ("y".to_owned(), y.clone())];
            Some((say, Captures::from(filled)))
        })
    }
}

/// What was captured, without an article and without trailing words: "the united kingdom please".
fn shorter(said: &str) -> impl Iterator<Item = &str> {
    let plain =
        ["the ", "a ", "an "].iter().find_map(|article| said.strip_prefix(article)).unwrap_or(said);
    std::iter::successors(Some(plain), |said| said.rsplit_once(' ').map(|(front, _)| front))
        .chain((plain != said).then_some(said))
}
