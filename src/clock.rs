//! The only clock and the only randomness.
//!
//! Everything else gets the time as an argument, so that a script or a test can let a minute pass without
//! waiting for it.

#![allow(clippy::disallowed_methods, reason = "this is the one place that may ask the system")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hearthline_core::policy::Moment;
use hearthline_core::policy::hours::MinuteOfDay;
use hearthline_core::time::{Seed, Time};

#[derive(Debug, Clone)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    System,
    /// Stands still until it is moved; its seeds count up.
    Virtual {
        now_ms: AtomicU64,
        seeds: AtomicU64,
    },
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Kind::System))
    }

    #[must_use]
    pub fn virtual_at(start: Time, seed: Seed) -> Self {
        Self(Arc::new(Kind::Virtual {
            now_ms: AtomicU64::new(start.as_ms()),
            seeds: AtomicU64::new(seed.0),
        }))
    }

    #[must_use]
    pub fn now(&self) -> Time {
        match &*self.0 {
            Kind::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time::from_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
            }
            Kind::Virtual { now_ms, .. } => Time::from_ms(now_ms.load(Ordering::SeqCst)),
        }
    }

    /// Now, with the local time of day: the server's own time zone, on a virtual clock UTC.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let now = self.now();
        let time = self.local().time();
        let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
        let local = MinuteOfDay::new(hour.into(), minute.into());
        Moment { now, local: local.expect("a clock shows a time of day") }
    }

    fn local(&self) -> jiff::ZonedDateTime {
        let zone = match &*self.0 {
            Kind::System => jiff::tz::TimeZone::system(),
            Kind::Virtual { .. } => jiff::tz::TimeZone::UTC,
        };
        let stamp = i64::try_from(self.now().as_ms()).ok();
        let stamp = stamp.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        stamp.unwrap_or_default().to_zoned_datetime(zone)
    }

    /// Today, where the server is.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        self.local().date()
    }

    /// A seed nobody can foresee; on a virtual clock, the next of a fixed row.
    #[must_use]
    pub fn seed(&self) -> Seed {
        match &*self.0 {
            Kind::System => Seed(rand::random()),
            Kind::Virtual { seeds, .. } => Seed(seeds.fetch_add(1, Ordering::SeqCst)),
        }
    }

    /// Moves a virtual clock. The system clock cannot be moved: false.
    #[must_use]
    pub fn advance(&self, by: Duration) -> bool {
        match &*self.0 {
            Kind::System => false,
            Kind::Virtual { now_ms, .. } => {
                let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
                now_ms.fetch_add(by_ms, Ordering::SeqCst);
                true
            }
        }
    }

    /// Waits until `time`. On a virtual clock nothing waits: who moves the clock also calls what is due.
    pub async fn sleep_until(&self, time: Time) {
        match &*self.0 {
            Kind::System => tokio::time::sleep(time.since(self.now())).await,
            Kind::Virtual { .. } => std::future::pending().await,
        }
    }
}

/// Measures how long a stage takes, for metrics only.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[must_use]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn ms(self) -> f64 {
        self.elapsed().as_secs_f64() * 1000.0
    }
}
