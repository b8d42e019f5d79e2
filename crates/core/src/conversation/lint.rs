//! What an author would rather hear from us than from a listener.

use std::collections::{BTreeMap, BTreeSet};

use super::bot::{Bot, Rule, Topic};
use super::lines::{Line, Lines};
use super::listen::Language;
use super::load::{Desk, check_template, line_of, texts};
use super::mistake::Mistake;
use serde_saphyr::Spanned;

use super::sheet::{
    CaptureSheet, CardSheet, LinesSheet, NodeSheet, PersonaSheet, RoundSheet, TableSheet,
    TopicSheet, When,
};

/// Fewer wordings of one question and a listener hears the seam.
const VARIANTS: usize = 3;
/// A spoken line longer than this is a lecture. In characters.
const MAX_LINE: usize = 320;
/// Years in which something can have been checked.
const DATES: std::ops::RangeInclusive<u16> = 1500..=2100;

/// Every pool that the engine draws from, and how many lines it needs at least.
const POOLS: &[(&str, usize)] = &[
    ("ack.affirm", 3),
    ("ack.deny", 3),
    ("ack.dont_know", 3),
    ("ack.negative", 3),
    ("ack.neutral", 3),
    ("ack.positive", 3),
    ("advice.legal", 3),
    ("advice.medical", 3),
    ("advice.money", 3),
    ("already_said", 3),
    ("bridge.declined", 3),
    ("bridge.done", 3),
    ("bridge.message", 3),
    ("bridge.offer", 3),
    ("care", 3),
    ("change_topic", 3),
    ("complaint", 3),
    ("crisis.abuse", 1),
    ("crisis.emergency", 1),
    ("crisis.self_harm", 1),
    ("echo.negative", 10),
    ("echo.neutral", 20),
    ("echo.positive", 10),
    ("echo.short", 5),
    ("fallback", 15),
    ("farewell", 3),
    ("foreign", 3),
    ("forget_ask", 3),
    ("forget_done", 3),
    ("forget_kept", 3),
    ("forget_nothing", 3),
    ("forget_that", 3),
    ("gladly", 3),
    ("greeting", 3),
    ("grief", 5),
    ("greeting.evening", 3),
    ("greeting.morning", 3),
    ("hello_again", 3),
    ("know", 3),
    ("know_nothing", 3),
    ("knowledge.beside", 5),
    ("knowledge.start", 3),
    ("listen.negative", 3),
    ("listen.neutral", 3),
    ("listen.positive", 3),
    ("long_turn", 3),
    ("low_confidence", 3),
    ("memory_changed", 3),
    ("memory_recall", 3),
    ("memory_unknown", 3),
    ("not_understood.again", 3),
    ("not_understood.move_on", 3),
    ("offensive", 3),
    ("prompts", 15),
    ("repeat_nothing", 1),
    ("thanks", 3),
    ("topic_exhausted", 3),
    ("unknown_question", 15),
    ("unknown_question.about", 10),
    ("unknown_topic", 3),
    ("welcome_back", 3),
    ("worry", 5),
    ("what_about_me", 5),
];

/// Pools that may ask; after all others something follows, and two questions are one too many.
const MAY_ASK: &[&str] = &[
    "bridge.message",
    "bridge.offer",
    "care",
    "crisis.abuse",
    "crisis.emergency",
    "crisis.self_harm",
    "forget_ask",
    "greeting",
    "greeting.evening",
    "greeting.morning",
    "grief",
    "worry",
    "low_confidence",
    "not_understood.again",
    "prompts",
    "repeat_nothing",
    "welcome_back",
    "foreign",
    "unknown_topic",
];

pub(crate) fn lines(sheet: &LinesSheet, desk: &mut Desk<'_>) {
    for (name, least) in POOLS {
        match sheet.lines.get(*name) {
            None => desk.mistake(0, format!("the lines {name} are missing"), "add them"),
            Some(lines) if lines.value.len() < *least => {
                let what = format!("{name} has {} lines", lines.value.len());
                desk.mistake(line_of(lines), what, format!("write at least {least}"));
            }
            Some(_) => {}
        }
    }
    for (name, lines) in &sheet.lines {
        let line = line_of(lines);
        if !POOLS.iter().any(|(known, _)| known == name) {
            desk.mistake(line, format!("nothing ever says {name}"), "remove or rename it");
        }
        spoken(&lines.value, line, desk);
        if lines.value.asks() && !MAY_ASK.contains(&name.as_str()) {
            let what = format!("{name} asks a question, and another one may follow it");
            desk.mistake(line, what, "say it as a statement");
        }
    }
}

pub(crate) fn persona(sheet: &PersonaSheet, desk: &mut Desk<'_>) {
    for entry in &sheet.persona {
        let line = line_of(entry);
        let about = &entry.value.about;
        if entry.value.say.len() < 2 {
            desk.mistake(line, format!("{about} has one answer only"), "write at least two");
        }
        if entry.value.say.asks() {
            let what = format!("{about} asks a question, and the topic's question follows it");
            desk.mistake(line, what, "say it as a statement");
        }
        spoken(&entry.value.say, line, desk);
    }
}

pub(crate) fn capture(capture: &Spanned<CaptureSheet>, desk: &mut Desk<'_>) {
    let line = line_of(capture);
    spoken(&capture.value.say, line, desk);
    spoken(&capture.value.later, line, desk);
    if capture.value.say.asks() {
        let what =
            format!("noting {} asks, and the topic's question follows it", capture.value.keep);
        desk.mistake(line, what, "say it as a statement");
    }
}

pub(crate) fn card(card: &Spanned<CardSheet>, desk: &mut Desk<'_>) {
    let line = line_of(card);
    let sheet = &card.value;
    spoken(&Lines(vec![Line::new(&sheet.say)]), line, desk);
    if sheet.about.iter().all(|way| way.trim().is_empty()) {
        desk.mistake(line, "nothing ever calls this card up".to_owned(), "name what it is about");
    }
    if sheet.source.trim().is_empty() || !DATES.contains(&sheet.date) {
        let what = format!("\"{}\" has no source and year", sheet.say);
        desk.mistake(line, what, "say where and when a reader may check it");
    }
    if sheet.say.contains('?') {
        let what = format!("\"{}\" asks, and the topic's question follows it", sheet.say);
        desk.mistake(line, what, "say it as a statement");
    }
}

pub(crate) fn table(table: &Spanned<TableSheet>, desk: &mut Desk<'_>) {
    let line = line_of(table);
    let sheet = &table.value;
    for lines in [Some(&sheet.say), sheet.back.as_ref().map(|back| &back.say)].into_iter().flatten()
    {
        spoken(lines, line, desk);
        if lines.is_empty() || lines.asks() {
            let what = format!("{} has no statement that answers", sheet.about);
            desk.mistake(line, what, "write say: with {{ x }} and {{ y }}");
        }
    }
    if sheet.entries.is_empty() || sheet.source.trim().is_empty() || !DATES.contains(&sheet.date) {
        let what = format!("{} has no entries, source or year", sheet.about);
        desk.mistake(line, what, "add entries: and say where and when a reader may check them");
    }
}

pub(crate) fn round(round: &Spanned<RoundSheet>, desk: &mut Desk<'_>) {
    let line = line_of(round);
    let sheet = &round.value;
    let hint = sheet.hint.iter().map(|hint| Line::new(hint));
    spoken(&Lines(vec![Line::new(&sheet.ask)]), line, desk);
    spoken(&Lines(hint.chain([Line::new(&sheet.answer)]).collect()), line, desk);
    if sheet.answer.contains('?') || sheet.hint.as_ref().is_some_and(|hint| hint.contains('?')) {
        desk.mistake(
            line,
            format!("the answer to \"{}\" asks", sheet.ask),
            "say it as a statement",
        );
    }
}

/// A node that draws from a deck.
fn deck(name: &str, node: &NodeSheet, line: u64, sheet: &TopicSheet, desk: &mut Desk<'_>) {
    match node.draw.as_ref().map(|deck| (deck, sheet.decks.get(deck))) {
        None if node
            .replies
            .iter()
            .any(|r| r.value.right.is_some() || r.value.attempt.is_some()) =>
        {
            let what = format!("{name} waits for the answer to a card and draws none");
            desk.mistake(line, what, "add draw: with the name of a deck");
        }
        Some((deck, None)) => {
            let what = format!("{name} draws from {deck}, which is no deck");
            desk.mistake(line, what, "write it under decks:");
        }
        Some((deck, Some(cards))) if cards.is_empty() => {
            desk.mistake(line, format!("the deck {deck} is empty"), "write cards for it");
        }
        _ => {}
    }
}

/// Text that cannot be said well.
fn spoken(lines: &Lines, line: u64, desk: &mut Desk<'_>) {
    let mut seen = BTreeSet::new();
    for text in texts(lines) {
        if text.trim().is_empty() {
            desk.mistake(line, "an empty line".to_owned(), "write something or remove it");
        }
        if !seen.insert(text) {
            desk.mistake(line, format!("\"{text}\" stands here twice"), "vary one of them");
        }
        once(text, line, desk);
        if text.chars().count() > MAX_LINE {
            let what = format!("\"{text}\" is too long to listen to");
            desk.mistake(line, what, format!("keep lines under {MAX_LINE} characters"));
        }
        if text.matches('?').count() > 1 {
            desk.mistake(line, format!("\"{text}\" asks twice"), "ask one question at a time");
        }
        if let Some(odd) = text.chars().find(|c| matches!(c, '<' | '>' | '&' | '*' | '#' | '_')) {
            let plain = text
                .split("{{")
                .all(|part| !part.rsplit("}}").next().unwrap_or(part).contains(odd));
            if !plain {
                let what = format!("\"{text}\" holds `{odd}`, which nobody can pronounce");
                desk.mistake(line, what, "write it as it is spoken");
            }
        }
    }
}

/// A sentence that stands in two places is heard twice, whatever the ledger keeps.
fn once(text: &str, line: u64, desk: &mut Desk<'_>) {
    // A sentence that is nothing but a blank is another one each time.
    let blank = |sentence: &&str| {
        !(sentence.starts_with("{{")
            && sentence.trim_end_matches(['.', '?']).ends_with("}}")
            && sentence.matches("{{").count() == 1)
    };
    for sentence in sentences(text).filter(blank) {
        let known = desk.said.get(sentence).cloned();
        match known {
            Some(place) if place != (desk.file.to_owned(), line) => {
                let what = format!("\"{sentence}\" also stands in {}:{}", place.0, place.1);
                desk.mistake(line, what, "say one of them in other words");
            }
            _ => {
                desk.said.insert(sentence.to_owned(), (desk.file.to_owned(), line));
            }
        }
    }
}

/// Sentences end where a space follows: the dot in `{{ ent.film }}` ends none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(". ").flat_map(|part| part.split_inclusive("? ")).map(str::trim)
}

/// Two topics that people would ask for by the same name.
pub(crate) fn names(
    sheets: &[(&str, TopicSheet)],
    language: &Language,
    mistakes: &mut Vec<Mistake>,
) {
    let mut owners: BTreeMap<Vec<String>, &str> = BTreeMap::new();
    for (file, sheet) in sheets {
        for name in &sheet.enter.value.names {
            let owner = *owners.entry(language.rewrites.words(name)).or_insert(file);
            if owner != *file {
                mistakes.push(Mistake {
                    file: (*file).to_owned(),
                    line: usize::try_from(line_of(&sheet.enter)).unwrap_or(0),
                    what: format!("people ask for {name} and get {owner}"),
                    mend: "leave the name to one of them".to_owned(),
                });
            }
        }
    }
}

/// Everything about a topic that needs no compiled pattern.
pub(crate) fn topic(sheet: &TopicSheet, topics: &BTreeSet<String>, bot: &Bot, desk: &mut Desk<'_>) {
    if sheet.version != 1 {
        let what = format!("version {} is not known", sheet.version);
        desk.mistake(line_of(&sheet.topic), what, "write version: 1");
    }
    if sheet.start.is_empty() {
        desk.mistake(line_of(&sheet.topic), "the topic has no start".to_owned(), "name a node");
    }
    let mut heads: Vec<(u64, &str)> = Vec::new();
    for start in &sheet.start {
        if !sheet.nodes.contains_key(&start.value) {
            unknown_node(&start.value, line_of(start), desk);
        } else {
            heads.push((line_of(start), &start.value));
        }
    }
    for kind in &sheet.enter.value.entities {
        entity(kind, line_of(&sheet.enter), bot, desk);
    }
    statements("lead", &sheet.enter.value.lead, line_of(&sheet.enter), bot, desk);
    statements("resume", &sheet.resume.value, line_of(&sheet.resume), bot, desk);
    let hand_off = line_of(&sheet.hand_off);
    statements("bridge", &sheet.hand_off.value.bridge, hand_off, bot, desk);
    for to in sheet.hand_off.value.to.iter().filter(|to| !topics.contains(*to)) {
        let what = format!("it hands off to {to}, which is no topic");
        let known: Vec<&str> = topics.iter().map(String::as_str).collect();
        desk.mistake(hand_off, what, format!("choose from {}", known.join(", ")));
    }
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = heads.iter().map(|(_, head)| *head).collect();
    while let Some(name) = open.pop() {
        if reached.insert(name)
            && let Some(node) = sheet.nodes.get(name)
        {
            let targets = node.value.replies.iter().map(|r| r.value.go.as_str());
            open.extend(targets.filter(|go| !go.starts_with('$')));
        }
    }
    for (name, node) in &sheet.nodes {
        let line = line_of(node);
        if !reached.contains(name.as_str()) {
            let mend = "lead to it with go: or name it in start:";
            desk.mistake(line, format!("nothing leads to the node {name}"), mend);
        }
        variants(name, &node.value.say, line, desk);
        spoken(&node.value.say, line, desk);
        templates(&node.value.say, line, bot, desk);
        spoken(&node.value.own, line, desk);
        templates(&node.value.own, line, bot, desk);
        if node.value.own.asks() {
            let what = format!("our own answer in {name} asks");
            desk.mistake(line, what, "say it as a statement");
        }
        deck(name, &node.value, line, sheet, desk);
        if node.value.when.is_none() && texts(&node.value.say).all(|text| text.contains("{{")) {
            let what = format!("every wording of {name} needs a fact that may be unknown");
            desk.mistake(line, what, "add a plain one, or when: { known: ... }");
        }
        condition(node.value.when.as_ref(), line, bot, desk);
        if node.value.replies.is_empty() {
            let mend = "give it replies, the last one else: any";
            desk.mistake(line, format!("the node {name} is a dead end"), mend);
        } else if !node.value.replies.iter().any(|r| r.value.otherwise.is_some()) {
            let mend = "add - { else: any, go: $next } as the last reply";
            desk.mistake(line, format!("{name} does not say what follows any other reply"), mend);
        }
        for reply in &node.value.replies {
            let line = line_of(reply);
            let reply = &reply.value;
            let matchers = [
                reply.entity.is_some(),
                reply.act.is_some(),
                reply.pattern.is_some(),
                reply.sentiment.is_some(),
                reply.right.is_some(),
                reply.attempt.is_some(),
                reply.otherwise.is_some(),
            ];
            if !matchers.contains(&true) {
                let mend = "add entity, act, match, sentiment or else";
                desk.mistake(line, "this reply matches nothing".to_owned(), mend);
            }
            if let Some(kind) = &reply.entity {
                entity(kind, line, bot, desk);
            }
            condition(reply.when.as_ref(), line, bot, desk);
            spoken(&reply.say, line, desk);
            templates(&reply.say, line, bot, desk);
            if reply.say.asks() {
                let mend = "make the question a node of its own";
                desk.mistake(line, "a reply asks, and the next node asks too".to_owned(), mend);
            }
            let special = ["$next", "$hand_off", "$leave", "$answer_then_return", "$stay"];
            let go = reply.go.as_str();
            if go.starts_with('$') && !special.contains(&go) {
                let mend = format!("choose from {}", special.join(", "));
                desk.mistake(line, format!("there is no {go}"), mend);
            } else if !go.starts_with('$') && !sheet.nodes.contains_key(go) {
                unknown_node(go, line, desk);
            }
            for (key, value) in &reply.set {
                fact(key, line, bot, desk);
                if let Err(what) = check_template(bot, value) {
                    desk.mistake(line, what, "see docs/dialogs.md on templates");
                }
            }
        }
    }
}

fn unknown_node(name: &str, line: u64, desk: &mut Desk<'_>) {
    desk.mistake(line, format!("there is no node {name}"), "write the node or mend the name");
}

fn variants(name: &str, lines: &Lines, line: u64, desk: &mut Desk<'_>) {
    if lines.len() < VARIANTS {
        let what = format!("{name} has {} wordings", lines.len());
        desk.mistake(line, what, format!("write at least {VARIANTS}"));
    }
}

fn statements(name: &str, lines: &Lines, line: u64, bot: &Bot, desk: &mut Desk<'_>) {
    variants(name, lines, line, desk);
    spoken(lines, line, desk);
    templates(lines, line, bot, desk);
    if lines.asks() {
        let what = format!("{name} asks, and a node's question follows it");
        desk.mistake(line, what, "say it as a statement");
    }
}

fn entity(kind: &str, line: u64, bot: &Bot, desk: &mut Desk<'_>) {
    if kind != "answer" && !bot.names.kinds.iter().any(|k| k == kind) {
        let mend = format!("choose answer, {}, or add it", bot.names.kinds.join(", "));
        desk.mistake(line, format!("entities.yaml has no {kind}"), mend);
    }
}

fn fact(key: &str, line: u64, bot: &Bot, desk: &mut Desk<'_>) {
    if bot.recall(key).is_none() {
        let mend = "declare it under remembers: with the words that speak it";
        desk.mistake(line, format!("nobody could ever hear the fact {key}"), mend);
    }
}

fn condition(when: Option<&When>, line: u64, bot: &Bot, desk: &mut Desk<'_>) {
    match when {
        Some(When::Known(key) | When::Unknown(key)) => fact(key, line, bot, desk),
        Some(When::Is(facts)) => facts.keys().for_each(|key| fact(key, line, bot, desk)),
        Some(When::Season(_) | When::Daytime(_)) | None => {}
    }
}

/// Names that a template may use beside the subjects of facts.
const GIVEN: [&str; 10] =
    ["heard", "person", "ent", "name", "next", "value", "thing", "fact", "about", "card"];

fn templates(lines: &Lines, line: u64, bot: &Bot, desk: &mut Desk<'_>) {
    for text in texts(lines) {
        match check_template(bot, text) {
            Err(what) => desk.mistake(line, what, "see docs/dialogs.md on templates"),
            Ok(names) => {
                for name in names {
                    let head = name.split('.').next().unwrap_or(&name);
                    match name.split_once('.') {
                        Some(("ent", kind)) => entity(kind, line, bot, desk),
                        Some(_) if !GIVEN.contains(&head) => fact(&name, line, bot, desk),
                        Some(_) => {}
                        None if GIVEN.contains(&head) => {}
                        None => {
                            let what = format!("nothing fills {{{{ {name} }}}}");
                            desk.mistake(line, what, "use a fact or an entity");
                        }
                    }
                }
            }
        }
    }
}

/// Replies that an earlier one always takes first.
pub(crate) fn shadows(topic: &Topic, desk: &mut Desk<'_>) {
    for (name, node) in &topic.nodes {
        for (index, later) in node.rules.iter().enumerate() {
            let shadow = node.rules[..index].iter().find(|earlier| covers(earlier, later));
            if let Some(earlier) = shadow {
                let what = format!(
                    "this reply of {name} is never reached: the one on line {} takes it",
                    earlier.line
                );
                desk.mistake(later.line, what, "put it first, or remove it");
            }
        }
    }
}

fn covers(earlier: &Rule, later: &Rule) -> bool {
    let wider = |a: bool, same: bool| !a || same;
    wider(earlier.when.is_some(), earlier.when == later.when)
        && wider(earlier.act.is_some(), earlier.act == later.act)
        && wider(earlier.feeling.is_some(), earlier.feeling == later.feeling)
        && wider(earlier.right.is_some(), earlier.right == later.right)
        && wider(earlier.attempt.is_some(), earlier.attempt == later.attempt)
        && wider(earlier.entity.is_some(), earlier.entity == later.entity)
        && match (&earlier.pattern, &later.pattern) {
            (None, _) => true,
            (Some(a), Some(b)) => a.same_as(b),
            (Some(_), None) => false,
        }
}
