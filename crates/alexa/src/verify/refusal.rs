//! Why a request was refused.

macro_rules! refusals {
    ($($(#[doc = $why:literal])+ $name:ident = $word:literal,)*) => {
        /// Why a request was refused. The HTTP status is 400 for each, save `BodyTooLarge` (413).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
        pub enum Refusal {
            $($(#[doc = $why])+ #[error($word)] $name,)*
        }

        impl Refusal {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable reason word that `docs/alexa.md` lists.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

refusals! {
    /// `SignatureCertChainUrl` or `Signature-256` is missing or empty.
    HeaderMissing = "header-missing",
    /// `SignatureCertChainUrl` or `Signature-256` came more than once.
    HeaderRepeated = "header-repeated",
    /// `SignatureCertChainUrl` is not an address at which Amazon keeps its certificates.
    CertificateUrl = "certificate-url",
    /// The certificate chain could not be fetched, now or a moment ago.
    CertificateUnavailable = "certificate-unavailable",
    /// What was fetched is not a chain of certificates, or too long.
    CertificateMalformed = "certificate-malformed",
    /// A certificate of the chain has expired or is not yet valid.
    CertificateDates = "certificate-dates",
    /// The chain leads to no trusted root, or its first certificate may not sign requests.
    CertificateUntrusted = "certificate-untrusted",
    /// The certificate does not name `echo-api.amazon.com`, literally.
    CertificateName = "certificate-name",
    /// The certificate's key is not RSA of at least 2048 bits.
    CertificateKey = "certificate-key",
    /// `Signature-256` is not base64, or too long.
    SignatureMalformed = "signature-malformed",
    /// The signature is not of this body by this certificate.
    SignatureMismatch = "signature-mismatch",
    /// The body is longer than any Alexa request.
    BodyTooLarge = "body-too-large",
    /// The body is signed, but is not an Alexa request in UTF-8 JSON.
    BodyMalformed = "body-malformed",
    /// The request's timestamp is missing or unreadable.
    TimestampMalformed = "timestamp-malformed",
    /// The request was sent too long ago.
    TimestampStale = "timestamp-stale",
    /// The request was sent in the future: a clock is wrong.
    TimestampAhead = "timestamp-ahead",
    /// The request is for another skill, or no skill id is configured.
    ApplicationId = "application-id",
}
