//! What is true right now, in memory: the state that turns read and change.
//!
//! One lock guards all of it. Under it a turn is decided (which takes microseconds and never waits) and its
//! writes are queued, so that what is on disk has the same order; outside it everybody waits for the commit.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hearthline_core::call::{self, Call, Callee};
use hearthline_core::effect::Answer;
use hearthline_core::household::{Contact, Directory, Household};
use hearthline_core::id::{
    CallId, ContactId, ConversationId, DeviceId, HouseholdId, PostId, ThreadId,
};
use hearthline_core::policy::rate::Limits;
use hearthline_core::policy::{DoNotDisturb, Settings};
use hearthline_core::request::Speaker;
use hearthline_core::skill::Session;
use hearthline_core::thread::{Post, Thread};
use hearthline_core::time::Time;
use hearthline_core::understanding::lists::Lists;
use hearthline_core::understanding::resolver;

use crate::store::{Committed, KEEP_REPLIES, Store, StoreError, StoredReply};

/// How many messages and calls of a household are at hand: what a page shows and a voice can reach.
const AT_HAND: u32 = 200;
const DAY_SECONDS: u64 = 24 * 60 * 60;
/// How many answers are kept for repeats: a day of a very busy household.
const MOST_REPLIES: usize = 20_000;
/// How many conversations are awake at once; the least recently used falls asleep in the store.
const MOST_SESSIONS: usize = 10_000;

/// An answer that may be asked for again.
#[derive(Debug, Clone)]
pub struct Reply {
    pub body: [u8; 32],
    pub answer: Arc<Answer>,
    /// What the answer waits for.
    pub committed: Committed,
    at: Time,
}

#[derive(Debug, Default)]
pub struct World {
    pub directory: Directory,
    pub settings: BTreeMap<HouseholdId, Settings>,
    pub threads: BTreeMap<ThreadId, Thread>,
    pub live: BTreeMap<CallId, Call>,
    pub limits: Limits,
    lists: BTreeMap<HouseholdId, Arc<Lists>>,
    posts: BTreeMap<PostId, Post>,
    posts_of: BTreeMap<HouseholdId, VecDeque<PostId>>,
    ended: BTreeMap<HouseholdId, VecDeque<Call>>,
    sessions: BTreeMap<ConversationId, (Time, Session)>,
    replies: BTreeMap<String, Reply>,
    replies_by_age: VecDeque<String>,
}

impl World {
    /// Everything the store knows that turns need at hand.
    ///
    /// # Errors
    /// If the store fails or holds a record of a newer version.
    pub async fn load(store: &Store, now: Time) -> Result<Self, StoreError> {
        let mut world = Self::default();
        for home in store.households().await? {
            let id = home.id.clone();
            world.put_household(home);
            world.settings.insert(id.clone(), store.settings(&id).await?);
            for post in store.posts(&id, AT_HAND).await? {
                world.put_post(post);
            }
            for call in store.calls(&id, AT_HAND).await? {
                if call.is_over() {
                    push(&mut world.ended, &id, call);
                }
            }
        }
        let homes: Vec<HouseholdId> = world.lists.keys().cloned().collect();
        for home in homes {
            world.learn_habits(&home);
        }
        for thread in store.threads().await? {
            world.threads.insert(thread.id().clone(), thread);
        }
        for call in store.live_calls().await? {
            world.live.insert(call.id().clone(), call);
        }
        let since = Time::from_ms(now.as_ms().saturating_sub(KEEP_REPLIES.as_millis() as u64));
        for reply in store.replies(since, MOST_REPLIES as u32).await?.into_iter().rev() {
            if let Ok(answer) = serde_json::from_str(&reply.answer) {
                let committed = crate::store::already();
                world.put_reply(&reply, Arc::new(answer), committed);
            }
        }
        Ok(world)
    }

    pub fn put_household(&mut self, home: Household) {
        let id = home.id.clone();
        self.lists.insert(id.clone(), Arc::new(Lists::of(&home)));
        self.directory.put(home);
        self.learn_habits(&id);
    }

    /// Tells a household's lists whom it reaches how often: of names that sound alike the usual one is offered first.
    fn learn_habits(&mut self, household: &HouseholdId) {
        let habits = self.habits(household);
        if let Some(lists) = self.lists.get_mut(household) {
            Arc::make_mut(lists).set_habits(&habits);
        }
    }

    /// How much each contact of a household is in use, by the calls and messages at hand. Days are counted back from
    /// the last of them: who comes home after a month away has the same habits.
    fn habits(&self, household: &HouseholdId) -> BTreeMap<String, f32> {
        let Some(home) = self.directory.household(household) else { return BTreeMap::new() };
        let mut reached: BTreeMap<&str, (u32, Time)> = BTreeMap::new();
        let mut note = |contact: Option<&'_ ContactId>, at: Time| {
            let contact = contact.and_then(|id| home.contact(id));
            if let Some(contact) = contact {
                let (times, last) = reached.entry(contact.id.as_str()).or_insert((0, at));
                *times += 1;
                *last = (*last).max(at);
            }
        };
        let mut found = BTreeMap::new();
        for call in self.ended.get(household).into_iter().flatten() {
            let callee = call.callee();
            if call.caller().household == *household {
                let contact = found.entry((&callee.household, Some(&callee.name), None));
                note(*contact.or_insert_with(|| called(home, callee)), call.placed());
            }
        }
        for post in
            self.posts_of.get(household).into_iter().flatten().filter_map(|id| self.posts.get(id))
        {
            let to = &post.to;
            if post.from.household == *household {
                let contact = found.entry((&to.household, None, to.person.as_ref()));
                let known = || home.contact_for(&to.household, to.person.as_ref());
                note(*contact.or_insert_with(|| known().map(|it| &it.id)), post.left_at);
            }
        }
        let latest = reached.values().map(|(_, last)| *last).max().unwrap_or_default();
        let days = |at: Time| (latest.since(at).as_secs() / DAY_SECONDS) as u32;
        reached
            .into_iter()
            .map(|(id, (times, last))| (id.to_owned(), resolver::habit(times, days(last))))
            .collect()
    }

    /// What a household can name, compiled.
    #[must_use]
    pub fn lists(&self, household: &HouseholdId) -> Option<Arc<Lists>> {
        self.lists.get(household).cloned()
    }

    #[must_use]
    pub fn settings_of(&self, household: &HouseholdId) -> Settings {
        self.settings.get(household).cloned().unwrap_or_default()
    }

    /// When the next do-not-disturb ends by itself.
    #[must_use]
    pub fn quiet_until(&self) -> Option<Time> {
        self.settings.values().filter_map(|settings| ending(settings.do_not_disturb)).min()
    }

    /// Forgets each do-not-disturb that has ended; whether there was one. On disk it may stay: it means nothing
    /// any more.
    pub fn end_quiet(&mut self, now: Time) -> bool {
        let mut ended = false;
        for settings in self.settings.values_mut() {
            if ending(settings.do_not_disturb).is_some_and(|until| until <= now) {
                settings.do_not_disturb = None;
                ended = true;
            }
        }
        ended
    }

    /// Adds a message that was left just now.
    pub fn leave_post(&mut self, post: Post) {
        let from = post.from.household.clone();
        self.put_post(post);
        self.learn_habits(&from);
    }

    fn put_post(&mut self, post: Post) {
        for household in BTreeSet::from([&post.from.household, &post.to.household]) {
            let ids = self.posts_of.entry(household.clone()).or_default();
            if !ids.contains(&post.id) {
                ids.push_back(post.id.clone());
            }
            if ids.len() > AT_HAND as usize {
                ids.pop_front();
            }
        }
        self.posts.insert(post.id.clone(), post);
    }

    pub fn post_mut(&mut self, id: &PostId) -> Option<&mut Post> {
        self.posts.get_mut(id)
    }

    /// Messages from and to a household, oldest first.
    #[must_use]
    pub fn posts(&self, household: &HouseholdId) -> Vec<&Post> {
        let ids = self.posts_of.get(household);
        let mut posts: Vec<&Post> =
            ids.into_iter().flatten().filter_map(|id| self.posts.get(id)).collect();
        posts.sort_by_key(|post| post.left_at);
        posts
    }

    /// Calls from and to a household, oldest first, live ones last.
    #[must_use]
    pub fn calls(&self, household: &HouseholdId) -> Vec<&Call> {
        let ended = self.ended.get(household).into_iter().flatten();
        let live = self.live.values().filter(|call| {
            call.caller().household == *household || call.callee().household == *household
        });
        ended.chain(live).collect()
    }

    /// A live call that has ended goes to the log of both homes.
    pub fn settle(&mut self, id: &CallId) {
        if self.live.get(id).is_some_and(Call::is_over)
            && let Some(call) = self.live.remove(id)
        {
            let homes = [call.caller().household.clone(), call.callee().household.clone()];
            for home in BTreeSet::from(homes) {
                push(&mut self.ended, &home, call.clone());
            }
            self.learn_habits(&call.caller().household);
        }
    }

    /// The live call in which a device has a part.
    #[must_use]
    pub fn call_at(&self, device: &DeviceId) -> Option<(&Call, call::Part)> {
        self.live.values().find_map(|call| Some((call, call.part_of(device)?)))
    }

    #[must_use]
    pub fn session(&self, id: &ConversationId) -> Option<&Session> {
        self.sessions.get(id).map(|(_, session)| session)
    }

    pub fn put_session(&mut self, id: ConversationId, session: Session, now: Time) {
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(&id) {
            let oldest = self.sessions.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.sessions.remove(&oldest);
            }
        }
        self.sessions.insert(id, (now, session));
    }

    #[must_use]
    pub fn reply(&self, request: &str) -> Option<&Reply> {
        self.replies.get(request)
    }

    pub fn put_reply(&mut self, stored: &StoredReply, answer: Arc<Answer>, committed: Committed) {
        let now = stored.at;
        while let Some(oldest) = self.replies_by_age.front() {
            let stale =
                self.replies.get(oldest).is_none_or(|reply| now.since(reply.at) > KEEP_REPLIES);
            if !stale && self.replies.len() < MOST_REPLIES {
                break;
            }
            self.replies.remove(oldest);
            self.replies_by_age.pop_front();
        }
        let reply = Reply { body: stored.body, answer, committed, at: now };
        if self.replies.insert(stored.request.clone(), reply).is_none() {
            self.replies_by_age.push_back(stored.request.clone());
        }
    }

    /// Forgets an answer that was never saved, so that its repeat is a new request.
    pub fn drop_reply(&mut self, request: &str) {
        self.replies.remove(request);
    }
}

/// Whom a household called: a call knows them by the name they have there.
fn called<'h>(home: &'h Household, callee: &Callee) -> Option<&'h ContactId> {
    let is_them = |contact: &&Contact| contact.name == callee.name;
    home.contacts.iter().find(is_them).map(|contact| &contact.id)
}

fn ending(quiet: Option<DoNotDisturb>) -> Option<Time> {
    match quiet {
        Some(DoNotDisturb::Until(until)) => Some(until),
        Some(DoNotDisturb::On) | None => None,
    }
}

fn push(log: &mut BTreeMap<HouseholdId, VecDeque<Call>>, home: &HouseholdId, call: Call) {
    let calls = log.entry(home.clone()).or_default();
    calls.push_back(call);
    if calls.len() > AT_HAND as usize {
        calls.pop_front();
    }
}

/// Whose conversation a speaker continues: the person's own, else the device's.
#[must_use]
pub fn conversation(speaker: &Speaker) -> Option<ConversationId> {
    let whose = match &speaker.person {
        Some(person) => format!("{}/person/{person}", speaker.household),
        None => format!("{}/device/{}", speaker.household, speaker.device),
    };
    whose.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearthline_core::understanding::resolver::Resolution;

    #[test]
    fn whoever_is_written_to_is_offered_before_who_sounds_alike() {
        let mut world = World::default();
        let home = Household::read(
            r#"{"household":{"id":"home","name":"Home"},"contacts":[
            {"id":"neve","name":"Neve","household":"first"},
            {"id":"niamh","name":"Niamh","sounds_like":["neev"],"household":"second"}]}"#,
        );
        let id = "home".parse().expect("an id");
        world.put_household(home.expect("a household"));
        let first = |world: &World| match world.lists(&id).expect("its lists").contact("neeve") {
            Resolution::Ask(several) => several[0].id.clone(),
            Resolution::One(_) | Resolution::None => panic!("must ask"),
        };
        assert_eq!(first(&world), "neve");
        for at in 1..=25 {
            let post = serde_json::json!({
                "id": format!("post-{at}"), "thread": "t", "seq": at, "text": "hello", "left_at": at, "state": {"is": "left"},
                "from": {"household": "home", "person": null, "name": "Home"},
                "to": {"household": "second", "person": null},
            });
            world.leave_post(serde_json::from_value(post).expect("a message"));
        }
        assert_eq!(first(&world), "niamh");
    }
}
