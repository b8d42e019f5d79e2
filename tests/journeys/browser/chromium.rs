//! A small hand on a real, headless Chromium, over its own DevTools protocol. One page is one tab with storage of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take on a busy machine before the journey has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often the page is looked at while waiting.
pub const LOOK_EVERY: Duration = Duration::from_millis(30);

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What runs before the page's own code: it notes what must not happen in it.
const WATCH: &str = "window.complaints = [];
addEventListener('securitypolicyviolation', (e) => complaints.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
addEventListener('error', (e) => complaints.push('error: ' + (e.message ?? e.target?.src ?? e.target?.href)), true);
addEventListener('unhandledrejection', (e) => complaints.push('rejected: ' + e.reason));";

/// A browser; it ends with the value.
pub struct Chromium {
    process: Child,
    profile: TempDir,
}

impl Chromium {
    /// Starts one. `recording` is what its microphone hears, once, each time a page opens it.
    pub fn start(recording: Option<&Path>) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let mut command = Command::new(program());
        command
            .args([
                "--headless=new",
                // As root Chromium refuses its sandbox; it sees nothing but our own page on loopback.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-background-timer-throttling",
                "--disable-renderer-backgrounding",
                "--disable-backgrounding-occluded-windows",
                "--mute-audio",
                "--remote-debugging-port=0",
                "--window-size=1280,800",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()));
        if let Some(recording) = recording {
            command
                .args(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"])
                .arg(format!("--use-file-for-fake-audio-capture={}%noloop", recording.display()));
        }
        let process = command
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium starts");
        Self { process, profile }
    }

    /// Opens `address` in a tab that shares nothing with the others.
    pub async fn open(&self, address: &str) -> Page {
        let (port, path) = self.devtools().await;
        let mut browser = Wire::connect(&format!("ws://127.0.0.1:{port}{path}")).await;
        let context = browser.call("Target.createBrowserContext", json!({})).await;
        let target = browser
            .call(
                "Target.createTarget",
                json!({"url": "about:blank", "browserContextId": context["browserContextId"]}),
            )
            .await;
        let id = target["targetId"].as_str().expect("a target has an id");
        let wire = Wire::connect(&format!("ws://127.0.0.1:{port}/devtools/page/{id}")).await;
        let mut page = Page { wire, _context: browser };
        // Every tab believes that it is looked at, as two people at two speakers do.
        page.wire.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await;
        page.wire.call("Page.enable", json!({})).await;
        page.wire.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": WATCH})).await;
        page.go(address).await;
        page
    }

    /// Chromium writes its port and path into its profile when it is ready.
    async fn devtools(&self) -> (String, String) {
        let file = self.profile.path().join("DevToolsActivePort");
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(text) = std::fs::read_to_string(&file)
                && let Some((port, path)) = text.split_once('\n')
                && !path.is_empty()
            {
                return (port.to_owned(), path.to_owned());
            }
            assert!(
                Instant::now() < until,
                "Chromium did not open its DevTools port in {PATIENCE:?}"
            );
            sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The browser to drive; without one the journey fails and says what to do.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|file| file.is_file())
        .expect("There is no Chromium on the PATH. `make test` installs it; so does `apt-get install chromium`.")
}

/// One tab.
pub struct Page {
    wire: Wire,
    /// The tab's storage lives as long as the connection that asked for it.
    _context: Wire,
}

impl Page {
    pub async fn go(&mut self, address: &str) {
        self.wire.call("Page.navigate", json!({"url": address})).await;
        self.until("the page runs", "document.readyState === 'complete' && 'complaints' in window")
            .await;
    }

    /// The value of an expression in the page.
    pub async fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.wire.call("Runtime.evaluate", parameters).await;
        assert!(answer.get("exceptionDetails").is_none(), "{expression} failed: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits for `condition`; `what` is the sentence that is said when it never comes true.
    pub async fn until(&mut self, what: &str, condition: &str) {
        let until = Instant::now() + PATIENCE;
        while self.value(&format!("Boolean({condition})")).await != Value::Bool(true) {
            if Instant::now() > until {
                let seen = self.value("location.href + '\\n' + document.body.innerText + '\\n' + JSON.stringify(window.complaints)").await;
                panic!(
                    "It never came that {what}. The page shows:\n{}",
                    seen.as_str().unwrap_or_default()
                );
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until `words` can be read on the page.
    pub async fn reads(&mut self, words: &str) {
        self.until(
            &format!("“{words}” is read"),
            &format!("document.body.innerText.includes({})", json!(words)),
        )
        .await;
    }

    /// Waits until something that matches `selector` is on the screen.
    pub async fn shows(&mut self, selector: &str) {
        self.until(
            &format!("{selector} is seen"),
            &format!("document.querySelector({})?.checkVisibility()", json!(selector)),
        )
        .await;
    }

    /// Presses the mouse on the middle of `selector`, holds it until [`Page::let_go`].
    pub async fn hold(&mut self, selector: &str) {
        self.shows(selector).await;
        self.mouse("mousePressed", selector).await;
    }

    pub async fn let_go(&mut self, selector: &str) {
        self.mouse("mouseReleased", selector).await;
    }

    pub async fn click(&mut self, selector: &str) {
        self.hold(selector).await;
        self.let_go(selector).await;
    }

    async fn mouse(&mut self, kind: &str, selector: &str) {
        let place = self
            .value(&format!(
                "(() => {{ const node = document.querySelector({}); node.scrollIntoView({{block: 'nearest'}});
                const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
                json!(selector)
            ))
            .await;
        let parameters =
            json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
        self.wire.call("Input.dispatchMouseEvent", parameters).await;
    }

    /// Presses and lets go of one key: a letter, or a name such as `Enter`.
    pub async fn key(&mut self, key: &str) {
        let text = if key == "Enter" { "\r" } else { key };
        let code = if key == "Enter" { 13 } else { 0 };
        for kind in ["keyDown", "keyUp"] {
            let mut parameters = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && text.chars().count() == 1 {
                parameters["text"] = json!(text);
            }
            self.wire.call("Input.dispatchKeyEvent", parameters).await;
        }
    }

    /// Types into whatever has the focus.
    pub async fn type_words(&mut self, words: &str) {
        for letter in words.chars() {
            self.key(&letter.to_string()).await;
        }
    }

    /// Nothing failed in the page, and nothing broke its content policy.
    pub async fn is_well(&mut self) {
        assert_eq!(self.value("window.complaints").await, json!([]));
    }
}

/// A DevTools connection: a question and its answer at a time; events are not listened to.
struct Wire {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
}

impl Wire {
    async fn connect(address: &str) -> Self {
        let (socket, _) =
            connect_async(address).await.expect("Chromium takes DevTools connections");
        Self { socket, asked: 0 }
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let question = json!({"id": self.asked, "method": method, "params": parameters});
        self.socket.send(Message::text(question.to_string())).await.expect("Chromium listens");
        let answer = timeout(PATIENCE, async {
            loop {
                let message =
                    self.socket.next().await.expect("Chromium is there").expect("and well");
                let Message::Text(text) = message else { continue };
                let answer: Value = serde_json::from_str(&text).expect("DevTools speaks JSON");
                if answer["id"] == self.asked {
                    return answer;
                }
            }
        });
        let answer = answer.await.unwrap_or_else(|_| panic!("Chromium did not answer {method}"));
        assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }
}
