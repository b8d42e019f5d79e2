//! What text from outside (a language model, an encyclopedia, a headline) must pass before it is spoken.
//!
//! Word lists catch profanity and no more; so such text is also kept short, may promise nothing, may claim to be
//! nobody, asks at most what we would have asked, and repeats nothing.

use super::act::Act;
use super::listen::Language;

/// A spoken answer of more than three sentences is a lecture.
const MAX_SENTENCES: usize = 3;
/// In characters; a longer answer is cut at a sentence, or refused.
const MAX_CHARS: usize = 320;

/// Why text from outside is not spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("nothing is left to say")]
    Empty,
    #[error("it is too long to be spoken")]
    Long,
    #[error("it holds markup or addresses")]
    Markup,
    #[error("it is not fit for every listener")]
    Unsafe,
    #[error("it promises something we cannot keep")]
    Promise,
    #[error("it claims to be a person")]
    Pretence,
    #[error("it was said before")]
    Repeat,
}

/// What nobody can pronounce, and what smuggles in instructions.
const MARKUP: [&str; 15] =
    ["<", ">", "{", "}", "[", "]", "#", "*", "`", "|", "://", "www.", "@", "\\", "system:"];
/// Subjects that a house with children does not hear from a machine, whatever is said about them.
const GROWN_UP: [&str; 26] = [
    "sex",
    "sexual",
    "sexy",
    "porn",
    "naked",
    "nude",
    "orgasm",
    "erotic",
    "cocaine",
    "heroin",
    "meth",
    "murdered",
    "murder",
    "rape",
    "raped",
    "genocide",
    "torture",
    "tortured",
    "beheaded",
    "massacre",
    "suicide",
    "terrorist",
    "terrorists",
    "nazi",
    "nazis",
    "slaughter",
];
/// Openings of sentences that bind us to deeds. We do such things only when asked, and say so when done.
const PROMISES: [&str; 20] = [
    "i will call",
    "i will remind",
    "i will send",
    "i will order",
    "i will buy",
    "i will book",
    "i will set",
    "i will turn",
    "i will play",
    "i will let",
    "i will tell",
    "i have called",
    "i have sent",
    "i have ordered",
    "i have set",
    "i have booked",
    "i promise",
    "i guarantee",
    "i will make sure",
    "i will contact",
];
const PRETENCES: [&str; 12] = [
    "i am human",
    "i am a human",
    "i am a person",
    "i am a real",
    "as an ai",
    "as a language model",
    "i am chatgpt",
    "my wife",
    "my husband",
    "when i was a child",
    "when i was young",
    "my instructions",
];

impl Language {
    /// Cuts text from outside down to what may be spoken. `may_ask` says whether a question of its own has room;
    /// `said` whether a sentence was said before.
    ///
    /// # Errors
    /// The first reason why nothing of it is fit.
    pub(crate) fn fit(
        &self,
        text: &str,
        may_ask: bool,
        said: impl Fn(&str) -> bool,
    ) -> Result<String, Unfit> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let lower = text.to_lowercase();
        if text.chars().any(char::is_control) || MARKUP.iter().any(|mark| lower.contains(mark)) {
            return Err(Unfit::Markup);
        }
        let mut asked = !may_ask;
        let mut kept: Vec<&str> = Vec::new();
        for sentence in sentences(&text) {
            let asks = sentence.ends_with('?');
            if (asks && asked) || kept.len() == MAX_SENTENCES {
                continue;
            }
            asked |= asks;
            self.check(sentence)?;
            if said(sentence) {
                return Err(Unfit::Repeat);
            }
            kept.push(sentence);
        }
        while kept.iter().map(|s| s.chars().count() + 1).sum::<usize>() > MAX_CHARS {
            kept.pop();
            if kept.is_empty() {
                return Err(Unfit::Long);
            }
        }
        if kept.is_empty() { Err(Unfit::Empty) } else { Ok(kept.join(" ").replace('!', ".")) }
    }

    fn check(&self, sentence: &str) -> Result<(), Unfit> {
        let segments = self.rewrites.segments(sentence);
        let words: Vec<&str> = segments.iter().flat_map(|s| &s.words).map(String::as_str).collect();
        let spoken = format!(" {} ", words.join(" "));
        let holds = |list: &[&str]| list.iter().any(|words| spoken.contains(&format!(" {words} ")));
        let advice = [Act::Medical, Act::Legal, Act::Money];
        let advises = advice
            .iter()
            .filter_map(|act| self.acts.get(act))
            .any(|act| segments.iter().any(|segment| act.performed_in(segment)));
        let digits = sentence.chars().filter(char::is_ascii_digit).count();
        if holds(&GROWN_UP) || !self.may_be_said(sentence) || advises {
            Err(Unfit::Unsafe)
        } else if digits >= MOST_DIGITS {
            Err(Unfit::Markup)
        } else if holds(&PROMISES) {
            Err(Unfit::Promise)
        } else if holds(&PRETENCES) {
            Err(Unfit::Pretence)
        } else {
            Ok(())
        }
    }
}

/// More digits than two years have are a telephone number or worse.
const MOST_DIGITS: usize = 9;

/// Sentences with their ends; what has no end is one all the same.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '?', '!'])
        .map(str::trim)
        .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

/// Takes addresses and numbers out of text before it leaves the house, and puts something neutral in the place
/// of each name.
#[must_use]
pub fn redact(text: &str, names: &[&str]) -> String {
    let words = text.split_whitespace().map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let plain = bare.trim_end_matches("'s").trim_end_matches("’s");
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if word.contains('@') {
            "an address"
        } else if digits >= 4 {
            "a number"
        } else if names
            .iter()
            .any(|name| name.split(' ').any(|part| part.eq_ignore_ascii_case(plain)))
        {
            "somebody"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Bot;

    #[track_caller]
    fn check(text: &str, may_ask: bool, expected: Result<&str, Unfit>) {
        let fit = Bot::shipped().language.fit(text, may_ask, |sentence| sentence == "Said before.");
        assert_eq!(fit.as_deref().map_err(|unfit| *unfit), expected, "{text}");
    }

    #[test]
    fn text_from_outside_is_cut_down_or_refused() {
        check("Bees dance to tell the way!", false, Ok("Bees dance to tell the way."));
        check("Bees dance. Do you like bees?", false, Ok("Bees dance."));
        check("Bees dance. Do you like bees? Or wasps?", true, Ok("Bees dance. Do you like bees?"));
        check("One. Two. Three. Four.", false, Ok("One. Two. Three."));
        check("", false, Err(Unfit::Empty));
        check("What then?", false, Err(Unfit::Empty));
        check(&"word ".repeat(400), false, Err(Unfit::Long));
        check("Look at https://example.org now.", false, Err(Unfit::Markup));
        check("**Bold** bees.", false, Err(Unfit::Markup));
        check("Ring 0123 456 7890.", false, Err(Unfit::Markup));
        check("I'll call your sister tomorrow.", false, Err(Unfit::Promise));
        check("When I was young, I kept bees.", false, Err(Unfit::Pretence));
        check("As an AI, I like bees.", false, Err(Unfit::Pretence));
        check("You stupid fucking bee.", false, Err(Unfit::Unsafe));
        check("A murder was in the news.", false, Err(Unfit::Unsafe));
        check("Said before.", false, Err(Unfit::Repeat));
    }

    #[test]
    fn nothing_personal_leaves() {
        let told = "Anna's mail is anna@example.org, her number 555-0199, and she says hi";
        assert_eq!(
            redact(told, &["Anna Smith"]),
            "somebody mail is an address her number a number and she says hi"
        );
    }
}
