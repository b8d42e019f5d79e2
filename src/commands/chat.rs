//! `hearthline chat`: the assistant in the terminal.

#![allow(clippy::print_stdout, reason = "the conversation is the command's output")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use hearthline_core::call::Outcome;
use hearthline_core::household::{Directory, Household};
use hearthline_core::id::{DeviceId, RequestId};
use hearthline_core::request::{Channel, Heard, MAX_UTTERANCE_CHARS, Request, Speaker};
use hearthline_core::time::Seed;
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Flags, Log};
use crate::data_folder::DataFolder;
use crate::devices::{Connection, Mail};
use crate::store::{FILE, Store};
use crate::telemetry;

/// How many lines the history remembers.
const HISTORY_LINES: usize = 1000;
const HISTORY_FILE: &str = "chat-history";

/// Talk in the terminal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline chat
  hearthline chat --home \"Harbour Cottage\" --as Ines

Type what you would say. The arrow keys bring back earlier lines; Ctrl-D ends.")]
pub struct Args {
    /// The household to be in, by name or id [default: the first]
    #[arg(long, value_name = "NAME")]
    home: Option<String>,
    /// Who you are, by name or id [default: nobody in particular]
    #[arg(long = "as", value_name = "PERSON")]
    person: Option<String>,
    /// Makes the answers the same each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The data folder to talk from; without households in it, the demo households are used in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// # Errors
/// If the data folder is in use or broken, or the household or person is not known.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::read(None, Flags { data: args.data.clone(), ..Flags::default() })?;
    // A conversation is no place for log lines, unless something is wrong.
    let filter = config.log.filter.clone().unwrap_or_else(|| "warn".to_owned());
    telemetry::init(&Log { filter: Some(filter), ..config.log.clone() })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Kept until the end: it holds the folder's lock.
    let (_folder, app) = runtime.block_on(open(args, &config))?;
    let speaker = speaker(&app.world().directory, args)?;
    let seat = app.devices.connect(&speaker, "terminal".to_owned(), None, app.clock.now());
    greet(&app, &speaker);
    let history = config.data.join(HISTORY_FILE);
    let timekeeper = runtime.spawn(Arc::clone(&app).keep_time());
    let result = talk(&runtime, &app, &speaker, seat, &history);
    timekeeper.abort();
    result.map(|()| ExitCode::SUCCESS)
}

async fn open(args: &Args, config: &Config) -> anyhow::Result<(Option<DataFolder>, Arc<App>)> {
    let clock = match args.seed {
        // The same talk each time: the clock stands still and chance is counted.
        Some(seed) => Clock::virtual_at(Clock::system().now(), Seed(seed)),
        None => Clock::system(),
    };
    if config.data.join(FILE).exists() {
        let folder = DataFolder::open(&config.data).context(
            "to talk to a house that is open, use its page, or give --data another folder",
        )?;
        let app = App::start(Store::open(folder.path()).await?, clock, false).await?;
        if app.world().directory.households().next().is_some() {
            return Ok((Some(folder), app));
        }
        return Ok((
            Some(folder),
            App::start(Store::in_memory().await?, app.clock.clone(), true).await?,
        ));
    }
    Ok((None, App::start(Store::in_memory().await?, clock, true).await?))
}

fn speaker(directory: &Directory, args: &Args) -> anyhow::Result<Speaker> {
    let is = |wanted: &str, id: &str, name: &str| {
        id == wanted || name.to_lowercase() == wanted.to_lowercase()
    };
    let home = match &args.home {
        Some(wanted) => {
            directory.households().find(|home| is(wanted, home.id.as_str(), &home.name))
        }
        None => directory.households().next(),
    };
    let home = home.with_context(|| {
        let names: Vec<&str> = directory.households().map(|home| home.name.as_str()).collect();
        format!("there is no such household; there are: {}", names.join(", "))
    })?;
    let person = match &args.person {
        None => None,
        Some(wanted) => Some(person(home, |id, name| is(wanted, id, name))?),
    };
    let device: DeviceId = format!("{}-terminal", home.id).parse()?;
    Ok(Speaker { household: home.id.clone(), device, person })
}

fn person(
    home: &Household,
    is: impl Fn(&str, &str) -> bool,
) -> anyhow::Result<hearthline_core::id::PersonId> {
    let found = home.people.iter().find(|person| is(person.id.as_str(), &person.name));
    found.map(|person| person.id.clone()).ok_or_else(|| {
        let names: Vec<&str> = home.people.iter().map(|person| person.name.as_str()).collect();
        anyhow!("nobody of that name lives in {}; there are: {}", home.name, names.join(", "))
    })
}

fn greet(app: &App, speaker: &Speaker) {
    let world = app.world();
    let home = world.directory.household(&speaker.household);
    let home_name = home.map_or("", |home| home.name.as_str());
    let person = speaker.person.as_ref().and_then(|id| home?.person(id));
    match person {
        Some(person) => println!("{home_name}, as {}. Ctrl-D ends.", person.name),
        None => println!("{home_name}. Ctrl-D ends."),
    }
}

fn talk(
    runtime: &tokio::runtime::Runtime,
    app: &Arc<App>,
    speaker: &Speaker,
    mut seat: Connection,
    history: &Path,
) -> anyhow::Result<()> {
    let config = rustyline::Config::builder().max_history_size(HISTORY_LINES)?.build();
    let mut editor = DefaultEditor::with_config(config)?;
    // The first time there is none.
    let _ = editor.load_history(history);
    let mut turns = 0_u64;
    loop {
        let line = match editor.readline("you: ") {
            Ok(line) => line,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => break,
            Err(error) => bail!("the terminal cannot be read: {error}"),
        };
        if line.trim().is_empty() {
            continue;
        }
        if line.chars().count() > MAX_UTTERANCE_CHARS {
            println!("     (at most {MAX_UTTERANCE_CHARS} characters at once, please)");
            continue;
        }
        editor.add_history_entry(&line)?;
        turns += 1;
        let id: RequestId =
            format!("{}/{}-{turns}", speaker.device, app.clock.now().as_ms()).parse()?;
        let body = Sha256::digest(line.as_bytes()).into();
        let heard = Heard::Words(line);
        let (channel, certainty) = (Channel::Terminal, None);
        let request = Request { id, channel, speaker: speaker.clone(), heard, certainty };
        match runtime.block_on(app.turn(request, body)) {
            Ok(answer) => println!("     {}", answer.speech),
            Err(error) => println!("     {}", error.spoken()),
        }
        while let Ok(Mail::Message(message)) = seat.mail.try_recv() {
            if let Some(words) = in_words(&message) {
                println!("     ({words})");
            }
        }
    }
    if history.parent().is_some_and(Path::exists) {
        // Losing the history is no reason to fail at goodbye.
        let _ = editor.save_history(history);
    }
    println!();
    Ok(())
}

/// What else happened, where a terminal can say it.
fn in_words(message: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let call = &message["call"];
    let name = call["with"]["name"].as_str()?;
    let words = match (message["type"].as_str()?, call["reason"].as_str()) {
        ("call.ringing", _) => format!("it rings at {name}'s"),
        ("call.accepted", _) => format!("connected with {name}"),
        ("call.initiate", _) => format!("{name} is calling; say answer, or decline"),
        ("call.ended", Some(reason)) if reason == Outcome::Unreachable.as_str() => {
            format!("no speaker of {name} is awake, so nobody can answer")
        }
        ("call.ended", Some(reason)) => {
            format!("the call with {name} has ended: {}", reason.replace('_', " "))
        }
        _ => return None,
    };
    Some(words)
}
