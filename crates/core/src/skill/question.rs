//! What we asked, and how the next words answer it.

use serde::{Deserialize, Serialize};

use super::reply::{Reply, Verb, Whom};
use super::threshold::{self, Weight};
use super::{Facts, Outcome, Session, Who, carry_out, mention, who};
use crate::effect::Expects;
use crate::household::{Contact, Household};
use crate::id::ContactId;
use crate::intent::Intent;
use crate::say::{self, Key, Say};
use crate::understanding::compound::pronoun;
use crate::understanding::resolver::{self, Candidate, Resolution};
use crate::understanding::{Layer, Parse, Reading, Slot, Slots, normalise};

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Pending {
    /// "Whom shall I call?"
    Slot { intent: String, slot: String, slots: Slots },
    /// "Did you mean Anna or Hannah?"
    Which { intent: String, slot: String, slots: Slots, options: Vec<ContactId> },
    /// "Shall I call Niamh?"
    Confirm { intent: String, slots: Slots },
    /// "Is 'call Mum' part of the message?"
    Apart { whole: Reading, parts: Vec<Reading> },
}

impl Pending {
    pub(super) fn slot(intent: &str, slot: &str, slots: &Slots) -> Self {
        Self::Slot { intent: intent.to_owned(), slot: slot.to_owned(), slots: slots.clone() }
    }

    pub(super) fn confirm(intent: &str, slots: Slots) -> Self {
        Self::Confirm { intent: intent.to_owned(), slots }
    }

    pub(super) fn which(intent: &str, slots: &Slots, options: &[&Contact]) -> Self {
        Self::Which {
            intent: intent.to_owned(),
            slot: CONTACT.to_owned(),
            slots: slots.clone(),
            options: options.iter().map(|contact| contact.id.clone()).collect(),
        }
    }

    /// Words to offer as buttons.
    pub(super) fn choices(&self, home: &Household) -> Vec<String> {
        match self {
            Self::Slot { .. } => vec![],
            Self::Which { options, .. } => {
                let names = options.iter().filter_map(|id| home.contact(id));
                names.map(|contact| contact.name.clone()).chain(["Neither".to_owned()]).collect()
            }
            Self::Confirm { .. } | Self::Apart { .. } => vec!["Yes".to_owned(), "No".to_owned()],
        }
    }

    pub(super) fn expects(&self) -> Expects {
        match self.clone() {
            Self::Slot { intent, slot, slots } | Self::Which { intent, slot, slots, .. } => {
                Expects::Slot { intent, slot, slots }
            }
            Self::Confirm { intent, slots }
            | Self::Apart { whole: Reading { intent, slots, .. }, .. } => {
                Expects::Confirmation { intent, slots }
            }
        }
    }
}

/// The slot that names a contact, in every intent that has one.
pub(super) const CONTACT: &str = "contact";
/// Slots that take whatever was said.
const FREE_TEXT: [&str; 2] = ["message", "topic"];

/// How close a name must come to be called without asking.
const UNMISTAKEN: f32 = 0.95;

/// The contacts behind a resolution.
pub(super) fn resolve(home: &Household, found: Resolution) -> Who<'_> {
    let contact = |found: &Candidate| home.contacts.iter().find(|one| one.id.as_str() == found.id);
    match found {
        Resolution::One(found) => match contact(&found) {
            Some(contact) if found.score >= UNMISTAKEN => Who::One(contact),
            Some(contact) => Who::Perhaps(contact),
            None => Who::Nobody,
        },
        // Only one, and not by much: between one there is nothing to choose.
        Resolution::Ask(several) => {
            match several.iter().filter_map(contact).collect::<Vec<_>>()[..] {
                [] => Who::Nobody,
                [one] => Who::Perhaps(one),
                ref several => Who::Several(several.to_vec()),
            }
        }
        Resolution::None => Who::Nobody,
    }
}

/// Takes `parse` as the answer to `pending`; `None` if it is about something else.
pub(super) fn resume(
    facts: &Facts<'_>,
    session: &Session,
    pending: &Pending,
    parse: &Parse,
) -> Option<Outcome> {
    let certain = certain(parse);
    if drops_all(parse) {
        return Some(Outcome::say(facts, &Say::new(Key::Cancelled)));
    }
    let answer = Answer {
        facts,
        session,
        reply: read(facts, &parse.text),
        says: match &certain {
            Some(Intent::Yes) => Says::Yes,
            Some(Intent::No) => Says::No,
            Some(_) => Says::Other,
            None => Says::Words,
        },
    };
    match pending {
        Pending::Confirm { intent, slots } => answer.to_confirm(intent, slots),
        Pending::Which { intent, slots, options, .. } => {
            // An Echo fills the slot again, with "the second one" as its value.
            match refilled(parse, intent, slots) {
                Some(words) => {
                    let reply = read(facts, words);
                    Answer { reply, says: Says::Words, ..answer }.to_which(intent, slots, options)
                }
                None => answer.to_which(intent, slots, options),
            }
        }
        Pending::Slot { intent, slot, slots } if FREE_TEXT.contains(&slot.as_str()) => {
            // The same intent again is the channel's own way of filling the slot.
            if parse.intent.as_deref() == Some(intent) && parse.slots.contains_key(slot) {
                return None;
            }
            if let Some(outcome) = answer.to_another(intent, slots) {
                return Some(outcome);
            }
            let mut slots = slots.clone();
            slots.insert(slot.clone(), Slot { value: parse.text.clone(), id: None });
            carry_on(facts, session, intent, &slots)
        }
        Pending::Slot { intent, slots, .. } => answer.to_whom(intent, slots),
        Pending::Apart { .. } => None,
    }
}

/// The words for a person, if `parse` is the same wish again with nothing new but them.
fn refilled<'p>(parse: &'p Parse, intent: &str, slots: &Slots) -> Option<&'p str> {
    let whom = parse.slots.get(CONTACT)?;
    let rest = parse.slots.iter().filter(|(name, _)| *name != CONTACT);
    let nothing_new = rest
        .into_iter()
        .all(|(name, slot)| slots.get(name).is_some_and(|before| before.value == slot.value));
    (parse.intent.as_deref() == Some(intent) && nothing_new).then_some(whom.value.as_str())
}

/// Reads a short answer with this household's names.
pub(super) fn read<'t>(facts: &Facts<'_>, text: &'t str) -> Reply<'t> {
    Reply::read(text, |name| matches!(named(facts, name), Who::One(_)))
}

/// Whether words that may hold several wishes are the answer as they are.
pub(super) fn takes_any_words(pending: Option<&Pending>) -> bool {
    matches!(pending, Some(Pending::Slot { slot, .. }) if FREE_TEXT.contains(&slot.as_str()))
}

/// "Stop" and "cancel" end the question and all that waits for its answer.
pub(super) fn drops_all(parse: &Parse) -> bool {
    matches!(certain(parse), Some(Intent::Stop | Intent::Cancel))
}

/// Whether the words after "and" belong to the message; `None` if that was not answered.
pub(super) fn together(parse: &Parse) -> Option<bool> {
    const TOGETHER: [&str; 5] =
        ["all of it", "send all of it", "send it all", "the whole thing", "it is part of it"];
    const APART: [&str; 4] = ["both", "do both", "separately", "it is not"];
    let key = normalise::key(&parse.text);
    match certain(parse) {
        Some(Intent::Yes) => Some(true),
        Some(Intent::No) => Some(false),
        _ if TOGETHER.contains(&key.as_str()) => Some(true),
        _ if APART.contains(&key.as_str()) => Some(false),
        Some(_) => None,
        None => Reply::read(&parse.text, |_| false).agrees,
    }
}

/// What is understood well enough to be done.
fn certain(parse: &Parse) -> Option<Intent> {
    let intent = parse.intent.as_deref().and_then(|name| Intent::read(name, &parse.slots))?;
    // A few words that are only like a wish are an answer before they are one.
    if parse.layer == Layer::Statistics && short(&parse.text) {
        return None;
    }
    (threshold::weigh(&intent, parse.confidence) == Weight::Enough).then_some(intent)
}

/// The kind of thing that was said after a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Yes,
    No,
    /// A wish of its own.
    Other,
    /// Nothing the model knows: most likely a name.
    Words,
}

/// An answer to a question, ready to be weighed.
struct Answer<'f, 'w, 't> {
    facts: &'f Facts<'w>,
    session: &'f Session,
    reply: Reply<'t>,
    says: Says,
}

/// The longest name that is believed to be one, in words.
const MOST_NAME_WORDS: usize = 4;

impl Answer<'_, '_, '_> {
    fn to_confirm(&self, intent: &str, slots: &Slots) -> Option<Outcome> {
        let asked = contact_in(self.facts.home, slots);
        if let Some(asked) = asked
            && (self.reply.refuses() || self.says != Says::Other)
            && let Some(outcome) = self.names_another(intent, slots, asked)
        {
            return Some(outcome);
        }
        match (self.says, self.reply.agrees) {
            (Says::Yes, _) => carry_on(self.facts, self.session, intent, slots),
            (Says::No, _) => Some(self.leave_it()),
            (Says::Words, Some(agrees)) if self.reply.whom == Whom::Open => {
                if agrees {
                    carry_on(self.facts, self.session, intent, slots)
                } else {
                    Some(self.leave_it())
                }
            }
            _ => None,
        }
    }

    /// "No, Anna", "the other one", "I meant Dad": the same wish for somebody else than `asked`.
    fn names_another(&self, intent: &str, slots: &Slots, asked: &Contact) -> Option<Outcome> {
        match self.reply.whom {
            Whom::Open if self.reply.corrects => Some(self.whom_then(intent, slots)),
            Whom::Nobody => Some(self.leave_it()),
            Whom::SomebodyElse => Some(self.whom_then(intent, slots)),
            Whom::Open | Whom::Place(_) | Whom::Last => None,
            Whom::Other(name) => {
                Some(self.one_of_others(intent, slots, &others_like(self.facts, asked, name)))
            }
            Whom::Name(name) => match named(self.facts, name) {
                Who::One(contact) if contact.id != asked.id => {
                    self.with(intent, slots, certainly(contact))
                }
                // "No, Ana" with two of that name, or "yes, Ana".
                Who::One(_) if self.reply.agrees == Some(false) => {
                    let others = others_like(self.facts, asked, Some(name));
                    Some(self.one_of_others(intent, slots, &others))
                }
                Who::One(contact) => self.with(intent, slots, certainly(contact)),
                Who::Perhaps(_) | Who::Several(_) if short(name) => {
                    self.by_name(intent, slots, name)
                }
                Who::Nobody if short(name) && self.reply.refuses() => {
                    self.by_name(intent, slots, name)
                }
                Who::Perhaps(_) | Who::Several(_) | Who::Nobody => None,
            },
        }
    }

    fn to_which(&self, intent: &str, slots: &Slots, options: &[ContactId]) -> Option<Outcome> {
        let home = self.facts.home;
        let offered: Vec<&Contact> = options.iter().filter_map(|id| home.contact(id)).collect();
        match (self.reply.whom, &offered[..]) {
            (Whom::Open, [only]) if self.says == Says::Yes => {
                self.with(intent, slots, certainly(only))
            }
            (Whom::Open, _) if self.reply.corrects => Some(self.whom_then(intent, slots)),
            (Whom::Open, _) if self.says == Says::No || self.reply.agrees == Some(false) => {
                Some(self.leave_it())
            }
            (Whom::Open, _) => None,
            (Whom::Nobody | Whom::SomebodyElse, _) => Some(self.whom_then(intent, slots)),
            (Whom::Place(place), _) => self.with(intent, slots, certainly(offered.get(place)?)),
            (Whom::Last, [.., last]) | (Whom::Other(None), [_, last]) => {
                self.with(intent, slots, certainly(last))
            }
            (Whom::Other(name), [only]) => {
                Some(self.one_of_others(intent, slots, &others_like(self.facts, only, name)))
            }
            (Whom::Last | Whom::Other(None), _) => Some(self.one_of(intent, slots, &offered)),
            (Whom::Other(Some(name)) | Whom::Name(name), _) => {
                if self.says == Says::Other && !self.same_verb(intent) {
                    return None;
                }
                match &among(home, &offered, name)[..] {
                    [one] => self.with(intent, slots, certainly(one)),
                    [] => match named(self.facts, name) {
                        Who::One(contact) => self.with(intent, slots, certainly(contact)),
                        Who::Perhaps(_) | Who::Several(_) | Who::Nobody
                            if self.reply.refuses() && short(name) =>
                        {
                            self.by_name(intent, slots, name)
                        }
                        Who::Perhaps(_) | Who::Several(_) | Who::Nobody => None,
                    },
                    several => Some(self.one_of(intent, slots, several)),
                }
            }
        }
    }

    /// Answers "whom?".
    fn to_whom(&self, intent: &str, slots: &Slots) -> Option<Outcome> {
        if self.says == Says::No {
            return Some(self.leave_it());
        }
        match self.reply.whom {
            Whom::Nobody => Some(self.leave_it()),
            Whom::Open if self.reply.agrees == Some(false) => Some(self.leave_it()),
            // "Call dad" after "whom shall I call?" is a wish of its own; after "who is it for?" it is not.
            _ if self.says == Says::Other
                && !(self.reply.verb.is_some() && self.same_verb(intent)) =>
            {
                None
            }
            Whom::Name(name) => {
                if let Some(contact) =
                    pronoun(name).and_then(|whom| mention::person(self.facts, self.session, whom))
                {
                    return self.with(intent, slots, certainly(contact));
                }
                let known = !matches!(named(self.facts, name), Who::Nobody);
                (known || short(name)).then(|| self.by_name(intent, slots, name))?
            }
            Whom::Open | Whom::SomebodyElse | Whom::Place(_) | Whom::Last | Whom::Other(_) => None,
        }
    }

    /// "No, I meant Dad" where words for somebody were asked for.
    fn to_another(&self, intent: &str, slots: &Slots) -> Option<Outcome> {
        contact_in(self.facts.home, slots)?;
        match self.reply.whom {
            Whom::Open if self.reply.corrects => Some(self.whom_then(intent, slots)),
            Whom::Name(name) if self.reply.refuses() => match named(self.facts, name) {
                Who::One(contact) => self.with(intent, slots, certainly(contact)),
                Who::Perhaps(_) | Who::Several(_) | Who::Nobody => None,
            },
            _ => None,
        }
    }

    /// Carries on for whom the words name, however well they are known.
    fn by_name(&self, intent: &str, slots: &Slots, name: &str) -> Option<Outcome> {
        self.with(intent, slots, Slot { value: name.to_owned(), id: None })
    }

    fn with(&self, intent: &str, slots: &Slots, whom: Slot) -> Option<Outcome> {
        let intent = match self.reply.verb {
            Some(Verb::Call) if !self.same_verb(intent) => "CallIntent",
            Some(Verb::Message) if !self.same_verb(intent) => "SendMessageIntent",
            _ => intent,
        };
        let mut slots = slots.clone();
        slots.insert(CONTACT.to_owned(), whom);
        carry_on(self.facts, self.session, intent, &slots)
    }

    /// Whether the verb in the answer, if there is one, is that of the wish.
    fn same_verb(&self, intent: &str) -> bool {
        let of_intent = match intent {
            "CallIntent" | "CallBackIntent" | "RedialIntent" => Some(Verb::Call),
            "SendMessageIntent" | "ReplyToMessageIntent" => Some(Verb::Message),
            _ => None,
        };
        self.reply.verb.is_some() && self.reply.verb == of_intent
    }

    /// One of these: the only one, or it is asked.
    fn one_of(&self, intent: &str, slots: &Slots, contacts: &[&Contact]) -> Outcome {
        let key = if intent == "SendMessageIntent" { Key::MessageWhich } else { Key::CallWhich };
        match contacts {
            [] => self.whom_then(intent, slots),
            [one] => self
                .with(intent, slots, certainly(one))
                .unwrap_or_else(|| self.whom_then(intent, slots)),
            several => which(self.facts, intent, slots, several, key),
        }
    }

    fn one_of_others(&self, intent: &str, slots: &Slots, others: &Others<'_>) -> Outcome {
        match others.contacts[..] {
            // By their sound alone nobody is reached.
            [one] if !others.by_name => which(self.facts, intent, slots, &[one], Key::CallWhich),
            ref contacts => self.one_of(intent, slots, contacts),
        }
    }

    fn whom_then(&self, intent: &str, slots: &Slots) -> Outcome {
        whom_then(self.facts, intent, slots)
    }

    fn leave_it(&self) -> Outcome {
        Outcome::say(self.facts, &Say::new(Key::Cancelled))
    }
}

/// "Who did you mean, then?"
pub(super) fn whom_then(facts: &Facts<'_>, intent: &str, slots: &Slots) -> Outcome {
    let pending = Pending::slot(intent, CONTACT, &without(slots, CONTACT));
    Outcome::ask(facts, &Say::new(Key::WhoThen), pending)
}

fn carry_on(facts: &Facts<'_>, session: &Session, intent: &str, slots: &Slots) -> Option<Outcome> {
    let intent = Intent::read(intent, slots)?;
    carry_out(facts, session, &intent, slots)
}

fn contact_in<'a>(home: &'a Household, slots: &Slots) -> Option<&'a Contact> {
    let id = slots.get(CONTACT)?.id.as_deref()?.parse().ok()?;
    home.contact(&id)
}

/// Whom words name in this household.
pub(super) fn named<'a>(facts: &Facts<'a>, name: &str) -> Who<'a> {
    resolve(facts.home, facts.lists.contact(name))
}

pub(super) fn short(name: &str) -> bool {
    name.split_whitespace().count() <= MOST_NAME_WORDS
}

/// Which of the few that were offered the words mean: a surname is enough, and a name may be damaged further than
/// among everybody.
fn among<'a>(home: &'a Household, offered: &[&'a Contact], spoken: &str) -> Vec<&'a Contact> {
    if !short(spoken) {
        return vec![];
    }
    let mut narrowed = Household::empty(home.id.clone(), &home.name);
    narrowed.contacts = offered.iter().map(|contact| (*contact).clone()).collect();
    for contact in &mut narrowed.contacts {
        let own: Vec<String> = contact.name.split_whitespace().map(str::to_owned).collect();
        let shared = |word: &str| {
            let others = offered.iter().filter(|other| other.id != contact.id);
            others.into_iter().any(|other| has_word(other, word))
        };
        let telling: Vec<String> = own.into_iter().filter(|word| !shared(word)).collect();
        contact.nicknames.extend(telling);
    }
    match resolve(home, resolver::contact(spoken, &narrowed)) {
        Who::One(contact) | Who::Perhaps(contact) => vec![contact],
        Who::Several(several) => several,
        Who::Nobody => vec![],
    }
}

fn has_word(contact: &Contact, word: &str) -> bool {
    contact.name.split_whitespace().any(|own| own.to_lowercase() == word.to_lowercase())
}

/// Whom "the other one" may mean.
pub(super) struct Others<'a> {
    pub(super) contacts: Vec<&'a Contact>,
    /// Whether they are named so, and do not only sound so.
    pub(super) by_name: bool,
}

/// Whom "the other one" or "the other Ana" may mean once `contact` is turned down: who has a name in common, else
/// who sounds alike.
pub(super) fn others_like<'a>(
    facts: &Facts<'a>,
    contact: &Contact,
    name: Option<&str>,
) -> Others<'a> {
    let home = facts.home;
    let rest = || home.contacts.iter().filter(|other| other.id != contact.id);
    let spoken = name.unwrap_or(&contact.name);
    let namesakes: Vec<&Contact> = rest()
        .filter(|other| spoken.split_whitespace().any(|word| has_word(other, word)))
        .take(resolver::MAX_OFFERED)
        .collect();
    if !namesakes.is_empty() {
        return Others { contacts: namesakes, by_name: true };
    }
    let mut narrowed = Household::empty(home.id.clone(), &home.name);
    narrowed.contacts = rest().cloned().collect();
    let (contacts, by_name) = match resolve(home, resolver::contact(spoken, &narrowed)) {
        Who::One(other) => (vec![other], name.is_some()),
        Who::Perhaps(other) => (vec![other], false),
        Who::Several(several) => (several, false),
        Who::Nobody => (vec![], false),
    };
    Others { contacts, by_name }
}

/// A slot that means just this contact.
pub(super) fn certainly(contact: &Contact) -> Slot {
    Slot { value: contact.name.clone(), id: Some(contact.id.as_str().to_owned()) }
}

/// Asks which of several contacts was meant, or whether the only one was.
pub(super) fn which(
    facts: &Facts<'_>,
    intent: &str,
    slots: &Slots,
    contacts: &[&Contact],
    key: Key,
) -> Outcome {
    if let [one] = contacts {
        let mut slots = slots.clone();
        slots.insert(CONTACT.to_owned(), certainly(one));
        let say = Say::new(Key::NameSure).with("name", &one.name);
        return Outcome::ask(facts, &say, Pending::confirm(intent, slots)).about(one);
    }
    let names: Vec<String> = contacts.iter().map(|contact| contact.name.clone()).collect();
    let say = Say::new(key).with("names", say::list(&names, "or"));
    Outcome::ask(facts, &say, Pending::which(intent, slots, contacts))
}

/// Asks before anything is done that others would hear of, because the words were not clear. `None` if there is
/// nothing that could be asked.
pub(super) fn sure(facts: &Facts<'_>, intent: &Intent, slots: &Slots) -> Option<Outcome> {
    let ask =
        |say: Say| Some(Outcome::ask(facts, &say, Pending::confirm(intent.name(), slots.clone())));
    let (key, which_key) = match intent {
        Intent::Call { .. } => (Key::CallSure, Key::CallWhich),
        Intent::SendMessage { .. } => (Key::MessageSure, Key::MessageWhich),
        Intent::DropIn { .. } => (Key::DropInSure, Key::CallWhich),
        Intent::Block { .. } => (Key::BlockSure, Key::CallWhich),
        Intent::Unblock { .. } => (Key::UnblockSure, Key::CallWhich),
        Intent::Announce { message: Some(text), .. } => {
            return ask(Say::new(Key::AnnounceSure).with("text", text));
        }
        // What to announce is a question too.
        Intent::Announce { message: None, .. } => {
            let pending = Pending::slot(intent.name(), "message", slots);
            return Some(Outcome::ask(facts, &Say::new(Key::AnnounceWhat), pending));
        }
        Intent::ReplyToMessage { message: Some(text), .. } => {
            return ask(Say::new(Key::MessageReplySure).with("text", text));
        }
        Intent::CallBack { contact: None } => return ask(Say::new(Key::CallBackSure)),
        Intent::CallBack { .. } => (Key::CallSure, Key::CallWhich),
        Intent::Redial => return ask(Say::new(Key::CallAgainSure)),
        Intent::DeleteMessage { .. } => return ask(Say::new(Key::MessageDeleteSure)),
        _ => return None,
    };
    let Some(slot) = slots.get(CONTACT) else {
        // A room or a device of this house.
        let place = ["room", "device", "number"].iter().find_map(|name| slots.get(*name))?;
        return ask(Say::new(key).with("name", &place.value));
    };
    match who(facts, slot) {
        Who::One(contact) | Who::Perhaps(contact) => {
            let mut slots = slots.clone();
            slots.insert(CONTACT.to_owned(), certainly(contact));
            let say = Say::new(key).with("name", &contact.name);
            Some(Outcome::ask(facts, &say, Pending::confirm(intent.name(), slots)).about(contact))
        }
        Who::Several(contacts) => Some(which(facts, intent.name(), slots, &contacts, which_key)),
        Who::Nobody => {
            let say = Say::new(Key::CallUnknown).with("name", &slot.value);
            let pending = Pending::slot(intent.name(), CONTACT, &without(slots, CONTACT));
            Some(Outcome::ask(facts, &say, pending))
        }
    }
}

/// The same slots but one.
pub(super) fn without(slots: &Slots, name: &str) -> Slots {
    let mut slots = slots.clone();
    slots.remove(name);
    slots
}
