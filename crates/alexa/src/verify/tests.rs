//! The rules, one short case each. [`Signer`] is the script's language.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};

use super::cache::{FAILURE_LASTS, MAX_FAILURES, MAX_FETCHES, MAX_KEYS};
use super::*;
use crate::dev::{Authority, CHAIN_URL, Shelf, ca, signer_key, signer_params};

const SKILL: &str = "amzn1.ask.skill.hearthline";
const NOW: &str = "2026-01-01T00:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn body(timestamp: &str) -> String {
    format!(
        r#"{{"version":"1.0","context":{{"System":{{"application":{{"applicationId":"{SKILL}"}}}}}},
        "request":{{"type":"LaunchRequest","requestId":"r1","timestamp":"{timestamp}"}}}}"#
    )
}

#[tokio::test]
async fn a_signed_request_is_verified_and_parsed() {
    let authority = Authority::new().unwrap();
    let verified = verify(&authority, &body(NOW)).await.unwrap();
    assert_eq!(verified.envelope().id, "r1");
    assert_eq!(verified.into_envelope().request.kind(), "LaunchRequest");
}

#[tokio::test]
async fn headers_must_be_there_once_and_not_empty() {
    let authority = Authority::new().unwrap();
    let body = body(NOW);
    let signature = authority.sign(body.as_bytes()).unwrap();
    let (url, sig) = (("SignatureCertChainUrl", CHAIN_URL), ("Signature-256", signature.as_str()));
    type Case<'a> = (&'a [(&'a str, &'a str)], Result<(), Refusal>);
    let cases: &[Case<'_>] = &[
        (&[url, sig], Ok(())),
        (&[sig, url, ("Signature", "AAAA"), ("X", "y"), ("X", "z")], Ok(())),
        (&[("signaturecertchainurl", CHAIN_URL), ("SIGNATURE-256", &signature)], Ok(())),
        (&[], Err(Refusal::HeaderMissing)),
        (&[url], Err(Refusal::HeaderMissing)),
        (&[sig], Err(Refusal::HeaderMissing)),
        (&[url, ("Signature", &signature)], Err(Refusal::HeaderMissing)),
        (&[("SignatureCertChainUrl", ""), sig], Err(Refusal::HeaderMissing)),
        (&[url, ("Signature-256", "")], Err(Refusal::HeaderMissing)),
        (&[url, url, sig], Err(Refusal::HeaderRepeated)),
        (&[url, ("signaturecertchainURL", ""), sig], Err(Refusal::HeaderRepeated)),
        (&[url, sig, ("signature-256", "AAAA")], Err(Refusal::HeaderRepeated)),
        (
            &[("SignatureCertChainUrl", "https://evil.com/echo.api/x"), sig],
            Err(Refusal::CertificateUrl),
        ),
    ];
    for (headers, expected) in cases {
        let verifier = trusting(&authority, authority.fetcher());
        let headers = headers.iter().copied();
        let verified = verifier.verify(headers, body.as_bytes(), now()).await;
        assert_eq!(verified.map(drop), *expected, "{expected:?}");
    }
}

#[tokio::test]
async fn a_signature_is_of_these_bytes_by_this_key_in_standard_base64() {
    let authority = Authority::new().unwrap();
    let body = body(NOW);
    let signature = authority.sign(body.as_bytes()).unwrap();
    let of_another = authority.sign(b"another body").unwrap();
    let long = "A".repeat(MAX_SIGNATURE_CHARS + 4);
    let spaced = format!("{} {}", &signature[..10], &signature[10..]);
    for (signature, refusal) in [
        (of_another.as_str(), Refusal::SignatureMismatch),
        ("AAAA", Refusal::SignatureMismatch),
        (&signature[..signature.len() - 4], Refusal::SignatureMismatch),
        (&signature[..signature.len() - 2], Refusal::SignatureMalformed),
        (&signature.replace('+', "-").replace('/', "_"), Refusal::SignatureMalformed),
        (&format!("{signature}, {signature}"), Refusal::SignatureMalformed),
        (&spaced, Refusal::SignatureMalformed),
        ("not base64!", Refusal::SignatureMalformed),
        (&long, Refusal::SignatureMalformed),
    ] {
        let verifier = trusting(&authority, authority.fetcher());
        let headers = [("SignatureCertChainUrl", CHAIN_URL), ("Signature-256", signature)];
        let verified = verifier.verify(headers, body.as_bytes(), now()).await;
        assert_eq!(verified.map(drop), Err(refusal), "{signature}");
    }
    // One byte more, less or other, and the signature is of something else.
    let headers = authority.headers(body.as_bytes()).unwrap();
    for other in [format!("{body} "), body[1..].to_owned(), body.replace("r1", "r2")] {
        let verifier = trusting(&authority, authority.fetcher());
        let verified = verifier.verify(headers.clone(), other.as_bytes(), now()).await;
        assert_eq!(verified.map(drop), Err(Refusal::SignatureMismatch));
    }
}

#[tokio::test]
async fn nothing_of_the_body_counts_before_its_signature() {
    let authority = Authority::new().unwrap();
    let stranger = Authority::new().unwrap();
    for body in ["", "{", "\u{0}", r#"{"request":{}}"#] {
        let refused = verify(&authority, body).await.map(drop);
        assert_eq!(refused, Err(Refusal::BodyMalformed).or(expected(body)), "{body}");
        // The same from someone we do not trust: refused for that alone.
        let verifier = trusting(&authority, stranger.fetcher());
        let headers = stranger.headers(body.as_bytes()).unwrap();
        let refused = verifier.verify(headers, body.as_bytes(), now()).await.map(drop);
        assert_eq!(refused, Err(Refusal::CertificateUntrusted));
    }

    fn expected(body: &str) -> Result<(), Refusal> {
        match body.contains("request") {
            true => Err(Refusal::TimestampMalformed),
            false => Err(Refusal::BodyMalformed),
        }
    }
}

#[tokio::test]
async fn signed_nonsense_is_refused_without_a_panic() {
    let authority = Authority::new().unwrap();
    let nested = "[".repeat(100_000);
    let nested_objects = r#"{"a":"#.repeat(50_000);
    let inside = format!(
        r#"{{"session":{{"attributes":{}}},"request":{{"type":"LaunchRequest","timestamp":"{NOW}"}}}}"#,
        "[".repeat(1000) + &"]".repeat(1000)
    );
    let no_intent = format!(r#"{{"request":{{"type":"IntentRequest","timestamp":"{NOW}"}}}}"#);
    let no_type = format!(r#"{{"request":{{"timestamp":"{NOW}"}}}}"#);
    let twice = body(NOW).replace(r#""version":"1.0","#, r#""version":"1.0","version":"2.0","#);
    for body in [
        "null",
        "[]",
        "\"x\"",
        "1e999",
        "{}",
        r#"{"request":null}"#,
        "{\"request\":{}",
        &nested,
        &nested_objects,
        &inside,
        &no_intent,
        &no_type,
        &twice,
    ] {
        let refused = verify(&authority, body).await.map(drop);
        let reasons = [Refusal::BodyMalformed, Refusal::TimestampMalformed];
        assert!(refused.is_err_and(|refusal| reasons.contains(&refusal)));
    }
    let not_utf8 = [body(NOW).trim_end_matches('}').as_bytes(), b",\"x\":\"\xff\"}}"].concat();
    assert_eq!(verify(&authority, &not_utf8).await.map(drop), Err(Refusal::BodyMalformed));
    let large = body(NOW) + &" ".repeat(MAX_BODY_BYTES);
    assert_eq!(verify(&authority, &large).await.map(drop), Err(Refusal::BodyTooLarge));
}

#[tokio::test]
async fn timestamps_count_both_ways() {
    let authority = Authority::new().unwrap();
    for (timestamp, expected) in [
        (NOW, Ok(())),
        ("2025-12-31T23:57:30Z", Ok(())),
        ("2025-12-31T23:57:29Z", Err(Refusal::TimestampStale)),
        ("2025-12-31T23:57:29.999Z", Err(Refusal::TimestampStale)),
        ("2026-01-01T00:02:30Z", Ok(())),
        ("2026-01-01T00:02:30.001Z", Err(Refusal::TimestampAhead)),
        ("2026-01-01T00:02:31Z", Err(Refusal::TimestampAhead)),
        ("2026-01-01T01:00:00+01:00", Ok(())),
        ("2027-01-01T00:00:00Z", Err(Refusal::TimestampAhead)),
        ("9999-12-30T00:00:00Z", Err(Refusal::TimestampAhead)),
        ("0001-01-01T00:00:00Z", Err(Refusal::TimestampStale)),
        ("2026-01-01T00:00:00", Err(Refusal::TimestampMalformed)),
        ("2026-01-01", Err(Refusal::TimestampMalformed)),
        ("1767225600000", Err(Refusal::TimestampMalformed)),
        ("yesterday", Err(Refusal::TimestampMalformed)),
        ("", Err(Refusal::TimestampMalformed)),
    ] {
        let verified = verify(&authority, &body(timestamp)).await;
        assert_eq!(verified.map(drop), expected, "{timestamp}");
    }
    for (from, to) in [
        (format!(r#","timestamp":"{NOW}""#), String::new()),
        (format!(r#""{NOW}""#), "null".to_owned()),
        (format!(r#""{NOW}""#), "1767225600000".to_owned()),
    ] {
        let verified = verify(&authority, &body(NOW).replace(&from, &to)).await;
        assert_eq!(verified.map(drop), Err(Refusal::TimestampMalformed), "{to}");
    }
}

#[tokio::test]
async fn some_skill_events_may_be_an_hour_late() {
    let authority = Authority::new().unwrap();
    for (kind, timestamp, expected) in [
        ("AlexaSkillEvent.SkillEnabled", "2025-12-31T23:00:00Z", Ok(())),
        ("AlexaSkillEvent.SkillDisabled", "2026-01-01T01:00:00Z", Ok(())),
        ("AlexaSkillEvent.SkillPermissionChanged", "2025-12-31T23:00:00Z", Ok(())),
        ("AlexaSkillEvent.SkillPermissionAccepted", "2025-12-31T23:00:00Z", Ok(())),
        ("AlexaSkillEvent.SkillAccountLinked", "2025-12-31T23:00:00Z", Ok(())),
        ("AlexaSkillEvent.SkillEnabled", "2025-12-31T22:59:59Z", Err(Refusal::TimestampStale)),
        (
            "AlexaSkillEvent.ProactiveSubscriptionChanged",
            "2025-12-31T23:00:00Z",
            Err(Refusal::TimestampStale),
        ),
        (
            "AlexaSkillEvent.NotificationSubscriptionChanged",
            "2025-12-31T23:00:00Z",
            Err(Refusal::TimestampStale),
        ),
        ("Messaging.MessageReceived", "2025-12-31T23:00:00Z", Err(Refusal::TimestampStale)),
    ] {
        let body = body(timestamp).replace("LaunchRequest", kind);
        assert_eq!(verify(&authority, &body).await.map(drop), expected, "{kind} {timestamp}");
    }
}

#[tokio::test]
async fn a_request_is_for_one_of_our_skills() {
    let authority = Authority::new().unwrap();
    let session = |id: &str| {
        body(NOW).replacen(
            '{',
            &format!(r#"{{"session":{{"application":{{"applicationId":"{id}"}}}},"#),
            1,
        )
    };
    let refused = Err(Refusal::ApplicationId);
    for (body, expected) in [
        (body(NOW), Ok(())),
        (session(SKILL), Ok(())),
        (body(NOW).replacen('{', r#"{"session":null,"#, 1), Ok(())),
        (body(NOW).replacen('{', r#"{"session":{"new":true},"#, 1), Ok(())),
        (session("amzn1.ask.skill.other"), refused),
        (session(""), refused),
        (session("amzn1.ask.skill.second"), refused), // ours too, but a request is for one skill
        (body(NOW).replace(SKILL, "amzn1.ask.skill.second"), Ok(())),
        (body(NOW).replace(SKILL, "amzn1.ask.skill.other"), refused),
        (body(NOW).replace(SKILL, ""), refused),
        (body(NOW).replace("System", "Systems"), refused),
        (session(SKILL).replace("System", "Systems"), refused),
    ] {
        assert_eq!(verify(&authority, &body).await.map(drop), expected, "{body}");
    }
    let verifier = Verifier::new(authority.fetcher(), vec![authority.anchor().unwrap()], []);
    let body = body(NOW);
    let headers = authority.headers(body.as_bytes()).unwrap();
    assert_eq!(verifier.verify(headers, body.as_bytes(), now()).await.map(drop), refused);
}

// Chains. The root is the authority's own; the leaf signs with the key that `Authority` signs with.

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn root(name: &str) -> Issuer {
    CertifiedIssuer::self_signed(ca(name), KeyPair::generate().unwrap()).unwrap()
}

fn below(name: &str, issuer: &Issuer) -> Issuer {
    CertifiedIssuer::signed_by(ca(name), KeyPair::generate().unwrap(), issuer).unwrap()
}

fn leaf(issuer: &Issuer, change: impl FnOnce(&mut CertificateParams)) -> String {
    let mut params = signer_params(&["echo-api.amazon.com"]).unwrap();
    change(&mut params);
    params.signed_by(&signer_key().unwrap(), issuer).unwrap().pem()
}

fn anchor(root: &Issuer) -> TrustAnchor<'static> {
    webpki::anchor_from_trusted_cert(root.der()).unwrap().to_owned()
}

fn judge(pem: &str, root: &Issuer) -> Result<(), Refusal> {
    chain::read(pem.as_bytes(), &[anchor(root)], now()).map(drop)
}

#[test]
fn a_chain_of_amazons_shape_is_trusted() {
    // leaf <- intermediate <- trusted root, sent with the root cross-signed by a legacy authority that nobody
    // trusts any more, itself cross-signed by an older one.
    let (trusted, legacy) = (root("Root CA 1"), root("Legacy Class 2"));
    let services = below("Legacy Services G2", &legacy);
    let intermediate = below("RSA 2048 M01", &trusted);
    let cross = ca("Root CA 1").signed_by(trusted.key(), &services).unwrap().pem();
    let leaf = leaf(&intermediate, |_| {});
    let (m01, g2) = (intermediate.pem(), services.pem());
    for pem in [
        format!("{leaf}{m01}{cross}{g2}"),
        format!("{leaf}{m01}"),
        format!("{leaf}{g2}{cross}{m01}"),
        format!("{leaf}\r\n\r\n{m01}{cross}{g2}\n\n"),
        format!("a comment\n{leaf}another\n{m01}"),
    ] {
        assert_eq!(judge(&pem, &trusted), Ok(()));
    }
    assert_eq!(judge(&leaf, &trusted), Err(Refusal::CertificateUntrusted));
    assert_eq!(judge(&format!("{leaf}{cross}{g2}"), &trusted), Err(Refusal::CertificateUntrusted));
    assert_eq!(judge(&format!("{m01}{leaf}{cross}"), &trusted), Err(Refusal::CertificateUntrusted));
    assert_eq!(
        judge(&format!("{leaf}{m01}{cross}{g2}"), &root("Root CA 1")),
        Err(Refusal::CertificateUntrusted)
    );
}

#[test]
fn a_signer_is_what_it_must_be() {
    let root = root("Root");
    let sans = |names: &[&str]| signer_params(names).unwrap().subject_alt_names;
    let check = |change: &dyn Fn(&mut CertificateParams), expected| {
        assert_eq!(judge(&leaf(&root, |params| change(params)), &root), expected);
    };
    check(&|_| {}, Ok(()));
    check(&|p| p.subject_alt_names = sans(&["a.example", "echo-api.amazon.com"]), Ok(()));
    let name = Err(Refusal::CertificateName);
    check(&|p| p.subject_alt_names = sans(&["echo-api.amazon.com.evil.com"]), name);
    check(&|p| p.subject_alt_names = sans(&["evil.com"]), name);
    check(&|p| p.subject_alt_names = sans(&["*.amazon.com"]), name);
    check(&|p| p.subject_alt_names = vec![], name); // the common name still says echo-api.amazon.com
    let untrusted = Err(Refusal::CertificateUntrusted);
    check(&|p| p.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained), untrusted);
    check(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning], untrusted);
    check(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth], untrusted);
    let dates = Err(Refusal::CertificateDates);
    check(&|p| p.not_after = date_time_ymd(2025, 12, 31), dates);
    check(&|p| p.not_before = date_time_ymd(2026, 1, 2), dates);

    let key = KeyPair::generate().unwrap();
    let elliptic = signer_params(&["echo-api.amazon.com"]).unwrap().signed_by(&key, &root).unwrap();
    assert_eq!(judge(&elliptic.pem(), &root), Err(Refusal::CertificateKey));
    let mut own = signer_params(&["echo-api.amazon.com"]).unwrap();
    let own_leaf = own.self_signed(&signer_key().unwrap()).unwrap().pem();
    assert_eq!(judge(&own_leaf, &root), untrusted);
    own.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let own_ca = own.self_signed(&signer_key().unwrap()).unwrap().pem();
    assert_eq!(judge(&own_ca, &root), untrusted);
}

#[test]
fn an_intermediate_is_in_date_and_an_authority() {
    let root = root("Root");
    let mut params = ca("Intermediate");
    params.not_after = date_time_ymd(2025, 6, 1);
    let key = KeyPair::generate().unwrap();
    let expired = CertifiedIssuer::signed_by(params, key, &root).unwrap();
    let pem = leaf(&expired, |_| {}) + &expired.pem();
    assert_eq!(judge(&pem, &root), Err(Refusal::CertificateDates));

    let mut params = ca("Not an authority");
    params.is_ca = IsCa::ExplicitNoCa;
    let key = KeyPair::generate().unwrap();
    let no_ca = CertifiedIssuer::signed_by(params, key, &root).unwrap();
    let pem = leaf(&no_ca, |_| {}) + &no_ca.pem();
    assert_eq!(judge(&pem, &root), Err(Refusal::CertificateUntrusted));
}

#[test]
fn what_is_no_chain_is_refused() {
    let root = root("Root");
    let leaf = leaf(&root, |_| {});
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in [
        "",
        "<html>404</html>",
        key,
        broken,
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        &leaf.repeat(11),
        &(leaf.clone() + &" ".repeat(MAX_CHAIN_BYTES)),
    ] {
        assert_eq!(judge(pem, &root), Err(Refusal::CertificateMalformed), "{pem:.40}");
    }
    assert_eq!(judge(&(key.to_owned() + &leaf), &root), Ok(()));
}

// The cache.

/// Counts what it is asked and holds it until let go.
#[derive(Clone)]
struct Counting {
    shelf: Shelf,
    asked: Arc<AtomicUsize>,
    gate: Arc<tokio::sync::Semaphore>,
}

impl Fetcher for Counting {
    fn fetch<'a>(&'a self, url: &'a Url) -> FetchFuture<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let _pass = self.gate.acquire().await;
            self.shelf.fetch(url).await
        })
    }
}

impl Counting {
    fn new(shelf: Shelf, open: bool) -> Self {
        let gate = Arc::new(tokio::sync::Semaphore::new(usize::from(open)));
        Self { shelf, asked: Arc::default(), gate }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn url(name: &str) -> String {
    format!("https://s3.amazonaws.com/echo.api/{name}")
}

async fn verify_at(
    verifier: &Verifier,
    authority: &Authority,
    url: &str,
    at: &str,
) -> Result<(), Refusal> {
    let body = body(at);
    let headers = [
        ("SignatureCertChainUrl", url.to_owned()),
        ("Signature-256", authority.sign(body.as_bytes()).unwrap()),
    ];
    verifier.verify(headers, body.as_bytes(), at.parse().unwrap()).await.map(drop)
}

#[tokio::test]
async fn a_chain_is_fetched_once_however_its_address_is_written() {
    let authority = Authority::new().unwrap();
    let fetcher = Counting::new(authority.fetcher(), true);
    let verifier = trusting(&authority, fetcher.clone());
    for raw in [
        CHAIN_URL,
        &CHAIN_URL.replace(".com", ".com:443"),
        &CHAIN_URL.replace("echo.api", "x/../echo.api"),
    ] {
        assert_eq!(verify_at(&verifier, &authority, raw, NOW).await, Ok(()));
    }
    assert_eq!(fetcher.asked(), 1);
}

#[tokio::test]
async fn requests_that_come_together_wait_for_one_fetch() {
    let authority = Arc::new(Authority::new().unwrap());
    let fetcher = Counting::new(authority.fetcher(), false);
    let verifier = Arc::new(trusting(&authority, fetcher.clone()));
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (verifier, authority) = (Arc::clone(&verifier), Arc::clone(&authority));
            tokio::spawn(async move { verify_at(&verifier, &authority, CHAIN_URL, NOW).await })
        })
        .collect();
    while fetcher.asked() == 0 {
        tokio::task::yield_now().await;
    }
    // The one who fetches goes away; another takes over.
    requests[0].abort();
    fetcher.gate.add_permits(1);
    let mut served = 0;
    for request in requests {
        served += usize::from(request.await.is_ok_and(|verified| verified.is_ok()));
    }
    assert_eq!((served, fetcher.asked()), (19, 2));
    assert!(verifier.cache.idle());
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_moment() {
    let authority = Authority::new().unwrap();
    let fetcher = Counting::new(authority.fetcher(), true);
    let verifier = trusting(&authority, fetcher.clone());
    let gone = Err(Refusal::CertificateUnavailable);
    let later = (now() + FAILURE_LASTS).to_string();
    for (at, asked) in [
        (NOW, 1),
        ("2026-01-01T00:00:09Z", 1),
        (&later, 2),
        (NOW, 3), // the clock was set back
    ] {
        assert_eq!(verify_at(&verifier, &authority, &url("gone.pem"), at).await, gone);
        assert_eq!(fetcher.asked(), asked, "{at}");
    }
    // One bad address says nothing about another.
    assert_eq!(verify_at(&verifier, &authority, CHAIN_URL, NOW).await, Ok(()));

    let fetcher = Counting::new(authority.fetcher(), true);
    let verifier = trusting(&authority, fetcher.clone()).forgetting_failures();
    for asked in 1..4 {
        assert_eq!(verify_at(&verifier, &authority, &url("gone.pem"), NOW).await, gone);
        assert_eq!(fetcher.asked(), asked);
    }
}

#[tokio::test]
async fn a_chain_that_failed_is_never_trusted_later() {
    let authority = Authority::new().unwrap();
    let stranger = Authority::new().unwrap();
    let fetcher = Counting::new(stranger.fetcher(), true);
    let verifier = trusting(&authority, fetcher.clone());
    for _ in 0..3 {
        let verified = verify_at(&verifier, &stranger, CHAIN_URL, NOW).await;
        assert_eq!(verified, Err(Refusal::CertificateUntrusted));
    }
    assert_eq!(fetcher.asked(), 1);
}

#[tokio::test]
async fn a_key_lives_as_long_as_the_shortest_certificate_of_its_path() {
    let authority = Authority::new().unwrap();
    let root = root("Root");
    let mut params = ca("Intermediate");
    params.not_after = date_time_ymd(2026, 2, 1);
    params.not_before = date_time_ymd(2025, 12, 1);
    let key = KeyPair::generate().unwrap();
    let intermediate = CertifiedIssuer::signed_by(params, key, &root).unwrap();
    let pem = leaf(&intermediate, |_| {}) + &intermediate.pem();
    let fetcher = Counting::new(Shelf([(CHAIN_URL.to_owned(), pem.into_bytes())].into()), true);
    let verifier = Verifier::new(fetcher.clone(), vec![anchor(&root)], [SKILL.to_owned()]);
    let dates = Err(Refusal::CertificateDates);
    for (at, expected, asked) in [
        (NOW, Ok(()), 1),
        ("2026-02-01T00:00:00Z", Ok(()), 1),
        ("2026-02-01T00:00:01Z", dates, 2),
        ("2026-02-01T00:00:12Z", dates, 3),
        ("2025-11-30T23:59:59Z", dates, 4),
        ("2025-12-01T00:00:09Z", Ok(()), 5),
    ] {
        assert_eq!(verify_at(&verifier, &authority, CHAIN_URL, at).await, expected, "{at}");
        assert_eq!(fetcher.asked(), asked, "{at}");
    }
}

#[tokio::test]
async fn strangers_fill_no_memory_and_push_no_key_out() {
    let authority = Authority::new().unwrap();
    let mut shelf = authority.fetcher();
    for i in 0..2 * MAX_KEYS {
        shelf.0.insert(url(&format!("good-{i}.pem")), authority.chain_pem().as_bytes().to_vec());
    }
    let verifier = trusting(&authority, shelf);
    assert_eq!(verify_at(&verifier, &authority, CHAIN_URL, NOW).await, Ok(()));
    for i in 0..2 * MAX_FAILURES {
        let refused = verify_at(&verifier, &authority, &url(&format!("{i}.pem")), NOW).await;
        assert_eq!(refused, Err(Refusal::CertificateUnavailable));
    }
    assert_eq!(verifier.cache.sizes(), (1, MAX_FAILURES));
    for i in 0..2 * MAX_KEYS {
        let address = url(&format!("good-{i}.pem"));
        assert_eq!(verify_at(&verifier, &authority, &address, NOW).await, Ok(()));
    }
    assert_eq!(verifier.cache.sizes(), (MAX_KEYS, MAX_FAILURES));
}

#[tokio::test]
async fn only_so_many_addresses_are_fetched_at_once() {
    let authority = Arc::new(Authority::new().unwrap());
    let fetcher = Counting::new(authority.fetcher(), false);
    let verifier = Arc::new(trusting(&authority, fetcher.clone()));
    let requests: Vec<_> = (0..MAX_FETCHES)
        .map(|i| {
            let (verifier, authority) = (Arc::clone(&verifier), Arc::clone(&authority));
            let address = url(&format!("{i}.pem"));
            tokio::spawn(async move { verify_at(&verifier, &authority, &address, NOW).await })
        })
        .collect();
    while fetcher.asked() < MAX_FETCHES {
        tokio::task::yield_now().await;
    }
    let one_more = verify_at(&verifier, &authority, &url("more.pem"), NOW).await;
    assert_eq!((one_more, fetcher.asked()), (Err(Refusal::CertificateUnavailable), MAX_FETCHES));
    requests.iter().for_each(tokio::task::JoinHandle::abort);
    for request in requests {
        assert!(request.await.is_err());
    }
    assert!(verifier.cache.idle());
}

fn trusting(authority: &Authority, fetcher: impl Fetcher + 'static) -> Verifier {
    let skills = [SKILL.to_owned(), "amzn1.ask.skill.second".to_owned()];
    Verifier::new(fetcher, vec![authority.anchor().unwrap()], skills)
}

async fn verify(authority: &Authority, body: impl AsRef<[u8]>) -> Result<Verified, Refusal> {
    let verifier = trusting(authority, authority.fetcher());
    let body = body.as_ref();
    verifier.verify(authority.headers(body).unwrap(), body, now()).await
}
