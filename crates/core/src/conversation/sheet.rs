//! The files that authors write, as they are read. `docs/dialogs.md` explains them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::act::Act;
use super::lines::Lines;
use super::listen::Feeling;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopicSheet {
    pub(crate) topic: Spanned<String>,
    pub(crate) version: u32,
    pub(crate) label: String,
    pub(crate) enter: Spanned<Enter>,
    /// Nodes that open a thread of the talk, in the order in which we would bring them up.
    pub(crate) start: Vec<Spanned<String>>,
    pub(crate) resume: Spanned<Lines>,
    #[serde(default)]
    pub(crate) remembers: BTreeMap<String, Spanned<RecallSheet>>,
    #[serde(default)]
    pub(crate) captures: Vec<Spanned<CaptureSheet>>,
    /// Names of this topic, added to those of `entities.yaml`.
    #[serde(default)]
    pub(crate) entities: BTreeMap<String, Vec<String>>,
    /// Groups of words for patterns, added to those of `language.yaml`.
    #[serde(default)]
    pub(crate) concepts: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) facts: Vec<Spanned<CardSheet>>,
    #[serde(default)]
    pub(crate) decks: BTreeMap<String, Vec<Spanned<RoundSheet>>>,
    pub(crate) nodes: BTreeMap<String, Spanned<NodeSheet>>,
    pub(crate) hand_off: Spanned<HandOff>,
    #[serde(default)]
    pub(crate) tests: Vec<Spanned<Test>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enter {
    /// What people call the topic: "let's talk about ..." is understood around these.
    pub(crate) names: Vec<String>,
    /// Remarks that may open it when nothing else is going on.
    #[serde(default)]
    pub(crate) triggers: Vec<String>,
    /// Kinds of entities whose mention may open it.
    #[serde(default)]
    pub(crate) entities: Vec<String>,
    /// Statements with which we bring it up ourselves.
    pub(crate) lead: Lines,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeSheet {
    pub(crate) say: Lines,
    /// How the bot answers its own question when it is turned round.
    #[serde(default)]
    pub(crate) own: Lines,
    /// The deck of which this node asks a card that was not asked before.
    #[serde(default)]
    pub(crate) draw: Option<String>,
    #[serde(default)]
    pub(crate) when: Option<When>,
    pub(crate) replies: Vec<Spanned<ReplySheet>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplySheet {
    #[serde(default)]
    pub(crate) entity: Option<String>,
    #[serde(default)]
    pub(crate) act: Option<Act>,
    #[serde(default, rename = "match")]
    pub(crate) pattern: Option<String>,
    #[serde(default)]
    pub(crate) sentiment: Option<Feeling>,
    /// Whether the answer is that of the drawn card.
    #[serde(default)]
    pub(crate) right: Option<bool>,
    /// Only as the answer to this attempt at a card, counted from 1.
    #[serde(default)]
    pub(crate) attempt: Option<u8>,
    #[serde(default, rename = "else")]
    pub(crate) otherwise: Option<Otherwise>,
    #[serde(default)]
    pub(crate) when: Option<When>,
    #[serde(default)]
    pub(crate) say: Lines,
    #[serde(default)]
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) go: String,
}

/// `else: any` takes whatever the replies above did not.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Otherwise {
    Any,
}

/// A small typed condition: `when: { known: favourite.film }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    Known(String),
    Unknown(String),
    /// Every fact has this value.
    Is(BTreeMap<String, String>),
    Season(Season),
    Daytime(Daytime),
}

/// Of the northern half of the world, by months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Daytime {
    Morning,
    Afternoon,
    Evening,
    Night,
}

/// One thing worth knowing, and where a reader may check it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardSheet {
    /// Words that call it up, as people say them.
    pub(crate) about: Vec<String>,
    pub(crate) say: String,
    pub(crate) source: String,
    /// The year in which it was true.
    pub(crate) date: u16,
}

/// A card of a game: a question, what counts as its answer, and how the answer is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoundSheet {
    pub(crate) ask: String,
    pub(crate) accept: Vec<String>,
    pub(crate) answer: String,
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOff {
    pub(crate) to: Vec<String>,
    /// Statements that close this topic.
    pub(crate) bridge: Lines,
}

/// How a fact is spoken, and how people ask after it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecallSheet {
    pub(crate) say: String,
    #[serde(default)]
    pub(crate) asked: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonaSheet {
    pub(crate) persona: Vec<Spanned<PersonaEntry>>,
    #[serde(default)]
    pub(crate) tests: Vec<Spanned<Test>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonaEntry {
    pub(crate) about: String,
    pub(crate) asked: Vec<String>,
    pub(crate) say: Lines,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemorySheet {
    pub(crate) captures: Vec<Spanned<CaptureSheet>>,
    pub(crate) recalls: BTreeMap<String, Spanned<RecallSheet>>,
    #[serde(default)]
    pub(crate) tests: Vec<Spanned<Test>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaptureSheet {
    pub(crate) heard: Vec<String>,
    pub(crate) keep: String,
    #[serde(default)]
    pub(crate) say: Lines,
    /// The fact is forgotten after so many days: it was about something that passes.
    #[serde(default)]
    pub(crate) days: Option<u16>,
    /// Asked at the next meeting.
    #[serde(default)]
    pub(crate) later: Lines,
}

/// What is known beside the topics: tables of question and answer, and cards.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeSheet {
    #[serde(default)]
    pub(crate) tables: Vec<Spanned<TableSheet>>,
    #[serde(default)]
    pub(crate) cards: Vec<Spanned<CardSheet>>,
    #[serde(default)]
    pub(crate) tests: Vec<Spanned<Test>>,
}

/// One relation, such as country and capital, asked after in either direction.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableSheet {
    pub(crate) about: String,
    pub(crate) source: String,
    pub(crate) date: u16,
    pub(crate) asked: Vec<String>,
    pub(crate) say: Lines,
    /// The same the other way round: `<y>` is asked with, `{{ x }}` answered.
    #[serde(default)]
    pub(crate) back: Option<BackSheet>,
    /// `Name | other name` -> value.
    pub(crate) entries: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackSheet {
    pub(crate) asked: Vec<String>,
    pub(crate) say: Lines,
}

/// How noun phrases are found in what people say, so that a reply can pick one up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhrasesSheet {
    /// "the", "a", "some": what follows is a thing.
    pub(crate) determiners: Vec<String>,
    /// "my": whose thing it is, and how we say it: "your".
    pub(crate) possessives: BTreeMap<String, String>,
    /// What follows these is a thing even without an article: "about", "love", "playing".
    pub(crate) before: Vec<String>,
    /// Things nobody talks about for their own sake: "thing", "lot", "time".
    pub(crate) hollow: Vec<String>,
    /// Words that end a phrase.
    pub(crate) small: Vec<String>,
    /// Verbs, in their base form; regular forms are derived.
    pub(crate) verbs: Vec<String>,
    /// Irregular forms of verbs.
    pub(crate) forms: Vec<String>,
    /// Words that follow how, when, where and why in a question, and not in an answer that begins with them.
    pub(crate) auxiliaries: Vec<String>,
    /// People's words turned round to our side: "i" -> "you".
    pub(crate) turned: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinesSheet {
    pub(crate) lines: BTreeMap<String, Spanned<Lines>>,
    #[serde(default)]
    pub(crate) tests: Vec<Spanned<Test>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntitiesSheet {
    /// Kind -> names; `Toy Story | toy stories` adds further ways to say one.
    pub(crate) entities: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LanguageSheet {
    pub(crate) rewrites: BTreeMap<String, String>,
    pub(crate) fillers: Vec<String>,
    pub(crate) concepts: BTreeMap<String, Vec<String>>,
    pub(crate) acts: BTreeMap<Act, Spanned<ActSheet>>,
    pub(crate) positive: Vec<String>,
    pub(crate) negative: Vec<String>,
    pub(crate) negations: Vec<String>,
    /// A short answer that begins so is a sentence, not a name or a title.
    pub(crate) no_name: Vec<String>,
    /// Ways to ask for a topic, `<thing>`, that may be none of ours.
    pub(crate) requests: Spanned<Vec<String>>,
    /// How answers begin before they come to the point: "i think it is".
    pub(crate) lead_ins: Vec<String>,
    /// How answers trail off: "i suppose".
    pub(crate) tails: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActSheet {
    pub(crate) patterns: Vec<String>,
    /// Idioms that look like the act and are not: "this game is killing me".
    #[serde(default)]
    pub(crate) except: Vec<String>,
}

/// A scripted talk with expectations, beside what it tests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) talk: Vec<TestTurn>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestTurn {
    /// How long nobody spoke before this; another session begins after half an hour.
    #[serde(default)]
    pub(crate) after_hours: u16,
    pub(crate) user: String,
    /// The node that is open afterwards; `none` when no topic is.
    #[serde(default)]
    pub(crate) node: Option<String>,
    #[serde(default)]
    pub(crate) topic: Option<String>,
    /// What answered: topic, persona, memory, safety, command, fallback.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// `*` stands for anything.
    #[serde(default)]
    pub(crate) says: Option<String>,
    #[serde(default)]
    pub(crate) never: Option<String>,
    #[serde(default)]
    pub(crate) sets: BTreeMap<String, String>,
}
