//! From a PEM file to the key that signs requests.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
use x509_parser::prelude::FromDer as _;

use super::{MAX_CHAIN_BYTES, Refusal};

/// Amazon sends four. More than this nobody needs, and path building costs time.
const MAX_CERTIFICATES: usize = 10;
const MIN_KEY_BITS: usize = 2048;
/// The one name a request signer has.
const SIGNER: &str = "echo-api.amazon.com";

/// A public key that signs Amazon's requests, and when it may.
#[derive(Debug)]
pub(super) struct SigningKey {
    /// PKCS #1 `RSAPublicKey`, which is what ring takes.
    rsa: UnparsedPublicKey<Vec<u8>>,
    /// When every certificate on the path is valid, in seconds since 1970.
    valid: RangeInclusive<i64>,
}

impl SigningKey {
    pub(super) fn is_valid_at(&self, now: Timestamp) -> bool {
        self.valid.contains(&now.as_second())
    }

    /// In seconds since 1970.
    pub(super) fn last_second(&self) -> i64 {
        *self.valid.end()
    }

    pub(super) fn verify(&self, body: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        self.rsa.verify(body, signature).map_err(|_| Refusal::SignatureMismatch)
    }
}

/// Reads and judges a chain: the signer first, then certificates in any order, of which those that lead nowhere
/// are ignored. Amazon's end in a cross-signature by a root that browsers no longer trust.
pub(super) fn read(
    pem: &[u8],
    anchors: &[TrustAnchor<'_>],
    now: Timestamp,
) -> Result<SigningKey, Refusal> {
    if pem.len() > MAX_CHAIN_BYTES {
        return Err(Refusal::CertificateMalformed);
    }
    let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem)
        .take(MAX_CERTIFICATES + 1)
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::CertificateMalformed)?;
    let [leaf, others @ ..] = &certificates[..] else {
        return Err(Refusal::CertificateMalformed);
    };
    if certificates.len() > MAX_CERTIFICATES {
        return Err(Refusal::CertificateMalformed);
    }
    let signer = EndEntityCert::try_from(leaf).map_err(refusal)?;
    let seconds = u64::try_from(now.as_second()).map_err(|_| Refusal::CertificateDates)?;
    let path = signer
        .verify_for_usage(
            ALL_VERIFICATION_ALGS,
            anchors,
            others,
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map_err(refusal)?;
    // webpki would let a wildcard match; Amazon's own verifiers compare literally.
    if !signer.valid_dns_names().any(|name| name == SIGNER) {
        return Err(Refusal::CertificateName);
    }
    let (rsa, mut valid) = key(leaf)?;
    for certificate in path.intermediate_certificates() {
        let der = certificate.der();
        let dates = dates(&certificate_of(&der)?);
        valid = *valid.start().max(dates.start())..=*valid.end().min(dates.end());
    }
    Ok(SigningKey { rsa, valid })
}

/// The trust anchors in a PEM file: every certificate in it.
///
/// # Errors
/// If the file holds no certificate, or one that is no root.
pub fn anchors_from_pem(pem: &[u8]) -> Result<Vec<TrustAnchor<'static>>, Refusal> {
    let anchors: Vec<TrustAnchor<'static>> = CertificateDer::pem_slice_iter(pem)
        .map(|der| {
            let der = der.map_err(|_| Refusal::CertificateMalformed)?;
            let anchor = webpki::anchor_from_trusted_cert(&der).map_err(refusal)?;
            Ok(anchor.to_owned())
        })
        .collect::<Result<_, Refusal>>()?;
    if anchors.is_empty() { Err(Refusal::CertificateMalformed) } else { Ok(anchors) }
}

fn certificate_of<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Refusal> {
    let (_, certificate) =
        X509Certificate::from_der(der).map_err(|_| Refusal::CertificateMalformed)?;
    Ok(certificate)
}

fn dates(certificate: &X509Certificate<'_>) -> RangeInclusive<i64> {
    let validity = certificate.validity();
    validity.not_before.timestamp()..=validity.not_after.timestamp()
}

fn key(
    leaf: &CertificateDer<'_>,
) -> Result<(UnparsedPublicKey<Vec<u8>>, RangeInclusive<i64>), Refusal> {
    let certificate = certificate_of(leaf)?;
    let info = certificate.public_key();
    let bits = info.parsed().map_or(0, |key| key.key_size());
    if info.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION || bits < MIN_KEY_BITS {
        return Err(Refusal::CertificateKey);
    }
    let bytes = info.subject_public_key.data.to_vec();
    Ok((UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, bytes), dates(&certificate)))
}

fn refusal(error: webpki::Error) -> Refusal {
    use webpki::Error;
    match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => Refusal::CertificateDates,
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => Refusal::CertificateMalformed,
        Error::UnsupportedCertVersion | Error::MalformedExtensions => Refusal::CertificateMalformed,
        _ => Refusal::CertificateUntrusted,
    }
}
