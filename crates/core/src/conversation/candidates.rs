//! Every source proposes what to do with the turn; none of them speaks yet.

use jiff::civil::DateTime;

use super::act::Act;
use super::bot::{Bot, Errand, Go, Node, Rule, Source, Topic, Turn};
use super::lines::Lines;
use super::listen::{Feeling, Heard};
use super::pattern::Captures;
use super::schedule;
use super::sheet::{Daytime, Season, When};
use super::state::{Conversation, Expect, Place};
use super::{bridge, calculate};

/// How much a candidate has a claim to the turn. Only the order matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bid {
    /// Always possible, seldom good.
    Fallback,
    /// The open topic can go on, but only loosely.
    WeakContinue,
    /// Something could be taken up here.
    CanStart,
    /// The open topic was answered and knows its next step.
    StrongContinue,
    /// Must take the turn now: safety, commands, direct questions, an outright request.
    ForceStart,
}

/// Who goes first within a class: 100 is crisis. Spelled out here so that it can be compared.
mod rank {
    pub(super) const CRISIS: u8 = 100;
    pub(super) const STOP: u8 = 95;
    pub(super) const CARE: u8 = 92;
    pub(super) const COMMAND: u8 = 90;
    pub(super) const OFFENSIVE: u8 = 85;
    pub(super) const UNSURE: u8 = 83;
    pub(super) const ADVICE: u8 = 82;
    pub(super) const SORROW: u8 = 79;
    pub(super) const ERRAND: u8 = 81;
    pub(super) const REQUEST: u8 = 80;
    pub(super) const COMPLAINT: u8 = 76;
    pub(super) const RECALL: u8 = 72;
    pub(super) const KNOWN: u8 = 70;
    pub(super) const OWN: u8 = 68;
    pub(super) const PERSONA: u8 = 66;
    pub(super) const UNKNOWN: u8 = 65;
    pub(super) const CHAT: u8 = 64;
    pub(super) const CARD: u8 = 67;
    pub(super) const COURTESY: u8 = 62;
    pub(super) const ALONE: u8 = 60;
    pub(super) const NAMED: u8 = 58;
    pub(super) const TRIGGER: u8 = 54;
    pub(super) const CAPTURE: u8 = 50;
    pub(super) const STORY: u8 = 46;
    pub(super) const RULE: u8 = 40;
    pub(super) const LAST_RESORT: u8 = 0;
}

/// What changes when a candidate wins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A fact, its value a template.
    Keep {
        key: String,
        value: String,
    },
    ForgetLatest,
    ForgetEverything,
    Decline(String),
    Expect(Expect),
    Care(u8),
    Gentle(u8),
    Missed,
    PutAside,
    Fallback,
    /// We asked how it went, and need not again.
    AskedAfter(String),
    /// An offer was made: it is not made again.
    Offered {
        errand: Errand,
        who: String,
    },
    /// The offer was taken up.
    Errand {
        errand: Errand,
        who: String,
    },
    /// The talk goes on after an errand.
    Returned,
    /// Another attempt at the open card.
    Attempt,
}

/// Something to say.
#[derive(Debug, Clone)]
pub(crate) enum Say<'b> {
    /// Must be said, an old variant if there is no new one.
    Lines(&'b Lines, Captures),
    Pool(&'static str),
    /// What a topic has to say to an answer; what was said before gives way to an acknowledgement.
    Reply(&'b Lines),
    /// Left out when there is nothing new left: silence is better than a stale "I see".
    Fresh(&'static str),
    Ack,
    Last,
    /// What is known about the person.
    Known,
    /// One fact, by key.
    Fact(String),
    /// The fact that "forget that" dropped.
    Forgot,
    /// A fact that was told otherwise before.
    Changed(String),
    /// A pool, filled.
    Filled(&'static str, Captures),
    /// Something that we worked out.
    Plain(String),
}

/// Where the talk goes after that.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// Nowhere: it is the person's turn.
    Wait,
    Node(Place),
    /// Opens a topic at its next thread.
    Open(String),
    /// The next thread of the open topic.
    Thread,
    HandOff,
    /// Back to the open topic, or on with a prompt.
    Return,
    Prompt,
    /// Asks whether to call somebody, in place of the next question.
    Offer(bridge::Offer),
    End,
}

#[derive(Debug, Clone)]
pub(crate) struct Candidate<'b> {
    pub(crate) bid: Bid,
    pub(crate) rank: u8,
    pub(crate) source: Source,
    pub(crate) reason: &'static str,
    pub(crate) changes: Vec<Change>,
    pub(crate) say: Vec<Say<'b>>,
    pub(crate) next: Next,
    /// Nobody wrote an answer to such a turn.
    pub(crate) unforeseen: bool,
}

/// Everything a source may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a, 'b> {
    pub(crate) bot: &'b Bot,
    pub(crate) state: &'a Conversation,
    pub(crate) heard: &'a Heard,
    pub(crate) turn: &'a Turn<'a>,
    /// Date and time where the person is.
    pub(crate) here: DateTime,
}

pub(crate) fn all<'b>(moment: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let sources = [
        safety,
        unsure,
        commands,
        errands,
        courtesies,
        recalls,
        own_answer,
        knowledge,
        persona,
        topics,
        unknown_topic,
        open_topic,
        listening,
    ];
    let mut all: Vec<Candidate<'b>> = sources.iter().flat_map(|source| source(moment)).collect();
    all.push(last_resort(moment));
    for candidate in &mut all {
        bridge::offer_after(moment, candidate);
    }
    all
}

impl<'b> Candidate<'b> {
    fn force(rank: u8, source: Source, reason: &'static str) -> Self {
        let (changes, say, next) = (Vec::new(), Vec::new(), Next::Wait);
        Self { bid: Bid::ForceStart, rank, source, reason, changes, say, next, unforeseen: false }
    }

    fn bid(mut self, bid: Bid) -> Self {
        self.bid = bid;
        self
    }

    fn say(mut self, say: Say<'b>) -> Self {
        self.say.push(say);
        self
    }

    fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    fn next(mut self, next: Next) -> Self {
        self.next = next;
        self
    }
}

/// Turns in which nothing new is brought up after sad news.
const GENTLE_TURNS: u8 = 3;
/// Turns in which we only listen after a crisis.
const CARE_TURNS: u8 = 3;

fn safety<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let mut out = Vec::new();
    let crises = [
        (Act::SelfHarm, "crisis.self_harm"),
        (Act::Abuse, "crisis.abuse"),
        (Act::Emergency, "crisis.emergency"),
    ];
    for (act, pool) in crises.into_iter().filter(|(act, _)| m.heard.is(*act)) {
        out.push(
            Candidate::force(rank::CRISIS, Source::Safety, "crisis")
                .say(Say::Pool(pool))
                .change(Change::PutAside)
                .change(Change::Care(CARE_TURNS)),
        );
        debug_assert!(act.is_grave());
    }
    if m.state.care > 0 && !m.heard.is(Act::LetsChat) {
        out.push(
            Candidate::force(rank::CARE, Source::Safety, "listening after a crisis")
                .bid(Bid::StrongContinue)
                .say(Say::Pool("care"))
                .change(Change::Care(m.state.care - 1)),
        );
    }
    if m.heard.is(Act::Offensive) {
        out.push(
            Candidate::force(rank::OFFENSIVE, Source::Safety, "offensive words")
                .say(Say::Pool("offensive"))
                .next(Next::Return),
        );
    }
    let sorrows = [(Act::Grief, "grief"), (Act::Worry, "worry")];
    if let Some((_, pool)) =
        sorrows.into_iter().find(|(act, _)| m.heard.is(*act) && m.state.care == 0)
    {
        out.push(
            Candidate::force(rank::SORROW, Source::Safety, "somebody grieves or worries")
                .say(Say::Pool(pool))
                .change(Change::PutAside)
                .change(Change::Gentle(GENTLE_TURNS))
                .change(Change::Expect(Expect::Story)),
        );
    }
    let advice = [
        (Act::Medical, "advice.medical"),
        (Act::Legal, "advice.legal"),
        (Act::Money, "advice.money"),
    ];
    for (_, pool) in advice.into_iter().filter(|(act, _)| m.heard.is(*act)) {
        out.push(
            Candidate::force(rank::ADVICE, Source::Safety, "advice for a professional")
                .say(Say::Pool(pool))
                .next(Next::Return),
        );
    }
    out
}

fn commands<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let mut out = Vec::new();
    let command = |reason| Candidate::force(rank::COMMAND, Source::Command, reason);
    let memory = |reason| Candidate::force(rank::COMMAND, Source::Memory, reason);
    if m.heard.is(Act::Stop) || m.heard.is(Act::Closing) {
        out.push(
            Candidate::force(rank::STOP, Source::Command, "asked to stop")
                .say(Say::Pool("farewell"))
                .next(Next::End),
        );
    }
    if m.heard.is(Act::Repeat) {
        let say = if m.state.last.is_empty() { Say::Pool("repeat_nothing") } else { Say::Last };
        out.push(command("asked to repeat").say(say));
    }
    if m.heard.is(Act::ChangeTopic) {
        let mut change = command("asked for another topic").say(Say::Fresh("change_topic"));
        if let Some(place) = &m.state.place {
            change = change.change(Change::Decline(place.topic.clone()));
        }
        out.push(change.next(Next::HandOff));
    }
    if m.heard.is(Act::WhatDoYouKnow) {
        let known = !m.state.memory.facts().is_empty();
        let say = if known { Say::Known } else { Say::Pool("know_nothing") };
        out.push(memory("asked what is known").say(say).next(Next::Return));
    }
    if m.heard.is(Act::ForgetEverything) {
        let ask = Change::Expect(Expect::ForgetEverything);
        out.push(memory("asked to forget everything").say(Say::Pool("forget_ask")).change(ask));
    } else if m.heard.is(Act::ForgetThat) {
        let forget = memory("asked to forget the latest fact").say(Say::Forgot);
        out.push(forget.change(Change::ForgetLatest).next(Next::Return));
    }
    if m.state.expect == Some(Expect::ForgetEverything) {
        if m.heard.is(Act::Yes) {
            let done = memory("forgetting was confirmed").say(Say::Pool("forget_done"));
            out.push(done.change(Change::ForgetEverything).next(Next::Return));
        } else if m.heard.is(Act::No) {
            let kept = memory("forgetting was refused").say(Say::Pool("forget_kept"));
            out.push(kept.next(Next::Return));
        }
    }
    if m.heard.is(Act::NotUnderstood) {
        let (say, next) = match m.state.missed {
            0 => ("not_understood.again", Next::Wait),
            _ => ("not_understood.move_on", Next::Thread),
        };
        out.push(
            Candidate::force(rank::CHAT, Source::Fallback, "nothing was caught")
                .say(Say::Pool(say))
                .change(Change::Missed)
                .next(next),
        );
    }
    let repair = |reason| Candidate::force(rank::COMPLAINT, Source::Command, reason);
    if m.heard.is(Act::AlreadySaid) {
        out.push(repair("we repeated ourselves").say(Say::Pool("already_said")).next(Next::Thread));
    } else if m.heard.is(Act::Complaint) {
        let mut sorry = repair("a complaint").say(Say::Pool("complaint")).next(Next::HandOff);
        if let Some(place) = &m.state.place {
            sorry = sorry.change(Change::Decline(place.topic.clone()));
        }
        out.push(sorry);
    }
    out
}

/// Greetings, thanks, "let's chat".
fn courtesies<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let mut out = Vec::new();
    let greeted = m.heard.is(Act::LetsChat) || (m.heard.is(Act::Greeting) && m.heard.words <= 4);
    if greeted && !m.state.open {
        let opened = Candidate::force(rank::CHAT, Source::Command, "opened the chat");
        let opened = match ask_after(m) {
            Some((key, lines, captures)) => opened
                .say(Say::Fresh("hello_again"))
                .say(Say::Lines(lines, captures))
                .change(Change::AskedAfter(key)),
            None => opened.say(Say::Pool(welcome(m))),
        };
        out.push(opened.change(Change::Expect(Expect::Story)));
    } else if m.heard.is(Act::LetsChat) {
        let glad = Candidate::force(rank::CHAT, Source::Command, "asked for a chat");
        out.push(glad.say(Say::Fresh("gladly")).next(Next::Return));
    } else if greeted {
        let hello = Candidate::force(rank::COURTESY, Source::Command, "a greeting");
        out.push(hello.bid(Bid::CanStart).say(Say::Fresh("hello_again")).next(Next::Return));
    }
    if m.heard.is(Act::Thanks) && m.heard.words <= 5 {
        let welcome = Candidate::force(rank::COURTESY, Source::Command, "thanks");
        out.push(welcome.bid(Bid::CanStart).say(Say::Fresh("thanks")).next(Next::Return));
    }
    out
}

fn welcome(m: &Moment<'_, '_>) -> &'static str {
    match daytime(m.here) {
        _ if m.state.counters.sessions > 1 => "welcome_back",
        Daytime::Morning => "greeting.morning",
        Daytime::Evening => "greeting.evening",
        Daytime::Afternoon | Daytime::Night => "greeting",
    }
}

/// Something that was to happen when we last talked: its key, how to ask, and what fills the question.
fn ask_after<'b>(m: &Moment<'_, 'b>) -> Option<(String, &'b Lines, Captures)> {
    let session = m.state.counters.sessions;
    m.state.facts().iter().find_map(|fact| {
        fact.ask_after.filter(|told| *told < session)?;
        let key = format!("{}.{}", fact.subject, fact.predicate);
        let capture =
            m.bot.captures.iter().find(|c| !c.later.is_empty() && keeps(&c.keep, &key))?;
        let thing = if capture.keep.starts_with('*') { &fact.subject } else { &fact.predicate };
        let filled = [
            ("value", m.bot.language.phrases.turn_round(&fact.value)),
            ("thing", thing.replace('_', " ")),
        ];
        let filled = filled.into_iter().map(|(name, value)| (name.to_owned(), value));
        Some((key, &capture.later, filled.collect()))
    })
}

/// Whether a capture such as `*.job` keeps the fact `sister.job`.
fn keeps(keep: &str, key: &str) -> bool {
    match keep.split_once('*') {
        None => keep == key,
        Some((front, back)) => key.starts_with(front) && key.ends_with(back),
    }
}

/// The recogniser is in doubt: better to ask than to answer something that nobody said.
fn unsure<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let doubtful = m.turn.certainty.is_some_and(|certainty| certainty < DOUBT);
    let command = [Act::Stop, Act::Closing, Act::Repeat, Act::Yes, Act::No, Act::NotUnderstood];
    if !doubtful || m.heard.words < 2 || command.iter().any(|act| m.heard.is(*act)) {
        return Vec::new();
    }
    let said = m.heard.segments.iter().flat_map(|s| s.said.iter().map(String::as_str));
    let said = said.take(MAX_READ_BACK).collect::<Vec<_>>().join(" ");
    let heard = Captures::from([("heard".to_owned(), m.bot.language.phrases.turn_round(&said))]);
    let ask = Candidate::force(rank::UNSURE, Source::Command, "not sure of the words");
    vec![ask.say(Say::Filled("low_confidence", heard)).change(Change::Expect(Expect::Heard(
        m.turn.text.chars().take(MAX_READ_BACK * 8).collect(),
    )))]
}

/// Below this the recogniser's words are asked about: the mean token probability of 21 of our recordings had its
/// median at 0.86 and its least at 0.38.
const DOUBT: f32 = 0.45;
/// How many words are read back when we ask.
const MAX_READ_BACK: usize = 14;

/// Somebody answers our offer to call or to leave a message.
fn errands<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let errand = |reason| Candidate::force(rank::ERRAND, Source::Command, reason);
    match &m.state.expect {
        Some(Expect::Errand { errand: wanted, who }) if m.heard.is(Act::Yes) => {
            let run = Change::Errand { errand: *wanted, who: who.clone() };
            vec![errand("an offer was taken up").change(run)]
        }
        Some(Expect::Errand { .. }) if m.heard.is(Act::No) && m.heard.words <= 6 => {
            let kept = errand("an offer was declined").say(Say::Pool("bridge.declined"));
            vec![kept.next(Next::Return)]
        }
        _ if m.state.errand_done && (m.heard.is(Act::LetsChat) || m.heard.is(Act::Greeting)) => {
            let back = errand("back from a call or message").say(Say::Pool("bridge.done"));
            vec![back.change(Change::Returned).next(Next::Return)]
        }
        _ => Vec::new(),
    }
}

/// "And you?": what we would answer ourselves.
fn own_answer<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    if !m.heard.is(Act::AskBack) {
        return Vec::new();
    }
    let node = m.state.place.as_ref().and_then(|place| find(m.bot, place)).map(|(_, node)| node);
    let own = Candidate::force(rank::OWN, Source::Persona, "our question was turned round");
    let say = match node.filter(|node| !node.own.is_empty()) {
        Some(node) => Say::Lines(&node.own, Captures::new()),
        None => Say::Pool("what_about_me"),
    };
    // They may answer and ask in one breath.
    let answered =
        open_rule(m).filter(|rule| !rule.otherwise && rule.entity.as_deref() != Some("answer"));
    match (answered, &m.state.place) {
        (Some(rule), Some(place)) => {
            let taken = follow(rule, place, Bid::ForceStart, "answered, and asked back");
            let Candidate { changes, say: mut said, next, .. } = taken;
            said.push(say);
            vec![Candidate { changes, say: said, next, ..own }]
        }
        _ => vec![own.say(say).next(Next::Return)],
    }
}

/// Tables, sums, the clock and cards.
fn knowledge<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let known =
        |reason| Candidate::force(rank::KNOWN, Source::Knowledge, reason).next(Next::Return);
    let mut out = Vec::new();
    if let Some(answer) = calculate::clock(m.heard, m.here).or_else(|| calculate::sum(m.heard)) {
        out.push(known("worked it out").say(Say::Plain(answer)));
    }
    if let Some((lines, captures)) = m.bot.knowledge.look_up(m.heard) {
        out.push(known("looked it up").say(Say::Lines(lines, captures)));
    }
    let indirect = is_indirect(m);
    let asked = (m.heard.is(Act::Question) && !indirect) || m.heard.is(Act::TellMe);
    if !asked || m.heard.is(Act::AskBack) {
        return out;
    }
    let told = |line: &super::lines::Line| m.state.ledger.said(line.key).is_some();
    let cards = m.bot.knowledge.cards(m.heard, told);
    let card = |reason| Candidate::force(rank::CARD, Source::Knowledge, reason).next(Next::Return);
    match cards.first() {
        Some(found) if found.answers || m.heard.is(Act::TellMe) => {
            out.push(card("a card on it").say(Say::Lines(found.line, Captures::new())));
        }
        // Asked about us, or about a name within a longer question: the card would be beside the point.
        Some(found) if !m.heard.about_us => {
            let beside = card("a card beside it").say(Say::Pool("knowledge.beside"));
            out.push(beside.bid(Bid::CanStart).say(Say::Lines(found.line, Captures::new())));
        }
        None if m.heard.is(Act::TellMe) => {
            let here = m.state.place.as_ref().map(|place| place.topic.as_str());
            let fresh = m.bot.knowledge.cards.iter().filter(|card| !card.line.0.iter().any(told));
            let fresh: Vec<_> = fresh.collect();
            let ours = fresh.iter().filter(|card| here.is_some() && card.topic.as_deref() == here);
            let ours: Vec<_> = ours.collect();
            // Spread over the cards as the talk goes on, and the same for the same talk.
            let turn = m.state.counters.turns as usize;
            let pick = if ours.is_empty() {
                fresh.get(turn * 7 % fresh.len().max(1))
            } else {
                ours.get(turn % ours.len()).copied()
            };
            out.extend(pick.map(|found| {
                let start = card("a card").say(Say::Fresh("knowledge.start"));
                start.say(Say::Lines(&found.line, Captures::new()))
            }));
        }
        _ => {}
    }
    out
}

fn recalls<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let mut out = Vec::new();
    for (key, recall) in &m.bot.recalls {
        let Some(captured) = recall.asked.iter().find_map(|p| m.heard.find(p)) else { continue };
        let key = key.replace('*', &fact_name(captured.values().next()));
        let answer = Candidate::force(rank::RECALL, Source::Memory, "asked about a fact");
        match m.state.fact(&key) {
            Some(_) => out.push(answer.say(Say::Fact(key)).next(Next::Return)),
            None => out.push(answer.say(Say::Pool("memory_unknown")).next(Next::Return)),
        }
    }
    // A fact that we know beats a wildcard that we do not.
    out.sort_by_key(|c| !matches!(c.say.first(), Some(Say::Fact(_))));
    let answering = open_rule(m);
    let capture = m.bot.captures.iter().filter(|c| !c.say.is_empty()).find_map(|capture| {
        let captured = capture.heard.iter().find_map(|p| m.heard.find(p))?;
        let key = capture.keep.replace('*', &fact_name(captured.get("thing")));
        let before = m.state.fact(&key);
        let changed = captured.get("value").is_some_and(|now| before.is_some_and(|was| was != now));
        let fits = |rule: &Rule| !rule.otherwise && rule.entity.as_deref() != Some("answer");
        if !changed && answering.is_some_and(|rule| fits(rule) || rule.set.contains_key(&key)) {
            return None; // The topic asked for it, and has something to say to it.
        }
        let phrases = &m.bot.language.phrases;
        let captured =
            captured.into_iter().map(|(name, said)| (name, phrases.turn_round(&said))).collect();
        let noted = Candidate::force(rank::CAPTURE, Source::Memory, "told us a fact");
        let noted = noted.bid(Bid::StrongContinue);
        let noted =
            noted.say(if changed { Say::Changed(key) } else { Say::Lines(&capture.say, captured) });
        // It answers the open question as well: on, rather than back to it.
        Some(match (answering, &m.state.place) {
            (Some(rule), Some(place))
                if rule.go != Go::AnswerThenReturn
                    && capture.topic.as_ref() == Some(&place.topic) =>
            {
                let taken = follow(rule, place, Bid::StrongContinue, "told us a fact");
                let changes = taken.changes;
                Candidate { changes, next: taken.next, ..noted }
            }
            _ => noted.next(Next::Return),
        })
    });
    if !m.heard.is(Act::Question) && !m.heard.acts.iter().any(|a| a.is_grave()) {
        out.extend(capture);
    }
    out
}

/// A captured thing as the name of a fact: "ice cream" -> "ice_cream", "cat's" -> "cat".
pub(crate) fn fact_name(captured: Option<&String>) -> String {
    captured.map_or_else(String::new, |words| words.replace("'s", "").replace([' ', '.'], "_"))
}

fn persona<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let asked = m.bot.persona.iter().find_map(|persona| {
        let captured = persona.asked.iter().find_map(|p| m.heard.find(p))?;
        Some((persona, captured))
    });
    let asked = asked.map(|(persona, mut captured)| {
        for words in captured.values_mut() {
            *words = m.bot.language.phrases.turn_round(words);
        }
        Candidate::force(rank::PERSONA, Source::Persona, "asked about us")
            .say(Say::Lines(&persona.say, captured))
            .next(Next::Return)
    });
    asked.into_iter().collect()
}

/// After so many answers that the open topic could only take loosely, somebody wants to talk of something else.
const LOOSE: u8 = 2;
/// Fewer words are an answer, not the beginning of another story.
const STORY_WORDS: usize = 4;

fn topics<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    m.bot.topics.values().filter_map(|topic| topic_bid(m, topic)).collect()
}

fn topic_bid<'b>(m: &Moment<'_, 'b>, topic: &'b Topic) -> Option<Candidate<'b>> {
    let here = m.state.place.as_ref().is_some_and(|p| p.topic == topic.name);
    let idle = m.state.place.is_none();
    let named =
        |patterns: &[super::pattern::Pattern]| patterns.iter().any(|p| m.heard.find(p).is_some());
    let left = schedule::thread(m.state, m.here, topic).is_some();
    let take_up = |rank, reason| {
        let open = Next::Open(topic.name.clone());
        let taken = Candidate::force(rank, Source::Topic, reason);
        let taken = taken.change(Change::PutAside).next(open);
        if left { taken.say(Say::Fresh("gladly")) } else { taken }
    };
    if named(&topic.requests) {
        let refused = m
            .heard
            .segments
            .iter()
            .any(|s| s.words.iter().any(|w| m.bot.language.negations.contains(w)));
        if refused {
            let leave = Candidate::force(rank::REQUEST, Source::Command, "declined a topic");
            let leave = leave.say(Say::Fresh("change_topic"));
            let next = if here { Next::HandOff } else { Next::Return };
            return Some(leave.change(Change::Decline(topic.name.clone())).next(next));
        }
        let asked = take_up(rank::REQUEST, "asked for this topic");
        return Some(if here {
            Candidate { changes: Vec::new(), next: Next::Thread, ..asked }
        } else {
            asked
        });
    }
    if here || !left || m.heard.is(Act::Question) {
        return None;
    }
    if named(&topic.alone) {
        let bid = if idle { Bid::ForceStart } else { Bid::CanStart };
        return Some(take_up(rank::ALONE, "named this topic").bid(bid));
    }
    // In the middle of another topic only what was not touched on yet is worth a digression.
    let session = m.state.counters.sessions;
    let new = m.state.topics.get(&topic.name).is_none_or(|s| s.session < session);
    // Other topics do not pounce on an answer to the open one's question.
    let answering = open_rule(m).is_some_and(|rule| !rule.otherwise);
    let wandering = m.state.loose >= LOOSE && !answering && m.heard.words >= STORY_WORDS;
    if idle || (new && wandering) {
        // Somebody mentions what one of our questions would have asked for: take it as its answer.
        let named = topic.start.iter().find_map(|name| {
            let node = topic.nodes.get(name)?;
            let rule = node.rules.iter().find(|r| {
                r.entity.as_deref().is_some_and(|kind| topic.entities.iter().any(|k| k == kind))
                    && r.say.0.iter().any(|line| m.state.ledger.said(line.key).is_none())
                    && matches(m, r)
            })?;
            let place = Place { topic: topic.name.clone(), node: name.clone() };
            Some(follow(rule, &place, Bid::CanStart, "mentioned something it knows"))
        });
        if let Some(found) = named.filter(|_| !m.state.is_declined(&topic.name)) {
            return Some(Candidate { rank: rank::NAMED, ..found.change(Change::PutAside) });
        }
    }
    let opened = named(&topic.triggers) && (idle || wandering) && !m.state.is_declined(&topic.name);
    opened.then(|| {
        let taken = take_up(rank::TRIGGER, "a remark that opens it").bid(Bid::CanStart);
        Candidate { say: vec![Say::Ack], ..taken }
    })
}

/// Somebody wants to talk about something that nobody wrote about yet.
fn unknown_topic<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let asked = m.bot.language.requests.iter().find_map(|p| m.heard.find(p));
    let asked = asked.map(|captured| {
        Candidate::force(rank::UNKNOWN, Source::Topic, "asked for a topic we do not have")
            .change(Change::PutAside)
            .change(Change::Expect(Expect::Story))
            .say(Say::Lines(m.bot.pool("unknown_topic"), captured))
    });
    asked.into_iter().collect()
}

/// The reply of the open node that fits, if any.
fn open_rule<'b>(m: &Moment<'_, 'b>) -> Option<&'b Rule> {
    let (_, node) = find(m.bot, m.state.place.as_ref()?)?;
    node.rules.iter().find(|rule| matches(m, rule))
}

fn open_topic<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let Some(place) = &m.state.place else { return Vec::new() };
    if find(m.bot, place).is_none() {
        // The file changed under a running conversation: on with what is there.
        let gone = Candidate::force(rank::RULE, Source::Topic, "the topic is gone");
        return vec![gone.bid(Bid::WeakContinue).say(Say::Ack).next(Next::HandOff)];
    }
    let Some(rule) = open_rule(m) else { return Vec::new() };
    if rule.go == Go::AnswerThenReturn
        || (rule.otherwise
            && m.heard.is(Act::Question)
            && rule.attempt.is_none()
            && !is_indirect(m))
    {
        return Vec::new();
    }
    let drawn = m.state.drawn.is_some();
    let indirect = is_indirect(m);
    let asked = m.heard.is(Act::Question) && m.heard.words >= STORY_WORDS && !indirect;
    // To a card one may guess in questions: "is it a stone".
    let guesses = m.heard.segments.iter().any(|segment| {
        let start: Vec<&str> = segment.words.iter().take(2).map(String::as_str).collect();
        matches!(start.as_slice(), ["is" | "are" | "could" | "would", "it" | "that" | "they"])
    });
    let guessed = drawn && (guesses || rule.right == Some(true) || rule.pattern.is_some());
    if asked && !guessed && !matches!(rule.act, Some(Act::Question | Act::AskBack)) {
        // A question wants an answer, and not a reply to one of its words.
        return Vec::new();
    }
    if rule.otherwise || rule.entity.as_deref() == Some("answer") {
        // Any few words are an answer; a remark that another source understands is more than that.
        vec![follow(rule, place, Bid::WeakContinue, "goes on loosely")]
    } else {
        vec![follow(rule, place, Bid::StrongContinue, "answered the topic's question")]
    }
}

/// Whether what begins like a question is an answer.
fn is_indirect(m: &Moment<'_, '_>) -> bool {
    m.heard.segments.iter().all(|segment| m.bot.language.phrases.is_indirect(segment))
}

pub(crate) fn find<'b>(bot: &'b Bot, place: &Place) -> Option<(&'b Topic, &'b Node)> {
    let topic = bot.topics.get(&place.topic)?;
    Some((topic, topic.nodes.get(&place.node)?))
}

fn matches(m: &Moment<'_, '_>, rule: &Rule) -> bool {
    holds(m.state, m.here, rule.when.as_ref())
        && rule.right.is_none_or(|wanted| is_right(m) == Some(wanted))
        && rule.attempt.is_none_or(|n| m.state.drawn.is_some_and(|d| d.attempts + 1 == n))
        && rule.pattern.as_ref().is_none_or(|p| m.heard.find(p).is_some())
        && rule.entity.as_deref().is_none_or(|kind| m.heard.entity(kind).is_some())
        && rule.act.is_none_or(|act| m.heard.is(act))
        && rule.feeling.is_none_or(|feeling| m.heard.feeling == feeling)
}

/// Whether what was heard answers the open card; `None` without one.
fn is_right(m: &Moment<'_, '_>) -> Option<bool> {
    let (topic, node) = find(m.bot, m.state.place.as_ref()?)?;
    let card = topic.decks.get(node.draw.as_ref()?)?.get(usize::from(m.state.drawn?.card))?;
    Some(card.accept.iter().any(|pattern| m.heard.find(pattern).is_some()))
}

pub(crate) fn holds(state: &Conversation, here: DateTime, when: Option<&When>) -> bool {
    match when {
        None => true,
        Some(When::Known(key)) => state.fact(key).is_some(),
        Some(When::Unknown(key)) => state.fact(key).is_none(),
        Some(When::Is(facts)) => {
            facts.iter().all(|(key, value)| state.fact(key).is_some_and(|known| known == value))
        }
        Some(When::Season(wanted)) => season(here) == *wanted,
        Some(When::Daytime(wanted)) => daytime(here) == *wanted,
    }
}

fn season(here: DateTime) -> Season {
    match here.month() {
        3..=5 => Season::Spring,
        6..=8 => Season::Summer,
        9..=11 => Season::Autumn,
        _ => Season::Winter,
    }
}

fn daytime(here: DateTime) -> Daytime {
    match here.hour() {
        5..=11 => Daytime::Morning,
        12..=16 => Daytime::Afternoon,
        17..=21 => Daytime::Evening,
        _ => Daytime::Night,
    }
}

fn follow<'b>(rule: &'b Rule, from: &Place, bid: Bid, reason: &'static str) -> Candidate<'b> {
    let mut taken = Candidate::force(rank::RULE, Source::Topic, reason).bid(bid);
    for (key, value) in &rule.set {
        taken = taken.change(Change::Keep { key: key.clone(), value: value.clone() });
    }
    taken.unforeseen = rule.otherwise;
    taken = taken.say(if rule.say.is_empty() { Say::Ack } else { Say::Reply(&rule.say) });
    match &rule.go {
        Go::Node(node) => {
            taken.next(Next::Node(Place { topic: from.topic.clone(), node: node.clone() }))
        }
        Go::Next => taken.next(Next::Thread),
        Go::HandOff => taken.next(Next::HandOff),
        Go::Leave => taken.change(Change::Decline(from.topic.clone())).next(Next::HandOff),
        Go::AnswerThenReturn => taken.next(Next::Return),
        Go::Stay => taken.change(Change::Attempt),
    }
}

/// No topic is open: somebody answers an open question of ours, or tells us something.
fn listening<'b>(m: &Moment<'_, 'b>) -> Vec<Candidate<'b>> {
    let told = m.state.expect == Some(Expect::Story) || m.heard.is(Act::Disclose);
    if m.state.place.is_some() || !told || m.heard.foreign || m.heard.is(Act::Question) {
        return Vec::new();
    }
    let pool = match m.heard.feeling {
        _ if m.heard.is(Act::No) && m.heard.words <= 3 => "listen.neutral",
        Feeling::Positive => "listen.positive",
        Feeling::Negative => "listen.negative",
        Feeling::Neutral => "listen.neutral",
    };
    let listened = Candidate::force(rank::STORY, Source::Topic, "listened to a story");
    vec![listened.bid(Bid::CanStart).say(Say::Fresh(pool)).next(Next::Prompt)]
}

fn last_resort<'b>(m: &Moment<'_, 'b>) -> Candidate<'b> {
    let fallback = |reason| {
        let mut last = Candidate::force(rank::LAST_RESORT, Source::Fallback, reason);
        last.unforeseen = true;
        last.bid(Bid::Fallback).change(Change::Fallback)
    };
    if m.heard.foreign {
        fallback("another language").say(Say::Pool("foreign"))
    } else if m.heard.is(Act::Question) {
        let pool =
            if m.heard.about.is_some() { "unknown_question.about" } else { "unknown_question" };
        fallback("a question we cannot answer").say(Say::Pool(pool)).next(Next::Return)
    } else {
        fallback("nothing fits").say(Say::Pool("fallback")).next(Next::Return)
    }
}
