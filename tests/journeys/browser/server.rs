//! The built server as a process of its own, with the demo households and a data folder that outlives it.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::chromium::{LOOK_EVERY, PATIENCE};

/// What the server says of itself, in its data folder.
const LOG: &str = "log";

pub struct Server {
    process: Child,
    data: TempDir,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Server {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder for the server");
        let process = serve(data.path(), "127.0.0.1:0");
        let mut server = Self { process, data, address: String::new() };
        server.address = server.written_address().await;
        server.ready().await;
        server
    }

    /// Ends it as a power cut would: nothing is told, nothing is tidied.
    pub fn kill(&mut self) {
        self.process.kill().expect("SIGKILL is delivered");
        self.process.wait().expect("and the process is gone");
    }

    /// Starts it again after [`Server::kill`], on the same data and port.
    pub async fn again(&mut self) {
        self.process = serve(self.data.path(), &self.address);
        self.ready().await;
    }

    /// The page as somebody at a speaker.
    pub fn page(&self, household: &str, device: &str, person: &str) -> String {
        format!("http://{}/?household={household}&device={device}&person={person}", self.address)
    }

    /// Waits until the speech model is loaded.
    pub async fn hears(&self) {
        let until = Instant::now() + PATIENCE;
        while !self.readiness().await.contains(r#""hearing":"ready""#) {
            assert!(
                Instant::now() < until,
                "the server did not load its speech model in {PATIENCE:?}"
            );
            sleep(LOOK_EVERY).await;
        }
    }

    async fn readiness(&self) -> String {
        let mut stream =
            TcpStream::connect(&self.address).await.expect("the server takes connections");
        stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").await.expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers in text");
        answer
    }

    async fn written_address(&mut self) -> String {
        let file = self.data.path().join("address");
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(address) = std::fs::read_to_string(&file)
                && !address.trim().is_empty()
            {
                return address.trim().to_owned();
            }
            self.is_alive(until).await;
        }
    }

    /// Waits until it takes connections.
    async fn ready(&mut self) {
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(&self.address).await.is_err() {
            self.is_alive(until).await;
        }
    }

    async fn is_alive(&mut self, until: Instant) {
        let ended = self.process.try_wait().expect("the process can be asked");
        let log = || std::fs::read_to_string(self.data.path().join(LOG)).unwrap_or_default();
        assert!(ended.is_none(), "the server ended at its start: {ended:?}\n{}", log());
        assert!(Instant::now() < until, "the server was not ready in {PATIENCE:?}");
        sleep(LOOK_EVERY).await;
    }
}

fn serve(data: &Path, listen: &str) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(data.join(LOG));
    Command::new(env!("CARGO_BIN_EXE_hearthline"))
        .args(["serve", "--demo", "--listen", listen, "--data"])
        .arg(data)
        .arg("--models")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.expect("the data folder can be written"))
        .spawn()
        .expect("the built server starts")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
