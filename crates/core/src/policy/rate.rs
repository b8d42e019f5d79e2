//! How often: token buckets against a device gone wild and against ring-bombing.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::HouseholdId;
use crate::time::Time;

/// So many at once, then one each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub every: Duration,
}

/// Calls that one household makes. A family that rings round before a party stays below it.
pub const CALLS: Rate = Rate { burst: 20, every: Duration::from_secs(10) };
/// Calls from one household to one other: six tries in a row, then two a minute. Enough for somebody
/// who worries, too few to wake a house for fun.
pub const CALLS_TO_ONE: Rate = Rate { burst: 6, every: Duration::from_secs(30) };
/// Messages that one household leaves: a lively chat stays below it.
pub const MESSAGES: Rate = Rate { burst: 60, every: Duration::from_secs(2) };

/// Beyond this many buckets, those that are full again are forgotten: they say nothing.
const MAX_IDLE_BUCKETS: usize = 10_000;

/// How many are left, and since when. A full bucket and none are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The moment at which the bucket is full again: one number holds both level and time.
    full_at: Time,
}

impl Bucket {
    #[must_use]
    pub fn full() -> Self {
        Self { full_at: Time::default() }
    }

    /// Takes one, or says how long to wait for the next.
    ///
    /// # Errors
    /// If none is left.
    pub fn take(&mut self, rate: Rate, now: Time) -> Result<(), Duration> {
        self.check(rate, now)?;
        self.full_at = self.full_at.max(now) + rate.every;
        Ok(())
    }

    fn check(self, rate: Rate, now: Time) -> Result<(), Duration> {
        let owed = self.full_at.since(now) + rate.every;
        let most = rate.every * rate.burst;
        if owed <= most { Ok(()) } else { Err(owed - most) }
    }
}

/// The buckets of everybody.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    calls: BTreeMap<HouseholdId, Bucket>,
    pairs: BTreeMap<(HouseholdId, HouseholdId), Bucket>,
    messages: BTreeMap<HouseholdId, Bucket>,
}

impl Limits {
    /// Counts a call, also one that will ring nobody. A refused one is not counted.
    ///
    /// # Errors
    /// How long to wait, if this household called too often, or called this other one too often.
    pub fn call(
        &mut self,
        caller: &HouseholdId,
        callee: &HouseholdId,
        now: Time,
    ) -> Result<(), Duration> {
        let calls = bucket(&mut self.calls, caller.clone(), now);
        let pair = bucket(&mut self.pairs, (caller.clone(), callee.clone()), now);
        calls.check(CALLS, now)?;
        pair.take(CALLS_TO_ONE, now)?;
        calls.take(CALLS, now)
    }

    /// Counts a message.
    ///
    /// # Errors
    /// How long to wait, if this household left too many.
    pub fn message(&mut self, sender: &HouseholdId, now: Time) -> Result<(), Duration> {
        bucket(&mut self.messages, sender.clone(), now).take(MESSAGES, now)
    }
}

fn bucket<K: Ord>(buckets: &mut BTreeMap<K, Bucket>, key: K, now: Time) -> &mut Bucket {
    if buckets.len() >= MAX_IDLE_BUCKETS && !buckets.contains_key(&key) {
        buckets.retain(|_, bucket| bucket.full_at > now);
    }
    buckets.entry(key).or_insert_with(Bucket::full)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_caller_who_rings_and_rings_must_wait() {
        let mut limits = Limits::default();
        let now = Time::from_ms(1_000_000);
        for _ in 0..6 {
            assert_eq!(limits.call(&home("alder"), &home("harbour"), now), Ok(()));
        }
        let wait = Duration::from_secs(30);
        assert_eq!(limits.call(&home("alder"), &home("harbour"), now), Err(wait));
        assert_eq!(limits.call(&home("harbour"), &home("alder"), now), Ok(()), "directional");
        assert_eq!(limits.call(&home("alder"), &home("mill"), now), Ok(()), "somebody else");
        assert_eq!(limits.call(&home("alder"), &home("harbour"), now + wait), Ok(()));
        assert_eq!(limits.call(&home("alder"), &home("harbour"), now + wait), Err(wait));
    }

    #[test]
    fn a_household_that_calls_everybody_must_wait() {
        let mut limits = Limits::default();
        let now = Time::from_ms(1_000_000);
        for n in 0..20 {
            assert_eq!(limits.call(&home("alder"), &home(&format!("h{n}")), now), Ok(()));
        }
        let wait = limits.call(&home("alder"), &home("h20"), now);
        assert_eq!(wait, Err(Duration::from_secs(10)));
    }

    #[test]
    fn buckets_do_not_pile_up() {
        let mut limits = Limits::default();
        for n in 0..MAX_IDLE_BUCKETS + 5 {
            let later = Time::default() + MESSAGES.every * u32::try_from(n).expect("small");
            assert_eq!(limits.message(&home(&format!("h{n}")), later), Ok(()));
        }
        assert!(limits.messages.len() < 10, "{}", limits.messages.len());
    }

    proptest! {
        /// In any stretch of time no more pass than the burst and what was refilled meanwhile.
        #[test]
        fn no_more_pass_than_the_rate_allows(pauses in vec(0..60_000_u64, 1..200)) {
            let mut bucket = Bucket::full();
            let (mut now, mut passed) = (Time::from_ms(1_000_000), 0);
            let begin = now;
            for pause in pauses {
                now = now + Duration::from_millis(pause);
                match bucket.take(CALLS_TO_ONE, now) {
                    Ok(()) => passed += 1,
                    Err(wait) => {
                        prop_assert!(wait > Duration::ZERO && wait <= CALLS_TO_ONE.every);
                        let mut later = bucket;
                        prop_assert_eq!(later.take(CALLS_TO_ONE, now + wait), Ok(()));
                    }
                }
                let refilled = now.since(begin).as_millis() / CALLS_TO_ONE.every.as_millis();
                prop_assert!(passed <= u128::from(CALLS_TO_ONE.burst) + refilled);
            }
        }

        #[test]
        fn any_moment_will_do(times in vec(any::<u64>(), 1..50)) {
            let mut bucket = Bucket::full();
            for at in times {
                let _ = bucket.take(CALLS, Time::from_ms(at));
            }
        }
    }

    fn home(name: &str) -> HouseholdId {
        name.parse().expect("an id")
    }
}
