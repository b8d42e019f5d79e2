//! Short answers and corrections as people say them: "the second one", "no, Anna", "sorry, I meant Dad".
//!
//! The contract: [`Reply::read`] takes words and says what shape they have, and which part of them is the name. Who
//! is behind the name, and whether the words are an answer at all, is decided by whoever asked.

use crate::understanding::normalise::{self, Token};

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply<'t> {
    /// "Yes" or "no" at its head.
    pub(super) agrees: Option<bool>,
    /// It says in so many words that somebody else was meant.
    pub(super) corrects: bool,
    /// "No, call Dad": what is wanted of the name.
    pub(super) verb: Option<Verb>,
    pub(super) whom: Whom<'t>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Call,
    Message,
}

/// Whom an answer points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom<'t> {
    /// Nothing is said about it.
    Open,
    /// "Neither", "none of them".
    Nobody,
    /// "Someone else".
    SomebodyElse,
    /// "The first one": its place, from 0.
    Place(usize),
    /// "The last one".
    Last,
    /// "The other one", "the other Ana".
    Other(Option<&'t str>),
    /// A name, or whatever stands where one could.
    Name(&'t str),
}

/// What softens what follows and means nothing here.
const SOFT: &[&str] = &[
    "oh",
    "sorry",
    "i am sorry",
    "oops",
    "actually",
    "wait",
    "hang on",
    "hold on",
    "hey",
    "well",
    "please",
    "my mistake",
    "my bad",
    "excuse me",
    "so",
    "um",
    "ah",
    "er",
    "stop stop",
];
const YES: &[&str] = &["yes", "yeah", "yep", "yup", "yes please"];
const NO: &[&str] = &["no", "nope", "nah"];
/// The one we named is wrong.
const WRONG: &[&str] = &[
    "that is the wrong person",
    "that was the wrong person",
    "that is the wrong 1",
    "the wrong person",
    "that is not the right person",
    "not the right person",
    "that is not who i meant",
    "that is not right",
    "that is wrong",
    "that was wrong",
    "wrong person",
    "wrong name",
    "wrong 1",
    "the wrong 1",
    "i did not mean her",
    "i did not mean him",
    "i did not mean them",
    "i did not mean that",
    "not that 1",
    "not this 1",
    "not that",
    "not her",
    "not him",
    "not them",
];
/// What follows is the right one.
const MEANT: &[&str] = &[
    "i meant to say",
    "i meant",
    "i mean",
    "i was thinking of",
    "i said",
    "i wanted",
    "it should have been",
    "it should be",
    "that should be",
    "should be",
    "make that",
    "make it",
    "rather",
    "change it to",
];
/// What may stand before a name and adds nothing.
const LINKS: &[&str] = &[
    "it is",
    "it was",
    "that is",
    "that would be",
    "this is",
    "i want",
    "i would like",
    "i choose",
    "the 1 called",
    "let us say",
    "how about",
    "maybe",
    "but",
    "for",
    "to",
    "with",
    "of course",
    "just",
    "try",
    "say",
    "is it",
];
const CALL: &[&str] = &["call", "ring", "phone", "dial", "talk to", "put me through to"];
const MESSAGE: &[&str] = &[
    "send the message to",
    "send a message to",
    "send that to",
    "send it to",
    "message",
    "text",
    "tell",
    "write to",
];
/// What may stand behind a name and adds nothing.
const CLOSINGS: &[&str] =
    &["please", "thank you", "thanks", "then", "of course", "i think", "i guess", "for now"];
/// What stands behind a name and says that it is the right one.
const MEANT_BEHIND: &[&str] =
    &["instead", "i meant", "i mean", "not her", "not him", "not them", "rather"];
const NOBODY: &[&str] = &[
    "neither",
    "neither of them",
    "neither of those",
    "neither of these",
    "neither 1",
    "none",
    "none of them",
    "none of those",
    "none of these",
    "not any of them",
    "nobody",
    "no 1",
    "not 1 of them",
];
const SOMEBODY_ELSE: &[&str] = &[
    "someone else",
    "somebody else",
    "another person",
    "a different person",
    "another 1",
    "someone different",
];
const PLACES: &[&[&str]] = &[
    &["first", "1st", "former", "number 1", "1"],
    &["second", "2nd", "number 2", "2"],
    &["third", "3rd", "number 3", "3"],
];
const LAST: &[&str] = &["last", "latter", "very last"];

impl<'t> Reply<'t> {
    /// Reads `text`; `is_name` says whether words name somebody exactly, for "not Anna, Hannah".
    pub(super) fn read(text: &'t str, is_name: impl Fn(&str) -> bool) -> Self {
        let mut tokens = normalise::tokens(text).unwrap_or_default();
        normalise::drop_noise(&mut tokens);
        let mut words = &tokens[..];
        let (mut agrees, mut corrects, mut verb) = (None, false, None);
        loop {
            let before = words.len();
            skip(&mut words, SOFT);
            // "No one" is nobody and "no" is no.
            if !is_one_of(words, NOBODY) && skip(&mut words, NO) {
                agrees = Some(false);
            } else if skip(&mut words, YES) {
                agrees = Some(true);
            }
            if skip(&mut words, WRONG) {
                (agrees, corrects) = (Some(false), true);
            }
            corrects |= skip(&mut words, MEANT);
            skip(&mut words, LINKS);
            if skip(&mut words, CALL) {
                verb = Some(Verb::Call);
            } else if skip(&mut words, MESSAGE) {
                verb = Some(Verb::Message);
            }
            if let Some(rest) = after_wrong_name(text, words, &is_name) {
                (agrees, corrects) = (Some(false), true);
                words = rest;
            }
            if words.len() == before {
                break;
            }
        }
        loop {
            let before = words.len();
            skip_behind(&mut words, CLOSINGS);
            corrects |= skip_behind(&mut words, MEANT_BEHIND);
            if words.len() == before {
                break;
            }
        }
        Self { agrees, corrects, verb, whom: whom(text, words) }
    }

    /// Whether it turns down what was asked or done.
    pub(super) fn refuses(&self) -> bool {
        self.corrects || self.agrees == Some(false)
    }
}

fn whom<'t>(text: &'t str, words: &[Token]) -> Whom<'t> {
    let Some(all) = said(text, words) else { return Whom::Open };
    if is_one_of(words, NOBODY) {
        return Whom::Nobody;
    }
    if is_one_of(words, SOMEBODY_ELSE) {
        return Whom::SomebodyElse;
    }
    let is = |token: &Token, word: &str| token.text == word;
    let mut core = words;
    if core.len() > 1 && is(&core[0], "the") {
        core = &core[1..];
    }
    if core.len() > 1 && core.last().is_some_and(|last| is(last, "1") || is(last, "person")) {
        core = &core[..core.len() - 1];
    }
    if let Some(place) = PLACES.iter().position(|words| is_one_of(core, words)) {
        return Whom::Place(place);
    }
    if is_one_of(core, LAST) {
        return Whom::Last;
    }
    match core {
        [other] if is(other, "other") => Whom::Other(None),
        [other, rest @ ..] if is(other, "other") => Whom::Other(said(text, rest)),
        _ => Whom::Name(all),
    }
}

/// "Not Anna, Hannah", "not Anna but Hannah": what comes after the name that is turned down.
fn after_wrong_name<'w>(
    text: &str,
    words: &'w [Token],
    is_name: &impl Fn(&str) -> bool,
) -> Option<&'w [Token]> {
    const MOST_NAME_WORDS: usize = 4;
    let (not, rest) = words.split_first()?;
    if not.text != "not" {
        return None;
    }
    // The shortest name, so that the other one is left.
    let end = (1..=MOST_NAME_WORDS.min(rest.len()))
        .find(|end| said(text, &rest[..*end]).is_some_and(is_name))?;
    Some(&rest[end..])
}

/// The words as they stand in the text.
fn said<'t>(text: &'t str, words: &[Token]) -> Option<&'t str> {
    Some(&text[words.first()?.start..words.last()?.end])
}

fn is_one_of(words: &[Token], phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| length_at_head(words, phrase) == Some(words.len()))
}

/// How many of `words` the phrase takes at their head.
fn length_at_head(words: &[Token], phrase: &str) -> Option<usize> {
    let mut length = 0;
    for word in phrase.split(' ') {
        if words.get(length)?.text != word {
            return None;
        }
        length += 1;
    }
    Some(length)
}

fn skip(words: &mut &[Token], phrases: &[&str]) -> bool {
    let longest = phrases.iter().filter_map(|phrase| length_at_head(words, phrase)).max();
    match longest {
        Some(length) => {
            *words = &words[length..];
            true
        }
        None => false,
    }
}

fn skip_behind(words: &mut &[Token], phrases: &[&str]) -> bool {
    let fits = |phrase: &&&str| {
        let length = phrase.split(' ').count();
        words.len() > length
            && length_at_head(&words[words.len() - length..], phrase) == Some(length)
    };
    match phrases.iter().find(fits) {
        Some(phrase) => {
            *words = &words[..words.len() - phrase.split(' ').count()];
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_people_say_them() {
        let check = |text: &str, expected: &str| {
            let names = ["anna", "hannah", "dad"];
            let reply = Reply::read(text, |name| names.contains(&name.to_lowercase().as_str()));
            let mut shown = match reply.agrees {
                Some(true) => "yes ".to_owned(),
                Some(false) => "no ".to_owned(),
                None => String::new(),
            };
            if reply.corrects {
                shown.push_str("corrects ");
            }
            if let Some(verb) = reply.verb {
                shown.push_str(&format!("{verb:?} "));
            }
            shown.push_str(&match reply.whom {
                Whom::Name(name) => name.to_owned(),
                other => format!("{other:?}"),
            });
            assert_eq!(shown, expected, "{text:?}");
        };
        check("Hannah", "Hannah");
        check("Hannah, please.", "Hannah");
        check("to dad", "dad");
        check("it's for my sister", "my sister");
        check("my neighbour", "my neighbour");
        check("the first one", "Place(0)");
        check("first", "Place(0)");
        check("the second", "Place(1)");
        check("number two", "Place(1)");
        check("the last one please", "Last");
        check("the other one", "Other(None)");
        check("no, the other one", "no Other(None)");
        check("no, the other Ana", "no Other(Some(\"Ana\"))");
        check("neither", "Nobody");
        check("no, neither of them", "no Nobody");
        check("none of them", "Nobody");
        check("no one", "Nobody");
        check("someone else", "SomebodyElse");
        check("no", "no Open");
        check("no no no", "no Open");
        check("yes", "yes Open");
        check("no, Anna", "no Anna");
        check("no I meant dad", "no corrects dad");
        check("I meant dad", "corrects dad");
        check("dad I meant", "corrects dad");
        check("dad instead", "corrects dad");
        check("oh sorry, wrong person", "no corrects Open");
        check("no, not her, Hannah", "no corrects Hannah");
        check("not Anna, Hannah", "no corrects Hannah");
        check("no, not Anna but Hannah", "no corrects Hannah");
        check("not Anna", "no corrects Open");
        check("no, call dad", "no Call dad");
        check("no, send it to dad please", "no Message dad");
        check("I said Hannah", "corrects Hannah");
        check("make it dad", "corrects dad");
        check("", "Open");
        check("please", "Open");
        check("not at all", "not at all");
        check("tomorrow I meant to bring the first one", "tomorrow I meant to bring the first one");
    }

    proptest::proptest! {
        /// Whatever is said, a name is a part of what was said.
        #[test]
        fn a_name_stands_in_the_text(text in "(no|not|anna|i meant|the other|one|wrong person|it's|\\PC{0,4}|,| ){0,10}") {
            let reply = Reply::read(&text, |name| name == "anna");
            if let Whom::Name(name) | Whom::Other(Some(name)) = reply.whom {
                assert!(!name.is_empty() && text.contains(name));
            }
        }
    }
}
