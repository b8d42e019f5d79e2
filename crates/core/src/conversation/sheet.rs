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
