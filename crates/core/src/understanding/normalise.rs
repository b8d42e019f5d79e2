//! Words as they are compared: lower case, without punctuation, contractions opened, numbers as digits.
//!
//! Samples and utterances go through the same door, so what is written one way and said another
//! still meets. Every token remembers where it stood, so that a slot's value is given as it was said.

/// The most words we try to understand: a long dictated message. What is longer is out of scope.
pub const MAX_WORDS: usize = 400;

/// One word and its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// Where the word stood, in bytes.
    pub start: usize,
    pub end: usize,
    /// The word without a possessive 's, and where that ends.
    pub stem: Option<(String, usize)>,
}

/// Sounds that are no words.
const FILLERS: &[&str] = &["um", "umm", "uh", "uhm", "er", "erm", "hmm", "hm", "mm"];

/// What people say before they say what they want. Longest first.
const OPENINGS: &[&[&str]] = &[
    &["do", "you", "think", "you", "could"],
    &["i", "would", "like", "you", "to"],
    &["i", "was", "wondering", "if", "you", "could"],
    &["would", "you", "be", "able", "to"],
    &["i", "want", "you", "to"],
    &["i", "need", "you", "to"],
    &["would", "you", "mind"],
    &["i", "would", "like", "to"],
    &["are", "you", "able", "to"],
    &["go", "ahead", "and"],
    &["i", "want", "to"],
    &["i", "need", "to"],
    &["i", "have", "to"],
    &["can", "you"],
    &["could", "you"],
    &["would", "you"],
    &["will", "you"],
    &["can", "i"],
    &["could", "i"],
    &["may", "i"],
    &["can", "we"],
    &["could", "we"],
    &["excuse", "me"],
    &["all", "right"],
    &["hey", "there"],
    &["please"],
    &["kindly"],
    &["hey"],
    &["hi"],
    &["hello"],
    &["ok"],
    &["okay"],
    &["right"],
    &["well"],
    &["so"],
    &["now"],
    &["then"],
    &["and"],
    &["just"],
    &["actually"],
    &["quickly"],
    &["oh"],
    &["alright"],
];

/// What people add when they have said it.
const CLOSINGS: &[&[&str]] = &[
    &["thank", "you", "very", "much"],
    &["if", "you", "would", "not", "mind"],
    &["if", "you", "do", "not", "mind"],
    &["thank", "you"],
    &["if", "you", "can"],
    &["would", "you"],
    &["will", "you"],
    &["could", "you"],
    &["can", "you"],
    &["right", "now"],
    &["right", "away"],
    &["for", "me"],
    &["please"],
    &["thanks"],
    &["now"],
    &["then"],
    &["quickly"],
    &["ok"],
    &["okay"],
];

/// Names a speaker may still carry in front of what was asked.
const WAKE_WORDS: &[&[&str]] =
    &[&["hey", "alexa"], &["ok", "alexa"], &["alexa"], &["echo"], &["computer"]];

const CONTRACTIONS: &[(&str, &[&str])] = &[
    ("aint", &["is", "not"]),
    ("arent", &["are", "not"]),
    ("cannot", &["can", "not"]),
    ("cant", &["can", "not"]),
    ("couldnt", &["could", "not"]),
    ("didnt", &["did", "not"]),
    ("doesnt", &["does", "not"]),
    ("dont", &["do", "not"]),
    ("gonna", &["going", "to"]),
    ("hasnt", &["has", "not"]),
    ("havent", &["have", "not"]),
    ("heres", &["here", "is"]),
    ("hes", &["he", "is"]),
    ("hows", &["how", "is"]),
    ("id", &["i", "would"]),
    ("ill", &["i", "will"]),
    ("im", &["i", "am"]),
    ("isnt", &["is", "not"]),
    ("its", &["it", "is"]),
    ("ive", &["i", "have"]),
    ("lets", &["let", "us"]),
    ("shes", &["she", "is"]),
    ("shouldnt", &["should", "not"]),
    ("thats", &["that", "is"]),
    ("theres", &["there", "is"]),
    ("theyre", &["they", "are"]),
    ("wanna", &["want", "to"]),
    ("wasnt", &["was", "not"]),
    ("weve", &["we", "have"]),
    ("whats", &["what", "is"]),
    ("whens", &["when", "is"]),
    ("wheres", &["where", "is"]),
    ("whos", &["who", "is"]),
    ("wont", &["will", "not"]),
    ("wouldnt", &["would", "not"]),
    ("youre", &["you", "are"]),
    ("youve", &["you", "have"]),
];

/// Without an apostrophe these are words of their own.
const ONLY_WITH_APOSTROPHE: &[&str] = &["id", "ill", "its", "wont", "cant"];

const NUMBER_WORDS: &[(&str, u32)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// The words of a text, as they are compared. `None` if there are more than [`MAX_WORDS`].
#[must_use]
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::with_capacity(16);
    for (start, end) in words(text) {
        if tokens.len() > MAX_WORDS {
            return None;
        }
        push(&mut tokens, text, start, end);
    }
    (tokens.len() <= MAX_WORDS).then_some(tokens)
}

/// The words of a text joined by single spaces: the key of a name or a value in a list.
#[must_use]
pub fn key(text: &str) -> String {
    let tokens = tokens(text).unwrap_or_default();
    tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Without fillers and wake words: what is left to be understood.
pub fn drop_noise(tokens: &mut Vec<Token>) {
    if tokens.iter().any(|token| !is_filler(token)) {
        tokens.retain(|token| !is_filler(token));
    }
    while let Some(wake) = WAKE_WORDS.iter().find(|wake| starts_with(tokens, wake)) {
        if wake.len() == tokens.len() {
            break;
        }
        tokens.drain(..wake.len());
    }
}

/// The range of `tokens` without politeness around it; at least one word is left.
#[must_use]
pub fn without_politeness(tokens: &[Token]) -> (usize, usize) {
    let (mut from, mut to) = (0, tokens.len());
    while let Some(opening) =
        OPENINGS.iter().find(|opening| starts_with(&tokens[from..to], opening))
        && opening.len() < to - from
    {
        from += opening.len();
    }
    while let Some(closing) = CLOSINGS.iter().find(|closing| ends_with(&tokens[from..to], closing))
        && closing.len() < to - from
    {
        to -= closing.len();
    }
    (from, to)
}

/// Whether the token at `at` is a part of a contraction.
#[must_use]
pub fn is_part(tokens: &[Token], at: usize) -> bool {
    let start = tokens[at].start;
    tokens.get(at + 1).is_some_and(|next| next.start == start)
        || at.checked_sub(1).is_some_and(|before| tokens[before].start == start)
}

/// Whether `tokens` begin with these words.
#[must_use]
pub fn starts_with<W: AsRef<str>>(tokens: &[Token], words: &[W]) -> bool {
    tokens.len() >= words.len()
        && tokens.iter().zip(words).all(|(token, word)| token.text == word.as_ref())
}

fn ends_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && starts_with(&tokens[tokens.len() - words.len()..], words)
}

fn is_filler(token: &Token) -> bool {
    FILLERS.contains(&token.text.as_str())
}

/// Spans of words: letters, digits and apostrophes between them. What stands in brackets, as
/// `[BLANK_AUDIO]` or `(wind blowing)`, is a remark of the recogniser and no speech.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let mut start = None;
        while let Some(&(at, letter)) = rest.peek() {
            if start.is_none()
                && let Some(closing) = bracket(letter)
                && let Some(length) = text[at..].find(closing)
            {
                while rest.next_if(|(place, _)| *place <= at + length).is_some() {}
                continue;
            }
            let part = letter.is_alphanumeric()
                || is_mark(letter)
                || (is_apostrophe(letter) && start.is_some());
            match (start, part) {
                (None, true) => start = Some(at),
                (Some(start), false) => return Some((start, at)),
                _ => {}
            }
            rest.next();
        }
        start.map(|start| (start, text.len()))
    })
}

const fn bracket(letter: char) -> Option<char> {
    match letter {
        '[' => Some(']'),
        '(' => Some(')'),
        _ => None,
    }
}

const fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2019}' | '\u{02bc}')
}

/// Combining marks belong to the letter before them.
const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{0300}'..='\u{036f}')
}

fn push(tokens: &mut Vec<Token>, text: &str, start: usize, end: usize) {
    let raw = text[start..end].trim_end_matches(is_apostrophe);
    let end = start + raw.len();
    if raw.is_empty() {
        return;
    }
    let had_apostrophe = raw.contains(is_apostrophe);
    let mut word = String::with_capacity(raw.len());
    word.extend(raw.chars().filter(|c| !is_apostrophe(*c)).flat_map(char::to_lowercase).map(plain));
    if let Some(parts) = opened(&word, had_apostrophe) {
        tokens.extend(parts.iter().map(|part| Token {
            text: (*part).to_owned(),
            start,
            end,
            stem: None,
        }));
        return;
    }
    if join_abbreviation(tokens, text, &word, start, end) {
        return;
    }
    if let Some(value) = number(&word) {
        // "twenty one" is 21, as the recogniser may write it.
        if let Some(last) = tokens.last_mut()
            && (1..=9).contains(&value)
            && matches!(last.text.as_str(), "20" | "30" | "40" | "50" | "60" | "70" | "80" | "90")
            && text[last.end..start].chars().all(|gap| gap == ' ' || gap == '-')
            && word.parse::<u32>().is_err()
        {
            let tens: u32 = last.text.parse().unwrap_or_default();
            last.text = (tens + value).to_string();
            last.end = end;
            return;
        }
        word = value.to_string();
    }
    let stem = raw
        .strip_suffix(['s', 'S'])
        .and_then(|rest| rest.strip_suffix(is_apostrophe))
        .map(|rest| (word[..word.len() - 1].to_owned(), start + rest.len()));
    tokens.push(Token { text: word, start, end, stem });
}

/// "t. v." and "T.V." are one word.
fn join_abbreviation(
    tokens: &mut [Token],
    text: &str,
    word: &str,
    start: usize,
    end: usize,
) -> bool {
    let single = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let Some(last) = tokens.last_mut() else { return false };
    let gap = &text[last.end..start];
    let dotted = text[last.start..last.end].chars().filter(|c| c.is_alphabetic()).count()
        == text[last.start..last.end].chars().filter(|c| *c == '.').count() + 1;
    if single(word) && dotted && matches!(gap, "." | ". ") && text[end..].starts_with('.') {
        last.text.push_str(word);
        last.end = end;
        return true;
    }
    false
}

fn opened(word: &str, had_apostrophe: bool) -> Option<&'static [&'static str]> {
    if !had_apostrophe && ONLY_WITH_APOSTROPHE.contains(&word) && word != "cant" {
        return None;
    }
    let at = CONTRACTIONS.binary_search_by(|(short, _)| (*short).cmp(word)).ok()?;
    Some(CONTRACTIONS[at].1)
}

fn number(word: &str) -> Option<u32> {
    NUMBER_WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// Letters without their accents, as far as names in Latin script need it.
const fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => 'i',
        'ł' | 'ľ' | 'ĺ' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' | 'ŕ' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_one_way_and_said_another_meets() {
        let check = |text: &str, expected: &str| assert_eq!(key(text), expected, "{text:?}");
        check("Call Grandma!", "call grandma");
        check("  call,   GRANDMA...", "call grandma");
        check("Let's chat", "let us chat");
        check("lets chat", "let us chat");
        check("Who\u{2019}s calling?", "who is calling");
        check("don't / dont / do not", "do not do not do not");
        check("I'd like its shell", "i would like its shell");
        check("twenty one", "21");
        check("twenty-one", "21");
        check("at 7:30 p.m.", "at 7 30 pm");
        check("what's on t. v.", "what is on tv");
        check("[BLANK_AUDIO]", "");
        check("(wind blowing) call Zoë", "call zoe");
        check("Mom's Echo", "moms echo");
        check("🙂 \u{0}\u{1b}[31m", "31m");
        check("позвони маме", "позвони маме");
        check("", "");
    }

    #[test]
    fn a_token_knows_where_it_stood() {
        let text = "Play Mum\u{2019}s voicemail";
        let tokens = tokens(text).expect("few words");
        assert_eq!(&text[tokens[1].start..tokens[1].end], "Mum\u{2019}s");
        assert_eq!(tokens[1].stem, Some(("mum".to_owned(), 8)));
    }

    #[test]
    fn too_much_is_refused() {
        assert_eq!(tokens(&"word ".repeat(10_000)), None);
        assert!(tokens(&"word ".repeat(MAX_WORDS)).is_some());
    }

    #[test]
    fn politeness_is_set_aside() {
        let check = |text: &str, expected: &str| {
            let mut tokens = tokens(text).expect("few words");
            drop_noise(&mut tokens);
            let (from, to) = without_politeness(&tokens);
            let left: Vec<_> = tokens[from..to].iter().map(|token| token.text.as_str()).collect();
            assert_eq!(left.join(" "), expected, "{text:?}");
        };
        check("Hey Alexa, could you please call mum for me, thanks", "call mum");
        check("um call uh mum", "call mum");
        check("please", "please");
        check("alexa", "alexa");
        check("um", "um");
    }
}
