//! What whisper writes, made into what was said.

/// The longest phrase that the decoder is known to repeat, in words.
const LONGEST_PHRASE: usize = 12;
/// How often people say the same thing in a row ("no, no, no"); beyond it, it is the decoder.
const SAID_AT_MOST: usize = 3;

/// Removes noises in brackets, stars and notes, and joins the lines.
pub(super) fn clean(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut closing = None;
    for char in raw.chars() {
        match (closing, char) {
            (Some(end), _) if char == end => closing = None,
            (Some(_), _) | (None, '♪' | '♫') => {}
            (None, '[') => closing = Some(']'),
            (None, '(') => closing = Some(')'),
            (None, '*') => closing = Some('*'),
            (None, _) => text.push(char),
        }
    }
    let words = without_loops(text.split_whitespace().collect());
    let text = words.join(" ");
    // Punctuation alone is what remains of a noise.
    if text.chars().any(char::is_alphanumeric) { text } else { String::new() }
}

/// Short audio contexts can make the decoder say a phrase again and again until its tokens end.
fn without_loops(words: Vec<&str>) -> Vec<&str> {
    let plain = |word: &str| -> String {
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let keys: Vec<String> = words.iter().map(|word| plain(word)).collect();
    for start in 0..keys.len() {
        for len in 1..=LONGEST_PHRASE.min((keys.len() - start) / 2) {
            let (phrase, rest) = keys[start..].split_at(len);
            let again = rest.chunks_exact(len).take_while(|next| *next == phrase).count();
            if again >= SAID_AT_MOST {
                // What follows a loop is more of the same, cut off by the token limit.
                return words[..start + len].to_vec();
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, clean_text: &str) {
        assert_eq!(clean(raw), clean_text);
    }

    #[test]
    fn noises_go_and_words_stay() {
        check(" Call grandma.", "Call grandma.");
        check(" [BLANK_AUDIO]", "");
        check(" (dog barking) Let's chat!", "Let's chat!");
        check(" *sighs* Hang up", "Hang up");
        check(" ♪ la la ♪", "la la");
        check(" ...", "");
        check(" [unclosed", "");
        check("", "");
        check(" Play  my\nmessages", "Play my messages");
    }

    #[test]
    fn a_phrase_said_too_often_is_said_once() {
        check("no, no, no", "no, no, no");
        check("Call Ana. Call Ana. Call Ana. Call Ana. Call", "Call Ana.");
        check("play the the the the the", "play the");
        check("bye bye bye", "bye bye bye");
    }
}
