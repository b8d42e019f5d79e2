//! A simulated person: hears only what is said aloud, and answers by the question's words.

use std::collections::{BTreeSet, VecDeque};

use hearthline_core::time::Seed;

use super::cast::{Cast, Character, Mood, Subject};
use super::words::{content, words};

/// Turns between two things that a person came to say.
const AGENDA_EVERY: u64 = 5;
/// As many words are a short turn: a third of what people say to such bots.
pub(super) const FEW_WORDS: usize = 3;

/// What a line does, as its speaker means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Says,
    Asks,
    /// Wants to hear the last thing again.
    WantsRepeat,
    /// The goodbye.
    Leaves,
}

/// What a person says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// It asks for something they told.
    pub(super) probe: Option<Probe>,
    /// A word of what they plan to do.
    pub(super) plan: Option<String>,
}

/// A question to the bot's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probe {
    /// What an answer must hold.
    pub(super) expect: String,
    /// About something that not everybody has, such as an allergy.
    pub(super) open: bool,
}

/// Something a person came to say.
#[derive(Debug, Clone, Copy)]
enum Step {
    TellFact(usize),
    AskFact(usize),
    TellName(usize),
    AskName(usize),
    TellHome(usize),
    AskHome(usize),
    TellPlan(usize),
    Wish(usize),
}

/// One person, over all their visits.
#[derive(Debug)]
pub(super) struct Person<'a> {
    cast: &'a Cast,
    who: &'a Character,
    seed: Seed,
    turn: u64,
    used: BTreeSet<&'a str>,
    agenda: VecDeque<Step>,
    /// What must be said next, whatever is heard.
    pending: Option<Line>,
    /// Sentences they were told.
    heard: BTreeSet<String>,
    /// What they last answered from, for second thoughts.
    answered_from: Option<&'a Subject>,
}

impl<'a> Person<'a> {
    pub(super) fn new(cast: &'a Cast, who: &'a Character, seed: Seed) -> Self {
        Self {
            cast,
            who,
            seed,
            turn: 0,
            used: BTreeSet::new(),
            agenda: VecDeque::new(),
            pending: None,
            heard: BTreeSet::new(),
            answered_from: None,
        }
    }

    /// The first words of a visit; the agenda is made up on the way.
    pub(super) fn comes(&mut self, visit: u32) -> Line {
        self.turn += 1;
        self.pending = None;
        self.agenda = if visit == 1 { self.first_agenda() } else { self.later_agenda(visit) };
        self.say(if visit == 1 { &self.cast.openers } else { &self.cast.returning }, Kind::Says)
    }

    /// The first words after a call or a message.
    pub(super) fn returns(&mut self) -> Line {
        self.turn += 1;
        says("I'm back, let's chat", Kind::Says)
    }

    /// The last words.
    pub(super) fn leaves(&mut self) -> Line {
        self.turn += 1;
        self.say(&self.cast.leaving, Kind::Leaves)
    }

    /// As much of `reply` as they let the bot say.
    pub(super) fn listens<'t>(&self, reply: &'t str) -> &'t str {
        let interrupts = match self.who.mood {
            Mood::Restless => 0.08,
            Mood::Gruff => 0.04,
            Mood::Cheerful | Mood::Curious | Mood::Lonely | Mood::Tired => 0.015,
        };
        match reply.split_once(". ") {
            Some((first, _)) if self.chance("barge in") < interrupts => first,
            _ => reply,
        }
    }

    /// What they say to `heard`, the part of `reply` that they let the bot say.
    pub(super) fn answers(&mut self, reply: &str, heard: &str) -> Line {
        self.turn += 1;
        let again = self.heard_before(heard);
        if let Some(line) = self.pending.take() {
            return line;
        }
        if heard.len() < reply.len() {
            return self.say(&self.cast.barging_in, Kind::Says);
        }
        if again && self.chance("notice") > self.who.patience {
            return self.say(&self.cast.heard_before, Kind::Says);
        }
        if let Some(line) = self.declines(heard) {
            return line;
        }
        if self.turn.is_multiple_of(AGENDA_EVERY)
            && let Some(line) = self.next_step()
        {
            return line;
        }
        let line = self.habit().or_else(|| self.asks(heard)).or_else(|| self.second_thoughts());
        line.unwrap_or_else(|| {
            let answer = self.reply_to(heard);
            self.in_their_voice(answer)
        })
    }

    /// Tells and wishes first, and each fact asked back some turns after it was told.
    fn first_agenda(&self) -> VecDeque<Step> {
        let mut steps = Vec::new();
        let mut wishes = (0..self.who.wishes.len()).map(Step::Wish);
        let relatives = self.relatives();
        let mut asked = VecDeque::new();
        let facts = (0..self.who.facts.len()).map(|i| (Step::TellFact(i), Step::AskFact(i)));
        let plans = (0..self.who.plans.len()).map(|i| (Step::TellPlan(i), None));
        let told = facts
            .chain(relatives)
            .map(|(tell, ask)| (tell, Some(ask)))
            .chain(plans)
            .collect::<Vec<_>>();
        for (tell, ask) in told {
            steps.push(tell);
            asked.extend(ask);
            steps.extend(wishes.next());
            if asked.len() > 1 {
                steps.extend(asked.pop_front());
            }
        }
        steps.extend(asked);
        steps.extend(wishes);
        steps.into()
    }

    /// On another day: does it still know who they are?
    fn later_agenda(&self, visit: u32) -> VecDeque<Step> {
        let mut left: VecDeque<Step> = self.agenda.clone();
        let is_told = |step: &Step| {
            !left.iter().any(|other| match (step, other) {
                (Step::AskFact(a), Step::TellFact(b))
                | (Step::AskName(a), Step::TellName(b))
                | (Step::AskHome(a), Step::TellHome(b)) => a == b,
                _ => false,
            })
        };
        let facts = (0..self.who.facts.len()).map(Step::AskFact);
        let asks: Vec<Step> =
            facts.chain(self.relatives().into_iter().map(|(_, ask)| ask)).filter(is_told).collect();
        // Not everything every day.
        let asks = asks.into_iter().skip(visit as usize % 2).step_by(2);
        let mut steps = VecDeque::new();
        for ask in asks {
            steps.push_back(ask);
            steps.extend(left.pop_front());
        }
        steps.extend(left);
        steps
    }

    fn relatives(&self) -> Vec<(Step, Step)> {
        let mut steps = Vec::new();
        for (i, relative) in self.who.relatives.iter().enumerate() {
            steps.push((Step::TellName(i), Step::AskName(i)));
            if relative.home.is_some() {
                steps.push((Step::TellHome(i), Step::AskHome(i)));
            }
        }
        steps
    }

    fn next_step(&mut self) -> Option<Line> {
        let step = self.agenda.pop_front()?;
        Some(self.perform(step))
    }

    fn perform(&mut self, step: Step) -> Line {
        let (cast, who) = (self.cast, self.who);
        let ask = |text: String, expect: &str, open| Line {
            probe: Some(Probe { expect: expect.to_lowercase(), open }),
            ..says(&text, Kind::Asks)
        };
        match step {
            Step::TellFact(i) => {
                let fact = &who.facts[i];
                let told = says(&fact.tell, Kind::Says);
                let Some(slip) = &fact.slip else { return told };
                self.pending = Some(told);
                says(slip, Kind::Says)
            }
            Step::AskFact(i) => {
                let fact = &who.facts[i];
                ask(fact.ask.clone(), &fact.expect, fact.open)
            }
            Step::TellName(i) => self.of_relative(i, &cast.relatives.tell_name),
            Step::TellHome(i) => self.of_relative(i, &cast.relatives.tell_home),
            Step::AskName(i) => {
                let text = self.of_relative(i, &cast.relatives.ask_name).text;
                ask(text, &who.relatives[i].name, false)
            }
            Step::AskHome(i) => {
                let home = who.relatives[i].home.as_deref().unwrap_or_default();
                ask(self.of_relative(i, &cast.relatives.ask_home).text, home, false)
            }
            Step::TellPlan(i) => {
                let plan = &who.plans[i];
                let told = says(&plan.tell, Kind::Says);
                Line { plan: Some(plan.expect.to_lowercase()), ..told }
            }
            Step::Wish(i) => says(&who.wishes[i], Kind::Says),
        }
    }

    fn of_relative(&self, index: usize, lines: &[String]) -> Line {
        let picked = self.seed.pick(&format!("relative {}", self.turn), lines.len());
        let relative = &self.who.relatives[index];
        says(&relative.fill(picked.map_or("", |at| &lines[at])), Kind::Says)
    }

    /// Whether a sentence of this was heard before.
    fn heard_before(&mut self, heard: &str) -> bool {
        let sentences = heard.split_inclusive(['.', '?', '!']).map(|s| s.trim().to_lowercase());
        let long = sentences.filter(|s| s.split(' ').count() > FEW_WORDS);
        let again: Vec<bool> = long.map(|sentence| !self.heard.insert(sentence)).collect();
        again.contains(&true)
    }

    /// They are asked about something they would rather not talk about.
    fn declines(&mut self, heard: &str) -> Option<Line> {
        let question = last_question(heard)?;
        let asked = words(question);
        let avoided = self.who.avoids.iter().find(|avoided| asked.contains(avoided))?;
        if self.chance("decline") < 0.3 {
            return None;
        }
        let line = self.say(&self.cast.declines, Kind::Says);
        Some(Line { text: line.text.replace("{thing}", avoided), ..line })
    }

    /// Silence, grumbling, the kettle.
    fn habit(&mut self) -> Option<Line> {
        let cast = self.cast;
        let (silence, aside) = match self.who.mood {
            Mood::Tired => (0.04, 0.03),
            Mood::Gruff => (0.03, 0.02),
            Mood::Restless => (0.02, 0.05),
            Mood::Cheerful | Mood::Curious | Mood::Lonely => (0.01, 0.02),
        };
        let chance = self.chance("habit");
        if chance < silence {
            return Some(says("", Kind::Says));
        }
        if chance < silence + aside {
            return Some(self.say(&cast.asides, Kind::Says));
        }
        if chance > 1.0 - (1.0 - self.who.patience) * 0.2 {
            return Some(self.say(&cast.complaints, Kind::Says));
        }
        (chance > 0.5 && chance < 0.508).then(|| self.say(&cast.repeats, Kind::WantsRepeat))
    }

    fn asks(&mut self, heard: &str) -> Option<Line> {
        if self.chance("ask") >= self.who.curiosity {
            return None;
        }
        let (cast, kind) = (self.cast, self.chance("what to ask"));
        let new = |lines: &[String]| lines.iter().any(|line| !self.used.contains(line.as_str()));
        Some(match last_question(heard) {
            Some(_) if kind < 0.15 => self.say(&cast.asks_back, Kind::Asks),
            None if kind < 0.4 => self.say(&cast.follow_ups, Kind::Asks),
            _ if kind < 0.2 => self.say(&cast.follow_ups, Kind::Asks),
            _ if kind > 0.7 && new(&self.who.asks) => self.say(&self.who.asks, Kind::Asks),
            _ => self.say(&cast.questions, Kind::Asks),
        })
    }

    /// "No, wait": another answer to what was asked before.
    fn second_thoughts(&mut self) -> Option<Line> {
        let subject = self.answered_from.take()?;
        if self.chance("second thoughts") > 0.04 {
            return None;
        }
        let other = subject.say.iter().find(|say| !self.used.contains(say.as_str()))?;
        self.used.insert(other);
        let start = self.say(&self.cast.corrections, Kind::Says).text;
        Some(says(&format!("{start} {other}"), Kind::Says))
    }

    fn reply_to(&mut self, heard: &str) -> Line {
        let (cast, brief) = (self.cast, self.chance("brief") < self.who.brevity);
        let Some(question) = last_question(heard) else { return self.reacts(brief) };
        let question = question.to_lowercase();
        let first = words(&question).into_iter().find(|w| !LEAD_INS.contains(&w.as_str()));
        let (answers, open) = match first.as_deref().unwrap_or_default() {
            "who" | "whom" | "whose" | "who's" => (&cast.answers.who, true),
            "which" => (&cast.answers.which, true),
            "what" | "what's" | "tell" | "describe" | "name" => (&cast.answers.what, true),
            "why" => (&cast.answers.why, true),
            "where" | "where's" => (&cast.answers.place, true),
            "when" => (&cast.answers.when, true),
            "how" | "how's" => (&cast.answers.how, true),
            _ => (&cast.answers.yes_no, false),
        };
        if !open {
            // "Do you like tea or coffee?" offers a choice; "what do you have in bag or pocket?" does not.
            let side = self.chosen_side(&question).map(|side| says(&side, Kind::Says));
            return side.unwrap_or_else(|| self.yes_or_no(&question, brief));
        }
        match self.speak_from_experience(&question, brief) {
            Some(line) => line,
            None => self.say_some(answers, Kind::Says, brief),
        }
    }

    /// "Tea or coffee?": one of the two.
    fn chosen_side(&self, question: &str) -> Option<String> {
        let last = question.trim_end_matches('?').rsplit(", ").next()?;
        let (before, after) = last.split_once(" or ")?;
        let (before, after) = (words(before), words(after));
        let length = after.len().clamp(1, 4);
        let side = if self.chance("which side") < 0.5 {
            &after[..length]
        } else {
            &before[before.len().saturating_sub(length)..]
        };
        Some(side.join(" "))
    }

    fn yes_or_no(&mut self, question: &str, brief: bool) -> Line {
        let who = self.who;
        let likes = self.chance("yes") < 0.62;
        let own = if likes { &who.voice.yes } else { &who.voice.no };
        if brief {
            let index = self.seed.pick(&format!("word {}", self.turn), own.len());
            return says(index.map_or("yes", |at| &own[at]), Kind::Says);
        }
        if likes
            && self.chance("go on") < 0.5 + who.chattiness / 3.0
            && let Some(line) = self.speak_from_experience(question, false)
        {
            let index = self.seed.pick(&format!("word {}", self.turn), own.len());
            let start = index.map_or("yes", |at| &own[at]);
            let start = start.trim_end_matches('!');
            return says(&format!("{start}, {}", line.text), Kind::Says);
        }
        self.say(&self.cast.answers.yes_no, Kind::Says)
    }

    /// What they have to say about what the question is about: their own facts and memories first.
    fn speak_from_experience(&mut self, question: &str, brief: bool) -> Option<Line> {
        let asked = content(question);
        let fact = self.who.facts.iter().find(|fact| content(&fact.ask).is_subset(&asked));
        if let Some(fact) = fact.filter(|fact| !content(&fact.ask).is_empty()) {
            return Some(says(&fact.expect, Kind::Says));
        }
        let new =
            |subject: &&Subject| subject.say.iter().any(|say| !self.used.contains(say.as_str()));
        let fit = |subject: &Subject| {
            let about = subject.about.iter().flat_map(|word| content(word));
            about.filter(|word| asked.contains(word)).count()
        };
        let best = |from: &'a [Subject]| {
            let fitting = from.iter().filter(new).filter(|subject| fit(subject) > 0);
            fitting.rev().max_by_key(|subject| fit(subject))
        };
        let subject = best(&self.who.knows).or_else(|| best(&self.cast.subjects))?;
        self.answered_from = Some(subject);
        Some(self.say_some(&subject.say, Kind::Says, brief))
    }

    /// To what asks nothing.
    fn reacts(&mut self, brief: bool) -> Line {
        let (cast, who) = (self.cast, self.who);
        let told = who.stories.iter().all(|story| self.used.contains(story.as_str()));
        match self.chance("react") {
            chance if brief || chance < 0.4 => self.say(&who.voice.more, Kind::Says),
            chance if chance < 0.7 => self.say(&cast.answers.more, Kind::Says),
            _ if told => self.say(&cast.stories, Kind::Says),
            _ => self.say(&who.stories, Kind::Says),
        }
    }

    /// A story on top, a word they are fond of, or a beginning that the microphone missed.
    fn in_their_voice(&mut self, line: Line) -> Line {
        let who = self.who;
        let few = line.text.split_whitespace().count() <= FEW_WORDS;
        if self.chance("add something") < who.chattiness * if few { 0.08 } else { 0.2 } {
            let told = who.stories.iter().all(|story| self.used.contains(story.as_str()));
            let story = self.say(if told { &self.cast.stories } else { &who.stories }, Kind::Says);
            return Line { text: format!("{}. {}", line.text, story.text), ..line };
        }
        if let Some(at) = self.seed.pick(&format!("tic {}", self.turn), who.voice.tics.len() * 8)
            && let Some(tic) = who.voice.tics.get(at)
        {
            return Line { text: format!("{} {tic}", line.text), ..line };
        }
        if !few && self.chance("mumble") < 0.02 {
            let rest = line.text.split_once(' ').map_or("", |(_, rest)| rest);
            return Line { text: rest.to_owned(), ..line };
        }
        line
    }

    /// A line they have not used yet, as people seldom say the same again; else any.
    fn say(&mut self, lines: &'a [String], kind: Kind) -> Line {
        self.say_some(lines, kind, false)
    }

    fn say_some(&mut self, lines: &'a [String], kind: Kind, brief: bool) -> Line {
        let few = |line: &&str| line.split(' ').count() <= FEW_WORDS;
        let new: Vec<&'a str> =
            lines.iter().map(String::as_str).filter(|line| !self.used.contains(line)).collect();
        let mut from =
            if new.is_empty() { lines.iter().map(String::as_str).collect() } else { new };
        if brief && from.iter().any(few) {
            from.retain(few);
        }
        let purpose = format!("line {} {}", self.turn, from.len());
        let Some(index) = self.seed.pick(&purpose, from.len()) else { return says("", kind) };
        self.used.insert(from[index]);
        says(from[index], kind)
    }

    fn chance(&self, purpose: &str) -> f64 {
        let drawn = self.seed.for_purpose(&format!("{purpose} {}", self.turn)).0;
        (drawn % 10_000) as f64 / 10_000.0
    }
}

/// What a question may begin with before it asks.
const LEAD_INS: [&str; 10] =
    ["and", "so", "with", "well", "then", "but", "now", "by", "in", "about"];

/// The last thing that was asked. "Tell me about it." asks as well.
fn last_question(heard: &str) -> Option<&str> {
    let mut sentences = heard.split_inclusive(['.', '?', '!']).map(str::trim);
    sentences.rfind(|sentence| {
        sentence.ends_with('?')
            || sentence.starts_with("Tell me")
            || sentence.starts_with("Describe")
            || sentence.starts_with("Name ")
    })
}

fn says(text: &str, kind: Kind) -> Line {
    Line { text: text.to_owned(), kind, probe: None, plan: None }
}
