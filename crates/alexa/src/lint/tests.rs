use serde_json::json;

use super::*;
use crate::response::{Card, DynamicEntity, EntityList, EntityName, UpdatedIntent};

fn ask(text: &str) -> Response {
    Response::ask(Speech::words(text), Speech::plain("Who?"))
}

fn check(request: &str, response: &Response, rules: &[&str]) {
    let dialogs = BTreeSet::from(["CallContactIntent".to_owned()]);
    let intent = Some("CallContactIntent");
    let context = LintContext { request, dialog_intents: Some(&dialogs), intent };
    let found: Vec<_> = lint(response, &context).iter().map(|found| found.rule).collect();
    assert_eq!(found, rules, "{request} {response:?}");
}

fn turn(response: &Response, rules: &[&str]) {
    check("IntentRequest", response, rules);
}

fn directive(json: serde_json::Value) -> Directive {
    serde_json::from_value(json).unwrap()
}

#[test]
fn speech_fits_and_parses() {
    let tell = |text: &str| Response::tell(Speech::plain(text));
    turn(&tell("Good night."), &[]);
    turn(&tell(&"x".repeat(8000)), &[]);
    turn(&tell(&"x".repeat(8001)), &["speech-length"]);
    turn(&tell(&"x".repeat(25_000)), &["size", "speech-length"]);
    turn(&tell(""), &["speech-empty"]);
    turn(&tell("<speak>a</speak>"), &["ssml-as-text"]);
    turn(&Response::tell(Speech::words("Tom & <Leo>")), &[]);
    turn(&Response::tell(Speech::ssml("Tom & Leo")), &["ssml"]);
    turn(&Response::tell(Speech::ssml("<b>a</b>")), &["ssml"]);
    let clip = r#"<audio src="https://a.example/b.mp3"/>"#;
    turn(&Response::tell(Speech::ssml(&clip.repeat(5))), &[]);
    turn(&Response::tell(Speech::ssml(&clip.repeat(6))), &["audio-clips"]);
    let attribute = json!("x".repeat(25_000));
    turn(&tell("Good night.").with_attribute("a", attribute), &["size"]);
}

#[test]
fn an_open_session_asks() {
    turn(&ask("Who shall I call?"), &[]);
    turn(&ask("Calling."), &["open-question"]);
    let mut no_reprompt = ask("Who?");
    no_reprompt.body.reprompt = None;
    turn(&no_reprompt, &["reprompt"]);
    turn(&ask("Who?").ending(Some(true)), &["reprompt-unheard"]);
    turn(&Response::empty().ending(Some(false)), &["reprompt", "open-silent"]);
    turn(&Response::empty(), &[]);
}

#[test]
fn who_is_not_listening_is_not_spoken_to() {
    let spoken = Response::tell(Speech::plain("Hello."));
    let played = Response::empty().with(directive(json!({"type": "AudioPlayer.Stop"})));
    for (request, response, rules) in [
        ("SessionEndedRequest", &spoken, &["session-ended"][..]),
        ("SessionEndedRequest", &played, &["session-ended"]),
        ("AudioPlayer.PlaybackFinished", &spoken, &["silent-request"]),
        ("AudioPlayer.PlaybackFinished", &played, &[]),
        ("PlaybackController.PlayCommandIssued", &spoken, &["silent-request"]),
        ("PlaybackController.PauseCommandIssued", &played, &[]),
        ("AlexaSkillEvent.SkillEnabled", &spoken, &["silent-request"]),
        ("AlexaSkillEvent.SkillEnabled", &played, &["silent-directive"]),
        ("Messaging.MessageReceived", &spoken, &["silent-request"]),
        ("Reminders.ReminderStarted", &spoken, &["silent-request"]),
        ("System.ExceptionEncountered", &spoken, &["silent-request"]),
        ("Alexa.Presentation.APL.UserEvent", &spoken, &[]),
    ] {
        check(request, response, rules);
        check(request, &Response::empty(), &[]);
    }
}

#[test]
fn a_dialog_is_steered_by_one_hand_in_an_open_session() {
    let elicit = || directive(json!({"type": "Dialog.ElicitSlot", "slotToElicit": "contact"}));
    let confirm = directive(json!({"type": "Dialog.ConfirmIntent"}));
    let entities =
        directive(json!({"type": "Dialog.UpdateDynamicEntities", "updateBehavior": "CLEAR"}));
    turn(&ask("Who?").with(elicit()), &[]);
    turn(&ask("Who?").with(elicit()).with(entities), &[]);
    turn(&ask("Who?").with(elicit()).with(confirm), &["one-dialog"]);
    turn(&Response::tell(Speech::plain("Who?")).with(elicit()), &["dialog-open"]);
    turn(
        &Response::empty().ending(Some(false)).with(directive(json!({"type": "Dialog.Delegate"}))),
        &[],
    );
    let other = UpdatedIntent::with_slots("HelloIntent", [("a", "b")]);
    let other = Directive::Delegate { updated_intent: Some(other) };
    turn(&ask("Who?").with(other), &["dialog-model"]);
}

#[test]
fn other_directives_keep_to_their_own_rules() {
    let video = |source: &str| {
        directive(json!({"type": "VideoApp.Launch", "videoItem": {"source": source}}))
    };
    turn(&Response::empty().with(video("https://a.example/b")), &[]);
    turn(&Response::empty().with(video("http://a.example/b")), &["https"]);
    turn(
        &Response::empty().ending(Some(true)).with(video("https://a.example/b")),
        &["video-session"],
    );

    let play = |url: &str, token: &str| {
        directive(json!({"type": "AudioPlayer.Play", "playBehavior": "REPLACE_ALL",
            "audioItem": {"stream": {"url": url, "token": token, "offsetInMilliseconds": 0}}}))
    };
    turn(&Response::empty().with(play("https://a.example/b.mp3", "t")), &[]);
    turn(&Response::empty().with(play("http://a.example/b.mp3", "")), &["https", "audio-token"]);

    let ask_for = directive(json!({"type": "Connections.StartConnection",
        "uri": "connection://AMAZON.AskForPermissionsConsent/2", "input": {}}));
    turn(&Response::empty().with(ask_for.clone()), &[]);
    let stop = directive(json!({"type": "AudioPlayer.Stop"}));
    turn(&Response::empty().with(ask_for).with(stop), &["ask-for-alone"]);

    let entities = |count: usize| {
        let synonyms = Some(vec!["gran".to_owned()]);
        let name = EntityName { value: "grandma".to_owned(), synonyms };
        let values = vec![DynamicEntity { id: None, name }; count];
        let types = Some(vec![EntityList { name: "CONTACT".to_owned(), values }]);
        Directive::UpdateDynamicEntities { update_behavior: "REPLACE".to_owned(), types }
    };
    turn(&Response::empty().with(entities(50)), &[]);
    turn(&Response::empty().with(entities(51)), &["dynamic-entities"]);

    let card = |content: String| Card::Simple { title: String::new(), content };
    turn(&Response::empty().with_card(card("x".repeat(8000))), &[]);
    turn(&Response::empty().with_card(card("x".repeat(8001))), &["card"]);
    let consent = Card::AskForPermissionsConsent { permissions: vec![] };
    turn(&Response::empty().with_card(consent), &["card"]);
}

#[test]
fn there_are_thirty_six_directives_and_each_is_read_by_its_name() {
    assert_eq!(Directive::ALL.len(), 36);
    for kind in Directive::ALL {
        let read: Result<Directive, _> = serde_json::from_value(json!({"type": kind}));
        assert_eq!(read.map(|read| read.kind()).ok(), Some(*kind));
    }
}

#[test]
fn responses_have_the_shape_of_the_wire() {
    let slots = UpdatedIntent::with_slots("CallContactIntent", [("contact", "anna")]);
    let elicit =
        Directive::ElicitSlot { slot_to_elicit: "room".to_owned(), updated_intent: Some(slots) };
    let response = ask("Which room?").with(elicit).with_attribute("a", json!([1]));
    assert_eq!(
        serde_json::to_value(&response).unwrap(),
        json!({
            "version": "1.0",
            "sessionAttributes": {"a": [1]},
            "response": {
                "outputSpeech": {"type": "SSML", "ssml": "<speak>Which room?</speak>"},
                "reprompt": {"outputSpeech": {"type": "PlainText", "text": "Who?"}},
                "directives": [{
                    "type": "Dialog.ElicitSlot",
                    "slotToElicit": "room",
                    "updatedIntent": {
                        "name": "CallContactIntent",
                        "slots": {"contact": {"name": "contact", "value": "anna"}},
                    },
                }],
                "shouldEndSession": false,
            },
        })
    );
    assert_eq!(Response::empty().to_json().unwrap(), br#"{"version":"1.0","response":{}}"#);
}
