//! Text as it was heard -> segments of plain lower-case words.

use std::collections::BTreeMap;

use crate::request::MAX_UTTERANCE_CHARS;

/// More segments than this in one turn is a recitation; the rest is not weighed.
const MAX_SEGMENTS: usize = 24;

/// One sentence of a turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) words: Vec<String>,
    /// The same words as they were said: "movie" where `words` has "film".
    pub(crate) said: Vec<String>,
    /// A bit for each word, so that most patterns are ruled out without being tried.
    pub(crate) mask: u128,
    /// It was written with a question mark.
    pub(crate) marked: bool,
}

/// The bit that stands for a word.
pub(crate) fn bit(word: &str) -> u128 {
    let hash = word
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    1 << ((hash ^ (hash >> 13)) % 128)
}

/// Spoken forms that mean the same: "what's" -> "what is", "favorite" -> "favourite".
#[derive(Debug, Clone, Default)]
pub(crate) struct Rewrites {
    pub(crate) table: BTreeMap<String, Vec<String>>,
    pub(crate) fillers: Vec<String>,
}

impl Rewrites {
    /// Splits `text` into sentences and those into words, at most two minutes of speech.
    pub(crate) fn segments(&self, text: &str) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut open = Segment::default();
        let (mut word, mut said) = (String::new(), String::new());
        for c in text.chars().take(MAX_UTTERANCE_CHARS).chain(['\n']) {
            match c {
                '\'' | '’' | '‘' if !word.is_empty() => {
                    word.push('\'');
                    said.push('\'');
                }
                c if c.is_alphanumeric() => {
                    word.extend(c.to_lowercase());
                    said.push(c);
                }
                c => {
                    self.push(&mut open, &mut word, &mut said);
                    if matches!(c, '.' | '!' | '?' | ';' | '\n' | '。' | '？' | '！') {
                        open.marked = matches!(c, '?' | '？');
                        if !open.words.is_empty() {
                            open.mask = open.words.iter().fold(0, |mask, word| mask | bit(word));
                            segments.push(std::mem::take(&mut open));
                        }
                        open = Segment::default();
                    }
                }
            }
            if segments.len() == MAX_SEGMENTS {
                break;
            }
        }
        segments
    }

    /// The words of an authored phrase.
    pub(crate) fn words(&self, text: &str) -> Vec<String> {
        self.segments(text).into_iter().flat_map(|s| s.words).collect()
    }

    fn push(&self, open: &mut Segment, word: &mut String, said: &mut String) {
        let (heard, said) = (std::mem::take(word), std::mem::take(said));
        let heard = heard.trim_end_matches('\'');
        if heard.is_empty() || self.fillers.iter().any(|f| f == heard) {
            return;
        }
        match self.table.get(heard) {
            Some(meant) if meant.len() > 1 => {
                open.words.extend(meant.iter().cloned());
                open.said.extend(meant.iter().cloned());
            }
            meant => {
                // A sentence begins with a capital letter, which says nothing about its first word.
                let first = open.said.is_empty();
                open.words.push(meant.map_or_else(|| heard.to_owned(), |meant| meant.concat()));
                let said = said.trim_end_matches('\'');
                open.said.push(if first { heard.to_owned() } else { said.to_owned() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let rewrites = Rewrites {
            table: BTreeMap::from([("what's".to_owned(), vec!["what".into(), "is".into()])]),
            fillers: vec!["um".into()],
        };
        let heard: Vec<String> =
            rewrites.segments(text).iter().map(|s| s.words.join(" ")).collect();
        assert_eq!(heard.join(" | "), expected);
    }

    #[test]
    fn speech_becomes_plain_words() {
        check("What’s that?  Um, FINE.", "what is that | fine");
        check("don't", "don't");
        check("", "");
        check("...?!", "");
        check("Привет, мир", "привет мир");
        check("a\u{0}b\tc", "a b c");
    }
}
