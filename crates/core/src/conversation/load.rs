//! Authored files -> a [`Bot`], or every mistake in them at once.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Environment, UndefinedBehavior};
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use super::about::Phrases;
use super::bot::{Bot, Capture, Node, Persona, Recall, Round, Rule, Topic};
use super::entity::Gazetteer;
use super::knowledge::{Card, Knowledge, Table};
use super::lines::{Line, Lines};
use super::lint;
use super::listen::{ActPatterns, Language};
use super::mistake::Mistake;
use super::pattern::Pattern;
use super::sheet::{
    CaptureSheet, CardSheet, EntitiesSheet, KnowledgeSheet, LanguageSheet, LinesSheet, MemorySheet,
    NodeSheet, PersonaSheet, PhrasesSheet, RecallSheet, ReplySheet, RoundSheet, TableSheet, Test,
    TopicSheet,
};
use super::words::Rewrites;

/// Files with a fixed part to play. Every other file is a topic.
const LANGUAGE: &str = "language.yaml";
const ENTITIES: &str = "entities.yaml";
const LINES: &str = "lines.yaml";
const PERSONA: &str = "persona.yaml";
const MEMORY: &str = "memory.yaml";
const PHRASES: &str = "phrases.yaml";
/// Tables and cards; there may be several such files.
const KNOWLEDGE: &str = "knowledge";
/// What the assistant says about calls and messages; it belongs to `say`, not to the socialbot.
const SENTENCES: &str = "sentences.yaml";

/// A topic file larger than this was not written by hand.
const MAX_FILE_BYTES: usize = 1 << 20;

/// Where a mistake stands, and the list it goes to.
pub(crate) struct Desk<'a> {
    pub(crate) file: &'a str,
    pub(crate) mistakes: &'a mut Vec<Mistake>,
    /// Every sentence so far, and where it stands: one that stands twice would be said twice.
    pub(crate) said: &'a mut BTreeMap<String, (String, u64)>,
}

impl Desk<'_> {
    pub(crate) fn mistake(&mut self, line: u64, what: String, mend: impl Into<String>) {
        self.mistakes.push(Mistake {
            file: self.file.to_owned(),
            line: usize::try_from(line).unwrap_or(0),
            what,
            mend: mend.into(),
        });
    }

    fn read<T: DeserializeOwned>(&mut self, yaml: &str) -> Option<T> {
        if yaml.len() > MAX_FILE_BYTES {
            let what = format!("the file has {} bytes", yaml.len());
            self.mistake(0, what, "split it into topics of at most 1 MB");
            return None;
        }
        match serde_saphyr::from_str(yaml) {
            Ok(sheet) => Some(sheet),
            Err(error) => {
                let line = error.location().map_or(0, |l| l.line());
                let what = error.without_snippet().to_string().replace('\n', " ");
                self.mistake(line, what, "see docs/dialogs.md for the format");
                None
            }
        }
    }

    fn pattern(&mut self, line: u64, text: &str, language: &Language) -> Option<Pattern> {
        match Pattern::parse(text, &language.rewrites, &language.concepts) {
            Ok(pattern) => Some(pattern),
            Err(what) => {
                self.mistake(line, what, "docs/dialogs.md lists what a pattern may hold");
                None
            }
        }
    }

    fn patterns(&mut self, line: u64, texts: &[String], language: &Language) -> Vec<Pattern> {
        texts.iter().filter_map(|text| self.pattern(line, text, language)).collect()
    }
}

pub(crate) fn line_of<T>(spanned: &Spanned<T>) -> u64 {
    spanned.referenced.line()
}

/// Compiles authored files.
pub(crate) fn load(files: &[(String, String)]) -> Result<Bot, Vec<Mistake>> {
    let (mut mistakes, mut said) = (Vec::new(), BTreeMap::new());
    let mut bot = empty();
    let named = |wanted: &'static str| files.iter().filter(move |(name, _)| base(name) == wanted);

    for wanted in [LANGUAGE, PHRASES, ENTITIES, LINES, PERSONA, MEMORY] {
        if named(wanted).next().is_none() {
            Desk { file: wanted, mistakes: &mut mistakes, said: &mut said }.mistake(
                0,
                "this file is missing".to_owned(),
                "put it beside the topics; a copy stands in dialogs/en",
            );
        }
    }
    // Topics bring words and names of their own, which every pattern may use: they are read first.
    let fixed = [LANGUAGE, PHRASES, ENTITIES, LINES, PERSONA, MEMORY, SENTENCES];
    let topics = files.iter().filter(|(name, _)| !fixed.contains(&base(name)));
    let topics = topics.filter(|(name, _)| !base(name).starts_with(KNOWLEDGE));
    let mut sheets: Vec<(&str, TopicSheet)> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (file, yaml) in topics {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        match desk.read::<TopicSheet>(yaml) {
            Some(sheet) => sheets.push((file, sheet)),
            // There is such a topic, most likely; those that lead to it are not mistaken.
            None => {
                known.insert(base(file).trim_end_matches(".yaml").to_owned());
            }
        }
    }
    let mut listens = false;
    for (file, yaml) in named(LANGUAGE) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(mut sheet) = desk.read::<LanguageSheet>(yaml) {
            for (_, topic) in &sheets {
                for (name, ways) in &topic.concepts {
                    sheet.concepts.entry(name.clone()).or_default().extend(ways.iter().cloned());
                }
            }
            bot.language = language(sheet, &mut desk);
            listens = true;
        }
    }
    if !listens {
        // Without its words every pattern would be a mistake.
        mistakes.sort();
        return Err(mistakes);
    }
    for (file, yaml) in named(PHRASES) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(sheet) = desk.read::<PhrasesSheet>(yaml) {
            bot.language.phrases = Phrases::new(sheet, &bot.language.concepts);
        }
    }
    for (file, yaml) in named(ENTITIES) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(mut sheet) = desk.read::<EntitiesSheet>(yaml) {
            for (_, topic) in &sheets {
                for (kind, names) in &topic.entities {
                    sheet.entities.entry(kind.clone()).or_default().extend(names.iter().cloned());
                }
            }
            bot.names = Gazetteer::new(&sheet.entities, &bot.language.rewrites);
        }
    }
    for (file, yaml) in named(LINES) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(sheet) = desk.read::<LinesSheet>(yaml) {
            lint::lines(&sheet, &mut desk);
            bot.pools = sheet.lines.into_iter().map(|(name, l)| (name, l.value)).collect();
            bot.tests.extend(tests(file, sheet.tests));
        }
    }
    for (file, yaml) in named(PERSONA) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(sheet) = desk.read::<PersonaSheet>(yaml) {
            lint::persona(&sheet, &mut desk);
            for entry in sheet.persona {
                let asked = desk.patterns(line_of(&entry), &entry.value.asked, &bot.language);
                let entry = entry.value;
                bot.persona.push(Persona { asked, say: entry.say });
            }
            bot.tests.extend(tests(file, sheet.tests));
        }
    }
    for (file, yaml) in named(MEMORY) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(sheet) = desk.read::<MemorySheet>(yaml) {
            captures(sheet.captures, None, &mut bot, &mut desk);
            recalls(&sheet.recalls, &mut bot, &mut desk);
            bot.tests.extend(tests(file, sheet.tests));
        }
    }
    for (file, yaml) in files.iter().filter(|(name, _)| base(name).starts_with(KNOWLEDGE)) {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if let Some(sheet) = desk.read::<KnowledgeSheet>(yaml) {
            for table in &sheet.tables {
                let table = table_of(table, &bot.language, &mut desk);
                bot.knowledge.tables.push(table);
            }
            cards(&sheet.cards, None, &mut bot, &mut desk);
            bot.tests.extend(tests(file, sheet.tests));
        }
    }
    for (file, sheet) in &mut sheets {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        recalls(&sheet.remembers, &mut bot, &mut desk);
        let topic = sheet.topic.value.clone();
        captures(std::mem::take(&mut sheet.captures), Some(&topic), &mut bot, &mut desk);
        cards(&sheet.facts, Some(&sheet.topic.value), &mut bot, &mut desk);
    }
    lint::names(&sheets, &bot.language, &mut mistakes);
    known.extend(sheets.iter().map(|(_, s)| s.topic.value.clone()));
    for (file, sheet) in sheets {
        let mut desk = Desk { file, mistakes: &mut mistakes, said: &mut said };
        if bot.topics.contains_key(&sheet.topic.value) {
            let what = format!("a topic named {} exists already", sheet.topic.value);
            desk.mistake(line_of(&sheet.topic), what, "choose another name");
        }
        lint::topic(&sheet, &known, &bot, &mut desk);
        let (topic, talks) = topic(sheet, &bot.language, &mut desk);
        lint::shadows(&topic, &mut desk);
        bot.tests.extend(tests(file, talks));
        bot.topics.insert(topic.name.clone(), topic);
    }
    if mistakes.is_empty() {
        Ok(bot)
    } else {
        mistakes.sort();
        Err(mistakes)
    }
}

fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn empty() -> Bot {
    let mut templates = Environment::new();
    // A line that needs something we do not know is not said at all.
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    // The library's own filter writes the rest in small letters, and names have capitals inside.
    templates.add_filter("capitalize", |text: String| {
        let mut letters = text.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    });
    Bot {
        language: Language::default(),
        names: Gazetteer::default(),
        topics: BTreeMap::new(),
        persona: Vec::new(),
        captures: Vec::new(),
        recalls: BTreeMap::new(),
        pools: BTreeMap::new(),
        knowledge: Knowledge::default(),
        tests: Vec::new(),
        templates,
    }
}

fn tests(file: &str, tests: Vec<Spanned<Test>>) -> Vec<(String, u64, Test)> {
    tests.into_iter().map(|test| (file.to_owned(), line_of(&test), test.value)).collect()
}

fn language(sheet: LanguageSheet, desk: &mut Desk<'_>) -> Language {
    let plain = Rewrites::default();
    let rewrites = Rewrites {
        table: sheet.rewrites.iter().map(|(from, to)| (from.clone(), plain.words(to))).collect(),
        fillers: sheet.fillers,
    };
    let words = |texts: &[String]| texts.iter().map(|t| rewrites.words(t)).collect::<Vec<_>>();
    let set = |texts: &[String]| words(texts).into_iter().flatten().collect();
    let mut lead_ins = words(&sheet.lead_ins);
    lead_ins.retain(|lead| !lead.is_empty());
    lead_ins.sort_by_key(|lead| std::cmp::Reverse(lead.len()));
    let mut tails = words(&sheet.tails);
    tails.retain(|tail| !tail.is_empty());
    let mut language = Language {
        tails,
        concepts: sheet.concepts.iter().map(|(name, ways)| (name.clone(), words(ways))).collect(),
        positive: set(&sheet.positive),
        negative: set(&sheet.negative),
        negations: set(&sheet.negations),
        no_name: set(&sheet.no_name),
        requests: Vec::new(),
        phrases: Phrases::default(),
        lead_ins,
        acts: BTreeMap::new(),
        rewrites,
    };
    language.requests = desk.patterns(line_of(&sheet.requests), &sheet.requests.value, &language);
    for (act, said) in &sheet.acts {
        let patterns = desk.patterns(line_of(said), &said.value.patterns, &language);
        let except = desk.patterns(line_of(said), &said.value.except, &language);
        language.acts.insert(*act, ActPatterns { patterns, except });
    }
    language
}

fn recalls(sheets: &BTreeMap<String, Spanned<RecallSheet>>, bot: &mut Bot, desk: &mut Desk<'_>) {
    for (key, sheet) in sheets {
        let line = line_of(sheet);
        if key.split('.').count() != 2 {
            let what = format!("{key} is not the name of a fact");
            desk.mistake(line, what, "write it as subject.predicate, such as user.name");
        }
        let asked = desk.patterns(line, &sheet.value.asked, &bot.language);
        bot.recalls.insert(key.clone(), Recall { say: sheet.value.say.clone(), asked });
    }
}

fn captures(
    sheets: Vec<Spanned<CaptureSheet>>,
    topic: Option<&str>,
    bot: &mut Bot,
    desk: &mut Desk<'_>,
) {
    for capture in sheets {
        lint::capture(&capture, desk);
        let heard = desk.patterns(line_of(&capture), &capture.value.heard, &bot.language);
        let CaptureSheet { keep, say, days, later, .. } = capture.value;
        let topic = topic.map(str::to_owned);
        bot.captures.push(Capture { heard, topic, keep, say, days, later });
    }
}

fn cards(sheets: &[Spanned<CardSheet>], topic: Option<&str>, bot: &mut Bot, desk: &mut Desk<'_>) {
    for sheet in sheets {
        lint::card(sheet, desk);
        let (rewrites, sheet) = (&bot.language.rewrites, &sheet.value);
        let ways = sheet.about.iter().map(|way| rewrites.words(way));
        let ways: Vec<Vec<String>> = ways.filter(|way| !way.is_empty()).collect();
        let words = rewrites.words(&sheet.say).into_iter().chain(ways.iter().flatten().cloned());
        let card = Card {
            topic: topic.map(str::to_owned),
            line: Lines(vec![Line::new(&sheet.say)]),
            words: words.collect(),
        };
        bot.knowledge.add_card(card, ways);
    }
}

fn table_of(sheet: &Spanned<TableSheet>, language: &Language, desk: &mut Desk<'_>) -> Table {
    lint::table(sheet, desk);
    let line = line_of(sheet);
    let sheet = &sheet.value;
    let words = |way: &str| language.rewrites.words(way).join(" ");
    let (mut entries, mut back) = (BTreeMap::new(), BTreeMap::new());
    for (names, values) in &sheet.entries {
        let name = names.split('|').next().unwrap_or(names).trim();
        let value = values.split('|').next().unwrap_or(values).trim();
        for way in names.split('|') {
            entries.insert(words(way), (name.to_owned(), value.to_owned()));
        }
        for way in values.split('|') {
            back.entry(words(way)).or_insert_with(|| (name.to_owned(), value.to_owned()));
        }
    }
    // "what is the capital of the united kingdom" is looked up without its article.
    for ways in [&mut entries, &mut back] {
        let bare = ways.iter().filter_map(|(way, pair)| Some((way.strip_prefix("the ")?, pair)));
        let bare: Vec<_> = bare.map(|(way, pair)| (way.to_owned(), pair.clone())).collect();
        ways.extend(bare);
    }
    Table {
        asked: desk.patterns(line, &sheet.asked, language),
        say: sheet.say.clone(),
        back_asked: sheet
            .back
            .as_ref()
            .map_or_else(Vec::new, |back| desk.patterns(line, &back.asked, language)),
        back_say: sheet.back.as_ref().map(|back| back.say.clone()).unwrap_or_default(),
        entries,
        back,
    }
}

fn round(sheet: &Spanned<RoundSheet>, language: &Language, desk: &mut Desk<'_>) -> Round {
    lint::round(sheet, desk);
    let line = line_of(sheet);
    let sheet = &sheet.value;
    Round {
        ask: Lines(vec![Line::new(&sheet.ask)]),
        accept: desk.patterns(line, &sheet.accept, language),
        answer: sheet.answer.clone(),
        hint: sheet.hint.clone(),
    }
}

fn topic(
    sheet: TopicSheet,
    language: &Language,
    desk: &mut Desk<'_>,
) -> (Topic, Vec<Spanned<Test>>) {
    let enter_line = line_of(&sheet.enter);
    let enter = sheet.enter.value;
    let requests: Vec<String> = enter.names.iter().map(|name| requests_for(name)).collect();
    let alone: Vec<String> = enter.names.iter().map(|name| format!("^ {name} please? $")).collect();
    let nodes = sheet
        .nodes
        .into_iter()
        .map(|(name, node)| {
            let replies = node.value.replies.iter();
            let rules = replies.map(|reply| rule(reply, language, desk)).collect();
            let NodeSheet { say, own, draw, when, .. } = node.value;
            (name, Node { say, own, draw, when, rules })
        })
        .collect();
    let decks = sheet.decks.into_iter().map(|(name, cards)| {
        let cards = cards.iter().map(|card| round(card, language, desk)).collect();
        (name, cards)
    });
    let decks = decks.collect();
    let topic = Topic {
        requests: desk.patterns(enter_line, &requests, language),
        alone: desk.patterns(enter_line, &alone, language),
        triggers: desk.patterns(enter_line, &enter.triggers, language),
        mentions: desk.patterns(enter_line, &enter.names, language),
        kinds: sheet.entities.keys().cloned().collect(),
        entities: enter.entities,
        lead: enter.lead,
        name: sheet.topic.value,
        label: sheet.label,
        start: sheet.start.into_iter().map(|s| s.value).collect(),
        resume: sheet.resume.value,
        nodes,
        decks,
        to: sheet.hand_off.value.to,
        bridge: sheet.hand_off.value.bridge,
    };
    (topic, sheet.tests)
}

/// The ways to ask for a topic outright.
fn requests_for(name: &str) -> String {
    format!(
        "(talk|chat|speak|hear|talking|chatting|discuss|conversation) (about|of|on)? (some|my|the)? {name}"
    )
}

fn rule(reply: &Spanned<ReplySheet>, language: &Language, desk: &mut Desk<'_>) -> Rule {
    let line = line_of(reply);
    let reply = &reply.value;
    Rule {
        line,
        pattern: reply.pattern.as_ref().and_then(|text| desk.pattern(line, text, language)),
        entity: reply.entity.clone(),
        act: reply.act,
        feeling: reply.sentiment,
        right: reply.right,
        attempt: reply.attempt,
        otherwise: reply.otherwise.is_some(),
        when: reply.when.clone(),
        say: reply.say.clone(),
        set: reply.set.clone(),
        go: reply.go.parse().unwrap_or_else(|never| match never {}),
    }
}

/// A text is a template; the error is a sentence for its author.
pub(crate) fn check_template(bot: &Bot, text: &str) -> Result<BTreeSet<String>, String> {
    match bot.templates.template_from_str(text) {
        Ok(template) => Ok(template.undeclared_variables(true).into_iter().collect()),
        Err(error) => Err(format!("\"{text}\" is not a template: {error}")),
    }
}

/// Every text of a set of lines.
pub(crate) fn texts(lines: &Lines) -> impl Iterator<Item = &str> {
    lines.0.iter().map(|line| line.text.as_str())
}
