//! Amazon's signing certificates, fetched.

use std::time::Duration;

use alexa_skill::{FetchError, FetchFuture, Fetcher, MAX_CHAIN_BYTES};
use reqwest::redirect::Policy;
use url::Url;

/// A request waits for its certificate, and Alexa waits about 8 s for the answer.
const FETCH_WITHIN: Duration = Duration::from_secs(3);

/// Fetches over TLS only, follows no redirect and reads no more than a chain has.
#[derive(Debug)]
pub struct Certificates(reqwest::Client);

impl Certificates {
    /// # Errors
    /// If this machine's TLS roots cannot be read.
    pub fn over_tls() -> Result<Self, reqwest::Error> {
        Self::new(true)
    }

    fn new(https_only: bool) -> Result<Self, reqwest::Error> {
        // Somebody may have installed the same provider before; either serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .https_only(https_only)
            .redirect(Policy::none())
            .timeout(FETCH_WITHIN)
            .build()
            .map(Self)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let failed = |error: reqwest::Error| FetchError(error.without_url().to_string());
        let mut response = self.0.get(url.as_str()).send().await.map_err(failed)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError(format!("the answer was {}", response.status())));
        }
        let mut pem = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            pem.extend_from_slice(&chunk);
            if pem.len() > MAX_CHAIN_BYTES {
                return Err(FetchError(format!("longer than {MAX_CHAIN_BYTES} bytes")));
            }
        }
        Ok(pem)
    }
}

impl Fetcher for Certificates {
    fn fetch<'a>(&'a self, url: &'a Url) -> FetchFuture<'a> {
        Box::pin(async move {
            let fetched = self.get(url).await;
            if let Err(error) = &fetched {
                tracing::warn!(%url, %error, "a signing certificate could not be fetched");
            }
            fetched
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::response::Redirect;
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn only_a_plain_answer_of_bounded_size_over_tls_will_do() {
        let router = Router::new()
            .route("/chain", get(|| async { "x".repeat(MAX_CHAIN_BYTES) }))
            .route("/long", get(|| async { "x".repeat(MAX_CHAIN_BYTES + 1) }))
            .route("/moved", get(|| async { Redirect::temporary("/chain") }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let plain = Certificates::new(false).unwrap();
        for (path, length) in
            [("chain", Some(MAX_CHAIN_BYTES)), ("long", None), ("moved", None), ("missing", None)]
        {
            let url = format!("http://{address}/{path}").parse().unwrap();
            assert_eq!(plain.fetch(&url).await.ok().map(|pem| pem.len()), length, "{path}");
        }
        let url = format!("http://{address}/chain").parse().unwrap();
        assert!(Certificates::over_tls().unwrap().fetch(&url).await.is_err());
        server.abort();
    }
}
