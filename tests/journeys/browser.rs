//! Two households at their speaker pages, in a real browser, against the built server.

mod chromium;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use hearthline::speech::audio::Audio;
use tokio::sync::{Mutex, MutexGuard};

use self::chromium::{Chromium, Page};
use self::server::Server;

#[tokio::test]
async fn a_call_is_made_answered_and_hung_up() {
    let scene = Scene::open(None).await;
    let (mut maya, mut ines) = (scene.maya().await, scene.ines().await);

    say(&mut maya, "call grandma").await;
    ines.shows(".sheet.ring").await;
    ines.reads("Maya").await;
    maya.reads("Ringing at 1 speaker").await;

    ines.click("#answer").await;
    connected(&mut maya).await;
    connected(&mut ines).await;
    maya.reads("carries no sound yet").await;

    maya.click("#hangup").await;
    ended(&mut ines, "The call has ended").await;
    ended(&mut maya, "The call has ended").await;
    maya.click("#close-call").await;
    maya.shows("#home-view").await;
    maya.is_well().await;
    ines.is_well().await;
}

#[tokio::test]
async fn a_declined_caller_is_offered_to_leave_a_message() {
    let scene = Scene::open(None).await;
    let (mut maya, mut ines) = (scene.maya().await, scene.ines().await);

    maya.click("[data-contact=ines]").await;
    ines.click("#decline").await;
    ended(&mut maya, "Grandma Ines cannot talk right now").await;
    ines.until("it stops ringing", "!document.querySelector('.sheet.ring')").await;

    maya.click("#leave").await;
    maya.shows("#message-text").await;
    maya.type_words("Ring me when you can").await;
    maya.click("form.message .main").await;
    maya.until("the message is sent", "!document.querySelector('form.message')").await;
    ines.reads("Ring me when you can").await;
    maya.is_well().await;
    ines.is_well().await;
}

#[tokio::test]
async fn every_speaker_of_the_house_rings_until_one_answers() {
    let scene = Scene::open(None).await;
    let mut maya = scene.maya().await;
    let mut parlour = scene.ines().await;
    let mut kitchen = scene.page("harbour-cottage", "harbour-kitchen", "rafael-costa").await;

    say(&mut maya, "call grandma").await;
    parlour.shows(".sheet.ring").await;
    kitchen.shows(".sheet.ring").await;
    maya.reads("Ringing at 2 speakers").await;

    parlour.click("#answer").await;
    connected(&mut parlour).await;
    connected(&mut maya).await;
    kitchen.reads("answered in the Parlour").await;
    kitchen.until("it stops ringing", "!document.querySelector('.sheet.ring')").await;

    parlour.click("#hangup").await;
    ended(&mut maya, "The call has ended").await;
    kitchen.is_well().await;
}

#[tokio::test]
async fn a_message_that_was_spoken_waits_for_somebody_who_was_away() {
    let recordings = tempfile::tempdir().unwrap();
    let spoken =
        as_wav("synthetic/flite_rms_13_tell_dad_that_the_train_is_on_ti.flac", recordings.path());
    let scene = Scene::open(Some(&spoken)).await;
    scene.server.hears().await;
    let mut maya = scene.maya().await;

    speak_until_sent(&mut maya).await;

    let mut rafael = scene.page("harbour-cottage", "harbour-kitchen", "rafael-costa").await;
    read_first_message(&mut rafael, "train").await;
    maya.is_well().await;
    rafael.is_well().await;
}

#[tokio::test]
async fn a_message_survives_a_power_cut_between_its_acknowledgement_and_its_delivery() {
    let mut scene = Scene::open(None).await;
    let mut maya = scene.maya().await;

    say(&mut maya, "tell dad that the train is on time").await;
    agree(&mut maya).await;
    scene.server.kill();
    maya.reads("Lost the house. Trying again").await;
    scene.server.again().await;
    online(&mut maya).await;

    let mut rafael = scene.page("harbour-cottage", "harbour-kitchen", "rafael-costa").await;
    read_first_message(&mut rafael, "train").await;
    maya.is_well().await;
}

#[tokio::test]
async fn keys_alone_make_and_answer_a_call() {
    let scene = Scene::open(None).await;
    let (mut maya, mut ines) = (scene.maya().await, scene.ines().await);

    maya.key("/").await;
    maya.until("the field has the focus", "document.activeElement.id === 'type'").await;
    maya.type_words("call grandma").await;
    maya.key("Enter").await;
    ines.until(
        "the sheet has the focus, and not its buttons",
        "document.activeElement.matches('.sheet.ring')",
    )
    .await;
    ines.key("a").await;
    connected(&mut maya).await;
    connected(&mut ines).await;
    ines.key("E").await;
    ended(&mut maya, "The call has ended").await;
    maya.key("Escape").await;
    maya.shows("#home-view").await;
}

#[tokio::test]
async fn a_page_says_that_it_lost_the_house_and_comes_back() {
    let mut scene = Scene::open(None).await;
    let mut maya = scene.maya().await;

    scene.server.kill();
    maya.reads("Lost the house. Trying again").await;
    maya.reads("Out of reach").await;
    say(&mut maya, "who called").await; // nobody hears it, so it stays written
    assert_eq!(maya.value("document.getElementById('type').value").await, "who called");

    scene.server.again().await;
    online(&mut maya).await;
    maya.until("the notice is gone", "document.getElementById('notice').textContent === ''").await;
    maya.key("Enter").await;
    maya.shows(".caption.you").await;
    maya.is_well().await;
}

#[tokio::test]
async fn a_first_visit_asks_who_is_there_and_keeps_the_answer_with_the_tab() {
    let scene = Scene::open(None).await;
    let mut page = scene.browser.open(&format!("http://{}/", scene.server.address)).await;
    page.reads("Who are you at this speaker?").await;
    page.click("[data-person=tom]").await;
    online(&mut page).await;
    page.reads("You are Tom").await;
    page.go(&format!("http://{}/", scene.server.address)).await;
    online(&mut page).await;
    page.reads("You are Tom").await;
    page.is_well().await;
}

/// What [`Audio`] is made of: samples a second, one channel.
const RATE_HZ: u32 = 16_000;

/// One browser runs at a time: several make a small machine too slow to be fair.
static TURN: Mutex<()> = Mutex::const_new(());

struct Scene {
    browser: Chromium,
    server: Server,
    _turn: MutexGuard<'static, ()>,
}

impl Scene {
    /// A fresh server, and a browser whose microphone hears `recording`.
    async fn open(recording: Option<&Path>) -> Self {
        let turn = TURN.lock().await;
        Self { server: Server::start().await, browser: Chromium::start(recording), _turn: turn }
    }

    async fn page(&self, household: &str, device: &str, person: &str) -> Page {
        let mut page = self.browser.open(&self.server.page(household, device, person)).await;
        online(&mut page).await;
        page
    }

    async fn maya(&self) -> Page {
        self.page("alder-house", "alder-kitchen", "maya").await
    }

    async fn ines(&self) -> Page {
        self.page("harbour-cottage", "harbour-parlour", "ines-costa").await
    }
}

async fn online(page: &mut Page) {
    page.until("the page is online", "document.body.dataset.link === 'online'").await;
    page.shows(".person").await;
}

/// Types and sends.
async fn say(page: &mut Page, words: &str) {
    page.click("#type").await;
    page.type_words(words).await;
    page.key("Enter").await;
}

/// Holds the talk button until the recording was heard and is over.
async fn talk(page: &mut Page) {
    page.hold("#ptt").await;
    page.until(
        "the microphone hears a voice",
        "document.getElementById('meter').ariaValueNow > 25",
    )
    .await;
    // Quiet for as long as a person would wait before letting go.
    page.value(
        "new Promise((done) => { let quiet = 0; const timer = setInterval(() => {
            quiet = document.getElementById('meter').ariaValueNow < 10 ? quiet + 1 : 0;
            if (quiet === 16) { clearInterval(timer); done(); } }, 50); })",
    )
    .await;
    page.let_go("#ptt").await;
}

/// Speaks, and speaks again when it was not understood, as people do: on a machine whose cores are busy the browser
/// loses pieces of the sound.
async fn speak_until_sent(page: &mut Page) {
    const TIMES: usize = 8;
    for _ in 0..TIMES {
        talk(page).await;
        agree(page).await;
        page.click("#inbox-link").await;
        page.shows("#inbox-view").await;
        if page.value("Boolean(document.querySelector('.item.sent'))").await == true {
            return;
        }
        page.key("Escape").await;
        page.shows("#home-view").await;
    }
    panic!("{TIMES} times the recording was not heard as a message");
}

/// Waits for the answer to a wish for a message, and says yes when it asks first.
async fn agree(page: &mut Page) {
    answered(page).await;
    let asked = "document.getElementById('choices').checkVisibility() && document.querySelector('#choices button').textContent === 'Yes'";
    if page.value(asked).await == true {
        page.click("#choices button:first-child").await;
        answered(page).await;
    }
}

/// Waits until what was said is through, heard or not.
async fn answered(page: &mut Page) {
    page.until(
        "there is an answer",
        "(document.querySelector('.caption.you + .caption.hearthline') || document.getElementById('notice').textContent)
            && !document.getElementById('captions').lastChild.matches('.you')
            && !['listening', 'opening', 'thinking'].includes(document.getElementById('home-view').dataset.voice)",
    )
    .await;
}

async fn connected(page: &mut Page) {
    page.until("the call is connected", "document.getElementById('call-view').checkVisibility() && document.getElementById('call-view').dataset.phase === 'connected'").await;
}

async fn ended(page: &mut Page, words: &str) {
    page.until(
        "the call has ended",
        "document.getElementById('call-view').dataset.phase === 'ended'",
    )
    .await;
    page.reads(words).await;
}

async fn read_first_message(page: &mut Page, word: &str) {
    page.until(
        "a message is counted",
        "document.getElementById('inbox-badge').textContent === '1'",
    )
    .await;
    page.click("#inbox-link").await;
    page.click(".item.message a").await;
    page.until(
        "the message is read",
        &format!("/{word}/i.test(document.querySelector('.letter')?.textContent)"),
    )
    .await;
    page.until("it counts as read", "document.getElementById('inbox-badge').hidden").await;
}

/// A fixture as a WAV file, which is what Chromium's microphone can play.
fn as_wav(fixture: &str, folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures").join(fixture);
    let bytes = fs::read(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
    let audio = Audio::decode(&bytes).unwrap();
    // Half a second of breath before the first word, as people take while they press the button.
    let mut sound = vec![0; usize::try_from(RATE_HZ).unwrap()];
    for sample in audio.samples() {
        sound.extend(((sample * 32_767.0) as i16).to_le_bytes());
    }
    let length = u32::try_from(sound.len()).unwrap();
    let mut wav = Vec::from(*b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0"); // 16 bytes of format: PCM, one channel
    wav.extend(RATE_HZ.to_le_bytes());
    wav.extend((RATE_HZ * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data"); // 2 bytes a sample, 16 bits
    wav.extend(length.to_le_bytes());
    wav.extend(sound);
    let file = folder.join("spoken.wav");
    fs::write(&file, wav).unwrap();
    file
}
