//! What can be said now, letter by letter: a model's samples and a household's names as one automaton.
//!
//! Letters and not whisper's tokens, because whisper cuts a rare name into pieces in many ways. Case and
//! punctuation are nothing to it, words are apart by single spaces. A [`Walk`] goes through a text as
//! it is written and collects [`Weights`] for what it knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use hearthline_core::understanding::vocabulary::{Part, Vocabulary};

/// The most places a walk is in at once: an utterance is rarely in more than ten.
const MOST_PLACES: usize = 32;

/// What a letter is worth in nats of probability, when it goes on with something that can be said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// A letter of a sample's own words.
    pub word: f32,
    /// A letter of a listed phrase, such as a name.
    pub name: f32,
    /// A slot with a list, filled with what is not in it.
    pub unknown: f32,
    /// An utterance that is a whole sample.
    pub whole: f32,
}

/// Letters and where they lead.
#[derive(Debug, Clone, Default)]
struct Trie {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Sorted by letter.
    letters: Vec<(char, u32)>,
    /// Slots that begin here: the number of their list, or `OPEN`, and what follows.
    slots: Vec<(u16, u32)>,
    end: bool,
}

/// In place of a list: any words.
const OPEN: u16 = u16::MAX;

impl Trie {
    fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    fn letter(&mut self, node: u32, letter: char) -> u32 {
        let fresh = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let letters = &mut self.nodes[node as usize].letters;
        match letters.binary_search_by_key(&letter, |(letter, _)| *letter) {
            Ok(at) => letters[at].1,
            Err(at) => {
                letters.insert(at, (letter, fresh));
                self.nodes.push(Node::default());
                fresh
            }
        }
    }

    fn slot(&mut self, node: u32, list: u16) -> u32 {
        if let Some((_, next)) =
            self.nodes[node as usize].slots.iter().find(|(known, _)| *known == list)
        {
            return *next;
        }
        let fresh = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes[node as usize].slots.push((list, fresh));
        self.nodes.push(Node::default());
        fresh
    }

    fn follow(&self, node: u32, letter: char) -> Option<u32> {
        let letters = &self.nodes[node as usize].letters;
        let at = letters.binary_search_by_key(&letter, |(letter, _)| *letter).ok()?;
        Some(letters[at].1)
    }

    fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }
}

/// The letters of a text: lower case, single spaces between words, nothing else.
fn letters(text: &str) -> impl Iterator<Item = char> {
    let text = text.replace('-', " ");
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter_map(plain).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().collect::<Vec<_>>().into_iter()
}

fn plain(letter: char) -> Option<char> {
    letter.is_alphanumeric().then_some(letter)
}

/// Everything that can be said.
#[derive(Debug, Clone)]
pub struct Sayable {
    samples: Trie,
    lists: Vec<Trie>,
}

impl Sayable {
    #[must_use]
    pub fn of(vocabulary: &Vocabulary) -> Self {
        let mut lists = Vec::new();
        let mut numbers: BTreeMap<&str, u16> = BTreeMap::new();
        for (name, phrases) in &vocabulary.lists {
            let mut trie = Trie::new();
            for phrase in phrases {
                let end = letters(phrase).fold(0, |node, letter| trie.letter(node, letter));
                if end != 0 {
                    trie.nodes[end as usize].end = true;
                }
            }
            numbers.insert(name, u16::try_from(lists.len()).unwrap_or(OPEN));
            lists.push(trie);
        }
        let mut samples = Trie::new();
        for sample in &vocabulary.samples {
            let mut node = 0;
            let mut first = true;
            for part in sample {
                if !first {
                    node = samples.letter(node, ' ');
                }
                first = false;
                node = match part {
                    Part::Words(words) => {
                        letters(words).fold(node, |node, letter| samples.letter(node, letter))
                    }
                    Part::Listed(name) => {
                        samples.slot(node, numbers.get(name.as_str()).copied().unwrap_or(OPEN))
                    }
                    Part::Open => samples.slot(node, OPEN),
                };
            }
            samples.nodes[node as usize].end = true;
        }
        Self { samples, lists }
    }
}

/// Where in a sample a walk is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    /// In the samples: here, or what follows the slot that it is in.
    sample: u32,
    /// In a list.
    list: Option<(u16, u32)>,
    /// In a slot that takes any words.
    open: bool,
    points: f32,
}

/// A text on its way through what can be said.
#[derive(Debug, Clone)]
pub struct Walk {
    sayable: Arc<Sayable>,
    weights: Weights,
    places: Vec<Place>,
    /// The text so far, in letters.
    pub text: String,
    /// A word has ended.
    space: bool,
}

impl Walk {
    #[must_use]
    pub fn start(sayable: &Arc<Sayable>, weights: Weights) -> Self {
        let mut walk = Self {
            sayable: Arc::clone(sayable),
            weights,
            places: vec![],
            text: String::new(),
            space: false,
        };
        let start = Place { sample: 0, list: None, open: false, points: 0.0 };
        walk.enter(start);
        walk
    }

    /// Goes on with a piece of text.
    pub fn go(&mut self, piece: &str) {
        for letter in piece.chars() {
            if letter.is_whitespace() || letter == '-' {
                self.space = true;
            } else if letter.is_alphanumeric() {
                if self.space && !self.text.is_empty() {
                    self.step(' ');
                }
                self.space = false;
                for letter in letter.to_lowercase() {
                    self.step(letter);
                }
            }
        }
    }

    /// What the best way through is worth so far; nothing when there is none.
    #[must_use]
    pub fn points(&self) -> f32 {
        self.places.iter().map(|place| place.points).fold(0.0, f32::max)
    }

    /// What the text is worth if it ends here: nothing unless it is a whole sample.
    #[must_use]
    pub fn whole(&self) -> f32 {
        let ends = self.places.iter().filter(|place| self.ends(place));
        ends.map(|place| place.points + self.weights.whole).fold(0.0, f32::max)
    }

    fn ends(&self, place: &Place) -> bool {
        let list_ends = place
            .list
            .is_none_or(|(list, node)| self.sayable.lists[usize::from(list)].node(node).end);
        list_ends && self.sayable.samples.node(place.sample).end
    }

    fn step(&mut self, letter: char) {
        self.text.push(letter);
        let sayable = Arc::clone(&self.sayable);
        let before = std::mem::take(&mut self.places);
        for place in before {
            self.step_from(&sayable, place, letter);
        }
        if self.places.len() > MOST_PLACES {
            self.places.sort_by(|a, b| b.points.total_cmp(&a.points));
            self.places.truncate(MOST_PLACES);
        }
    }

    fn step_from(&mut self, sayable: &Sayable, place: Place, letter: char) {
        if let Some((list, node)) = place.list {
            let trie = &sayable.lists[usize::from(list)];
            if let Some(next) = trie.follow(node, letter) {
                let points = place.points + self.weights.name;
                self.add(Place { list: Some((list, next)), points, ..place });
            }
            if trie.node(node).end {
                let after = Place { list: None, ..place };
                // A possessive: its apostrophe is no letter.
                if letter == 's' {
                    self.add(after);
                }
                self.step_sample(sayable, after, letter);
            }
            return;
        }
        if place.open {
            self.add(place);
            if letter == ' ' {
                self.step_sample(sayable, Place { open: false, ..place }, letter);
            }
            return;
        }
        self.step_sample(sayable, place, letter);
    }

    fn step_sample(&mut self, sayable: &Sayable, place: Place, letter: char) {
        if let Some(next) = sayable.samples.follow(place.sample, letter) {
            self.enter(Place { sample: next, points: place.points + self.weights.word, ..place });
        }
    }

    /// Adds a place, and those in the slots that begin there.
    fn enter(&mut self, place: Place) {
        let sayable = Arc::clone(&self.sayable);
        for (list, then) in &sayable.samples.node(place.sample).slots {
            let inside = Place { sample: *then, ..place };
            if *list != OPEN {
                self.add(Place { list: Some((*list, 0)), ..inside });
            }
            // A slot may always hold what nobody listed.
            let cost = if *list == OPEN { 0.0 } else { self.weights.unknown };
            self.add(Place { open: true, points: place.points - cost, ..inside });
        }
        if !sayable.samples.node(place.sample).letters.is_empty()
            || sayable.samples.node(place.sample).end
        {
            self.add(place);
        }
    }

    fn add(&mut self, place: Place) {
        let same = |other: &&mut Place| {
            (other.sample, other.list, other.open) == (place.sample, place.list, place.open)
        };
        match self.places.iter_mut().find(same) {
            Some(known) => known.points = known.points.max(place.points),
            None => self.places.push(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: Weights = Weights { word: 1.0, name: 10.0, unknown: 3.0, whole: 100.0 };

    #[track_caller]
    fn check(text: &str, points: f32, whole: f32) {
        let words = |words: &str| Part::Words(words.to_owned());
        let vocabulary = Vocabulary {
            samples: vec![
                vec![words("call "), Part::Listed("CONTACT".into())],
                vec![words("call"), Part::Listed("CONTACT".into()), words("again")],
                vec![words("say"), Part::Open, words("twice")],
                vec![words("hang up")],
            ],
            lists: BTreeMap::from([("CONTACT".into(), ["Zo\u{eb}".into(), "Al Xu".into()].into())]),
            examples: vec![],
        };
        let mut walk = Walk::start(&Arc::new(Sayable::of(&vocabulary)), WEIGHTS);
        for piece in text.split_inclusive(' ') {
            walk.go(piece);
        }
        assert_eq!((walk.points(), walk.whole()), (points, whole), "{text:?}");
    }

    #[test]
    fn letters_of_what_can_be_said_count_and_whole_samples_more() {
        check("", 0.0, 0.0);
        check("Hang-up!", 7.0, 107.0);
        check("Hang ", 4.0, 0.0);
        check("hung up", 0.0, 0.0);
        check("Call Al Xu.", 5.0 + 50.0, 155.0);
        check("call Al Xu's", 5.0 + 50.0, 155.0);
        check("call al xu again", 5.0 + 50.0 + 6.0, 161.0);
    }

    #[test]
    fn a_slot_takes_what_nobody_listed_for_its_price_and_open_ones_anything() {
        check("call Bob", 5.0 - 3.0, 102.0);
        check("call Bob again", 5.0 - 3.0 + 6.0, 108.0);
        check("say it all twice", 4.0 + 6.0, 110.0);
        check("say it all", 4.0, 0.0);
    }
}
