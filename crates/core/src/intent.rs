//! All that can be asked: every intent of our interaction model, with its slots typed.

use serde::{Deserialize, Serialize};

use crate::understanding::{Slot, Slots};

/// Whom or what a call or a visit goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// A name, a nickname or a relation ("my sister"); `id` is a contact's id when it is certain.
    Contact(Slot),
    Room(Slot),
    Device(Slot),
    Group(Slot),
    /// `id` holds the digits.
    Number(Slot),
}

impl Whom {
    #[must_use]
    pub const fn slot(&self) -> &Slot {
        match self {
            Self::Contact(slot)
            | Self::Room(slot)
            | Self::Device(slot)
            | Self::Group(slot)
            | Self::Number(slot) => slot,
        }
    }
}

/// Which of a contact's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    Mobile,
    Home,
    Work,
}

/// A value made of filled slots.
trait FromSlots: Sized {
    fn from_slots(slots: &Slots, name: &str) -> Self;
}

impl FromSlots for Option<Slot> {
    fn from_slots(slots: &Slots, name: &str) -> Self {
        slots.get(name).filter(|slot| !slot.value.trim().is_empty()).cloned()
    }
}

/// Free text, as it was said.
impl FromSlots for Option<String> {
    fn from_slots(slots: &Slots, name: &str) -> Self {
        Option::<Slot>::from_slots(slots, name).map(|slot| slot.value)
    }
}

impl FromSlots for Option<Line> {
    fn from_slots(slots: &Slots, name: &str) -> Self {
        match slots.get(name)?.id.as_deref()? {
            "mobile" => Some(Line::Mobile),
            "home" => Some(Line::Home),
            "work" => Some(Line::Work),
            _ => None,
        }
    }
}

impl FromSlots for Option<Whom> {
    fn from_slots(slots: &Slots, _: &str) -> Self {
        let filled = |name: &str| Option::<Slot>::from_slots(slots, name);
        filled("contact")
            .map(Whom::Contact)
            .or_else(|| filled("room").map(Whom::Room))
            .or_else(|| filled("device").map(Whom::Device))
            .or_else(|| filled("group").map(Whom::Group))
            .or_else(|| filled("number").map(Whom::Number))
    }
}

/// Declares [`Intent`], its names and its reader together, so that none can be forgotten.
macro_rules! intents {
    ($(
        $(#[$doc:meta])*
        $name:literal $variant:ident $({ $($field:ident: $type:ty = $($slot:literal)|+),+ })?
    )*) => {
        /// Something a person asks of us.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "intent", rename_all = "snake_case")]
        pub enum Intent {
            $( $(#[$doc])* $variant $({ $($field: Option<$type>),+ })?, )*
        }

        impl Intent {
            /// Reads an intent of our model; `None` for a name it does not have.
            #[must_use]
            pub fn read(name: &str, slots: &Slots) -> Option<Self> {
                let _ = slots; // not every arm has slots
                Some(match name {
                    $( $name => Self::$variant $({
                        $($field: <Option<$type>>::from_slots(
                            slots, [$($slot),+].first().copied().unwrap_or_default(),
                        )),+
                    })?, )*
                    _ => return None,
                })
            }

            /// Its name in the interaction model.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$variant $({ $($field: _),+ })? => $name, )* }
            }
        }

        /// Every variant: its name in the model and the slots it reads.
        #[cfg(test)]
        const READ: &[(&str, &[&str])] = &[
            $( ($name, &[$( $($($slot),+),+ )?]), )*
        ];
    };
}

intents! {
    "CallIntent" Call {
        whom: Whom = "contact" | "room" | "device" | "group" | "number",
        other: Slot = "other",
        line: Line = "line"
    }
    "AnswerCallIntent" AnswerCall
    "DeclineCallIntent" DeclineCall
    "HangUpIntent" HangUp
    "RedialIntent" Redial
    "CallBackIntent" CallBack { contact: Slot = "contact" }
    "HoldCallIntent" HoldCall
    "ResumeCallIntent" ResumeCall
    "MuteIntent" Mute
    "UnmuteIntent" Unmute
    "VolumeUpIntent" VolumeUp
    "VolumeDownIntent" VolumeDown
    "PressKeysIntent" PressKeys { digits: Slot = "digits" }
    "TransferCallIntent" TransferCall { whom: Whom = "contact" | "room" | "device" }
    "AddToCallIntent" AddToCall { contact: Slot = "contact", other: Slot = "other" }
    "RemoveFromCallIntent" RemoveFromCall { contact: Slot = "contact" }
    "DropInIntent" DropIn { whom: Whom = "contact" | "room" | "device" }
    /// Without a room it is for the whole house.
    "AnnounceIntent" Announce { room: Slot = "room", message: String = "message" }
    "ReplyToAnnouncementIntent" ReplyToAnnouncement { message: String = "message" }
    "PlayVoicemailIntent" PlayVoicemail { contact: Slot = "contact" }
    "LeaveVoicemailIntent" LeaveVoicemail {
        contact: Slot = "contact",
        message: String = "message"
    }
    "DeleteVoicemailIntent" DeleteVoicemail { contact: Slot = "contact" }
    "SendMessageIntent" SendMessage {
        whom: Whom = "contact" | "group",
        message: String = "message"
    }
    "ReadMessagesIntent" ReadMessages { whom: Whom = "contact" | "group" }
    "ReplyToMessageIntent" ReplyToMessage {
        contact: Slot = "contact",
        message: String = "message"
    }
    "DeleteMessageIntent" DeleteMessage { contact: Slot = "contact", ordinal: Slot = "ordinal" }
    "ReadFeedIntent" ReadFeed { contact: Slot = "contact" }
    "PostToFeedIntent" PostToFeed { message: String = "message" }
    "ReactIntent" React
    "ListClubsIntent" ListClubs
    "ReadClubIntent" ReadClub { club: Slot = "club" }
    "PostToClubIntent" PostToClub { club: Slot = "club", message: String = "message" }
    "JoinClubIntent" JoinClub { club: Slot = "club" }
    "LeaveClubIntent" LeaveClub { club: Slot = "club" }
    "ListMerchantsIntent" ListMerchants
    "ReadMerchantIntent" ReadMerchant { merchant: Slot = "merchant" }
    "MessageMerchantIntent" MessageMerchant {
        merchant: Slot = "merchant",
        message: String = "message"
    }
    "AddContactIntent" AddContact {
        name: String = "name",
        relation: Slot = "relation",
        number: Slot = "number"
    }
    "ListContactsIntent" ListContacts
    "RemoveContactIntent" RemoveContact { contact: Slot = "contact" }
    "BlockIntent" Block { whom: Whom = "contact" | "number" }
    "BlockUnknownIntent" BlockUnknown
    "UnblockIntent" Unblock { whom: Whom = "contact" | "number" }
    "ListBlockedIntent" ListBlocked
    "AddFavouriteIntent" AddFavourite { contact: Slot = "contact" }
    "RemoveFavouriteIntent" RemoveFavourite { contact: Slot = "contact" }
    "ListFavouritesIntent" ListFavourites
    "DoNotDisturbOnIntent" DoNotDisturbOn { duration: Slot = "duration", time: Slot = "time" }
    "DoNotDisturbOffIntent" DoNotDisturbOff { time: Slot = "time" }
    "QuietHoursOnIntent" QuietHoursOn { from: Slot = "from", to: Slot = "to" }
    "QuietHoursOffIntent" QuietHoursOff
    "WhoCalledIntent" WhoCalled { contact: Slot = "contact", date: Slot = "date" }
    "ChatIntent" Chat { topic: String = "topic" }
    "ChangeTopicIntent" ChangeTopic
    "AboutMeIntent" AboutMe
    "ForgetThatIntent" ForgetThat
    "ForgetEverythingIntent" ForgetEverything
    "AMAZON.HelpIntent" Help
    "AMAZON.StopIntent" Stop
    "AMAZON.CancelIntent" Cancel
    "AMAZON.NavigateHomeIntent" NavigateHome
    "AMAZON.FallbackIntent" Fallback
    "AMAZON.YesIntent" Yes
    "AMAZON.NoIntent" No
    "AMAZON.RepeatIntent" Repeat
    "AMAZON.StartOverIntent" StartOver
    "AMAZON.NextIntent" Next
    "AMAZON.PreviousIntent" Previous
    "AMAZON.PauseIntent" Pause
    "AMAZON.ResumeIntent" Resume
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::understanding::SHIPPED_MODEL;

    /// What the model declares: intent -> slots.
    fn declared() -> BTreeMap<String, BTreeSet<String>> {
        let model: serde_json::Value = serde_json::from_str(SHIPPED_MODEL).expect("valid JSON");
        let intents = &model["interactionModel"]["languageModel"]["intents"];
        let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
        intents
            .as_array()
            .expect("intents")
            .iter()
            .map(|intent| {
                let slots = intent["slots"].as_array().into_iter().flatten().map(name).collect();
                (name(intent), slots)
            })
            .collect()
    }

    /// Invariant 7: every intent of the model is an `Intent` that reads all its slots, and no other.
    #[test]
    fn the_model_and_the_intents_are_the_same() {
        let read: BTreeMap<String, BTreeSet<String>> = READ
            .iter()
            .map(|(name, slots)| {
                ((*name).to_owned(), slots.iter().map(|slot| (*slot).to_owned()).collect())
            })
            .collect();
        assert_eq!(read, declared());
    }

    #[test]
    fn an_intent_keeps_its_name() {
        for name in declared().keys() {
            let intent = Intent::read(name, &Slots::new()).expect("an intent of the model");
            assert_eq!(intent.name(), name);
        }
        assert_eq!(Intent::read("NoSuchIntent", &Slots::new()), None);
    }

    #[test]
    fn slots_are_read_into_their_types() {
        let slot = |value: &str, id: Option<&str>| Slot {
            value: value.to_owned(),
            id: id.map(str::to_owned),
        };
        let slots = Slots::from([
            ("contact".to_owned(), slot("grandma", Some("c1"))),
            ("line".to_owned(), slot("cell", Some("mobile"))),
            ("other".to_owned(), slot(" ", None)),
        ]);
        assert_eq!(
            Intent::read("CallIntent", &slots),
            Some(Intent::Call {
                whom: Some(Whom::Contact(slot("grandma", Some("c1")))),
                other: None,
                line: Some(Line::Mobile),
            })
        );
    }
}
