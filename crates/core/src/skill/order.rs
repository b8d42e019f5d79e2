//! Several wishes in one breath, done in their order.
//!
//! Each is decided as if it had been said alone, knowing what the ones before it have done ([`Since`]). A question
//! stops the row; what comes after it waits for the answer. Of two calls the second waits for the first to end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::question::{self, Pending};
use super::{Facts, Outcome, Session, call, mention, wish};
use crate::call::Event;
use crate::effect::{Change, Effect, Expects};
use crate::id::{CallId, PostId, ThreadId};
use crate::intent::Intent;
use crate::policy::Settings;
use crate::say::{Key, Say};
use crate::thread::Thread;
use crate::time::Time;
use crate::understanding::compound::Wishes;
use crate::understanding::{Layer, Parse, Reading};

/// How long a second call is kept for after the first.
const KEPT_FOR: Duration = Duration::from_secs(30 * 60);

/// What this turn has done so far.
#[derive(Debug, Clone, Default)]
pub struct Since {
    pub(super) steps: usize,
    pub(super) ended: BTreeSet<CallId>,
    pub(super) settings: Option<Settings>,
    pub(super) threads: BTreeMap<ThreadId, Thread>,
    pub(super) marked: BTreeSet<PostId>,
}

impl Since {
    pub(super) fn take(&mut self, outcome: &Outcome) {
        self.steps += 1;
        for change in &outcome.changes {
            match change {
                Change::Settings(settings) => self.settings = Some(settings.as_ref().clone()),
                Change::Leave(left) => {
                    self.threads.insert(left.0.id().clone(), left.0.clone());
                }
                Change::Mark(post, _) => {
                    self.marked.insert(post.clone());
                }
                Change::Household(_) | Change::CallsHeard => {}
            }
        }
        for effect in &outcome.effects {
            if let Effect::Call(id, Event::HangUp { .. } | Event::Decline { .. }) = effect {
                self.ended.insert(id.clone());
            }
        }
    }
}

/// A call that waits for another to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Afterwards {
    wish: Reading,
    asked: Time,
}

pub(super) fn reading(parse: &Parse) -> Reading {
    Reading {
        intent: parse.intent.clone().unwrap_or_default(),
        confidence: parse.confidence,
        slots: parse.slots.clone(),
    }
}

pub(super) fn parse(reading: &Reading) -> Parse {
    Parse {
        text: String::new(),
        intent: Some(reading.intent.clone()),
        confidence: reading.confidence,
        slots: reading.slots.clone(),
        alternatives: vec![],
        layer: Layer::Samples,
    }
}

/// Carries out `parts` after what is `done` already.
pub(super) fn carry_out(
    facts: &Facts<'_>,
    session: &Session,
    next: &mut Session,
    done: Outcome,
    parts: &[Parse],
) -> Outcome {
    let now = facts.moment.now;
    let mut session = session.clone();
    let mut facts = facts.clone();
    let mut all = done;
    let mut begun = !all.says_nothing();
    if begun {
        facts.since.take(&all);
        session.pending = None;
        session.note(&all, now);
    }
    for (at, part) in parts.iter().enumerate() {
        if begun && waits(&all) {
            all.later = parts[at..].iter().map(reading).collect();
            return all;
        }
        if all.effects.iter().any(|effect| matches!(effect, Effect::PlaceCall(_))) && calls(part) {
            all.join(second_call(&facts, part, now));
            continue;
        }
        let part = mention::meant(&facts, &session, part);
        // "Yes, and …" answers what was asked.
        let answer = session.pending.as_ref().filter(|_| !begun);
        let outcome = answer
            .and_then(|pending| question::resume(&facts, &session, pending, &part))
            .unwrap_or_else(|| wish(&facts, &session, next, &part));
        facts.since.take(&outcome);
        facts.seed = facts.seed.for_purpose("the next wish");
        session.pending = None;
        session.note(&outcome, now);
        session.mention_slot(&part.slots, facts.home, now);
        next.note(&outcome, now);
        all.join(outcome);
        begun = true;
    }
    all
}

impl Outcome {
    /// What comes of another wish is said and done after this.
    pub(super) fn join(&mut self, other: Self) {
        if self.says_nothing() {
            self.answer.speech = other.answer.speech;
            self.answer.refused = other.answer.refused;
        } else {
            self.answer.speech.push(' ');
            self.answer.speech.push_str(&other.answer.speech);
            // Refused says that nothing at all was done.
            self.answer.refused = self.answer.refused.and(other.answer.refused);
        }
        self.answer.expects = other.answer.expects;
        self.answer.choices = other.answer.choices;
        self.answer.call = self.answer.call.take().or(other.answer.call);
        self.answer.post = self.answer.post.take().or(other.answer.post);
        self.pending = other.pending.or_else(|| self.pending.take());
        self.changes.extend(other.changes);
        self.effects.extend(other.effects);
        self.last_post = other.last_post.or_else(|| self.last_post.take());
        self.reached = other.reached.or_else(|| self.reached.take());
        self.about = other.about.or_else(|| self.about.take());
        self.afterwards = other.afterwards.or_else(|| self.afterwards.take());
        self.later.extend(other.later);
    }
}

/// Whether something was asked that must be answered first.
fn waits(outcome: &Outcome) -> bool {
    outcome.pending.is_some()
}

fn calls(parse: &Parse) -> bool {
    let intent = parse.intent.as_deref().and_then(|name| Intent::read(name, &parse.slots));
    matches!(
        intent,
        Some(
            Intent::Call { .. } | Intent::Redial | Intent::CallBack { .. } | Intent::DropIn { .. }
        )
    )
}

/// One call at a time: the other is asked about when the first is over.
fn second_call(facts: &Facts<'_>, part: &Parse, now: Time) -> Outcome {
    let mut outcome = match whom(facts, &reading(part)) {
        Some(name) => Outcome::say(facts, &Say::new(Key::CompoundCallLater).with("name", name)),
        None => Outcome::say(facts, &Say::new(Key::CompoundOneCall)),
    };
    outcome.afterwards = Some(Afterwards { wish: reading(part), asked: now });
    outcome
}

/// The name of whom a wish reaches.
fn whom(facts: &Facts<'_>, wish: &Reading) -> Option<String> {
    let slot = ["contact", "room", "device"].iter().find_map(|name| wish.slots.get(*name))?;
    let id = slot.id.as_deref().and_then(|id| id.parse().ok());
    let contact = id.and_then(|id| facts.home.contact(&id));
    Some(contact.map_or_else(|| slot.value.clone(), |contact| contact.name.clone()))
}

/// Asks about the second call once the first is over and nothing else is going on.
pub(super) fn afterwards(facts: &Facts<'_>, next: &mut Session, mut outcome: Outcome) -> Outcome {
    if let Some(new) = outcome.afterwards.take() {
        next.afterwards = Some(new);
        return outcome;
    }
    let Some(kept) = &next.afterwards else { return outcome };
    let mut since = facts.since.clone();
    since.take(&outcome);
    let still = Facts { since, ..facts.clone() };
    let places = outcome.effects.iter().any(|effect| matches!(effect, Effect::PlaceCall(_)));
    if facts.moment.now.since(kept.asked) > KEPT_FOR || places {
        // Whoever calls somebody else has moved on.
        next.afterwards = None;
        return outcome;
    }
    if call::here(&still).is_some() || outcome.answer.expects != Expects::Nothing {
        return outcome;
    }
    let kept = kept.wish.clone();
    next.afterwards = None;
    let say = match whom(facts, &kept) {
        Some(name) => Say::new(Key::CompoundCallNow).with("name", name),
        None => return outcome,
    };
    outcome.join(Outcome::ask(facts, &say, Pending::confirm(&kept.intent, kept.slots)));
    outcome
}

/// Asks whether what follows the "and" belongs to the message. `None` if there is nothing to ask.
pub(super) fn ask(facts: &Facts<'_>, wishes: &Wishes) -> Option<Outcome> {
    let words = wishes.parts.get(1)?.text.trim();
    let words = words.trim_end_matches(['.', '!', '?']);
    let say = Say::new(Key::CompoundPartOfMessage).with("words", words);
    let pending = Pending::Apart {
        whole: reading(&wishes.whole),
        parts: wishes.parts.iter().map(reading).collect(),
    };
    Some(Outcome::ask(facts, &say, pending))
}
