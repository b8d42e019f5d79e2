//! How often the right person is found behind a damaged name.
//!
//! `names.tsv` holds what a recogniser may write for a name, and whom it means; `-` means nobody in the address
//! book. Rules, costs and thresholds were chosen with the rows marked `tuned` and `development`; those marked
//! `kept` were looked at in sum only, but their sums led to three choices (`SURE`, the code score, the candidate filter), so
//! they are not wholly unseen. The rows `development` are the names of `development.tsv`.

use super::*;

const HOUSEHOLD: &str = include_str!("../../../../../tests/understanding/household.json");
const MORE_NAMES: &str = include_str!("../../../../../tests/understanding/names.json");
const TABLE: &str = include_str!("../../../../../tests/understanding/names.tsv");

/// Everybody of both files in one address book.
fn everybody() -> Household {
    let mut home = Household::read(HOUSEHOLD).expect("a household");
    home.contacts.extend(Household::read(MORE_NAMES).expect("a household").contacts);
    home
}

/// Everybody among 2,000: other people's names made of common first and last names.
fn crowd() -> Household {
    const FIRST: &str = "Adam Aisha Albert Alice Amir Andreas Bianca Bruno Carlos Clara Connor Daisy Derek Diana Edith \
        Emil Esther Farah Felicity Florian Georgia Gustav Harriet Hugo Imran Irene Ivan Jasmine Jerome Judith Karim \
        Lucas Lydia Magda Malik Miriam Nadia Noah Olga Pablo Petra Quentin Rachel Roman Ruth Selma Tariq Ursula Vera Yasmin";
    const LAST: &str = "Abbott Bauer Becker Carver Chandra Dubois Eklund Farrell Fontaine Gruber Hassan Ibarra Jansen \
        Khan Larsson Lombardi Mancini Medina Nakamura Novotny Odell Pereira Quigley Rossi Sato Tanner Ueda Vargas \
        Walsh Weber Yates Zeller Bishop Cortez Dalton Fischer Garner Hobbs";
    let mut home = everybody();
    for first in FIRST.split_whitespace() {
        for last in LAST.split_whitespace() {
            let mut other = home.contacts[0].clone();
            other.id = format!("{first}-{last}").to_lowercase().parse().expect("an id");
            other.name = format!("{first} {last}");
            other.nicknames = vec![];
            other.relation = None;
            home.contacts.push(other);
        }
    }
    home
}

/// What became of a part of the table.
#[derive(Debug, Default)]
struct Tally {
    rows: u32,
    /// The right one was named first,
    first: u32,
    /// or at least offered.
    offered: u32,
    /// Somebody else would have been reached without a question.
    wrong: u32,
    asked: u32,
}

impl Tally {
    fn count(&mut self, answer: &Resolution, id: &str) {
        let (sure, offered) = match answer {
            Resolution::One(one) => (true, std::slice::from_ref(one)),
            Resolution::Ask(several) => (false, &several[..]),
            Resolution::None => (false, &[][..]),
        };
        let first = offered.first().is_some_and(|first| first.id == id);
        self.rows += 1;
        self.first += u32::from(first);
        self.offered += u32::from(offered.iter().any(|offered| offered.id == id));
        self.wrong += u32::from(sure && !first);
        self.asked += u32::from(!sure && !offered.is_empty());
    }

    fn share(&self, part: u32) -> f32 {
        part as f32 / self.rows.max(1) as f32
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, offered, asked] =
            [self.first, self.offered, self.asked].map(|part| self.share(part));
        let Self { rows, wrong, .. } = self;
        write!(out, "{rows} first {first:.3} offered {offered:.3} asked {asked:.3} wrong {wrong}")
    }
}

/// Those in the address book, then those that are not.
fn tally(home: &Household, half: &str) -> (Tally, Tally) {
    let lists = Lists::of(home);
    let (mut known, mut strangers) = (Tally::default(), Tally::default());
    for row in TABLE.lines().skip(1) {
        let [heard, id, of] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {row:?}")
        };
        let is_known = home.contacts.iter().any(|contact| contact.id.as_str() == id);
        if of == half {
            let tally = if is_known { &mut known } else { &mut strangers };
            tally.count(&lists.contact(heard), id);
        }
    }
    (known, strangers)
}

#[test]
fn damaged_names_are_found_and_nobody_is_reached_by_mistake() {
    let read = |json| Household::read(json).expect("a household");
    // In an address book of one file, the other file's names are strangers.
    for (whose, home, least_first, least_offered) in [
        ("household.json", read(HOUSEHOLD), 0.95, 0.98),
        ("names.json", read(MORE_NAMES), 0.95, 0.98),
        ("both", everybody(), 0.94, 0.98),
        ("both among 2,000", crowd(), 0.92, 0.97),
    ] {
        for half in ["tuned", "development", "kept"] {
            let (known, strangers) = tally(&home, half);
            println!("{whose}, {half}: {known}; strangers {strangers}");
            assert_eq!(known.wrong, 0, "{whose}, {half}");
            assert_eq!(strangers.wrong, 0, "{whose}, {half}");
            assert!(
                known.rows == 0 || known.share(known.first) >= least_first,
                "{whose}, {half}: {known}"
            );
            assert!(
                known.rows == 0 || known.share(known.offered) >= least_offered,
                "{whose}, {half}: {known}"
            );
        }
    }
}
