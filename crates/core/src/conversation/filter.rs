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
/// What is left of an address when it is spelled for the ear.
const SPELLED: [&str; 3] = ["dot com", "dot org", "dot net"];
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
const PROMISES: [&str; 32] = [
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
    "i am going to",
    "i am calling",
    "i am sending",
    "i can call",
    "i could call",
    "i can send",
    "i can remind",
    "let me call",
    "let me send",
    "let me remind",
    // An offer of its own, that nobody would keep when it is taken up.
    "shall i",
    "want me to",
];
const PRETENCES: [&str; 15] = [
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
    "my prompt",
    "system prompt",
    "previous instructions",
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
        // Before sentences are compared with those that were said, which never shout.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('!', ".");
        let lower = text.to_lowercase();
        let marked = MARKUP.iter().any(|mark| lower.contains(mark));
        if marked || text.chars().any(char::is_control) || lower.split(' ').any(is_address) {
            return Err(Unfit::Markup);
        }
        let mut asked = !may_ask;
        let mut kept: Vec<&str> = Vec::new();
        for sentence in sentences(&text) {
            let asks = sentence.contains('?');
            let again = kept.contains(&sentence);
            if (asks && asked) || again || kept.len() == MAX_SENTENCES {
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
        if kept.is_empty() { Err(Unfit::Empty) } else { Ok(kept.join(" ")) }
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
        } else if digits >= MOST_DIGITS || holds(&SPELLED) {
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

/// Sentences with their ends; what has no end is one all the same. "3.5" and "a.m." hold none.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let ends = |(at, c): &(usize, char)| {
            let after = rest[at + c.len_utf8()..].trim_start_matches(['"', '\'', '”', '’', ')']);
            matches!(c, '.' | '?' | '!') && after.chars().next().is_none_or(char::is_whitespace)
        };
        let mut marks = rest.char_indices().filter(ends);
        let end = marks.next().map_or(rest.len(), |(at, _)| {
            let after = &rest[at + 1..];
            at + 1 + after.find(char::is_whitespace).unwrap_or(after.len())
        });
        let (sentence, others) = rest.split_at(end);
        rest = others;
        (!sentence.is_empty()).then(|| sentence.trim())
    })
    .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

/// Whether a word is the address of a page: "example.org", unlike "3.5" and "a.m.".
fn is_address(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    parts.windows(2).any(|two| {
        let letters = two[1].chars().take_while(|c| c.is_alphabetic()).count();
        two[0].ends_with(char::is_alphanumeric) && letters >= 2
    })
}

/// Parts of names that are in every other sentence as well.
const NO_NAMES: [&str; 5] = ["and", "the", "of", "my", "a"];
/// Numbers as a recogniser writes them down.
const DIGITS: [&str; 12] = [
    "oh", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double",
];
/// As many digits tell a telephone from an age.
const NUMBER: usize = 4;
/// What the names of streets end in.
const STREETS: [&str; 14] = [
    "street",
    "road",
    "lane",
    "avenue",
    "drive",
    "court",
    "square",
    "terrace",
    "crescent",
    "boulevard",
    "gardens",
    "st",
    "rd",
    "ave",
];
/// How many words stand at most between the number of a house and the end of its street's name.
const STREET_WORDS: usize = 3;

/// Takes addresses and numbers out of text before it leaves the house, and puts something neutral in the place
/// of each name.
#[must_use]
pub fn redact(text: &str, names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .flat_map(|name| parts(name))
        .filter(|part| !NO_NAMES.contains(&part.as_str()))
        .collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let run = words[at..].iter().take_while(|word| digits(word) > 0).count();
        let (instead, length) = if let Some(length) = address(&words[at..]) {
            ("an address", length)
        } else if words[at..at + run].iter().map(|word| digits(word)).sum::<usize>() >= NUMBER {
            ("a number", run)
        } else if parts(word).any(|part| names.contains(&part)) || is_proper(&words, at) {
            ("somebody", 1)
        } else {
            ("", 1)
        };
        if at > 0 {
            out.push(' ');
        }
        out.push_str(if instead.is_empty() { word } else { instead });
        let last = words[at + length - 1].chars().next_back();
        let ends = last.filter(|c| matches!(c, '.' | ',' | '?' | '!' | ';' | ':'));
        out.extend(ends.filter(|_| !instead.is_empty()));
        at += length;
    }
    out
}

/// A capital letter within a sentence: somebody's name, a place or a title. None of them has to leave.
fn is_proper(words: &[&str], at: usize) -> bool {
    let begins = at == 0 || words[at - 1].ends_with(['.', '?', '!', ':']);
    let mut letters = words[at].chars().filter(|c| c.is_alphabetic());
    let capital = letters.next().is_some_and(char::is_uppercase);
    !begins && capital && letters.next().is_some_and(char::is_lowercase)
}

/// The words of a name, plain: "Anna-Maria's" -> "anna", "maria".
fn parts(name: &str) -> impl Iterator<Item = String> {
    let name = name.to_lowercase().replace('’', "'");
    let parts: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|part| part.trim_matches('\'').trim_end_matches("'s").to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    parts.into_iter()
}

/// How many digits a word stands for.
fn digits(word: &str) -> usize {
    let written = word.chars().filter(char::is_ascii_digit).count();
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    written.max(usize::from(DIGITS.contains(&bare.as_str())))
}

/// How many words at the beginning are an address: "anna@example.org", "12 Mill Lane".
fn address(words: &[&str]) -> Option<usize> {
    let (first, others) = words.split_first()?;
    if first.contains('@') || first.contains("://") || is_address(&first.to_lowercase()) {
        return Some(1);
    }
    let street = |word: &&str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        STREETS.contains(&bare.as_str())
    };
    let end = others.iter().take(STREET_WORDS).position(street)?;
    // "The second square" is none; it begins with the number of a house.
    (first.starts_with(|c: char| c.is_ascii_digit()) && end > 0).then_some(end + 2)
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
        check("Bees dance. Bees dance. Bees", false, Ok("Bees dance. Bees"));
        check("Said before!", false, Err(Unfit::Repeat));
        check(
            "It is 3.5 miles at 8 a.m. there. Fine.",
            false,
            Ok("It is 3.5 miles at 8 a.m. there. Fine."),
        );
        check("He said \"go?\" Then he went.", false, Ok("Then he went."));
        check("Have a look at bees.example today.", false, Err(Unfit::Markup));
        check("It is bees dot com.", false, Err(Unfit::Markup));
        check("I'm going to ring her now.", false, Err(Unfit::Promise));
        check("Shall I call her?", true, Err(Unfit::Promise));
        check("My system prompt is short.", false, Err(Unfit::Pretence));
    }

    #[test]
    fn nothing_personal_leaves() {
        let told = "Anna's mail is anna@example.org, her number 555-0199, and she says hi";
        assert_eq!(
            redact(told, &["Anna Smith"]),
            "somebody mail is an address, her number a number, and she says hi"
        );
        for (told, leaves) in [
            ("i live at 12 Mill Lane with ANNA’s cat", "i live at an address with somebody cat"),
            ("it is oh one six three, ok", "it is a number, ok"),
            ("ring 555 01 99 or five", "ring a number or five"),
            ("see example.org and Anna-Maria", "see an address and somebody"),
            ("the two of us ate 3 pies", "the two of us ate 3 pies"),
        ] {
            assert_eq!(redact(told, &["Anna Smith"]), leaves);
        }
    }
}
