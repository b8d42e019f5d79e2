//! The HTTP server: which address does what, and how it stops.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::app::App;
use crate::channels::{browser, health};
use crate::telemetry::Figures;

/// How long open requests may take once the server was asked to stop.
const DRAIN_FOR: Duration = Duration::from_secs(5);
/// How often fresh figures are folded into the histograms.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// All routes.
pub fn routes(app: &Arc<App>, figures: Figures) -> Router {
    Router::new()
        .route("/", get(browser::pages::speaker))
        .route("/web/{file}", get(browser::pages::file))
        .route("/v1/demo", get(browser::pages::demo))
        .route("/v1/device", get(browser::device))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(Arc::clone(app))
        .route("/metrics", get(health::metrics).with_state(figures))
}

/// Serves until `shutdown` comes, then says goodbye to every device and lets open requests finish.
///
/// # Errors
/// If the listener fails.
pub async fn run(
    app: Arc<App>,
    routes: Router,
    listener: TcpListener,
    figures: Figures,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let clock = app.clock.clone();
    let timekeeper = tokio::spawn(Arc::clone(&app).keep_time());
    let folding = tokio::spawn({
        let clock = clock.clone();
        async move {
            loop {
                clock.sleep_until(clock.now() + FOLD_EVERY).await;
                figures.fold();
            }
        }
    });
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let graceful = {
        let app = Arc::clone(&app);
        async move {
            shutdown.await;
            tracing::info!("stopping");
            app.devices.close_all();
            let _ = stopping.send(());
        }
    };
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let deadline = async {
        let _ = stopped.await;
        clock.sleep_until(clock.now() + DRAIN_FOR).await;
    };
    let result = tokio::select! {
        result = serving => result,
        () = deadline => {
            tracing::warn!("some requests did not end in time");
            Ok(())
        }
    };
    timekeeper.abort();
    folding.abort();
    result
}
