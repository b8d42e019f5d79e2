//! What to write next: turns that nobody wrote an answer to, grouped by what they are about.
//!
//! The turns come from simulated people or from a file that somebody chose to give; never from a
//! live house.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use hearthline_core::conversation::{Place, Reply, Source};

use super::words::{content, words};

/// How alike two turns must be to belong together: the cosine of their weighted words.
const ALIKE: f64 = 0.3;
/// Unanswered questions to the memory that are listed.
const PROBES: usize = 40;
/// Turns shown of each group.
const EXAMPLES: usize = 6;
/// Words that name a group.
const NAMES: usize = 3;

/// A turn that got only a fallback, or a reply that would have done for any turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unmatched {
    text: String,
    /// The topic that was open, if any.
    topic: Option<String>,
    fallback: bool,
}

impl Unmatched {
    pub(super) fn of(turn: &str, reply: &Reply, place: Option<&Place>) -> Option<Self> {
        let fallback = reply.source == Source::Fallback;
        let unmatched = (fallback || reply.unforeseen) && !turn.trim().is_empty();
        unmatched.then(|| Self {
            text: turn.trim().to_lowercase(),
            topic: place.map(|place| place.topic.clone()),
            fallback,
        })
    }
}

/// Everything said about one thing.
#[derive(Debug, Default)]
struct Group {
    /// Each turn and how often it was said.
    turns: BTreeMap<String, usize>,
    topics: BTreeMap<String, usize>,
    count: usize,
    fallbacks: usize,
    /// The weighted stems of its most frequent turn, to which others are compared.
    lead: BTreeMap<String, f64>,
    /// The turns in which each word stands.
    words: BTreeMap<String, usize>,
}

/// The list, most frequent first.
pub(super) fn list(unmatched: &[Unmatched], missed_probes: &BTreeMap<String, u64>) -> String {
    let groups = group(unmatched);
    let fallbacks = unmatched.iter().filter(|turn| turn.fallback).count();
    let mut out = format!(
        "# What to write next\n\n{} turns without a written answer ({fallbacks} fell back, {} got a loose reply), \
         in {} groups.\n",
        unmatched.len(),
        unmatched.len() - fallbacks,
        groups.len()
    );
    for group in &groups {
        let _ = write!(out, "\n{}", group.plain());
    }
    if !missed_probes.is_empty() {
        out.push_str("\n# What was told and not remembered\n\n");
    }
    for asked in most(missed_probes, |a, b| b.cmp(a)).take(PROBES) {
        let _ = writeln!(out, "{:4}  \"{asked}\"", missed_probes[asked]);
    }
    out
}

/// Each turn joins the group it is most like, the most frequent turns first; turns without a word that
/// carries meaning stay together.
fn group(unmatched: &[Unmatched]) -> Vec<Group> {
    let mut said: BTreeMap<&str, Vec<&Unmatched>> = BTreeMap::new();
    for turn in unmatched {
        said.entry(&turn.text).or_default().push(turn);
    }
    let stems: BTreeMap<&str, BTreeSet<String>> =
        said.keys().map(|text| (*text, content(text))).collect();
    let mut spread: BTreeMap<&str, usize> = BTreeMap::new();
    for stem in stems.values().flatten() {
        *spread.entry(stem).or_default() += 1;
    }
    let weight = |stem: &str| {
        let in_turns = spread.get(stem).copied().unwrap_or(1);
        (said.len() as f64 / in_turns as f64).ln() + 1.0
    };
    let mut order: Vec<(&str, &Vec<&Unmatched>)> = said.iter().map(|(t, all)| (*t, all)).collect();
    order.sort_by_key(|(text, all)| (std::cmp::Reverse(all.len()), *text));
    let mut groups: Vec<Group> = Vec::new();
    for (text, all) in order {
        let turn: BTreeMap<String, f64> =
            stems[text].iter().map(|stem| (stem.clone(), weight(stem))).collect();
        let nearest = groups
            .iter_mut()
            .map(|group| (cosine(&group.lead, &turn), group))
            .filter(|(alike, _)| *alike >= ALIKE)
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, group)) => group.take(text, all),
            None => {
                let mut group = Group { lead: turn, ..Group::default() };
                group.take(text, all);
                groups.push(group);
            }
        }
    }
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.turns.cmp(&b.turns)));
    groups
}

fn cosine(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> f64 {
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    let dot: f64 = b.iter().filter_map(|(stem, y)| Some(a.get(stem)? * y)).sum();
    let length = |of: &BTreeMap<String, f64>| of.values().map(|x| x * x).sum::<f64>().sqrt();
    dot / (length(a) * length(b)).max(f64::MIN_POSITIVE)
}

impl Group {
    fn take(&mut self, text: &str, all: &[&Unmatched]) {
        self.turns.insert(text.to_owned(), all.len());
        self.count += all.len();
        self.fallbacks += all.iter().filter(|turn| turn.fallback).count();
        for topic in all.iter().filter_map(|turn| turn.topic.clone()) {
            *self.topics.entry(topic).or_default() += 1;
        }
        let words: BTreeSet<String> = words(text).into_iter().collect();
        for word in words.into_iter().filter(|word| !content(word).is_empty()) {
            *self.words.entry(word).or_default() += all.len();
        }
    }

    fn plain(&self) -> String {
        let names = most(&self.words, |a, b| b.cmp(a));
        let names: Vec<&str> = names.take(NAMES).map(String::as_str).collect();
        let topics = most(&self.topics, |a, b| b.cmp(a)).take(NAMES).cloned().collect::<Vec<_>>();
        let name = if names.is_empty() { "(no word that means something)" } else { "" };
        let open = if topics.is_empty() { "none".to_owned() } else { topics.join(", ") };
        let mut out = format!(
            "{:4}  {name}{}  ({} fell back; topic open: {open})\n",
            self.count,
            names.join(", "),
            self.fallbacks
        );
        for text in most(&self.turns, |a, b| b.cmp(a)).take(EXAMPLES) {
            let _ = writeln!(out, "      {} × \"{text}\"", self.turns[text]);
        }
        out
    }
}

/// The keys, the greatest value first.
fn most<V>(
    map: &BTreeMap<String, V>,
    order: impl Fn(&V, &V) -> std::cmp::Ordering,
) -> impl Iterator<Item = &String> {
    let mut entries: Vec<(&String, &V)> = map.iter().collect();
    entries.sort_by(|a, b| order(a.1, b.1).then_with(|| a.0.cmp(b.0)));
    entries.into_iter().map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_about_the_same_thing_stand_together_and_the_most_frequent_come_first() {
        let turn = |text: &str, fallback| Unmatched {
            text: text.to_owned(),
            topic: Some("garden".to_owned()),
            fallback,
        };
        let turns = [
            turn("do you play chess", true),
            turn("my roses died", false),
            turn("roses are difficult", false),
            turn("my roses died", false),
            turn("oh well", false),
        ];
        let list = list(&turns, &BTreeMap::from([("what is my name".to_owned(), 2)]));
        let lines: Vec<&str> = list.lines().filter(|line| line.contains("fell back;")).collect();
        assert!(lines[0].starts_with("   3  roses"), "{list}");
        assert!(lines.iter().any(|line| line.contains("chess") && line.contains("1 fell back")));
        assert!(list.contains("      2 × \"my roses died\""), "{list}");
        assert!(list.ends_with("   2  \"what is my name\"\n"), "{list}");
    }
}
