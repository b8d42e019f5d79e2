//! Words that ask for help nobody here can send.
//!
//! Hearthline reaches no emergency service. So these words must never ring a household, be taken for a
//! contact's name or be misheard in silence: whoever says them is told at once, and told what to do.
//! A false alarm costs a sentence; a missed one may cost a life. Hence the readiness to find one.

/// Numbers that are answered by an emergency service somewhere, and 988, the crisis line.
const NUMBERS: &[&str] = &["911", "112", "999", "000", "111", "110", "119", "988"];

/// Who is asked for. Longest first where one begins with another.
const SERVICES: &[&str] = &[
    "emergency medical services",
    "emergency services",
    "emergency service",
    "emergency number",
    "emergency line",
    "emergency",
    "police department",
    "police station",
    "police",
    "cops",
    "fire department",
    "fire brigade",
    "fire service",
    "fire station",
    "firefighters",
    "fire fighters",
    "firemen",
    "ambulance service",
    "ambulance",
    "paramedics",
    "paramedic",
    "coast guard",
    "coastguard",
    "poison control",
    "suicide hotline",
    "suicide line",
    "crisis line",
];

/// Verbs that ask to be put through.
const REACH: &[&str] = &[
    "call", "calling", "dial", "phone", "ring", "get", "send", "need", "want", "contact", "alert",
];

/// Words that change nothing about what is asked.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "me",
    "us",
    "my",
    "our",
    "please",
    "now",
    "quick",
    "quickly",
    "help",
    "oh",
    "god",
    "hey",
    "alexa",
    "i",
    "we",
    "you",
    "can",
    "could",
    "to",
    "for",
    "number",
    "somebody",
    "someone",
    "somewhere",
    "right",
    "away",
    "immediately",
    "fast",
    "on",
    "up",
    "through",
    "local",
];

/// Whether these words, a whole utterance or the name in "call …", ask for an emergency service.
#[must_use]
pub fn emergency(words: &str) -> bool {
    let text = words.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let is_in = |list: &[&str], word: &str| list.contains(&word);
    let mut rest = &words[..];
    // Asked for with a verb, it may stand amid other words: "call 911 my dad fell".
    let mut asked = false;
    let mut found = false;
    let mut only = true;
    while let Some((word, tail)) = rest.split_first() {
        if let Some(len) = target(rest) {
            found = true;
            if asked {
                return true;
            }
            rest = &rest[len..];
        } else if is_in(REACH, word) {
            asked = true;
            rest = tail;
        } else {
            if !is_in(FILLERS, word) {
                asked = false;
                only = false;
            }
            rest = tail;
        }
    }
    found && only
}

/// How many of the first words name an emergency number or service.
fn target(words: &[&str]) -> Option<usize> {
    number(words).or_else(|| {
        SERVICES.iter().find_map(|service| {
            let service: Vec<&str> = service.split(' ').collect();
            words.starts_with(&service).then_some(service.len())
        })
    })
}

/// An emergency number in digits or spoken, and nothing more: in "911 555 0100" there is none.
fn number(words: &[&str]) -> Option<usize> {
    let mut digits = String::new();
    let mut len = 0;
    let mut times = 1;
    for word in words {
        match *word {
            "double" => times = 2,
            "triple" | "treble" => times = 3,
            word => {
                let Some(spoken) = digit(word) else { break };
                digits.extend(std::iter::repeat_n(spoken, times));
                times = 1;
            }
        }
        len += 1;
        if digits.len() > 3 {
            return None;
        }
    }
    NUMBERS.contains(&digits.as_str()).then_some(len)
}

fn digit(word: &str) -> Option<&str> {
    Some(match word {
        "zero" | "oh" | "o" => "0",
        "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "eleven" => "11",
        "twelve" => "12",
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn emergency_words() {
        for words in [
            "911",
            "9-1-1",
            "9 1 1",
            "nine one one",
            "Nine eleven.",
            "nine double one",
            "999",
            "triple nine",
            "nine nine nine",
            "112",
            "one one two",
            "one twelve",
            "triple zero",
            "988",
            "the police",
            "police",
            "the cops",
            "emergency services",
            "an ambulance",
            "ambulance please",
            "the fire department",
            "fire brigade",
            "poison control",
            "call 911",
            "call nine one one please",
            "please dial 999 now",
            "call the police",
            "can you call me an ambulance",
            "I need an ambulance",
            "get help, call 911, my dad fell",
            "someone broke in, call the police",
            "send an ambulance to the old mill",
            "it's an emergency, I need the fire brigade",
            "emergency",
            "emergency call",
            "call emergency",
            "Alexa, call 9 1 1!",
        ] {
            assert!(emergency(words), "{words}");
        }
    }

    #[test]
    fn other_words() {
        for words in [
            "",
            "grandma",
            "call grandma",
            "call Priya",
            "911 555 0100",
            "call 555 0911",
            "call 1 999 555 0100",
            "nine",
            "nine one",
            "call nine one",
            "help",
            "please call",
            "I read a book about the police",
            "the ambulance came by yesterday and then we talked",
            "my brother is a paramedic",
            "let's talk about fire",
            "double",
            "triple",
            "call",
        ] {
            assert!(!emergency(words), "{words}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(words in "\\PC{0,200}") {
            let _ = emergency(&words);
        }

        /// Whatever stands before it, who asks for the police is heard.
        #[test]
        fn a_call_for_help_is_heard_anywhere(before in "[a-z ]{0,40}", after in "[a-z ]{0,40}") {
            let words = format!("{} call the police {}", before, after);
            prop_assert!(emergency(&words), "{}", words);
        }
    }
}
