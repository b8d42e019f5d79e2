//! The one writer: takes what waits, commits it together, tells everybody.

use hearthline_core::time::Time;
use sqlx::{Connection, SqliteConnection};
use std::time::Duration;
use tokio::sync::mpsc;

use super::{Job, StoreError, Write, database, signed};

/// The most batches in one transaction: keeps the first of them from waiting for a very long one.
const MOST_TOGETHER: usize = 256;
/// How long an answer is kept for a repeat of its request.
pub const KEEP_REPLIES: Duration = Duration::from_secs(24 * 60 * 60);
/// Old replies are looked for once in so many commits.
const SWEEP_EVERY: u32 = 1000;

pub(super) async fn run(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MOST_TOGETHER);
    let mut commits = 0_u32;
    let mut newest = Time::default();
    while queue.recv_many(&mut jobs, MOST_TOGETHER).await > 0 {
        let replies = jobs.iter().flat_map(|job| &job.writes).filter_map(|write| match write {
            Write::Reply(reply) => Some(reply.at),
            _ => None,
        });
        newest = replies.fold(newest, Time::max);
        let together = commit(&mut connection, jobs.iter()).await;
        match together {
            Ok(()) => jobs.drain(..).for_each(|job| answer(job, Ok(()))),
            // One of them may be to blame: alone, the others still succeed.
            Err(_) if jobs.len() > 1 => {
                for job in jobs.drain(..) {
                    let alone = commit(&mut connection, std::iter::once(&job)).await;
                    answer(job, alone);
                }
            }
            Err(error) => {
                for job in jobs.drain(..) {
                    answer(job, Err(error.clone()));
                }
            }
        }
        commits = (commits + 1) % SWEEP_EVERY;
        if commits == 0
            && let Err(error) = sweep(&mut connection, newest).await
        {
            tracing::warn!(%error, "old replies could not be removed");
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

/// Forgets replies that nobody will ask for again.
async fn sweep(connection: &mut SqliteConnection, newest: Time) -> Result<(), StoreError> {
    let keep_ms = u64::try_from(KEEP_REPLIES.as_millis()).unwrap_or(u64::MAX);
    let before = Time::from_ms(newest.as_ms().saturating_sub(keep_ms));
    let query = sqlx::query("DELETE FROM reply WHERE at_ms < ?1").bind(signed(before));
    query.execute(connection).await.map(drop).map_err(database("forget old replies"))
}

/// Whoever asked may have gone away meanwhile; what was saved stays saved.
fn answer(job: Job, result: Result<(), StoreError>) {
    let _ = job.done.send(result);
}

async fn commit<'a>(
    connection: &mut SqliteConnection,
    jobs: impl Iterator<Item = &'a Job>,
) -> Result<(), StoreError> {
    let mut transaction = connection.begin().await.map_err(database("begin to save"))?;
    for write in jobs.flat_map(|job| &job.writes) {
        save(&mut transaction, write).await?;
    }
    transaction.commit().await.map_err(database("save"))
}

async fn save(connection: &mut SqliteConnection, write: &Write) -> Result<(), StoreError> {
    let query = match write {
        Write::Household(home) => {
            sqlx::query("INSERT OR REPLACE INTO household (id, json) VALUES (?1, ?2)")
                .bind(home.id.as_str())
                .bind(home.write())
        }
        Write::Settings(household, settings) => {
            sqlx::query("INSERT OR REPLACE INTO settings (household, json) VALUES (?1, ?2)")
                .bind(household.as_str())
                .bind(json("setting", settings)?)
        }
        Write::Session(id, json, at) => {
            sqlx::query("INSERT OR REPLACE INTO session (id, updated_ms, json) VALUES (?1, ?2, ?3)")
                .bind(id.as_str())
                .bind(signed(*at))
                .bind(json.as_str())
        }
        Write::Thread(thread) => {
            sqlx::query("INSERT OR REPLACE INTO thread (id, json) VALUES (?1, ?2)")
                .bind(thread.id().as_str())
                .bind(json("thread", thread)?)
        }
        Write::Post(post) => sqlx::query(
            "INSERT OR REPLACE INTO post (id, from_household, to_household, left_ms, json) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(post.id.as_str())
        .bind(post.from.household.as_str())
        .bind(post.to.household.as_str())
        .bind(signed(post.left_at))
        .bind(json("message", post)?),
        Write::Call(call) => sqlx::query(
            "INSERT OR REPLACE INTO call (id, from_household, to_household, placed_ms, ended, json) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(call.id().as_str())
        .bind(call.caller().household.as_str())
        .bind(call.callee().household.as_str())
        .bind(signed(call.placed()))
        .bind(call.is_over())
        .bind(json("call", call)?),
        Write::Reply(reply) => sqlx::query(
            "INSERT OR REPLACE INTO reply (request, body, answer, at_ms) VALUES (?1, ?2, ?3, ?4)",
        )
        .bind(reply.request.as_str())
        .bind(&reply.body[..])
        .bind(reply.answer.as_str())
        .bind(signed(reply.at)),
    };
    query.execute(connection).await.map(drop).map_err(database("save"))
}

fn json<T: serde::Serialize>(what: &'static str, record: &T) -> Result<String, StoreError> {
    serde_json::to_string(record)
        .map_err(|source| StoreError::Record { what, source: std::sync::Arc::new(source) })
}
