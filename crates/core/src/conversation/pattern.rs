//! The smallest readable pattern that finds what people say.
//!
//! `talk about (films|movies)`: words and alternatives. `*`: up to four words. `word?` or `(a b)?`:
//! may be missing. `@drink`: any word of that concept. `<name>`: captures one to six words; `<pet:@animal>` and
//! `<size:small|big>` only one of these.
//! `^` and `$`: the start and the end of the sentence. A pattern matches anywhere in a sentence.

use std::collections::BTreeMap;

use super::words::{Rewrites, Segment, bit};

/// `*` passes over this many words at most: enough for an aside, too few to join two thoughts.
const GAP: usize = 4;
/// A captured name or title has this many words at most.
const CAPTURE: usize = 6;
/// A capture ends before these: they begin the next thought.
const BREAKS: [&str; 27] = [
    "with",
    "now",
    "he",
    "she",
    "they",
    "these",
    "today",
    "by",
    "yesterday",
    "and",
    "but",
    "because",
    "i",
    "so",
    "which",
    "who",
    "though",
    "although",
    "when",
    "if",
    "or",
    "since",
    "you",
    "dear",
    "please",
    "thanks",
    "actually",
];

pub(crate) type Concepts = BTreeMap<String, Vec<Vec<String>>>;
/// What `<name>` captured.
pub(crate) type Captures = BTreeMap<String, String>;

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Word(String),
    Any(Vec<Vec<Item>>),
    Gap,
    Capture(String),
    /// A capture that takes one of these only.
    OneOf(String, Vec<Vec<String>>),
    Start,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    items: Vec<Item>,
    /// For each item that must be there, the bits of the words with which it may begin.
    needs: Vec<u128>,
}

impl Pattern {
    /// Reads a pattern; the error is a sentence for its author.
    pub(crate) fn parse(
        text: &str,
        rewrites: &Rewrites,
        concepts: &Concepts,
    ) -> Result<Self, String> {
        let mut parser = Parser { rest: text, rewrites, concepts, depth: 0 };
        let items = parser.sequence()?;
        if !parser.rest.is_empty() {
            return Err(format!("the pattern \"{text}\" closes a bracket that it never opened"));
        }
        if items.iter().all(|item| matches!(item, Item::Gap | Item::Start | Item::End)) {
            return Err(format!("the pattern \"{text}\" would match anything"));
        }
        let needs = items.iter().filter_map(beginnings).collect();
        Ok(Self { items, needs })
    }

    /// Finds the pattern in a sentence: what it captured, or `None`.
    pub(crate) fn find(&self, segment: &Segment) -> Option<Captures> {
        if self.needs.iter().any(|words| words & segment.mask == 0) {
            return None;
        }
        let words = &segment.words;
        (0..=words.len()).find_map(|start| {
            let mut captures = Captures::new();
            run(&self.items, words, start, &mut captures, &mut |_, _| true).then_some(captures)
        })
    }

    /// The same pattern, so that a later reply with it can never be reached.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self == other
    }
}

/// The bits of the words with which an item may begin; `None` if it may be empty or anything.
fn beginnings(item: &Item) -> Option<u128> {
    match item {
        Item::Word(word) => Some(bit(word)),
        Item::OneOf(_, ways) => Some(ways.iter().fold(0, |mask, way| mask | bit(&way[0]))),
        Item::Any(ways) => ways.iter().try_fold(0, |mask, way| {
            // The first item that is there for certain; markers of an end take no word.
            let first = way.iter().find(|item| !matches!(item, Item::Start | Item::End))?;
            Some(mask | beginnings(first)?)
        }),
        Item::Gap | Item::Capture(_) | Item::Start | Item::End => None,
    }
}

type Next<'a> = &'a mut dyn FnMut(usize, &mut Captures) -> bool;

fn run(items: &[Item], words: &[String], at: usize, captures: &mut Captures, next: Next) -> bool {
    let Some((item, rest)) = items.split_first() else { return next(at, captures) };
    match item {
        Item::Start => at == 0 && run(rest, words, at, captures, next),
        Item::End => at == words.len() && run(rest, words, at, captures, next),
        Item::Word(word) => {
            words.get(at).is_some_and(|w| w == word) && run(rest, words, at + 1, captures, next)
        }
        Item::Gap => (at..=words.len().min(at + GAP))
            .any(|after| run(rest, words, after, captures, &mut *next)),
        Item::Any(ways) => ways.iter().any(|way| {
            run(way, words, at, captures, &mut |after, captures| {
                run(rest, words, after, captures, &mut *next)
            })
        }),
        Item::OneOf(name, ways) => ways.iter().any(|way| {
            words[at.min(words.len())..].starts_with(way) && {
                captures.insert(name.clone(), way.join(" "));
                run(rest, words, at + way.len(), captures, &mut *next)
            }
        }),
        Item::Capture(name) => {
            let room = words.iter().skip(at).take(CAPTURE);
            let longest = room.take_while(|w| !BREAKS.contains(&w.as_str())).count();
            (1..=longest).rev().any(|length| {
                captures.insert(name.clone(), words[at..at + length].join(" "));
                run(rest, words, at + length, captures, &mut *next)
            })
        }
    }
}

/// Brackets deeper than this are a slip, not a pattern.
const MAX_DEPTH: usize = 8;

struct Parser<'a> {
    rest: &'a str,
    rewrites: &'a Rewrites,
    concepts: &'a Concepts,
    depth: usize,
}

impl Parser<'_> {
    /// Up to the end, a `|` or a `)`.
    fn sequence(&mut self) -> Result<Vec<Item>, String> {
        let mut items = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let Some(first) = self.rest.chars().next() else { return Ok(items) };
            match first {
                '|' | ')' => return Ok(items),
                '(' => {
                    self.skip(1);
                    let any = self.alternatives()?;
                    self.push(&mut items, vec![any]);
                }
                '*' => self.single(&mut items, Item::Gap),
                '^' => self.single(&mut items, Item::Start),
                '$' => self.single(&mut items, Item::End),
                '<' => {
                    let end = self.rest.find('>').ok_or("a `<` without its `>`")?;
                    let inside = self.rest[1..end].to_owned();
                    self.skip(end + 1);
                    items.push(match inside.split_once(':') {
                        Some((name, kind)) => {
                            Item::OneOf(name.trim().to_owned(), self.ways(kind.trim())?)
                        }
                        None => Item::Capture(inside),
                    });
                }
                '@' => {
                    self.skip(1);
                    let name = self.token();
                    let ways = self
                        .concept(&name)?
                        .iter()
                        .map(|way| way.iter().cloned().map(Item::Word).collect())
                        .collect();
                    self.push(&mut items, vec![Item::Any(ways)]);
                }
                _ => {
                    let token = self.token();
                    if token.is_empty() {
                        return Err(format!("`{first}` means nothing in a pattern"));
                    }
                    let words = self.rewrites.words(&token);
                    if words.is_empty() {
                        return Err(format!("`{token}` is a filler, which nobody ever hears"));
                    }
                    self.push(&mut items, words.into_iter().map(Item::Word).collect());
                }
            }
        }
    }

    fn concept(&self, name: &str) -> Result<&Vec<Vec<String>>, String> {
        let missing = || format!("there is no concept @{name} in language.yaml");
        self.concepts.get(name).ok_or_else(missing)
    }

    /// What a capture may take: `@pet`, `small|big` or a mixture. Longest first.
    fn ways(&self, kinds: &str) -> Result<Vec<Vec<String>>, String> {
        let mut ways = Vec::new();
        for kind in kinds.split('|').map(str::trim) {
            match kind.strip_prefix('@') {
                Some(name) => ways.extend(self.concept(name)?.iter().cloned()),
                None => ways.push(self.rewrites.words(kind)),
            }
        }
        ways.retain(|way| !way.is_empty());
        ways.sort_by_key(|way| std::cmp::Reverse(way.len()));
        if ways.is_empty() { Err("a capture that may take nothing".to_owned()) } else { Ok(ways) }
    }

    fn alternatives(&mut self) -> Result<Item, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("brackets stand more than {MAX_DEPTH} deep"));
        }
        let mut ways = Vec::new();
        loop {
            ways.push(self.sequence()?);
            match self.rest.chars().next() {
                Some('|') => self.skip(1),
                Some(')') => {
                    self.skip(1);
                    self.depth -= 1;
                    return Ok(Item::Any(ways));
                }
                _ => return Err("a `(` without its `)`".to_owned()),
            }
        }
    }

    fn single(&mut self, items: &mut Vec<Item>, item: Item) {
        self.skip(1);
        items.push(item);
    }

    /// Adds what was read, as optional if a `?` follows.
    fn push(&mut self, items: &mut Vec<Item>, read: Vec<Item>) {
        if self.rest.starts_with('?') {
            self.skip(1);
            items.push(Item::Any(vec![read, Vec::new()]));
        } else {
            items.extend(read);
        }
    }

    fn token(&mut self) -> String {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '_' | '’' | '-')))
            .unwrap_or(self.rest.len());
        let token = self.rest[..end].to_owned();
        self.skip(end);
        token
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: Option<&str>) {
        let rewrites = Rewrites::default();
        let concepts = Concepts::from([(
            "drink".to_owned(),
            vec![vec!["tea".to_owned()], vec!["hot".to_owned(), "chocolate".to_owned()]],
        )]);
        let pattern = Pattern::parse(pattern, &rewrites, &concepts).unwrap();
        let found = rewrites.segments(text).iter().find_map(|segment| pattern.find(segment));
        let found = found.map(|c| c.into_values().collect::<Vec<_>>().join(","));
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn patterns_find_what_people_say() {
        check("talk about (films|movies)", "let's talk about movies then", Some(""));
        check("talk about (films|movies)", "talk movies", None);
        check("i (love|like) * films", "i love all those old films", Some(""));
        check("i * films", "i one two three four five films", None);
        check("^ yes $", "yes", Some(""));
        check("^ yes $", "oh yes", None);
        check("a cup of @drink", "a cup of hot chocolate", Some(""));
        check("my very? (own best)? dog", "my own best dog", Some(""));
        check("my very? (own best)? dog", "my dog", Some(""));
        check("my name is <name>", "my name is mary ann and i am nine", Some("mary ann"));
        check(
            "a <pet:@drink|big dog> called <name>",
            "a hot chocolate called joe",
            Some("joe,hot chocolate"),
        );
        check("a <pet:@drink|big dog> called <name>", "a big dog called joe", Some("joe,big dog"));
        check("a <pet:@drink|big dog> called <name>", "a small dog called joe", None);
        check(
            "my <thing> is <value>",
            "my favourite colour is blue",
            Some("favourite colour,blue"),
        );
    }

    #[test]
    fn a_slip_in_a_pattern_is_named() {
        let parse = |text| Pattern::parse(text, &Rewrites::default(), &Concepts::new());
        for text in ["(a|b", "a)", "<x:@nothing>", "<x:>", "@nothing", "*", "^ $", "a # b", "<x"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"(".repeat(1000)).is_err());
    }
}
