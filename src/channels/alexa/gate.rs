//! Who may come in, and whose house they come into.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alexa_skill::request::Envelope;
use alexa_skill::{
    FetchError, FetchFuture, Fetcher, MAX_CHAIN_BYTES, Refusal, Verified, Verifier,
    anchors_from_pem,
};
use axum::http::{HeaderMap, header};
use hearthline_core::household::Household;
use hearthline_core::id::{DeviceId, HouseholdId, IdError};
use hearthline_core::request::Speaker;
use hearthline_core::time::Time;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use tokio::io::AsyncReadExt as _;
use url::Url;

use crate::app::App;
use crate::config;
use crate::connect::alexa::Certificates;
use crate::store::StoreError;

/// Why Echo requests cannot be taken at all.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error("[alexa.dev] trust_anchor: cannot read {}: {source}", path.display())]
    Anchor { path: PathBuf, source: std::io::Error },
    #[error("[alexa.dev] trust_anchor: {} is not a PEM file with a root certificate", .0.display())]
    NoAnchor(PathBuf),
    #[error("[alexa] users: {id:?} is no household id: {source}")]
    Household { id: String, source: IdError },
    #[error("cannot set up TLS to fetch Amazon's certificates: {0}")]
    Tls(#[from] reqwest::Error),
}

/// The verifier, and which household each Alexa account belongs to.
#[derive(Debug)]
pub struct Gate {
    verifier: Verifier,
    users: BTreeMap<String, HouseholdId>,
    /// `[alexa.dev]`: requests that came through a proxy are refused, for the listener is on loopback
    /// and strangers must stay outside.
    dev: bool,
    clock: Option<Timestamp>,
}

impl Gate {
    /// # Errors
    /// If a file that `[alexa.dev]` names cannot be used, or an id in `[alexa] users` is none.
    pub fn open(config: &config::Alexa) -> Result<Self, GateError> {
        let mut anchors = webpki_roots::TLS_SERVER_ROOTS.to_vec();
        let dev = config.dev.as_ref();
        if dev.is_some() {
            tracing::warn!("[alexa.dev] is on: requests signed by others than Amazon are trusted");
        }
        if let Some(path) = dev.and_then(|dev| dev.trust_anchor.as_deref()) {
            let pem = std::fs::read(path)
                .map_err(|source| GateError::Anchor { path: path.to_owned(), source })?;
            let own = anchors_from_pem(&pem).map_err(|_| GateError::NoAnchor(path.to_owned()))?;
            anchors.extend(own);
        }
        let skills = config.skill_ids.iter().cloned();
        let verifier = match dev.and_then(|dev| dev.certificates.clone()) {
            Some(folder) => Verifier::new(Folder(folder), anchors, skills).forgetting_failures(),
            None => Verifier::new(Certificates::over_tls()?, anchors, skills),
        };
        let users = config.users.iter().map(|(user, id)| {
            let household = id.parse();
            let household =
                household.map_err(|source| GateError::Household { id: id.clone(), source })?;
            Ok((user.clone(), household))
        });
        Ok(Self {
            verifier,
            users: users.collect::<Result<_, GateError>>()?,
            dev: dev.is_some(),
            clock: dev.and_then(|dev| dev.clock),
        })
    }

    /// A gate that trusts one verifier: for scripts and simulations, which sign for themselves.
    #[must_use]
    pub fn with(verifier: Verifier, users: BTreeMap<String, HouseholdId>) -> Self {
        Self { verifier, users, dev: false, clock: None }
    }

    /// Verifies one request, or gives the reason word that refuses it.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Time,
    ) -> Result<Verified, &'static str> {
        if self.dev && headers.keys().any(|name| is_proxy(name.as_str())) {
            return Err("forwarded");
        }
        if headers.get(header::CONTENT_TYPE).is_some_and(|kind| !is_json(kind.as_bytes())) {
            return Err("content-type");
        }
        let ms = i64::try_from(now.as_ms()).unwrap_or(i64::MAX);
        let now =
            self.clock.unwrap_or_else(|| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX));
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        self.verifier.verify(headers, body, now).await.map_err(Refusal::as_str)
    }

    /// Who speaks. `None` if the request names no account, or one whose name is no id.
    pub(super) fn speaker(&self, envelope: &Envelope) -> Option<Speaker> {
        let user = envelope.user_id()?;
        let household = match self.users.get(user) {
            Some(household) => household.clone(),
            None => own_household(user)?,
        };
        let device: DeviceId = match envelope.device_id() {
            Some(device) => device.parse().ok()?,
            // Some requests come without; then the account's one conversation serves.
            None => format!("{household}/echo").parse().ok()?,
        };
        let person = envelope.person_id().and_then(|person| person.parse().ok());
        Some(Speaker { household, device, person })
    }

    /// Sees to it that an account nobody has linked has a household of its own, without contacts. When it is
    /// opened, the core tells such a household that nobody is known in it.
    pub(super) async fn house(
        &self,
        app: &App,
        speaker: &Speaker,
        envelope: &Envelope,
    ) -> Result<(), StoreError> {
        let linked = envelope.user_id().is_some_and(|user| self.users.contains_key(user));
        let known = app.world().directory.household(&speaker.household).is_some();
        if linked || known {
            return Ok(());
        }
        app.put_households(vec![Household::empty(speaker.household.clone(), "Your home")]).await
    }
}

/// Stable, and says nothing about the account.
fn own_household(user: &str) -> Option<HouseholdId> {
    let hash = digest(&SHA256, user.as_bytes());
    let hex: String = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("alexa-{hex}").parse().ok()
}

fn is_proxy(name: &str) -> bool {
    name == "forwarded" || name == "via" || name.starts_with("x-forwarded-")
}

fn is_json(kind: &[u8]) -> bool {
    let name = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// `[alexa.dev] certificates`: a chain's file is the last segment of its address.
#[derive(Debug)]
struct Folder(PathBuf);

impl Fetcher for Folder {
    fn fetch<'a>(&'a self, url: &'a Url) -> FetchFuture<'a> {
        let last = url.path_segments().and_then(|mut segments| segments.next_back());
        let name = last.filter(|name| is_file_name(name)).map(str::to_owned);
        Box::pin(async move {
            let name = name.ok_or_else(|| FetchError(format!("{url} names no file")))?;
            read(&self.0.join(&name)).await.map_err(|error| FetchError(format!("{name}: {error}")))
        })
    }
}

/// Letters, digits, `-`, `_` and `.`, the last not in front: no way out of the folder.
fn is_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(plain)
}

async fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = tokio::fs::File::open(path).await?;
    let mut bytes = Vec::new();
    // One byte more than a chain may have, so that a longer one is noticed.
    file.take(MAX_CHAIN_BYTES as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_folder_gives_its_own_files_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("certs");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("a.pem"), "chain").unwrap();
        std::fs::write(folder.join(".hidden"), "chain").unwrap();
        std::fs::write(home.path().join("secret"), "secret").unwrap();
        let fetcher = Folder(folder);
        for (path, found) in [
            ("/echo.api/a.pem", true),
            ("/echo.api/deeper/a.pem", true),
            ("/echo.api/b.pem", false),
            ("/echo.api/.hidden", false),
            ("/echo.api/..%2fsecret", false),
            ("/echo.api/%2e%2e%2fsecret", false),
            ("/echo.api/a.pem/", false),
            ("/echo.api/", false),
        ] {
            let url = Url::parse("https://s3.amazonaws.com").unwrap().join(path).unwrap();
            assert_eq!(fetcher.fetch(&url).await.is_ok(), found, "{path}");
        }
    }

    #[test]
    fn an_unknown_account_has_a_household_of_its_own() {
        let one = own_household("amzn1.ask.account.A").unwrap();
        assert_eq!(own_household("amzn1.ask.account.A").as_ref(), Some(&one));
        assert_ne!(own_household("amzn1.ask.account.B").as_ref(), Some(&one));
        assert!(!one.as_str().contains("account"));
    }
}
