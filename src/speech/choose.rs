//! Which of the texts that were heard is meant: the one that sounds right and makes sense.

use hearthline_core::understanding::{Layer, Lists, Parse, Slot, Understanding, normalise};

use super::Transcript;

/// A text that sounds this much less likely than the likeliest, in nats, was not said, whatever it means.
const BENT_TOO_FAR: f32 = 8.0;
/// One that sounds this much less likely may be meant, but is not acted upon without asking.
const BENT: f32 = 4.0;
/// What a certain meaning is worth, in nats.
const MEANING: f32 = 3.0;
/// How much of that a text is worth that no sample fits and that is only like some.
const LIKENESS: f32 = 0.5;
/// Two wishes closer than this, in nats, are taken for a guess.
const CLEAR: f32 = 3.0;
/// How sure we are at most of a guess, and of a name that only the second hearing found: enough to ask
/// about it, too little to reach anybody or to change anything.
const UNCONFIRMED: f32 = 0.59;
/// How sure we are at most of what was spoken and, even heard again with knowledge of all that can be said, is only like a
/// sample: a telephone in the room says "please try your call again" too. Enough for this house, too little to reach others.
const ALIKE: f32 = 0.7;

/// What was heard, understood; the parse carries the text it is of.
///
/// A name that stands in the choice and not in what was heard without any knowledge may be invented:
/// then the confidence is so low that it is asked about. The same when something else may be meant
/// nearly as well.
#[must_use]
pub fn choose(heard: &Transcript, understanding: &Understanding, lists: &Lists) -> Parse {
    let plain = understanding.parse(&heard.text, lists);
    let likeliest = heard.alternatives.iter().map(|a| a.sound).fold(f32::NEG_INFINITY, f32::max);
    let mut wishes: Vec<(f32, f32, Parse)> = heard
        .alternatives
        .iter()
        .filter(|alternative| alternative.sound >= likeliest - BENT_TOO_FAR)
        .map(|alternative| {
            let parse = understanding.parse(&alternative.text, lists);
            let meaning = match parse.layer {
                _ if parse.intent.is_none() => 0.0,
                Layer::Samples => parse.confidence,
                Layer::Statistics | Layer::None => parse.confidence * LIKENESS,
            };
            let score = alternative.sound + alternative.sense + meaning * MEANING;
            (score, alternative.sound, parse)
        })
        .collect();
    // A stable sort: between equals, the one that was found first.
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut wishes = wishes.into_iter();
    let Some((score, sound, mut parse)) = wishes.next() else { return doubted(plain) };
    let close = |(next, _, other): &(f32, f32, Parse)| {
        other.intent.is_some() && other.intent != parse.intent && score - next < CLEAR
    };
    let guess = likeliest - sound > BENT || wishes.as_slice().iter().any(close);
    let confirmed = |slot: &Slot| slot.id.is_none() || confirmed(slot, &heard.text, &plain);
    if (guess && plain.intent != parse.intent) || !parse.slots.values().all(confirmed) {
        parse.confidence = parse.confidence.min(UNCONFIRMED);
    }
    doubted(parse)
}

fn doubted(mut parse: Parse) -> Parse {
    if parse.layer == Layer::Statistics && parse.intent.is_some() {
        parse.confidence = parse.confidence.min(ALIKE);
    }
    parse
}

/// Whether the first hearing holds the same words, or means the same by others.
fn confirmed(slot: &Slot, first: &str, plain: &Parse) -> bool {
    let words = |text: &str| format!(" {} ", normalise::key(text));
    words(first).contains(&words(&slot.value))
        || plain.slots.values().any(|other| other.id == slot.id)
}

#[cfg(test)]
mod tests {
    use hearthline_core::household::Household;

    use super::super::Alternative;
    use super::*;

    #[track_caller]
    fn check(first: &str, alternatives: &[(&str, f32, f32)], text: &str, asked: bool) {
        let home = Household::read(
            r#"{"household":{"id":"h","name":"Home"},"contacts":[
            {"id":"niamh","name":"Niamh","sounds_like":["neev"]},{"id":"tom","name":"Tom"}]}"#,
        )
        .expect("a household");
        let heard = Transcript {
            text: first.to_owned(),
            no_speech: false,
            alternatives: alternatives
                .iter()
                .map(|(text, sound, sense)| Alternative {
                    text: (*text).to_owned(),
                    sound: *sound,
                    sense: *sense,
                })
                .collect(),
            certainty: 1.0,
            audio_ms: 0,
            trim_ms: 0.0,
            asr_ms: 0.0,
        };
        let parse = choose(&heard, Understanding::shipped(), &Lists::of(&home));
        assert_eq!(parse.text, text);
        assert_eq!(parse.intent.is_some() && parse.confidence <= UNCONFIRMED, asked, "{parse:?}");
    }

    #[test]
    fn what_sounds_right_and_makes_sense_is_meant() {
        check("Call Tom.", &[], "Call Tom.", false);
        check("tall Tom.", &[("tall Tom", -1.0, 0.0), ("Call Tom", -3.0, 6.0)], "Call Tom", false);
        // Whatever it means, it does not sound so.
        check("Hello.", &[("Hello", -1.0, 0.0), ("Call Tom", -15.0, 20.0)], "Hello", false);
    }

    #[test]
    fn a_guess_between_two_wishes_is_no_order() {
        let close = [("Play my messages", -4.0, 9.0), ("Delete my messages", -4.0, 10.0)];
        check("A, my messages.", &close, "Delete my messages", true);
        let clear = [("Play my messages", -4.0, 9.0), ("Delete my messages", -4.0, 3.0)];
        check("A, my messages.", &clear, "Play my messages", false);
        let bent = [("Hey, my messages", -2.0, 0.0), ("Delete my messages", -8.0, 9.0)];
        check("A, my messages.", &bent, "Delete my messages", true);
    }

    #[test]
    fn what_is_only_like_a_wish_reaches_nobody_unasked() {
        let transcript = Transcript {
            text: "please try your call again later".to_owned(),
            no_speech: false,
            alternatives: vec![],
            certainty: 1.0,
            audio_ms: 0,
            trim_ms: 0.0,
            asr_ms: 0.0,
        };
        let parse = choose(&transcript, Understanding::shipped(), &Lists::none());
        assert!(parse.intent.is_none() || parse.confidence <= ALIKE, "{parse:?}");
    }

    #[test]
    fn a_name_that_only_knowledge_heard_is_asked_about() {
        check("Call knee.", &[("Call Niamh", -2.0, 6.0)], "Call Niamh", true);
        check("tall neev.", &[("Call Niamh", -2.0, 6.0)], "Call Niamh", true);
        check("Call neev.", &[("Call Niamh", -2.0, 6.0)], "Call Niamh", false);
    }
}
