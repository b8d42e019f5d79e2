//! What was said to this person, so that nothing is said twice while something else is left.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many sentences are remembered as said. Four characters each keep the whole state under
/// its 32 KB; a conversation of 100 turns uses about 200.
const MOST: usize = 3_600;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Keys of said lines, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ledger(Vec<u32>);

impl Ledger {
    /// When this was last said: a rank, greater is later; `None` if it never was.
    pub(crate) fn said(&self, key: u32) -> Option<usize> {
        self.0.iter().rposition(|k| *k == key)
    }

    pub(crate) fn note(&mut self, key: u32) {
        self.0.retain(|k| *k != key);
        self.0.push(key);
        if self.0.len() > MOST {
            self.0.drain(..self.0.len() - MOST);
        }
    }
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len() * 4);
        for key in &self.0 {
            for shift in [18, 12, 6, 0] {
                text.push(char::from(DIGITS[(key >> shift) as usize & 63]));
            }
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    /// Skips what it cannot read: an unreadable key only means that a sentence may come again.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |b: &u8| DIGITS.iter().position(|d| d == b).and_then(|d| u32::try_from(d).ok());
        let keys = text.as_bytes().chunks_exact(4).filter_map(|four| {
            four.iter().try_fold(0_u32, |key, byte| Some(key << 6 | digit(byte)?))
        });
        Ok(Self(keys.take(MOST).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_survives_being_stored() {
        let mut ledger = Ledger::default();
        for key in [0, 1, 63, 64, 0x00ff_ffff, 1] {
            ledger.note(key);
        }
        let text = serde_json::to_string(&ledger).unwrap();
        assert_eq!(text, r#""AAAAAAA_AABA____AAAB""#);
        assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
        assert!(ledger.said(1) > ledger.said(63));
        assert_eq!(ledger.said(7), None);
        assert!(serde_json::from_str::<Ledger>(r#""AA?AAAAB!""#).is_ok());
    }
}
