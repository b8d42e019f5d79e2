//! Whole dialogues, as tables: what is said, and what comes of it. The house that plays them stands below.

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::Strategy;

use super::*;
use crate::call::Event;
use crate::policy::hours::MinuteOfDay;
use crate::time::Time;
use crate::understanding::{Layer, Understanding};

/// Plays `words -> what comes of it` lines in a house of its own.
fn check(dialogue: &str) {
    let mut house = House::new();
    for line in dialogue.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (words, expected) = line.split_once("->").expect("words -> outcome");
        assert_eq!(house.say(words.trim()), expected.trim(), "{words:?} in\n{dialogue}");
    }
}

#[test]
fn which_one_is_answered_in_every_way() {
    for answer in [
        "Reis",
        "ana reis",
        "the second one",
        "the second",
        "second",
        "the last one",
        "the other one",
        "rice",
        "Anna Rice",
        "my colleague",
        "it's Reis please",
        "number two",
        "no, Reis",
        "call Reis",
        "I meant Reis",
        "not Ana Lima, Ana Reis",
    ] {
        check(&format!("call ana -> which ana-lima ana-reis\n {answer} -> call ana-reis"));
    }
    for answer in ["the first one", "Lima", "the first", "my neighbour", "ana lima please"] {
        check(&format!("call ana -> which ana-lima ana-reis\n {answer} -> call ana-lima"));
    }
    for answer in ["neither", "none of them", "someone else", "neither of them", "wrong person"] {
        check(&format!(
            "call ana -> which ana-lima ana-reis\n {answer} -> whom CallIntent\n dad -> call rafael"
        ));
    }
    check("call ana -> which ana-lima ana-reis\n no -> said");
    check("call ana -> which ana-lima ana-reis\n never mind -> said");
    // Somebody who was not offered.
    check("call ana -> which ana-lima ana-reis\n no, I meant dad -> call rafael");
    check("call ana -> which ana-lima ana-reis\n dad -> call rafael");
    // Still not clear: asked again, and nobody is rung.
    check("call ana -> which ana-lima ana-reis\n ana -> which ana-lima ana-reis");
    // A wish of its own.
    check("call ana -> which ana-lima ana-reis\n who called -> said");
    check("tell ana I'm late -> which ana-lima ana-reis\n Lima -> tell ana-lima 'I'm late'");
    check("tell ana I'm late -> which ana-lima ana-reis\n call dad -> call rafael");
}

#[test]
fn words_that_were_hardly_heard_are_asked_about_in_a_talk_and_commands_are_not() {
    let mut house = House::new();
    house.spoken("let's chat");
    house.certainty = Some(0.2);
    let asked = house.spoken("my brother grows enormous pumpkins");
    assert!(asked.contains("your brother grows enormous pumpkins"), "{asked}");
    house.certainty = Some(0.9);
    let answered = house.spoken("yes");
    assert!(!answered.contains("enormous pumpkins?"), "{answered}");
    house.certainty = Some(0.2);
    assert_eq!(house.say("call dad"), "call rafael");
}

/// An Echo answers with the same intent again: what was said is the slot.
#[test]
fn which_one_is_answered_from_an_echo() {
    for (said, expected) in [
        ("the second one", "tell ana-reis 'I'm late'"),
        ("Lima", "tell ana-lima 'I'm late'"),
        ("dad", "tell rafael 'I'm late'"),
        ("neither", "whom SendMessageIntent"),
    ] {
        let mut house = House::new();
        assert_eq!(house.say("tell ana I'm late"), "which ana-lima ana-reis");
        let slot = |value: &str| Slot { value: value.to_owned(), id: None };
        let slots = [("contact".to_owned(), slot(said)), ("message".to_owned(), slot("I'm late"))];
        let parse = Parse {
            text: format!("{said} I'm late"),
            intent: Some("SendMessageIntent".to_owned()),
            confidence: 1.0,
            slots: Slots::from(slots),
            alternatives: vec![],
            layer: Layer::Samples,
        };
        let decision = house.decide(&Wishes::one(parse));
        assert_eq!(shown(&decision), expected, "{said:?}");
    }
}

#[test]
fn a_confirmation_takes_yes_no_and_another_name() {
    check("call siwan -> sure CallIntent siobhan\n yes -> call siobhan");
    check("call siwan -> sure CallIntent siobhan\n no -> said");
    check("call siwan -> sure CallIntent siobhan\n no no no -> said");
    for answer in [
        "no, dad",
        "no dad",
        "no, I meant dad",
        "no, not her, dad",
        "dad",
        "dad please",
        "no, call dad",
        "my father",
        "no, my father",
    ] {
        check(&format!("call siwan -> sure CallIntent siobhan\n {answer} -> call rafael"));
    }
    check(
        "call siwan -> sure CallIntent siobhan\n no, Ana -> which ana-lima ana-reis\n the other one -> call ana-reis",
    );
    check(
        "call siwan -> sure CallIntent siobhan\n wrong person -> whom CallIntent\n hannah -> call hannah",
    );
    check(
        "call siwan -> sure CallIntent siobhan\n no, message dad -> what rafael\n I'm late -> tell rafael 'I'm late'",
    );
    check(
        "tell siwan I'm late -> sure SendMessageIntent siobhan\n no, dad -> tell rafael 'I'm late'",
    );
    check(
        "tell siwan I'm late -> sure SendMessageIntent siobhan\n no, the other one -> whom SendMessageIntent\n dad -> tell rafael 'I'm late'",
    );
    check("call siwan -> sure CallIntent siobhan\n no, Bartholomew -> whom CallIntent");
}

#[test]
fn whom_is_answered_with_a_bare_name() {
    for answer in ["dad", "to dad", "dad please", "my father", "it's for dad", "send it to dad"] {
        check(&format!(
            "send a message -> whom SendMessageIntent\n {answer} -> what rafael\n on my way and hungry -> tell rafael 'on my way and hungry'"
        ));
    }
    check("make a call -> whom CallIntent\n my sister -> call anna");
    check("make a call -> whom CallIntent\n nobody -> said");
    check(
        "make a call -> whom CallIntent\n ana -> which ana-lima ana-reis\n Lima -> call ana-lima",
    );
    check("make a call -> whom CallIntent\n who called -> said");
    // Whom it is for may be put right while the words are asked for.
    check(
        "message anna -> what anna\n no, I meant hannah -> what hannah\n hello -> tell hannah 'hello'",
    );
    check(
        "message anna -> what anna\n wrong person -> whom SendMessageIntent\n dad -> what rafael",
    );
}

#[test]
fn a_call_to_the_wrong_person_is_put_right() {
    for words in [
        "I meant dad",
        "no, I meant dad",
        "no, dad",
        "not her, dad",
        "no, not her, dad",
        "sorry, I meant dad",
        "oh sorry, wrong person, I meant dad",
        "dad instead",
        "not Anna, dad",
        "no, call dad",
        "no no, dad",
        "I said dad",
        "no, my father",
    ] {
        check(&format!("call anna -> call anna\n {words} -> end, call rafael"));
    }
    for words in
        ["wrong person", "no", "not her", "sorry, wrong person", "someone else please, wrong one"]
    {
        if words.starts_with("someone") {
            continue;
        }
        check(&format!(
            "call anna -> call anna\n {words} -> end, whom CallIntent\n dad -> call rafael"
        ));
    }
    // The other of that name.
    check("call ana lima -> call ana-lima\n no, the other Ana -> end, call ana-reis");
    check("call ana lima -> call ana-lima\n the other ana -> end, call ana-reis");
    check("call ana lima -> call ana-lima\n no, the other one -> end, call ana-reis");
    check(
        "call hannah -> call hannah\n no, Ana -> end, which ana-lima ana-reis\n the first -> call ana-lima",
    );
    // Not clear: the wrong call ends all the same.
    check(
        "call anna -> call anna\n I meant siwan -> end, sure CallIntent siobhan\n yes -> call siobhan",
    );
    // It was right.
    check("call anna -> call anna\n I meant anna -> said");
    // It is over already.
    check("call anna -> call anna\n hang up -> end\n no, I meant dad -> call rafael");
    // People talk: nothing is done without asking.
    check(
        "call anna -> call anna\n *answered -> \n I meant dad -> sure HangUpIntent\n yes -> end, call rafael",
    );
    check("call anna -> call anna\n *answered -> \n I meant dad -> sure HangUpIntent\n no -> said");
    // Too late, or about something else.
    check("call anna -> call anna\n *3min -> \n no, I meant dad -> chat");
    check("call anna -> call anna\n hang up -> end\n no, I like horror films -> chat");
    check("I meant dad -> chat");
}

#[test]
fn a_message_to_the_wrong_person_is_put_right() {
    check(
        "tell anna I'm late -> tell anna 'I'm late'\n no, I meant dad -> take back, tell rafael 'I'm late'",
    );
    check(
        "tell anna I'm late -> tell anna 'I'm late'\n wrong person -> take back, whom SendMessageIntent\n dad -> tell rafael 'I'm late'",
    );
    check(
        "tell ana lima I'm late -> tell ana-lima 'I'm late'\n no, the other Ana -> take back, tell ana-reis 'I'm late'",
    );
    check(
        "tell anna I'm late -> tell anna 'I'm late'\n *delivered -> \n no, I meant dad -> tell rafael 'I'm late'",
    );
    check("tell anna I'm late -> tell anna 'I'm late'\n no, call dad -> call rafael");
    check("tell anna I'm late -> tell anna 'I'm late'\n *3min -> \n I meant dad -> chat");
}

/// What could not be done is put right like what was.
#[test]
fn an_attempt_at_the_wrong_person_is_put_right() {
    check("call bruno -> said\n I meant dad -> call rafael");
    check("call bruno -> said\n no, the other one -> whom CallIntent\n dad -> call rafael");
    check("tell bruno I'm late -> said\n no, dad -> tell rafael 'I'm late'");
    check("tell bruno I'm late -> said\n no, call dad -> call rafael");
    check("call bruno -> said\n no, message dad -> what rafael");
    // The call that is in the way stays what is put right.
    check("call anna -> call anna\n call hannah -> said\n no, I meant dad -> end, call rafael");
}

#[test]
fn two_wishes_are_done_in_order() {
    check("call anna and tell dad I'm busy -> call anna, tell rafael 'I'm busy'");
    check(
        "tell anna I'm here and tell dad I'm busy -> tell anna 'I'm here', tell rafael 'I'm busy'",
    );
    check("tell anna and dad I'm home -> tell anna 'I'm home', tell rafael 'I'm home'");
    check(
        "block hannah and block siobhan -> settings, settings\n unblock hannah and hang up -> settings",
    );
    // The first is asked about, the second waits.
    check(
        "call ana and tell dad I'm busy -> which ana-lima ana-reis\n Lima -> call ana-lima, tell rafael 'I'm busy'",
    );
    check(
        "call siwan and tell dad I'm busy -> sure CallIntent siobhan\n no -> tell rafael 'I'm busy'",
    );
    check("call siwan and tell dad I'm busy -> sure CallIntent siobhan\n cancel -> said");
    check(
        "call siwan and tell dad I'm busy -> sure CallIntent siobhan\n who called -> said\n yes -> said",
    );
    // The second is asked about.
    check(
        "call anna and message dad -> call anna, what rafael\n I'm busy -> tell rafael 'I'm busy'",
    );
    check("yes and tell dad I'm late -> tell rafael 'I'm late'");
    check(
        "call siwan -> sure CallIntent siobhan\n yes and tell dad I'm late -> call siobhan, tell rafael 'I'm late'",
    );
    // One call at a time.
    check(
        "call anna and call dad -> call anna\n hang up -> end, sure CallIntent rafael\n yes -> call rafael",
    );
    check(
        "call anna and then call dad -> call anna\n hang up -> end, sure CallIntent rafael\n no -> said",
    );
    check(
        "call anna and call dad -> call anna\n hang up and call hannah -> end, call hannah\n hang up -> end",
    );
    check("call anna -> call anna\n hang up and call dad -> end, call rafael");
    check(
        "call anna and call dad -> call anna\n *answered -> \n *over -> \n who called -> sure CallIntent rafael\n yes -> call rafael",
    );
    check(
        "call anna and call dad -> call anna\n *answered -> \n *over -> \n *31min -> \n who called -> said",
    );
    check(
        "call siwan and tell dad I'm busy -> sure CallIntent siobhan\n repeat that -> sure CallIntent siobhan\n yes -> call siobhan, tell rafael 'I'm busy'",
    );
    // Part of the message?
    check(
        "tell dad I'm busy and call hannah -> sure SendMessageIntent rafael\n yes -> tell rafael 'I'm busy and call hannah'",
    );
    check(
        "tell dad I'm busy and call hannah -> sure SendMessageIntent rafael\n no -> call hannah, tell rafael 'I'm busy'",
    );
    check("tell dad I'm busy and call hannah -> sure SendMessageIntent rafael\n stop -> said");
    // An emergency is never one of two.
    check("call dad and call 112 -> refused forbidden");
}

#[test]
fn her_and_him_are_whoever_was_spoken_of() {
    check("call grandma -> call ines\n hang up -> end\n call her -> call ines");
    check("call grandma and tell her I'm late -> call ines, tell ines 'I'm late'");
    check("tell dad I'm late -> tell rafael 'I'm late'\n call him -> call rafael");
    check(
        "tell dad I'm late -> tell rafael 'I'm late'\n tell grandma good night -> tell ines 'good night'\n call him -> call rafael",
    );
    check("tell dad I'm late -> tell rafael 'I'm late'\n call her -> whom CallIntent");
    check("call her -> whom CallIntent\n grandma -> call ines");
    check("tell dad I'm late -> tell rafael 'I'm late'\n message him -> what rafael");
    check("tell dad I'm late -> tell rafael 'I'm late'\n *11min -> \n call him -> whom CallIntent");
}

/// Readings of every certainty of what leaves the house: nothing happens below the threshold but a question.
#[test]
fn nobody_is_reached_on_a_guess() {
    let slot = |value: &str, id: &str| Slot { value: value.to_owned(), id: Some(id.to_owned()) };
    let dad = || ("contact".to_owned(), slot("dad", "rafael"));
    let words = || ("message".to_owned(), Slot { value: "hello".to_owned(), id: None });
    let wishes: [(&str, Slots); 9] = [
        ("CallIntent", Slots::from([dad()])),
        ("SendMessageIntent", Slots::from([dad(), words()])),
        ("DropInIntent", Slots::from([dad()])),
        ("AnnounceIntent", Slots::from([words()])),
        ("BlockIntent", Slots::from([dad()])),
        ("DeleteMessageIntent", Slots::new()),
        ("CallBackIntent", Slots::new()),
        ("RedialIntent", Slots::new()),
        ("ReplyToMessageIntent", Slots::from([words()])),
    ];
    for (intent, slots) in wishes {
        for hundredths in 0..=100_u8 {
            let confidence = f32::from(hundredths) / 100.0;
            let mut house = House::new();
            let parse = Parse {
                text: "mumble".to_owned(),
                intent: Some(intent.to_owned()),
                confidence,
                slots: slots.clone(),
                alternatives: vec![],
                layer: Layer::Samples,
            };
            let decision = house.decide(&Wishes::one(parse));
            let acted = !decision.effects.is_empty() || !decision.changes.is_empty();
            assert!(!acted || confidence >= 0.75, "{intent} at {confidence}");
            if (40..75).contains(&hundredths) {
                let asks = matches!(decision.answer.expects, Expects::Confirmation { .. });
                assert!(asks, "{intent} at {confidence}: {}", decision.answer.speech);
            }
        }
    }
}

#[test]
fn an_abstention_only_talks() {
    for confidence in [0.0, 0.5, 1.0] {
        let mut house = House::new();
        let parse = Parse {
            text: "drop in on dad".to_owned(),
            intent: None,
            confidence,
            slots: Slots::new(),
            alternatives: vec![Reading {
                intent: "DropInIntent".to_owned(),
                confidence: 1.0,
                slots: Slots::new(),
            }],
            layer: Layer::Samples,
        };
        let decision = house.decide(&Wishes::one(parse));
        assert!(decision.effects.is_empty() && decision.changes.is_empty());
    }
}

#[test]
fn a_question_does_not_wait_for_ever() {
    check("call siwan -> sure CallIntent siobhan\n *6min -> \n yes -> said");
    check("call ana -> which ana-lima ana-reis\n *6min -> \n Lima -> chat");
    check("call ana and tell dad I'm busy -> which ana-lima ana-reis\n *6min -> \n Lima -> chat");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// However people talk: something is said, one call at a time, every id once, and the session can be stored.
    #[test]
    fn any_dialogue_is_lived_through(turns in proptest::collection::vec(any_turn(), 1..12)) {
        let mut house = House::new();
        for turn in turns {
            house.say(&turn);
            let json = serde_json::to_string(&house.session).expect("a session is plain data");
            let stored: Session = serde_json::from_str(&json).expect("its own output");
            assert!(stored == house.session);
        }
    }
}

fn any_turn() -> impl proptest::strategy::Strategy<Value = String> {
    const TURNS: &[&str] = &[
        "call ana",
        "call siwan",
        "call dad",
        "call anna and call dad",
        "hang up",
        "yes",
        "no",
        "the other one",
        "the second one",
        "neither",
        "no, I meant dad",
        "wrong person",
        "I meant ana",
        "tell ana I'm late",
        "tell dad I'm busy and call anna",
        "tell anna and dad I'm home",
        "call her",
        "message him back",
        "stop",
        "call siwan and tell her I'm late and call dad",
        "hang up and call anna",
        "*answered",
        "*delivered",
        "*3min",
        "hang up and hang up",
        "block ana and unblock ana",
        "let's chat",
        "repeat that",
        "my sister",
        "someone else",
        "call the hall and call dad",
        "redial and redial",
        "call back and then redial",
        "no, the other ana",
    ];
    proptest::sample::select(TURNS).prop_map(str::to_owned)
}

#[test]
fn a_session_survives_being_stored() {
    let mut house = House::new();
    house.say("call anna and call dad");
    house.say("tell hannah I'm late and call siobhan");
    let json = serde_json::to_string(&house.session).expect("a session is plain data");
    assert_eq!(serde_json::from_str::<Session>(&json).expect("its own output"), house.session);
}

/// Maya's house, whose contacts all live somewhere that knows her.
struct House {
    directory: Directory,
    lists: Lists,
    settings: BTreeMap<HouseholdId, Settings>,
    posts: Vec<Post>,
    threads: BTreeMap<ThreadId, Thread>,
    live: BTreeMap<CallId, Call>,
    ended: Vec<Call>,
    session: Session,
    now: Time,
    turns: u64,
    certainty: Option<f32>,
}

const CONTACTS: [(&str, &str, &str, &str); 8] = [
    ("ines", "Grandma Ines", "Ines", "grandmother"),
    ("rafael", "Dad", "Rafael", "father"),
    ("anna", "Anna", "Annie", "sister"),
    ("hannah", "Hannah", "Han", "friend"),
    ("siobhan", "Siobhan", "Shiv", "colleague"),
    ("ana-lima", "Ana Lima", "Lima", "neighbour"),
    ("ana-reis", "Ana Reis", "Reis", "colleague"),
    ("theo", "Uncle Theo", "Theo", "uncle"),
];

impl House {
    fn new() -> Self {
        let contacts: Vec<serde_json::Value> = CONTACTS
            .iter()
            .map(|(id, name, nickname, relation)| {
                serde_json::json!({"id": id, "name": name, "nicknames": [nickname], "relation": relation,
                    "sounds_like": if *id == "siobhan" { vec!["shivawn"] } else { vec![] },
                    "person": format!("{id}-person"), "household": format!("{id}-home")})
            })
            .collect();
        let bruno = serde_json::json!({"id": "bruno", "name": "Bruno", "numbers": ["+1 555 0100"]});
        let contacts: Vec<_> = contacts.into_iter().chain([bruno]).collect();
        let home = serde_json::json!({"household": {"id": "alder", "name": "Alder House"},
            "people": [{"id": "maya", "name": "Maya"}],
            "rooms": [{"id": "hall", "name": "Hall"}],
            "devices": [{"id": "kitchen", "name": "Kitchen"}, {"id": "hall-one", "name": "Hall", "room": "hall"}],
            "contacts": contacts});
        let home = Household::read(&home.to_string()).expect("a household");
        let others = CONTACTS.iter().map(|(id, name, ..)| {
            let other = serde_json::json!({"household": {"id": format!("{id}-home"), "name": name},
                "people": [{"id": format!("{id}-person"), "name": name}],
                "devices": [{"id": format!("{id}-device"), "name": "Speaker"}],
                "contacts": [{"id": "maya", "name": "Maya", "person": "maya", "household": "alder"}]});
            Household::read(&other.to_string()).expect("a household")
        });
        let lists = Lists::of(&home);
        Self {
            directory: Directory::new(others.chain([home])),
            lists,
            settings: BTreeMap::new(),
            posts: vec![],
            threads: BTreeMap::new(),
            live: BTreeMap::new(),
            ended: vec![],
            session: Session::default(),
            now: Time::from_ms(1_700_000_000_000),
            turns: 0,
            certainty: None,
        }
    }

    /// One turn, in a few words; what begins with a star happens elsewhere.
    fn say(&mut self, words: &str) -> String {
        self.now = self.now + std::time::Duration::from_secs(2);
        if let Some(happens) = words.strip_prefix('*') {
            self.happens(happens);
            return String::new();
        }
        shown(&self.turn(words))
    }

    /// One turn, in the words of its answer.
    fn spoken(&mut self, words: &str) -> String {
        self.turn(words).answer.speech
    }

    fn turn(&mut self, words: &str) -> Decision {
        let wishes = Understanding::shipped().wishes(words, &self.lists);
        let decision = self.decide(&wishes);
        self.apply(&decision);
        decision
    }

    fn decide(&mut self, wishes: &Wishes) -> Decision {
        self.turns += 1;
        let request: RequestId = format!("turn-{}", self.turns).parse().expect("an id");
        let speaker = Speaker {
            household: "alder".parse().expect("an id"),
            device: "kitchen".parse().expect("an id"),
            person: Some("maya".parse().expect("an id")),
        };
        let online: BTreeSet<DeviceId> = self
            .directory
            .households()
            .flat_map(|home| home.devices.iter().map(|device| device.id.clone()))
            .collect();
        let facts = Facts {
            directory: &self.directory,
            home: self.directory.household(&speaker.household).expect("Maya's house"),
            lists: &self.lists,
            settings: &self.settings,
            speaker: &speaker,
            request: &request,
            posts: self.posts.iter().collect(),
            threads: &self.threads,
            calls: self.ended.iter().chain(self.live.values()).collect(),
            live: &self.live,
            online: &online,
            bot: Bot::shipped(),
            crisis_line: None,
            moment: Moment {
                now: self.now,
                local: "12:00".parse::<MinuteOfDay>().expect("a time"),
            },
            seed: Seed(self.turns),
            wording: Wording::Ours,
            certainty: self.certainty,
            since: Since::default(),
        };
        let heard = Heard::Words(wishes.whole.text.clone());
        decide(&facts, &self.session, &heard, Some(wishes))
    }

    fn apply(&mut self, decision: &Decision) {
        self.session = decision.session.clone();
        for change in &decision.changes {
            match change {
                Change::Settings(settings) => {
                    self.settings.insert("alder".parse().expect("an id"), *settings.clone());
                }
                Change::Leave(left) => {
                    self.threads.insert(left.0.id().clone(), left.0.clone());
                    self.posts.push(left.1.clone());
                }
                Change::Mark(id, event) => {
                    for post in self.posts.iter_mut().filter(|post| post.id == *id) {
                        let _ = post.on(*event, self.now);
                    }
                }
                Change::Household(_) | Change::CallsHeard => {}
            }
        }
        for effect in &decision.effects {
            match effect {
                Effect::PlaceCall(place) => {
                    let (call, _) = Call::place(place.clone(), self.now);
                    assert!(
                        self.live.insert(call.id().clone(), call).is_none(),
                        "an id of its own"
                    );
                }
                Effect::Call(id, event) => {
                    let call = self.live.get_mut(id).expect("a live call");
                    let _ = call.on(event, self.now);
                    if call.is_over() {
                        self.ended.extend(self.live.remove(id));
                    }
                }
                Effect::Announce { .. } => {}
            }
        }
        let talks = self.live.values().filter(|call| call.caller().household.as_str() == "alder");
        assert!(talks.count() <= 1, "one call at a time");
    }

    fn happens(&mut self, what: &str) {
        match what {
            "answered" => {
                for call in self.live.values_mut() {
                    let device = call.callee().household.as_str().replace("-home", "-device");
                    let device = device.parse().expect("an id");
                    let _ = call.on(&Event::Answer { device }, self.now);
                }
            }
            "delivered" => {
                for post in &mut self.posts {
                    let _ = post.on(crate::thread::Event::Delivered, self.now);
                }
            }
            "over" => {
                for (_, mut call) in std::mem::take(&mut self.live) {
                    let device = call.answered_by().cloned().expect("answered before");
                    let _ = call.on(&Event::HangUp { device }, self.now);
                    self.ended.push(call);
                }
            }
            minutes => {
                let minutes: u64 = minutes.trim_end_matches("min").parse().expect("minutes");
                self.now = self.now + std::time::Duration::from_secs(minutes * 60);
            }
        }
    }
}

/// A turn in a few words: what is done, then what is asked.
fn shown(decision: &Decision) -> String {
    let mut shown = vec![];
    let ending: Vec<String> = decision
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Call(_, Event::HangUp { .. })))
        .map(|_| "end".to_owned())
        .collect();
    shown.extend(ending);
    for effect in &decision.effects {
        if let Effect::PlaceCall(place) = effect {
            shown.push(format!(
                "call {}",
                place.callee.household.as_str().trim_end_matches("-home")
            ));
        }
    }
    for change in &decision.changes {
        match change {
            Change::Leave(left) => {
                let post = &left.1;
                let to = post.to.household.as_str().trim_end_matches("-home").to_owned();
                shown.push(format!("tell {to} '{}'", post.text.as_str()));
            }
            Change::Mark(_, crate::thread::Event::TakenBack) => shown.push("take back".to_owned()),
            Change::Settings(_) => shown.push("settings".to_owned()),
            Change::Mark(..) | Change::Household(_) | Change::CallsHeard => {}
        }
    }
    let name = |slots: &Slots| {
        slots
            .get("contact")
            .and_then(|slot| slot.id.clone())
            .map_or_else(String::new, |id| format!(" {id}"))
    };
    match &decision.session.pending {
        Some(Pending::Which { options, .. }) => {
            let options: Vec<&str> = options.iter().map(ContactId::as_str).collect();
            shown.push(format!("which {}", options.join(" ")));
        }
        Some(Pending::Confirm { intent, slots }) => {
            shown.push(format!("sure {intent}{}", name(slots)));
        }
        Some(Pending::Apart { whole, .. }) => {
            shown.push(format!("sure {}{}", whole.intent, name(&whole.slots)));
        }
        Some(Pending::Slot { slots, slot, .. }) if slot == "message" => {
            shown.push(format!("what{}", name(slots)));
        }
        Some(Pending::Slot { intent, .. }) => shown.push(format!("whom {intent}")),
        None => {}
    }
    assert!(!decision.answer.speech.is_empty(), "something is always said");
    assert!(!decision.answer.speech.contains('{'), "{}", decision.answer.speech);
    if shown.is_empty() {
        let (chat, talk) = (&decision.answer.expects, &decision.session.chat);
        let chats = *chat == Expects::Reply && *talk != Conversation::default();
        return match decision.answer.refused {
            Some(why) if why == Refused::Forbidden => format!("refused {}", why.as_str()),
            _ if chats => "chat".to_owned(),
            _ => "said".to_owned(),
        };
    }
    shown.join(", ")
}
