//! A simulated person: hears only what is said aloud, and answers by the shape of the question.

use std::collections::BTreeSet;

use hearthline_core::time::Seed;
use serde::Deserialize;

use super::household::Ask;

/// Everything that simulated people are made of; `people.yaml` beside this file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub(super) people: Vec<Character>,
    answers: Answers,
    stories: Vec<String>,
    digressions: Vec<String>,
    complaints: Vec<String>,
    asides: Vec<String>,
    openers: Vec<String>,
    leaving: Vec<String>,
    /// What the demo households ask for between talks.
    pub(super) errands: Vec<Vec<Ask>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Character {
    pub(super) name: String,
    pub(super) mood: Mood,
    pub(super) words_per_minute: u64,
    /// How likely they are to add something of their own, 0 to 1.
    chattiness: f64,
    /// How likely they are to let something odd pass, 0 to 1.
    patience: f64,
    facts: Vec<Fact>,
    wishes: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mood {
    Cheerful,
    Gruff,
    Curious,
    Lonely,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    tell: String,
    ask: String,
    expect: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    yes_no: Vec<String>,
    who: Vec<String>,
    what: Vec<String>,
    which: Vec<String>,
    #[serde(rename = "where")]
    place: Vec<String>,
    when: Vec<String>,
    how: Vec<String>,
    more: Vec<String>,
}

/// What a person says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) probe: Option<String>,
    pub(super) asked_to_repeat: bool,
    pub(super) leaves: bool,
}

/// One person in one conversation.
#[derive(Debug)]
pub(super) struct Person<'a> {
    cast: &'a Cast,
    who: &'a Character,
    seed: Seed,
    turn: u64,
    used: BTreeSet<&'a str>,
    told: usize,
    asked: usize,
    wished: usize,
}

/// Turns between two things that a person came to say.
const AGENDA_EVERY: u64 = 7;

impl<'a> Person<'a> {
    pub(super) fn new(cast: &'a Cast, who: &'a Character, seed: Seed) -> Self {
        let used = BTreeSet::new();
        Self { cast, who, seed, turn: 0, used, told: 0, asked: 0, wished: 0 }
    }

    /// The first words.
    pub(super) fn opens(&mut self) -> Line {
        self.say(&self.cast.openers)
    }

    /// The last words.
    pub(super) fn leaves(&mut self) -> Line {
        Line { leaves: true, ..self.say(&self.cast.leaving) }
    }

    /// What they say to `heard`.
    pub(super) fn answers(&mut self, heard: &str) -> Line {
        self.turn += 1;
        if self.turn.is_multiple_of(AGENDA_EVERY)
            && let Some(line) = self.agenda()
        {
            return line;
        }
        let chance = self.chance("what to do");
        let habit = match self.who.mood {
            Mood::Curious => 0.22,
            Mood::Cheerful => 0.12,
            Mood::Lonely => 0.08,
            Mood::Gruff => 0.06,
        };
        if chance < habit {
            return self.say(&self.cast.digressions);
        }
        if chance > 0.93 {
            return self.say(&self.cast.asides);
        }
        if chance > self.who.patience - 0.02 && chance <= self.who.patience {
            return self.say(&self.cast.complaints);
        }
        let answer = self.reply_to(heard);
        if self.chance("add something") < self.who.chattiness * 0.3 {
            let story = self.say(&self.cast.stories);
            return Line { text: format!("{}. {}", answer.text, story.text), ..answer };
        }
        answer
    }

    /// Things they came with: facts to tell and to ask back later, and wishes.
    fn agenda(&mut self) -> Option<Line> {
        let step = self.turn / AGENDA_EVERY;
        if step % 3 == 1 && self.told < self.who.facts.len() {
            self.told += 1;
            return Some(spoken(&self.who.facts[self.told - 1].tell));
        }
        if step % 3 == 2 && self.asked < self.told {
            let fact = &self.who.facts[self.asked];
            self.asked += 1;
            return Some(Line { probe: Some(fact.expect.clone()), ..spoken(&fact.ask) });
        }
        let wish = self.who.wishes.get(self.wished)?;
        self.wished += 1;
        Some(spoken(wish))
    }

    fn reply_to(&mut self, heard: &str) -> Line {
        let cast = self.cast;
        let Some(question) = heard.split_inclusive(['.', '?']).rfind(|s| s.ends_with('?')) else {
            return self.say(&cast.answers.more);
        };
        let question = question.trim().trim_end_matches('?').to_lowercase();
        let last = question.rsplit(", ").next().unwrap_or(&question);
        if let Some((before, after)) = last.split_once(" or ") {
            let side = if self.chance("which side") < 0.5 { after } else { before };
            let words: Vec<&str> = side.split_whitespace().collect();
            return spoken(&words[words.len().saturating_sub(4)..].join(" "));
        }
        let first = question.split_whitespace().find(|w| !["and", "so", "with"].contains(w));
        let answers = match first.unwrap_or_default() {
            "who" | "whom" | "whose" => &cast.answers.who,
            "which" => &cast.answers.which,
            "what" | "why" => &cast.answers.what,
            "where" => &cast.answers.place,
            "when" => &cast.answers.when,
            "how" => &cast.answers.how,
            _ => &cast.answers.yes_no,
        };
        self.say(answers)
    }

    /// A line they have not used yet, as people seldom say the same again; else any.
    fn say(&mut self, lines: &'a [String]) -> Line {
        let new: Vec<&'a str> =
            lines.iter().map(String::as_str).filter(|line| !self.used.contains(line)).collect();
        let from = if new.is_empty() { lines.iter().map(String::as_str).collect() } else { new };
        let purpose = format!("line {} {}", self.turn, from.len());
        let Some(index) = self.seed.pick(&purpose, from.len()) else { return spoken("") };
        self.used.insert(from[index]);
        spoken(from[index])
    }

    fn chance(&self, purpose: &str) -> f64 {
        let drawn = self.seed.for_purpose(&format!("{purpose} {}", self.turn)).0;
        (drawn % 10_000) as f64 / 10_000.0
    }
}

fn spoken(text: &str) -> Line {
    let asked_to_repeat = text.contains("say that again");
    Line { text: text.to_owned(), probe: None, asked_to_repeat, leaves: false }
}
