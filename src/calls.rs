//! Live calls: drives `core::call` and tells the devices. Each step is saved before anybody hears of it.

use std::sync::Arc;

use hearthline_core::call::{self, Call, Effect, Event, Place, Reach, Silence};
use hearthline_core::id::{CallId, DeviceId, HouseholdId};
use hearthline_core::time::Time;

use crate::app::App;
use crate::channels::browser::protocol::ToDevice;
use crate::channels::browser::view;
use crate::store::{Committed, Write};
use crate::world::World;

/// Somebody else may have rung there between the decision and now; then it is busy after all.
fn still_free(world: &World, place: Place) -> Place {
    let callee = &place.callee.household;
    let others = world
        .live
        .values()
        .filter(|call| *callee != place.caller.household && call.caller().household != *callee);
    let taken = others.into_iter().any(|call| call.occupies(callee));
    match place.reach {
        Reach::Ring(_) if taken => Place { reach: Reach::Busy, ..place },
        _ => place,
    }
}

/// A step of a call that waits for its commit.
struct Step {
    call: Call,
    effects: Vec<Effect>,
    committed: Committed,
}

impl App {
    /// Places a call. If the two are calling each other just now, the calls become one.
    pub async fn place_call(self: &Arc<Self>, place: Place) {
        let steps = {
            let now = self.clock.now();
            let mut world = self.world();
            if world.live.contains_key(&place.id) {
                return; // placed before: a repeat is harmless
            }
            let (call, effects) = Call::place(still_free(&world, place), now);
            let glare = world.live.values().find_map(|other| call::glare(&call, other));
            let id = call.id().clone();
            world.live.insert(id.clone(), call);
            let mut steps = match glare {
                // Nobody is rung by a call that is replaced or met in the same moment.
                Some(glare) => {
                    let met = Event::Met { device: glare.device };
                    let survivor = self.step(&mut world, &glare.survivor, &met, now);
                    let replaced = self.step(&mut world, &glare.replaced, &Event::Replaced, now);
                    survivor.into_iter().chain(replaced).collect()
                }
                None => Vec::new(),
            };
            if steps.is_empty() {
                let call = world.live.get(&id).cloned();
                steps.extend(call.map(|call| {
                    let committed = self.store.commit(vec![Write::Call(call.clone())]);
                    Step { call, effects, committed }
                }));
                world.settle(&id);
            }
            steps
        };
        self.carry_on(steps).await;
    }

    /// Tells a call what happened. What is late or absurd changes nothing.
    pub async fn call_event(self: &Arc<Self>, id: &CallId, event: &Event) {
        let step = {
            let now = self.clock.now();
            let mut world = self.world();
            self.step(&mut world, id, event, now)
        };
        self.carry_on(step.into_iter().collect()).await;
    }

    /// Tells the call at this device what happened, if there is one.
    pub(crate) async fn call_of(self: &Arc<Self>, device: &DeviceId, event: Event) {
        let calls: Vec<CallId> = {
            let world = self.world();
            let calls = world.live.values().filter(|call| call.part_of(device).is_some());
            calls.map(|call| call.id().clone()).collect()
        };
        for call in calls {
            self.call_event(&call, &event).await;
        }
    }

    /// After a restart no line is left; whoever comes back in time goes on.
    pub(crate) async fn sweep(self: &Arc<Self>) {
        let calls: Vec<CallId> = self.world().live.keys().cloned().collect();
        for call in calls {
            self.call_event(&call, &Event::Restart).await;
        }
    }

    fn step(&self, world: &mut World, id: &CallId, event: &Event, now: Time) -> Option<Step> {
        let call = world.live.get_mut(id)?;
        let version = call.version();
        let effects = call.on(event, now);
        if effects.is_empty() && call.version() == version {
            return None;
        }
        let call = call.clone();
        let committed = self.store.commit(vec![Write::Call(call.clone())]);
        world.settle(id);
        Some(Step { call, effects, committed })
    }

    async fn carry_on(self: &Arc<Self>, steps: Vec<Step>) {
        for Step { call, effects, committed } in steps {
            if let Err(error) = committed.await {
                // A live call matters more than its record: people go on talking.
                tracing::error!(%error, call.id = %call.id(), "a call could not be saved");
            }
            for effect in &effects {
                self.tell(&call, effect);
            }
            let homes = [call.caller().household.clone(), call.callee().household.clone()];
            for home in std::collections::BTreeSet::from(homes) {
                self.house_changed(&home).await;
            }
            if let Some((outcome, talked_ms)) = call.outcome() {
                tracing::info!(
                    call.id = %call.id(), call.outcome = outcome.as_str(), talked_ms, "call finished"
                );
            }
        }
        self.due.notify_one();
    }

    fn tell(&self, call: &Call, effect: &Effect) {
        let view = |device: &DeviceId, reason: Option<&'static str>| {
            let home = self.devices.speaker(device).map(|speaker| speaker.household);
            let home: HouseholdId = home.unwrap_or_else(|| call.callee().household.clone());
            view::call(&self.world(), call, &home, device, reason, self.clock.now())
        };
        let send = |device: &DeviceId, message: ToDevice| self.devices.send(device, &message);
        match effect {
            Effect::Ring { device } => {
                send(device, ToDevice::CallInitiate { call: view(device, None) });
            }
            Effect::StopRinging { device, why } => {
                let reason = Silence::as_str(*why);
                send(device, ToDevice::CallEnded { call: view(device, Some(reason)) });
            }
            Effect::Tell { device, progress } => {
                let call = view(device, None);
                let message = match progress {
                    call::Progress::Ringing => ToDevice::CallRinging { call },
                    call::Progress::Connected | call::Progress::Reconnecting => {
                        ToDevice::CallUpdate { call }
                    }
                };
                send(device, message);
            }
            Effect::Accepted { caller, callee } => {
                for device in [caller, callee] {
                    send(device, ToDevice::CallAccepted { call: view(device, None) });
                }
            }
            Effect::Ended { outcome, tell, .. } => {
                for device in tell {
                    let call = view(device, Some(outcome.as_str()));
                    send(device, ToDevice::CallEnded { call });
                }
            }
        }
    }
}
