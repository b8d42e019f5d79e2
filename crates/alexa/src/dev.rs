//! A signer of our own, for tests, simulators and development (feature `dev`).
//!
//! Each [`Authority`] is a fresh root that nobody trusts who was not given it. Only the signer's RSA key
//! comes with this crate, because ring cannot make one; without a certificate from a trusted root it
//! proves nothing.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::{PrivatePkcs8KeyDer, TrustAnchor};
use url::Url;

use crate::verify::{FetchError, FetchFuture, Fetcher};

/// PKCS #8, RSA-2048. Public on purpose.
const SIGNER_KEY: &[u8] = include_bytes!("dev/key.pk8");
/// Where the signer claims its chain is.
pub const CHAIN_URL: &str = "https://s3.amazonaws.com/echo.api/development.pem";

/// Why no signer could be made.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    #[error("could not make a development certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("could not use the development key: {0}")]
    Key(ring::error::KeyRejected),
    #[error("could not sign with the development key")]
    Signature,
    #[error("the development root is not a trust anchor: {0}")]
    Anchor(webpki::Error),
}

/// A root, and a signer for `echo-api.amazon.com` below it.
#[derive(Debug)]
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    chain_pem: String,
    key: RsaKeyPair,
}

impl Authority {
    /// A fresh root with a signer below it, both valid from 1975 to 2120, so that any fixed clock serves.
    ///
    /// # Errors
    /// When the certificates cannot be made, which no input can cause.
    pub fn new() -> Result<Self, DevError> {
        let root =
            CertifiedIssuer::self_signed(ca("Hearthline development root"), KeyPair::generate()?)?;
        let signer = signer_params(&["echo-api.amazon.com"])?.signed_by(&signer_key()?, &root)?;
        let chain_pem = signer.pem();
        let key = RsaKeyPair::from_pkcs8(SIGNER_KEY).map_err(DevError::Key)?;
        Ok(Self { root, chain_pem, key })
    }

    /// For a verifier's anchors.
    ///
    /// # Errors
    /// When webpki does not take the root, which no input can cause.
    pub fn anchor(&self) -> Result<TrustAnchor<'static>, DevError> {
        let anchor = webpki::anchor_from_trusted_cert(self.root.der()).map_err(DevError::Anchor)?;
        Ok(anchor.to_owned())
    }

    /// For a `trust_anchor` file.
    #[must_use]
    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// For a `certificates` folder, or to be served at [`CHAIN_URL`].
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The value of `Signature-256` for a body.
    ///
    /// # Errors
    /// When the system has no randomness (RSA blinding needs some).
    pub fn sign(&self, body: &[u8]) -> Result<String, DevError> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &random, body, &mut signature);
        signed.map_err(|_| DevError::Signature)?;
        Ok(STANDARD.encode(signature))
    }

    /// The two headers that a request with this body needs.
    ///
    /// # Errors
    /// As for [`Self::sign`].
    pub fn headers(&self, body: &[u8]) -> Result<[(&'static str, String); 2], DevError> {
        let signature = self.sign(body)?;
        Ok([("SignatureCertChainUrl", CHAIN_URL.to_owned()), ("Signature-256", signature)])
    }

    /// A fetcher that knows this signer's chain.
    #[must_use]
    pub fn fetcher(&self) -> Shelf {
        Shelf(BTreeMap::from([(CHAIN_URL.to_owned(), self.chain_pem.clone().into_bytes())]))
    }
}

/// A fetcher that has its files with it.
#[derive(Debug, Clone, Default)]
pub struct Shelf(pub BTreeMap<String, Vec<u8>>);

impl Fetcher for Shelf {
    fn fetch<'a>(&'a self, url: &'a Url) -> FetchFuture<'a> {
        let found = self.0.get(url.as_str()).cloned();
        Box::pin(async move { found.ok_or_else(|| FetchError(format!("nothing at {url}"))) })
    }
}

pub(crate) fn signer_key() -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(SIGNER_KEY), &PKCS_RSA_SHA256)
}

pub(crate) fn ca(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

pub(crate) fn signer_params(names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let sans = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let mut params = named("echo-api.amazon.com");
    params.subject_alt_names = sans.subject_alt_names;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(1975, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params
}
