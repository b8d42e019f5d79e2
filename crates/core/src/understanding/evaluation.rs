//! How well utterances are understood whose meaning somebody wrote down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Lists, Parse, Understanding, normalise};

/// The longest corpus we read, in lines.
pub const MAX_ROWS: usize = 100_000;
/// The kind of rows whose contact's name was damaged.
const NAMES: &str = "name";
/// How many names are offered when we ask.
const OFFERED: usize = 3;

/// An utterance and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub text: String,
    /// `None` when it is out of scope.
    pub intent: Option<String>,
    /// The id, or failing that the words, of each slot that is to be filled.
    pub slots: BTreeMap<String, String>,
    /// What the row tests: `plain`, `filler`, `name`, `scope`, or any other word.
    pub kind: String,
}

/// Reads a corpus: a line for each utterance with text, intent (`-` for none), slots as a JSON object and kind,
/// separated by tabs; the first line names the columns.
///
/// # Errors
/// Every line that cannot be read, with its number.
pub fn rows(text: &str) -> Result<Vec<Row>, Vec<String>> {
    let (mut rows, mut mistakes) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        match row(line) {
            Ok(row) => rows.push(row),
            Err(says) => mistakes.push(format!("line {}: {says}", at + 1)),
        }
    }
    if rows.len() > MAX_ROWS {
        mistakes.push(format!("{} lines; {MAX_ROWS} are the most", rows.len()));
    }
    if mistakes.is_empty() { Ok(rows) } else { Err(mistakes) }
}

fn row(line: &str) -> Result<Row, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [text, intent, slots, kind] = columns[..] else {
        return Err(format!("has {} columns; text, intent, slots and kind are 4", columns.len()));
    };
    let slots = match slots.trim() {
        "" | "-" => BTreeMap::new(),
        json => serde_json::from_str(json)
            .map_err(|error| format!("its slots are no JSON object of texts: {error}"))?,
    };
    Ok(Row {
        text: text.to_owned(),
        intent: (intent != "-").then(|| intent.to_owned()),
        slots,
        kind: kind.trim().to_owned(),
    })
}

/// Shares of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: usize,
    /// The right intent, or rightly none.
    pub intent: usize,
    /// The right intent with exactly the right slots.
    pub frame: usize,
}

/// Slots that should be filled, were filled, and were filled as they should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlotTally {
    pub expected: usize,
    pub found: usize,
    pub right: usize,
}

/// Contacts behind damaged names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NameTally {
    pub rows: usize,
    /// The right one came first, taken or asked about.
    pub first: usize,
    /// The right one was among those offered.
    pub offered: usize,
    /// Somebody else was taken without asking.
    pub wrong: usize,
}

/// What came of a corpus.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub kinds: BTreeMap<String, Tally>,
    pub intents: BTreeMap<String, Tally>,
    pub slots: SlotTally,
    pub names: NameTally,
    /// How often an intent was taken for another; `-` is none.
    pub confusions: BTreeMap<(String, String), usize>,
    /// What was not understood rightly: the text, what it means and what was made of it.
    pub misses: Vec<(String, String, String)>,
}

/// Understands every row.
#[must_use]
pub fn evaluate(understanding: &Understanding, lists: &Lists, rows: &[Row]) -> Report {
    let mut report = Report::default();
    for row in rows {
        report.add(row, &understanding.parse(&row.text, lists));
    }
    report
}

impl Report {
    fn add(&mut self, row: &Row, parse: &Parse) {
        let intent_right = row.intent == parse.intent;
        let right: BTreeSet<&String> =
            row.slots.keys().filter(|name| slot_right(row, parse, name)).collect();
        let frame =
            intent_right && right.len() == row.slots.len() && right.len() == parse.slots.len();
        let name = |intent: &Option<String>| intent.clone().unwrap_or_else(|| "-".to_owned());
        for tally in [
            self.kinds.entry(row.kind.clone()).or_default(),
            self.intents.entry(name(&row.intent)).or_default(),
        ] {
            tally.rows += 1;
            tally.intent += usize::from(intent_right);
            tally.frame += usize::from(frame);
        }
        if row.intent.is_some() {
            self.slots.expected += row.slots.len();
            self.slots.found += parse.slots.len();
            self.slots.right += if intent_right { right.len() } else { 0 };
        }
        if row.kind == NAMES {
            self.names.add(row, parse);
        }
        if !intent_right {
            *self.confusions.entry((name(&row.intent), name(&parse.intent))).or_default() += 1;
        }
        if !frame {
            let expected = format!("{} {:?}", name(&row.intent), row.slots);
            self.misses.push((row.text.clone(), expected, shown(parse)));
        }
    }

    /// Rows that are in scope.
    #[must_use]
    pub fn in_scope(&self) -> Tally {
        self.sum(|intent| intent != "-")
    }

    /// Rows that are none of our business.
    #[must_use]
    pub fn out_of_scope(&self) -> Tally {
        self.sum(|intent| intent == "-")
    }

    fn sum(&self, wanted: impl Fn(&str) -> bool) -> Tally {
        let all = self.intents.iter().filter(|(intent, _)| wanted(intent));
        all.fold(Tally::default(), |sum, (_, tally)| Tally {
            rows: sum.rows + tally.rows,
            intent: sum.intent + tally.intent,
            frame: sum.frame + tally.frame,
        })
    }
}

impl SlotTally {
    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.expected + self.found)
    }
}

impl Tally {
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        share(self.intent, self.rows)
    }
}

impl NameTally {
    fn add(&mut self, row: &Row, parse: &Parse) {
        let Some((slot, id)) = row
            .slots
            .iter()
            .find(|(slot, _)| ["contact", "other", "name"].contains(&slot.as_str()))
        else {
            return;
        };
        self.rows += 1;
        let taken = parse.slots.get(slot).and_then(|slot| slot.id.clone());
        let others = parse.alternatives.iter().filter_map(|it| it.slots.get(slot)?.id.clone());
        let mut offered: Vec<String> = Vec::new();
        for id in taken.clone().into_iter().chain(others) {
            if !offered.contains(&id) {
                offered.push(id);
            }
        }
        self.first += usize::from(offered.first() == Some(id));
        self.offered += usize::from(offered.iter().take(OFFERED).any(|offered| offered == id));
        self.wrong += usize::from(taken.is_some_and(|taken| taken != *id));
    }
}

fn slot_right(row: &Row, parse: &Parse, name: &str) -> bool {
    let (Some(expected), Some(slot)) = (row.slots.get(name), parse.slots.get(name)) else {
        return false;
    };
    slot.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(expected))
        || normalise::key(&slot.value) == normalise::key(expected)
}

fn shown(parse: &Parse) -> String {
    let mut shown = parse.intent.clone().unwrap_or_else(|| "-".to_owned());
    shown.push_str(&format!(" ({:.2})", parse.confidence));
    for (name, slot) in &parse.slots {
        shown.push_str(&format!(" {name}={}", slot.value));
        if let Some(id) = &slot.id {
            shown.push_str(&format!("[{id}]"));
        }
    }
    shown
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inside, outside) = (self.in_scope(), self.out_of_scope());
        writeln!(f, "{:<28} {:>6} {:>8} {:>8}", "kind", "rows", "intent", "frame")?;
        for (kind, tally) in &self.kinds {
            line(f, kind, *tally)?;
        }
        line(f, "in scope", inside)?;
        line(f, "out of scope", outside)?;
        writeln!(
            f,
            "slots: {} of {} right, {} filled, F1 {:.3}",
            self.slots.right,
            self.slots.expected,
            self.slots.found,
            self.slots.f1()
        )?;
        if self.names.rows > 0 {
            let NameTally { rows, first, offered, wrong } = self.names;
            writeln!(
                f,
                "damaged names: {rows}, right first {:.3}, among three {:.3}, wrong without asking {wrong}",
                share(first, rows),
                share(offered, rows)
            )?;
        }
        Ok(())
    }
}

/// The table of intents, and what was taken for what.
#[derive(Debug)]
pub struct Details<'r>(pub &'r Report);

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28} {:>6} {:>8} {:>8}", "intent", "rows", "intent", "frame")?;
        for (intent, tally) in &self.0.intents {
            line(f, intent, *tally)?;
        }
        writeln!(f, "taken for another")?;
        for ((meant, taken), times) in &self.0.confusions {
            writeln!(f, "{times:>6}  {meant} -> {taken}")?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, tally: Tally) -> fmt::Result {
    let Tally { rows, intent, frame } = tally;
    writeln!(f, "{name:<28} {rows:>6} {:>8.3} {:>8.3}", share(intent, rows), share(frame, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_read_whole_or_every_mistake_is_named() {
        let text = "text\tintent\tslots\tkind\ncall mum\tCallIntent\t{\"contact\":\"elena\"}\tplain\nnice day\t-\t{}\tscope\n";
        let rows = rows(text).expect("a corpus");
        assert_eq!(rows[0].slots["contact"], "elena");
        assert_eq!(rows[1].intent, None);
        let mistakes = super::rows("text\na\tb\nc\tD\t[]\tplain\n").expect_err("two mistakes");
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
        assert!(mistakes[0].starts_with("line 2: has 2 columns"), "{mistakes:?}");
    }
}
