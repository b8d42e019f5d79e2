//! App: the adapters in one place, and what holds for all of them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use hearthline_core::call::Event;
use hearthline_core::conversation::Bot;
use hearthline_core::household::{Household, HouseholdError};
use hearthline_core::id::{DeviceId, HouseholdId};
use hearthline_core::request::Speaker;
use hearthline_core::thread;
use hearthline_core::time::Time;
use hearthline_core::understanding::Understanding;
use tokio::sync::Notify;

use crate::channels::browser::view;
use crate::clock::Clock;
use crate::connect::language_model::LanguageModel;
use crate::devices::{Devices, RESUME_WITHIN};
use crate::speech::Ears;
use crate::store::{Store, StoreError, Write};
use crate::world::World;

/// The two households of `--demo`.
const DEMO: [&str; 2] =
    [include_str!("../demo/alder-house.json"), include_str!("../demo/harbour-cottage.json")];

/// Why the house does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a household cannot be read: {0}")]
    Household(#[from] HouseholdError),
}

#[derive(Debug)]
pub struct App {
    pub clock: Clock,
    pub store: Store,
    pub devices: Devices,
    pub understanding: &'static Understanding,
    /// Whether pages may choose a demo identity; the channel asks for loopback as well.
    pub demo: bool,
    /// Words turns that nobody foresaw, if one is configured.
    pub(crate) model: Option<LanguageModel>,
    pub(crate) crisis_line: Option<String>,
    bot: RwLock<Arc<Bot>>,
    world: Mutex<World>,
    ears: OnceLock<Ears>,
    deaf: OnceLock<String>,
    /// Wakes whoever waits for the next deadline.
    pub(crate) due: Notify,
}

/// What a house is opened with, beside its store and clock.
#[derive(Debug, Default)]
pub struct Options {
    /// With the two demo households.
    pub demo: bool,
    pub model: Option<LanguageModel>,
    /// Whom to turn to in a crisis, as it is spoken.
    pub crisis_line: Option<String>,
}

impl App {
    /// Opens the house on `store`, with the demo households if asked for.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn start(store: Store, clock: Clock, demo: bool) -> Result<Arc<Self>, StartError> {
        Self::open(store, clock, Options { demo, ..Options::default() }).await
    }

    /// Opens the house on `store`.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn open(
        store: Store,
        clock: Clock,
        options: Options,
    ) -> Result<Arc<Self>, StartError> {
        let Options { demo, model, crisis_line } = options;
        let now = clock.now();
        let mut world = World::load(&store, now).await?;
        if demo {
            seed(&mut world, &store, demo_households()?).await?;
        }
        let app = Arc::new(Self {
            clock,
            store,
            devices: Devices::default(),
            understanding: Understanding::shipped(),
            demo,
            model,
            crisis_line,
            bot: RwLock::new(Arc::clone(Bot::shipped())),
            world: Mutex::new(world),
            ears: OnceLock::new(),
            deaf: OnceLock::new(),
            due: Notify::new(),
        });
        app.sweep().await;
        Ok(app)
    }

    /// Adds households from files, replacing those with the same ids.
    ///
    /// # Errors
    /// If they cannot be saved.
    pub async fn put_households(&self, homes: Vec<Household>) -> Result<(), StoreError> {
        let writes = homes.iter().cloned().map(Write::Household).collect();
        self.store.commit(writes).await?;
        let mut world = self.world();
        homes.into_iter().for_each(|home| world.put_household(home));
        Ok(())
    }

    /// What is true right now. Hold it briefly and never across an `await`.
    pub fn world(&self) -> MutexGuard<'_, World> {
        // Changes under the lock do not panic halfway; if one did, refusing to talk at all would help nobody.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is talked from now. A turn keeps what it began with.
    #[must_use]
    pub fn bot(&self) -> Arc<Bot> {
        // The lock is held for as long as it takes to count, so nobody waits for a change either.
        Arc::clone(&self.bot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From the next turn on these dialogs are talked from.
    pub fn set_bot(&self, bot: Bot) {
        let before = std::mem::replace(
            &mut *self.bot.write().unwrap_or_else(PoisonError::into_inner),
            Arc::new(bot),
        );
        // Taking it apart takes longer than a turn may wait, so it happens when the lock is free.
        drop(before);
    }

    /// From now on audio can be understood.
    pub fn set_ears(&self, ears: Ears) {
        // A second recogniser would only be a second copy of the same.
        let _ = self.ears.set(ears);
    }

    /// Audio will not be understood, and why.
    pub fn set_deaf(&self, why: String) {
        let _ = self.deaf.set(why);
    }

    /// Why audio is not understood, for whoever runs the house.
    #[must_use]
    pub fn why_deaf(&self) -> &str {
        self.deaf.get().map_or("loading", String::as_str)
    }

    #[must_use]
    pub fn ears(&self) -> Option<&Ears> {
        self.ears.get()
    }

    #[must_use]
    pub fn hears(&self) -> bool {
        self.ears.get().is_some()
    }

    /// Whether household, device and person exist and belong together.
    #[must_use]
    pub fn knows(&self, speaker: &Speaker) -> bool {
        let world = self.world();
        world.directory.household(&speaker.household).is_some_and(|home| {
            home.device(&speaker.device).is_some()
                && speaker.person.as_ref().is_none_or(|person| home.person(person).is_some())
        })
    }

    /// A device's line is there (again).
    pub async fn device_connected(self: &Arc<Self>, speaker: &Speaker) {
        let device = speaker.device.clone();
        self.call_of(&device, Event::Back { device: device.clone() }).await;
        self.everybody_changed();
        self.deliver(&speaker.household).await;
    }

    /// A device's line is gone, unless it has connected anew meanwhile.
    pub async fn device_disconnected(self: &Arc<Self>, speaker: &Speaker, session: &str) {
        let now = self.clock.now();
        if self.devices.disconnected(&speaker.device, session, now) {
            let device = speaker.device.clone();
            self.call_of(&device, Event::Lost { device: device.clone() }).await;
            self.everybody_changed();
            self.due.notify_one();
        }
    }

    /// What waited for this household has reached a device of it.
    pub async fn deliver(&self, household: &HouseholdId) {
        let now = self.clock.now();
        let online = self.devices.online();
        let (senders, committed) = {
            let mut world = self.world();
            let devices = world.directory.household(household).map(|home| &home.devices);
            let awake = devices.is_some_and(|all| all.iter().any(|one| online.contains(&one.id)));
            if !awake {
                return;
            }
            let waiting: Vec<_> = world
                .posts(household)
                .into_iter()
                .filter(|post| post.is_for(household, None) && post.state == thread::State::Left)
                .map(|post| post.id.clone())
                .collect();
            if waiting.is_empty() {
                return;
            }
            let mut writes = Vec::new();
            let mut senders = BTreeSet::new();
            for id in waiting {
                if let Some(post) = world.post_mut(&id)
                    && post.on(thread::Event::Delivered, now).is_some()
                {
                    senders.insert(post.from.household.clone());
                    writes.push(Write::Post(post.clone()));
                }
            }
            (senders, self.store.commit(writes))
        };
        if let Err(error) = committed.await {
            // It stays "left" on disk and is delivered again after a restart: a repeat, not a loss.
            tracing::warn!(%error, "a delivery could not be saved");
        }
        for sender in senders {
            self.send_houses(&sender);
        }
        self.send_houses(household);
    }

    /// Something that this household's pages show is different now.
    pub async fn house_changed(&self, household: &HouseholdId) {
        self.send_houses(household);
        self.deliver(household).await;
    }

    fn everybody_changed(&self) {
        let homes: Vec<HouseholdId> =
            self.world().directory.households().map(|home| home.id.clone()).collect();
        for home in homes {
            self.send_houses(&home);
        }
    }

    fn send_houses(&self, household: &HouseholdId) {
        let devices: Vec<DeviceId> = {
            let world = self.world();
            let home = world.directory.household(household);
            home.into_iter().flat_map(|home| &home.devices).map(|one| one.id.clone()).collect()
        };
        for device in devices {
            self.send_house(&device);
        }
    }

    /// Sends a device everything its page shows.
    pub fn send_house(&self, device: &DeviceId) {
        let Some(speaker) = self.devices.speaker(device) else { return };
        let online = self.devices.online();
        let local = self.clock.moment();
        let house = view::house(&self.world(), &speaker, &online, local);
        if let Some(house) = house {
            self.devices.send_house(device, house);
        }
    }

    /// Does what is due. `serve` calls it when [`App::next_deadline`] comes; a script, when it moves its clock.
    pub async fn tick(self: &Arc<Self>) {
        let now = self.clock.now();
        self.devices.tick(now);
        let due: Vec<_> = {
            let world = self.world();
            let calls = world.live.values();
            let late = calls.filter(|call| call.deadline().is_some_and(|at| at <= now));
            late.map(|call| call.id().clone()).collect()
        };
        for call in due {
            self.call_event(&call, &Event::Tick).await;
        }
        if self.world().end_quiet(now) {
            self.everybody_changed();
        }
    }

    /// When [`App::tick`] is wanted next, at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let calls = self.world().live.values().filter_map(|call| call.deadline()).min();
        let mailboxes = self.devices.away_since().map(|since| since + RESUME_WITHIN);
        let quiet = self.world().quiet_until();
        calls.into_iter().chain(mailboxes).chain(quiet).min()
    }

    /// Runs [`App::tick`] in time, until it is dropped.
    pub async fn keep_time(self: Arc<Self>) {
        loop {
            match self.next_deadline() {
                Some(at) => tokio::select! {
                    () = self.clock.sleep_until(at) => self.tick().await,
                    () = self.due.notified() => {}
                },
                None => self.due.notified().await,
            }
        }
    }
}

/// The two demo households.
///
/// # Errors
/// Never for the shipped files, which a test reads.
pub fn demo_households() -> Result<Vec<Household>, HouseholdError> {
    DEMO.iter().map(|json| Household::read(json)).collect()
}

/// Adds the demo households that are not there yet; what people changed in them stays.
async fn seed(world: &mut World, store: &Store, homes: Vec<Household>) -> Result<(), StoreError> {
    let known = |home: &Household| world.directory.household(&home.id).is_some();
    let fresh: Vec<Household> = homes.into_iter().filter(|home| !known(home)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    store.commit(fresh.iter().cloned().map(Write::Household).collect()).await?;
    fresh.into_iter().for_each(|home| world.put_household(home));
    Ok(())
}

/// Where a household's files were read from, for messages.
///
/// # Errors
/// If a file cannot be read or is no household.
pub fn read_household(path: &Path) -> anyhow::Result<Household> {
    use anyhow::Context;
    let json = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the household file {}", path.display()))?;
    Household::read(&json).with_context(|| format!("in {}", path.display()))
}
