//! What was acknowledged is kept, and what could not be kept was not done.

use std::sync::Arc;

use hearthline::app::App;
use hearthline::clock::Clock;
use hearthline::store::{FILE, Store};
use hearthline::turn::TurnError;
use hearthline_core::id::HouseholdId;
use hearthline_core::request::{Channel, Heard, Request, Speaker};
use hearthline_core::time::{Seed, Time};
use sqlx::{Connection, Executor, SqliteConnection};

async fn house(folder: &std::path::Path) -> Arc<App> {
    let clock = Clock::virtual_at(Time::from_ms(1_767_261_600_000), Seed(1));
    App::start(Store::open(folder).await.unwrap(), clock, true).await.unwrap()
}

fn says(id: &str, words: &str) -> Request {
    Request {
        id: id.parse().unwrap(),
        channel: Channel::Terminal,
        speaker: Speaker {
            household: "alder-house".parse().unwrap(),
            device: "alder-kitchen".parse().unwrap(),
            person: Some("maya".parse().unwrap()),
        },
        heard: Heard::Words(words.to_owned()),
        certainty: None,
    }
}

fn messages(app: &App) -> Vec<String> {
    let home: HouseholdId = "harbour-cottage".parse().unwrap();
    app.world().posts(&home).iter().map(|post| post.text.as_str().to_owned()).collect()
}

const MESSAGE: &str = "send a message to dad saying the pears are ripe";

#[tokio::test]
async fn a_turn_that_cannot_be_saved_is_not_done_and_can_be_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let app = house(folder.path()).await;
    // Somebody else holds the database: to the writer this is what a full disk is, a commit that fails.
    let path = format!("sqlite://{}", folder.path().join(FILE).display());
    let mut other = SqliteConnection::connect(&path).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = app.turn(says("1", MESSAGE), [1; 32]).await;
    assert!(matches!(refused, Err(TurnError::Store(_))), "{refused:?}");
    assert_eq!(messages(&app), Vec::<String>::new());
    other.execute("ROLLBACK").await.unwrap();
    app.turn(says("1", MESSAGE), [1; 32]).await.unwrap();
    assert_eq!(messages(&app), ["the pears are ripe"]);
}

#[tokio::test]
async fn the_same_request_again_is_answered_and_does_nothing_even_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let app = house(folder.path()).await;
    let first = app.turn(says("1", MESSAGE), [1; 32]).await.unwrap();
    let again = app.turn(says("1", MESSAGE), [1; 32]).await.unwrap();
    assert_eq!(first, again);
    drop(app);
    let app = house(folder.path()).await;
    let later = app.turn(says("1", MESSAGE), [1; 32]).await.unwrap();
    assert_eq!(first, later);
    assert_eq!(messages(&app), ["the pears are ripe"]);
    let other = app.turn(says("1", "call grandma"), [2; 32]).await;
    assert!(matches!(other, Err(TurnError::Conflict)), "{other:?}");
}

#[tokio::test]
async fn turns_of_many_people_at_once_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let app = house(folder.path()).await;
    let turns = (0..40_u8).map(|n| {
        let words = format!("send a message to dad saying number {n}");
        let app = Arc::clone(&app);
        tokio::spawn(async move { app.turn(says(&format!("r{n}"), &words), [n; 32]).await })
    });
    for turn in turns.collect::<Vec<_>>() {
        turn.await.unwrap().unwrap();
    }
    assert_eq!(messages(&app).len(), 40);
    drop(app);
    let app = house(folder.path()).await;
    assert_eq!(messages(&app).len(), 40);
}

#[tokio::test]
async fn a_conversation_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let app = house(folder.path()).await;
    let asked = app.turn(says("1", "send a message to dad"), [1; 32]).await.unwrap();
    assert!(asked.speech.ends_with('?'), "{}", asked.speech);
    drop(app);
    let app = house(folder.path()).await;
    app.turn(says("2", "we are leaving now"), [2; 32]).await.unwrap();
    assert_eq!(messages(&app), ["we are leaving now"]);
}
