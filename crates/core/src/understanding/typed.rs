//! Alexa's own slot types that have a form: numbers, ordinals, telephone numbers, dates, times, durations.
//!
//! A span is recognised by its words alone, which is fast. Only for a span that was chosen is its
//! value worked out.

use duckling::{
    Context, DimensionKind, DimensionValue, Grain, Lang, Locale, Options, TimePoint, TimeValue,
};

use super::normalise::Token;

/// A slot type with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Typed {
    Number,
    FourDigits,
    Phone,
    Ordinal,
    Date,
    Time,
    Duration,
}

/// The longest span of each kind, in words.
const LONGEST: usize = 12;
/// The fewest digits of a telephone number, 911 and 112 among them.
const FEWEST_DIGITS: usize = 3;
/// The most digits of a telephone number (ITU-T E.164).
const MOST_DIGITS: usize = 15;

impl Typed {
    /// The kind behind one of Alexa's type names.
    #[must_use]
    pub fn of(slot_type: &str) -> Option<Self> {
        Some(match slot_type {
            "AMAZON.NUMBER" => Self::Number,
            "AMAZON.FOUR_DIGIT_NUMBER" => Self::FourDigits,
            "AMAZON.PhoneNumber" => Self::Phone,
            "AMAZON.Ordinal" => Self::Ordinal,
            "AMAZON.DATE" => Self::Date,
            "AMAZON.TIME" => Self::Time,
            "AMAZON.DURATION" => Self::Duration,
            _ => return None,
        })
    }

    /// Whether these words are hardly said for anything else: "half an hour" and "Monday" are not, "a second" and "one
    /// nice day" are.
    #[must_use]
    pub fn stands_out(self, words: &[Token]) -> bool {
        const VAGUE: &[&str] =
            &["day", "night", "week", "month", "year", "morning", "evening", "now"];
        match self {
            Self::Number | Self::FourDigits | Self::Ordinal => false,
            Self::Phone => true,
            Self::Date | Self::Time | Self::Duration => {
                words.len() > 1 || words.iter().any(|word| !VAGUE.contains(&word.text.as_str()))
            }
        }
    }

    /// What may be said for it.
    #[must_use]
    pub const fn examples(self) -> &'static [&'static str] {
        match self {
            Self::Number => &["7", "twenty", "50", "three", "12", "one hundred"],
            Self::FourDigits => &["1234", "nine zero two one"],
            Self::Phone => &["555 0100", "0 7 9 1 1 1 2 3", "+44 20 7946 0000"],
            Self::Ordinal => &["second", "third", "first"],
            Self::Date => {
                &["yesterday", "tomorrow", "monday", "today", "next week", "this weekend"]
            }
            Self::Time => &["7 pm", "6 am", "half past eight", "noon", "9 in the evening", "10 30"],
            Self::Duration => &["two hours", "10 minutes", "half an hour", "an hour"],
        }
    }

    /// Where spans of this kind that begin at `at` may end, the longest first.
    #[must_use]
    pub fn ends(self, tokens: &[Token], at: usize) -> Vec<usize> {
        let run = tokens[at.min(tokens.len())..]
            .iter()
            .take(LONGEST)
            .take_while(|token| self.admits(&token.text))
            .count();
        // The "am" of "I'm" is no time.
        let run = if run > 0 && super::normalise::is_part(tokens, at) { 0 } else { run };
        (1..=run)
            .rev()
            .filter(|length| self.is_whole(&tokens[at..at + length]))
            .map(|length| at + length)
            .collect()
    }

    /// Whether a word can be part of such a span.
    fn admits(self, word: &str) -> bool {
        match self {
            Self::Number => {
                is_number(word) || ["hundred", "thousand", "million", "and"].contains(&word)
            }
            Self::FourDigits => is_number(word) || ["oh", "o", "hundred"].contains(&word),
            Self::Phone => {
                is_number(word)
                    || ["oh", "o", "plus", "double", "triple", "hundred"].contains(&word)
            }
            Self::Ordinal => ordinal(word).is_some(),
            Self::Date => {
                is_number(word)
                    || ordinal(word).is_some()
                    || DATE_WORDS.contains(&word)
                    || DATE_LINKS.contains(&word)
            }
            Self::Time => {
                is_number(word)
                    || clock(word)
                    || TIME_WORDS.contains(&word)
                    || TIME_LINKS.contains(&word)
            }
            Self::Duration => {
                is_number(word)
                    || UNITS.contains(&word)
                    || ["a", "an", "half", "and", "couple", "few", "of", "the", "quarter", "rest"]
                        .contains(&word)
            }
        }
    }

    /// Whether such words together are a whole value.
    fn is_whole(self, words: &[Token]) -> bool {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
        let (first, last) = (first.text.as_str(), last.text.as_str());
        let any = |test: &dyn Fn(&str) -> bool| words.iter().any(|token| test(&token.text));
        match self {
            Self::Number => is_number(first) && last != "and",
            Self::FourDigits => digits(words).len() == 4,
            Self::Phone => (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits(words).len()),
            Self::Ordinal => words.len() == 1,
            Self::Date => {
                any(&|word| DATE_WORDS.contains(&word) || ordinal(word).is_some())
                    && !["of", "and", "the", "in", "on"].contains(&last)
                    && (first != "of" && first != "and")
            }
            Self::Time => {
                any(&|word| is_number(word) || clock(word) || TIME_WORDS.contains(&word))
                    && !TIME_LINKS.contains(&last)
                    && !["to", "past", "of"].contains(&first)
            }
            Self::Duration => {
                any(&|word| UNITS.contains(&word))
                    && !["and", "of", "the", "a", "an", "few", "couple"].contains(&last)
                    && !["and", "of"].contains(&first)
            }
        }
    }

    /// The value in Alexa's form, if the words have one without knowing today's date.
    #[must_use]
    pub fn value(self, said: &str, words: &[Token]) -> Option<String> {
        match self {
            Self::Number => number(words).map(|number| number.to_string()),
            Self::FourDigits => Some(digits(words)).filter(|digits| digits.len() == 4),
            Self::Phone => {
                let plus = said.trim_start().starts_with('+')
                    || words.first().is_some_and(|word| word.text == "plus");
                Some(format!("{}{}", if plus { "+" } else { "" }, digits(words)))
            }
            Self::Ordinal => {
                words.first().and_then(|word| ordinal(&word.text)).map(|n| n.to_string())
            }
            Self::Date => None,
            Self::Time => time(said),
            Self::Duration => duration(said),
        }
    }
}

const UNITS: &[&str] = &[
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "night",
    "nights",
    "evening",
    "afternoon",
    "morning",
    "weekend",
    "while",
];

const DATE_WORDS: &[&str] = &[
    "today",
    "tonight",
    "tomorrow",
    "yesterday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "weekend",
    "week",
    "month",
    "year",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "morning",
    "afternoon",
    "evening",
    "night",
    "day",
    "days",
    "weeks",
    "months",
    "christmas",
    "easter",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "decade",
    "now",
];
const DATE_LINKS: &[&str] =
    &["this", "next", "last", "the", "of", "in", "on", "and", "after", "before", "ago", "coming"];

const TIME_WORDS: &[&str] =
    &["noon", "midnight", "midday", "morning", "afternoon", "evening", "night"];
const TIME_LINKS: &[&str] = &["at", "in", "the", "past", "to", "half", "quarter", "of", "about"];

/// Words that close a time of day.
fn clock(word: &str) -> bool {
    ["am", "pm", "a", "p", "m", "oclock", "o", "clock", "tonight", "tomorrow"].contains(&word)
        || word.strip_suffix("am").or_else(|| word.strip_suffix("pm")).is_some_and(is_number)
}

pub(super) fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= MOST_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit())
}

const ORDINALS: &[&str] = &[
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

pub(super) fn ordinal(word: &str) -> Option<u64> {
    if let Some(at) = ORDINALS.iter().position(|ordinal| *ordinal == word) {
        return u64::try_from(at + 1).ok();
    }
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending))?;
    (digits.len() <= 4).then(|| digits.parse().ok()).flatten()
}

/// The digits of a number that is said in pieces: "5 5 5 0 1 double 0".
fn digits(words: &[Token]) -> String {
    let mut digits = String::new();
    let mut times = 1;
    for Token { text, .. } in words {
        match text.as_str() {
            "plus" => {}
            "double" => times = 2,
            "triple" => times = 3,
            "oh" | "o" => {
                digits.push_str(&"0".repeat(times));
                times = 1;
            }
            "hundred" => digits.push_str("00"),
            number => {
                digits.push_str(&number.repeat(times));
                times = 1;
            }
        }
        if digits.len() > MOST_DIGITS {
            break;
        }
    }
    digits
}

/// "2 hundred and 5" is 205; digits said one by one stand side by side.
fn number(words: &[Token]) -> Option<u64> {
    let (mut total, mut group) = (0_u64, 0_u64);
    let mut before_was_number = false;
    for Token { text, .. } in words {
        let is_number = is_number(text);
        match text.as_str() {
            "and" => {}
            "hundred" => group = group.max(1).checked_mul(100)?,
            "thousand" | "million" => {
                let factor = if text == "thousand" { 1_000 } else { 1_000_000 };
                total = total.checked_add(group.max(1).checked_mul(factor)?)?;
                group = 0;
            }
            number if before_was_number => {
                group = format!("{group}{number}").parse().ok()?;
            }
            number => group = group.checked_add(number.parse().ok()?)?,
        }
        before_was_number = is_number;
    }
    total.checked_add(group)
}

/// The moment duckling counts from. Only values that do not depend on it are taken.
const REFERENCE: &str = "2026-01-05T00:00:00+00:00";

/// A span read by duckling.
fn read<T>(
    said: &str,
    kind: DimensionKind,
    take: impl Fn(&DimensionValue) -> Option<T>,
) -> Option<T> {
    /// No value takes more letters to say; longer text is not handed to the parser.
    const MOST_CHARS: usize = 80;
    if said.chars().count() > MOST_CHARS || said.chars().any(char::is_control) {
        return None;
    }
    let said = said.to_lowercase();
    let locale = Locale::new(Lang::EN, None);
    let context = Context { reference_time: REFERENCE.parse().ok()?, locale };
    let options = Options { with_latent: true };
    let found = duckling::parse(&said, &locale, &[kind], &context, &options);
    found
        .iter()
        .find(|entity| entity.body.trim().len() == said.trim().len())
        .and_then(|entity| take(&entity.value))
}

/// `19:30`, or one of Alexa's parts of the day: MO, AF, EV, NI.
fn time(said: &str) -> Option<String> {
    let part = match said.to_lowercase().trim() {
        "morning" | "the morning" | "in the morning" => Some("MO"),
        "afternoon" | "the afternoon" | "in the afternoon" => Some("AF"),
        "evening" | "the evening" | "in the evening" => Some("EV"),
        "night" | "at night" | "the night" => Some("NI"),
        _ => None,
    };
    part.map(str::to_owned).or_else(|| {
        read(said, DimensionKind::Time, |value| match value {
            DimensionValue::Time(TimeValue::Single { value, .. }) => match value {
                TimePoint::Naive { value, .. } => Some(value.format("%H:%M").to_string()),
                // "in two hours" depends on when it is said.
                TimePoint::Instant { .. } => None,
            },
            _ => None,
        })
    })
}

/// `PT10M`, `P2D`.
fn duration(said: &str) -> Option<String> {
    let said = said.trim();
    let said = said.strip_prefix("the next ").unwrap_or(said);
    read(said, DimensionKind::Duration, |value| match value {
        DimensionValue::Duration { value, grain, .. } => Some(match grain {
            Grain::Second => format!("PT{value}S"),
            Grain::Minute => format!("PT{value}M"),
            Grain::Hour => format!("PT{value}H"),
            Grain::Day => format!("P{value}D"),
            Grain::Week => format!("P{value}W"),
            Grain::Month => format!("P{value}M"),
            Grain::Quarter => format!("P{}M", value * 3),
            Grain::Year => format!("P{value}Y"),
            Grain::NoGrain => return None,
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::normalise::tokens;

    #[test]
    fn a_span_is_recognised_and_valued() {
        let check = |kind: Typed, said: &str, expected: Option<&str>| {
            let tokens = tokens(said).expect("few words");
            let whole = kind.ends(&tokens, 0).first() == Some(&tokens.len());
            let got = whole.then(|| kind.value(said, &tokens)).flatten();
            assert_eq!(got.as_deref(), expected, "{kind:?} {said:?}");
        };
        check(Typed::Number, "seven", Some("7"));
        check(Typed::Number, "twenty one", Some("21"));
        check(Typed::Number, "two hundred and five", Some("205"));
        check(Typed::Number, "3 thousand", Some("3000"));
        check(Typed::Number, "one two three", Some("123"));
        check(Typed::Number, "green", None);
        check(Typed::FourDigits, "one two three four", Some("1234"));
        check(Typed::FourDigits, "nineteen eighty", Some("1980"));
        check(Typed::FourDigits, "12", None);
        check(Typed::Phone, "555 0100", Some("5550100"));
        check(Typed::Phone, "five five five oh one double oh", Some("5550100"));
        check(Typed::Phone, "+44 20 7946 0000", Some("+442079460000"));
        check(Typed::Phone, "12", None);
        check(Typed::Ordinal, "third", Some("3"));
        check(Typed::Ordinal, "22nd", Some("22"));
        check(Typed::Time, "7 pm", Some("19:00"));
        check(Typed::Time, "half past seven", Some("07:30"));
        check(Typed::Time, "seven in the morning", Some("07:00"));
        check(Typed::Time, "noon", Some("12:00"));
        check(Typed::Time, "ten p. m.", Some("22:00"));
        check(Typed::Time, "the evening", Some("EV"));
        check(Typed::Duration, "ten minutes", Some("PT10M"));
        check(Typed::Duration, "two hours", Some("PT2H"));
        check(Typed::Duration, "an hour", Some("PT1H"));
        check(Typed::Duration, "half an hour", Some("PT30M"));
    }
}
