//! Days, weeks, months and seasons as Alexa writes them: AMAZON.DATE.
//!
//! `2026-11-25`, `2026-W48`, `2026-W48-WE`, `2026-11`, `2026`, `202X`, `2026-WI`, `PRESENT_REF`. Words alone mean what is
//! to come, as Alexa has it: "Monday" is the next one, and so is "next Monday".

use jiff::civil::{Date, Weekday, date};
use jiff::{Span, ToSpan};

use super::normalise;
use super::typed::{is_number, ordinal};

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
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
];
/// Seasons, Alexa's letters for them, and the month in which they begin (in the north).
const SEASONS: [(&str, &str, i8); 5] = [
    ("spring", "SP", 3),
    ("summer", "SU", 6),
    ("autumn", "FA", 9),
    ("fall", "FA", 9),
    ("winter", "WI", 12),
];
const PARTS_OF_DAY: [&str; 4] = ["morning", "afternoon", "evening", "night"];
/// Words that say nothing about which day is meant.
const LINKS: [&str; 9] = ["on", "in", "for", "of", "the", "coming", "and", "at", "a"];

/// Which of several weeks or months: of today, the one after, the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// "Monday".
    Bare,
    This,
    Next,
    Last,
}

impl Which {
    /// How many periods from the present one.
    const fn steps(self) -> i64 {
        match self {
            Self::Bare | Self::This => 0,
            Self::Next => 1,
            Self::Last => -1,
        }
    }
}

/// The value of words that name a day or a longer time, said on `today`; `None` if they name none.
#[must_use]
pub fn value(said: &str, today: Date) -> Option<String> {
    let tokens = normalise::tokens(said)?;
    let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    let ago = words.contains(&"ago");
    let ahead = words.first() == Some(&"in");
    let mut words: Vec<&str> =
        words.into_iter().filter(|word| !LINKS.contains(word) && *word != "ago").collect();
    // "Monday morning" is Monday; "this morning" is today.
    let part = words.last().is_some_and(|word| PARTS_OF_DAY.contains(word));
    if part {
        words.pop();
    }
    if let Some(days) = near(&words, part) {
        return day(today.checked_add(days).ok()?);
    }
    if (ago || ahead)
        && let Some(then) = counted(&words, ago)
    {
        return from_now(today, then);
    }
    let (which, words) = which(&words);
    match words {
        ["now"] => Some("PRESENT_REF".to_owned()),
        [weekday] if WEEKDAYS.contains(weekday) => day(on_weekday(today, weekday, which)?),
        ["week", "after", "next"] => week(today, 2),
        // "Weekend" alone is this one; "week" alone is no particular one.
        ["week"] if which != Which::Bare => week(today, which.steps()),
        ["weekend"] => Some(format!("{}-WE", week(today, which.steps())?)),
        ["month"] if which != Which::Bare => month(step(today, which.steps().months())?),
        ["year"] if which != Which::Bare => {
            Some(step(today, which.steps().years())?.year().to_string())
        }
        ["decade"] if which != Which::Bare => {
            let year = step(today, (10 * which.steps()).years())?.year();
            Some(format!("{}X", year / 10))
        }
        [season] if season_of(season).is_some() => in_season(today, season, which),
        _ => on_feast(today, words, which).and_then(day).or_else(|| in_month(today, which, words)),
    }
}

/// Days from today, of words that say them.
fn near(words: &[&str], part: bool) -> Option<Span> {
    let days = match words {
        ["today" | "tonight"] => 0,
        ["this"] if part => 0,
        ["last"] if part => -1,
        ["tomorrow"] => 1,
        ["yesterday"] => -1,
        ["day", "after", "tomorrow"] => 2,
        ["day", "before", "yesterday"] => -2,
        _ => return None,
    };
    Some(days.days())
}

/// "Two weeks": how far away, and in which unit.
fn counted<'w>(words: &[&'w str], ago: bool) -> Option<(i64, &'w str)> {
    let (number, unit) = match words {
        [number, unit] if is_number(number) => (number.parse::<i64>().ok()?, *unit),
        // The article went with the links.
        [unit] => (1, *unit),
        _ => return None,
    };
    Some((if ago { -number } else { number }, unit.strip_suffix('s').unwrap_or(unit)))
}

fn from_now(today: Date, (number, unit): (i64, &str)) -> Option<String> {
    match unit {
        "day" | "night" => day(step(today, Span::new().try_days(number).ok()?)?),
        "week" => day(step(today, Span::new().try_weeks(number).ok()?)?),
        "month" => month(step(today, Span::new().try_months(number).ok()?)?),
        "year" => Some(step(today, Span::new().try_years(number).ok()?)?.year().to_string()),
        _ => None,
    }
}

fn which<'w, 'a>(words: &'a [&'w str]) -> (Which, &'a [&'w str]) {
    match words {
        ["this", rest @ ..] => (Which::This, rest),
        ["next", rest @ ..] => (Which::Next, rest),
        ["last", rest @ ..] => (Which::Last, rest),
        _ => (Which::Bare, words),
    }
}

/// The nearest such weekday before or after today.
fn on_weekday(today: Date, name: &str, which: Which) -> Option<Date> {
    let at = WEEKDAYS.iter().position(|weekday| *weekday == name)?;
    let weekday = Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()?;
    if which == Which::This && today.weekday() == weekday {
        return Some(today);
    }
    today.nth_weekday(if which == Which::Last { -1 } else { 1 }, weekday).ok()
}

fn season_of(name: &str) -> Option<(&'static str, i8)> {
    SEASONS
        .iter()
        .find(|(season, ..)| *season == name)
        .map(|(_, letters, month)| (*letters, *month))
}

/// A season is of the year in which it begins: that of January 2027 is the winter of 2026.
fn in_season(today: Date, name: &str, which: Which) -> Option<String> {
    let (letters, begins) = season_of(name)?;
    let running = begins == 12 && today.month() < 3;
    let year = today.year() - i16::from(running);
    let over = !running && begins < 12 && today.month() >= begins + 3;
    let year = match which {
        Which::Bare => year + i16::from(over),
        Which::This | Which::Next | Which::Last => year + i16::try_from(which.steps()).ok()?,
    };
    Some(format!("{year}-{letters}"))
}

/// Feasts that a date slot takes.
fn on_feast(today: Date, words: &[&str], which: Which) -> Option<Date> {
    let of_year = |year: i16| match words {
        ["christmas"] | ["christmas", "day"] => Date::new(year, 12, 25).ok(),
        ["easter"] => easter(year),
        _ => None,
    };
    yearly(today, which, of_year)
}

/// What comes every year: the next from today on, or the last before.
fn yearly(today: Date, which: Which, of_year: impl Fn(i16) -> Option<Date>) -> Option<Date> {
    let this = of_year(today.year())?;
    match which {
        Which::This => Some(this),
        Which::Last if this < today => Some(this),
        Which::Last => of_year(today.year() - 1),
        Which::Bare | Which::Next if this >= today => Some(this),
        Which::Bare | Which::Next => of_year(today.year() + 1),
    }
}

/// Easter Sunday, after the "anonymous Gregorian" rule (Nature, 1876).
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let days = h + l - 7 * m + 114;
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(days / 31).ok()?,
        i8::try_from(days % 31 + 1).ok()?,
    )
    .ok()
}

/// "November", "the 25th of November 2027", "the 5th".
fn in_month(today: Date, which: Which, words: &[&str]) -> Option<String> {
    let (mut name, mut day_of, mut year) = (None, None, None);
    let mut tens = 0;
    for word in words {
        if let Some(at) = MONTHS.iter().position(|month| month == word) {
            name = name.or(i8::try_from(at + 1).ok());
        } else if let Some(ordinal) = ordinal(word) {
            day_of = Some(i8::try_from(ordinal + tens).ok()?);
            tens = 0;
        } else if is_number(word) {
            let number: u64 = word.parse().ok()?;
            match number {
                // "Twenty fifth" is two words.
                20 | 30 if day_of.is_none() && tens == 0 => tens = number,
                1..=31 if day_of.is_none() => day_of = Some(i8::try_from(number).ok()?),
                1900..=2199 => year = Some(i16::try_from(number).ok()?),
                _ => return None,
            }
        } else if !WEEKDAYS.contains(word) {
            return None;
        }
    }
    if tens > 0 {
        day_of = Some(i8::try_from(tens).ok()?);
    }
    match (name, day_of, year) {
        (Some(month), Some(at), Some(year)) => day(Date::new(year, month, at).ok()?),
        (Some(month), Some(at), None) => {
            day(yearly(today, which, |year| Date::new(year, month, at).ok())?)
        }
        (Some(name), None, Some(year)) => month(Date::new(year, name, 1).ok()?),
        (Some(name), None, None) => {
            let first = date(today.year(), today.month(), 1);
            month(yearly(first, which, |year| Date::new(year, name, 1).ok())?)
        }
        (None, Some(at), None) => {
            let here = Date::new(today.year(), today.month(), at).ok().filter(|day| *day >= today);
            let later = || {
                let next = step(date(today.year(), today.month(), 1), 1.months())?;
                Date::new(next.year(), next.month(), at).ok()
            };
            day(here.or_else(later)?)
        }
        _ => None,
    }
}

fn step(from: Date, by: Span) -> Option<Date> {
    from.checked_add(by).ok()
}

fn day(day: Date) -> Option<String> {
    Some(day.to_string())
}

fn month(day: Date) -> Option<String> {
    Some(format!("{}-{:02}", day.year(), day.month()))
}

fn week(today: Date, steps: i64) -> Option<String> {
    let week = step(today, steps.weeks())?.iso_week_date();
    Some(format!("{}-W{:02}", week.year(), week.week()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_days_have_alexas_form() {
        // A Wednesday.
        let today = date(2026, 11, 25);
        let check = |said: &str, expected: &str| {
            assert_eq!(value(said, today).as_deref().unwrap_or("-"), expected, "{said:?}");
        };
        check("today", "2026-11-25");
        check("tonight", "2026-11-25");
        check("this morning", "2026-11-25");
        check("last night", "2026-11-24");
        check("Tomorrow", "2026-11-26");
        check("tomorrow evening", "2026-11-26");
        check("the day after tomorrow", "2026-11-27");
        check("yesterday afternoon", "2026-11-24");
        check("monday", "2026-11-30");
        check("on Monday", "2026-11-30");
        check("next monday", "2026-11-30");
        check("last monday", "2026-11-23");
        check("wednesday", "2026-12-02");
        check("this wednesday", "2026-11-25");
        check("friday night", "2026-11-27");
        check("this week", "2026-W48");
        check("next week", "2026-W49");
        check("the week after next", "2026-W50");
        check("this weekend", "2026-W48-WE");
        check("the weekend", "2026-W48-WE");
        check("last weekend", "2026-W47-WE");
        check("in two weeks", "2026-12-09");
        check("three days ago", "2026-11-22");
        check("in a month", "2026-12");
        check("this month", "2026-11");
        check("next month", "2026-12");
        check("november", "2026-11");
        check("march", "2027-03");
        check("last march", "2026-03");
        check("march 2025", "2025-03");
        check("november 25th", "2026-11-25");
        check("the twenty fourth of november", "2027-11-24");
        check("december the third", "2026-12-03");
        check("december twentieth", "2026-12-20");
        check("december twenty", "2026-12-20");
        check("25 december 2028", "2028-12-25");
        check("monday the 30th of november", "2026-11-30");
        check("the 30th", "2026-11-30");
        check("the 5th", "2026-12-05");
        check("christmas", "2026-12-25");
        check("easter", "2027-03-28");
        check("last easter", "2026-04-05");
        check("this year", "2026");
        check("next year", "2027");
        check("this decade", "202X");
        check("last decade", "201X");
        check("this winter", "2026-WI");
        check("next winter", "2027-WI");
        check("winter", "2026-WI");
        check("summer", "2027-SU");
        check("this summer", "2026-SU");
        check("next summer", "2027-SU");
        check("autumn", "2026-FA");
        check("now", "PRESENT_REF");
        check("february 30th", "-");
        check("in 99999999999999 days", "-");
        check("the 45th of march", "-");
        check("week", "-");
        check("the evening", "-");
        check("", "-");
    }

    #[test]
    fn a_year_turns_where_weeks_and_winters_do_not() {
        let check = |today: Date, said: &str, expected: &str| {
            assert_eq!(value(said, today).as_deref(), Some(expected), "{said:?} on {today}");
        };
        check(date(2026, 12, 31), "this week", "2026-W53");
        check(date(2027, 1, 1), "this week", "2026-W53");
        check(date(2027, 1, 15), "this winter", "2026-WI");
        check(date(2027, 1, 15), "next winter", "2027-WI");
        check(date(2026, 12, 31), "tomorrow", "2027-01-01");
        check(date(2028, 2, 28), "tomorrow", "2028-02-29");
        check(date(2026, 1, 31), "next month", "2026-02");
    }

    proptest::proptest! {
        /// Whatever is said, whenever: no panic, and no more than ten letters and digits.
        #[test]
        fn any_words_have_a_short_value_or_none(
            said in "(next|last|this|in|the|ago|week|weeks|month|[0-9]{1,20}|monday|may|of|winter|first|year|decade|easter|morning| ){0,9}",
            year in -9999_i16..=9999,
            month in 1_i8..=12,
        ) {
            let value = value(&said, date(year, month, 1));
            assert!(value.is_none_or(|value| value.len() <= 13));
        }
    }
}
