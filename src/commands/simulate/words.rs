//! Which words of a turn carry meaning, and what a reply does with them.
//!
//! Judged here with our own list of empty words, not the socialbot's: it must not mark its own work.

use std::collections::BTreeSet;

/// So many words in a row, taken over from the turn, are an echo rather than an acknowledgement.
const COPY: usize = 4;

/// Words that are about nothing: grammar, courtesy, and the small change of talk.
const EMPTY: &str = "a about actually after again ah all almost alright also always am an and another any \
    anybody anyone anything anyway are aren't around as at away back be because been before being bit but by \
    bye can can't could couldn't dear did didn't do does doesn't doing don't done down each eh either else \
    enough er even ever every everybody everyone everything few fine for from get gets getting give go goes \
    going gone gonna good goodbye got great had hadn't haha has hasn't have haven't having he he's hello her \
    here hers hey hi him his hm hmm how how's i i'd i'll i'm i've if in into is isn't it it's its just keep \
    kind know last let let's like look lot lots made make many may maybe me mean might mine more most much \
    must my myself never next nice no nobody nope not nothing now of off oh ok okay on once one only or other \
    our out over own perhaps please pretty probably quite rather real really right said same say says see \
    seem she she's should so some somebody someone something sometimes somewhere sort sorry still stuff such \
    sure take talk tell than thank thanks that that's the their them then there there's these they they're \
    thing things think this those though thought through till to today together told too try turn um uh under \
    until up upon us use used usually very wait wanna want wants was wasn't way we we're we've well went were \
    weren't what what's when where where's which while who who's whole whom whose why will wish with without \
    won't would wouldn't yeah yep yes yet you you'd you'll you're you've your yours yourself";

/// The words of `text`, in small letters.
pub(super) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\'').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The stems of the words that carry meaning; names are among them.
pub(super) fn content(text: &str) -> BTreeSet<String> {
    static EMPTY_WORDS: std::sync::LazyLock<BTreeSet<&str>> =
        std::sync::LazyLock::new(|| EMPTY.split_whitespace().collect());
    let carries = |word: &String| word.len() > 1 && !EMPTY_WORDS.contains(word.as_str());
    words(text).into_iter().filter(carries).map(|word| stem(&word)).collect()
}

/// Whether the reply picks up a content word of the turn; `None` if the turn has none.
pub(super) fn picks_up(turn: &str, reply: &str) -> Option<bool> {
    let wanted = content(turn);
    (!wanted.is_empty()).then(|| words(reply).iter().any(|word| wanted.contains(&stem(word))))
}

/// Whether the reply says four words of the turn in a row.
pub(super) fn copies(turn: &str, reply: &str) -> bool {
    let (turn, reply) = (words(turn), words(reply));
    turn.windows(COPY).any(|row| reply.windows(COPY).any(|said| said == row))
}

/// "gardens", "gardening" and "gardened" are the same word to us. Crude, and enough to compare.
fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let cut = |suffix: &str| word.strip_suffix(suffix).filter(|stem| stem.len() >= 3);
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    let stem = cut("ing").or_else(|| cut("ed"));
    let plural = || word.strip_suffix('s').filter(|s| s.len() >= 3 && !s.ends_with('s'));
    let stem = stem.or_else(plural).unwrap_or(word);
    // "baking" and "bake", "running" and "run".
    let stem = stem.strip_suffix('e').filter(|s| s.len() >= 3).unwrap_or(stem);
    let mut letters = stem.chars().rev();
    let doubled = letters.next().zip(letters.next()).is_some_and(|(a, b)| a == b && a != 's');
    if doubled && stem.len() > 3 { stem[..stem.len() - 1].to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_picks_up_a_word_in_any_of_its_forms() {
        for (turn, reply, picked) in [
            ("I was gardening", "What grows in the garden?", Some(true)),
            ("we bake", "Baking fills a house with a good smell.", Some(true)),
            ("my sister's running again", "A run clears the head.", Some(true)),
            ("the babies", "A baby.", Some(true)),
            ("the cat", "Dogs are nice.", Some(false)),
            ("oh I see", "You do.", None),
            ("yes", "Yes.", None),
        ] {
            assert_eq!(picks_up(turn, reply), picked, "{turn} / {reply}");
        }
    }

    #[test]
    fn four_words_in_a_row_are_a_copy() {
        assert!(copies("we went to the sea", "So you went to the sea."));
        assert!(!copies("we went to the sea", "The sea, and you went to it."));
        assert!(!copies("to the sea", "To the sea."));
    }
}
