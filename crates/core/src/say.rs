//! What is said: each sentence of the skills by its key, in several wordings.
//!
//! The wordings are content and stand in `dialogs/<locale>/sentences.yaml`; the keys stand here, so that a
//! missing or left-over sentence is found by a test and not by a listener.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::time::Seed;

const ENGLISH: &str = include_str!("../../../dialogs/en/sentences.yaml");

macro_rules! keys {
    ($($key:ident = $name:literal,)*) => {
        /// Every sentence a skill can say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Key { $($key),* }

        impl Key {
            pub const ALL: &'static [Self] = &[$(Self::$key),*];

            /// As it stands in the sentence files.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$key => $name),* }
            }
        }
    };
}

keys! {
    LaunchKnown = "launch.known",
    LaunchUnknown = "launch.unknown",
    LaunchUnread = "launch.unread",
    NewHousehold = "launch.new_household",
    Help = "help",
    Goodbye = "goodbye",
    Cancelled = "cancelled",
    NotUnderstood = "not_understood",
    NothingHeard = "nothing_heard",
    NotYet = "not_yet",
    NothingPending = "nothing_pending",
    NothingToRepeat = "nothing_to_repeat",
    TooLong = "too_long",
    TryLater = "try_later",
    CallCalling = "call.calling",
    CallCallingRoom = "call.calling_room",
    CallWhom = "call.whom",
    CallWhich = "call.which",
    CallSure = "call.sure",
    CallUnknown = "call.unknown",
    CallNobodyCalled = "call.nobody_called",
    CallNoWay = "call.no_way",
    CallNumber = "call.number",
    CallGroup = "call.group",
    CallRoomUnknown = "call.room_unknown",
    CallRoomSilent = "call.room_silent",
    CallRoomHere = "call.room_here",
    CallForbidden = "call.forbidden",
    CallAlready = "call.already",
    CallTooMany = "call.too_many",
    CallBackSure = "call.back_sure",
    CallAgainSure = "call.again_sure",
    CallEmergency = "call.emergency",
    CallAnswered = "call.answered",
    CallDeclined = "call.declined",
    CallHungUp = "call.hung_up",
    CallCancelled = "call.cancelled",
    CallNone = "call.none",
    CallNothingRings = "call.nothing_rings",
    CallOver = "call.over",
    CallNobodyToCallBack = "call.nobody_to_call_back",
    CallNobodyToRedial = "call.nobody_to_redial",
    WhoCalledNobody = "who_called.nobody",
    WhoCalledOne = "who_called.one",
    WhoCalledSeveral = "who_called.several",
    MessageSent = "message.sent",
    MessageWhom = "message.whom",
    MessageWhich = "message.which",
    MessageWhat = "message.what",
    MessageSure = "message.sure",
    MessageNoWay = "message.no_way",
    MessageForbidden = "message.forbidden",
    MessageTooMany = "message.too_many",
    MessageNone = "message.none",
    MessageRead = "message.read",
    MessageReadLast = "message.read_last",
    MessageDeleted = "message.deleted",
    MessageNothingToDelete = "message.nothing_to_delete",
    MessageNothingToReply = "message.nothing_to_reply",
    MessageNoneFrom = "message.none_from",
    MessageReplyWhat = "message.reply_what",
    MessageReplySure = "message.reply_sure",
    MessageDeleteSure = "message.delete_sure",
    WhoThen = "who_then",
    NameSure = "name_sure",
    NotSure = "not_sure",
    CorrectionStopped = "correction.stopped",
    CorrectionSameCall = "correction.same_call",
    CorrectionSame = "correction.same",
    CorrectionSwapSure = "correction.swap_sure",
    CorrectionEndSure = "correction.end_sure",
    CorrectionTakenBack = "correction.taken_back",
    CorrectionArrived = "correction.arrived",
    CompoundCallLater = "compound.call_later",
    CompoundCallNow = "compound.call_now",
    CompoundOneCall = "compound.one_call",
    CompoundPartOfMessage = "compound.part_of_message",
    AnnounceWhat = "announce.what",
    AnnounceSure = "announce.sure",
    AnnounceDone = "announce.done",
    AnnounceNobody = "announce.nobody",
    QuietOn = "quiet.on",
    QuietFor = "quiet.for",
    QuietUntil = "quiet.until",
    QuietHowLong = "quiet.how_long",
    QuietOff = "quiet.off",
    QuietAlreadyOff = "quiet.already_off",
    BlockDone = "block.done",
    BlockWhom = "block.whom",
    BlockSure = "block.sure",
    UnblockSure = "block.undo_sure",
    UnblockDone = "block.undone",
    FavouriteDone = "favourite.done",
    FavouriteWhom = "favourite.whom",
    ContactsList = "contacts.list",
    ContactsNone = "contacts.none",
    DropInSure = "drop_in.sure",
    DropInNotGranted = "drop_in.not_granted",
}

/// A sentence with its blanks filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    key: Key,
    blanks: Vec<(&'static str, String)>,
}

impl Say {
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self { key, blanks: Vec::new() }
    }

    /// Fills `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.blanks.push((name, value.into()));
        self
    }

    /// The plain text, in one of its wordings.
    #[must_use]
    pub fn text(&self, seed: Seed) -> String {
        let wordings = sentences().get(self.key.as_str()).map_or(&[][..], Vec::as_slice);
        let chosen = seed.pick(self.key.as_str(), wordings.len());
        let wording = chosen.and_then(|index| wordings.get(index)).map_or("", String::as_str);
        fill(wording, &self.blanks)
    }
}

/// Fills the blanks in one pass, so that a name with braces in it stays a name.
fn fill(wording: &str, blanks: &[(&'static str, String)]) -> String {
    let mut text = String::with_capacity(wording.len() + 32);
    let mut rest = wording;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        text.push_str(before);
        let Some(close) = after.find('}') else { break };
        let name = &after[1..close];
        if let Some((_, value)) = blanks.iter().find(|(blank, _)| *blank == name) {
            text.push_str(value);
        }
        rest = &after[close + 1..];
    }
    text.push_str(rest);
    text
}

fn sentences() -> &'static BTreeMap<String, Vec<String>> {
    static SENTENCES: OnceLock<BTreeMap<String, Vec<String>>> = OnceLock::new();
    SENTENCES.get_or_init(|| {
        serde_saphyr::from_str(ENGLISH).expect("the shipped sentences are read by a test")
    })
}

/// "Anna", "Anna and Tom", "Anna, Tom and Leo", with `and` as the last word between them.
#[must_use]
pub fn list(names: &[String], and: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {and} {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_has_sentences_and_every_sentence_a_key() {
        let known: BTreeSet<&str> = Key::ALL.iter().map(|key| key.as_str()).collect();
        let written: BTreeSet<&str> = sentences().keys().map(String::as_str).collect();
        assert_eq!(known, written);
    }

    #[test]
    fn all_wordings_of_a_sentence_have_the_same_blanks() {
        for (key, wordings) in sentences() {
            let blanks = |text: &str| -> BTreeSet<String> {
                let parts = text.split('{').skip(1);
                parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.into()).collect()
            };
            assert!(!wordings.is_empty(), "{key} has no wording");
            for wording in wordings {
                assert_eq!(blanks(wording), blanks(&wordings[0]), "{key}: {wording}");
                assert!(!wording.contains('!'), "{key} shouts: {wording}");
            }
        }
    }

    #[test]
    fn a_name_with_braces_stays_a_name() {
        let blanks = [("name", "{name}".to_owned())];
        assert_eq!(fill("Calling {name}.", &blanks), "Calling {name}.");
    }

    #[test]
    fn names_are_listed_as_people_say_them() {
        let names =
            |names: &[&str]| list(&names.iter().map(|n| (*n).into()).collect::<Vec<_>>(), "and");
        assert_eq!(names(&[]), "");
        assert_eq!(names(&["Anna"]), "Anna");
        assert_eq!(names(&["Anna", "Tom", "Leo"]), "Anna, Tom and Leo");
    }
}
