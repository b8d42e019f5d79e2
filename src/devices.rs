//! Which devices are connected, and what waits for them.
//!
//! Each device has a mailbox of numbered messages. A device that comes back soon gets what it missed; one
//! that stays away starts afresh. Delivery of messages between people does not depend on it: those are in the store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearthline_core::id::DeviceId;
use hearthline_core::request::Speaker;
use hearthline_core::time::Time;
use tokio::sync::mpsc;

use crate::channels::browser::protocol::{House, ToDevice};

/// How long a mailbox waits for its device (facts: a leg's token lives 30 s).
pub const RESUME_WITHIN: Duration = Duration::from_secs(30);
/// How many messages a mailbox keeps for a resume; a device further behind starts afresh.
const KEEP: usize = 256;
/// How many messages may wait for a slow socket before it is closed.
const PENDING: usize = 256;

/// A numbered message, or the word that this connection is over.
#[derive(Debug, Clone)]
pub enum Mail {
    Message(String),
    Close(Goodbye),
}

/// Why the server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goodbye {
    Replaced,
    Behind,
    ShuttingDown,
}

/// A device that has just connected.
#[derive(Debug)]
pub struct Connection {
    pub session: String,
    pub resumed: bool,
    /// The number of the last message sent before.
    pub seq: u64,
    pub mail: mpsc::Receiver<Mail>,
}

/// Where a device left off.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Resume {
    pub session: String,
    pub seq: u64,
}

#[derive(Debug)]
struct Mailbox {
    session: String,
    speaker: Speaker,
    seq: u64,
    kept: VecDeque<(u64, String)>,
    /// `None` while the device is away.
    socket: Option<mpsc::Sender<Mail>>,
    away_since: Option<Time>,
    /// What the page shows.
    house: Option<House>,
}

#[derive(Debug, Default)]
pub struct Devices {
    mailboxes: Mutex<BTreeMap<DeviceId, Mailbox>>,
}

impl Devices {
    /// Connects a device, replacing an earlier connection of it.
    pub fn connect(
        &self,
        speaker: &Speaker,
        session: String,
        resume: Option<&Resume>,
        now: Time,
    ) -> Connection {
        let (socket, mail) = mpsc::channel(PENDING + KEEP);
        let mut mailboxes = self.lock();
        let earlier = mailboxes.remove(&speaker.device);
        if let Some(old) = earlier.as_ref().and_then(|earlier| earlier.socket.as_ref()) {
            let _ = old.try_send(Mail::Close(Goodbye::Replaced));
        }
        let resumable = earlier.filter(|earlier| {
            resume.is_some_and(|resume| earlier.can_resume(resume, now))
                && earlier.speaker == *speaker
        });
        let mailbox = match (resumable, resume) {
            (Some(mut mailbox), Some(resume)) => {
                for (_, message) in mailbox.kept.iter().filter(|(seq, _)| *seq > resume.seq) {
                    let _ = socket.try_send(Mail::Message(message.clone()));
                }
                mailbox.socket = Some(socket);
                mailbox.away_since = None;
                mailbox
            }
            _ => Mailbox {
                session,
                speaker: speaker.clone(),
                seq: 0,
                kept: VecDeque::new(),
                socket: Some(socket),
                away_since: None,
                house: None,
            },
        };
        let resumed = mailbox.seq > 0;
        let connection =
            Connection { session: mailbox.session.clone(), resumed, seq: mailbox.seq, mail };
        mailboxes.insert(speaker.device.clone(), mailbox);
        connection
    }

    /// The socket of `session` is gone. False if the device has connected again meanwhile.
    pub fn disconnected(&self, device: &DeviceId, session: &str, now: Time) -> bool {
        let mut mailboxes = self.lock();
        match mailboxes.get_mut(device) {
            Some(mailbox) if mailbox.session == session && mailbox.socket_is_gone() => {
                mailbox.socket = None;
                mailbox.away_since = Some(now);
                true
            }
            _ => false,
        }
    }

    /// Sends to one device, if it is connected or may still come back.
    pub fn send(&self, device: &DeviceId, message: &ToDevice) {
        if let Some(mailbox) = self.lock().get_mut(device) {
            mailbox.send(message);
        }
    }

    /// Sends what a page shows, if it is not what it shows already.
    pub fn send_house(&self, device: &DeviceId, house: House) {
        if let Some(mailbox) = self.lock().get_mut(device)
            && mailbox.house.as_ref() != Some(&house)
        {
            mailbox.send(&ToDevice::House(Box::new(house.clone())));
            mailbox.house = Some(house);
        }
    }

    /// Who speaks at a device that is connected or may still come back.
    #[must_use]
    pub fn speaker(&self, device: &DeviceId) -> Option<Speaker> {
        self.lock().get(device).map(|mailbox| mailbox.speaker.clone())
    }

    /// Since when the device that left first has been away.
    #[must_use]
    pub fn away_since(&self) -> Option<Time> {
        self.lock().values().filter_map(|mailbox| mailbox.away_since).min()
    }

    #[must_use]
    pub fn is_online(&self, device: &DeviceId) -> bool {
        self.lock().get(device).is_some_and(|mailbox| mailbox.socket.is_some())
    }

    /// The devices with an open connection.
    #[must_use]
    pub fn online(&self) -> BTreeSet<DeviceId> {
        let mailboxes = self.lock();
        let online = mailboxes.iter().filter(|(_, mailbox)| mailbox.socket.is_some());
        online.map(|(device, _)| device.clone()).collect()
    }

    /// Forgets mailboxes whose devices stayed away.
    pub fn tick(&self, now: Time) {
        self.lock().retain(|_, mailbox| {
            mailbox.away_since.is_none_or(|since| now.since(since) < RESUME_WITHIN)
        });
    }

    /// Tells every connection that the server ends.
    pub fn close_all(&self) {
        for mailbox in self.lock().values() {
            if let Some(socket) = &mailbox.socket {
                let _ = socket.try_send(Mail::Close(Goodbye::ShuttingDown));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DeviceId, Mailbox>> {
        // Every change under the lock is whole, so a panic elsewhere leaves nothing half done.
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    fn can_resume(&self, resume: &Resume, now: Time) -> bool {
        let soon = self.away_since.is_none_or(|since| now.since(since) < RESUME_WITHIN);
        let kept_from = self.kept.front().map_or(self.seq + 1, |(seq, _)| *seq);
        soon && self.session == resume.session
            && resume.seq <= self.seq
            && resume.seq + 1 >= kept_from
    }

    fn socket_is_gone(&self) -> bool {
        self.socket.as_ref().is_none_or(mpsc::Sender::is_closed)
    }

    fn send(&mut self, message: &ToDevice) {
        self.seq += 1;
        let text = message.numbered(self.seq);
        if self.kept.len() == KEEP {
            self.kept.pop_front();
        }
        self.kept.push_back((self.seq, text.clone()));
        if let Some(socket) = &self.socket
            && socket.try_send(Mail::Message(text)).is_err()
        {
            // It reads too slowly, or has gone without a word. It may resume, or start afresh.
            self.socket = None;
        }
    }
}
