//! The lint of `skill-manifest/`: what Alexa's certification refuses, found before it is deployed.

mod interaction;

use std::path::Path;

use hearthline_core::understanding::{Lists, Understanding, normalise};
use serde_json::Value;

use super::{Finding, Source};

// Alexa's limits, in characters or entries.
const MAX_NAME: usize = 50;
const MAX_SUMMARY: usize = 160;
const MAX_DESCRIPTION: usize = 4000;
const MAX_INSTRUCTIONS: usize = 4000;
const MAX_PHRASES: usize = 4;
const MIN_PHRASES: usize = 3;
const MAX_PHRASE: usize = 200;
const MAX_KEYWORDS: usize = 30;
const MAX_KEYWORD: usize = 150;

const INTERFACES: &[&str] = &[
    "ALEXA_PRESENTATION_APL",
    "AUDIO_PLAYER",
    "CAN_FULFILL_INTENT_REQUEST",
    "ALEXA_DATASTORE_PACKAGEMANAGER",
    "VIDEO_APP",
];
const PERMISSIONS: &[&str] = &[
    "alexa::devices:all:notifications:write",
    "alexa::alerts:reminders:skill:readwrite",
    "alexa::alerts:timers:skill:readwrite",
    "alexa::profile:name:read",
    "alexa::profile:given_name:read",
    "alexa::profile:email:read",
    "alexa::profile:mobile_number:read",
    "alexa::person_id:read",
    "alexa::devices:all:address:full:read",
    "alexa:devices:all:address:country_and_postal_code:read",
    "alexa::devices:all:geolocation:read",
];
const EVENTS: &[&str] = &[
    "SKILL_ENABLED",
    "SKILL_DISABLED",
    "SKILL_PERMISSION_ACCEPTED",
    "SKILL_PERMISSION_CHANGED",
    "SKILL_ACCOUNT_LINKED",
    "SKILL_PROACTIVE_SUBSCRIPTION_CHANGED",
    "SKILL_NOTIFICATION_SUBSCRIPTION_CHANGED",
    "REMINDER_CREATED",
    "REMINDER_UPDATED",
    "REMINDER_DELETED",
    "REMINDER_STARTED",
    "REMINDER_STATUS_CHANGED",
];
const PROACTIVE_EVENTS: &[&str] = &[
    "AMAZON.WeatherAlert.Activated",
    "AMAZON.SportsEvent.Updated",
    "AMAZON.MessageAlert.Activated",
    "AMAZON.OrderStatus.Updated",
    "AMAZON.Occasion.Updated",
    "AMAZON.TrashCollectionAlert.Activated",
    "AMAZON.MediaContent.Available",
    "AMAZON.SocialGameInvite.Available",
];

/// Which keys an object of `skill.json` may have; `*` stands for a locale.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["manifest"]),
    (
        "/manifest",
        &[
            "manifestVersion",
            "publishingInformation",
            "privacyAndCompliance",
            "events",
            "permissions",
            "apis",
        ],
    ),
    (
        "/manifest/publishingInformation",
        &[
            "locales",
            "isAvailableWorldwide",
            "distributionMode",
            "distributionCountries",
            "testingInstructions",
            "category",
            "automaticDistribution",
        ],
    ),
    (
        "/manifest/publishingInformation/locales/*",
        &[
            "name",
            "summary",
            "description",
            "updatesDescription",
            "examplePhrases",
            "keywords",
            "smallIconUri",
            "largeIconUri",
        ],
    ),
    ("/manifest/apis", &["custom"]),
    ("/manifest/apis/custom", &["endpoint", "interfaces", "regions", "locales"]),
    ("/manifest/apis/custom/endpoint", &["uri", "sslCertificateType"]),
    ("/manifest/events", &["endpoint", "subscriptions", "publications", "regions"]),
    ("/manifest/events/endpoint", &["uri", "sslCertificateType"]),
    (
        "/manifest/privacyAndCompliance",
        &[
            "allowsPurchases",
            "usesPersonalInfo",
            "isChildDirected",
            "isExportCompliant",
            "containsAds",
            "usesHealthInfo",
            "locales",
        ],
    ),
    ("/manifest/privacyAndCompliance/locales/*", &["privacyPolicyUrl", "termsOfUseUrl"]),
];

/// Every mistake in the skill package in `folder`.
#[must_use]
pub fn check(folder: &Path) -> Vec<Finding> {
    let mut skill = Source::read(folder.join("skill.json"));
    let mut resources = Source::read(folder.join("ask-resources.json"));
    let mut findings = Vec::new();
    if let Some(file) = json(&mut resources) {
        ask_resources(&mut resources, &file, folder);
    }
    if let Some(file) = json(&mut skill) {
        keys(&mut skill, &file);
        apis(&mut skill, &file);
        privacy(&mut skill, &file);
        let locales = file.pointer("/manifest/publishingInformation/locales");
        let locales = locales.and_then(Value::as_object);
        if locales.is_none_or(serde_json::Map::is_empty) {
            skill.at(&["publishingInformation"], "needs at least one entry under \"locales\"");
        }
        for (locale, published) in locales.into_iter().flatten() {
            let mut model =
                Source::read(folder.join(format!("interactionModels/custom/{locale}.json")));
            let understanding = json(&mut model)
                .and_then(|file_of_model| interaction::check(&mut model, &file_of_model, &file));
            findings.append(&mut model.findings);
            publishing(&mut skill, locale, published, understanding.as_ref());
        }
        unpublished(&mut skill, folder, locales);
    }
    let mut all = skill.findings;
    all.append(&mut resources.findings);
    all.append(&mut findings);
    all
}

/// The file as JSON; a finding at the line of the error if it is none.
fn json(source: &mut Source) -> Option<Value> {
    if !source.findings.is_empty() {
        return None; // it could not be read
    }
    match serde_json::from_str(&source.text) {
        Ok(value) => Some(value),
        Err(error) => {
            source.add(error.line(), format!("is not JSON: {error}"));
            None
        }
    }
}

fn ask_resources(source: &mut Source, file: &Value, folder: &Path) {
    if file.get("askcliResourcesVersion").and_then(Value::as_str) != Some("2020-03-31") {
        source.at(&["askcliResourcesVersion"], "\"askcliResourcesVersion\" must be \"2020-03-31\"");
    }
    let profiles = file.get("profiles").and_then(Value::as_object);
    if profiles.is_none_or(serde_json::Map::is_empty) {
        source
            .at(&["profiles"], "needs at least one entry under \"profiles\", such as \"default\"");
    }
    for (name, profile) in profiles.into_iter().flatten() {
        let src = profile.pointer("/skillMetadata/src").and_then(Value::as_str);
        if !src.is_some_and(|src| folder.join(src).join("skill.json").is_file()) {
            let says = "\"skillMetadata.src\" must name the folder with skill.json, from here";
            source.at(&[name, "skillMetadata"], says);
        }
    }
}

/// Keys that Alexa does not know: it would ignore them, and with them what the author meant.
fn keys(source: &mut Source, file: &Value) {
    fn unknown(source: &mut Source, object: &Value, pattern: &str, allowed: &[&str]) {
        let last = pattern.rsplit('/').find(|part| *part != "*").unwrap_or_default().to_owned();
        for key in object.as_object().into_iter().flatten().map(|(key, _)| key) {
            if !allowed.contains(&key.as_str()) {
                let says = format!("{key:?} is no key here; there are {}", allowed.join(", "));
                source.at(&[&last, key], says);
            }
        }
    }
    for (pattern, allowed) in KEYS {
        if let Some(before) = pattern.strip_suffix("/*") {
            let entries = file.pointer(before).and_then(Value::as_object);
            for entry in entries.into_iter().flatten().map(|(_, entry)| entry) {
                unknown(source, entry, pattern, allowed);
            }
        } else if let Some(object) = file.pointer(pattern) {
            unknown(source, object, pattern, allowed);
        }
    }
}

fn apis(source: &mut Source, file: &Value) {
    if file.pointer("/manifest/apis/custom").is_none() {
        source.at(&["manifest"], "needs \"apis.custom\": this is a custom skill");
    }
    let has_events = file.pointer("/manifest/events").is_some();
    for (part, place, needed) in
        [("custom", "/manifest/apis/custom", true), ("events", "/manifest/events", has_events)]
    {
        if !needed {
            continue;
        }
        let uri = file.pointer(&format!("{place}/endpoint/uri")).and_then(Value::as_str);
        if !uri.is_some_and(|uri| uri.starts_with("https://")) {
            source.at(&[part, "endpoint"], format!("{part}.endpoint.uri must begin with https://"));
        }
        let certificate = file.pointer(&format!("{place}/endpoint/sslCertificateType"));
        let certificate = certificate.and_then(Value::as_str);
        if !certificate.is_some_and(|kind| ["Trusted", "Wildcard", "SelfSigned"].contains(&kind)) {
            let says = format!(
                "{part}.endpoint.sslCertificateType must be Trusted, Wildcard or SelfSigned"
            );
            source.at(&[part, "endpoint"], says);
        }
    }
    for (list, key, known) in [
        ("/manifest/apis/custom/interfaces", "type", INTERFACES),
        ("/manifest/permissions", "name", PERMISSIONS),
        ("/manifest/events/subscriptions", "eventName", EVENTS),
        ("/manifest/events/publications", "eventName", PROACTIVE_EVENTS),
    ] {
        for entry in file.pointer(list).and_then(Value::as_array).into_iter().flatten() {
            let name = entry.get(key).and_then(Value::as_str).unwrap_or_default();
            if !known.contains(&name) {
                let last = list.rsplit('/').next().unwrap_or_default();
                let says = format!("{name:?} is none of Alexa's {last}; check its spelling");
                source.at(&[last, name], says);
            }
        }
    }
}

fn privacy(source: &mut Source, file: &Value) {
    let privacy = file.pointer("/manifest/privacyAndCompliance");
    for flag in [
        "allowsPurchases",
        "usesPersonalInfo",
        "isChildDirected",
        "isExportCompliant",
        "containsAds",
    ] {
        if !privacy.and_then(|privacy| privacy.get(flag)).is_some_and(Value::is_boolean) {
            let says = format!("{flag:?} must be true or false; certification asks for it");
            source.at(&["privacyAndCompliance", flag], says);
        }
    }
}

fn publishing(
    source: &mut Source,
    locale: &str,
    published: &Value,
    understanding: Option<&(String, Understanding)>,
) {
    for (key, most) in
        [("name", MAX_NAME), ("summary", MAX_SUMMARY), ("description", MAX_DESCRIPTION)]
    {
        let length = published.get(key).and_then(Value::as_str).map_or(0, |t| t.chars().count());
        if length == 0 || length > most {
            let says = format!("{key:?} must have 1 to {most} characters, not {length}");
            source.at(&[locale, key], says);
        }
    }
    let texts = |key: &str| -> Vec<&str> {
        let list = published.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let keywords = texts("keywords");
    if keywords.len() > MAX_KEYWORDS {
        let says = format!("{} keywords; {MAX_KEYWORDS} are the most", keywords.len());
        source.at(&[locale, "keywords"], says);
    }
    for keyword in keywords.iter().filter(|keyword| keyword.chars().count() > MAX_KEYWORD) {
        let says = format!("a keyword may have {MAX_KEYWORD} characters at most");
        source.at(&[locale, "keywords", keyword], says);
    }
    let phrases = texts("examplePhrases");
    if !(MIN_PHRASES..=MAX_PHRASES).contains(&phrases.len()) {
        let says =
            format!("{} example phrases; write {MIN_PHRASES} or {MAX_PHRASES}", phrases.len());
        source.at(&[locale, "examplePhrases"], says);
    }
    for phrase in phrases {
        if phrase.chars().count() > MAX_PHRASE {
            let says = format!("an example phrase may have {MAX_PHRASE} characters at most");
            source.at(&["examplePhrases", phrase], says);
        }
        if let Some((invocation, understanding)) = understanding
            && let Err(says) = example_phrase(phrase, invocation, understanding)
        {
            source.at(&["examplePhrases", phrase], format!("{phrase:?} {says}"));
        }
    }
    let instructions = "testingInstructions";
    let text: Option<Value> = serde_json::from_str(&source.text).ok();
    let given = text
        .as_ref()
        .and_then(|file| file.pointer("/manifest/publishingInformation/testingInstructions"))
        .and_then(Value::as_str)
        .map_or(0, |text| text.chars().count());
    if given == 0 || given > MAX_INSTRUCTIONS {
        let says = format!("{instructions:?} must have 1 to {MAX_INSTRUCTIONS} characters");
        source.at(&["publishingInformation", instructions], says);
    }
}

/// "Alexa, open …", or "Alexa, ask … to" and something a sample fits.
fn example_phrase(
    phrase: &str,
    invocation: &str,
    understanding: &Understanding,
) -> Result<(), String> {
    const OPENING: &[&str] = &["open", "start", "launch"];
    const ASKING: &[&str] = &["ask", "tell"];
    let key = normalise::key(phrase);
    let Some(asked) = key.strip_prefix("alexa ") else {
        return Err("must begin with the wake word: \"Alexa, …\"".to_owned());
    };
    let (verb, rest) = asked.split_once(' ').unwrap_or((asked, ""));
    let invocation = normalise::key(invocation);
    let Some(request) = rest.strip_prefix(&invocation) else {
        return Err(format!("must name the skill, as in \"Alexa, open {invocation}\""));
    };
    if OPENING.contains(&verb) && request.is_empty() {
        return Ok(());
    }
    if !ASKING.contains(&verb) || request.trim().is_empty() {
        return Err(format!("must go on as in \"Alexa, ask {invocation} to …\""));
    }
    match understanding.parse(phrase, &Lists::none()).intent {
        Some(_) => Ok(()),
        None => Err("is understood by no sample; certification tries it word for word".to_owned()),
    }
}

/// Models of locales that the skill does not publish.
fn unpublished(
    source: &mut Source,
    folder: &Path,
    locales: Option<&serde_json::Map<String, Value>>,
) {
    let Ok(files) = std::fs::read_dir(folder.join("interactionModels/custom")) else { return };
    let mut names: Vec<_> = files.flatten().map(|file| file.path()).collect();
    names.sort();
    for file in names {
        let locale = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !locales.is_some_and(|locales| locales.contains_key(&locale)) {
            let says = format!(
                "interactionModels/custom/{locale}.json has no entry under publishingInformation.locales"
            );
            source.at(&["publishingInformation", "locales"], says);
        }
    }
}
