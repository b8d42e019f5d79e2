//! What the house tells its keeper: log lines and figures.
//!
//! People speak to this program at home. What they say, their names and their numbers are wrapped in
//! [`Private`], which prints `…` everywhere but in a debug line of a server whose `[log] private` is
//! on. Figures are labelled by stage and channel, never by a person or by words.

use std::cell::Cell;
use std::fmt;
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use hearthline_core::request::Channel;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{DefaultFields, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{Log, LogFormat};

/// What is logged unless `[log] filter` says otherwise. The speech engine reports its inner life at
/// `info`, several lines an utterance.
pub const FILTER: &str = "info,whisper_rs=warn";

/// Something that a person said, is called, or can be reached at.
///
/// Wrap it where it enters a log line: `debug!(words = %Private(&words), "heard")`. Outside of
/// logging it prints `…` as well, so that an error message cannot carry it into the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Private<T>(pub T);

thread_local! {
    /// Whether the line being written on this thread may show what is private.
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

impl<T: fmt::Debug> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if SHOWN.get() { self.0.fmt(f) } else { f.write_str("…") }
    }
}

impl<T: fmt::Display> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if SHOWN.get() { self.0.fmt(f) } else { f.write_str("…") }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("[log] filter {filter:?} cannot be read: {source}")]
    Filter { filter: String, source: tracing_subscriber::filter::ParseError },
    #[error("log lines cannot be collected: {0}")]
    Lines(#[from] tracing_subscriber::util::TryInitError),
    #[error("figures cannot be collected: {0}")]
    Figures(#[from] BuildError),
}

/// Starts writing log lines to standard error; once a process.
///
/// # Errors
/// A filter that cannot be read; a second call.
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    let terminal = std::io::stderr().is_terminal();
    Ok(lines(log, terminal, std::io::stderr)?.try_init()?)
}

/// The subscriber behind [`init`], for any writer.
fn lines<W>(
    log: &Log,
    terminal: bool,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + 'static, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = log.filter.as_deref().unwrap_or(FILTER);
    let filter = EnvFilter::try_new(filter)
        .map_err(|source| TelemetryError::Filter { filter: filter.to_owned(), source })?;
    let json = match log.format {
        LogFormat::Auto => !terminal,
        LogFormat::Human => false,
        LogFormat::Json => true,
    };
    let line = tracing_subscriber::fmt::format();
    let private = log.private;
    let layer: Box<dyn Layer<Registry> + Send + Sync> = if json {
        let line = Redacted { line: line.json().flatten_event(true), private };
        let fields = JsonFields::new();
        tracing_subscriber::fmt::layer()
            .event_format(line)
            .fmt_fields(fields)
            .with_writer(writer)
            .boxed()
    } else {
        let line = Redacted { line: line.compact().with_ansi(terminal), private };
        let fields = DefaultFields::new();
        tracing_subscriber::fmt::layer()
            .event_format(line)
            .fmt_fields(fields)
            .with_writer(writer)
            .boxed()
    };
    Ok(Registry::default().with(layer.with_filter(filter)))
}

/// Lets [`Private`] show itself in debug lines, if that was asked for, and nowhere else.
///
/// Fields of spans are written when the span opens, not here, and so stay redacted at every level.
struct Redacted<F> {
    line: F,
    private: bool,
}

impl<S, N, F> FormatEvent<S, N> for Redacted<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // In tracing, more detailed is greater.
        SHOWN.set(self.private && *event.metadata().level() >= Level::DEBUG);
        let result = self.line.format_event(context, writer, event);
        SHOWN.set(false);
        result
    }
}

/// What takes time within a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The whole turn, from request to answer.
    Turn,
    /// End of speech to transcript.
    Hear,
    /// Words to intent and slots.
    Understand,
    /// Facts and request to answer and effects.
    Decide,
    /// Loading and saving.
    Store,
}

impl Stage {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Hear => "hear",
            Self::Understand => "understand",
            Self::Decide => "decide",
            Self::Store => "store",
        }
    }
}

const STAGE_SECONDS: &str = "hearthline_stage_seconds";
const REFUSED_TOTAL: &str = "hearthline_alexa_refused_total";

/// Upper bounds, in seconds: from a parse (tens of microseconds) to a long transcription.
const BUCKETS: [f64; 14] =
    [0.000_03, 0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.7, 1.0, 2.0, 5.0, 10.0];

/// Notes how long one stage of one turn took.
pub fn took(stage: Stage, channel: Channel, time: Duration) {
    histogram!(STAGE_SECONDS, "stage" => stage.as_str(), "channel" => channel.as_str())
        .record(time.as_secs_f64());
}

/// Notes a refused Alexa request by its reason word.
pub fn refused(reason: &'static str) {
    counter!(REFUSED_TOTAL, "reason" => reason).increment(1);
}

/// The collected figures.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Figures")
    }
}

impl Figures {
    /// Starts collecting, once for the whole process; later calls share what the first started.
    ///
    /// # Errors
    /// Something else in this process already collects.
    pub fn collect() -> Result<Self, TelemetryError> {
        static COLLECTED: OnceLock<Figures> = OnceLock::new();
        static STARTING: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _starting = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(figures) = COLLECTED.get() {
            return Ok(figures.clone());
        }
        let figures = Self(PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?);
        describe_histogram!(STAGE_SECONDS, Unit::Seconds, "how long a stage of a turn took");
        describe_counter!(REFUSED_TOTAL, "Alexa requests refused before they were read, by reason");
        Ok(COLLECTED.get_or_init(|| figures).clone())
    }

    /// The figures as `/metrics` gives them.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds new samples into the buckets. Call it every few seconds: until then each sample is
    /// kept, and nobody may ever ask for the figures.
    pub fn fold(&self) {
        self.0.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};
    use tracing::{debug, error, info, info_span, warn};

    const SAID: &str = "call grandma on 555 0100";

    #[test]
    fn what_people_say_shows_in_debug_lines_only_and_only_when_asked_for() {
        for format in [LogFormat::Human, LogFormat::Json] {
            let shown = |private, filter: &str| {
                let filter = Some(filter.to_owned());
                let lines = written(&Log { filter, format, private }, speak);
                assert!(lines.contains("turn finished"), "{lines}");
                lines.lines().filter(|line| line.contains("grandma")).map(level).collect::<Vec<_>>()
            };
            assert_eq!(shown(false, "info"), [""; 0]);
            assert_eq!(shown(false, "trace"), [""; 0]);
            assert_eq!(shown(true, "info"), [""; 0]);
            assert_eq!(shown(true, "trace"), ["TRACE", "DEBUG"]);
        }
    }

    #[test]
    fn outside_of_a_line_nothing_private_prints() {
        let private = Private(SAID);
        assert_eq!(format!("{private} {private:?} {:?}", Some(private)), "… … Some(…)");
    }

    #[test]
    fn a_line_can_be_read_by_people_and_by_programs() {
        let log = Log::default();
        let line = written(&log, || info!(call.outcome = "missed", "call finished"));
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["message"], "call finished");
        assert_eq!(line["call.outcome"], "missed");
        assert_eq!(line["level"], "INFO");

        let log = Log { format: LogFormat::Human, ..Log::default() };
        let line = written(&log, || info!(call.outcome = "missed", "call finished"));
        assert!(
            line.contains("INFO") && line.contains("call finished call.outcome=\"missed\""),
            "{line}"
        );
        assert_eq!(written(&log, || debug!("detail")), "");
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        let log = Log { filter: Some("info,,=,hearthline=loud".to_owned()), ..Log::default() };
        let error = lines(&log, false, std::io::sink).err().unwrap().to_string();
        assert!(
            error.starts_with("[log] filter \"info,,=,hearthline=loud\" cannot be read"),
            "{error}"
        );
    }

    #[test]
    fn figures_name_stage_and_channel_and_nothing_else() {
        let figures = Figures::collect().unwrap();
        took(Stage::Turn, Channel::Alexa, Duration::from_millis(4));
        refused("signature");
        let again = Figures::collect().unwrap();
        again.fold();
        let text = figures.render();
        for line in [
            r#"hearthline_stage_seconds_bucket{stage="turn",channel="alexa",le="0.003"} 0"#,
            r#"hearthline_stage_seconds_bucket{stage="turn",channel="alexa",le="0.01"} 1"#,
            r#"hearthline_alexa_refused_total{reason="signature"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    /// One line of each kind about one utterance, in a span that carries it too.
    fn speak() {
        let words = Private(SAID);
        let span = info_span!("turn", %words);
        let _inside = span.enter();
        tracing::trace!(?words, "trace");
        debug!(%words, "debug {words}");
        info!(%words, ?words, "turn finished {words}");
        warn!(heard = ?Some(words), "unclear");
        error!("not understood: {}", format_args!("{words:?}"));
    }

    fn level(line: &str) -> &'static str {
        ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]
            .into_iter()
            .find(|level| line.contains(level))
            .unwrap()
    }

    fn written(log: &Log, say: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Page(Arc<Mutex<Vec<u8>>>);
        impl Write for Page {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let page = Page::default();
        let writer = page.clone();
        let subscriber = lines(log, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, say);
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }
}
