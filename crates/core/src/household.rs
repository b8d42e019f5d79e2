//! Who there is: households, people, devices, rooms, contacts, groups. Names are parsed once, here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{ContactId, DeviceId, GroupId, HouseholdId, PersonId, RoomId};

/// The longest name of anything, in characters: longer ones cannot be spoken.
pub const MAX_NAME_CHARS: usize = 100;
/// The most contacts a household may have (what Alexa's address books allow).
pub const MAX_CONTACTS: usize = 2000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: RoomId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
}

/// An entry in a household's address book: it points at a person, a household or a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nicknames: Vec<String>,
    /// "grandmother", "sister", "neighbour": how "my sister" is understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// Spellings that sound like the name, for names whose spelling hides it ("neev" for Niamh).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sounds_like: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    #[serde(default)]
    pub members: Vec<ContactId>,
}

/// People who live together, and whom and what they can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    pub id: HouseholdId,
    pub name: String,
    pub people: Vec<Person>,
    pub contacts: Vec<Contact>,
    pub rooms: Vec<Room>,
    pub devices: Vec<Device>,
    pub groups: Vec<Group>,
}

/// The JSON form of a household (DESIGN section 5).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct HouseholdFile {
    household: Head,
    #[serde(default)]
    people: Vec<Person>,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    rooms: Vec<Room>,
    #[serde(default)]
    devices: Vec<Device>,
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    id: HouseholdId,
    name: String,
}

/// Why a household file is refused. Says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum HouseholdError {
    #[error("the household file is not as expected: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0} is no name: it must have 1 to {MAX_NAME_CHARS} visible characters")]
    Name(String),
    #[error("two {0} share the id {1:?}")]
    Twice(&'static str, String),
    #[error("{kind} {id:?} names {missing:?}, which this file does not have")]
    Missing { kind: &'static str, id: String, missing: String },
    #[error("a household may have at most {MAX_CONTACTS} contacts, this one has {0}")]
    TooManyContacts(usize),
}

impl Household {
    /// Reads a household file.
    ///
    /// # Errors
    /// If it is not the JSON of DESIGN section 5, a name is empty or too long, an id stands twice, or
    /// a device or group points at a room or contact that is not in the file.
    pub fn read(json: &str) -> Result<Self, HouseholdError> {
        let file: HouseholdFile = serde_json::from_str(json)?;
        let household = Self {
            id: file.household.id,
            name: file.household.name,
            people: file.people,
            contacts: file.contacts,
            rooms: file.rooms,
            devices: file.devices,
            groups: file.groups,
        };
        household.check()?;
        Ok(household)
    }

    /// The household file again, as [`Household::read`] takes it.
    #[must_use]
    pub fn write(&self) -> String {
        let file = HouseholdFile {
            household: Head { id: self.id.clone(), name: self.name.clone() },
            people: self.people.clone(),
            contacts: self.contacts.clone(),
            rooms: self.rooms.clone(),
            devices: self.devices.clone(),
            groups: self.groups.clone(),
        };
        serde_json::to_string_pretty(&file).expect("a household is plain strings and lists")
    }

    /// A household of which nothing is known yet.
    #[must_use]
    pub fn empty(id: HouseholdId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            people: vec![],
            contacts: vec![],
            rooms: vec![],
            devices: vec![],
            groups: vec![],
        }
    }

    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    #[must_use]
    pub fn contact(&self, id: &ContactId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.id == *id)
    }

    #[must_use]
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == *id)
    }

    /// The contact that is `person`, else the one that is `household` as a whole. A voice that was not recognised
    /// is nobody in particular, even if only one of its household is a contact.
    #[must_use]
    pub fn contact_for(
        &self,
        household: &HouseholdId,
        person: Option<&PersonId>,
    ) -> Option<&Contact> {
        let is_them = |contact: &&Contact| person.is_some() && contact.person.as_ref() == person;
        let is_home = |contact: &&Contact| {
            contact.person.is_none() && contact.household.as_ref() == Some(household)
        };
        self.contacts.iter().find(is_them).or_else(|| self.contacts.iter().find(is_home))
    }

    /// Any contact through whom `household` can be reached.
    #[must_use]
    pub fn contact_at(&self, household: &HouseholdId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.household.as_ref() == Some(household))
    }

    fn check(&self) -> Result<(), HouseholdError> {
        if self.contacts.len() > MAX_CONTACTS {
            return Err(HouseholdError::TooManyContacts(self.contacts.len()));
        }
        let names = std::iter::once(&self.name)
            .chain(self.people.iter().map(|person| &person.name))
            .chain(self.contacts.iter().map(|contact| &contact.name))
            .chain(self.contacts.iter().flat_map(|contact| &contact.nicknames))
            .chain(self.contacts.iter().flat_map(|contact| &contact.sounds_like))
            .chain(self.contacts.iter().filter_map(|contact| contact.relation.as_ref()))
            .chain(self.rooms.iter().map(|room| &room.name))
            .chain(self.devices.iter().map(|device| &device.name))
            .chain(self.groups.iter().map(|group| &group.name));
        for name in names {
            if !speakable(name) {
                return Err(HouseholdError::Name(format!("{name:?}")));
            }
        }
        unique("people", self.people.iter().map(|person| person.id.as_str()))?;
        unique("contacts", self.contacts.iter().map(|contact| contact.id.as_str()))?;
        unique("rooms", self.rooms.iter().map(|room| room.id.as_str()))?;
        unique("devices", self.devices.iter().map(|device| device.id.as_str()))?;
        unique("groups", self.groups.iter().map(|group| group.id.as_str()))?;
        for device in &self.devices {
            if let Some(room) = &device.room
                && !self.rooms.iter().any(|known| known.id == *room)
            {
                return Err(missing("device", device.id.as_str(), room.as_str()));
            }
        }
        for group in &self.groups {
            for member in &group.members {
                if self.contact(member).is_none() {
                    return Err(missing("group", group.id.as_str(), member.as_str()));
                }
            }
        }
        Ok(())
    }
}

/// Whether a text can be somebody's or something's name.
#[must_use]
pub fn speakable(name: &str) -> bool {
    let visible = name.trim().chars().count();
    (1..=MAX_NAME_CHARS).contains(&visible) && !name.chars().any(char::is_control)
}

fn unique<'a>(
    kind: &'static str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<(), HouseholdError> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(HouseholdError::Twice(kind, id.to_owned()));
        }
    }
    Ok(())
}

fn missing(kind: &'static str, id: &str, missing: &str) -> HouseholdError {
    HouseholdError::Missing { kind, id: id.to_owned(), missing: missing.to_owned() }
}

/// All households this server knows.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    households: BTreeMap<HouseholdId, Household>,
}

impl Directory {
    #[must_use]
    pub fn new(households: impl IntoIterator<Item = Household>) -> Self {
        let households = households.into_iter().map(|home| (home.id.clone(), home)).collect();
        Self { households }
    }

    #[must_use]
    pub fn household(&self, id: &HouseholdId) -> Option<&Household> {
        self.households.get(id)
    }

    pub fn households(&self) -> impl Iterator<Item = &Household> {
        self.households.values()
    }

    /// Adds a household, or replaces the one with the same id.
    pub fn put(&mut self, household: Household) {
        self.households.insert(household.id.clone(), household);
    }

    /// The household a contact points at: by its `household`, else by where its `person` lives.
    #[must_use]
    pub fn home_of(&self, contact: &Contact) -> Option<&Household> {
        match (&contact.household, &contact.person) {
            (Some(household), _) => self.household(household),
            (None, Some(person)) => self.households().find(|home| home.person(person).is_some()),
            (None, None) => None,
        }
    }

    /// The household a device stands in.
    #[must_use]
    pub fn home_of_device(&self, device: &DeviceId) -> Option<&Household> {
        self.households().find(|home| home.device(device).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_needs_only_ids_and_names() {
        let home = Household::read(
            r#"{"household":{"id":"h","name":"Home"},"contacts":[{"id":"c","name":"Ana"}]}"#,
        )
        .expect("a valid file");
        assert_eq!(home.contacts[0].name, "Ana");
        assert_eq!(Household::read(&home.write()).expect("its own output"), home);
    }

    #[test]
    fn a_bad_household_file_is_refused_with_the_place() {
        let check = |json: &str, says: &str| {
            let error = Household::read(json).expect_err("must be refused").to_string();
            assert!(error.contains(says), "{error}");
        };
        check("{", "not as expected");
        check(r#"{"household":{"id":"","name":"Home"}}"#, "may not be empty");
        check(r#"{"household":{"id":"h","name":" "}}"#, "is no name");
        check(
            r#"{"household":{"id":"h","name":"H"},"rooms":[{"id":"r","name":"a"},{"id":"r","name":"b"}]}"#,
            "share the id \"r\"",
        );
        check(
            r#"{"household":{"id":"h","name":"H"},"devices":[{"id":"d","name":"a","room":"attic"}]}"#,
            "\"attic\"",
        );
        check(
            r#"{"household":{"id":"h","name":"H"},"groups":[{"id":"g","name":"a","members":["x"]}]}"#,
            "\"x\"",
        );
    }
}
