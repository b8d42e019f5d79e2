//! A house to play journeys in: the real server on a loopback port and a virtual clock, and devices
//! that talk to it over real sockets as docs/device-protocol.md says.
//!
//! Nothing sleeps. A command's effects have reached every mailbox when its `done` arrives, so
//! [`Device::news`], which asks for a `pong`, then sees all of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hearthline::app::App;
use hearthline::clock::Clock;
use hearthline::server;
use hearthline::store::Store;
use hearthline::telemetry::Figures;
use hearthline_core::policy::Settings;
use hearthline_core::time::{Seed, Time};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long a test waits for something that should come at once, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server in this process, with the demo households.
pub struct Stage {
    app: Arc<App>,
    pub address: SocketAddr,
    _stop: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

impl Stage {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Clock::virtual_at(Time::from_ms(1_790_000_000_000), Seed(1));
        let app = App::start(store, clock, true).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let figures = Figures::collect().unwrap();
        let routes = server::routes(&app, figures.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async { drop(stopped.await) };
        tokio::spawn(server::run(Arc::clone(&app), routes, listener, figures, shutdown));
        Self { app, address, _stop: stop, _folder: folder }
    }

    /// A device of a household, with nobody recognised in front of it.
    pub async fn device(&self, household: &str, device: &str) -> Device {
        Device::connect(self.address, identity(household, device, None)).await
    }

    pub async fn person(&self, household: &str, device: &str, person: &str) -> Device {
        Device::connect(self.address, identity(household, device, Some(person))).await
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// Changes what a household decided about being reached.
    pub fn settle(&self, household: &str, change: impl FnOnce(&mut Settings)) {
        let household = household.parse().unwrap();
        change(self.app.world().settings.entry(household).or_default());
    }

    /// Lets time pass and does what has become due.
    pub async fn pass(&self, seconds: u64) {
        assert!(self.app.clock.advance(Duration::from_secs(seconds)));
        self.app.tick().await;
    }
}

pub fn identity(household: &str, device: &str, person: Option<&str>) -> Value {
    json!({ "household": household, "device": device, "person": person })
}

pub fn hello(identity: &Value) -> Value {
    json!({ "type": "hello", "protocol": 1, "demo": identity })
}

/// A connected device and what it has been told.
pub struct Device {
    socket: Line,
    identity: Value,
    pub welcome: Value,
    /// The newest `house`.
    pub house: Value,
    seq: u64,
    commands: u32,
    unread: Vec<Value>,
}

impl Device {
    pub async fn connect(address: SocketAddr, identity: Value) -> Self {
        let hello = hello(&identity);
        Self::greet(address, identity, hello).await
    }

    /// Connects again with what it remembers of its last connection.
    pub async fn resume(address: SocketAddr, memory: Memory) -> Self {
        let mut hello = hello(&memory.identity);
        hello["resume"] = json!({ "session": memory.session, "seq": memory.seq });
        let mut device = Self::greet(address, memory.identity, hello).await;
        device.commands = memory.commands;
        if device.welcome["resumed"] == true {
            device.seq = memory.seq;
        }
        device
    }

    async fn greet(address: SocketAddr, identity: Value, hello: Value) -> Self {
        let mut socket = Line::open(address).await;
        socket.send(hello).await;
        let welcome = socket.receive().await.unwrap_or_else(|end| panic!("no welcome: {end:?}"));
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        let seq = welcome["seq"].as_u64().unwrap();
        let (house, unread) = (Value::Null, Vec::new());
        Self { socket, identity, welcome, house, seq, commands: 0, unread }
    }

    /// Goes without a word, remembering what it needs to come back.
    pub fn vanish(self) -> Memory {
        let session = self.welcome["session"].as_str().unwrap().to_owned();
        Memory { identity: self.identity, session, seq: self.seq, commands: self.commands }
    }

    /// Sends a command under the next id and returns its `done` or `error`.
    pub async fn ask(&mut self, command: Value) -> Value {
        self.commands += 1;
        let id = format!("{}-{}", self.welcome["session"].as_str().unwrap(), self.commands);
        self.ask_as(&id, command).await
    }

    pub async fn ask_as(&mut self, id: &str, mut command: Value) -> Value {
        command["command_id"] = json!(id);
        self.socket.send(command).await;
        loop {
            let message = self.next().await;
            let ends = message["type"] == "done" || message["type"] == "error";
            if ends && message["command_id"] == id {
                return message;
            }
            self.unread.push(message);
        }
    }

    /// Says something and returns what is answered.
    pub async fn say(&mut self, words: &str) -> Value {
        let done = self.ask(json!({ "type": "say", "text": words })).await;
        assert_eq!(done["type"], "done", "{done}");
        let at = self.unread.iter().rposition(|message| message["type"] == "answer");
        self.unread.remove(at.expect("an answer before done"))
    }

    /// Calls a contact; the call's id.
    pub async fn call(&mut self, contact: &str) -> Value {
        let done = self.ask(json!({ "type": "call.initiate", "contact_id": contact })).await;
        assert_eq!(done["type"], "done", "{done}");
        done["call_id"].clone()
    }

    /// `call.answer`, `call.reject` or `call.hangup`: what came of it.
    pub async fn press(&mut self, button: &str, call: &Value) -> Value {
        let done = self.ask(json!({ "type": button, "call_id": call })).await;
        if done["type"] == "done" { json!("done") } else { done["code"].clone() }
    }

    /// Everything since the last look, but for the `house`, in short: "call.ended busy".
    pub async fn news(&mut self) -> Vec<String> {
        self.all().await.iter().filter_map(in_short).collect()
    }

    /// Everything since the last look.
    pub async fn all(&mut self) -> Vec<Value> {
        self.socket.send(json!({ "type": "ping" })).await;
        loop {
            let message = self.next().await;
            if message["type"] == "pong" {
                break;
            }
            self.unread.push(message);
        }
        std::mem::take(&mut self.unread)
    }

    /// Waits for something that no command of this test leads to, like another's broken line.
    pub async fn wait_for(&mut self, short: &str) {
        loop {
            let at = self.unread.iter().position(|one| in_short(one).as_deref() == Some(short));
            if let Some(at) = at {
                self.unread.drain(..=at);
                return;
            }
            let message = self.next().await;
            self.unread.push(message);
        }
    }

    pub async fn send_raw(&mut self, frame: Message) {
        self.socket.send_raw(frame).await;
    }

    /// The next `error`, in short.
    pub async fn error(&mut self) -> String {
        loop {
            let message = self.next().await;
            if message["type"] == "error" {
                return in_short(&message).unwrap();
            }
        }
    }

    /// The code with which the server closes this connection.
    pub async fn closed(mut self) -> Option<u16> {
        loop {
            if let Err(code) = self.socket.receive().await {
                return code;
            }
        }
    }

    async fn next(&mut self) -> Value {
        let message = self.socket.receive().await.unwrap_or_else(|end| {
            panic!("{} was closed: {end:?}; unread: {:?}", self.identity, self.unread)
        });
        self.seq += 1;
        assert_eq!(message["seq"], self.seq, "numbers count up by one: {message}");
        if message["type"] == "house" {
            self.house = message.clone();
        }
        message
    }
}

/// What a device knows when its line is gone.
pub struct Memory {
    identity: Value,
    session: String,
    seq: u64,
    commands: u32,
}

fn in_short(message: &Value) -> Option<String> {
    let kind = message["type"].as_str().unwrap_or("?");
    let call = &message["call"];
    let state = call["reason"].as_str().or_else(|| call["state"].as_str());
    match kind {
        "house" => None,
        "error" => Some(format!("error {}", message["code"].as_str().unwrap_or("?"))),
        _ => Some(format!("{kind} {}", state.unwrap_or_default()).trim_end().to_owned()),
    }
}

/// A socket to `/v1/device`, without any manners.
pub struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    pub async fn open(address: SocketAddr) -> Self {
        let opening = connect_async(format!("ws://{address}/v1/device"));
        let (socket, _) = tokio::time::timeout(PATIENCE, opening).await.unwrap().unwrap();
        Self(socket)
    }

    pub async fn send(&mut self, message: Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    /// The server may close while we send; what it said then is received.
    pub async fn send_raw(&mut self, frame: Message) {
        let _ = tokio::time::timeout(PATIENCE, self.0.send(frame)).await.unwrap();
    }

    /// The next message, or the code with which the server closed.
    pub async fn receive(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.0.next());
            match frame.await.expect("something within the time") {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("the server sends JSON"));
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => {
                    return Err(None);
                }
                Some(Err(_)) => return Err(None),
            }
        }
    }
}
