//! The database's versions. A version that was released is never edited.

use std::sync::Arc;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqlitePool};

use super::StoreError;

pub(super) async fn run(pool: &SqlitePool) -> Result<(), StoreError> {
    let first = include_str!("../../migrations/sqlite/0001_first.sql").into_sql_str();
    let all = vec![Migration::new(1, "first".into(), MigrationType::Simple, first, false)];
    Migrator::with_migrations(all)
        .run(pool)
        .await
        .map_err(|error| StoreError::Migration(Arc::new(error)))
}
