//! Tables and properties of threads and posts. The helpers stand below the tests.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[test]
fn a_post_is_left_delivered_heard_and_never_goes_back() {
    let check = |events: &[Event], sender_sees: &str, unheard: bool, effects: &[Option<Effect>]| {
        let mut post = post("alder", "harbour", "hello");
        let seen: Vec<_> = events.iter().map(|event| post.on(*event, Time::from_ms(5))).collect();
        assert_eq!(seen, effects, "{events:?}");
        assert_eq!(post.sender_sees(), sender_sees, "{events:?}");
        assert_eq!(post.is_unheard(), unheard, "{events:?}");
    };
    use Effect::{TellBoth, TellRecipient};
    use Event::{Deleted, Delivered, Heard, TakenBack};
    check(&[], "left", true, &[]);
    check(&[Delivered], "delivered", true, &[Some(TellBoth)]);
    check(&[Delivered, Delivered], "delivered", true, &[Some(TellBoth), None]);
    check(&[Heard], "heard", false, &[Some(TellBoth)]);
    check(&[Heard, Delivered, Heard], "heard", false, &[Some(TellBoth), None, None]);
    check(&[Heard, Deleted], "heard", false, &[Some(TellBoth), Some(TellRecipient)]);
    check(&[Delivered, Deleted], "delivered", false, &[Some(TellBoth), Some(TellRecipient)]);
    check(&[TakenBack, Delivered, Heard], "left", false, &[Some(TellBoth), None, None]);
    check(&[Delivered, TakenBack], "delivered", true, &[Some(TellBoth), None]);
    check(&[Deleted, Heard, Deleted], "delivered", false, &[Some(TellRecipient), None, None]);
}

#[test]
fn a_text_is_a_few_spoken_words() {
    let check = |text: &str, parsed: Result<&str, TextError>| {
        let text = Text::parse(text);
        assert_eq!(text.as_ref().map(Text::as_str), parsed.as_ref().copied());
    };
    check("  dinner at six \n", Ok("dinner at six"));
    check("one\ntwo", Ok("one\ntwo"));
    check("zażółć gęślą jaźń", Ok("zażółć gęślą jaźń"));
    check(" \n ", Err(TextError::Empty));
    check("bell \u{7}", Err(TextError::Control));
    check(&"ä".repeat(1000), Ok("ä".repeat(1000).as_str()));
    check(&"ä".repeat(1001), Err(TextError::TooLong(1001)));
    assert!(serde_json::from_str::<Text>("\"\"").is_err(), "one door, also from the store");
}

#[test]
fn a_thread_is_the_same_whoever_begins_it() {
    let id = |one, other| Thread::direct(one, other).id().clone();
    let (maya, ines) = (end("alder", Some("maya")), end("harbour", Some("ines")));
    assert_eq!(id(maya.clone(), ines.clone()), id(ines.clone(), maya.clone()));
    assert_ne!(id(maya.clone(), ines.clone()), id(end("alder", None), ines.clone()));
    assert_ne!(id(maya, ines.clone()), id(end("alder", Some("tom")), ines));
    // Ids that only look alike when they are glued together.
    assert_ne!(id(end("a", Some("bc")), end("d", None)), id(end("ab", Some("c")), end("d", None)));
    let long = "h".repeat(512);
    assert!(id(end(&long, None), end("d", None)).as_str().starts_with("direct-"));
}

#[test]
fn a_reply_stays_in_the_thread_whoever_speaks() {
    let mut thread = Thread::direct(end("alder", Some("maya")), end("harbour", Some("ines")));
    let question = new(thread.leave(draft("1", "alder", Some("maya"), "lunch?"), now()));
    let answer = new(thread.leave(draft("2", "harbour", None, "yes"), now()));
    assert_eq!((question.seq, answer.seq), (1, 2));
    assert_eq!(question.thread, answer.thread);
    assert_eq!(question.to, end("harbour", Some("ines")));
    assert_eq!(answer.to, end("alder", Some("maya")));
}

#[test]
fn people_of_one_household_leave_each_other_messages() {
    let mut thread = Thread::direct(end("alder", Some("maya")), end("alder", Some("tom")));
    let to_tom = new(thread.leave(draft("1", "alder", Some("maya"), "milk"), now()));
    let to_maya = new(thread.leave(draft("2", "alder", Some("tom"), "done"), now()));
    assert_eq!(to_tom.to, end("alder", Some("tom")));
    assert_eq!(to_maya.to, end("alder", Some("maya")));
    let unknown = thread.leave(draft("3", "alder", None, "hm"), now());
    assert_eq!(unknown, Err(Refused::Stranger), "it could be either of them");
}

#[test]
fn a_stranger_cannot_write_into_a_thread() {
    let mut thread = Thread::direct(end("alder", None), end("harbour", None));
    assert_eq!(thread.leave(draft("1", "mill", None, "hi"), now()), Err(Refused::Stranger));
    assert_eq!(thread.seq(), 0);
}

#[test]
fn the_same_command_leaves_one_post() {
    let mut thread = Thread::direct(end("alder", None), end("harbour", None));
    let post = new(thread.leave(draft("1", "alder", None, "hello"), now()));
    let before = Ok(Left::Before { id: post.id.clone(), seq: 1 });
    assert_eq!(thread.leave(draft("1", "alder", None, "hello"), now()), before);
    assert_eq!(thread.leave(draft("1", "alder", None, "hullo"), now()), Err(Refused::Conflict));
    assert_eq!(thread.leave(draft("1", "harbour", None, "hello"), now()), Err(Refused::Conflict));
    assert_eq!(thread.seq(), 1);
}

#[test]
fn a_thread_remembers_commands_for_a_day_and_not_without_end() {
    let mut thread = Thread::direct(end("alder", None), end("harbour", None));
    for n in 0..=MAX_REMEMBERED {
        let _ = new(thread.leave(draft(&format!("c{n}"), "alder", None, "x"), now()));
    }
    assert_eq!(thread.recent.len(), MAX_REMEMBERED);
    assert!(!thread.recent.contains_key(&"c0".parse().expect("an id")), "the oldest went");
    let _ = new(thread.leave(draft("later", "alder", None, "x"), now() + REMEMBER_FOR));
    assert_eq!(thread.recent.len(), 1);
}

#[test]
fn each_person_has_their_own_unread_list() {
    let posts = [
        to(post_at(30, "for all"), None),
        to(post_at(10, "for ines"), Some("ines")),
        to(post_at(20, "for rafael"), Some("rafael")),
    ];
    let texts = |household: &str, person: Option<&str>| {
        let person = person.map(|person| person.parse().expect("an id"));
        let unread = unread(&posts, &household.parse().expect("an id"), person.as_ref());
        unread.iter().map(|post| post.text.as_str()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(texts("harbour", Some("ines")), "for ines, for all");
    assert_eq!(texts("harbour", Some("rafael")), "for rafael, for all");
    assert_eq!(texts("harbour", None), "for ines, for rafael, for all");
    assert_eq!(texts("alder", None), "");
}

proptest! {
    /// Whatever is repeated or reordered, a post's state only goes forward and tells each change once.
    #[test]
    fn a_post_only_goes_forward(events in vec((0..4_u8, 0..1000_u64), 0..30)) {
        let mut post = post("alder", "harbour", "hello");
        let mut told = vec![];
        for (event, at) in events {
            let events = [Event::Delivered, Event::Heard, Event::Deleted, Event::TakenBack];
            let event = events[usize::from(event)];
            let before = post.clone();
            let effect = post.on(event, Time::from_ms(at));
            prop_assert_eq!(effect.is_some(), post != before);
            prop_assert!(rank(post.state) >= rank(before.state));
            prop_assert_eq!(effect.is_some(), rank(post.state) > rank(before.state));
            told.extend(effect);
            let json = serde_json::to_string(&post).expect("a post is plain data");
            prop_assert_eq!(&serde_json::from_str::<Post>(&json).expect("its own output"), &post);
        }
        prop_assert!(told.len() <= 3);
    }

    /// Commands that are repeated, reordered and interleaved from both sides, with restarts between:
    /// each leaves one post, nothing is lost, and the numbers have no gap.
    #[test]
    fn nothing_is_lost_or_doubled(commands in vec((0..20_u8, 0..3_usize), 0..60)) {
        let mut thread = Thread::direct(end("alder", Some("maya")), end("harbour", None));
        let mut posts: Vec<Post> = vec![];
        let mut asked = std::collections::BTreeSet::new();
        for (command, repeats) in commands {
            let from = if command % 2 == 0 { "alder" } else { "harbour" };
            for _ in 0..=repeats {
                let name = format!("{command}");
                match thread.leave(draft(&name, from, None, &name), now()) {
                    Ok(Left::New(post)) => posts.push(*post),
                    Ok(Left::Before { id, seq }) => {
                        let post = posts.iter().find(|post| post.id == id).expect("left before");
                        prop_assert_eq!((post.seq, post.text.as_str()), (seq, name.as_str()));
                    }
                    Err(refused) => panic!("{refused}"),
                }
                asked.insert(name);
                let json = serde_json::to_string(&thread).expect("a thread is plain data");
                thread = serde_json::from_str(&json).expect("its own output");
            }
        }
        prop_assert_eq!(posts.len(), asked.len());
        let numbers: Vec<u64> = posts.iter().map(|post| post.seq).collect();
        let expected: Vec<u64> = (1..).take(posts.len()).collect();
        prop_assert_eq!(numbers, expected);
    }
}

fn rank(state: State) -> u8 {
    match state {
        State::Left => 0,
        State::Delivered { .. } => 1,
        State::Heard { .. } => 2,
        State::Deleted { .. } | State::TakenBack { .. } => 3,
    }
}

fn now() -> Time {
    Time::from_ms(1_000_000)
}

fn end(household: &str, person: Option<&str>) -> End {
    let person = person.map(|person| person.parse().expect("an id"));
    End { household: household.parse().expect("an id"), person }
}

fn draft(command: &str, household: &str, person: Option<&str>, text: &str) -> Draft {
    let End { household, person } = end(household, person);
    Draft {
        id: format!("post-{command}").parse().expect("an id"),
        command: command.parse().expect("an id"),
        from: Sender { household, person, name: "somebody".into() },
        text: Text::parse(text).expect("a text"),
    }
}

fn new(left: Result<Left, Refused>) -> Post {
    match left {
        Ok(Left::New(post)) => *post,
        other => panic!("no new post: {other:?}"),
    }
}

fn post(from: &str, to: &str, text: &str) -> Post {
    let mut thread = Thread::direct(end(from, None), end(to, None));
    new(thread.leave(draft("1", from, None, text), now()))
}

fn post_at(ms: u64, text: &str) -> Post {
    Post { left_at: Time::from_ms(ms), ..post("alder", "harbour", text) }
}

fn to(mut post: Post, person: Option<&str>) -> Post {
    post.to = end("harbour", person);
    post
}
