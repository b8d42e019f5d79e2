//! What can be configured: a TOML file, over it the environment, over it the flags.
//!
//! Everything is checked before anything starts. A key that nobody knows is an error, wherever it
//! stands, and so is a value that cannot be meant. [`Config::load`] is a function of its arguments,
//! so the tests pass the environment instead of changing it; [`Config::read`] is its door to the
//! world.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use hearthline_core::conversation::Mode;
use jiff::Timestamp;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};
use url::Url;

use crate::connect::language_model;

/// Variables that start like this are ours: `HEARTHLINE__ALEXA__SKILL_IDS` is `alexa.skill_ids`.
const PREFIX: &str = "HEARTHLINE__";

/// Only this machine can reach the server until somebody says otherwise.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Every key there is, and how the environment writes its value.
const KEYS: [(&str, Kind); 16] = [
    ("listen", Kind::Text),
    ("data", Kind::Text),
    ("models", Kind::Text),
    ("alexa.skill_ids", Kind::List),
    ("alexa.users", Kind::Table),
    ("alexa.dev.trust_anchor", Kind::Text),
    ("alexa.dev.certificates", Kind::Text),
    ("alexa.dev.clock", Kind::Text),
    ("language_model.url", Kind::Text),
    ("language_model.model", Kind::Text),
    ("language_model.key", Kind::Text),
    ("language_model.mode", Kind::Text),
    ("safety.crisis_line", Kind::Text),
    ("log.filter", Kind::Text),
    ("log.format", Kind::Text),
    ("log.private", Kind::Switch),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// `true` or `false`.
    Switch,
    /// `a,b` or `["a", "b"]`.
    List,
    /// `{ a = "b" }`, or one entry as `HEARTHLINE__ALEXA__USERS__a=b`.
    Table,
}

/// All that the server needs to know before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The one folder that everything is kept in.
    pub data: PathBuf,
    /// Where speech models are looked for first.
    pub models: Option<PathBuf>,
    pub alexa: Alexa,
    /// Words turns that nobody foresaw. Off unless an address is given.
    pub language_model: Option<language_model::Settings>,
    pub safety: Safety,
    pub log: Log,
}

/// What is said when somebody is in need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Safety {
    /// Whom to turn to in a crisis, as it is spoken: "the Samaritans, on 116 123".
    pub crisis_line: Option<String>,
}

/// Which Echo requests are answered, and for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alexa {
    /// Skills that may speak to us. Empty refuses every request.
    pub skill_ids: BTreeSet<String>,
    /// Alexa user id to household id. An unknown user is a household of its own.
    pub users: BTreeMap<String, String>,
    /// For trying the skill without Amazon. Only ever set when the listener is on loopback.
    pub dev: Option<AlexaDev>,
}

/// What stands in for Amazon while developing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlexaDev {
    /// An extra root for request signatures: a PEM file.
    pub trust_anchor: Option<PathBuf>,
    /// A folder from which a signing certificate's address is answered by its last segment,
    /// instead of being fetched.
    pub certificates: Option<PathBuf>,
    /// A fixed moment for timestamp and validity checks.
    pub clock: Option<Timestamp>,
}

/// What is written to standard error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// As in `info,hearthline=debug`; `None` is [`crate::telemetry::FILTER`].
    pub filter: Option<String>,
    pub format: LogFormat,
    /// Whether debug lines may show what people say. Lines above debug never do.
    pub private: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    #[default]
    Auto,
    Human,
    Json,
}

/// A configuration file that has been read.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Where it was; relative paths inside are relative to its folder.
    pub path: &'a Path,
    pub text: &'a str,
}

/// What the command line says; it has the last word.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub listen: Option<SocketAddr>,
    pub data: Option<PathBuf>,
    pub models: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{place}: {message}")]
    Malformed { place: String, message: String },
    #[error("{place}: there is no setting {key:?}; the nearest is {nearest:?}")]
    UnknownKey { place: String, key: String, nearest: &'static str },
    #[error(
        "[language_model] needs both url and model, such as url = \"http://127.0.0.1:11434/v1\" and \
         model = \"llama3.2\"; or set mode = \"off\""
    )]
    ModelUnknown,
    #[error("the environment variable {0} is not UTF-8 text")]
    NotText(String),
    #[error(
        "[alexa.dev] trusts certificates that are not Amazon's, so it is refused while listening on \
         {0}; listen on 127.0.0.1 or remove [alexa.dev]"
    )]
    DevOffLoopback(SocketAddr),
    #[error(
        "no folder to keep data in: neither XDG_DATA_HOME nor HOME is set; name one with --data DIR"
    )]
    NoDataFolder,
}

impl Config {
    /// Reads the file, if one is named, and this process's environment.
    ///
    /// # Errors
    /// See [`ConfigError`]; each names the place to mend.
    pub fn read(path: Option<&Path>, flags: Flags) -> Result<Self, ConfigError> {
        let text = match path {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?,
            None => String::new(),
        };
        let mut env = Vec::new();
        for (name, value) in std::env::vars_os() {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => env.push((name, value)),
                (Ok(name), Err(_)) if name.starts_with(PREFIX) => {
                    return Err(ConfigError::NotText(name));
                }
                _ => {} // not ours
            }
        }
        Self::load(path.map(|path| File { path, text: &text }), env, flags)
    }

    /// Lays environment over file and flags over both.
    ///
    /// # Errors
    /// See [`ConfigError`]; each names the place to mend.
    pub fn load(
        file: Option<File<'_>>,
        env: impl IntoIterator<Item = (String, String)>,
        flags: Flags,
    ) -> Result<Self, ConfigError> {
        let env: BTreeMap<String, String> = env.into_iter().collect();
        let mut written = match file {
            Some(file) => Written::from_file(file)?,
            None => Written::default(),
        };
        for (name, value) in &env {
            if let Some(key) = name.strip_prefix(PREFIX) {
                written = written.under(Written::from_variable(name, key, value)?);
            }
        }
        written = written.under(Written::from(flags));

        let listen = written.listen.unwrap_or(LISTEN);
        if written.alexa.dev.is_some() && !listen.ip().is_loopback() {
            return Err(ConfigError::DevOffLoopback(listen));
        }
        Ok(Self {
            listen,
            data: match written.data {
                Some(data) => data,
                None => default_data(&env)?,
            },
            models: written.models,
            alexa: Alexa {
                skill_ids: written.alexa.skill_ids.unwrap_or_default(),
                users: written.alexa.users,
                dev: written.alexa.dev,
            },
            language_model: written.language_model.settings()?,
            safety: written.safety,
            log: Log {
                filter: written.log.filter,
                format: written.log.format.unwrap_or_default(),
                private: written.log.private.unwrap_or_default(),
            },
        })
    }
}

/// Where data goes when nobody says: the XDG base directories.
fn default_data(env: &BTreeMap<String, String>) -> Result<PathBuf, ConfigError> {
    let absolute = |name: &str| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("hearthline"))
        .ok_or(ConfigError::NoDataFolder)
}

/// One layer, as it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    models: Option<PathBuf>,
    alexa: WrittenAlexa,
    language_model: WrittenModel,
    safety: Safety,
    log: WrittenLog,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenModel {
    url: Option<Url>,
    model: Option<String>,
    key: Option<String>,
    mode: Option<ModelMode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModelMode {
    Off,
    Rephrase,
    Unexpected,
}

impl WrittenModel {
    fn settings(self) -> Result<Option<language_model::Settings>, ConfigError> {
        let mode = match (self.mode, &self.url) {
            (Some(ModelMode::Off), _) | (None, None) => return Ok(None),
            (Some(ModelMode::Rephrase), _) => Mode::Rephrase,
            (Some(ModelMode::Unexpected) | None, _) => Mode::Unexpected,
        };
        let (Some(url), Some(model)) = (self.url, self.model) else {
            return Err(ConfigError::ModelUnknown);
        };
        let within = language_model::WITHIN;
        Ok(Some(language_model::Settings { url, model, key: self.key, mode, within }))
    }

    fn under(self, over: Self) -> Self {
        Self {
            url: over.url.or(self.url),
            model: over.model.or(self.model),
            key: over.key.or(self.key),
            mode: over.mode.or(self.mode),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenAlexa {
    skill_ids: Option<BTreeSet<String>>,
    users: BTreeMap<String, String>,
    dev: Option<AlexaDev>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenLog {
    filter: Option<String>,
    format: Option<LogFormat>,
    private: Option<bool>,
}

impl From<Flags> for Written {
    fn from(flags: Flags) -> Self {
        Self { listen: flags.listen, data: flags.data, models: flags.models, ..Self::default() }
    }
}

impl Written {
    fn from_file(File { path, text }: File<'_>) -> Result<Self, ConfigError> {
        let malformed = |error: &toml::de::Error| ConfigError::Malformed {
            place: place(path, text, error.span()),
            message: error.message().to_owned(),
        };
        // Unknown keys first, so that they are told with their neighbours; then types.
        let table = DeTable::parse(text).map_err(|error| malformed(&error))?;
        known_keys(table.get_ref(), "", &|span| place(path, text, Some(span)))?;
        let mut written: Self = toml::from_str(text).map_err(|error| malformed(&error))?;

        let folder = path.parent().unwrap_or(Path::new(""));
        let dev = written.alexa.dev.iter_mut();
        let dev = dev.flat_map(|dev| [&mut dev.trust_anchor, &mut dev.certificates]);
        for path in dev.chain([&mut written.data, &mut written.models]).flatten() {
            *path = folder.join(&*path);
        }
        Ok(written)
    }

    fn from_variable(name: &str, key: &str, value: &str) -> Result<Self, ConfigError> {
        let place = || format!("environment variable {name}");
        // Below alexa.users stand Alexa's ids, which keep their case.
        let (key, entry) = match key.split_at_checked("ALEXA__USERS__".len()) {
            Some((users, entry)) if users.eq_ignore_ascii_case("ALEXA__USERS__") => {
                ("alexa.users".to_owned(), Some(entry))
            }
            _ => (key.to_lowercase().replace("__", "."), None),
        };
        let Some((_, kind)) = KEYS.iter().find(|(known, _)| *known == key) else {
            return Err(ConfigError::UnknownKey { place: place(), nearest: nearest(&key), key });
        };
        let malformed =
            |message: &str| ConfigError::Malformed { place: place(), message: message.to_owned() };

        let value = match kind {
            Kind::Text => toml::Value::from(value),
            Kind::List if !value.trim_start().starts_with('[') => {
                let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(toml::Value::from).collect::<Vec<_>>().into()
            }
            Kind::Table if let Some(entry) = entry => {
                toml::Table::from_iter([(entry.to_owned(), toml::Value::from(value))]).into()
            }
            Kind::Switch | Kind::List | Kind::Table => {
                value.parse().map_err(|error: toml::de::Error| malformed(error.message()))?
            }
        };
        // `a.b = value` from the inside out.
        key.rsplit('.')
            .fold(value, |inner, segment| {
                toml::Table::from_iter([(segment.to_owned(), inner)]).into()
            })
            .try_into()
            .map_err(|error: toml::de::Error| malformed(error.message()))
    }

    /// This layer where `over` says nothing.
    fn under(self, over: Self) -> Self {
        let mut users = self.alexa.users;
        users.extend(over.alexa.users);
        let dev = match (self.alexa.dev, over.alexa.dev) {
            (Some(under), Some(over)) => Some(AlexaDev {
                trust_anchor: over.trust_anchor.or(under.trust_anchor),
                certificates: over.certificates.or(under.certificates),
                clock: over.clock.or(under.clock),
            }),
            (under, over) => over.or(under),
        };
        Self {
            listen: over.listen.or(self.listen),
            data: over.data.or(self.data),
            models: over.models.or(self.models),
            alexa: WrittenAlexa {
                skill_ids: over.alexa.skill_ids.or(self.alexa.skill_ids),
                users,
                dev,
            },
            language_model: self.language_model.under(over.language_model),
            safety: Safety { crisis_line: over.safety.crisis_line.or(self.safety.crisis_line) },
            log: WrittenLog {
                filter: over.log.filter.or(self.log.filter),
                format: over.log.format.or(self.log.format),
                private: over.log.private.or(self.log.private),
            },
        }
    }
}

/// Refuses the first key that is neither a setting nor a section.
fn known_keys(
    table: &DeTable<'_>,
    section: &str,
    place: &impl Fn(std::ops::Range<usize>) -> String,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = format!("{section}{}", name.get_ref());
        if KEYS.iter().any(|(known, _)| *known == key) {
            continue;
        }
        let inside = format!("{key}.");
        if !KEYS.iter().any(|(known, _)| known.starts_with(&inside)) {
            let nearest = nearest(&key);
            return Err(ConfigError::UnknownKey { place: place(name.span()), key, nearest });
        }
        if let DeValue::Table(table) = value.get_ref() {
            known_keys(table, &inside, place)?;
        }
    }
    Ok(())
}

/// The setting that was probably meant: alike as a whole, or in its last word.
fn nearest(key: &str) -> &'static str {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |known: &str| {
        let whole = strsim::normalized_damerau_levenshtein(key, known);
        whole.max(strsim::normalized_damerau_levenshtein(&last(key), &last(known)))
    };
    let alike =
        |(a, _): &&(&str, Kind), (b, _): &&(&str, Kind)| likeness(a).total_cmp(&likeness(b));
    KEYS.iter().max_by(alike).map_or(KEYS[0].0, |(known, _)| known)
}

/// `hearthline.toml, line 3`.
fn place(path: &Path, text: &str, span: Option<std::ops::Range<usize>>) -> String {
    match span.and_then(|span| text.get(..span.start)) {
        Some(before) => format!("{}, line {}", path.display(), before.matches('\n').count() + 1),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: &str = r#"
        listen = "127.0.0.1:9000"
        data = "kept"
        models = "/srv/models"
        [alexa]
        skill_ids = ["amzn1.ask.skill.1", "amzn1.ask.skill.2"]
        users = { "amzn1.ask.account.A" = "alder-house" }
        [alexa.dev]
        trust_anchor = "ca.pem"
        certificates = "certs"
        clock = "2026-01-01T00:00:00Z"
        [language_model]
        url = "http://127.0.0.1:11434/v1"
        model = "tiny"
        key = "sesame"
        mode = "rephrase"
        [safety]
        crisis_line = "the Samaritans"
        [log]
        filter = "debug"
        format = "json"
        private = true
    "#;

    #[test]
    fn every_key_of_the_file_arrives() {
        let config = load(EVERYTHING, &[], Flags::default()).unwrap();
        insta::assert_debug_snapshot!(config, @r#"
        Config {
            listen: 127.0.0.1:9000,
            data: "/etc/hearthline/kept",
            models: Some(
                "/srv/models",
            ),
            alexa: Alexa {
                skill_ids: {
                    "amzn1.ask.skill.1",
                    "amzn1.ask.skill.2",
                },
                users: {
                    "amzn1.ask.account.A": "alder-house",
                },
                dev: Some(
                    AlexaDev {
                        trust_anchor: Some(
                            "/etc/hearthline/ca.pem",
                        ),
                        certificates: Some(
                            "/etc/hearthline/certs",
                        ),
                        clock: Some(
                            2026-01-01T00:00:00Z,
                        ),
                    },
                ),
            },
            language_model: Some(
                Settings {
                    host: Some(
                        "127.0.0.1",
                    ),
                    model: "tiny",
                    key: Some(
                        "…",
                    ),
                    mode: Rephrase,
                    within: 1.5s,
                },
            ),
            safety: Safety {
                crisis_line: Some(
                    "the Samaritans",
                ),
            },
            log: Log {
                filter: Some(
                    "debug",
                ),
                format: Json,
                private: true,
            },
        }
        "#);
        for (key, _) in KEYS {
            let last = key.rsplit('.').next().unwrap();
            assert!(EVERYTHING.contains(&format!("{last} = ")), "{key} is missing here");
        }
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        let config = load("", &[], Flags::default()).unwrap();
        assert_eq!(config.listen, LISTEN);
        assert_eq!(config.data, Path::new("/home/maya/.local/share/hearthline"));
        assert!(config.alexa.skill_ids.is_empty());
        assert_eq!(config.alexa.dev, None);
        assert!(!config.log.private);

        let data = |env: &[(&str, &str)]| {
            let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            Config::load(None, env, Flags::default()).map(|config| config.data)
        };
        assert_eq!(
            data(&[("XDG_DATA_HOME", "/d"), ("HOME", "/h")]).unwrap(),
            Path::new("/d/hearthline")
        );
        assert_eq!(
            data(&[("XDG_DATA_HOME", "d"), ("HOME", "/h")]).unwrap(),
            Path::new("/h/.local/share/hearthline")
        );
        assert!(matches!(data(&[]), Err(ConfigError::NoDataFolder)));
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let flags =
            |listen: &str| Flags { listen: Some(listen.parse().unwrap()), ..Flags::default() };
        let file = "listen = '127.0.0.1:1'";
        let env = [("HEARTHLINE__LISTEN", "127.0.0.1:2")];
        for (file, env, flags, port) in [
            (file, &[][..], Flags::default(), 1),
            (file, &env, Flags::default(), 2),
            (file, &env, flags("127.0.0.1:3"), 3),
            ("", &env, Flags::default(), 2),
        ] {
            assert_eq!(load(file, env, flags).unwrap().listen.port(), port);
        }
    }

    #[test]
    fn the_environment_says_every_kind_of_value() {
        let ids = |value| {
            let config = load("", &[("HEARTHLINE__ALEXA__SKILL_IDS", value)], Flags::default());
            config.unwrap().alexa.skill_ids.into_iter().collect::<Vec<_>>().join("+")
        };
        assert_eq!(ids("a"), "a");
        assert_eq!(ids("a, b,"), "a+b");
        assert_eq!(ids(r#"["a", "b"]"#), "a+b");
        assert_eq!(ids(""), "");

        let config = load(
            EVERYTHING,
            &[
                ("HEARTHLINE__ALEXA__USERS__amzn1.ask.account.B", "harbour-cottage"),
                ("HEARTHLINE__ALEXA__DEV__CLOCK", "2027-01-01T00:00:00Z"),
                ("HEARTHLINE__LOG__PRIVATE", "false"),
                ("HEARTHLINE__DATA", "here"),
                ("HEARTHLINE_PORT", "of somebody else"),
                ("PATH", "/bin"),
            ],
            Flags::default(),
        )
        .unwrap();
        assert_eq!(config.alexa.users.len(), 2);
        assert_eq!(config.alexa.users["amzn1.ask.account.B"], "harbour-cottage");
        let dev = config.alexa.dev.unwrap();
        assert_eq!(dev.clock, Some("2027-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(dev.certificates.as_deref(), Some(Path::new("/etc/hearthline/certs")));
        assert!(!config.log.private);
        assert_eq!(config.data, Path::new("here"));
    }

    #[test]
    fn what_cannot_be_meant_is_told_with_its_place() {
        let refused = |file: &str, env: &[(&str, &str)]| {
            load(file, env, Flags::default()).unwrap_err().to_string()
        };
        for (file, message) in [
            (
                "\nlisen = '127.0.0.1:1'",
                r#"hearthline.toml, line 2: there is no setting "lisen"; the nearest is "listen""#,
            ),
            (
                "[alexa]\nskill_id = []",
                r#"hearthline.toml, line 2: there is no setting "alexa.skill_id"; the nearest is "alexa.skill_ids""#,
            ),
            (
                "skill_ids = []",
                r#"hearthline.toml, line 1: there is no setting "skill_ids"; the nearest is "alexa.skill_ids""#,
            ),
            (
                "[alexa.dev]\nclok = ''",
                r#"hearthline.toml, line 2: there is no setting "alexa.dev.clok"; the nearest is "alexa.dev.clock""#,
            ),
            (
                "[logs]\nfilter = ''",
                r#"hearthline.toml, line 1: there is no setting "logs"; the nearest is "#,
            ),
            ("listen = 8080", "hearthline.toml, line 1: "),
            ("listen = 'everywhere'", "hearthline.toml, line 1: invalid socket address syntax"),
            ("alexa = 3", "hearthline.toml, line 1: invalid type: integer `3`"),
            ("[log]\n\nformat = 'xml'", "hearthline.toml, line 3: unknown variant `xml`, expected"),
            ("[alexa.dev]\nclock = 'noon'", "hearthline.toml, line 2: "),
            ("data = 'a'\ndata = 'b'", "hearthline.toml, line 2: duplicate key"),
            ("listen = ", "hearthline.toml, line 1: "),
            ("[alexa.dev]\n[alexa]\n", ""),
        ] {
            match message {
                "" => assert!(load(file, &[], Flags::default()).is_ok(), "{file}"),
                _ => {
                    let error = refused(file, &[]);
                    let error = error.strip_prefix("/etc/hearthline/").unwrap_or(&error);
                    assert!(error.starts_with(message), "{file}\n{error}");
                }
            }
        }
        for (name, value, message) in [
            ("HEARTHLINE__LISTEM", "", r#"there is no setting "listem"; the nearest is "listen""#),
            ("HEARTHLINE__ALEXA", "{}", r#"there is no setting "alexa"; the nearest is "#),
            ("HEARTHLINE__", "", r#"there is no setting ""; the nearest is "#),
            ("HEARTHLINE__LISTEN", "8080", "invalid socket address syntax"),
            ("HEARTHLINE__LOG__PRIVATE", "sometimes", ""),
            ("HEARTHLINE__ALEXA__SKILL_IDS", "[1]", "invalid type: integer `1`"),
            ("HEARTHLINE__ALEXA__SKILL_IDS", "[", ""),
        ] {
            let error = refused("", &[(name, value)]);
            let place = format!("environment variable {name}: {message}");
            assert!(error.starts_with(&place), "{error}");
        }
    }

    #[test]
    fn foreign_certificates_are_trusted_on_loopback_only() {
        for (listen, allowed) in [
            ("127.0.0.1:8080", true),
            ("127.8.8.8:1", true),
            ("[::1]:8080", true),
            ("0.0.0.0:8080", false),
            ("[::]:8080", false),
            ("192.168.1.4:8080", false),
        ] {
            let listen = Flags { listen: listen.parse().ok(), ..Flags::default() };
            assert_eq!(load("[alexa.dev]", &[], listen.clone()).is_ok(), allowed, "{listen:?}");
            assert!(load("[alexa]", &[], listen).is_ok());
        }
    }

    fn load(text: &str, env: &[(&str, &str)], flags: Flags) -> Result<Config, ConfigError> {
        let file = File { path: Path::new("/etc/hearthline/hearthline.toml"), text };
        let home = [("HOME", "/home/maya")];
        let env = home.iter().chain(env).map(|(name, value)| (name.to_string(), value.to_string()));
        Config::load(Some(file), env, flags)
    }
}
