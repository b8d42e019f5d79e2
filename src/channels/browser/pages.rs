//! The pages, compiled in: plain HTML, CSS and ES modules from `web/`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hearthline_core::household::{Device, Household};
use serde::Serialize;

use super::protocol::Named;
use super::socket::is_local;
use crate::app::App;

/// Nothing from elsewhere, nothing inline. Sockets to this server only.
const POLICY: &str = "default-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self' blob:; \
     worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

macro_rules! files {
    ($($name:literal $kind:literal),* $(,)?) => {
        /// Name, content type, content.
        const FILES: &[(&str, &str, &str)] =
            &[$(($name, $kind, include_str!(concat!("../../../web/", $name)))),*];
    };
}

const JS: &str = "text/javascript; charset=utf-8";

files! {
    "icon.svg" "image/svg+xml",
    "tokens.css" "text/css; charset=utf-8",
    "speaker.css" "text/css; charset=utf-8",
    "call.js" "",
    "device.js" "",
    "hearth.js" "",
    "home.js" "",
    "identity.js" "",
    "inbox.js" "",
    "message.js" "",
    "microphone.js" "",
    "notice.js" "",
    "ring.js" "",
    "sheet.js" "",
    "speaker.js" "",
    "ui.js" "",
    "voice.js" "",
}

/// `GET /`
pub async fn speaker() -> Response {
    page("text/html; charset=utf-8", include_str!("../../../web/speaker.html"))
}

/// `GET /web/{file}`
pub async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, "", content)) => page(JS, content),
        Some((_, kind, content)) => page(kind, content),
        None => (StatusCode::NOT_FOUND, "There is no such file.").into_response(),
    }
}

fn page(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The files change with the program; a page of yesterday must not talk to the server of today.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content).into_response()
}

/// `GET /v1/demo`: whom a page may be, when the server was started with `--demo` and is on loopback.
pub async fn demo(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    #[derive(Serialize)]
    struct Choice<'a> {
        id: &'a str,
        name: &'a str,
        people: Vec<Named<'a>>,
        devices: Vec<Place<'a>>,
    }
    #[derive(Serialize)]
    struct Place<'a> {
        id: &'a str,
        name: &'a str,
        room: Option<&'a str>,
    }
    fn place<'a>(home: &'a Household, device: &'a Device) -> Place<'a> {
        let room = home.rooms.iter().find(|room| device.room.as_ref() == Some(&room.id));
        let room = room.map(|room| room.name.as_str());
        Place { id: device.id.as_str(), name: &device.name, room }
    }
    if !app.demo || !peer.ip().is_loopback() || !is_local(&headers) {
        return (StatusCode::NOT_FOUND, "There are no demo identities here.").into_response();
    }
    let world = app.world();
    let homes = world.directory.households().filter(|home| !home.devices.is_empty());
    let households: Vec<Choice<'_>> = homes
        .map(|home| Choice {
            id: home.id.as_str(),
            name: &home.name,
            people: home
                .people
                .iter()
                .map(|person| Named { id: person.id.as_str(), name: &person.name })
                .collect(),
            devices: home.devices.iter().map(|device| place(home, device)).collect(),
        })
        .collect();
    Json(serde_json::json!({ "households": households })).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is not listed above would be missing only in the browser.
    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/web");
        let names = std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"));
        let mut missing: Vec<String> =
            names.filter(|name| !FILES.iter().any(|(known, ..)| known == name)).collect();
        missing.retain(|name| name != "speaker.html");
        assert_eq!(missing, Vec::<String>::new());
    }
}
