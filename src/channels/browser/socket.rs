//! `GET /v1/device`: frames in, frames out, and when it is over.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use hearthline_core::request::Speaker;

use super::commands;
use super::protocol::{DeviceHead, FromDevice, Hello, Named, ToDevice, VERSION, Welcome};
use crate::app::App;
use crate::devices::{Connection, Goodbye, Mail};

/// The largest frame: far above any command, and four seconds of audio at 8 kHz.
const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Up to here a larger frame is read before its socket is closed, so that the device learns why; beyond it
/// the line is cut.
const MAX_READ_BYTES: usize = 4 * MAX_FRAME_BYTES;
/// How long a device may take to say hello.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

const TOO_LARGE: u16 = 1009;
const REPLACED: u16 = 4000;
const NOT_UNDERSTOOD: u16 = 4400;
const NOT_ALLOWED: u16 = 4403;
const NO_HELLO: u16 = 4408;
const OTHER_VERSION: u16 = 4409;
const TOO_FAR_BEHIND: u16 = 4429;
const GOING_AWAY: u16 = 1001;

/// Upgrades to the device socket. A page of another site is refused: its visitor did not open this house.
pub async fn device(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !same_site(&headers) {
        return (StatusCode::FORBIDDEN, "this page belongs to another site").into_response();
    }
    let local = peer.ip().is_loopback() && is_local(&headers);
    upgrade
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES)
        .on_upgrade(move |socket| serve(app, local, socket))
}

/// Browsers send the page's `Origin`; programs may leave it out.
fn same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin_host)| origin_host == host)
        }
        (Some(_), None) => false,
    }
}

/// Whether the page was opened by an address of this machine. A site elsewhere can let its own name point
/// here (DNS rebinding), and then looks like our page in everything but the name.
pub(super) fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Why a socket is closed by us.
struct Refusal(u16, &'static str);

impl Refusal {
    fn frame(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.0, reason: self.1.into() }))
    }
}

async fn serve(app: Arc<App>, local: bool, mut socket: WebSocket) {
    match greet(&app, local, &mut socket).await {
        Ok((speaker, connection)) => {
            let session = connection.session.clone();
            app.device_connected(&speaker).await;
            converse(&app, &speaker, connection, socket).await;
            app.device_disconnected(&speaker, &session).await;
        }
        // The other side may be gone already; then there is nobody to tell.
        Err(Some(refusal)) => drop(socket.send(refusal.frame()).await),
        Err(None) => {}
    }
}

/// Waits for the hello and answers it.
async fn greet(
    app: &Arc<App>,
    local: bool,
    socket: &mut WebSocket,
) -> Result<(Speaker, Connection), Option<Refusal>> {
    let deadline = app.clock.now() + HELLO_WITHIN;
    let first = tokio::select! {
        first = socket.recv() => first,
        () = app.clock.sleep_until(deadline) => return Err(Some(Refusal(NO_HELLO, "no hello in time"))),
    };
    let Some(Ok(Message::Text(text))) = first else { return Err(None) };
    let refusal = |_| Some(Refusal(NOT_UNDERSTOOD, "the first frame must be a hello"));
    let hello: Hello = serde_json::from_str(&text).map_err(refusal)?;
    if hello.protocol != VERSION {
        return Err(Some(Refusal(OTHER_VERSION, "this server speaks protocol 1")));
    }
    let not_allowed = || Some(Refusal(NOT_ALLOWED, "this identity is not allowed here"));
    let identity = hello.demo.filter(|_| app.demo && local);
    let identity = identity.ok_or_else(not_allowed)?;
    let speaker =
        Speaker { household: identity.household, device: identity.device, person: identity.person };
    if !app.knows(&speaker) {
        return Err(not_allowed());
    }
    let session = uuid::Uuid::new_v4().to_string();
    let connection = app.devices.connect(&speaker, session, hello.resume.as_ref(), app.clock.now());
    let welcome = welcome(app, &speaker, &connection);
    socket.send(Message::Text(welcome.into())).await.map_err(|_| None)?;
    if !connection.resumed {
        app.send_house(&speaker.device);
    }
    Ok((speaker, connection))
}

fn welcome(app: &App, speaker: &Speaker, connection: &Connection) -> String {
    let world = app.world();
    let home = world.directory.household(&speaker.household);
    let device = home.and_then(|home| home.device(&speaker.device));
    let room = device.and_then(|device| device.room.as_ref()).and_then(|id| {
        home?.rooms.iter().find(|room| room.id == *id).map(|room| room.name.as_str())
    });
    let person = speaker.person.as_ref().and_then(|id| home?.person(id));
    let welcome = Welcome {
        kind: "welcome",
        seq: connection.seq,
        protocol: VERSION,
        session: &connection.session,
        resumed: connection.resumed,
        now_ms: app.clock.now(),
        household: Named {
            id: speaker.household.as_str(),
            name: home.map_or("", |home| home.name.as_str()),
        },
        device: DeviceHead {
            id: speaker.device.as_str(),
            name: device.map_or("", |device| device.name.as_str()),
            room,
        },
        person: person.map(|person| Named { id: person.id.as_str(), name: &person.name }),
        hearing: app.hears(),
    };
    serde_json::to_string(&welcome).expect("a welcome is plain strings and numbers")
}

/// Carries frames both ways until one side has enough. Writing goes on while a command is at work, so that
/// a call rings here even during a long recognition.
async fn converse(app: &Arc<App>, speaker: &Speaker, connection: Connection, socket: WebSocket) {
    let (mut out, mut frames) = socket.split();
    let mut mail = connection.mail;
    let writing = async {
        while let Some(letter) = mail.recv().await {
            match letter {
                Mail::Message(text) => out.send(Message::Text(text.into())).await.ok()?,
                Mail::Close(why) => return Some(goodbye(why)),
            }
        }
        Some(goodbye(Goodbye::Behind))
    };
    let mut session = commands::Session::new(speaker.clone());
    let reading = async {
        while let Some(Ok(frame)) = frames.next().await {
            match frame {
                Message::Text(_) | Message::Binary(_) if size(&frame) > MAX_FRAME_BYTES => {
                    return Some(Refusal(TOO_LARGE, "a frame may hold 64 KiB at most"));
                }
                Message::Text(text) => match serde_json::from_str::<FromDevice>(&text) {
                    Ok(command) => session.on(app, command).await,
                    Err(error) => app.devices.send(&speaker.device, &malformed(&text, &error)),
                },
                Message::Binary(audio) => session.on_audio(app, &audio),
                Message::Close(_) => return None,
                Message::Ping(_) | Message::Pong(_) => {}
            }
        }
        None
    };
    let refusal = tokio::select! {
        refusal = writing => refusal,
        refusal = reading => refusal,
    };
    if let Some(refusal) = refusal {
        // The other side may be gone already; then there is nobody to tell.
        let _ = out.send(refusal.frame()).await;
    }
}

fn size(frame: &Message) -> usize {
    match frame {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}

fn goodbye(why: Goodbye) -> Refusal {
    match why {
        Goodbye::Replaced => Refusal(REPLACED, "this device connected again"),
        Goodbye::Behind => Refusal(TOO_FAR_BEHIND, "this device reads too slowly"),
        Goodbye::ShuttingDown => Refusal(GOING_AWAY, "the server is stopping"),
    }
}

/// Names the command if the frame was at least JSON, so that the device can stop waiting for it.
fn malformed(text: &str, error: &serde_json::Error) -> ToDevice {
    let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let id = value.as_ref().and_then(|value| value.get("command_id")?.as_str());
    ToDevice::Error {
        command_id: id.map(str::to_owned),
        code: "malformed",
        message: format!("This message was not understood: {error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_local() {
        for (host, local) in [
            ("localhost:8080", true),
            ("localhost", true),
            ("127.0.0.1:8080", true),
            ("127.0.0.1", true),
            ("[::1]:8080", true),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("192.168.1.4:8080", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().unwrap());
            assert_eq!(is_local(&headers), local, "{host}");
        }
    }
}
