//! What survives: SQLite in the data folder.
//!
//! One task writes. Turns that end at the same time are committed together (group commit), and a turn is
//! answered only after its commit, so that what was acknowledged survives a crash of the process or the
//! machine.

mod migrations;
mod writer;

pub use writer::KEEP_REPLIES;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Shared;
use hearthline_core::call::Call;
use hearthline_core::household::Household;
use hearthline_core::id::{ConversationId, HouseholdId};
use hearthline_core::policy::Settings;
use hearthline_core::thread::{Post, Thread};
use hearthline_core::time::Time;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Row, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

/// The database's name inside the data folder.
pub const FILE: &str = "hearthline.sqlite";
/// How many commits may wait for the writer; more would only wait longer than anybody listens.
const QUEUE: usize = 1024;
/// Readers beside the one writer: the store is read at start and when a conversation wakes up.
const READERS: u32 = 2;

/// A failure of the store. Clonable, because everybody who shared a commit shares its failure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("the database could not {what}: {source}. {}", advice(.source))]
    Database { what: &'static str, source: Arc<sqlx::Error> },
    #[error("the database could not be brought to this version: {0}")]
    Migration(Arc<sqlx::migrate::MigrateError>),
    #[error("a stored {what} cannot be read: {source}. It may come from a newer version")]
    Record { what: &'static str, source: Arc<serde_json::Error> },
    #[error("the store is closed")]
    Closed,
}

fn advice(error: &sqlx::Error) -> &'static str {
    let text = error.to_string();
    if text.contains("full") {
        "The disk is full: free some space and try again"
    } else if text.contains("readonly") || text.contains("unable to open") {
        "Check that the data folder can be written"
    } else if text.contains("malformed") || text.contains("not a database") {
        "The file is damaged: move it away and restore a copy"
    } else {
        "Nothing was changed"
    }
}

fn database(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Database { what, source: Arc::new(source) }
}

/// What was answered to a request.
#[derive(Debug, Clone)]
pub struct StoredReply {
    /// The request's id, prefixed by where it came from, so that two devices never collide.
    pub request: String,
    /// SHA-256 of the request's body.
    pub body: [u8; 32],
    /// The answer, as its channel wrote it.
    pub answer: String,
    pub at: Time,
}

/// One record to be saved. Saving replaces what stood there.
#[derive(Debug, Clone)]
pub enum Write {
    Household(Household),
    Settings(HouseholdId, Settings),
    /// A conversation's state as JSON.
    Session(ConversationId, String, Time),
    Thread(Thread),
    Post(Post),
    Call(Call),
    Reply(StoredReply),
}

/// Resolves when the writes are durable.
pub type Committed = Shared<futures_util::future::BoxFuture<'static, Result<(), StoreError>>>;

/// For what was saved in an earlier life of the process.
pub fn already() -> Committed {
    futures_util::future::ready(Ok(())).boxed().shared()
}

/// A batch for the writer: all of it or nothing.
#[derive(Debug)]
struct Job {
    writes: Vec<Write>,
    done: oneshot::Sender<Result<(), StoreError>>,
}

#[derive(Debug, Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
}

impl Store {
    /// Opens the database in `folder`, creating or upgrading it.
    ///
    /// # Errors
    /// If the file cannot be opened, is no database, or comes from a newer version.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an acknowledged message survives a power cut, not only a crash of ours.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS + 1)
            .connect_with(options)
            .await
            .map_err(database("be opened"))?;
        migrations::run(&pool).await?;
        let writer = pool.acquire().await.map_err(database("be opened"))?.detach();
        Ok(Self { jobs: Self::start(writer), readers: pool })
    }

    /// A store that lives as long as the process: for `chat` without a data folder, scripts and simulations.
    ///
    /// # Errors
    /// If SQLite itself fails.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(format!("file:hearthline-{}?mode=memory", uuid::Uuid::new_v4()))
            .in_memory(true)
            .shared_cache(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS + 1)
            .min_connections(1)
            .connect_with(options)
            .await
            .map_err(database("be opened"))?;
        migrations::run(&pool).await?;
        let writer = pool.acquire().await.map_err(database("be opened"))?.detach();
        Ok(Self { jobs: Self::start(writer), readers: pool })
    }

    fn start(connection: SqliteConnection) -> mpsc::Sender<Job> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(writer::run(connection, queue));
        jobs
    }

    /// Queues `writes`, in the order of the calls, and returns what to wait for before anything leaves the house.
    pub fn commit(&self, writes: Vec<Write>) -> Committed {
        let (done, finished) = oneshot::channel();
        let queued = self.jobs.try_send(Job { writes, done });
        async move {
            match queued {
                Ok(()) => finished.await.unwrap_or(Err(StoreError::Closed)),
                Err(_) => Err(StoreError::Closed),
            }
        }
        .boxed()
        .shared()
    }

    /// # Errors
    /// As all reads: if the database fails or a record cannot be read.
    pub async fn households(&self) -> Result<Vec<Household>, StoreError> {
        let rows = sqlx::query("SELECT json FROM household ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .map_err(database("list the households"))?;
        rows.iter()
            .map(|row| {
                Household::read(row.get::<&str, _>(0)).map_err(|error| StoreError::Record {
                    what: "household",
                    source: Arc::new(serde::de::Error::custom(error)),
                })
            })
            .collect()
    }

    /// # Errors
    /// If the database fails or the record cannot be read.
    pub async fn settings(&self, household: &HouseholdId) -> Result<Settings, StoreError> {
        let row = sqlx::query("SELECT json FROM settings WHERE household = ?1")
            .bind(household.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(database("read settings"))?;
        row.map_or_else(|| Ok(Settings::default()), |row| record("setting", row.get(0)))
    }

    /// # Errors
    /// If the database fails.
    pub async fn session(&self, id: &ConversationId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT json FROM session WHERE id = ?1")
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(database("read a conversation"))?;
        Ok(row.map(|row| row.get(0)))
    }

    /// The newest `limit` posts to or from `household`, oldest first.
    ///
    /// # Errors
    /// If the database fails or a record cannot be read.
    pub async fn posts(
        &self,
        household: &HouseholdId,
        limit: u32,
    ) -> Result<Vec<Post>, StoreError> {
        self.newest(
            "message",
            "SELECT json FROM post WHERE from_household = ?1 OR to_household = ?1 \
             ORDER BY left_ms DESC, id DESC LIMIT ?2",
            household,
            limit,
        )
        .await
    }

    /// The newest `limit` calls to or from `household`, oldest first.
    ///
    /// # Errors
    /// If the database fails or a record cannot be read.
    pub async fn calls(
        &self,
        household: &HouseholdId,
        limit: u32,
    ) -> Result<Vec<Call>, StoreError> {
        self.newest(
            "call",
            "SELECT json FROM call WHERE from_household = ?1 OR to_household = ?1 \
             ORDER BY placed_ms DESC, id DESC LIMIT ?2",
            household,
            limit,
        )
        .await
    }

    /// Every thread.
    ///
    /// # Errors
    /// If the database fails or a record cannot be read.
    pub async fn threads(&self) -> Result<Vec<Thread>, StoreError> {
        let rows = sqlx::query("SELECT json FROM thread")
            .fetch_all(&self.readers)
            .await
            .map_err(database("list threads"))?;
        rows.iter().map(|row| record("thread", row.get(0))).collect()
    }

    /// Calls that had not ended when the process did.
    ///
    /// # Errors
    /// If the database fails or a record cannot be read.
    pub async fn live_calls(&self) -> Result<Vec<Call>, StoreError> {
        let rows = sqlx::query("SELECT json FROM call WHERE ended = 0")
            .fetch_all(&self.readers)
            .await
            .map_err(database("list calls"))?;
        rows.iter().map(|row| record("call", row.get(0))).collect()
    }

    /// What was answered since `after`, the newest `limit`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn replies(&self, after: Time, limit: u32) -> Result<Vec<StoredReply>, StoreError> {
        let rows = sqlx::query(
            "SELECT request, body, answer, at_ms FROM reply WHERE at_ms > ?1 ORDER BY at_ms DESC LIMIT ?2",
        )
        .bind(signed(after))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(database("list replies"))?;
        let replies = rows.iter().filter_map(|row| {
            Some(StoredReply {
                request: row.get(0),
                body: row.get::<&[u8], _>(1).try_into().ok()?,
                answer: row.get(2),
                at: Time::from_ms(u64::try_from(row.get::<i64, _>(3)).ok()?),
            })
        });
        Ok(replies.collect())
    }

    /// Whether the database can be written right now.
    pub async fn writable(&self) -> bool {
        self.commit(vec![]).await.is_ok()
    }

    async fn newest<T: DeserializeOwned>(
        &self,
        what: &'static str,
        sql: &'static str,
        household: &HouseholdId,
        limit: u32,
    ) -> Result<Vec<T>, StoreError> {
        let rows = sqlx::query(sql)
            .bind(household.as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await
            .map_err(database("list records"))?;
        rows.iter().rev().map(|row| record(what, row.get(0))).collect()
    }
}

fn record<T: DeserializeOwned>(what: &'static str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json)
        .map_err(|source| StoreError::Record { what, source: Arc::new(source) })
}

/// SQLite's integers are signed; our times fit for the next 292 million years.
fn signed(time: Time) -> i64 {
    i64::try_from(time.as_ms()).unwrap_or(i64::MAX)
}
