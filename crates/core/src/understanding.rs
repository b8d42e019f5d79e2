//! From words to an intent with its slots.
//!
//! One source of truth: an Alexa interaction model. [`model`] reads it, [`grammar`] compiles its samples
//! to a token trie, [`lists`] holds what each household can name, [`resolver`] finds the contact
//! behind a name.

pub mod builtin;
pub mod classifier;
pub mod compound;
pub mod cues;
pub mod date;
pub mod evaluation;
pub mod examples;
pub mod explanation;
pub mod grammar;
pub mod lexicon;
pub mod lists;
pub mod model;
pub mod negatives;
pub mod normalise;
pub mod readings;
pub mod rehearsal;
pub mod resolver;
pub mod statistics;
pub mod tagger;
pub mod typed;
pub mod vocabulary;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use grammar::{Ear, Found, Grammar, How};
pub use lists::Lists;
use model::{Mistakes, Model};
use normalise::Token;
use readings::Reader;
use statistics::{Guess, Statistics};
use typed::Typed;

/// The model we ship: the one source of what can be said.
pub const SHIPPED_MODEL: &str =
    include_str!("../../../skill-manifest/interactionModels/custom/en-US.json");

/// A filled slot: the words as they were said, and what they stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub value: String,
    /// The entry's id, or its canonical value if it has none; `None` for free text and unknown names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Filled slots by name.
pub type Slots = BTreeMap<String, Slot>;

/// One reading of an utterance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub intent: String,
    /// 0 to 1.
    pub confidence: f32,
    pub slots: Slots,
}

/// What understood an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// A sample fits, word for word but for its slots.
    Samples,
    /// No sample fits; it is most like those of an intent.
    Statistics,
    #[default]
    None,
}

/// What an utterance means.
#[derive(Debug, Clone, PartialEq)]
pub struct Parse {
    pub text: String,
    /// `None` when the utterance is out of scope.
    pub intent: Option<String>,
    /// 0 to 1: how sure we are of `intent`, or that it is out of scope.
    pub confidence: f32,
    pub slots: Slots,
    /// Further readings, best first.
    pub alternatives: Vec<Reading>,
    pub layer: Layer,
}

/// Samples of this intent say what is out of scope.
const FALLBACK: &str = "AMAZON.FallbackIntent";
/// How many further readings an answer carries.
const MAX_ALTERNATIVES: usize = 3;
/// How sure we are that words no sample fits are out of scope. Samples cover little of what people
/// say, so it is a weak sign.
const NOTHING_FITS: f32 = 0.7;

/// A reading of the samples this sure needs no second opinion.
const EXACT: f32 = 0.75;
/// So has one with so many literal words, though a name in it is unknown.
const WELL_FITTING: usize = 3;
/// Below this the statistical layer has no opinion.
const GUESSED: f32 = 0.5;
/// From this on it agrees with a sample that fits but for an unknown name.
const BELIEVED: f32 = 0.05;

/// A compiled interaction model.
#[derive(Debug, Clone)]
pub struct Understanding {
    grammar: Grammar,
    statistics: Statistics,
    invocation: Vec<String>,
}

impl Understanding {
    /// The model we ship.
    ///
    /// # Panics
    /// Never: a test reads the same text.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Understanding> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::read(SHIPPED_MODEL).expect("tested with the crate"))
    }

    /// Compiles any Alexa interaction model.
    ///
    /// # Errors
    /// Every mistake in the model at once.
    pub fn read(json: &str) -> Result<Self, Mistakes> {
        Ok(Self::of(&Model::read(json)?))
    }

    #[must_use]
    pub fn of(model: &Model) -> Self {
        let invocation = normalise::tokens(&model.invocation).unwrap_or_default();
        let grammar = Grammar::compile(model);
        Self {
            statistics: Statistics::train(model, &grammar),
            grammar,
            invocation: invocation.into_iter().map(|token| token.text).collect(),
        }
    }

    /// What `text` means to this household.
    #[must_use]
    pub fn parse(&self, text: &str, lists: &Lists) -> Parse {
        let nothing = |confidence| Parse {
            text: text.to_owned(),
            intent: None,
            confidence,
            slots: Slots::new(),
            alternatives: vec![],
            layer: Layer::None,
        };
        let Some(mut tokens) = normalise::tokens(text) else { return nothing(1.0) };
        normalise::drop_noise(&mut tokens);
        let start = self.after_invocation(&tokens);
        let whole = (start, tokens.len());
        if whole.0 == whole.1 {
            return nothing(1.0);
        }
        let (from, to) = normalise::without_politeness(&tokens[start..]);
        let spans =
            [whole, (start + from, whole.1), (whole.0, start + to), (start + from, start + to)];
        let mut reader = Reader::new(text, lists);
        let mut found = self.fits(&tokens, &spans, lists, None);
        let mut readings = readings_of(&tokens, &found, &mut reader);
        let best = found.first().map(|(best, _)| best);
        if readings.first().is_none_or(|first| first.confidence < EXACT)
            || best.is_some_and(|best| self.may_cut_a_name(best, &tokens))
        {
            let mut ear = |from, to| reader.likeness(&tokens, from, to);
            found = self.fits(&tokens, &spans, lists, Some(&mut ear));
            readings = readings_of(&tokens, &found, &mut reader);
        }
        let best = found.first().map(|(best, _)| best);
        let mut layer = Layer::Samples;
        if readings.first().is_none_or(|first| first.confidence < EXACT)
            && best.is_none_or(|best| best.literals < WELL_FITTING || best.has_unlisted_value())
        {
            if best.is_some_and(Found::has_unlisted_value) {
                readings.clear();
            }
            let core = &tokens[start + from..start + to];
            if self.guess(core, &mut reader, &mut readings) {
                layer = Layer::Statistics;
            }
        }
        if readings.is_empty() {
            return nothing(NOTHING_FITS);
        }
        let best = readings.remove(0);
        readings.retain(|reading| reading.intent != FALLBACK);
        if best.intent == FALLBACK {
            return Parse { alternatives: readings, layer, ..nothing(best.confidence) };
        }
        Parse {
            text: text.to_owned(),
            intent: Some(best.intent),
            confidence: best.confidence,
            slots: best.slots,
            alternatives: readings,
            layer,
        }
    }

    /// What `text` means to this household when it is said on `today`: days have their dates.
    #[must_use]
    pub fn parse_on(&self, text: &str, lists: &Lists, today: Date) -> Parse {
        self.dated(self.parse(text, lists), today)
    }

    /// The same with the dates of the days it speaks of.
    #[must_use]
    pub fn dated(&self, mut parse: Parse, today: Date) -> Parse {
        if let Some(intent) = &parse.intent {
            self.date_slots(intent, &mut parse.slots, today);
        }
        for Reading { intent, slots, .. } in &mut parse.alternatives {
            self.date_slots(intent, slots, today);
        }
        parse
    }

    fn date_slots(&self, intent: &str, slots: &mut Slots, today: Date) {
        for (name, slot) in slots {
            if self.grammar.form(intent, name) == Some(Typed::Date) {
                // An Echo has worked it out already.
                slot.id = date::value(&slot.value, today).or(slot.id.take());
            }
        }
    }

    /// What fits, the best first, and whether politeness was set aside for it. `spans` begin with the whole.
    fn fits<'g>(
        &'g self,
        tokens: &'g [Token],
        spans: &[(usize, usize)],
        lists: &'g Lists,
        mut ear: Option<&mut Ear<'_>>,
    ) -> Vec<(Found<'g>, bool)> {
        let mut found: Vec<(Found<'_>, bool)> = Vec::new();
        for (at, span) in spans.iter().enumerate() {
            if spans[..at].contains(span) {
                continue;
            }
            let aside = *span != spans[0];
            let ear = ear.as_deref_mut();
            let fits = self.grammar.read_by_ear(tokens, *span, lists, ear);
            found.extend(fits.into_iter().map(|found| (found, aside)));
        }
        // A stable sort: between equals, the reading that sets nothing aside stands.
        found.sort_by_key(|(found, aside)| (std::cmp::Reverse(found.points), *aside));
        found
    }

    /// Whether a message may begin with the rest of a name: "send a message to Charlotte aimes saying good luck".
    fn may_cut_a_name(&self, found: &Found<'_>, tokens: &[Token]) -> bool {
        found.fills.windows(2).any(|pair| {
            let [name, rest] = pair else { return false };
            let known = match name.how {
                How::Unknown => false,
                How::Listed { household: true, .. } => {
                    self.grammar.has_word(&tokens[rest.from].text)
                }
                How::Listed { .. } | How::Formed(_) | How::Free => true,
            };
            !known
                && lists::is_name(name.slot_type)
                && matches!(rest.how, How::Free)
                && name.to == rest.from
        })
    }

    /// What the statistical layer makes of words that no sample fits well: it drops the readings it does not believe in,
    /// and adds its own if it believes in none of them. True if it added any.
    fn guess(
        &self,
        tokens: &[Token],
        reader: &mut Reader<'_>,
        readings: &mut Vec<Reading>,
    ) -> bool {
        let lists = reader.lists;
        let guess = self.statistics.guess(tokens, &self.grammar, lists);
        let sure_of = |name: &str| {
            let of_name = |(intent, _): &&(usize, f32)| self.grammar.intent(*intent) == name;
            guess.ranked.iter().find(of_name).map_or(0.0, |(_, sure)| *sure)
        };
        // A name that sounds like somebody's speaks for a sample that fits, whatever else the words are like.
        readings.retain(|reading| {
            reading.intent == FALLBACK
                || reading.confidence > readings::UNKNOWN
                || sure_of(&reading.intent) >= BELIEVED
        });
        let Some((intent, sure)) = guess.ranked.first().copied() else { return false };
        if sure < GUESSED || readings.iter().any(|reading| reading.intent != FALLBACK) {
            return false;
        }
        let found = self.fill(&guess, intent, tokens, lists);
        readings.clear();
        for mut reading in reader.read(tokens, &found, false) {
            reading.confidence *= sure;
            readings.push(reading);
        }
        readings.truncate(MAX_ALTERNATIVES + 1);
        true
    }

    /// The slots of `intent`: as the tagger sees them, or from a sample that ends the utterance if that knows as many
    /// values; in both, values that stand elsewhere are added.
    fn fill<'g>(
        &'g self,
        guess: &Guess,
        intent: usize,
        tokens: &'g [Token],
        lists: &'g Lists,
    ) -> Found<'g> {
        let mut tagged = Found::guessed(self.grammar.intent(intent));
        if !self.grammar.has_slots(intent) {
            return tagged;
        }
        for filled in self.statistics.slots(guess, intent) {
            let at = (filled.from, filled.to);
            let fill = self.grammar.fill((intent, filled.slot), tokens, at, lists);
            tagged.fills.extend(fill.filter(|fill| !tagged.overlaps(fill)));
        }
        self.grammar.add_missed(intent, tokens, lists, &mut tagged);
        if tagged.fills.is_empty() {
            tagged.fills.extend(self.grammar.name_at_end(intent, tokens, lists));
        }
        let Some(mut end) = self.grammar.read_end(intent, tokens, lists) else { return tagged };
        self.grammar.add_missed(intent, tokens, lists, &mut end);
        if end.known() >= tagged.known() { end } else { tagged }
    }

    /// "Ask hearth line to call mum": where the request begins.
    fn after_invocation(&self, tokens: &[Token]) -> usize {
        const VERBS: &[&str] = &["ask", "tell", "open", "start", "launch", "use"];
        const LINKS: &[&str] = &["to", "and", "for", "that"];
        if self.invocation.is_empty() {
            return 0;
        }
        let verb = usize::from(tokens.first().is_some_and(|t| VERBS.contains(&t.text.as_str())));
        if !normalise::starts_with(&tokens[verb..], &self.invocation) {
            return 0;
        }
        let mut at = verb + self.invocation.len();
        at += usize::from(tokens.get(at).is_some_and(|t| LINKS.contains(&t.text.as_str())));
        if at < tokens.len() { at } else { 0 }
    }
}

/// The readings of what fits, the surest first where names are only heard.
fn readings_of(
    tokens: &[Token],
    found: &[(Found<'_>, bool)],
    reader: &mut Reader<'_>,
) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for (found, aside) in found {
        for reading in reader.read(tokens, found, *aside) {
            let known =
                |other: &Reading| other.intent == reading.intent && other.slots == reading.slots;
            if readings.len() <= MAX_ALTERNATIVES && !readings.iter().any(known) {
                readings.push(reading);
            }
        }
        if readings.len() > MAX_ALTERNATIVES {
            break;
        }
    }
    // Among names that nobody lists, whoever sounds like somebody is meant rather than a room that is not there.
    if readings.first().is_some_and(|first| first.confidence < EXACT) {
        readings.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::Household;

    fn home() -> Household {
        Household::read(
            r#"{"household":{"id":"h","name":"Home"},
            "people":[{"id":"maya","name":"Maya"}],
            "contacts":[
            {"id":"ines","name":"Grandma Ines","relation":"grandmother"},
            {"id":"rafael","name":"Rafael","nicknames":["Dad"],"relation":"father"},
            {"id":"anna","name":"Anna","relation":"sister"},
            {"id":"priya","name":"Priya","relation":"neighbour"},
            {"id":"siobhan","name":"Siobhan","sounds_like":["shivawn"]},
            {"id":"niamh","name":"Niamh","sounds_like":["neev"]},
            {"id":"neve","name":"Neve"}],
            "rooms":[{"id":"kitchen","name":"Kitchen"},{"id":"living","name":"Living room"}],
            "devices":[{"id":"k1","name":"Kitchen speaker","room":"kitchen"}],
            "groups":[{"id":"family","name":"Family","members":["ines","anna"]}]}"#,
        )
        .expect("a household")
    }

    /// `Intent slot=value(id) …`, or `-` when nothing fits.
    fn show(parse: &Parse) -> String {
        let mut shown = parse.intent.clone().unwrap_or_else(|| "-".to_owned());
        shown = shown.trim_end_matches("Intent").trim_start_matches("AMAZON.").to_owned();
        for (name, slot) in &parse.slots {
            shown.push_str(&format!(" {name}={}", slot.value));
            if let Some(id) = &slot.id {
                shown.push_str(&format!("({id})"));
            }
        }
        shown
    }

    #[test]
    fn what_is_said_is_understood() {
        let lists = Lists::of(&home());
        let check = |text: &str, expected: &str| {
            assert_eq!(show(&Understanding::shipped().parse(text, &lists)), expected, "{text:?}");
        };
        check("call grandma", "Call contact=grandma(ines)");
        check("Hey Alexa, could you call Grandma please?", "Call contact=Grandma(ines)");
        check("ask hearth line to call my sister", "Call contact=my sister(anna)");
        check("call Niamh on her mobile", "Call contact=Niamh(niamh) line=mobile(mobile)");
        check("call siwan", "Call contact=siwan");
        // Damage makes any words of a name; the sample says where it ends.
        check(
            "send a message to she of on saying good luck",
            "SendMessage contact=she of on message=good luck",
        );
        check("call a nah", "Call contact=a nah(anna)");
        // Written like one, heard like the other.
        check("call Neve", "Call contact=Neve");
        check(
            "tell my sister in law dinner is ready",
            "SendMessage contact=my sister in law message=dinner is ready",
        );
        check("call neeve", "Call contact=neeve");
        check("call the kitchen", "Call room=kitchen(kitchen)");
        check("call my family", "Call group=family(family)");
        check("call 555 0100", "Call number=555 0100(5550100)");
        check("call Saoirse and Caoimhe", "Call contact=Saoirse other=Caoimhe");
        check("drop in on the living room", "DropIn room=living room(living)");
        check("drop in on Aoife", "DropIn contact=Aoife");
        check("announce that supper is ready", "Announce message=supper is ready");
        check(
            "announce in the kitchen that it is time to get up",
            "Announce message=it is time to get up room=kitchen(kitchen)",
        );
        check("tell everyone that the guests are here", "Announce message=the guests are here");
        check(
            "send a message to Anna saying I'll be there at six",
            "SendMessage contact=Anna(anna) message=I'll be there at six",
        );
        check(
            "message Priya I left the keys",
            "SendMessage contact=Priya(priya) message=I left the keys",
        );
        check(
            "tell Dad that the train is on time",
            "SendMessage contact=Dad(rafael) message=the train is on time",
        );
        check(
            "ask Anna if she wants pizza",
            "SendMessage contact=Anna(anna) message=if she wants pizza",
        );
        check("play grandma's voicemail", "PlayVoicemail contact=grandma(ines)");
        check(
            "reply yes I will bring the cake",
            "ReplyToMessage message=yes I will bring the cake",
        );
        check("delete the last message", "DeleteMessage");
        check("delete the second message", "DeleteMessage ordinal=second(2)");
        check("turn the volume down a little", "VolumeDown");
        check(
            "turn off do not disturb at seven in the morning",
            "DoNotDisturbOff time=seven in the morning(07:00)",
        );
        check("do not disturb me for two hours", "DoNotDisturbOn duration=two hours(PT2H)");
        check(
            "quiet hours from ten pm to seven am",
            "QuietHoursOn from=ten pm(22:00) to=seven am(07:00)",
        );
        check("who called me today", "WhoCalled date=today");
        check("add Oliver to my contacts", "AddContact name=Oliver");
        check("let's chat", "Chat");
        check("can we talk about movies", "Chat topic=movies");
        check("stop", "Stop");
        check("yes", "Yes");
        check("what's the weather like", "-");
        check("call me a taxi", "-");
        check("call it a day", "-");
        check("play some jazz", "-");
        check("turn on the lights", "-");
        check("how tall is the eiffel tower", "-");
        check("", "-");
        check("[BLANK_AUDIO]", "-");
        check("🙂🙂🙂", "-");
        check("позвони бабушке", "-");
        check("\u{0}\u{7}", "-");
        check(&"call ".repeat(10_000), "-");
    }

    proptest::proptest! {
        /// Whatever is typed or misheard: an answer, the same one each time, whose slots stand in the text.
        #[test]
        fn any_text_has_one_answer(text in "(call|tell|message|announce|play|\\PC{0,6}|grandma's|the kitchen|7|twenty one|t\\. v\\.|[\\u{0}-\\u{ff}]{0,4}| ){0,12}") {
            let lists = Lists::of(&home());
            let parse = Understanding::shipped().parse(&text, &lists);
            assert_eq!(parse, Understanding::shipped().parse(&text, &lists));
            assert!((0.0..=1.0).contains(&parse.confidence));
            for slot in parse.slots.values() {
                assert!(text.contains(&slot.value) && !slot.value.is_empty());
            }
        }
    }
}
