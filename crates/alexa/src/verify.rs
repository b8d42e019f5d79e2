//! Proof that Amazon sent a request.
//!
//! Cheap checks come first and nothing of the body is read before its signature holds: the headers, the
//! address of the certificate chain, the chain itself (fetched once, then remembered), the signature, and
//! only then the JSON with its timestamp and application id.

mod address;
mod cache;
mod chain;
mod refusal;

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls_pki_types::TrustAnchor;
use url::Url;

use crate::request::{Envelope, Unreadable};
use cache::Cache;

pub use chain::anchors_from_pem;
pub use refusal::Refusal;

/// The largest body we verify: many times what Amazon sends (2 to 10 KB, more with a screen full of
/// components), and little enough to hash in a fraction of a millisecond.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// The largest certificate chain we read. Amazon's have about 7 KB.
pub const MAX_CHAIN_BYTES: usize = 64 * 1024;
/// The longest signature, in base64: RSA-8192.
const MAX_SIGNATURE_CHARS: usize = 1368;
/// How far a request may be from now, in both directions. Amazon's rule.
const TOLERANCE: Duration = Duration::from_secs(150);
/// The same for skill events, which Amazon delivers again when we were away.
const EVENT_TOLERANCE: Duration = Duration::from_secs(3600);
/// Amazon's SDKs give the longer tolerance to these and to no others.
const TOLERATED_EVENTS: [&str; 5] = [
    "AlexaSkillEvent.SkillEnabled",
    "AlexaSkillEvent.SkillDisabled",
    "AlexaSkillEvent.SkillPermissionChanged",
    "AlexaSkillEvent.SkillPermissionAccepted",
    "AlexaSkillEvent.SkillAccountLinked",
];

/// Why a certificate chain could not be had, for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

/// What a [`Fetcher`] returns: the bytes of a PEM file.
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

/// Gets certificate chains. One for production follows no redirect, gives up after three seconds and reads
/// no more than [`MAX_CHAIN_BYTES`].
pub trait Fetcher: Send + Sync {
    /// `url` has passed the address rules and is normalised; fetch it as it is.
    fn fetch<'a>(&'a self, url: &'a Url) -> FetchFuture<'a>;
}

/// A request that Amazon signed, sent to one of our skills, just now. [`Verifier::verify`] makes it, nothing
/// else can.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    envelope: Envelope,
}

impl Verified {
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    #[must_use]
    pub fn into_envelope(self) -> Envelope {
        self.envelope
    }
}

/// The rules, with what they need: whom to trust, whose requests to take, how to get certificates.
pub struct Verifier {
    anchors: Vec<TrustAnchor<'static>>,
    skill_ids: BTreeSet<String>,
    fetcher: Box<dyn Fetcher>,
    cache: Cache,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (anchors, skills) = (self.anchors.len(), self.skill_ids.len());
        write!(f, "Verifier {{ {anchors} anchors, {skills} skills }}")
    }
}

impl Verifier {
    /// `anchors` are the public roots in production (`webpki_roots::TLS_SERVER_ROOTS`). Without a skill id
    /// every request is refused.
    #[must_use]
    pub fn new(
        fetcher: impl Fetcher + 'static,
        anchors: Vec<TrustAnchor<'static>>,
        skill_ids: impl IntoIterator<Item = String>,
    ) -> Self {
        let skill_ids = skill_ids.into_iter().filter(|id| !id.is_empty()).collect();
        Self { anchors, skill_ids, fetcher: Box::new(fetcher), cache: Cache::new() }
    }

    /// Asks the fetcher again after each failure. For development, where the fetcher reads a folder and the
    /// clock may stand still.
    #[must_use]
    pub fn forgetting_failures(mut self) -> Self {
        self.cache.forget_failures();
        self
    }

    /// Checks one request. `headers` are all of the request's, so that a repeated one is noticed; names are
    /// compared without case. `body` is every byte as received.
    ///
    /// # Errors
    /// The first rule that the request broke.
    pub async fn verify<N, V>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Verified, Refusal>
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let (url, signature) = self.screen(headers, body)?;
        let key = self.cache.key(&url, &*self.fetcher, &self.anchors, now).await?;
        key.verify(body, &signature)?;
        let envelope = Envelope::parse(body).map_err(|unreadable| match unreadable {
            Unreadable::Json => Refusal::BodyMalformed,
            Unreadable::Timestamp => Refusal::TimestampMalformed,
        })?;
        check_timestamp(&envelope, now)?;
        self.check_application(&envelope)?;
        Ok(Verified { envelope })
    }

    /// Everything that can be refused without a certificate.
    fn screen<N, V>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        body: &[u8],
    ) -> Result<(Url, Vec<u8>), Refusal>
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        if self.skill_ids.is_empty() {
            return Err(Refusal::ApplicationId);
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        let (mut url, mut signature) = (None, None);
        for (name, value) in headers {
            let slot = match name.as_ref() {
                name if name.eq_ignore_ascii_case("SignatureCertChainUrl") => &mut url,
                name if name.eq_ignore_ascii_case("Signature-256") => &mut signature,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(Refusal::HeaderRepeated);
            }
        }
        let (Some(url), Some(signature)) = (url, signature) else {
            return Err(Refusal::HeaderMissing);
        };
        let (url, signature) = (url.as_ref(), signature.as_ref());
        if url.is_empty() || signature.is_empty() {
            return Err(Refusal::HeaderMissing);
        }
        let url = address::read(url)?;
        if signature.len() > MAX_SIGNATURE_CHARS {
            return Err(Refusal::SignatureMalformed);
        }
        let signature = STANDARD.decode(signature).map_err(|_| Refusal::SignatureMalformed)?;
        Ok((url, signature))
    }

    fn check_application(&self, envelope: &Envelope) -> Result<(), Refusal> {
        let in_context = envelope.context.system.application.is_some();
        let all_ours = envelope.application_ids().all(|id| self.skill_ids.contains(id));
        // With several skills in one server a request still speaks for one of them.
        let mut ids = envelope.application_ids();
        let first = ids.next();
        let one = ids.all(|id| Some(id) == first);
        if in_context && all_ours && one { Ok(()) } else { Err(Refusal::ApplicationId) }
    }
}

fn check_timestamp(envelope: &Envelope, now: Timestamp) -> Result<(), Refusal> {
    let tolerance = match envelope.request.kind() {
        kind if TOLERATED_EVENTS.contains(&kind) => EVENT_TOLERANCE,
        _ => TOLERANCE,
    };
    let apart = now.duration_since(envelope.timestamp);
    match apart.unsigned_abs() <= tolerance {
        true => Ok(()),
        false if apart.is_negative() => Err(Refusal::TimestampAhead),
        false => Err(Refusal::TimestampStale),
    }
}

#[cfg(test)]
mod tests;
