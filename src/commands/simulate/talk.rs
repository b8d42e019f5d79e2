//! One person's conversations with the socialbot, over all their visits, on a virtual clock.

use std::time::Duration;

use hearthline_core::conversation::{Acquaintance, Bot, Conversation, Reply, Turn};
use hearthline_core::time::{Seed, Time};

use crate::speech::Stopwatch;

use super::BEGIN;
use super::cast::{Cast, Character};
use super::listener::Listener;
use super::person::{Kind, Line, Person};
use super::report::Report;
use super::unmatched::Unmatched;

/// How fast a synthetic voice speaks. In words a minute.
const VOICE_WPM: u64 = 160;
/// What passes between hearing a question and answering it: people take a breath.
const BREATH: Duration = Duration::from_millis(1_200);
/// From one visit to the next.
const NIGHT: Duration = Duration::from_secs(20 * 60 * 60);
/// A call or a message that the bot handed over.
const ERRAND: Duration = Duration::from_secs(3 * 60);
/// One turn in so many is also answered by a bot that was started again in between.
const RESTART_EVERY: usize = 3;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Talk {
    pub(super) report: Report,
    pub(super) unmatched: Vec<Unmatched>,
    turns: usize,
    /// What every third turn took.
    pub(super) latency_us: Vec<u64>,
    pub(super) transcript: String,
}

/// Everything a turn needs but the words.
struct Scene<'a> {
    who: &'a Character,
    people: &'a [Acquaintance],
    seed: Seed,
    state: Conversation,
    now: Time,
}

/// A person's conversations from the first "hello" to the last "goodbye". The first lasts `minutes`,
/// each later one half as long.
///
/// # Errors
/// When a state cannot be written as JSON.
pub(super) fn hold(
    cast: &Cast,
    who: &Character,
    seed: Seed,
    minutes: Duration,
) -> anyhow::Result<Talk> {
    let people = who.acquaintances();
    let mut person = Person::new(cast, who, seed);
    let (mut listener, mut talk) = (Listener::default(), Talk::default());
    let begin = BEGIN + Duration::from_secs(seed.for_purpose("hour").0 % 12 * 60 * 60);
    let state = Conversation::default();
    let mut scene = Scene { who, people: &people, seed, state, now: begin };
    for visit in 1..=who.visits {
        let until = scene.now + if visit == 1 { minutes } else { minutes / 2 };
        listener.begins_visit();
        talk.transcript.push_str(&format!("\n== {}, visit {visit}\n", who.name));
        let mut line = person.comes(visit);
        loop {
            let reply = scene.turn(&line, &mut listener, &mut talk)?;
            if line.kind == Kind::Leaves {
                break;
            }
            let heard = person.listens(&reply.text);
            scene.now = scene.now + spoken_in(heard, VOICE_WPM) + BREATH;
            line = if reply.errand.is_some() {
                scene.now = scene.now + ERRAND;
                person.returns()
            } else if scene.now >= until {
                person.leaves()
            } else {
                person.answers(&reply.text, heard)
            };
        }
        scene.now = scene.now + NIGHT;
    }
    talk.report = listener.finish(&scene.state);
    Ok(talk)
}

impl Scene<'_> {
    fn turn(
        &mut self,
        line: &Line,
        listener: &mut Listener,
        talk: &mut Talk,
    ) -> anyhow::Result<Reply> {
        self.now = self.now + spoken_in(&line.text, self.who.words_per_minute);
        let turn = Turn { text: &line.text, people: self.people, ..Turn::default() };
        let respond = |state: &Conversation| {
            let watch = Stopwatch::start();
            let answered = Bot::shipped().respond(state, &turn, self.now, self.seed);
            (answered, (watch.ms() * 1000.0).round() as u64)
        };
        let ((after, reply), first_us) = respond(&self.state);
        talk.turns += 1;
        if talk.turns.is_multiple_of(RESTART_EVERY) {
            // A turn is a pure function of the state, so equal states go on alike for ever.
            let stored = serde_json::to_string(&self.state)?;
            let restored: Conversation = serde_json::from_str(&stored)?;
            let (again, second_us) = respond(&restored);
            listener.restarted(again.0 == after && again.1 == reply);
            // The better of two: in one of them other programs may have had the processor.
            talk.latency_us.push(first_us.min(second_us));
        }
        let stored = serde_json::to_string(&after)?;
        listener.hear(line, &reply, &after, &stored);
        talk.unmatched.extend(Unmatched::of(&line.text, &reply, self.state.place()));
        let topic = reply.topic.as_deref().unwrap_or("-");
        talk.transcript.push_str(&format!("> {}\n< {}\n", line.text, reply.text));
        talk.transcript.push_str(&format!("    {topic}: {}\n", reply.reason));
        self.state = after;
        Ok(reply)
    }
}

/// How long it takes to say something.
fn spoken_in(text: &str, words_per_minute: u64) -> Duration {
    let words = text.split_whitespace().count() as u64;
    Duration::from_millis(words * 60_000 / words_per_minute.max(1))
}
