//! Compiled content, and the one function that talks.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use jiff::civil::DateTime;
use minijinja::Environment;
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::entity::Gazetteer;
use super::knowledge::Knowledge;
use super::lines::Lines;
use super::listen::{Feeling, Heard, Language};
use super::mistake::Mistake;
use super::pattern::Pattern;
use super::sheet::{Test, When};
use super::state::{Conversation, Expect};
use super::{candidates, choice, load, trial, voice};
use crate::time::{Seed, Time};

/// The content we ship: every file of `dialogs/en`.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/dialogs.rs"));

/// One turn, as a channel heard it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Turn<'a> {
    pub text: &'a str,
    /// What the channel knows already: an Echo's Yes, No, Repeat, Fallback and command intents.
    pub act: Option<Act>,
    pub speaker_name: Option<&'a str>,
    /// How sure the recogniser is of the words, 0 to 1; `None` if they were typed.
    pub certainty: Option<f32>,
    /// Date and time where the person is; without it, that of the turn in UTC.
    pub local: Option<DateTime>,
    /// Whom to turn to in a crisis, as it is spoken: "the Samaritans, on 116 123".
    pub resource: Option<&'a str>,
    /// Whom this person can call.
    pub people: &'a [Acquaintance],
}

/// Somebody who can be called or left a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquaintance {
    pub id: String,
    pub name: String,
    /// "sister", "neighbour": what they are to the people of this house.
    pub relation: Option<String>,
}

/// What a person agreed to have done, for the skills that do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    Call,
    Message,
}

/// What answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Topic,
    Persona,
    Memory,
    Knowledge,
    Safety,
    Command,
    Llm,
    Fallback,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    pub text: String,
    /// The topic that is open after this reply.
    pub topic: Option<String>,
    pub source: Source,
    /// Why this source spoke, for logs and tests; never a person's words.
    pub reason: &'static str,
    /// It ends in a question: keep the microphone open.
    pub asks: bool,
    /// The conversation is over until somebody starts it again.
    pub ends: bool,
    /// The part of `text` that asks, if it stands by itself.
    pub question: Option<String>,
    /// Nobody wrote an answer to this turn: a language model may word the part before the question.
    pub unforeseen: bool,
    /// Somebody to be called or left a message, by the id of an [`Acquaintance`]; it was agreed to.
    pub errand: Option<(Errand, String)>,
}

/// Compiled dialogs. Made once; shared by every conversation.
pub struct Bot {
    pub(crate) language: Language,
    pub(crate) names: Gazetteer,
    pub(crate) topics: BTreeMap<String, Topic>,
    pub(crate) persona: Vec<Persona>,
    pub(crate) captures: Vec<Capture>,
    pub(crate) recalls: BTreeMap<String, Recall>,
    pub(crate) pools: BTreeMap<String, Lines>,
    pub(crate) knowledge: Knowledge,
    pub(crate) tests: Vec<(String, u64, Test)>,
    pub(crate) templates: Environment<'static>,
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) label: String,
    /// "let's talk about films".
    pub(crate) requests: Vec<Pattern>,
    /// "films": enough when we asked what to talk about.
    pub(crate) alone: Vec<Pattern>,
    pub(crate) triggers: Vec<Pattern>,
    /// Its names, anywhere in what is said.
    pub(crate) mentions: Vec<Pattern>,
    pub(crate) entities: Vec<String>,
    /// Kinds of names that its file brings along.
    pub(crate) kinds: Vec<String>,
    pub(crate) lead: Lines,
    pub(crate) start: Vec<String>,
    pub(crate) resume: Lines,
    pub(crate) nodes: BTreeMap<String, Node>,
    pub(crate) decks: BTreeMap<String, Vec<Round>>,
    pub(crate) to: Vec<String>,
    pub(crate) bridge: Lines,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) say: Lines,
    pub(crate) own: Lines,
    pub(crate) draw: Option<String>,
    pub(crate) when: Option<When>,
    pub(crate) rules: Vec<Rule>,
}

/// A card of a game.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) ask: Lines,
    pub(crate) accept: Vec<Pattern>,
    pub(crate) answer: String,
    pub(crate) hint: Option<String>,
}

/// One way a node goes on. Every matcher that is set must hold.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) line: u64,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) entity: Option<String>,
    pub(crate) act: Option<Act>,
    pub(crate) feeling: Option<Feeling>,
    pub(crate) right: Option<bool>,
    pub(crate) attempt: Option<u8>,
    pub(crate) otherwise: bool,
    pub(crate) when: Option<When>,
    pub(crate) say: Lines,
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) go: Go,
}

/// Where a reply leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Go {
    Node(String),
    /// The next thread of this topic that was not opened yet, else hand off.
    Next,
    HandOff,
    Leave,
    /// Let another source answer, then come back to this node.
    AnswerThenReturn,
    /// Nowhere: another try at the same card.
    Stay,
}

impl FromStr for Go {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "$next" => Self::Next,
            "$hand_off" => Self::HandOff,
            "$leave" => Self::Leave,
            "$answer_then_return" => Self::AnswerThenReturn,
            "$stay" => Self::Stay,
            node => Self::Node(node.to_owned()),
        })
    }
}

#[derive(Debug)]
pub(crate) struct Persona {
    pub(crate) asked: Vec<Pattern>,
    pub(crate) say: Lines,
}

#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) heard: Vec<Pattern>,
    /// The topic whose file it stands in.
    pub(crate) topic: Option<String>,
    pub(crate) keep: String,
    pub(crate) say: Lines,
    pub(crate) days: Option<u16>,
    pub(crate) later: Lines,
}

#[derive(Debug)]
pub(crate) struct Recall {
    pub(crate) say: String,
    pub(crate) asked: Vec<Pattern>,
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot").field("topics", &self.topics.keys()).finish_non_exhaustive()
    }
}

impl Bot {
    /// The content that is compiled into this crate.
    #[must_use]
    pub fn shipped() -> &'static Arc<Self> {
        static SHIPPED_BOT: LazyLock<Arc<Bot>> = LazyLock::new(|| {
            let files: Vec<(String, String)> = Bot::shipped_files()
                .map(|(name, yaml)| (name.to_owned(), yaml.to_owned()))
                .collect();
            let bot = Bot::load(&files);
            Arc::new(bot.expect("the shipped dialogs load: a test of this crate says so"))
        });
        &SHIPPED_BOT
    }

    /// The shipped files: name and text.
    pub fn shipped_files() -> impl Iterator<Item = (&'static str, &'static str)> {
        SHIPPED.iter().copied()
    }

    /// Compiles authored files, each a name and its YAML.
    ///
    /// # Errors
    /// Every mistake in all the files, in order of file and line.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<Mistake>> {
        load::load(files)
    }

    /// Runs the tests that stand beside the dialogs; a failed expectation is a mistake.
    #[must_use]
    pub fn trials(&self) -> Vec<Mistake> {
        trial::run_all(self)
    }

    /// How many tests stand beside the dialogs.
    #[must_use]
    pub fn trial_count(&self) -> usize {
        self.tests.len()
    }

    /// Names of the authored topics, in order.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        self.topics.keys().map(String::as_str)
    }

    /// Answers one turn: the conversation after it, and what is said. The same arguments always
    /// give the same answer.
    #[must_use]
    pub fn respond(
        &self,
        before: &Conversation,
        turn: &Turn<'_>,
        now: Time,
        seed: Seed,
    ) -> (Conversation, Reply) {
        let mut state = before.clone();
        state.begin_turn(now);
        let (turn, heard) = self.hear(before, turn);
        let turn = &turn;
        let here = turn.local.unwrap_or_else(|| now.utc());
        let moment = candidates::Moment { bot: self, state: &state, heard: &heard, turn, here };
        let winner = choice::choose(candidates::all(&moment));
        voice::speak(self, state, &heard, turn, winner, voice::When { now, here }, seed)
    }

    /// What was heard; after "did you say ...?" a yes stands for what we asked about.
    fn hear<'t>(&self, state: &'t Conversation, turn: &Turn<'t>) -> (Turn<'t>, Heard) {
        let listen = |turn: &Turn<'_>| self.language.listen(turn.text, turn.act, &self.names);
        let heard = listen(turn);
        let turn = match &state.expect {
            Some(Expect::Heard(text)) if heard.is(Act::Yes) => {
                Turn { text, act: None, certainty: None, ..*turn }
            }
            Some(Expect::Heard(_)) if heard.is(Act::No) && heard.words <= 3 => {
                Turn { text: "", act: Some(Act::NotUnderstood), certainty: None, ..*turn }
            }
            _ => return (*turn, heard),
        };
        (turn, listen(&turn))
    }

    /// How a fact such as `favourite.film` is spoken: by its own recall or one with a star.
    pub(crate) fn recall(&self, key: &str) -> Option<&Recall> {
        let (subject, predicate) = key.split_once('.')?;
        let recalls = &self.recalls;
        recalls
            .get(key)
            .or_else(|| recalls.get(&format!("{subject}.*")))
            .or_else(|| recalls.get(&format!("*.{predicate}")))
    }

    pub(crate) fn pool(&self, name: &str) -> &Lines {
        static NONE: Lines = Lines(Vec::new());
        self.pools.get(name).unwrap_or(&NONE)
    }
}
