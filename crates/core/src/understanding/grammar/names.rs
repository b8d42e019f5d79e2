//! Which words can be a name that nobody listed.

use super::Token;

/// Words that no unknown name begins with, ends with or holds: they are grammar, not names. Without
/// this, "call it a day" would be a call to somebody named "it a day".
const NO_NAME: &[&str] = &[
    "a",
    "about",
    "again",
    "all",
    "am",
    "an",
    "and",
    "any",
    "anybody",
    "anyone",
    "are",
    "as",
    "at",
    "away",
    "back",
    "because",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "down",
    "everybody",
    "everyone",
    "for",
    "from",
    "get",
    "give",
    "had",
    "has",
    "have",
    "he",
    "her",
    "here",
    "him",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "just",
    "let",
    "me",
    "more",
    "no",
    "nobody",
    "not",
    "now",
    "of",
    "off",
    "on",
    "one",
    "or",
    "our",
    "out",
    "over",
    "please",
    "she",
    "so",
    "some",
    "somebody",
    "someone",
    "something",
    "that",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "too",
    "up",
    "us",
    "was",
    "we",
    "what",
    "when",
    "where",
    "which",
    "who",
    "whoever",
    "why",
    "will",
    "with",
    "would",
    "yes",
    "you",
    "your",
];
/// Words that may stand only before a name: "my aunt", "the plumber".
const BEFORE_NAME: &[&str] = &["my", "the", "our", "mr", "mrs", "ms", "dr"];

/// Whether these words can be a name.
pub(super) fn could_be_name(tokens: &[Token]) -> bool {
    let Some((last, before)) = tokens.split_last() else { return false };
    let grammar = |token: &Token| is_grammar(&token.text);
    let only_before = |token: &Token| BEFORE_NAME.contains(&token.text.as_str());
    !tokens
        .iter()
        .any(|token| grammar(token) || token.text.chars().any(|letter| letter.is_ascii_digit()))
        && !only_before(last)
        && !before.iter().skip(1).any(only_before)
}

/// Whether a word is grammar, and says nothing by itself.
#[must_use]
pub fn is_grammar(word: &str) -> bool {
    NO_NAME.contains(&word)
}

/// Whom one speaks of without a name, and so no beginning of one.
const NO_BEGINNING: &[&str] = &[
    "me",
    "him",
    "her",
    "us",
    "them",
    "it",
    "everyone",
    "everybody",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "nobody",
];

/// Whether a recogniser may have made these words of a name. Nearly any can be, "be a trees" of Beatrice.
pub(super) fn could_be_misheard(tokens: &[Token]) -> bool {
    let Some(first) = tokens.first() else { return false };
    let grammar = |token: &Token| is_grammar(&token.text);
    let alone = tokens.len() == 1;
    !(NO_BEGINNING.contains(&first.text.as_str()) || (alone && grammar(first)))
}
