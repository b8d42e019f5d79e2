//! The files that authors write, as they are read. `docs/dialogs.md` explains them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::act::Act;
use super::lines::Lines;
use super::listen::Feeling;

/// A topic: what is said, how answers are told apart, and its own tests.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TopicSheet {
    /// The topic's name, by which other files and `hand_off` know it: `gardens`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) topic: Spanned<String>,
    /// The format: 1.
    pub(crate) version: u32,
    /// What `{{ next }}` says when another topic leads over to this one: "gardens".
    pub(crate) label: String,
    /// How the topic is opened.
    #[cfg_attr(test, schemars(with = "Enter"))]
    pub(crate) enter: Spanned<Enter>,
    /// Nodes that open a thread of the talk, in the order in which we would bring them up. A node with
    /// `when: { known: … }` here waits for a fact that was told in an earlier session.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) start: Vec<Spanned<String>>,
    /// Statements with which we come back after a digression; the open node's question follows. Three or more.
    #[cfg_attr(test, schemars(with = "Lines"))]
    pub(crate) resume: Spanned<Lines>,
    /// Facts that this topic keeps (`garden.plant`): how they are spoken, how people ask after them. Every fact
    /// that `set`, `when` or a text names must stand here or under `recalls` in memory.yaml.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RecallSheet>"))]
    pub(crate) remembers: BTreeMap<String, Spanned<RecallSheet>>,
    /// What people may tell in passing, in whatever talk, and what is kept of it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<CaptureSheet>"))]
    pub(crate) captures: Vec<Spanned<CaptureSheet>>,
    /// Names of this topic, added to those of entities.yaml: `plant: [Rose | roses, Tulip | tulips]`.
    #[serde(default)]
    pub(crate) entities: BTreeMap<String, Vec<String>>,
    /// Groups of words for the patterns of all files, added to those of language.yaml: `flower: [rose, tulip]`
    /// is `@flower`.
    #[serde(default)]
    pub(crate) concepts: BTreeMap<String, Vec<String>>,
    /// Cards: things worth telling, each with its source. Told when what they are about comes up, and when
    /// somebody asks.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<CardSheet>"))]
    pub(crate) facts: Vec<Spanned<CardSheet>>,
    /// Cards of games, by the name that a node's `draw` uses.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Vec<RoundSheet>>"))]
    pub(crate) decks: BTreeMap<String, Vec<Spanned<RoundSheet>>>,
    /// Questions of ours, by name, and what follows each answer. Every node must be led to by `start` or a `go`.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, NodeSheet>"))]
    pub(crate) nodes: BTreeMap<String, Spanned<NodeSheet>>,
    /// How the topic ends and what comes after it.
    #[cfg_attr(test, schemars(with = "HandOff"))]
    pub(crate) hand_off: Spanned<HandOff>,
    /// Scripted talks that `hearthline check dialogs` runs.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Test>"))]
    pub(crate) tests: Vec<Spanned<Test>>,
}

/// How a topic is opened.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Enter {
    /// What people call the topic: "let's talk about …" is understood around these, and the bare name when
    /// nothing is open. Patterns. No two topics may share one.
    pub(crate) names: Vec<String>,
    /// Patterns of remarks that may open it when nothing else is going on.
    #[serde(default)]
    pub(crate) triggers: Vec<String>,
    /// Kinds of entities whose mention may open it, at the start node with a reply for that kind.
    #[serde(default)]
    pub(crate) entities: Vec<String>,
    /// Statements with which we bring it up ourselves; a start node's question follows. Three or more.
    pub(crate) lead: Lines,
}

/// A question of ours and what follows each answer.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeSheet {
    /// The node's question in three wordings or more, one question mark each. With `draw`: what leads up to the
    /// card's question.
    pub(crate) say: Lines,
    /// How the bot answers its own question when people turn it round ("and you?"). Statements.
    #[serde(default)]
    pub(crate) own: Lines,
    /// The deck of which this node asks a card that was not asked before.
    #[serde(default)]
    pub(crate) draw: Option<String>,
    /// The node is passed over unless this holds.
    #[serde(default)]
    pub(crate) when: Option<When>,
    /// Ways on, tried in order: the first that fits is taken. Every node needs one with `else: any`, the last.
    #[cfg_attr(test, schemars(with = "Vec<ReplySheet>"))]
    pub(crate) replies: Vec<Spanned<ReplySheet>>,
}

/// One way on. Every matcher that is given (entity, act, match, sentiment, right, attempt) must hold.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplySheet {
    /// A name of this kind was heard (and not denied), or `answer`: the gist of any short answer. The text may
    /// use it as `{{ ent.plant }}` or `{{ ent.answer }}`.
    #[serde(default)]
    pub(crate) entity: Option<String>,
    /// The turn performs this act, such as `affirm` or `deny`.
    #[serde(default)]
    pub(crate) act: Option<Act>,
    /// A pattern: `i (grow|planted) <plant>`, `* @flower`.
    #[serde(default, rename = "match")]
    pub(crate) pattern: Option<String>,
    /// The turn's tone.
    #[serde(default)]
    pub(crate) sentiment: Option<Feeling>,
    /// Whether the answer is that of the drawn card.
    #[serde(default)]
    pub(crate) right: Option<bool>,
    /// Only as the answer to this attempt at a card, counted from 1.
    #[serde(default)]
    pub(crate) attempt: Option<u8>,
    /// Takes whatever the replies above did not.
    #[serde(default, rename = "else")]
    pub(crate) otherwise: Option<Otherwise>,
    /// Only if this holds as well.
    #[serde(default)]
    pub(crate) when: Option<When>,
    /// Statements that answer. Without them the turn is acknowledged: by a card about it, by naming it, by tone.
    #[serde(default)]
    pub(crate) say: Lines,
    /// Facts to keep: `garden.plant: "{{ ent.plant }}"`.
    #[serde(default)]
    pub(crate) set: BTreeMap<String, String>,
    /// A node; `$next`: the next thread of this topic, or on to another topic; `$hand_off`: on to another topic;
    /// `$leave`: the same, and not again in this session; `$answer_then_return`: another source answers, then back
    /// here; `$stay`: another attempt at the same card.
    pub(crate) go: String,
}

/// The only word for it is `any`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Otherwise {
    Any,
}

/// A condition: `when: { known: favourite.film }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// This fact is known. In a node that `start` names: it was told in an earlier session.
    Known(String),
    /// This fact is not known.
    Unknown(String),
    /// Every one of these facts has this value.
    Is(BTreeMap<String, String>),
    /// It is this season where we are, by months of the northern half of the world.
    Season(Season),
    /// It is this time of day where the person is.
    Daytime(Daytime),
}

/// Of the northern half of the world, by months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Daytime {
    /// From 5.
    Morning,
    /// From 12.
    Afternoon,
    /// From 17.
    Evening,
    /// From 22.
    Night,
}

/// One thing worth knowing, and where a reader may check it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CardSheet {
    /// Words that call it up, as people say them; each may be several words.
    pub(crate) about: Vec<String>,
    /// One or two sentences, told as they stand. A statement.
    pub(crate) say: String,
    /// Where a reader may check it.
    pub(crate) source: String,
    /// The year in which it was true.
    pub(crate) date: u16,
}

/// A card of a game: a question, what counts as its answer, and how the answer is told.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RoundSheet {
    /// The question.
    pub(crate) ask: String,
    /// Patterns of right answers.
    pub(crate) accept: Vec<String>,
    /// How the answer is told: `{{ card.answer }}` in the replies. A statement.
    pub(crate) answer: String,
    /// Told as `{{ card.hint }}`. A line that needs it is not said for a card without one.
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

/// How a topic ends.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOff {
    /// Topics that fit after this one; they are preferred among those that are open to talk about.
    pub(crate) to: Vec<String>,
    /// Statements that close this topic and lead over, often with `{{ next }}`. Three or more.
    pub(crate) bridge: Lines,
}

/// How a fact is spoken, and how people ask after it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RecallSheet {
    /// The fact, said to the person, with `{{ value }}`: "your favourite film is {{ value }}". Behind a key with
    /// a star, such as `favourite.*`, `{{ thing }}` is what the star stood for.
    pub(crate) say: String,
    /// Patterns with which people ask after it.
    #[serde(default)]
    pub(crate) asked: Vec<String>,
}

/// persona.yaml: who we are.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonaSheet {
    /// What we answer about ourselves. The first entry that is asked for is taken.
    #[cfg_attr(test, schemars(with = "Vec<PersonaEntry>"))]
    pub(crate) persona: Vec<Spanned<PersonaEntry>>,
    /// Scripted talks that `hearthline check dialogs` runs.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Test>"))]
    pub(crate) tests: Vec<Spanned<Test>>,
}

/// One thing that people ask about us.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonaEntry {
    /// What it is about, for the reader of the file.
    pub(crate) about: String,
    /// Patterns of the question.
    pub(crate) asked: Vec<String>,
    /// The answer, two wordings or more, as statements; what `asked` captured fills them.
    pub(crate) say: Lines,
}

/// memory.yaml: what people tell in passing.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct MemorySheet {
    /// What people may tell in passing, and what is kept of it.
    #[cfg_attr(test, schemars(with = "Vec<CaptureSheet>"))]
    pub(crate) captures: Vec<Spanned<CaptureSheet>>,
    /// Facts by key (`user.name`, `favourite.*`, `*.job`): how they are spoken, how people ask after them.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, RecallSheet>"))]
    pub(crate) recalls: BTreeMap<String, Spanned<RecallSheet>>,
    /// Scripted talks that `hearthline check dialogs` runs.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Test>"))]
    pub(crate) tests: Vec<Spanned<Test>>,
}

/// Something that people may tell in passing.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CaptureSheet {
    /// Patterns with a `<value>`, which is kept. With `<thing>` too it may fill the star of `keep`.
    pub(crate) heard: Vec<String>,
    /// The fact's key, as subject.predicate: `user.name`; `favourite.*` is kept as `favourite.` and the `<thing>`.
    pub(crate) keep: String,
    /// Statements that note it; captures fill them. Without them it is kept silently.
    #[serde(default)]
    pub(crate) say: Lines,
    /// The fact is forgotten after so many days: it was about something that passes.
    #[serde(default)]
    pub(crate) days: Option<u16>,
    /// Questions to ask once, at the next meeting: "How did {{ value }} go?" `{{ thing }}` is what the star of
    /// `keep` stood for.
    #[serde(default)]
    pub(crate) later: Lines,
}

/// knowledge*.yaml: what is known beside the topics.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeSheet {
    /// Relations that people ask after.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<TableSheet>"))]
    pub(crate) tables: Vec<Spanned<TableSheet>>,
    /// Things worth telling that belong to no topic.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<CardSheet>"))]
    pub(crate) cards: Vec<Spanned<CardSheet>>,
    /// Scripted talks that `hearthline check dialogs` runs.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Test>"))]
    pub(crate) tests: Vec<Spanned<Test>>,
}

/// One relation, such as country and capital, asked after in either direction.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TableSheet {
    /// What it relates, for the reader of the file.
    pub(crate) about: String,
    /// Where a reader may check it.
    pub(crate) source: String,
    /// The year in which it was true.
    pub(crate) date: u16,
    /// Patterns with `<x>`: `what is the capital of <x>`.
    pub(crate) asked: Vec<String>,
    /// Statements with `{{ x }}` and `{{ y }}`: "{{ y }} is the capital of {{ x }}."
    pub(crate) say: Lines,
    /// The same the other way round.
    #[serde(default)]
    pub(crate) back: Option<BackSheet>,
    /// Name to value; either may give further ways to say it: `United Kingdom | Britain: London`.
    pub(crate) entries: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct BackSheet {
    /// Patterns with `<y>`: `<y> is the capital of (what|which) country`.
    pub(crate) asked: Vec<String>,
    /// Statements with `{{ x }}` and `{{ y }}`.
    pub(crate) say: Lines,
}

/// phrases.yaml: how noun phrases are found in what people say, so that a reply can pick one up.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// lines.yaml: what is said outside of topics.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LinesSheet {
    /// Lines by the name that the engine draws them by; the check names those that are missing.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Lines>"))]
    pub(crate) lines: BTreeMap<String, Spanned<Lines>>,
    /// Scripted talks that `hearthline check dialogs` runs.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Test>"))]
    pub(crate) tests: Vec<Spanned<Test>>,
}

/// entities.yaml: names that we recognise.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct EntitiesSheet {
    /// Kind to names; `Toy Story | toy stories` adds further ways to say one.
    pub(crate) entities: BTreeMap<String, Vec<String>>,
}

/// language.yaml: how people say things.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LanguageSheet {
    /// Word to the words that every pattern sees instead: `mom: mother`. A key is one word.
    pub(crate) rewrites: BTreeMap<String, String>,
    /// Sounds that are left out: um, er.
    pub(crate) fillers: Vec<String>,
    /// Groups of words for patterns: `drink: [tea, hot chocolate]` is `@drink`.
    pub(crate) concepts: BTreeMap<String, Vec<String>>,
    /// Which words perform which act.
    #[cfg_attr(test, schemars(with = "BTreeMap<Act, ActSheet>"))]
    pub(crate) acts: BTreeMap<Act, Spanned<ActSheet>>,
    /// Words of a good feeling.
    pub(crate) positive: Vec<String>,
    /// Words of a bad feeling.
    pub(crate) negative: Vec<String>,
    /// Words that turn the feeling of the next three, and deny a name that follows: "I never had a dog".
    pub(crate) negations: Vec<String>,
    /// A short answer that begins so is a sentence, not a name or a title.
    pub(crate) no_name: Vec<String>,
    /// Patterns of asking for a topic, `<thing>`, that may be none of ours.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) requests: Spanned<Vec<String>>,
    /// How answers begin before they come to the point: "i think it is".
    pub(crate) lead_ins: Vec<String>,
    /// How answers trail off: "i suppose".
    pub(crate) tails: Vec<String>,
}

/// What performs an act.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ActSheet {
    /// Patterns that perform the act.
    pub(crate) patterns: Vec<String>,
    /// Idioms that look like the act and are not: "this game is killing me". A sentence with one of these does
    /// not perform the act, whatever else stands in it.
    #[serde(default)]
    pub(crate) except: Vec<String>,
}

/// A scripted talk with expectations, beside what it tests.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    /// What holds, as a sentence.
    pub(crate) name: String,
    /// Turns, ten seconds apart.
    pub(crate) talk: Vec<TestTurn>,
}

/// One turn of a test and what must hold after it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TestTurn {
    /// How many hours nobody spoke before this turn; another session begins after half an hour.
    #[serde(default)]
    pub(crate) after_hours: u16,
    /// What the person says.
    pub(crate) user: String,
    /// The node that is open afterwards; `none` when no topic is.
    #[serde(default)]
    pub(crate) node: Option<String>,
    /// The topic that is open afterwards; `none` when none is.
    #[serde(default)]
    pub(crate) topic: Option<String>,
    /// What answered.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// What the reply says; `*` stands for anything, letters count without their case.
    #[serde(default)]
    pub(crate) says: Option<String>,
    /// What the reply does not say; `*` stands for anything.
    #[serde(default)]
    pub(crate) never: Option<String>,
    /// Facts that are known afterwards, with their values.
    #[serde(default)]
    pub(crate) sets: BTreeMap<String, String>,
}
