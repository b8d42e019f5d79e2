//! Time and chance as arguments.

use std::ops::Add;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    #[must_use]
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// Date and time of day in UTC; the end of time for what lies beyond it.
    #[must_use]
    pub fn utc(self) -> DateTime {
        let ms = i64::try_from(self.0).unwrap_or(i64::MAX);
        let stamp = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
        TimeZone::UTC.to_datetime(stamp)
    }

    /// How long ago `earlier` was; zero if it lies ahead, because clocks of two machines may differ.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Chance without a generator: the same seed and purpose always choose the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed of its own for each purpose, so that two choices in one turn are independent.
    #[must_use]
    pub fn for_purpose(self, purpose: &str) -> Self {
        // FNV-1a, then SplitMix64's finaliser: short, and good enough to vary sentences.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.0;
        for byte in purpose.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(hash ^ (hash >> 31))
    }

    /// An index below `len`; `None` when there is nothing to choose from.
    #[must_use]
    pub fn pick(self, purpose: &str, len: usize) -> Option<usize> {
        let len = u64::try_from(len).ok().filter(|len| *len > 0)?;
        usize::try_from(self.for_purpose(purpose).0 % len).ok()
    }
}
