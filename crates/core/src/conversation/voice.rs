//! The winner speaks: acknowledgement, response, at most one question; and the state moves on.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::DateTime;
use minijinja::Value;

use super::act::Act;
use super::bot::{Bot, Errand, Node, Reply, Round, Source, Topic, Turn};
use super::bridge::Offer;
use super::candidates::{self, Bid, Candidate, Change, Next, Say};
use super::knowledge::Found;
use super::lines::{Line, Lines};
use super::listen::{Feeling, Heard};
use super::memory::MAX_VALUE;
use super::pattern::Captures;
use super::schedule;
use super::state::{Conversation, Drawn, Expect, Place};
use crate::time::{Seed, Time};

/// Told in so many words.
const TOLD: f32 = 0.9;
/// Taken from the answer to a question of ours.
const ANSWERED: f32 = 0.7;
/// "What do you know about me" names this many facts at once; more is a recital.
const FACTS_AT_ONCE: usize = 5;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A card is told unasked at most every so many turns: experiences come before the encyclopedia.
const BETWEEN_CARDS: u32 = 6;
/// Speech of more words than this is thanked for, rather than answered word by word.
const LONG_TURN: usize = 70;
/// How many places one turn may pass through before it settles.
const MAX_STEPS: u8 = 8;
/// A spoken name is cut here. In characters.
const MAX_NAME: usize = 40;

/// When the turn takes place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    pub(crate) now: Time,
    /// Date and time where the person is.
    pub(crate) here: DateTime,
}

struct Voice<'a> {
    resource: Option<&'a str>,
    bot: &'a Bot,
    state: Conversation,
    heard: &'a Heard,
    seed: Seed,
    now: Time,
    here: DateTime,
    name: Option<String>,
    said: Vec<String>,
    ends: bool,
    errand: Option<(Errand, String)>,
    /// Places gone to in this turn: content that leads in a circle ends in an open question.
    steps: u8,
    /// The recall that a "forget that" of this turn dropped.
    forgot: Option<String>,
}

pub(crate) fn speak(
    bot: &Bot,
    state: Conversation,
    heard: &Heard,
    turn: &Turn<'_>,
    winner: Option<Candidate<'_>>,
    when: When,
    seed: Seed,
) -> (Conversation, Reply) {
    let seed = seed.for_purpose(&state.counters.turns.to_string());
    let name = turn.speaker_name.map(plain_name).filter(|name| !name.is_empty());
    let mut voice = Voice {
        bot,
        resource: turn.resource,
        state,
        heard,
        seed,
        now: when.now,
        here: when.here,
        name,
        said: Vec::new(),
        ends: false,
        errand: None,
        steps: 0,
        forgot: None,
    };
    let unforeseen = winner.as_ref().is_some_and(|w| w.unforeseen);
    let (mut source, mut reason) = (Source::Fallback, "nothing fits");
    let asks_again = winner.as_ref().is_some_and(|w| {
        w.changes.contains(&Change::Missed) || w.say.iter().any(|say| matches!(say, Say::Last))
    });
    if !asks_again {
        voice.state.expect = None;
    }
    for entity in &heard.entities {
        voice.state.entities.insert(entity.kind.clone(), entity.name.clone());
    }
    voice.capture();
    if let Some(winner) = winner {
        (source, reason) = (winner.source, winner.reason);
        let loose = winner.bid == Bid::WeakContinue;
        voice.state.loose = if loose { voice.state.loose.saturating_add(1) } else { 0 };
        let missed = winner.changes.contains(&Change::Missed);
        voice.state.missed = if missed { voice.state.missed.saturating_add(1) } else { 0 };
        for change in &winner.changes {
            voice.change(change);
        }
        for say in &winner.say {
            voice.say(say);
        }
        voice.go(&winner.next);
    }
    voice.finish(source, reason, unforeseen)
}

const fn turns_since(now: u32, then: u32) -> u32 {
    now.saturating_sub(then)
}

/// A name as it may be spoken: letters, spaces and hyphens.
fn plain_name(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '\'' | '’'));
    kept.take(MAX_NAME).collect::<String>().trim().to_owned()
}

impl Voice<'_> {
    /// Keeps what people tell us in passing, whoever answers the turn.
    fn capture(&mut self) {
        if self.heard.is(Act::Question) || self.heard.acts.iter().any(|act| act.is_grave()) {
            return;
        }
        for capture in &self.bot.captures {
            let Some(found) = capture.heard.iter().find_map(|p| self.heard.find(p)) else {
                continue;
            };
            let Some(value) = found.get("value").filter(|v| v.len() <= MAX_VALUE) else { continue };
            let thing = candidates::fact_name(found.get("thing"));
            let key = capture.keep.replace('*', &thing);
            self.keep(&key, value, TOLD);
            let (now, session) = (self.now, self.state.counters.sessions);
            if let Some(fact) = self.state.memory.get_mut(&key) {
                fact.expires = capture.days.map(|days| now + DAY * u32::from(days));
                fact.ask_after = (!capture.later.is_empty()).then_some(session);
            }
        }
    }

    fn keep(&mut self, key: &str, value: &str, confidence: f32) {
        if self.state.memory.keep(key, value, confidence, self.now) {
            self.state.latest_fact = Some(key.to_owned());
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Keep { key, value } => {
                if let Some(value) = self.render(value, &Captures::new()) {
                    self.keep(key, &value, ANSWERED);
                }
            }
            Change::ForgetLatest => {
                if let Some(key) = self.state.latest_fact.take() {
                    self.forgot = self.recall(&key);
                    self.state.memory.forget(&key);
                }
            }
            Change::ForgetEverything => {
                self.state.memory.clear();
                self.state.entities.clear();
                self.state.latest_fact = None;
            }
            Change::Decline(topic) => self.state.decline(topic),
            Change::Expect(expect) => self.state.expect = Some(expect.clone()),
            Change::Care(turns) => self.state.care = *turns,
            Change::Gentle(turns) => self.state.gentle = *turns,
            Change::Missed => {}
            Change::PutAside => self.state.put_aside(),
            Change::Fallback => self.state.counters.fallbacks += 1,
            Change::AskedAfter(key) => {
                if let Some(fact) = self.state.memory.get_mut(key) {
                    fact.ask_after = None;
                }
            }
            Change::Offered { errand, who } => {
                self.state.offered.entry(who.clone()).or_default().insert(*errand);
                self.state.offered_at = self.state.counters.turns;
            }
            Change::Errand { errand, who } => {
                self.errand = Some((*errand, who.clone()));
                self.state.errand_done = true;
            }
            Change::Returned => self.state.errand_done = false,
            Change::Attempt => {
                if let Some(drawn) = &mut self.state.drawn {
                    drawn.attempts = drawn.attempts.saturating_add(1);
                }
            }
        }
    }

    fn say(&mut self, say: &Say<'_>) {
        match say {
            Say::Lines(lines, captures) => self.line(lines, false, captures),
            Say::Reply(lines) => {
                let none = Captures::new();
                // The answer to a card is told however often its wording was used.
                let card = lines.0.iter().any(|line| line.text.contains("card."));
                self.line(lines, true, &none)
                    || (card && self.line(lines, false, &none))
                    || self.acknowledge()
            }
            Say::Pool(pool) => self.line(self.bot.pool(pool), false, &Captures::new()),
            Say::Fresh(pool) => self.line(self.bot.pool(pool), true, &Captures::new()),
            Say::Ack => self.acknowledge(),
            Say::Filled(pool, captures) => self.line(self.bot.pool(pool), false, captures),
            Say::Plain(text) => {
                self.said.push(text.clone());
                true
            }
            Say::Changed(key) => match self.recall(key) {
                Some(fact) => self.with_fact("memory_changed", fact),
                None => self.acknowledge(),
            },
            Say::Last => {
                self.said = vec![self.state.last.clone()];
                true
            }
            Say::Known => self.known(),
            Say::Fact(key) => match self.recall(key) {
                Some(fact) => self.with_fact("memory_recall", fact),
                None => self.line(self.bot.pool("memory_unknown"), false, &Captures::new()),
            },
            Say::Forgot => match self.forgot.take() {
                Some(fact) => self.with_fact("forget_that", fact),
                None => self.line(self.bot.pool("forget_nothing"), false, &Captures::new()),
            },
        };
    }

    fn with_fact(&mut self, pool: &'static str, fact: String) -> bool {
        let captures = Captures::from([("fact".to_owned(), fact)]);
        self.line(self.bot.pool(pool), false, &captures)
    }

    /// Picks up what was said: by a card about it, by naming it, or at least by its tone.
    fn acknowledge(&mut self) -> bool {
        let none = Captures::new();
        if self.heard.words > LONG_TURN && self.line(self.bot.pool("long_turn"), true, &none) {
            return true;
        }
        let grave = self.heard.acts.iter().any(|act| act.is_grave());
        let turn = self.state.counters.turns;
        let rested =
            self.state.card_at == 0 || turns_since(turn, self.state.card_at) >= BETWEEN_CARDS;
        if !grave
            && rested
            && self.heard.feeling != Feeling::Negative
            && !self.heard.is(Act::Question)
        {
            let ledger = &self.state.ledger;
            let cards =
                self.bot.knowledge.cards(self.heard, |line| ledger.said(line.key).is_some());
            // Within a topic only its own: a card about swimming has no place in a talk about dogs.
            let here = self.state.place.as_ref().map(|place| place.topic.as_str());
            let fits =
                |card: &&Found<'_>| here.is_none() || card.topic.is_none() || card.topic == here;
            if let Some(card) = cards.iter().find(fits)
                && self.line(card.line, true, &none)
            {
                self.state.card_at = turn;
                return true;
            }
        }
        let echo = match self.heard.feeling {
            Feeling::Positive => "echo.positive",
            Feeling::Negative => "echo.negative",
            Feeling::Neutral => "echo.neutral",
        };
        (self.heard.about.is_some() && !grave && self.line(self.bot.pool(echo), true, &none))
            || self.line(self.bot.pool(self.acknowledgement()), true, &none)
            || self.line(self.bot.pool("echo.short"), true, &none)
    }

    /// Which kind of acknowledgement suits the turn. Agreement is off when the turn is grave.
    fn acknowledgement(&self) -> &'static str {
        if self.heard.acts.iter().any(|act| act.is_grave()) {
            return "ack.neutral";
        }
        match self.heard.feeling {
            _ if self.heard.is(Act::DontKnow) => "ack.dont_know",
            Feeling::Positive => "ack.positive",
            Feeling::Negative => "ack.negative",
            Feeling::Neutral if self.heard.is(Act::Yes) => "ack.affirm",
            Feeling::Neutral if self.heard.is(Act::No) => "ack.deny",
            Feeling::Neutral => "ack.neutral",
        }
    }

    fn recall(&self, key: &str) -> Option<String> {
        let value = self.bot.language.phrases.turn_round(self.state.fact(key)?);
        let (subject, predicate) = key.split_once('.')?;
        let recall = self.bot.recall(key)?;
        // What the star stood for, if the fact has one: `favourite.*` or `*.job`.
        let own = self.bot.recalls.contains_key(&format!("*.{predicate}"));
        let thing = if own { subject } else { predicate }.replace('_', " ");
        let captures = Captures::from([("value".to_owned(), value), ("thing".to_owned(), thing)]);
        self.render(&recall.say, &captures)
    }

    fn known(&mut self) -> bool {
        let keys: Vec<String> = self
            .state
            .facts()
            .iter()
            .rev()
            .map(|fact| format!("{}.{}", fact.subject, fact.predicate))
            .collect();
        let facts: Vec<String> =
            keys.iter().filter_map(|key| self.recall(key)).take(FACTS_AT_ONCE).collect();
        match facts.split_last() {
            None => self.line(self.bot.pool("know_nothing"), false, &Captures::new()),
            Some((only, [])) => self.with_fact("know", only.clone()),
            Some((last, others)) => {
                self.with_fact("know", format!("{}, and {last}", others.join(", ")))
            }
        }
    }

    fn asks(&self) -> bool {
        self.said.iter().any(|text| text.contains('?'))
    }

    /// Says one variant: a new one if there is one, else the one that was said longest ago.
    fn line(&mut self, lines: &Lines, only_new: bool, captures: &Captures) -> bool {
        let asks = self.asks();
        let able = lines.0.iter().filter(|line| !(asks && line.text.contains('?')));
        let (mut new, mut old): (Vec<&Line>, Vec<&Line>) =
            able.partition(|line| self.state.ledger.said(line.key).is_none());
        // Chance orders the new ones, time the old ones.
        let purpose = format!("line {} {}", self.said.len(), lines.0.first().map_or(0, |l| l.key));
        let seed = self.seed.for_purpose(&purpose);
        new.sort_by_cached_key(|line| seed.for_purpose(&line.key.to_string()).0);
        if self.said.is_empty() {
            // Of several, one that picks up a word of the turn.
            new.sort_by_cached_key(|line| !self.may_pick_up(&line.text));
        }
        if only_new {
            old.clear();
        }
        old.sort_by_cached_key(|line| self.state.ledger.said(line.key));
        let spoken = new
            .into_iter()
            .chain(old)
            .find_map(|line| Some((line.key, self.render(&line.text, captures)?)));
        let Some((key, text)) = spoken else { return false };
        self.state.ledger.note(key);
        self.said.push(text);
        true
    }

    /// Whether a line speaks of what the person spoke of, or would once it is filled.
    fn may_pick_up(&self, text: &str) -> bool {
        text.contains("{{ about") && self.heard.about.is_some()
            || text.contains("{{ ent.")
                && (!self.heard.entities.is_empty() || self.heard.answer.is_some())
            || text
                .split(|c: char| !c.is_alphanumeric() && c != '\'')
                .any(|word| self.heard.content.contains(&word.to_lowercase()))
    }

    fn render(&self, text: &str, captures: &Captures) -> Option<String> {
        if !text.contains("{{") && !text.contains("{%") {
            return Some(text.to_owned());
        }
        let mut context: BTreeMap<&str, Value> = BTreeMap::new();
        let mut subjects: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for fact in self.state.facts() {
            let value = self.bot.language.phrases.turn_round(&fact.value);
            subjects.entry(&fact.subject).or_default().insert(&fact.predicate, value);
        }
        for (subject, facts) in subjects {
            context.insert(subject, Value::from_pairs(facts));
        }
        let mut named: BTreeMap<&str, &str> = BTreeMap::new();
        for entity in self.heard.entities.iter().rev() {
            named.insert(&entity.kind, &entity.name);
        }
        if let Some(answer) = &self.heard.answer {
            named.insert("answer", answer);
        }
        context.insert("ent", Value::from_pairs(named));
        context.extend(self.resource.map(|resource| ("resource", Value::from(resource))));
        if let Some(about) = &self.heard.about {
            context.insert("about", Value::from(about.as_str()));
        }
        if let Some(round) = self.round() {
            let card = [("answer", Some(&round.answer)), ("hint", round.hint.as_ref())];
            let card = card.into_iter().filter_map(|(name, text)| Some((name, text?.as_str())));
            context.insert("card", Value::from_pairs(card));
        }
        let name = self.state.fact("user.name").or(self.name.as_deref());
        context.extend(name.map(|name| ("name", Value::from(name))));
        for (key, value) in captures {
            if value.len() <= MAX_VALUE * FACTS_AT_ONCE * 2 {
                context.insert(key, Value::from(value.as_str()));
            }
        }
        // Strict: a line that needs what we do not know is not said. Its syntax was checked at load.
        let filled = self.bot.templates.render_str(text, Value::from_pairs(context)).ok()?;
        // Only with people's words in it can a line of ours become unfit; a crisis line's own name is not.
        let ours = text.contains("resource");
        (ours || self.bot.language.may_be_said(&filled)).then_some(filled)
    }

    /// The open card of a game.
    fn round(&self) -> Option<&Round> {
        let (topic, node) = candidates::find(self.bot, self.state.place.as_ref()?)?;
        topic.decks.get(node.draw.as_ref()?)?.get(usize::from(self.state.drawn?.card))
    }

    fn go(&mut self, next: &Next) {
        match next {
            Next::Wait => {}
            Next::Node(place) => self.visit(place),
            Next::Open(topic) => match self.bot.topics.get(topic) {
                Some(topic) => self.open(topic),
                None => self.prompt(),
            },
            Next::Thread => self.thread(),
            Next::HandOff => self.hand_off(),
            Next::Return => self.come_back(),
            Next::Prompt => self.prompt(),
            Next::Offer(offer) => self.offer(offer),
            Next::End => {
                self.state.put_aside();
                self.ends = true;
            }
        }
    }

    /// Asks a node's question; one that was asked in every wording is passed over.
    fn visit(&mut self, place: &Place) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return self.ask_openly();
        }
        let node = candidates::find(self.bot, place)
            .filter(|(_, node)| candidates::holds(&self.state, self.here, node.when.as_ref()));
        self.state.drawn = None;
        let asked = node.is_some_and(|(topic, node)| self.ask(topic, node));
        self.state.place = Some(place.clone());
        let aside = self.state.stack.len();
        self.state.stack.retain(|p| p.topic != place.topic);
        if self.state.stack.len() < aside {
            self.state.counters.resumed += 1;
        }
        let session = self.state.counters.sessions;
        self.state.standing(&place.topic).session = session;
        if !asked {
            self.thread();
        }
    }

    /// Asks the question of a node, or the next card of its deck.
    fn ask(&mut self, topic: &Topic, node: &Node) -> bool {
        let none = Captures::new();
        let Some(deck) = node.draw.as_ref().and_then(|deck| topic.decks.get(deck)) else {
            return self.line(&node.say, true, &none);
        };
        let new =
            |round: &Round| round.ask.0.iter().all(|l| self.state.ledger.said(l.key).is_none());
        let left: Vec<usize> = (0..deck.len()).filter(|at| new(&deck[*at])).collect();
        let Some(card) = self.seed.pick("card", left.len()).map(|at| left[at]) else {
            return false;
        };
        self.line(&node.say, true, &none);
        self.state.drawn =
            Some(Drawn { card: u16::try_from(card).unwrap_or(u16::MAX), attempts: 0 });
        self.line(&deck[card].ask, false, &none)
    }

    /// Asks whether to call somebody, in place of the next question.
    fn offer(&mut self, offer: &Offer) {
        if self.asks() {
            return;
        }
        let person = Captures::from([("person".to_owned(), offer.person.clone())]);
        let pool = match offer.errand {
            Errand::Call => "bridge.offer",
            Errand::Message => "bridge.message",
        };
        if self.line(self.bot.pool(pool), true, &person) {
            self.state.expect =
                Some(Expect::Errand { errand: offer.errand, who: offer.who.clone() });
        } else {
            self.come_back();
        }
    }

    fn thread(&mut self) {
        let topic = self.state.place.as_ref().and_then(|p| self.bot.topics.get(&p.topic));
        match topic.and_then(|topic| schedule::thread(&self.state, self.here, topic)) {
            Some(place) => self.visit(&place),
            None => self.hand_off(),
        }
    }

    /// Somebody asked for this topic.
    fn open(&mut self, topic: &Topic) {
        let aside = self.state.stack.iter().find(|p| p.topic == topic.name).cloned();
        if let Some(place) = aside {
            return self.take_up(&place);
        }
        match schedule::thread(&self.state, self.here, topic) {
            Some(place) => self.visit(&place),
            None => {
                self.line(self.bot.pool("topic_exhausted"), true, &Captures::new());
                self.lead(Some(topic));
            }
        }
    }

    /// Comes back to a topic that was put aside.
    fn take_up(&mut self, place: &Place) {
        self.state.stack.retain(|p| p != place);
        self.state.place = Some(place.clone());
        self.state.counters.resumed += 1;
        self.come_back();
    }

    /// Back to the open question after a digression, in words that were not used yet.
    fn come_back(&mut self) {
        if self.asks() {
            return;
        }
        let Some(place) = self.state.place.clone() else { return self.prompt() };
        let Some((topic, node)) = candidates::find(self.bot, &place) else {
            return self.hand_off();
        };
        if self.round().is_some() {
            // The card's question was heard; asking it word for word again would sound like a machine.
            self.line(&topic.resume, true, &Captures::new());
            return;
        }
        if node.draw.is_some() {
            return self.visit(&place);
        }
        let left = node.say.0.iter().any(|line| {
            self.state.ledger.said(line.key).is_none()
                && self.render(&line.text, &Captures::new()).is_some()
        });
        if left {
            self.line(&topic.resume, true, &Captures::new());
            self.line(&node.say, true, &Captures::new());
        } else {
            self.thread();
        }
    }

    fn hand_off(&mut self) {
        let from = self.state.place.take().and_then(|p| self.bot.topics.get(&p.topic));
        self.lead(from);
    }

    fn prompt(&mut self) {
        if !self.asks() {
            self.state.put_aside();
            self.lead(None);
        }
    }

    /// Our turn to bring something up: what was put aside, another topic, an open question.
    fn lead(&mut self, from: Option<&Topic>) {
        if self.state.gentle > 0 {
            self.state.gentle -= 1;
            self.state.expect = Some(Expect::Story);
            return;
        }
        let aside = self.state.stack.iter().rev().find(|p| !self.state.is_declined(&p.topic));
        if let Some(place) = aside.cloned() {
            return self.take_up(&place);
        }
        if let Some(topic) =
            schedule::topic(self.bot, &self.state, self.here, self.heard, from, self.seed)
            && let Some(place) = schedule::thread(&self.state, self.here, topic)
        {
            let next = Captures::from([("next".to_owned(), topic.label.clone())]);
            let bridged = from.is_some_and(|from| self.line(&from.bridge, true, &next));
            if !bridged {
                self.line(&topic.lead, true, &Captures::new());
            }
            return self.visit(&place);
        }
        self.ask_openly();
    }

    fn ask_openly(&mut self) {
        self.state.place = None;
        self.state.expect = Some(Expect::Story);
        self.line(self.bot.pool("prompts"), false, &Captures::new());
    }

    fn finish(
        mut self,
        source: Source,
        reason: &'static str,
        unforeseen: bool,
    ) -> (Conversation, Reply) {
        if self.said.is_empty() && self.errand.is_none() {
            self.line(self.bot.pool("fallback"), false, &Captures::new());
        }
        let asks = self.said.iter().position(|text| text.contains('?'));
        let question = asks.filter(|at| *at > 0).map(|at| self.said[at..].join(" "));
        let text = self.said.join(" ");
        let turn = self.state.counters.turns;
        if let Some(topic) = self.state.place.as_ref().map(|p| p.topic.clone()) {
            let standing = self.state.standing(&topic);
            standing.last = turn;
            standing.turns = standing.turns.saturating_add(1);
        }
        self.state.last.clone_from(&text);
        self.state.last_at = self.now;
        self.state.open = !self.ends;
        self.state.trim();
        let topic = self.state.place.as_ref().map(|p| p.topic.clone());
        let reply = Reply {
            asks: text.contains('?'),
            text,
            topic,
            source,
            reason,
            ends: self.ends,
            question,
            unforeseen,
            errand: self.errand,
        };
        (self.state, reply)
    }
}
