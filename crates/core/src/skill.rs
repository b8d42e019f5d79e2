//! One file per family of intents: facts in, answer, changes and effects out.
//!
//! The contract: [`decide`] gets everything it may know as [`Facts`], the state of the conversation and
//! what was heard, and returns a [`Decision`]. Save its session and changes together, then carry its
//! effects out. It never waits, and the same arguments give the same decision.

mod call;
mod chat;
mod contact;
mod correction;
mod house;
mod mention;
mod message;
mod order;
mod question;
mod reply;
mod threshold;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::conversation::{Bot, Conversation, Mode, Prompt};
use crate::effect::{Answer, Change, Effect, Expects, Refused};
use crate::household::{Contact, Directory, Household};
use crate::id::{CallId, ContactId, DeviceId, HouseholdId, PersonId, PostId, RequestId, ThreadId};
use crate::intent::Intent;
use crate::policy::{Moment, Settings};
use crate::request::{Button, Heard, Speaker};
use crate::say::{Key, Say};
use crate::thread::{Post, Thread};
use crate::time::{Seed, Time};
use crate::understanding::compound::Wishes;
use crate::understanding::lists::Lists;
use crate::understanding::{Layer, Parse, Reading, Slot, Slots};
use correction::Reached;
use mention::Mention;
use order::Afterwards;
pub use order::Since;
pub use question::Pending;
use threshold::Weight;

/// How long a question waits for its answer. A "yes" much later belongs to something else, and must not ring anybody.
const ANSWER_WITHIN: Duration = Duration::from_secs(5 * 60);

/// Everything a skill may know.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub directory: &'a Directory,
    pub home: &'a Household,
    /// What this household can name, compiled.
    pub lists: &'a Lists,
    /// Of all households; a household without an entry has the default settings.
    pub settings: &'a BTreeMap<HouseholdId, Settings>,
    pub speaker: &'a Speaker,
    pub request: &'a RequestId,
    /// Messages from and to this household, oldest first.
    pub posts: Vec<&'a Post>,
    pub threads: &'a BTreeMap<ThreadId, Thread>,
    /// Calls from and to this household, oldest first, live ones too.
    pub calls: Vec<&'a Call>,
    /// Every live call of this server.
    pub live: &'a BTreeMap<CallId, Call>,
    pub online: &'a BTreeSet<DeviceId>,
    pub bot: &'a Bot,
    /// Whom to turn to in a crisis, as it is spoken.
    pub crisis_line: Option<&'a str>,
    pub moment: Moment,
    pub seed: Seed,
    pub wording: Wording<'a>,
    /// How sure the recogniser is of the words, 0 to 1; `None` if nobody transcribed them here.
    pub certainty: Option<f32>,
    /// What the turn itself has done so far, for the second of two wishes.
    pub since: Since,
}

/// What a language model has to do with this turn.
#[derive(Debug, Clone, Copy, Default)]
pub enum Wording<'a> {
    /// Nothing: every word is ours.
    #[default]
    Ours,
    /// The decision tells what a model would be asked, given the turns before.
    Ask(Mode, &'a [(String, String)]),
    /// A model was asked and said this.
    Said(Mode, &'a str),
}

/// What of a turn may be told to a language model with a later one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aside {
    /// Nothing: it was a command, or somebody in need.
    #[default]
    Keep,
    /// What was said and what we answered.
    Tell,
    /// Nothing, and nothing of what went before.
    Forget,
}

impl Facts<'_> {
    fn settings_of(&self, household: &HouseholdId) -> Settings {
        if let Some(own) = self.since.settings.as_ref().filter(|_| *household == self.home.id) {
            return own.clone();
        }
        self.settings.get(household).cloned().unwrap_or_default()
    }

    fn own_settings(&self) -> Settings {
        self.settings_of(&self.home.id)
    }

    /// Messages that the speaker has not heard yet, oldest first.
    fn waiting(&self) -> Vec<&Post> {
        let person = self.speaker.person.as_ref();
        let unheard = self.posts.iter().copied().filter(|post| post.is_unheard());
        let known = unheard.filter(|post| !self.since.marked.contains(&post.id));
        known.filter(|post| post.is_for(&self.home.id, person)).collect()
    }

    /// The live calls that this turn has not ended yet.
    fn live(&self) -> impl Iterator<Item = &Call> {
        self.live.values().filter(|call| !self.since.ended.contains(call.id()))
    }

    fn thread(&self, id: &ThreadId) -> Option<&Thread> {
        self.since.threads.get(id).or_else(|| self.threads.get(id))
    }

    /// The id of what is being done: the request's, and a number from the second wish on.
    fn command(&self) -> Option<RequestId> {
        match self.since.steps {
            0 => Some(self.request.clone()),
            _ => self.numbered("step").parse().ok(),
        }
    }

    /// An id under the request's; those of one turn sort in the order of its wishes.
    fn numbered(&self, what: &str) -> String {
        match self.since.steps {
            0 => format!("{}/{what}", self.request),
            steps => format!("{}/{what}-{}", self.request, steps + 1),
        }
    }

    /// How this household calls whoever is behind `household` and `person`; else their own name.
    fn name_of(&self, household: &HouseholdId, person: Option<&PersonId>, own: &str) -> String {
        let contact = self.home.contact_for(household, person);
        contact.map_or_else(|| own.to_owned(), |contact| contact.name.clone())
    }

    /// The speaker's name, or the household's.
    fn own_name(&self) -> String {
        let person = self.speaker.person.as_ref().and_then(|id| self.home.person(id));
        person.map_or_else(|| self.home.name.clone(), |person| person.name.clone())
    }

    fn post_id(&self) -> Option<PostId> {
        self.numbered("post").parse().ok()
    }

    fn call_id(&self) -> Option<CallId> {
        self.numbered("call").parse().ok()
    }
}

/// The state of one conversation: with a person, or with a device whose speaker is not known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    pub chat: Conversation,
    /// What we asked and wait for.
    pub pending: Option<Pending>,
    /// What was said last, for "repeat that".
    pub last: Answer,
    /// The message that "delete it" and "reply" mean.
    pub last_post: Option<PostId>,
    /// What "no, I meant Dad" puts right.
    reached: Option<Reached>,
    /// Whom "her" and "him" may mean, the latest last.
    mentions: Vec<Mention>,
    /// When the question that is pending was asked.
    asked: Time,
    /// What was asked in the same breath as what is being asked about now, and comes next.
    later: Vec<Reading>,
    /// A call that was asked for beside another, for when that one is over.
    afterwards: Option<Afterwards>,
}

/// What a turn comes to.
#[derive(Debug, Default)]
pub struct Decision {
    pub answer: Answer,
    pub session: Session,
    pub changes: Vec<Change>,
    pub effects: Vec<Effect>,
    /// What a language model may be asked before this is decided again.
    pub prompt: Option<Prompt>,
    pub aside: Aside,
}

impl Decision {
    /// The same turn, had the speaker been asked to wait: nothing is done but saying so.
    #[must_use]
    pub fn too_many(self, say: &Say, seed: Seed) -> Self {
        let answer = Answer {
            speech: say.text(seed),
            refused: Some(Refused::TooMany),
            intent: self.answer.intent,
            confidence: self.answer.confidence,
            slots: self.answer.slots,
            ..Answer::default()
        };
        Self { answer, session: self.session, ..Self::default() }
    }
}

/// An answer in the making, with what follows from it.
#[derive(Debug, Default)]
struct Outcome {
    answer: Answer,
    pending: Option<Pending>,
    changes: Vec<Change>,
    effects: Vec<Effect>,
    last_post: Option<PostId>,
    reached: Option<Reached>,
    /// Of whom it speaks.
    about: Option<ContactId>,
    later: Vec<Reading>,
    afterwards: Option<Afterwards>,
    prompt: Option<Prompt>,
    aside: Aside,
}

impl Outcome {
    fn say(facts: &Facts<'_>, say: &Say) -> Self {
        let answer = Answer { speech: say.text(facts.seed), ..Answer::default() };
        Self { answer, ..Self::default() }
    }

    /// Nothing was done, and why.
    fn refuse(facts: &Facts<'_>, why: Refused, say: &Say) -> Self {
        let mut outcome = Self::say(facts, say);
        outcome.answer.refused = Some(why);
        outcome
    }

    /// Says something that wants an answer.
    fn ask(facts: &Facts<'_>, say: &Say, pending: Pending) -> Self {
        let mut outcome = Self::say(facts, say);
        outcome.answer.choices = pending.choices(facts.home);
        outcome.answer.expects = pending.expects();
        outcome.pending = Some(pending);
        outcome
    }

    /// Says something and listens, with nothing particular in mind.
    fn invite(facts: &Facts<'_>, say: &Say) -> Self {
        let mut outcome = Self::say(facts, say);
        outcome.answer.expects = Expects::Reply;
        outcome
    }

    fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    fn about(mut self, contact: &Contact) -> Self {
        self.about = Some(contact.id.clone());
        self
    }

    fn says_nothing(&self) -> bool {
        self.answer.speech.is_empty()
    }
}

/// Decides one turn. `wishes` is what the words mean; it is `None` when there were none.
#[must_use]
pub fn decide(
    facts: &Facts<'_>,
    session: &Session,
    heard: &Heard,
    wishes: Option<&Wishes>,
) -> Decision {
    let now = facts.moment.now;
    let too_late = now.since(session.asked) > ANSWER_WITHIN;
    let mut session = session.clone();
    if session.pending.is_some() && too_late {
        session.pending = None;
        session.later.clear();
    }
    let session = &session;
    let mut next = session.clone();
    next.pending = None;
    next.later.clear();
    let outcome = match (heard, wishes) {
        (Heard::Pressed(button), _) => {
            // A button does not answer a question that was asked aloud.
            next.pending.clone_from(&session.pending);
            next.later.clone_from(&session.later);
            pressed(facts, session, button)
        }
        (Heard::Launch, _) => launch(facts),
        (Heard::Words(_) | Heard::Understood(_), Some(wishes)) => {
            let outcome = understood(facts, session, &mut next, wishes);
            order::afterwards(facts, &mut next, outcome)
        }
        (Heard::Nothing | Heard::Words(_) | Heard::Understood(_), _) => {
            next.later.clone_from(&session.later);
            chat::nothing(facts, session, &mut next)
        }
    };
    next.note(&outcome, now);
    let Outcome { mut answer, pending, changes, effects, last_post, later, prompt, aside, .. } =
        outcome;
    if let Some(wishes) = wishes {
        let parse = wishes.parts.first().unwrap_or(&wishes.whole);
        let parse = mention::meant(facts, session, parse);
        answer.intent.clone_from(&parse.intent);
        answer.confidence = parse.confidence;
        answer.slots.clone_from(&parse.slots);
        next.mention_slot(&parse.slots, facts.home, now);
    }
    if pending.is_some() {
        next.asked = now;
    }
    next.pending = pending.or(next.pending);
    next.last_post = last_post.or(next.last_post);
    next.later.extend(later);
    if next.pending.is_none() {
        next.later.clear();
    }
    if !matches!(heard, Heard::Pressed(_)) {
        next.last = answer.clone();
    }
    Decision { answer, session: next, changes, effects, prompt, aside }
}

fn launch(facts: &Facts<'_>) -> Outcome {
    let waiting = facts.waiting();
    let person = facts.speaker.person.as_ref().and_then(|id| facts.home.person(id));
    if !waiting.is_empty() {
        let say = Say::new(Key::LaunchUnread)
            .with("count", message::count(waiting.len()))
            .with("names", message::senders(facts, &waiting));
        return Outcome::ask(facts, &say, Pending::confirm("ReadMessagesIntent", Slots::new()));
    }
    match person {
        Some(person) => {
            Outcome::invite(facts, &Say::new(Key::LaunchKnown).with("name", &person.name))
        }
        None if facts.home.contacts.is_empty() => Outcome::ask(
            facts,
            &Say::new(Key::NewHousehold),
            Pending::confirm("ChatIntent", Slots::new()),
        ),
        None => Outcome::invite(facts, &Say::new(Key::LaunchUnknown)),
    }
}

fn pressed(facts: &Facts<'_>, session: &Session, button: &Button) -> Outcome {
    match button {
        Button::CallContact(contact) => match facts.home.contact(contact) {
            Some(contact) => call::ring(facts, contact),
            None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::CallNobodyCalled)),
        },
        Button::CallRoom(room) => call::ring_room(facts, room),
        Button::Answer(call) => call::answer(facts, Some(call)),
        Button::Decline(call) => call::decline(facts, Some(call)),
        Button::HangUp(call) => call::hang_up(facts, Some(call)),
        Button::Send(contact, text) => match facts.home.contact(contact) {
            Some(contact) => message::leave(facts, contact, text),
            None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::CallNobodyCalled)),
        },
        Button::MarkHeard(post) => message::mark_heard(facts, post),
        Button::Delete(post) => message::delete(facts, session, Some(post)),
        Button::Quiet(on) => house::quiet(facts, *on),
    }
}

fn understood(
    facts: &Facts<'_>,
    session: &Session,
    next: &mut Session,
    wishes: &Wishes,
) -> Outcome {
    if crate::policy::emergency(&wishes.whole.text) {
        return Outcome::refuse(facts, Refused::Forbidden, &Say::new(Key::CallEmergency));
    }
    let whole = mention::meant(facts, session, &wishes.whole);
    let whole = whole.as_ref();
    if let Some(Pending::Apart { whole: all, parts }) = &session.pending
        && let Some(together) = question::together(whole)
    {
        let parts = if together { std::slice::from_ref(all) } else { &parts[..] };
        let parts: Vec<Parse> = parts.iter().map(order::parse).collect();
        return order::carry_out(facts, session, next, Outcome::default(), &parts);
    }
    // "Yes, and tell Dad I'm late" answers with its first half.
    let answers = wishes.parts.is_empty() || question::takes_any_words(session.pending.as_ref());
    if answers
        && let Some(pending) = &session.pending
        && let Some(outcome) = question::resume(facts, session, pending, whole)
    {
        if question::drops_all(whole) {
            return outcome;
        }
        let later: Vec<Parse> = session.later.iter().map(order::parse).collect();
        return order::carry_out(facts, session, next, outcome, &later);
    }
    if let Some(outcome) = correction::after(facts, session, whole) {
        return outcome;
    }
    if wishes.parts.is_empty() {
        return wish(facts, session, next, whole);
    }
    if wishes.sure {
        return order::carry_out(facts, session, next, Outcome::default(), &wishes.parts);
    }
    order::ask(facts, wishes).unwrap_or_else(|| wish(facts, session, next, whole))
}

/// How much of its confidence a guess keeps while the socialbot waits for an answer: so little that what would reach
/// others is asked about, and the rest is talk.
const WHILE_TALKING: f32 = 0.6;

/// Does one wish, or asks about it, or leaves it to the socialbot.
fn wish(facts: &Facts<'_>, session: &Session, next: &mut Session, parse: &Parse) -> Outcome {
    if crate::policy::emergency(&parse.text) {
        return Outcome::refuse(facts, Refused::Forbidden, &Say::new(Key::CallEmergency));
    }
    let intent = parse.intent.as_deref().and_then(|name| Intent::read(name, &parse.slots));
    if let Some(intent) = intent {
        // In the midst of a talk, what is only like a wish is more likely a part of the talk.
        let talking = parse.layer == Layer::Statistics && session.chat.engaged(facts.moment.now);
        let confidence = parse.confidence * if talking { WHILE_TALKING } else { 1.0 };
        let outcome = match threshold::weigh(&intent, confidence) {
            Weight::Enough => carry_out(facts, session, &intent, &parse.slots),
            Weight::Doubtful => question::sure(facts, &intent, &parse.slots)
                .or_else(|| (!talking && !is_talk(&intent)).then(|| not_sure(facts))),
            Weight::Nothing => None,
        };
        if let Some(outcome) = outcome {
            return outcome;
        }
    }
    chat::talk(facts, session, next, parse)
}

/// Carries an intent out. `None` leaves it to the socialbot.
fn carry_out(
    facts: &Facts<'_>,
    session: &Session,
    intent: &Intent,
    slots: &Slots,
) -> Option<Outcome> {
    let outcome = match intent {
        Intent::Call { whom, other, .. } => {
            call::place(facts, whom.as_ref(), other.as_ref(), slots)
        }
        Intent::AnswerCall => call::answer(facts, None),
        Intent::DeclineCall => call::decline(facts, None),
        Intent::HangUp => call::hang_up(facts, None),
        Intent::Redial => call::redial(facts),
        Intent::CallBack { contact } => call::back(facts, contact.as_ref()),
        Intent::WhoCalled { contact, .. } => call::who_called(facts, contact.as_ref()),
        Intent::DropIn { .. } => {
            Outcome::refuse(facts, Refused::Forbidden, &Say::new(Key::DropInNotGranted))
        }
        Intent::SendMessage { whom, message } => {
            message::send(facts, whom.as_ref(), message.as_deref(), slots)
        }
        Intent::ReadMessages { .. } => message::read(facts),
        Intent::ReplyToMessage { contact, message } => {
            message::reply(facts, session, contact.as_ref(), message.as_deref(), slots)
        }
        Intent::DeleteMessage { .. } => message::delete(facts, session, None),
        Intent::Next if !facts.waiting().is_empty() => message::read(facts),
        Intent::Announce { room, message } => {
            house::announce(facts, room.as_ref(), message.as_deref(), slots)
        }
        Intent::DoNotDisturbOn { duration, time } => {
            house::quiet_for(facts, duration.as_ref(), time.as_ref())
        }
        // "Off at seven" keeps it quiet until then.
        Intent::DoNotDisturbOff { time: Some(time) } => house::quiet_for(facts, None, Some(time)),
        Intent::DoNotDisturbOff { time: None } => house::quiet(facts, false),
        Intent::ListContacts => contact::list(facts),
        Intent::Block { whom } => contact::block(facts, whom.as_ref(), slots),
        Intent::Unblock { whom } => contact::unblock(facts, whom.as_ref(), slots),
        Intent::AddFavourite { contact } => contact::favourite(facts, contact.as_ref(), slots),
        Intent::Help => Outcome::invite(facts, &Say::new(Key::Help)),
        Intent::Repeat if !session.chat.engaged(facts.moment.now) => repeat(facts, session),
        Intent::Stop | Intent::Cancel | Intent::NavigateHome => stop(facts, session)?,
        // These carry on the conversation.
        Intent::Chat { .. }
        | Intent::ChangeTopic
        | Intent::AboutMe
        | Intent::ForgetThat
        | Intent::ForgetEverything
        | Intent::Fallback
        | Intent::Yes
        | Intent::No
        | Intent::Repeat
        | Intent::Next
        | Intent::Previous
        | Intent::StartOver => return None,
        Intent::HoldCall
        | Intent::ResumeCall
        | Intent::Mute
        | Intent::Unmute
        | Intent::VolumeUp
        | Intent::VolumeDown
        | Intent::PressKeys { .. }
        | Intent::TransferCall { .. }
        | Intent::AddToCall { .. }
        | Intent::RemoveFromCall { .. }
        | Intent::ReplyToAnnouncement { .. }
        | Intent::PlayVoicemail { .. }
        | Intent::LeaveVoicemail { .. }
        | Intent::DeleteVoicemail { .. }
        | Intent::ReadFeed { .. }
        | Intent::PostToFeed { .. }
        | Intent::React
        | Intent::ListClubs
        | Intent::ReadClub { .. }
        | Intent::PostToClub { .. }
        | Intent::JoinClub { .. }
        | Intent::LeaveClub { .. }
        | Intent::ListMerchants
        | Intent::ReadMerchant { .. }
        | Intent::MessageMerchant { .. }
        | Intent::AddContact { .. }
        | Intent::RemoveContact { .. }
        | Intent::BlockUnknown
        | Intent::ListBlocked
        | Intent::RemoveFavourite { .. }
        | Intent::ListFavourites
        | Intent::QuietHoursOn { .. }
        | Intent::QuietHoursOff
        | Intent::Pause
        | Intent::Resume => not_yet(facts),
    };
    Some(outcome)
}

/// Whether the socialbot deals with it.
const fn is_talk(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::ChangeTopic
            | Intent::AboutMe
            | Intent::ForgetThat
            | Intent::ForgetEverything
            | Intent::Fallback
            | Intent::Repeat
            | Intent::Next
            | Intent::Previous
            | Intent::StartOver
    )
}

/// Something was wished, but too unclearly to do it, and there is no short question about it.
fn not_sure(facts: &Facts<'_>) -> Outcome {
    Outcome::invite(facts, &Say::new(Key::NotSure))
}

/// An honest word about what is not built.
fn not_yet(facts: &Facts<'_>) -> Outcome {
    Outcome::say(facts, &Say::new(Key::NotYet))
}

/// "Stop" ends what is open: a call that rings here, else a question, else the talk (which the socialbot ends).
fn stop(facts: &Facts<'_>, session: &Session) -> Option<Outcome> {
    if call::here(facts).is_some() {
        return Some(call::hang_up(facts, None));
    }
    if session.chat.engaged(facts.moment.now) {
        return None;
    }
    let key = if session.pending.is_some() { Key::Cancelled } else { Key::Goodbye };
    Some(Outcome::say(facts, &Say::new(key)))
}

fn repeat(facts: &Facts<'_>, session: &Session) -> Outcome {
    if session.last.speech.is_empty() {
        return Outcome::invite(facts, &Say::new(Key::NothingToRepeat));
    }
    let Answer { speech, expects, choices, .. } = session.last.clone();
    let answer = Answer { speech, expects, choices, ..Answer::default() };
    let later = session.later.clone();
    Outcome { answer, pending: session.pending.clone(), later, ..Outcome::default() }
}

/// Whom a slot means.
enum Who<'a> {
    One(&'a Contact),
    /// Only by its sound: ask before reaching them.
    Perhaps(&'a Contact),
    Several(Vec<&'a Contact>),
    Nobody,
}

fn who<'a>(facts: &Facts<'a>, slot: &Slot) -> Who<'a> {
    let by_id = slot.id.as_deref().and_then(|id| id.parse().ok());
    if let Some(contact) = by_id.and_then(|id| facts.home.contact(&id)) {
        return Who::One(contact);
    }
    question::resolve(facts.home, facts.lists.contact(&slot.value))
}

#[cfg(test)]
mod tests;
