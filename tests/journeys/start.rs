//! The server as a process: what stops it from starting, what it says when it runs, how it stops.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use hearthline::data_folder::DataFolder;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Far longer than starting or stopping takes; only a hang gets here.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn what_cannot_work_is_told_in_one_sentence_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("unknown.toml"), "lisen = '127.0.0.1:0'").unwrap();
    fs::write(path("open.toml"), "listen = '0.0.0.0:0'\n[alexa.dev]").unwrap();
    fs::write(path("file"), "kept").unwrap();
    let _held = DataFolder::open(Path::new(&path("held"))).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let fresh = path("fresh");

    for (arguments, variable, told) in [
        (
            &["--config", &path("unknown.toml")][..],
            "",
            "unknown.toml, line 1: there is no setting \"lisen\"; the nearest is \"listen\"",
        ),
        (
            &["--config", &path("open.toml")],
            "",
            "[alexa.dev] trusts certificates that are not Amazon's",
        ),
        (&["--config", &path("absent.toml")], "", "cannot read the configuration file"),
        (
            &[],
            "HEARTHLINE__LOG__FILTERS",
            "environment variable HEARTHLINE__LOG__FILTERS: there is no setting \"log.filters\"; the nearest is \"log.filter\"",
        ),
        (
            &[],
            "HEARTHLINE__LISTEN",
            "environment variable HEARTHLINE__LISTEN: invalid socket address",
        ),
        (&["--data", &path("file")], "", "cannot be created"),
        (&["--data", &path("held")], "", "is in use by process"),
        (&["--listen", &taken], "", "in use"),
        (&["--dev"], "", "run this where the dialogs folder is"),
    ] {
        let mut command = program();
        command.args(["serve", "--demo"]);
        if !arguments.contains(&"--data") {
            command.args(["--data", &fresh]);
        }
        if !arguments.contains(&"--listen")
            && variable != "HEARTHLINE__LISTEN"
            && !arguments.contains(&"--config")
        {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        if !variable.is_empty() {
            command.env(variable, "loud");
        }
        // Where no dialogs are.
        let output = command.args(arguments).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}\n  said: {said}\n  not:  {told}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        assert!(!Path::new(&fresh).exists(), "{arguments:?} left a data folder behind");
    }
    assert_eq!(fs::read_to_string(path("file")).unwrap(), "kept");
}

#[test]
fn a_running_server_reports_itself_and_stops_when_asked() {
    let mut server = Server::start("info");
    for (path, status) in
        [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/nowhere", 404)]
    {
        assert_eq!(server.get(path).0, status, "{path}");
    }
    let (success, _) = server.stop();
    assert!(success, "asked to stop, it must end well");
}

#[test]
fn dialogs_are_read_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let dialogs = folder.path().join("dialogs/en");
    fs::create_dir_all(&dialogs).unwrap();
    for (name, yaml) in hearthline_core::conversation::Bot::shipped_files() {
        fs::write(dialogs.join(name), yaml).unwrap();
    }
    let server = Server::start_with(folder, "info", &["--dev"]);
    assert!(server.log().contains("the dialogs of dialogs/en are in use"), "{}", server.log());
    fs::write(dialogs.join("films.yaml"), "topic: [\n").unwrap();
    let began = Instant::now();
    while !server.log().contains("dialogs/en/films.yaml:") {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
        pause();
    }
}

/// Invariant: what people say appears in no log line, not even in debug lines, unless asked for.
#[test]
fn a_whole_conversation_leaves_no_word_in_the_log() {
    let mut server = Server::start("debug");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answers = runtime.block_on(server.say(&[
        "let's talk about marzipan",
        "tell dad the marzipan is on the table",
        "call grandma",
        "hang up",
        "marzipan marzipan marzipan",
    ]));
    assert_eq!(answers.len(), 5, "{answers:?}");
    let figures = server.get("/metrics").1;
    assert!(
        figures.contains("hearthline_stage_seconds_count{stage=\"turn\",channel=\"browser\"} 5"),
        "{figures}"
    );
    assert!(!figures.contains("marzipan"));
    let (_, log) = server.stop();
    assert!(log.contains("DEBUG"), "{log}");
    for private in ["marzipan", "grandma", "Grandma", "Rafael", "Maya", "hang up"] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private:?} is in the log");
    }
}

/// Invariant: what was acknowledged survives `kill -9`.
#[test]
fn a_message_that_was_acknowledged_survives_kill_9() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = Server::start("info");
    let said = runtime.block_on(server.say(&["tell grandma the lanterns are lit"]));
    assert!(said[0]["refused"].is_null(), "{said:?}");

    let server = server.killed_and_started_again();
    let inbox = runtime.block_on(async {
        let mut ines =
            Device::open(&server, "harbour-cottage", "harbour-parlour", "ines-costa").await;
        loop {
            let message = ines.receive().await;
            if message["type"] == "house" {
                break message["inbox"].clone();
            }
        }
    });
    let texts: Vec<_> = inbox.as_array().unwrap().iter().map(|post| &post["text"]).collect();
    assert_eq!(texts, ["the lanterns are lit"], "{inbox}");
}

/// Between two looks at another process, which can only be polled.
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

/// The program, with nothing of this machine's own configuration.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearthline"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEARTHLINE") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

struct Server {
    process: Child,
    address: SocketAddr,
    folder: Option<tempfile::TempDir>,
}

impl Server {
    fn start(filter: &str) -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), filter)
    }

    fn start_on(folder: tempfile::TempDir, filter: &str) -> Self {
        Self::start_with(folder, filter, &[])
    }

    /// In `folder`, with more arguments.
    fn start_with(folder: tempfile::TempDir, filter: &str, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = program()
            .args(["serve", "--demo", "--listen", &address.to_string()])
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(arguments)
            .current_dir(folder.path())
            .env("HEARTHLINE__LOG__FILTER", filter)
            .env("HEARTHLINE__LOG__FORMAT", "json")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self { process, address, folder: Some(folder) };
        let began = Instant::now();
        while server.get("/readyz").0 != 200 {
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "{}", server.log());
            pause();
        }
        server
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.as_ref().unwrap().path().join("log")).unwrap()
    }

    /// Status and body; 0 if nobody answers yet.
    fn get(&self, path: &str) -> (u16, String) {
        let Ok(mut stream) = TcpStream::connect(self.address) else { return (0, String::new()) };
        let mut text = String::new();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        if stream.write_all(request.as_bytes()).is_err()
            || stream.read_to_string(&mut text).is_err()
        {
            return (0, text);
        }
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, text)
    }

    /// Says everything from Alder House's kitchen; the answers.
    async fn say(&self, lines: &[&str]) -> Vec<Value> {
        let mut maya = Device::open(self, "alder-house", "alder-kitchen", "maya").await;
        let mut answers = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            maya.send(json!({"type": "say", "command_id": number.to_string(), "text": line})).await;
            loop {
                let message = maya.receive().await;
                match message["type"].as_str().unwrap() {
                    "answer" => answers.push(message),
                    "done" => break,
                    "error" => panic!("{line}: {message}"),
                    _ => {} // the house reports other things in between
                }
            }
        }
        answers
    }

    /// As a power cut would, and then again on the same data.
    fn killed_and_started_again(mut self) -> Self {
        self.process.kill().unwrap(); // SIGKILL: nothing of ours runs any more
        self.process.wait().unwrap();
        Self::start_on(self.folder.take().unwrap(), "info")
    }

    /// Asks it to stop; whether it ended well, and all it logged.
    fn stop(&mut self) -> (bool, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status.success(), self.log());
            }
            assert!(began.elapsed() < PATIENCE, "it does not stop: {}", self.log());
            pause();
        }
    }
}

struct Device(WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

impl Device {
    async fn open(server: &Server, household: &str, device: &str, person: &str) -> Self {
        let url = format!("ws://{}/v1/device", server.address);
        let mut opened = Self(tokio_tungstenite::connect_async(url).await.unwrap().0);
        let demo = json!({"household": household, "device": device, "person": person});
        opened.send(json!({"type": "hello", "protocol": 1, "demo": demo})).await;
        opened
    }

    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn receive(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap();
            if let Message::Text(text) = message.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
