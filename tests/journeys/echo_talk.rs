//! A talk of sixty turns and more on an Echo: signed requests, over several sessions and days.
//!
//! An Echo gives a skill open speech only in a slot that it was asked to fill; so every open turn asks for one,
//! and Yes, No, Repeat and Stop come as intents of their own.

use std::collections::BTreeSet;
use std::time::Duration;

use alexa_skill::lint::{LintContext, lint};
use alexa_skill::response::Response;
use hearthline::devices::Connection;
use hearthline_core::household::Household;
use hearthline_core::request::Speaker;
use hearthline_core::understanding::SHIPPED_MODEL;
use serde_json::{Value, json};

use super::alexa::{House, intent};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two turns.
const PAUSE: Duration = Duration::from_secs(12);

/// `words`: what is said, as [`Talk::request`] reads it; `->`: what stands in the answer (`a & b`), or not (`!a`), how
/// often nothing was understood, or that the session ends.
const SCRIPT: &str = "
    launch -> call someone
    chat -> ?
    : my name is wilhelmina -> Wilhelmina
    : it was a long day but a good one
    : i planted beans in the garden
    : they are runner beans
    yes
    : my favourite film is paddington -> paddington
    : let's talk about films -> ?
    : i like quiet ones with trains in them
    repeat -> =
    no
    : the music matters most to me
    fallback
    fallback
    : i saw one in the cinema last week
    CallIntent contact=grandma -> Grandma Ines
    : that was nice, where were we
    yes
    : let's talk about gardening -> ?
    : the slugs eat everything
    : mostly in the evening
    no
    : let's talk about films -> ?
    : my father took me to the cinema
    stop -> ends
    *day
    launch
    chat -> ?
    : pretty good thank you
    : do you remember my favourite film -> paddington
    : what do you like best -> ?
    : tell me something
    yes
    ReadMessagesIntent
    : let's talk about dogs -> ?
    : we had a spaniel when i was small
    : she was called biscuit
    repeat -> =
    : she slept on my bed
    ChangeTopicIntent -> ?
    : i do not know
    no
    fallback
    : i would rather talk about the sea
    : i swim in it every summer
    stop -> ends
    *day
    *day
    launch
    chat -> ?
    : i am a bit tired
    : what is my name -> Wilhelmina
    AboutMeIntent -> Wilhelmina
    : let's talk about books -> ?
    : i read before i fall asleep
    : something with a map in the front
    yes
    : why do you ask
    : are you a human -> !yes i am human
    ForgetEverythingIntent -> ?
    yes
    : what is my name -> !Wilhelmina
    : what do you know about me -> !paddington & !Wilhelmina
    : let's talk about music -> ?
    : i play the recorder badly
    fallback
    : thank you for the chat
    stop -> ends
";

#[tokio::test]
async fn a_long_talk_over_several_days_never_repeats_itself_and_remembers() {
    let mut talk = Talk::open().await;
    for line in SCRIPT.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line == "*day" {
            assert!(talk.house.app.clock.advance(DAY));
            continue;
        }
        let (said, expected) = line.split_once(" -> ").unwrap_or((line, ""));
        talk.say(said, expected).await;
    }
    assert!(talk.turns >= 60, "{}", talk.turns);
    // The films were put aside for the garden, and taken up again.
    let conversation = "alder-house/device/echo-1".parse().unwrap();
    let world = talk.house.app.world();
    let counters = world.session(&conversation).unwrap().chat.counters();
    assert!(counters.resumed >= 1 && counters.sessions == 3, "{counters:?}");
}

/// Alexa fills a slot of open speech only where the dialog names it, and wants words beside it in every sample.
#[test]
fn the_model_has_a_slot_for_open_speech() {
    let model: Value = serde_json::from_str(SHIPPED_MODEL).unwrap();
    let named = |place: &Value, name: &str| {
        place.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    };
    let chat = named(&model["interactionModel"]["languageModel"]["intents"], "ChatIntent");
    let topic = named(&chat["slots"], "topic");
    assert_eq!(topic["type"], "AMAZON.SearchQuery");
    let samples =
        chat["samples"].as_array().unwrap().iter().chain(topic["samples"].as_array().unwrap());
    for sample in samples.filter_map(Value::as_str).filter(|sample| sample.contains("{topic}")) {
        assert!(sample.split(' ').count() >= 2 && sample.matches('{').count() == 1, "{sample}");
    }
    let dialog = named(&model["interactionModel"]["dialog"]["intents"], "ChatIntent");
    let prompt = named(&dialog["slots"], "topic")["prompts"]["elicitation"].clone();
    let prompts = model["interactionModel"]["prompts"].as_array().unwrap();
    assert!(prompts.iter().any(|one| one["id"] == prompt), "{prompt}");
}

/// The bridge to people: who is missed can be called, is offered once, and yes places the call.
#[tokio::test]
async fn whoever_is_missed_is_offered_a_call_once() {
    let mut talk = Talk::open().await;
    let (anna, _line) = talk.with_a_sister().await;
    for said in [
        "chat",
        ": i baked bread today",
        ": it took all morning",
        ": the crust is the best part",
        ": i ate it warm",
    ] {
        talk.say(said, "").await;
    }
    talk.say(": i miss my sister so much", "Anna & ?").await;
    talk.say("yes", "Anna").await;
    assert_eq!(talk.house.app.world().live.len(), 1, "it rings");
    assert_eq!(talk.ringing(&anna), 1);
    talk.say("HangUpIntent", "").await;
    let before = talk.turns;
    for said in [
        ": where were we",
        ": that is true",
        ": i miss my sister so much",
        ": i really miss my sister",
        ": i think of my sister a lot",
    ] {
        talk.say(said, "!Anna").await;
    }
    assert_eq!(talk.turns, before + 5);
}

struct Talk {
    house: House,
    turns: u32,
    session: u32,
    /// Whether the session goes on.
    open: bool,
    last: String,
    said: BTreeSet<String>,
    dialogs: BTreeSet<String>,
    transcript: String,
}

impl Talk {
    async fn open() -> Self {
        let model: Value = serde_json::from_str(SHIPPED_MODEL).unwrap();
        let dialogs = model["interactionModel"]["dialog"]["intents"].as_array().unwrap();
        let dialogs = dialogs.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        Self {
            house: House::open(false).await,
            turns: 0,
            session: 0,
            open: false,
            last: String::new(),
            said: BTreeSet::new(),
            dialogs,
            transcript: String::new(),
        }
    }

    /// Gives Anna a home that can be rung.
    async fn with_a_sister(&self) -> (Speaker, Connection) {
        let mut alder: Value =
            serde_json::from_str(include_str!("../../demo/alder-house.json")).unwrap();
        let contacts = alder["contacts"].as_array_mut().unwrap();
        let anna = contacts.iter_mut().find(|contact| contact["id"] == "anna").unwrap();
        anna["household"] = json!("anna-home");
        let flat = json!({
            "household": { "id": "anna-home", "name": "Anna's flat" },
            "people": [{ "id": "anna-herself", "name": "Anna" }],
            "devices": [{ "id": "anna-speaker", "name": "Speaker" }],
            "contacts": [{ "id": "m", "name": "Maya", "person": "maya", "household": "alder-house" }],
        });
        let homes = [alder, flat].map(|home| Household::read(&home.to_string()).unwrap());
        self.house.app.put_households(homes.into()).await.unwrap();
        let (household, device) = ("anna-home".parse().unwrap(), "anna-speaker".parse().unwrap());
        let speaker = Speaker { household, device, person: None };
        let now = self.house.app.clock.now();
        let line = self.house.app.devices.connect(&speaker, "anna".to_owned(), None, now);
        (speaker, line)
    }

    fn ringing(&self, at: &Speaker) -> usize {
        self.house.app.world().calls(&at.household).len()
    }

    /// An Echo's request for what is said: `: words` fill the open slot, anything in capitals is an intent.
    fn request(said: &str) -> (Value, Option<&str>) {
        let (name, slots) = match said {
            "launch" => return (json!({ "type": "LaunchRequest" }), None),
            "chat" => (
                "ChatIntent",
                json!({ "topic": { "name": "topic", "confirmationStatus": "NONE" } }),
            ),
            "yes" => ("AMAZON.YesIntent", json!({})),
            "no" => ("AMAZON.NoIntent", json!({})),
            "repeat" => ("AMAZON.RepeatIntent", json!({})),
            "stop" => ("AMAZON.StopIntent", json!({})),
            "fallback" => ("AMAZON.FallbackIntent", json!({})),
            _ => match said.strip_prefix(": ") {
                Some(words) => (
                    "ChatIntent",
                    json!({ "topic": { "name": "topic", "value": words, "confirmationStatus": "NONE" } }),
                ),
                None => {
                    let (name, filled) = said.split_once(' ').unwrap_or((said, ""));
                    let slots = filled
                        .split_once('=')
                        .map(|(slot, value)| json!({ slot: { "name": slot, "value": value } }));
                    (name, slots.unwrap_or_else(|| json!({})))
                }
            },
        };
        (intent(name, slots), Some(name))
    }

    async fn say(&mut self, said: &str, expected: &str) {
        let ends = expected == "ends";
        assert!(self.house.app.clock.advance(PAUSE));
        self.turns += 1;
        let new = !self.open;
        self.session += u32::from(new);
        let (request, name) = Self::request(said);
        let (session, id) = (format!("session-{}", self.session), format!("turn-{}", self.turns));
        let reply = self.house.turn(&session, new, &id, request).await;
        let speech = reply.speech().to_owned();
        self.transcript.push_str(&format!("{said}\n    {speech}\n"));
        let place = format!("{}\n{}", self.transcript, reply.json);
        self.lint(&reply.json, name, &place);
        self.session_goes_on(&reply.json, ends, name, &place);
        self.nothing_twice(&speech, said, &place);
        for wanted in expected.split(" & ").filter(|wanted| !matches!(*wanted, "" | "ends" | "=")) {
            let heard = speech.to_lowercase();
            match wanted.strip_prefix('!') {
                Some(unwanted) => {
                    assert!(!heard.contains(&unwanted.to_lowercase()), "{unwanted}\n{place}")
                }
                None => assert!(heard.contains(&wanted.to_lowercase()), "{wanted}\n{place}"),
            }
        }
        if expected == "=" {
            assert_eq!(speech, self.last, "{place}");
        }
        self.last = speech;
    }

    /// Nothing that Alexa would refuse, and nothing that sounds wrong to it.
    fn lint(&self, json: &Value, name: Option<&str>, place: &str) {
        let response: Response = serde_json::from_value(json.clone()).unwrap();
        let request = if name.is_some() { "IntentRequest" } else { "LaunchRequest" };
        let context = LintContext { request, dialog_intents: Some(&self.dialogs), intent: name };
        let mut findings = lint(&response, &context);
        // A sentence that invites an answer may end in a full stop: "You can tell me more, if you like."
        findings.retain(|finding| finding.rule != "open-question");
        assert_eq!(findings, [], "{place}");
    }

    fn session_goes_on(&mut self, json: &Value, ends: bool, name: Option<&str>, place: &str) {
        assert!(json.get("sessionAttributes").is_none(), "the talk is kept here\n{place}");
        let body = &json["response"];
        let command = name.is_some_and(|name| !name.starts_with("AMAZON.") && name != "ChatIntent");
        if command && body["shouldEndSession"] == true {
            // Done; the talk is opened anew.
            self.open = false;
            return;
        }
        let placed = body["shouldEndSession"] == true && name == Some("AMAZON.YesIntent");
        assert_eq!(body["shouldEndSession"], ends || placed, "{place}");
        self.open = !ends && !placed;
        let directive = &body["directives"][0];
        if self.open && directive.is_object() {
            assert_eq!(directive["type"], "Dialog.ElicitSlot", "{place}");
            assert_eq!(directive["slotToElicit"], "topic", "{place}");
            assert_eq!(directive["updatedIntent"]["name"], "ChatIntent", "{place}");
        }
        if name == Some("ChatIntent") && self.open {
            assert!(directive.is_object(), "an open turn asks for open speech\n{place}");
        }
        assert_eq!(body["reprompt"].is_object(), self.open, "{place}");
    }

    fn nothing_twice(&mut self, speech: &str, said: &str, place: &str) {
        if matches!(said, "repeat" | "launch") || said.contains("Intent") {
            return;
        }
        for sentence in speech.split_inclusive(['.', '?', '!']).map(str::trim) {
            assert!(self.said.insert(sentence.to_owned()), "{sentence:?} again\n{place}");
        }
    }
}
