//! What needs no book: the clock, the calendar and small sums.

use jiff::civil::DateTime;

use super::listen::Heard;

/// A larger number is said in digits by nobody.
const MOST: f64 = 1e12;

/// "What time is it", "what day is it today".
pub(crate) fn clock(heard: &Heard, here: DateTime) -> Option<String> {
    let asked = heard.segments.iter().find_map(|segment| {
        let words: Vec<&str> = segment.words.iter().map(String::as_str).collect();
        // "do you know what time it is" as well as "what time is it".
        let start = words.iter().position(|word| *word == "what")?;
        match &words[start..] {
            ["what", "time", "is", "it" | "now", ..] | ["what", "time", "it", "is", ..] => {
                Some("time")
            }
            ["what", "is", "the", "time", ..] | ["what", "the", "time", "is", ..] => Some("time"),
            ["what", "day", "is", "it" | "today", ..] | ["what", "day", "it", "is", ..] => {
                Some("day")
            }
            ["what", "day", "of", "the", "week", ..] => Some("day"),
            ["what", "is", "the", "date", ..] | ["what", "is", "today" | "today's", "date", ..] => {
                Some("date")
            }
            ["what", "date", "is", "it", ..] | ["what", "date", "it", "is", ..] => Some("date"),
            ["what", "year", "is", "it", ..] | ["what", "year", "it", "is", ..] => Some("year"),
            ["what", "month", "is", "it", ..] | ["what", "month", "it", "is", ..] => Some("month"),
            _ => None,
        }
    })?;
    let date = here.strftime("%A, %B %-d").to_string();
    Some(match asked {
        "time" => format!("By my clock it is {}.", here.strftime("%-I:%M %p")),
        "day" => format!("Today is {date}."),
        "date" => format!("It is {date}, {}.", here.year()),
        "month" => format!("We are in {}.", here.strftime("%B")),
        _ => format!("The calendar says {}.", here.year()),
    })
}

/// "What is seven times eight", "fifteen percent of eighty", "half of ninety".
pub(crate) fn sum(heard: &Heard) -> Option<String> {
    heard.segments.iter().find_map(|segment| {
        let words: Vec<&str> = segment.words.iter().map(String::as_str).collect();
        let start = words
            .iter()
            .position(|word| is_number(word) || matches!(*word, "half" | "square" | "twice"))?;
        let (value, said) = expression(&words[start..])?;
        let value = (value * 1e4).round() / 1e4;
        (value.is_finite() && value.abs() < MOST).then(|| format!("{said} is {}.", plain(value)))
    })
}

fn expression(words: &[&str]) -> Option<(f64, String)> {
    match words {
        ["half", "of", rest @ ..] => {
            whole(rest).map(|n| (n / 2.0, format!("Half of {}", plain(n))))
        }
        ["twice", rest @ ..] => whole(rest).map(|n| (n * 2.0, format!("Twice {}", plain(n)))),
        ["square", "root", "of", rest @ ..] => {
            whole(rest).map(|n| (n.sqrt(), format!("The square root of {}", plain(n))))
        }
        _ => {
            let (a, used) = number(words)?;
            let (operator, rest) = words[used..].split_first()?;
            let (word, rest) = operation(operator, rest)?;
            let b = whole(rest)?;
            let value = match word {
                "plus" => a + b,
                "minus" => a - b,
                "times" => a * b,
                "divided by" => a / b,
                _ => a * b / 100.0,
            };
            Some((value, format!("{} {word} {}", plain(a), plain(b))))
        }
    }
}

/// How the operation is spoken back, and what stands after it.
fn operation<'w>(operator: &str, rest: &'w [&'w str]) -> Option<(&'static str, &'w [&'w str])> {
    Some(match (operator, rest) {
        ("plus" | "and", rest) => ("plus", rest),
        ("minus", rest) => ("minus", rest),
        ("times" | "x", rest) | ("multiplied", ["by", rest @ ..]) => ("times", rest),
        ("divided", ["by", rest @ ..]) | ("over", rest) => ("divided by", rest),
        ("percent", ["of", rest @ ..]) => ("percent of", rest),
        _ => return None,
    })
}

/// A number with nothing after it.
fn whole(words: &[&str]) -> Option<f64> {
    let (value, used) = number(words)?;
    (used == words.len()).then_some(value)
}

fn is_number(word: &str) -> bool {
    small(word).is_some() || word.parse::<u32>().is_ok()
}

/// The number at the start, and how many words it takes.
fn number(words: &[&str]) -> Option<(f64, usize)> {
    if let Some(value) = words.first().and_then(|word| word.parse::<u32>().ok()) {
        return Some((f64::from(value), 1));
    }
    let (mut total, mut group, mut used) = (0_u64, 0_u64, 0);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "hundred" if used > 0 => group = group.max(1) * 100,
            "thousand" if used > 0 => (total, group) = (total + group.max(1) * 1000, 0),
            "and"
                if used > 0
                    && words.get(at + 1).is_some_and(|next| small(next).is_some())
                    && group >= 100 => {}
            word => match small(word) {
                Some(value) => group += value,
                None => break,
            },
        }
        used = at + 1;
    }
    (used > 0).then_some(((total + group) as f64, used))
}

fn small(word: &str) -> Option<u64> {
    const UNITS: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let at = |names: &[&str]| {
        names.iter().position(|name| *name == word).and_then(|at| u64::try_from(at).ok())
    };
    at(&UNITS).or_else(|| at(&TENS).map(|at| (at + 2) * 10))
}

fn plain(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::words::Rewrites;

    #[track_caller]
    fn check(said: &str, expected: Option<&str>) {
        let heard = Heard { segments: Rewrites::default().segments(said), ..Heard::default() };
        assert_eq!(sum(&heard).as_deref(), expected, "{said}");
    }

    #[test]
    fn small_sums_are_done() {
        check("what is seven times eight", Some("7 times 8 is 56."));
        check("what is 12 plus 30", Some("12 plus 30 is 42."));
        check("how much is fifteen percent of eighty", Some("15 percent of 80 is 12."));
        check("two hundred and five minus one", Some("205 minus 1 is 204."));
        check("what is half of ninety", Some("Half of 90 is 45."));
        check("what is the square root of forty nine", Some("The square root of 49 is 7."));
        check("ten divided by three", Some("10 divided by 3 is 3.3333."));
        check("one divided by zero", None);
        check("i have two dogs and three cats", None);
        check("one of my sisters", None);
        check("", None);
    }

    #[test]
    fn the_clock_is_read() {
        let here = jiff::civil::date(2026, 11, 25).at(15, 5, 0, 0);
        let heard = Heard {
            segments: Rewrites::default().segments("what time is it now"),
            ..Heard::default()
        };
        assert_eq!(clock(&heard, here).as_deref(), Some("By my clock it is 3:05 PM."));
        let heard = Heard {
            segments: Rewrites::default().segments("what day is it today"),
            ..Heard::default()
        };
        assert_eq!(clock(&heard, here).as_deref(), Some("Today is Wednesday, November 25."));
    }
}
