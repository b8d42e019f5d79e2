//! `hearthline serve`: the house, open.

#![allow(clippy::print_stdout, reason = "the address is the command's answer")]

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use hearthline_core::conversation::Bot;
use hearthline_core::understanding::lists::Lists;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, Options};
use crate::channels::alexa::{self, Gate};
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::connect::language_model::LanguageModel;
use crate::data_folder::DataFolder;
use crate::dialogs::Authored;
use crate::server;
use crate::speech::{Ears, ModelPaths};
use crate::store::Store;
use crate::telemetry::{self, Figures};

/// The file in the data folder that says where the server listens.
pub const ADDRESS_FILE: &str = "address";

/// Opens the house: the speaker page, the device socket and the health pages.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline serve --demo
  hearthline serve --config hearthline.toml --data /var/lib/hearthline
  hearthline serve --demo --dev      talk from ./dialogs/en, read again at every change")]
pub struct Args {
    /// A TOML file with the configuration
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The folder everything is kept in [default: $XDG_DATA_HOME/hearthline]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the speech models are looked for first
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Add two demo households and let pages on this machine choose to be one of them
    #[arg(long)]
    demo: bool,
    /// Talk from the files in ./dialogs/en instead of those that are compiled in, and read them again when they
    /// change; mistakes are logged with file and line, and the dialogs stay as they were until they are mended
    #[arg(long)]
    dev: bool,
}

/// # Errors
/// If the configuration is wrong, the data folder cannot be used, the address is taken, or `--dev` finds no dialogs.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let flags = Flags { listen: args.listen, data: args.data, models: args.models };
    let config = Config::read(args.config.as_deref(), flags)?;
    let authored = args.dev.then(|| Authored::below(Path::new("."))).transpose()?;
    telemetry::init(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config, args.demo, authored))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config, demo: bool, authored: Option<Authored>) -> anyhow::Result<()> {
    // Read beside what else the start waits for: opening the store and training the understanding.
    std::thread::spawn(Bot::shipped);
    let figures = Figures::collect()?;
    // The address first: if it is taken, the data folder stays as it was.
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {}; choose another with --listen", config.listen)
    })?;
    let folder = DataFolder::open(&config.data)?;
    let address = listener.local_addr()?;
    let store = Store::open(folder.path()).await?;
    let model = config.language_model.clone().map(LanguageModel::new).transpose()?;
    let crisis_line = config.safety.crisis_line.clone();
    let app = App::open(store, Clock::system(), Options { demo, model, crisis_line }).await?;
    if let Some(mut authored) = authored {
        authored.look(&app);
        tokio::spawn(authored.keep_looking(Arc::clone(&app)));
    }
    warm_up(&app);
    listen_for_speech(&app, &config);
    let gate = Gate::open(&config.alexa)?;
    let routes = server::routes(&app, figures.clone()).merge(alexa::routes(&app, gate));
    std::fs::write(folder.path().join(ADDRESS_FILE), format!("{address}\n"))?;
    println!("Hearthline is at http://{address}");
    std::io::stdout().flush()?;
    tracing::info!(%address, demo, "open");
    server::run(app, routes, listener, figures, asked_to_stop()?).await?;
    let _ = std::fs::remove_file(folder.path().join(ADDRESS_FILE));
    Ok(())
}

/// Times and durations are found with rules that are compiled at their first use: here, rather than while
/// somebody waits for an answer.
fn warm_up(app: &Arc<App>) {
    let understanding = app.understanding;
    std::thread::spawn(move || {
        understanding.parse("do not disturb for ten minutes", &Lists::none())
    });
}

/// Loads the recogniser beside everything else: people can type and call before it is there.
fn listen_for_speech(app: &Arc<App>, config: &Config) {
    let app = Arc::clone(app);
    let (models, data) = (config.models.clone(), config.data.clone());
    std::thread::spawn(move || {
        let ears = ModelPaths::find(models.as_deref(), Some(&data))
            .map_err(anyhow::Error::from)
            .and_then(|paths| Ears::load(&paths).map_err(anyhow::Error::from));
        match ears {
            Ok(ears) => app.set_ears(ears),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "audio cannot be understood");
                app.set_deaf(format!("{error:#}"));
            }
        }
    });
}

/// Resolves on Ctrl-C or SIGTERM.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
