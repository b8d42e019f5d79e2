//! THE pipe: request, load, core, save, effects, answer. Every channel ends here.

use std::sync::Arc;

use hearthline_core::effect::{Answer, Change, Effect};
use hearthline_core::id::HouseholdId;
use hearthline_core::request::{Channel, Heard, Request, Speaker};
use hearthline_core::say::{Key, Say};
use hearthline_core::skill::{self, Aside, Decision, Facts, Since, Wording};
use hearthline_core::time::{Seed, Time};
use hearthline_core::understanding::compound::Wishes;

use crate::app::App;
use crate::store::{Committed, StoreError, StoredReply, Write};
use crate::telemetry::{self, Stage};
use crate::world::{self, World};

/// Why a turn has no answer.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    #[error("the household is not known here")]
    UnknownHousehold,
    #[error("this request id was used for another request")]
    Conflict,
    #[error("the turn could not be saved")]
    Store(#[from] StoreError),
    #[error("the turn was lost")]
    Lost,
}

impl TurnError {
    /// What the speaker is told.
    #[must_use]
    pub fn spoken(&self) -> String {
        match self {
            Self::UnknownHousehold => "This household is not known here.".to_owned(),
            Self::Conflict => {
                "This command id was used for something else. Use a new one for each command."
                    .to_owned()
            }
            Self::Store(_) | Self::Lost => {
                "Sorry, I couldn't save that, so I haven't done it. Please try again shortly."
                    .to_owned()
            }
        }
    }
}

/// What is to happen once a turn is saved.
struct Saved {
    answer: Arc<Answer>,
    committed: Committed,
    effects: Vec<Effect>,
    /// Whose pages show something else now.
    changed: Vec<HouseholdId>,
    aside: Aside,
}

impl App {
    /// Answers one request. `body` is the SHA-256 of the request as it came: a repeat with the same id and body
    /// gets the same answer and does nothing.
    ///
    /// # Errors
    /// If the household is unknown, the id was used for something else, or the turn could not be saved; then
    /// nothing was done.
    pub async fn turn(
        self: &Arc<Self>,
        request: Request,
        body: [u8; 32],
    ) -> Result<Answer, TurnError> {
        let app = Arc::clone(self);
        // In a task of its own: a speaker who goes away in mid-turn must not leave it half done.
        let turn = tokio::spawn(async move { app.take_turn(request, body).await });
        turn.await.unwrap_or(Err(TurnError::Lost))
    }

    async fn take_turn(
        self: &Arc<Self>,
        request: Request,
        body: [u8; 32],
    ) -> Result<Answer, TurnError> {
        let watch = crate::clock::Stopwatch::start();
        let channel = request.channel;
        self.wake(&request.speaker).await?;
        let wishes = self.understand(&request);
        let seed = self.clock.seed();
        let words = self.model_words(&request, wishes.as_ref(), seed).await;
        let wording = match (&self.model, &words) {
            (Some(model), Some(words)) => Wording::Said(model.mode(), words),
            _ => Wording::Ours,
        };
        let saved = self.decide(&request, wishes.as_ref(), body, seed, wording)?;
        if let Err(error) = saved.committed.clone().await {
            tracing::error!(%error, "a turn could not be saved");
            self.recover(&request).await;
            return Err(error.into());
        }
        for effect in saved.effects {
            self.carry_out(effect).await;
        }
        if let (Some(model), Some(id)) = (&self.model, world::conversation(&request.speaker)) {
            let said = wishes.as_ref().map_or("", |wishes| wishes.whole.text.as_str());
            match saved.aside {
                Aside::Keep => {}
                Aside::Tell => model.note(id, said, &saved.answer.speech, self.clock.now()),
                Aside::Forget => model.forget(&id),
            }
        }
        // A turn may have set something that ends by itself.
        self.due.notify_one();
        for household in saved.changed {
            self.house_changed(&household).await;
        }
        telemetry::took(Stage::Turn, channel, watch.elapsed());
        Ok(saved.answer.as_ref().clone())
    }

    /// Loads the speaker's conversation, if it sleeps in the store.
    async fn wake(&self, speaker: &Speaker) -> Result<(), TurnError> {
        let Some(id) = world::conversation(speaker) else { return Ok(()) };
        if self.world().session(&id).is_some() {
            return Ok(());
        }
        let stored = self.store.session(&id).await?;
        // A conversation of another version begins anew; nothing in it is worth refusing to talk for.
        let session = stored.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let now = self.clock.now();
        let mut world = self.world();
        if world.session(&id).is_none() {
            world.put_session(id, session, now);
        }
        Ok(())
    }

    fn understand(&self, request: &Request) -> Option<Wishes> {
        match &request.heard {
            Heard::Understood(parse) => {
                Some(Wishes::one(self.understanding.dated(parse.clone(), self.clock.today())))
            }
            Heard::Words(text) => {
                let watch = crate::clock::Stopwatch::start();
                let lists = self.world().lists(&request.speaker.household)?;
                let wishes = self.understanding.wishes_on(text, &lists, self.clock.today());
                telemetry::took(Stage::Understand, request.channel, watch.elapsed());
                Some(wishes)
            }
            Heard::Pressed(_) | Heard::Launch | Heard::Nothing => None,
        }
    }

    /// What the core makes of the request, given the world as it is.
    fn judge(
        &self,
        world: &World,
        request: &Request,
        wishes: Option<&Wishes>,
        seed: Seed,
        wording: Wording<'_>,
    ) -> Result<Decision, TurnError> {
        let id = world::conversation(&request.speaker).ok_or(TurnError::UnknownHousehold)?;
        let session = world.session(&id).cloned().unwrap_or_default();
        let household = &request.speaker.household;
        let home = world.directory.household(household).ok_or(TurnError::UnknownHousehold)?;
        let lists = world.lists(household).ok_or(TurnError::UnknownHousehold)?;
        let bot = self.bot();
        let facts = Facts {
            directory: &world.directory,
            home,
            lists: &lists,
            settings: &world.settings,
            speaker: &request.speaker,
            request: &request.id,
            posts: world.posts(household),
            threads: &world.threads,
            calls: world.calls(household),
            live: &world.live,
            online: &self.devices.online(),
            bot: &bot,
            crisis_line: self.crisis_line.as_deref(),
            moment: self.clock.moment(),
            seed,
            wording,
            certainty: request.certainty,
            since: Since::default(),
        };
        Ok(skill::decide(&facts, &session, &request.heard, wishes))
    }

    /// What a language model says to a turn that nobody foresaw, if one is configured and quick enough. The turn is
    /// judged once without consequences to find out, and then again with the words.
    async fn model_words(
        &self,
        request: &Request,
        wishes: Option<&Wishes>,
        seed: Seed,
    ) -> Option<String> {
        let model = self.model.as_ref()?;
        let id = world::conversation(&request.speaker)?;
        let recent = model.recent(&id, self.clock.now());
        let prompt = {
            let world = self.world();
            if world.reply(&reply_key(request)).is_some() {
                return None;
            }
            let wording = Wording::Ask(model.mode(), &recent);
            self.judge(&world, request, wishes, seed, wording).ok()?.prompt?
        };
        model.words(&prompt, self.clock.now()).await
    }

    /// Decides under the lock and queues what must be saved.
    fn decide(
        &self,
        request: &Request,
        wishes: Option<&Wishes>,
        body: [u8; 32],
        seed: Seed,
        wording: Wording<'_>,
    ) -> Result<Saved, TurnError> {
        let now = self.clock.now();
        let mut world = self.world();
        let key = reply_key(request);
        if let Some(reply) = world.reply(&key) {
            if reply.body != body {
                return Err(TurnError::Conflict);
            }
            let (answer, committed) = (Arc::clone(&reply.answer), reply.committed.clone());
            let (effects, changed, aside) = (vec![], vec![], Aside::Keep);
            return Ok(Saved { answer, committed, effects, changed, aside });
        }
        let id = world::conversation(&request.speaker).ok_or(TurnError::UnknownHousehold)?;
        let decision = self.judge(&world, request, wishes, seed, wording)?;
        let decision = limited(&mut world, request, decision, now, seed);
        let Decision { answer, session, changes, effects, aside, .. } = decision;
        let mut writes = Vec::with_capacity(changes.len() + 2);
        let mut changed = Vec::new();
        for change in changes {
            apply(&mut world, request, change, now, &mut writes, &mut changed);
        }
        let json = serde_json::to_string(&session).expect("a session is plain strings and lists");
        writes.push(Write::Session(id.clone(), json, now));
        world.put_session(id, session, now);
        let stored = StoredReply {
            request: key,
            body,
            answer: serde_json::to_string(&answer).expect("an answer is plain strings and lists"),
            at: now,
        };
        writes.push(Write::Reply(stored.clone()));
        let committed = self.store.commit(writes);
        let answer = Arc::new(answer);
        world.put_reply(&stored, Arc::clone(&answer), committed.clone());
        changed.dedup();
        Ok(Saved { answer, committed, effects, changed, aside })
    }

    /// What was not saved is not true: the state in memory is read again.
    async fn recover(&self, request: &Request) {
        self.world().drop_reply(&reply_key(request));
        match World::load(&self.store, self.clock.now()).await {
            Ok(mut fresh) => {
                let mut world = self.world();
                // Calls live on in the devices; the store only has their last saved state.
                std::mem::swap(&mut fresh.live, &mut world.live);
                std::mem::swap(&mut fresh.limits, &mut world.limits);
                *world = fresh;
            }
            Err(error) => tracing::error!(%error, "the state could not be read again"),
        }
    }

    async fn carry_out(self: &Arc<Self>, effect: Effect) {
        match effect {
            Effect::PlaceCall(place) => self.place_call(place).await,
            Effect::Call(id, event) => self.call_event(&id, &event).await,
            Effect::Announce { devices, from, text } => {
                let message = crate::channels::browser::protocol::ToDevice::Announce { from, text };
                for device in devices {
                    self.devices.send(&device, &message);
                }
            }
        }
    }
}

/// Requests of different channels never share an id.
fn reply_key(request: &Request) -> String {
    match request.channel {
        Channel::Alexa => format!("alexa:{}", request.id),
        channel => format!("{}:{}", channel.as_str(), request.id),
    }
}

/// A caller or sender who is too busy is told so instead.
fn limited(
    world: &mut World,
    request: &Request,
    decision: Decision,
    now: Time,
    seed: Seed,
) -> Decision {
    let caller = &request.speaker.household;
    let calls = decision.effects.iter().filter_map(|effect| match effect {
        Effect::PlaceCall(place) => Some(&place.callee.household),
        Effect::Call(..) | Effect::Announce { .. } => None,
    });
    let mut allowed = true;
    for callee in calls {
        allowed &= world.limits.call(caller, callee, now).is_ok();
    }
    if !allowed {
        return decision.too_many(&Say::new(Key::CallTooMany), seed);
    }
    let messages = decision.changes.iter().filter(|change| matches!(change, Change::Leave(..)));
    for _ in messages {
        allowed &= world.limits.message(caller, now).is_ok();
    }
    if !allowed {
        return decision.too_many(&Say::new(Key::MessageTooMany), seed);
    }
    decision
}

fn apply(
    world: &mut World,
    request: &Request,
    change: Change,
    now: Time,
    writes: &mut Vec<Write>,
    changed: &mut Vec<HouseholdId>,
) {
    let own = &request.speaker.household;
    match change {
        Change::Settings(settings) => {
            world.settings.insert(own.clone(), settings.as_ref().clone());
            writes.push(Write::Settings(own.clone(), *settings));
            // Presence is seen by everybody who has this household among their contacts.
            changed.extend(world.directory.households().map(|home| home.id.clone()));
        }
        Change::Household(home) => {
            changed.push(home.id.clone());
            world.put_household(home.as_ref().clone());
            writes.push(Write::Household(*home));
        }
        Change::Leave(left) => {
            let (thread, post) = *left;
            changed.extend([post.from.household.clone(), post.to.household.clone()]);
            world.threads.insert(thread.id().clone(), thread.clone());
            world.leave_post(post.clone());
            writes.push(Write::Thread(thread));
            writes.push(Write::Post(post));
        }
        Change::Mark(id, event) => {
            if let Some(post) = world.post_mut(&id)
                && post.on(event, now).is_some()
            {
                changed.extend([post.from.household.clone(), post.to.household.clone()]);
                writes.push(Write::Post(post.clone()));
            }
        }
        Change::CallsHeard => {
            let mut settings = world.settings_of(own);
            settings.calls_heard = now;
            world.settings.insert(own.clone(), settings.clone());
            writes.push(Write::Settings(own.clone(), settings));
            changed.push(own.clone());
        }
    }
}
