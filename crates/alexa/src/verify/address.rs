//! Where Amazon keeps its certificates.

use url::Url;

use super::Refusal;

/// Amazon's are about 60 bytes long.
const MAX_URL_BYTES: usize = 512;

/// The address, normalised, if it is one that may be fetched.
///
/// A URL parser mends what it reads: it drops spaces, turns `\` into `/`, resolves `%2e`. What two parsers could
/// read differently is therefore refused as raw text first.
pub(super) fn read(raw: &[u8]) -> Result<Url, Refusal> {
    screened(raw)
        .and_then(|text| Url::parse(text).ok())
        .filter(allowed)
        .ok_or(Refusal::CertificateUrl)
}

fn screened(raw: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(raw).ok()?;
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '%' | '\\' | '@' | '?' | '#');
    if text.len() > MAX_URL_BYTES || !text.chars().all(plain) {
        return None;
    }
    // A parser also finds a host in `https:host/` and `https:///host/`.
    let (scheme, rest) = text.split_once("://")?;
    (scheme.eq_ignore_ascii_case("https") && !rest.starts_with('/')).then_some(text)
}

fn allowed(url: &Url) -> bool {
    url.scheme() == "https"
        && url.host_str() == Some("s3.amazonaws.com")
        && url.port_or_known_default() == Some(443)
        && url.path().starts_with("/echo.api/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, normalised: &str) {
        assert_eq!(read(raw.as_bytes()).map(String::from).as_deref(), Ok(normalised), "{raw}");
    }

    #[test]
    fn addresses_of_amazon_are_taken_and_normalised() {
        let plain = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";
        for raw in [
            plain,
            "https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem",
            "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem",
            "https://s3.amazonaws.com/./echo.api/./echo-api-cert.pem",
            "https://s3.amazonaws.com/x/../echo.api/echo-api-cert.pem",
            "https://s3.amazonaws.com/../echo.api/echo-api-cert.pem",
            "HTTPS://s3.amazonaws.com/echo.api/echo-api-cert.pem",
            "https://S3.AmazonAWS.com/echo.api/echo-api-cert.pem",
        ] {
            check(raw, plain);
        }
        check(
            "https://s3.amazonaws.com/echo.api/a/b.pem",
            "https://s3.amazonaws.com/echo.api/a/b.pem",
        );
    }

    #[test]
    fn every_other_address_is_refused() {
        let long = format!("https://s3.amazonaws.com/echo.api/{}", "x".repeat(512));
        for raw in [
            "",
            "echo-api-cert.pem",
            "//s3.amazonaws.com/echo.api/cert.pem",
            "http://s3.amazonaws.com/echo.api/cert.pem",
            "ftp://s3.amazonaws.com/echo.api/cert.pem",
            "file:///echo.api/cert.pem",
            "https:s3.amazonaws.com/echo.api/cert.pem",
            "https:/s3.amazonaws.com/echo.api/cert.pem",
            "https:///s3.amazonaws.com/echo.api/cert.pem",
            "https://notamazon.com/echo.api/cert.pem",
            "https://s3.amazonaws.com.evil.com/echo.api/cert.pem",
            "https://evil.s3.amazonaws.com/echo.api/cert.pem",
            "https://s3.amazonaws.com./echo.api/cert.pem",
            "https://s3.amazonaws.co/echo.api/cert.pem",
            "https://s3-us-west-2.amazonaws.com/echo.api/cert.pem",
            "https://user@s3.amazonaws.com/echo.api/cert.pem",
            "https://user:word@s3.amazonaws.com/echo.api/cert.pem",
            "https://s3.amazonaws.com@evil.com/echo.api/cert.pem",
            "https://evil.com#@s3.amazonaws.com/echo.api/cert.pem",
            "https://s3.amazonaws.com:0/echo.api/cert.pem",
            "https://s3.amazonaws.com:80/echo.api/cert.pem",
            "https://s3.amazonaws.com:563/echo.api/cert.pem",
            "https://s3.amazonaws.com:8443/echo.api/cert.pem",
            "https://s3.amazonaws.com:65979/echo.api/cert.pem",
            "https://s3.amazonaws.com:port/echo.api/cert.pem",
            "https://s3.amazonaws.com/EcHo.aPi/cert.pem",
            "https://s3.amazonaws.com/invalid.path/cert.pem",
            "https://s3.amazonaws.com/echo.api",
            "https://s3.amazonaws.com/echo.apis/cert.pem",
            "https://s3.amazonaws.com//echo.api/cert.pem",
            "https://s3.amazonaws.com/echo.api/../evil/cert.pem",
            "https://s3.amazonaws.com/echo.api/../cert.pem",
            "https://s3.amazonaws.com/echo.api/%2e%2e/evil/cert.pem",
            "https://s3.amazonaws.com/echo.api/%2E./evil/cert.pem",
            "https://s3.amazonaws.com/echo%2eapi/cert.pem",
            "https://s3.amazonaws.com/echo.api/..\\evil/cert.pem",
            "https:\\\\s3.amazonaws.com\\echo.api\\cert.pem",
            "https://s3.amazonaws.com/echo.api/cert.pem?x=y",
            "https://s3.amazonaws.com/echo.api/cert.pem#x",
            "https://s3.amazonaws.com/echo.api/cert .pem",
            " https://s3.amazonaws.com/echo.api/cert.pem",
            "https://s3.amazonaws.com/echo.api/cert.pem ",
            "ht\ttps://s3.amazonaws.com/echo.api/cert.pem",
            "https://s3.amazonaws.com/echo.api/\ncert.pem",
            "https://s3.amazonaws.com/echo.api/cert\0.pem",
            "https://s3.amazonaws.com/echo.api/cert\u{7f}.pem",
            "https://s3.amazonaws.com/echo.api/cert\u{e9}.pem",
            "https://\u{ff53}3.amazonaws.com/echo.api/cert.pem",
            "https://s3\u{3002}amazonaws.com/echo.api/cert.pem",
            "https://s3.amazonaws.com/echo.api/cert.pem, https://s3.amazonaws.com/echo.api/b.pem",
            "https://[::1]/echo.api/cert.pem",
            "https://127.0.0.1/echo.api/cert.pem",
            long.as_str(),
        ] {
            assert_eq!(read(raw.as_bytes()), Err(Refusal::CertificateUrl), "{raw}");
        }
        assert_eq!(read(b"https://s3.amazonaws.com/echo.api/\xff"), Err(Refusal::CertificateUrl));
    }
}
