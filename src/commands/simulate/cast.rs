//! What simulated people are made of: `people.yaml`, read once.

use hearthline_core::conversation::Acquaintance;
use serde::Deserialize;

use super::household::Ask;

/// Who there is to talk, and what people say whoever they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub(super) people: Vec<Character>,
    pub(super) answers: Answers,
    /// What anybody may say about a subject.
    pub(super) subjects: Vec<Subject>,
    pub(super) relatives: RelativeLines,
    pub(super) stories: Vec<String>,
    /// Questions of all kinds that come to people's minds.
    pub(super) questions: Vec<String>,
    /// "Why?": to what was just said.
    pub(super) follow_ups: Vec<String>,
    /// "And you?": to a question.
    pub(super) asks_back: Vec<String>,
    pub(super) complaints: Vec<String>,
    /// When they hear something for the second time.
    pub(super) heard_before: Vec<String>,
    pub(super) asides: Vec<String>,
    pub(super) barging_in: Vec<String>,
    pub(super) repeats: Vec<String>,
    /// "Not football, please", with a gap for the thing.
    pub(super) declines: Vec<String>,
    pub(super) corrections: Vec<String>,
    pub(super) openers: Vec<String>,
    pub(super) returning: Vec<String>,
    pub(super) leaving: Vec<String>,
    /// What the demo households ask for between talks.
    pub(super) errands: Vec<Vec<Ask>>,
}

impl Cast {
    /// # Errors
    /// When the file does not have this shape.
    pub(super) fn load() -> anyhow::Result<Self> {
        use anyhow::Context;
        serde_saphyr::from_str(include_str!("people.yaml"))
            .context("the simulated people do not load")
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Character {
    pub(super) name: String,
    pub(super) mood: Mood,
    pub(super) words_per_minute: u64,
    /// How likely they are to add something of their own, 0 to 1.
    pub(super) chattiness: f64,
    /// How likely they are to let something odd pass, 0 to 1.
    pub(super) patience: f64,
    /// The share of their turns that ask, 0 to 1.
    pub(super) curiosity: f64,
    /// The share of their answers that are kept to three words, 0 to 1.
    pub(super) brevity: f64,
    /// On how many days they come.
    pub(super) visits: u32,
    pub(super) facts: Vec<Fact>,
    #[serde(default)]
    pub(super) plans: Vec<Plan>,
    #[serde(default)]
    pub(super) relatives: Vec<Relative>,
    /// Words of what they would rather not talk about.
    #[serde(default)]
    pub(super) avoids: Vec<String>,
    pub(super) wishes: Vec<String>,
    /// What they have to say about a subject: short answers and long ones.
    pub(super) knows: Vec<Subject>,
    pub(super) stories: Vec<String>,
    pub(super) asks: Vec<String>,
    pub(super) voice: Voice,
}

impl Character {
    /// Whom they can have called.
    pub(super) fn acquaintances(&self) -> Vec<Acquaintance> {
        let reachable = self.relatives.iter().filter(|relative| relative.reachable);
        reachable
            .map(|relative| Acquaintance {
                id: relative.name.to_lowercase(),
                name: relative.name.clone(),
                relation: Some(relative.who.clone()),
            })
            .collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mood {
    Cheerful,
    Gruff,
    Curious,
    Lonely,
    Restless,
    Tired,
}

/// Something that is told, and asked back later.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    /// Said first, and corrected at once by `tell`.
    pub(super) slip: Option<String>,
    pub(super) tell: String,
    pub(super) ask: String,
    pub(super) expect: String,
    /// Nothing that everybody is asked for, such as a name or a home: counted apart.
    #[serde(default)]
    pub(super) open: bool,
}

/// Something that lies ahead: a good listener asks how it went.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) tell: String,
    /// A word of it.
    pub(super) expect: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Relative {
    pub(super) who: String,
    pub(super) name: String,
    pub(super) home: Option<String>,
    /// The assistant can call them.
    #[serde(default)]
    pub(super) reachable: bool,
}

/// Ways to speak of a relative, with gaps `{who}`, `{name}` and `{home}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelativeLines {
    pub(super) tell_name: Vec<String>,
    pub(super) ask_name: Vec<String>,
    pub(super) tell_home: Vec<String>,
    pub(super) ask_home: Vec<String>,
}

impl Relative {
    pub(super) fn fill(&self, line: &str) -> String {
        line.replace("{who}", &self.who)
            .replace("{name}", &self.name)
            .replace("{home}", self.home.as_deref().unwrap_or_default())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    /// Words of a question that is about it.
    pub(super) about: Vec<String>,
    pub(super) say: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Voice {
    #[serde(rename = "affirm")]
    pub(super) yes: Vec<String>,
    #[serde(rename = "deny")]
    pub(super) no: Vec<String>,
    /// To what asks nothing.
    pub(super) more: Vec<String>,
    /// What they hang on to a sentence now and then.
    #[serde(default)]
    pub(super) tics: Vec<String>,
}

/// By the first word of the question, when it is about nothing they know of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    pub(super) yes_no: Vec<String>,
    pub(super) who: Vec<String>,
    pub(super) what: Vec<String>,
    pub(super) which: Vec<String>,
    pub(super) why: Vec<String>,
    #[serde(rename = "where")]
    pub(super) place: Vec<String>,
    pub(super) when: Vec<String>,
    pub(super) how: Vec<String>,
    pub(super) more: Vec<String>,
}
