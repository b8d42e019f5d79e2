//! Whisper behind a queue.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::sync::Arc;

use hearthline_core::understanding::normalise;
use tokio::sync::{mpsc, oneshot};
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
};

use super::activity::{self, Activity};
use super::audio::{Audio, RATE_HZ};
use super::hints::Hints;
use super::models::{self, ModelError, ModelPaths};
use super::sayable::{Sayable, Weights};
use super::search::{self, Length, Token, Tokens, Width};
use super::{Stopwatch, text};

/// Recordings that may wait. At 0.4 s each, the last of eight waits three seconds; someone who waits
/// longer has spoken again by then.
const QUEUE: usize = 8;
/// Threads of a recognition. Recognitions run one at a time; more threads than free cores spin at
/// whisper's barriers and take ten times as long.
const THREADS: usize = 2;
/// How long a short clip takes with one thread, in milliseconds, until it has been measured here.
const ONE_THREAD_MS: f64 = 700.0;
/// So many recognitions with one thread, and more threads are tried again.
const TRY_AGAIN_AFTER: u32 = 8;
/// Encoder positions (20 ms each) for clips up to [`SHORT_MS`]: 15.36 s. Half of whisper's 1500 costs
/// 40 % of the time and one point of accuracy; below 512 the decoder loops.
const SHORT_CONTEXT: i32 = 768;
/// The longest clip for [`SHORT_CONTEXT`], with a second of silence to end in.
const SHORT_MS: u64 = 14_000;
/// Whisper gives up on less than a second; clips are padded with silence to this many milliseconds.
const LEAST_MS: u64 = 1_500;
/// Tokens a decoder may write: some for the timestamps, and per second twice the fastest speech.
const TOKENS: u64 = 16;
const TOKENS_PER_SECOND: u64 = 10;
/// The most tokens of one window; whisper's own limit is 224.
const MAX_TOKENS: u64 = 220;
/// A segment that whisper believes to be silence with this probability, and whose words it doubts
/// ([`DOUBT`]), is what it dreams up in noise.
const NO_SPEECH: f32 = 0.6;
/// Mean token probability below which words are doubted.
const DOUBT: f32 = 0.35;

/// Why nothing was recognised.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("could not start the recogniser's thread: {0}")]
    Thread(std::io::Error),
    #[error("{QUEUE} recordings are waiting to be recognised already; try again in a moment")]
    Busy,
    #[error("the recogniser has stopped; restart Hearthline")]
    Stopped,
    #[error("the speech engine failed on this recording: {0}")]
    Engine(String),
}

/// A text that may have been said.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub text: String,
    /// How likely it sounds, in nats; at most 0.
    pub sound: f32,
    /// What it is worth as something that can be said now, in nats.
    pub sense: f32,
}

/// What was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// As whisper writes it, with case and punctuation; empty when nobody spoke.
    pub text: String,
    /// Nobody spoke, as far as we can tell.
    pub no_speech: bool,
    /// Further texts, and how likely each is, in nats below the text itself.
    pub alternatives: Vec<Alternative>,
    /// How sure whisper is of the text, 0 to 1: the mean probability of its tokens.
    pub certainty: f32,
    /// The length of the recording.
    pub audio_ms: u64,
    /// Time spent on finding the speech in it.
    pub trim_ms: f64,
    /// Time spent on recognising that.
    pub asr_ms: f64,
}

struct Job {
    audio: Audio,
    hints: Hints,
    reply: oneshot::Sender<Result<Transcript, SpeechError>>,
}

/// A loaded recogniser. Clones share one thread and one queue.
#[derive(Debug, Clone)]
pub struct Ears {
    queue: mpsc::Sender<Job>,
}

impl Ears {
    /// Loads both models and starts the thread.
    ///
    /// # Errors
    /// When a model is missing, damaged or refused.
    pub fn load(paths: &ModelPaths) -> Result<Self, SpeechError> {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::load_with_threads(paths, THREADS.min(cores))
    }

    /// Like [`Ears::load`], with that many threads for one recognition.
    ///
    /// # Errors
    /// See [`Ears::load`].
    pub fn load_with_threads(paths: &ModelPaths, threads: usize) -> Result<Self, SpeechError> {
        whisper_rs::install_logging_hooks();
        let mut recogniser = Recogniser::load(paths, threads)?;
        let (queue, mut jobs) = mpsc::channel::<Job>(QUEUE);
        std::thread::Builder::new()
            .name("recogniser".into())
            .spawn(move || {
                while let Some(job) = jobs.blocking_recv() {
                    if !job.reply.is_closed() {
                        let heard = recogniser.hear(&job);
                        // The caller may have gone meanwhile.
                        let _ = job.reply.send(heard);
                    }
                }
            })
            .map_err(SpeechError::Thread)?;
        Ok(Self { queue })
    }

    /// Recognises a recording. Dropping the future takes it out of the queue, or stops its recognition
    /// within one step of the decoder.
    ///
    /// # Errors
    /// [`SpeechError::Busy`] at once when too many are waiting.
    pub async fn hear(&self, audio: Audio, hints: Hints) -> Result<Transcript, SpeechError> {
        let (reply, heard) = oneshot::channel();
        self.queue.try_send(Job { audio, hints, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SpeechError::Busy,
            mpsc::error::TrySendError::Closed(_) => SpeechError::Stopped,
        })?;
        heard.await.map_err(|_| SpeechError::Stopped)?
    }
}

/// How many threads the next recognition gets: whatever else runs here may need the cores.
#[derive(Debug)]
struct Pace {
    most: i32,
    threads: i32,
    /// How long the last recognition took with one thread, and with the most, in milliseconds.
    one_ms: f64,
    most_ms: f64,
    /// Recognitions since more threads were tried.
    tried: u32,
}

impl Pace {
    fn new(most: usize) -> Self {
        let most = i32::try_from(most.max(1)).unwrap_or(1);
        Self { most, threads: most, one_ms: ONE_THREAD_MS, most_ms: 0.0, tried: 0 }
    }

    /// One thread when that was faster, as on busy cores; the words do not depend on it.
    fn took(&mut self, asr_ms: f64) {
        if self.threads == self.most {
            (self.most_ms, self.tried) = (asr_ms, 0);
        } else {
            (self.one_ms, self.tried) = (asr_ms, self.tried + 1);
        }
        let one = self.most_ms > self.one_ms && self.tried < TRY_AGAIN_AFTER;
        self.threads = if one { 1 } else { self.most };
    }
}

struct Recogniser {
    activity: Activity,
    context: WhisperContext,
    whisper: WhisperState,
    tokens: Tokens,
    pace: Pace,
}

impl Recogniser {
    fn load(paths: &ModelPaths, threads: usize) -> Result<Self, SpeechError> {
        let refused = |error: whisper_rs::WhisperError| ModelError::Refused {
            path: paths.whisper.clone(),
            reason: error.to_string(),
        };
        let activity = Activity::load(&paths.activity)?;
        let bytes = models::read_verified(&paths.whisper, models::WHISPER)?;
        let params = WhisperContextParameters::default();
        let context =
            WhisperContext::new_from_buffer_with_params(&bytes, params).map_err(refused)?;
        let whisper = context.create_state().map_err(refused)?;
        let tokens = tokens(&context);
        Ok(Self { activity, context, whisper, tokens, pace: Pace::new(threads) })
    }

    fn hear(&mut self, job: &Job) -> Result<Transcript, SpeechError> {
        let audio_ms = job.audio.ms();
        let start = Stopwatch::start();
        let speech = self.activity.trim(&job.audio);
        let trim_ms = start.ms();
        let start = Stopwatch::start();
        let (text, written, certainty) = match &speech {
            Some(speech) => self.recognise(speech, job)?,
            None => (String::new(), vec![], 0.0),
        };
        let short = speech.as_ref().is_some_and(|speech| speech.ms() <= SHORT_MS);
        let alternatives = match (job.hints.doubting(&text), &speech) {
            (Some(sayable), Some(speech)) if short => {
                self.hear_again(sayable, (&text, &written), speech.ms(), job)?
            }
            _ => vec![],
        };
        let asr_ms = if speech.is_some() { start.ms() } else { 0.0 };
        if speech.is_some_and(|speech| speech.ms() <= SHORT_MS) {
            self.pace.took(asr_ms);
        }
        let no_speech = text.is_empty();
        Ok(Transcript { text, no_speech, alternatives, certainty, audio_ms, trim_ms, asr_ms })
    }

    /// What is heard without knowing anything, the decoder's tokens for it, and how sure it is of them.
    fn recognise(
        &mut self,
        speech: &Audio,
        job: &Job,
    ) -> Result<(String, Vec<Token>, f32), SpeechError> {
        let ms = speech.ms();
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(self.pace.threads);
        params.set_language(Some("en"));
        params.set_no_context(true);
        params.set_temperature(0.0);
        params.set_temperature_inc(0.0);
        // Without timestamps a short context makes the decoder repeat itself.
        params.set_no_timestamps(false);
        params.set_audio_ctx(if ms <= SHORT_MS { SHORT_CONTEXT } else { 0 });
        // One window, whose sound the encoder then still holds for a second hearing.
        params.set_single_segment(ms <= SHORT_MS);
        let tokens = (TOKENS + ms * TOKENS_PER_SECOND / 1000).min(MAX_TOKENS);
        params.set_max_tokens(i32::try_from(tokens).unwrap_or(0));
        params.set_suppress_nst(true);
        params.set_print_special(false);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        stop_when_gone(&mut params, &job.reply);

        let mut samples = speech.samples().to_vec();
        let least = usize::try_from(LEAST_MS * u64::from(RATE_HZ) / 1000).unwrap_or(0);
        samples.resize(samples.len().max(least), 0.0);
        self.whisper
            .full(params, &samples)
            .map_err(|error| SpeechError::Engine(error.to_string()))?;

        let mut raw = String::new();
        let mut written = Vec::new();
        let mut certainty = 0.0;
        for segment in self.whisper.as_iter() {
            let tokens = (0..segment.n_tokens()).filter_map(|at| segment.get_token(at));
            let sure: Vec<f32> = tokens.map(|token| token.token_probability()).collect();
            let mean = sure.iter().sum::<f32>() / (sure.len().max(1) as f32);
            if segment.no_speech_probability() > NO_SPEECH && mean < DOUBT {
                continue;
            }
            for token in (0..segment.n_tokens()).filter_map(|at| segment.get_token(at)) {
                if token.token_id() < self.context.token_eot() {
                    written.push(token.token_id());
                    certainty += token.token_probability();
                }
            }
            raw.push_str(&segment.to_str_lossy().map_err(|e| SpeechError::Engine(e.to_string()))?);
        }
        certainty /= written.len().max(1) as f32;
        Ok((text::clean(&raw), written, certainty))
    }
}

/// The most tokens of a prompt, twenty names or so; whisper reads up to 223.
const PROMPT_TOKENS: usize = 120;
/// How much it is worth to say what can be said. Measured on three of the four synthetic voices; names
/// that nobody has cost as much as five letters of a known one bring.
const WEIGHTS: Weights = Weights { word: 0.7, name: 1.2, unknown: 6.0, whole: 1.0 };
/// Candidates that live on, and how far below the best, in nats. Four within seven nats take a quarter
/// fewer steps and lose one recording of 160.
const BEAM: usize = 5;
const MARGIN: f32 = 8.0;
/// Tokens of the shortest text, beside [`TOKENS_PER_SECOND`].
const AGAIN_TOKENS: u64 = 8;
/// The most alternatives that are kept.
const ALTERNATIVES: usize = 8;
/// Slow speech; usual are 15. Fewer letters leave some of the sound unexplained.
const LETTERS_PER_SECOND: u64 = 9;
/// The silence after speech, and how much earlier a decoder may believe it to end.
const UNSPOKEN_MS: u64 = 1_000;
/// What whisper never writes for speech.
const NO_SPEECH_LETTERS: &str = "\"#()*+/:;<=>@[\\]^_`{|}~\u{266a}";

fn tokens(context: &WhisperContext) -> Tokens {
    let number = |token: i32| usize::try_from(token).unwrap_or(usize::MAX);
    let end = number(context.token_eot());
    let text = |token: usize| -> Option<Box<[u8]>> {
        let bytes = context.token_to_bytes(i32::try_from(token).ok()?).ok()?;
        let noise = bytes.is_empty()
            || String::from_utf8_lossy(bytes).chars().any(|c| NO_SPEECH_LETTERS.contains(c));
        (!noise).then(|| bytes.into())
    };
    Tokens { texts: (0..end).map(text).collect(), timestamps: number(context.token_beg()), end }
}

/// Whisper's decoder, as the search wants it.
struct Again<'r> {
    whisper: &'r mut WhisperState,
    threads: usize,
    /// What stands before the text.
    before: Vec<Token>,
    /// What the decoder has read and remembers.
    read: Vec<Token>,
    reply: &'r oneshot::Sender<Result<Transcript, SpeechError>>,
}

impl search::Decoder for Again<'_> {
    type Error = SpeechError;

    fn logits(&mut self, written: &[Token]) -> Result<&[f32], SpeechError> {
        let engine = |error: whisper_rs::WhisperError| SpeechError::Engine(error.to_string());
        if self.reply.is_closed() {
            return Err(SpeechError::Stopped);
        }
        let all = [&self.before[..], written].concat();
        let known = self.read.iter().zip(&all).take_while(|(a, b)| a == b).count();
        let last = all.len() - 1;
        let known = known.min(last);
        // The engine shows the logits of the first token it is given only.
        if known < last {
            self.whisper.decode(&all[known..last], known, self.threads).map_err(engine)?;
        }
        self.whisper.decode(&all[last..], last, self.threads).map_err(engine)?;
        self.read = all;
        self.whisper.get_logits().map_err(engine)
    }
}

impl Recogniser {
    /// Examples of what can be said, as if they had been said before; whole ones, within the budget.
    fn prompt(&self, examples: &[String]) -> Vec<Token> {
        let mut prompt = vec![];
        for example in examples {
            let mut letters = example.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            let sentence = format!(" {first}{}.", letters.as_str());
            // A NUL is refused; such a name is not worth more.
            let Ok(tokens) = self.context.tokenize(&sentence, PROMPT_TOKENS) else { continue };
            if prompt.len() + tokens.len() > PROMPT_TOKENS {
                break;
            }
            prompt.extend(tokens);
        }
        if !prompt.is_empty() {
            prompt.insert(0, self.context.token_prev());
        }
        prompt
    }

    /// What else it may have been, knowing what can be said; among it what was heard first.
    fn hear_again(
        &mut self,
        sayable: &Arc<Sayable>,
        (first, written): (&str, &[Token]),
        ms: u64,
        job: &Job,
    ) -> Result<Vec<Alternative>, SpeechError> {
        let mut before = self.prompt(job.hints.examples());
        before.extend([self.context.token_sot(), self.context.token_beg()]);
        let mut again = Again {
            whisper: &mut self.whisper,
            threads: usize::try_from(self.pace.threads).unwrap_or(1),
            before,
            read: vec![],
            reply: &job.reply,
        };
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let spoken = ms.saturating_sub(activity::AROUND_MS);
        let length = Length {
            earliest: whole(ms.saturating_sub(UNSPOKEN_MS) / 20),
            letters: whole(spoken * LETTERS_PER_SECOND / 1000),
        };
        let most = AGAIN_TOKENS + spoken * TOKENS_PER_SECOND / 1000;
        let width = Width { beam: BEAM, margin: MARGIN, tokens: whole(most.min(MAX_TOKENS)) };
        let found = search::search(&mut again, &self.tokens, sayable, WEIGHTS, width, length)?;
        let sound = search::sound(&mut again, &self.tokens, written, length)?;
        let mut heard: Vec<Alternative> = found
            .into_iter()
            .take(ALTERNATIVES)
            .map(|found| Alternative {
                text: text::clean(&found.text),
                sound: found.sound,
                sense: found.sense,
            })
            .collect();
        if !heard.iter().any(|other| normalise::key(&other.text) == normalise::key(first)) {
            heard.push(Alternative { text: first.to_owned(), sound, sense: 0.0 });
        }
        Ok(heard)
    }
}

/// Ends the recognition when nobody waits for it any more.
///
/// The safe form of this callback in whisper-rs 0.16 reads its closure through the wrong type.
#[allow(unsafe_code)]
fn stop_when_gone(
    params: &mut FullParams<'_, '_>,
    reply: &oneshot::Sender<Result<Transcript, SpeechError>>,
) {
    unsafe extern "C" fn gone(reply: *mut c_void) -> bool {
        // SAFETY: it is the pointer below, and `is_closed` takes a shared reference.
        unsafe { &*reply.cast::<oneshot::Sender<Result<Transcript, SpeechError>>>() }.is_closed()
    }
    // SAFETY: the job owns the sender and outlives the call to whisper that these parameters are
    // made for; whisper calls back on the same thread, during that call only.
    unsafe {
        params.set_abort_callback(Some(gone));
        params.set_abort_callback_user_data(std::ptr::from_ref(reply).cast_mut().cast());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_gets_one_thread_until_it_is_calm() {
        let mut pace = Pace::new(2);
        let mut check = |asr_ms: f64, threads: i32| {
            pace.took(asr_ms);
            assert_eq!(pace.threads, threads, "after {asr_ms} ms");
        };
        check(300.0, 2);
        check(650.0, 2);
        check(5_000.0, 1);
        for _ in 1..TRY_AGAIN_AFTER {
            check(1_400.0, 1);
        }
        check(600.0, 2);
        check(2_000.0, 1);
    }

    #[test]
    fn a_slow_machine_keeps_its_threads() {
        let mut pace = Pace::new(2);
        pace.took(3_000.0);
        assert_eq!(pace.threads, 1);
        pace.took(5_000.0);
        assert_eq!(pace.threads, 2);
        pace.took(3_000.0);
        assert_eq!(pace.threads, 2);
    }
}
