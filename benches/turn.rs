//! What a signed Echo request costs: the server as a process of its own, asked over loopback, its
//! processor time read from the system. Also how soon it is ready, and how much memory it holds.
//!
//! `cargo bench --bench turn`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may fail loudly, prints its figures and reads the real clock"
)]

use std::fs;
use std::hint::black_box;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use alexa_skill::Verifier;
use alexa_skill::dev::Authority;
use base64::Engine as _;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SKILL: &str = "amzn1.ask.skill.bench";
const NOW: &str = "2026-01-01T00:00:00Z";
/// Echos that take turns, so that no single conversation grows beyond what one evening brings.
const DEVICES: usize = 64;
/// Enough for two digits of processor time, which the system counts in hundredths of a second.
const TURNS: usize = 4000;
const CONNECTIONS: [usize; 2] = [1, 32];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let authority = Authority::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ca.pem"), authority.root_pem()).unwrap();
    fs::create_dir(folder.path().join("certs")).unwrap();
    let chain = alexa_skill::dev::CHAIN_URL.rsplit('/').next().unwrap();
    fs::write(folder.path().join("certs").join(chain), authority.chain_pem()).unwrap();

    for (models, what) in [(false, "without"), (true, "with")] {
        let server = Server::start(folder.path(), models);
        let ready_ms = server.ready.as_secs_f64() * 1000.0;
        let resident_mb = server.resident_kb() as f64 / 1024.0;
        println!(
            "start to ready {what} the speech model: {ready_ms:.0} ms, resident {resident_mb:.0} MB"
        );
    }

    println!("signing {} requests …", TURNS * (1 + CONNECTIONS.len()));
    let bare_us = bare_verification(&authority);
    println!("one RSA-2048 verification: {bare_us:.1} us");
    let requests: Vec<Signed> = (0..TURNS).map(|number| signed(&authority, number)).collect();
    let verified_us = runtime.block_on(verification(&authority, &requests));
    println!(
        "signed request verified and parsed: {verified_us:.1} us, {:.2} of one verification",
        verified_us / bare_us
    );

    for (round, connections) in CONNECTIONS.into_iter().enumerate() {
        let server = Server::start(folder.path(), false);
        let first = (round + 1) * TURNS;
        let requests = (first..first + TURNS).map(|number| signed(&authority, number));
        let requests: Arc<[Vec<u8>]> = requests.map(|request| request.over_http()).collect();
        let before_us = server.processor_us();
        let began = Instant::now();
        let mut took = runtime.block_on(ask(server.address, connections, &requests));
        let wall = began.elapsed();
        let processor_us = (server.processor_us() - before_us) / TURNS as f64;
        took.sort();
        let at = |share: f64| took[(took.len() as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!(
            "signed turn, saved, {connections:2} connections: {:.0} requests/s, processor {processor_us:.0} us a \
             request ({:.1} verifications), p50 {:.2} ms, p99 {:.2} ms",
            TURNS as f64 / wall.as_secs_f64(),
            processor_us / bare_us,
            at(0.5),
            at(0.99),
        );
    }
}

/// Microseconds of processor time for checking one signature with a key that is ready.
fn bare_verification(authority: &Authority) -> f64 {
    let body = signed(authority, 0).body;
    let signature = authority.sign(&body).unwrap();
    let signature = base64::engine::general_purpose::STANDARD.decode(signature).unwrap();
    let key =
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key(authority.chain_pem()));
    let before_us = processor_us(Path::new("/proc/self/stat"));
    for _ in 0..TURNS * 4 {
        key.verify(black_box(&body), black_box(&signature)).unwrap();
    }
    (processor_us(Path::new("/proc/self/stat")) - before_us) / (TURNS * 4) as f64
}

/// The RSA key within a certificate: a sequence of a 2048-bit modulus and an exponent.
fn public_key(pem: &str) -> Vec<u8> {
    const BEGINNING: [u8; 8] = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01];
    const LENGTH: usize = 4 + 0x010a;
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let start = der.windows(BEGINNING.len()).position(|bytes| bytes == BEGINNING).unwrap();
    der[start..start + LENGTH].to_vec()
}

/// Microseconds of processor time for verifying and parsing one request, the certificate cached.
async fn verification(authority: &Authority, requests: &[Signed]) -> f64 {
    let verifier =
        Verifier::new(authority.fetcher(), vec![authority.anchor().unwrap()], [SKILL.to_owned()]);
    let now = NOW.parse().unwrap();
    let before_us = processor_us(Path::new("/proc/self/stat"));
    for request in requests {
        let headers = request.headers.iter().map(|(name, value)| (name, value));
        black_box(verifier.verify(headers, &request.body, now).await.unwrap());
    }
    (processor_us(Path::new("/proc/self/stat")) - before_us) / requests.len() as f64
}

/// Asks everything over so many kept connections; how long each answer took.
async fn ask(address: SocketAddr, connections: usize, requests: &Arc<[Vec<u8>]>) -> Vec<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (next, requests) = (next.clone(), requests.clone());
        asking.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let mut took = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let began = Instant::now();
                stream.write_all(request).await.unwrap();
                let (head, body) = answer(&mut stream).await;
                took.push(began.elapsed());
                assert!(head.starts_with("HTTP/1.1 200"), "{head}{body}");
                assert!(body.contains("outputSpeech"), "{body}");
            }
            took
        });
    }
    asking.join_all().await.into_iter().flatten().collect()
}

async fn answer(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the server hung up");
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase().replacen("http", "HTTP", 1);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return (head, body.to_owned());
        }
    }
}

struct Signed {
    headers: [(&'static str, String); 2],
    body: Vec<u8>,
}

impl Signed {
    fn over_http(&self) -> Vec<u8> {
        let mut bytes =
            b"POST /alexa HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                .to_vec();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).bytes());
        bytes.extend(&self.body);
        bytes
    }
}

/// A turn of small talk, as an Echo sends it, with an id of its own.
fn signed(authority: &Authority, number: usize) -> Signed {
    let device = number % DEVICES;
    let application = json!({ "applicationId": SKILL });
    let user = json!({ "userId": "amzn1.ask.account.bench" });
    let said =
        ["my garden", "the film we saw", "what I cooked", "my sister", "the sea", "a long walk"];
    let said = said[number / DEVICES % said.len()];
    let body = json!({
        "version": "1.0",
        "session": { "new": false, "sessionId": format!("session.{device}"), "application": application, "user": user, "attributes": {} },
        "context": { "System": {
            "application": application,
            "user": user,
            "device": { "deviceId": format!("amzn1.ask.device.{device}"), "supportedInterfaces": {} },
            "apiEndpoint": "https://api.amazonalexa.com",
        } },
        "request": {
            "type": "IntentRequest",
            "requestId": format!("amzn1.echo-api.request.{number}"),
            "timestamp": NOW,
            "locale": "en-US",
            "dialogState": "COMPLETED",
            "intent": { "name": "ChatIntent", "confirmationStatus": "NONE", "slots": {
                "topic": { "name": "topic", "value": said, "confirmationStatus": "NONE" },
            } },
        },
    });
    let body = serde_json::to_vec(&body).unwrap();
    Signed { headers: authority.headers(&body).unwrap(), body }
}

/// The program itself, with a data folder of its own, until dropped.
struct Server {
    process: Child,
    address: SocketAddr,
    ready: Duration,
    data: PathBuf,
}

impl Server {
    fn start(folder: &Path, with_models: bool) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let data = folder.join(format!("data-{}", address.port()));
        let configuration = format!(
            "[alexa]\nskill_ids = [\"{SKILL}\"]\nusers = {{ \"amzn1.ask.account.bench\" = \"alder-house\" }}\n\
             [alexa.dev]\ntrust_anchor = \"ca.pem\"\ncertificates = \"certs\"\nclock = \"{NOW}\"\n"
        );
        fs::write(folder.join("hearthline.toml"), configuration).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearthline"));
        command
            .args([
                "serve",
                "--demo",
                "--config",
                "hearthline.toml",
                "--listen",
                &address.to_string(),
            ])
            .arg("--data")
            .arg(&data)
            .current_dir(folder) // where there are no models
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if with_models {
            command.arg("--models").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"));
        }
        let began = Instant::now();
        let process = command.spawn().unwrap();
        let mut server = Self { process, address, ready: Duration::ZERO, data };
        // Ready comes first; whether sound is understood is told beside it.
        let hearing = if with_models { "\"hearing\":\"ready\"" } else { "" };
        while !server.ready_with(hearing) {
            assert!(server.process.try_wait().unwrap().is_none(), "the server stopped");
            assert!(began.elapsed() < Duration::from_secs(60), "the server is never ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready = began.elapsed();
        server
    }

    fn ready_with(&self, words: &str) -> bool {
        use std::io::{Read, Write};
        let Ok(mut stream) = std::net::TcpStream::connect(self.address) else { return false };
        let mut text = String::new();
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut text).is_ok()
            && text.starts_with("HTTP/1.1 200")
            && text.contains(words)
    }

    fn processor_us(&self) -> f64 {
        processor_us(&PathBuf::from(format!("/proc/{}/stat", self.process.id())))
    }

    fn resident_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// User and system time of a process. The system counts in hundredths of a second (`USER_HZ`).
fn processor_us(stat: &Path) -> f64 {
    let stat = fs::read_to_string(stat).unwrap();
    // The name in parentheses may hold anything; user and system time are the 12th and 13th after it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) * 10_000.0
}
