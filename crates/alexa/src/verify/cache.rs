//! Keys already proven, failures just seen, and fetches under way, by normalised address.
//!
//! Anybody can name an address below `/echo.api/`, so everything here is bounded, and what strangers cause
//! (failures, fetches) never pushes out what Amazon's own requests need (keys).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::TrustAnchor;
use url::Url;

use super::chain::{self, SigningKey};
use super::{Fetcher, Refusal};

/// Amazon uses one chain at a time, and two around a renewal.
pub(super) const MAX_KEYS: usize = 32;
pub(super) const MAX_FAILURES: usize = 256;
/// Addresses fetched at once. Past this, a request for yet another address is refused.
pub(super) const MAX_FETCHES: usize = 16;
/// How long a failure is remembered: short, because Amazon's storage may only have hiccuped.
pub(super) const FAILURE_LASTS: Duration = Duration::from_secs(10);

pub(super) struct Cache {
    state: Mutex<State>,
    failure_lasts: Duration,
}

#[derive(Default)]
struct State {
    keys: BTreeMap<String, Arc<SigningKey>>,
    failures: BTreeMap<String, (Timestamp, Refusal)>,
    fetches: BTreeMap<String, Gate>,
}

/// Whoever holds it fetches; the others wait, then find the result.
type Gate = Arc<tokio::sync::Mutex<()>>;

impl Cache {
    pub(super) fn new() -> Self {
        Self { state: Mutex::default(), failure_lasts: FAILURE_LASTS }
    }

    pub(super) fn forget_failures(&mut self) {
        self.failure_lasts = Duration::ZERO;
    }

    /// The key at an address, fetched unless it is known.
    pub(super) async fn key(
        &self,
        url: &Url,
        fetcher: &dyn Fetcher,
        anchors: &[TrustAnchor<'_>],
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, Refusal> {
        if let Some(known) = self.known(url, now) {
            return known;
        }
        let place = self.join(url)?;
        let _turn = place.gate().lock().await;
        if let Some(known) = self.known(url, now) {
            return known;
        }
        let read = match fetcher.fetch(url).await {
            Ok(pem) => chain::read(&pem, anchors, now).map(Arc::new),
            Err(_) => Err(Refusal::CertificateUnavailable),
        };
        self.lock().remember(url.as_str(), &read, now, self.failure_lasts);
        read
    }

    fn known(&self, url: &Url, now: Timestamp) -> Option<Result<Arc<SigningKey>, Refusal>> {
        self.lock().known(url.as_str(), now, self.failure_lasts)
    }

    fn join(&self, url: &Url) -> Result<Place<'_>, Refusal> {
        let mut state = self.lock();
        if !state.fetches.contains_key(url.as_str()) && state.fetches.len() >= MAX_FETCHES {
            return Err(Refusal::CertificateUnavailable);
        }
        let gate = state.fetches.entry(url.as_str().to_owned()).or_default();
        Ok(Place { cache: self, url: url.as_str().to_owned(), gate: Some(Arc::clone(gate)) })
    }

    /// Whether nobody fetches or waits.
    #[cfg(test)]
    pub(super) fn idle(&self) -> bool {
        self.lock().fetches.is_empty()
    }

    /// Keys and failures held.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        let state = self.lock();
        (state.keys.len(), state.failures.len())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn known(
        &mut self,
        url: &str,
        now: Timestamp,
        failure_lasts: Duration,
    ) -> Option<Result<Arc<SigningKey>, Refusal>> {
        if let Some(key) = self.keys.get(url) {
            if key.is_valid_at(now) {
                return Some(Ok(Arc::clone(key)));
            }
            self.keys.remove(url);
        }
        let (failed, refusal) = *self.failures.get(url)?;
        // A clock that was set back ends a failure too.
        let recent = failed <= now && now.duration_since(failed).unsigned_abs() < failure_lasts;
        if !recent {
            self.failures.remove(url);
        }
        recent.then_some(Err(refusal))
    }

    fn remember(
        &mut self,
        url: &str,
        read: &Result<Arc<SigningKey>, Refusal>,
        now: Timestamp,
        failure_lasts: Duration,
    ) {
        match read {
            Ok(key) => {
                make_room(&mut self.keys, MAX_KEYS, |key| key.last_second());
                self.keys.insert(url.to_owned(), Arc::clone(key));
            }
            Err(refusal) if !failure_lasts.is_zero() => {
                make_room(&mut self.failures, MAX_FAILURES, |(failed, _)| *failed);
                self.failures.insert(url.to_owned(), (now, *refusal));
            }
            Err(_) => {}
        }
    }
}

/// Drops what ends first.
fn make_room<V, K: Ord>(map: &mut BTreeMap<String, V>, most: usize, ends: impl Fn(&V) -> K) {
    while map.len() >= most {
        let first = map.iter().min_by_key(|(_, value)| ends(value)).map(|(url, _)| url.clone());
        let Some(first) = first else { return };
        map.remove(&first);
    }
}

/// A place at an address's gate; the last to leave, served or cancelled, takes the gate away.
struct Place<'a> {
    cache: &'a Cache,
    url: String,
    gate: Option<Gate>,
}

impl Place<'_> {
    fn gate(&self) -> &tokio::sync::Mutex<()> {
        self.gate.as_ref().expect("only drop takes the gate")
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.lock();
        // Let go under the lock, so that two who leave at once see each other.
        drop(self.gate.take());
        if state.fetches.get(&self.url).is_some_and(|gate| Arc::strong_count(gate) == 1) {
            state.fetches.remove(&self.url);
        }
    }
}
