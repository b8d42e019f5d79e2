//! Times of day, and the hours in which a household wants quiet.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MINUTES_PER_DAY: u16 = 24 * 60;

/// A minute of a day in some household's own time, from midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MinuteOfDay(u16);

/// Why something is no time of day or no hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    #[error("{0:?} is no time of day; write it like 22:00")]
    Time(String),
    #[error("{0:?} are no hours; write them like 22:00-07:00")]
    Hours(String),
    #[error("quiet hours from {0} to {0} are empty; use do not disturb for the whole day")]
    Empty(MinuteOfDay),
}

impl MinuteOfDay {
    pub const MIDNIGHT: Self = Self(0);

    /// `None` past 23:59.
    #[must_use]
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self(hour * 60 + minute))
    }

    /// Minutes since midnight, 0 to 1439.
    #[must_use]
    pub fn since_midnight(self) -> u16 {
        self.0
    }
}

impl MinuteOfDay {
    /// How long it is until the next `other`; a whole day if it is that minute now.
    #[must_use]
    pub fn until(self, other: Self) -> std::time::Duration {
        let ahead = (other.0 + MINUTES_PER_DAY - self.0) % MINUTES_PER_DAY;
        let minutes = if ahead == 0 { MINUTES_PER_DAY } else { ahead };
        std::time::Duration::from_secs(u64::from(minutes) * 60)
    }
}

impl FromStr for MinuteOfDay {
    type Err = HoursError;
    fn from_str(text: &str) -> Result<Self, HoursError> {
        let digits = |part: &str| {
            let plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse::<u16>().ok()).flatten()
        };
        text.split_once(':')
            .filter(|(_, minute)| minute.len() == 2)
            .and_then(|(hour, minute)| Self::new(digits(hour)?, digits(minute)?))
            .ok_or_else(|| HoursError::Time(text.to_owned()))
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// From one time of day to another, past midnight if the second is the earlier. The end is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    from: MinuteOfDay,
    to: MinuteOfDay,
}

impl QuietHours {
    /// # Errors
    /// If the two are the same.
    pub fn new(from: MinuteOfDay, to: MinuteOfDay) -> Result<Self, HoursError> {
        if from == to { Err(HoursError::Empty(from)) } else { Ok(Self { from, to }) }
    }

    #[must_use]
    pub fn contain(self, minute: MinuteOfDay) -> bool {
        let after = |from: MinuteOfDay| (minute.0 + MINUTES_PER_DAY - from.0) % MINUTES_PER_DAY;
        let length = (self.to.0 + MINUTES_PER_DAY - self.from.0) % MINUTES_PER_DAY;
        after(self.from) < length
    }
}

impl FromStr for QuietHours {
    type Err = HoursError;
    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (from, to) = text.split_once('-').ok_or_else(|| HoursError::Hours(text.to_owned()))?;
        Self::new(from.trim().parse()?, to.trim().parse()?)
    }
}

impl TryFrom<String> for QuietHours {
    type Error = HoursError;
    fn try_from(text: String) -> Result<Self, HoursError> {
        text.parse()
    }
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        format!("{}-{}", hours.from, hours.to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quiet_hours_may_pass_midnight() {
        let check = |hours: &str, minute: &str, quiet: bool| {
            let hours: QuietHours = hours.parse().expect("hours");
            assert_eq!(hours.contain(minute.parse().expect("a time")), quiet, "{minute}");
        };
        check("22:00-07:00", "21:59", false);
        check("22:00-07:00", "22:00", true);
        check("22:00-07:00", "00:00", true);
        check("22:00-07:00", "6:59", true);
        check("22:00-07:00", "07:00", false);
        check("13:00-14:30", "14:29", true);
        check("13:00-14:30", "14:30", false);
        check("13:00-14:30", "12:00", false);
    }

    #[test]
    fn what_is_no_time_is_refused_with_an_example() {
        let check = |hours: &str, says: &str| {
            let error = hours.parse::<QuietHours>().expect_err("must be refused").to_string();
            assert!(error.contains(says), "{error}");
        };
        check("", "like 22:00-07:00");
        check("22:00", "like 22:00-07:00");
        check("24:00-07:00", "like 22:00");
        check("22:0-07:00", "like 22:00");
        check("+2:00-07:00", "like 22:00");
        check("22:00-7", "like 22:00");
        check("08:00-8:00", "are empty");
    }

    proptest! {
        #[test]
        fn hours_and_their_complement_fill_the_day(from in 0..1440_u16, to in 0..1440_u16, at in 0..1440_u16) {
            prop_assume!(from != to);
            let (from, to) = (MinuteOfDay(from), MinuteOfDay(to));
            let quiet = QuietHours::new(from, to).expect("not empty");
            let loud = QuietHours::new(to, from).expect("not empty");
            prop_assert_ne!(quiet.contain(MinuteOfDay(at)), loud.contain(MinuteOfDay(at)));
            prop_assert_eq!(String::from(quiet).parse(), Ok(quiet));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,20}") {
            let _ = text.parse::<QuietHours>();
            let _ = text.parse::<MinuteOfDay>();
        }
    }
}
