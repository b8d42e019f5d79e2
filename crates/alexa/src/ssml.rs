//! Speech markup: what Alexa speaks, and what it silently refuses.

/// Deeper than anyone writes; keeps hostile text from costing memory.
const MAX_DEPTH: usize = 32;
/// The longest silence a `break` may make, in milliseconds.
const MAX_BREAK_MS: f64 = 10_000.0;

/// The tags Alexa takes, each with the attributes it takes.
const TAGS: [(&str, &[&str]); 17] = [
    ("speak", &[]),
    ("p", &[]),
    ("s", &[]),
    ("break", &["strength", "time"]),
    ("w", &["role"]),
    ("sub", &["alias"]),
    ("say-as", &["interpret-as", "format"]),
    ("phoneme", &["alphabet", "ph"]),
    ("prosody", &["rate", "pitch", "volume"]),
    ("emphasis", &["level"]),
    ("lang", &["xml:lang"]),
    ("voice", &["name"]),
    ("audio", &["src"]),
    ("amazon:effect", &["name"]),
    ("amazon:emotion", &["name", "intensity"]),
    ("amazon:domain", &["name"]),
    ("alexa:name", &["type", "personId"]),
];

/// Attribute values that Alexa takes, where it takes only some.
const VALUES: [(&str, &str, &[&str]); 4] = [
    ("amazon:effect", "name", &["whispered"]),
    ("amazon:emotion", "name", &["excited", "disappointed"]),
    ("amazon:emotion", "intensity", &["low", "medium", "high"]),
    ("amazon:domain", "name", &["music", "news", "conversational", "long-form", "fun"]),
];

/// Makes text safe inside SSML. Characters that XML cannot hold are dropped.
#[must_use]
pub fn escape_ssml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// What SSML says, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Markup {
    /// The words without the tags, entities resolved.
    pub text: String,
    pub audio_clips: usize,
    /// In the order found; empty when Alexa would speak it.
    pub mistakes: Vec<String>,
}

/// Reads SSML. Total: any text gives a [`Markup`].
#[must_use]
pub fn read(ssml: &str) -> Markup {
    let mut markup = Markup::default();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = ssml.trim();
    if !rest.starts_with("<speak") {
        markup.mistakes.push("it does not begin with <speak>".to_owned());
    }
    let mut closed = false;
    while !rest.is_empty() {
        if closed {
            markup.mistakes.push("something follows </speak>".to_owned());
            break;
        }
        if let Some(tail) = rest.strip_prefix("<!--") {
            let Some((_, after)) = tail.split_once("-->") else {
                markup.mistakes.push("a comment does not end".to_owned());
                break;
            };
            rest = after;
        } else if let Some(tail) = rest.strip_prefix('<') {
            let Some(end) = tag_end(tail) else {
                markup.mistakes.push("a tag does not end: a literal < must be &lt;".to_owned());
                break;
            };
            tag(&tail[..end], &mut open, &mut markup);
            closed = open.is_empty();
            rest = &tail[end + 1..];
            if open.len() > MAX_DEPTH {
                markup.mistakes.push(format!("tags are nested deeper than {MAX_DEPTH}"));
                break;
            }
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            words(&rest[..end], &mut markup);
            rest = &rest[end..];
        }
    }
    if let Some(tag) = open.last() {
        markup.mistakes.push(format!("<{tag}> is not closed"));
    }
    markup
}

/// The `>` that ends a tag; one inside quotes does not.
fn tag_end(tail: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tail.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '<') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn tag<'a>(inner: &'a str, open: &mut Vec<&'a str>, markup: &mut Markup) {
    if let Some(name) = inner.strip_prefix('/') {
        let name = name.trim_end();
        match open.last() {
            Some(last) if *last == name => drop(open.pop()),
            _ => markup.mistakes.push(format!("</{name}> closes nothing")),
        }
        return;
    }
    let alone = inner.ends_with('/');
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let name = inner.split_ascii_whitespace().next().unwrap_or_default();
    let Some((_, attributes)) = TAGS.iter().find(|(known, _)| *known == name) else {
        markup.mistakes.push(format!("<{name}> is not a tag Alexa knows"));
        if !alone {
            open.push(name);
        }
        return;
    };
    if name == "speak" && !open.is_empty() {
        markup.mistakes.push("<speak> stands inside <speak>".to_owned());
    }
    let mut given = Vec::new();
    let mut rest = inner.get(name.len()..).unwrap_or_default().trim_start();
    while !rest.is_empty() {
        let Some((key, value, after)) = attribute(rest) else {
            markup.mistakes.push(format!("<{name}> has an attribute without a quoted value"));
            break;
        };
        check_attribute(name, key, value, attributes, markup);
        given.push(key);
        rest = after.trim_start();
    }
    let needed: &[&str] = match name {
        "audio" => &["src"],
        "say-as" => &["interpret-as"],
        "sub" => &["alias"],
        "phoneme" => &["ph"],
        "lang" => &["xml:lang"],
        "voice" | "amazon:effect" | "amazon:emotion" | "amazon:domain" => &["name"],
        _ => &[],
    };
    for missing in needed.iter().filter(|key| !given.contains(key)) {
        markup.mistakes.push(format!("<{name}> lacks {missing}"));
    }
    markup.audio_clips += usize::from(name == "audio");
    if !alone {
        open.push(name);
    }
}

fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (key, tail) = text.split_once('=')?;
    let tail = tail.trim_start();
    let quote = tail.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = tail[1..].split_once(quote)?;
    Some((key.trim_end(), value, after))
}

fn check_attribute(tag: &str, key: &str, value: &str, known: &[&str], markup: &mut Markup) {
    let namespace = tag == "speak" && key.starts_with("xml");
    if !namespace && !known.contains(&key) {
        markup.mistakes.push(format!("<{tag}> takes no {key}"));
    }
    let choices = VALUES.iter().find(|(of, name, _)| *of == tag && *name == key);
    if let Some((.., choices)) = choices
        && !choices.contains(&value)
    {
        markup.mistakes.push(format!("<{tag} {key}> is one of {}", choices.join(", ")));
    }
    if tag == "audio" && key == "src" {
        let fit = value.starts_with("https://") || value.starts_with("soundbank://");
        if !fit {
            markup.mistakes.push("<audio src> is https:// or soundbank://".to_owned());
        }
    }
    if tag == "break" && key == "time" && !milliseconds(value).is_some_and(|ms| ms <= MAX_BREAK_MS)
    {
        markup.mistakes.push("<break time> is at most 10s, in s or ms".to_owned());
    }
    entities(value, &mut String::new(), markup);
}

fn milliseconds(text: &str) -> Option<f64> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (text.strip_suffix('s')?, 1000.0),
    };
    number.parse().ok().map(|number: f64| number * scale).filter(|ms| *ms >= 0.0)
}

fn words(text: &str, markup: &mut Markup) {
    let mut said = std::mem::take(&mut markup.text);
    entities(text, &mut said, markup);
    markup.text = said;
}

fn entities(text: &str, said: &mut String, markup: &mut Markup) {
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('&') {
        said.push_str(before);
        // The longest entity worth reading is &#x10FFFF;
        let end = tail.bytes().take(10).position(|byte| byte == b';');
        let resolved = end.and_then(|end| entity(&tail[..end]));
        match (resolved, end) {
            (Some(c), Some(end)) => {
                said.push(c);
                rest = &tail[end + 1..];
            }
            _ => {
                markup.mistakes.push("a literal & must be &amp;".to_owned());
                rest = tail;
            }
        }
    }
    said.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn good_markup_has_no_mistakes() {
        for (ssml, text) in [
            ("<speak>Hello.</speak>", "Hello."),
            ("<speak></speak>", ""),
            (" <speak>Tom &amp; Leo</speak> ", "Tom & Leo"),
            ("<speak>a <break time=\"300ms\"/> b<break time='1.5s'/></speak>", "a  b"),
            ("<speak><p><s>One.</s></p></speak>", "One."),
            ("<speak><amazon:effect name=\"whispered\">quiet</amazon:effect></speak>", "quiet"),
            ("<speak><sub alias=\"1 > 0\">x</sub></speak>", "x"),
            ("<speak><audio src=\"soundbank://soundlibrary/a\"/>&#65;&#x42;</speak>", "AB"),
            ("<speak><!-- <b> --><alexa:name type=\"first\" personId=\"p\"/></speak>", ""),
        ] {
            let markup = read(ssml);
            assert_eq!((markup.text.as_str(), markup.mistakes), (text, vec![]), "{ssml}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        for (ssml, mistake) in [
            ("Hello", "does not begin"),
            ("<speak>Hello", "<speak> is not closed"),
            ("<speak><p>Hello</speak>", "</speak> closes nothing"),
            ("<speak>a</speak>b", "follows"),
            ("<speak>a</speak><speak>b</speak>", "follows"),
            ("<speak>Tom & Leo</speak>", "&amp;"),
            ("<speak>&nbsp;</speak>", "&amp;"),
            ("<speak>1 < 2</speak>", "&lt;"),
            ("<speak><b>bold</b></speak>", "<b> is not a tag"),
            ("<speak><script/></speak>", "<script> is not a tag"),
            ("<speak><break time=\"11s\"/></speak>", "at most 10s"),
            ("<speak><break time=\"long\"/></speak>", "at most 10s"),
            ("<speak><break time=1s/></speak>", "quoted"),
            ("<speak><audio/></speak>", "lacks src"),
            ("<speak><audio src=\"http://a/b.mp3\"/></speak>", "https://"),
            ("<speak><prosody speed=\"fast\">a</prosody></speak>", "takes no speed"),
            ("<speak><amazon:effect name=\"shouted\">a</amazon:effect></speak>", "whispered"),
            ("<speak><speak>a</speak></speak>", "inside"),
            ("<speak><!-- a</speak>", "comment"),
            (&format!("<speak>{}", "<p>".repeat(1000)), "deeper"),
        ] {
            let found = read(ssml).mistakes;
            assert!(found.iter().any(|found| found.contains(mistake)), "{ssml}: {found:?}");
        }
    }

    proptest! {
        /// What people say comes out as they said it, whatever it is.
        #[test]
        fn escaped_words_are_spoken_as_they_are(text in "\\PC*") {
            let markup = read(&format!("<speak>{}</speak>", escape_ssml(&text)));
            prop_assert_eq!(markup.mistakes, Vec::<String>::new());
            prop_assert_eq!(markup.text, text);
        }

        #[test]
        fn any_text_is_read(text in "[<>/&;=\"'a-z :#é]{0,60}") {
            let _ = read(&text);
            let _ = read(&format!("<speak>{text}"));
        }
    }
}
