//! Recordings of any rate and width become 16 kHz mono.
//!
//! Files come from strangers: every length in them may lie, so lengths are only ever used to cut what
//! is there, and the sound that comes out is bounded by [`MAX_SECONDS`].

mod flac;
mod wav;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

/// What whisper and the voice-activity model were trained on, in Hz.
pub const RATE_HZ: u32 = 16_000;
/// The longest recording: a spoken message may take two minutes, a request takes seconds.
pub const MAX_SECONDS: u32 = 120;
/// The slowest and fastest sampling we accept, in Hz. Speech below 4 kHz cannot be understood; studio
/// equipment ends at 384 kHz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// The most channels in one recording: 7.1 surround.
pub const MAX_CHANNELS: u16 = 8;
/// Input frames that the resampler takes at a time: large enough for a steep filter.
const RESAMPLE_CHUNK: usize = 4096;
/// Parts of one chunk, so that each filter block has about 1,000 frames.
const RESAMPLE_PARTS: usize = 4;

/// Why there is no sound. Each is one sentence for the person who brought the recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    #[error("this is neither a WAV nor a FLAC file; convert the recording to one of them")]
    Unknown,
    #[error("the {0} file breaks off before its sound begins; record or copy it again")]
    Truncated(&'static str),
    #[error("the {format} file is damaged: {what}")]
    Damaged { format: &'static str, what: String },
    #[error(
        "the WAV file holds sound of format {format:#06x} with {bits} bits; \
         convert it to PCM of 8, 16, 24 or 32 bits, to floating point, or to FLAC"
    )]
    Encoding { format: u16, bits: u16 },
    #[error("the recording holds no sound")]
    Empty,
    #[error(
        "the recording is sampled at {0} Hz; rates from {min} to {max} Hz can be heard",
        min = RATES_HZ.start(),
        max = RATES_HZ.end()
    )]
    Rate(u32),
    #[error("the recording has {0} channels; 1 to {MAX_CHANNELS} can be heard")]
    Channels(u16),
    #[error("the recording is longer than {MAX_SECONDS} seconds; cut it into parts")]
    TooLong,
}

/// Sound at 16 kHz, mono, each sample within -1 to 1. Never empty, never longer than [`MAX_SECONDS`].
#[derive(Clone, PartialEq)]
pub struct Audio {
    samples: Vec<f32>,
}

impl std::fmt::Debug for Audio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Audio({} ms)", self.ms())
    }
}

impl Audio {
    /// Decodes a WAV or FLAC file. A file that breaks off gives the sound up to there.
    ///
    /// # Errors
    /// See [`AudioError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, AudioError> {
        match bytes {
            [] => Err(AudioError::Empty),
            [b'R', b'I' | b'F', b'F' | b'6', b'F' | b'4', ..] => wav::decode(bytes),
            [b'f', b'L', b'a', b'C', ..] => flac::decode(bytes),
            _ => Err(AudioError::Unknown),
        }
    }

    /// Takes raw samples as devices send them: signed 16-bit, little-endian, interleaved.
    ///
    /// # Errors
    /// See [`AudioError`].
    pub fn from_pcm(rate_hz: u32, channels: u16, s16le: &[u8]) -> Result<Self, AudioError> {
        let mut recording = Recording::new(rate_hz, channels)?;
        recording.push(s16le)?;
        recording.finish()
    }

    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Its length in milliseconds.
    #[must_use]
    pub fn ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(RATE_HZ)
    }

    /// Each sample changed, with its place; kept within -1 to 1.
    #[must_use]
    pub fn map(&self, change: impl Fn(usize, f32) -> f32) -> Self {
        let changed = self.samples.iter().enumerate().map(|(at, sample)| change(at, *sample));
        Self { samples: changed.map(|sample| sample.clamp(-1.0, 1.0)).collect() }
    }

    /// The part between two moments, in milliseconds; `None` if nothing is there.
    #[must_use]
    pub fn cut(&self, from_ms: u64, to_ms: u64) -> Option<Self> {
        let at = |ms: u64| usize::try_from(ms * u64::from(RATE_HZ) / 1000).unwrap_or(usize::MAX);
        let to = at(to_ms).min(self.samples.len());
        let samples = self.samples.get(at(from_ms)..to)?.to_vec();
        (!samples.is_empty()).then_some(Self { samples })
    }
}

/// Sound as it comes in, bounded from the first byte on.
#[derive(Debug)]
pub struct Recording {
    mixer: Mixer,
    /// A sample of which only the first byte has come.
    half: Option<u8>,
}

impl Recording {
    /// # Errors
    /// When the rate or the number of channels cannot be heard.
    pub fn new(rate_hz: u32, channels: u16) -> Result<Self, AudioError> {
        Ok(Self { mixer: Mixer::new(rate_hz, channels)?, half: None })
    }

    /// Adds signed 16-bit little-endian samples; a chunk may end in the middle of one.
    ///
    /// # Errors
    /// [`AudioError::TooLong`] past [`MAX_SECONDS`]; what came before stays.
    pub fn push(&mut self, mut s16le: &[u8]) -> Result<(), AudioError> {
        if let (Some(low), [high, rest @ ..]) = (self.half, s16le) {
            self.mixer.push(f32::from(i16::from_le_bytes([low, *high])) / 32768.0)?;
            self.half = None;
            s16le = rest;
        }
        let mut pairs = s16le.chunks_exact(2);
        for pair in &mut pairs {
            if let [low, high] = *pair {
                self.mixer.push(f32::from(i16::from_le_bytes([low, high])) / 32768.0)?;
            }
        }
        if let [low] = *pairs.remainder() {
            self.half = Some(low);
        }
        Ok(())
    }

    /// # Errors
    /// [`AudioError::Empty`] when nothing came.
    pub fn finish(self) -> Result<Audio, AudioError> {
        self.mixer.finish()
    }
}

/// Interleaved samples in, their mean over the channels out, at most [`MAX_SECONDS`] of it.
#[derive(Debug)]
struct Mixer {
    rate_hz: u32,
    channels: u16,
    mono: Vec<f32>,
    sum: f32,
    seen: u16,
}

impl Mixer {
    fn new(rate_hz: u32, channels: u16) -> Result<Self, AudioError> {
        if !RATES_HZ.contains(&rate_hz) {
            return Err(AudioError::Rate(rate_hz));
        }
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(AudioError::Channels(channels));
        }
        Ok(Self { rate_hz, channels, mono: Vec::new(), sum: 0.0, seen: 0 })
    }

    fn push(&mut self, sample: f32) -> Result<(), AudioError> {
        // A NaN would spread through every filter after this one.
        self.sum += if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
        self.seen += 1;
        if self.seen == self.channels {
            if self.mono.len() >= self.rate_hz as usize * MAX_SECONDS as usize {
                return Err(AudioError::TooLong);
            }
            self.mono.push(self.sum / f32::from(self.channels));
            (self.sum, self.seen) = (0.0, 0);
        }
        Ok(())
    }

    fn finish(self) -> Result<Audio, AudioError> {
        if self.mono.is_empty() {
            return Err(AudioError::Empty);
        }
        let samples = if self.rate_hz == RATE_HZ {
            self.mono
        } else {
            resample(self.rate_hz, &self.mono)
                .map_err(|what| AudioError::Damaged { format: "sound", what })?
        };
        if samples.is_empty() { Err(AudioError::Empty) } else { Ok(Audio { samples }) }
    }
}

fn resample(rate_hz: u32, mono: &[f32]) -> Result<Vec<f32>, String> {
    let mut resampler = Fft::<f32>::new_custom(
        rate_hz as usize,
        RATE_HZ as usize,
        RESAMPLE_CHUNK,
        RESAMPLE_PARTS,
        1,
        rubato::WindowFunction::BlackmanHarris2,
        FixedSync::Input,
    )
    .map_err(|error| error.to_string())?;
    let input = InterleavedSlice::new(mono, 1, mono.len()).map_err(|error| error.to_string())?;
    let output =
        resampler.process_all(&input, mono.len(), None).map_err(|error| error.to_string())?;
    // The filter rings a little past full scale.
    Ok(output.take_data().into_iter().map(|sample| sample.clamp(-1.0, 1.0)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A WAV file whose fields say what they are told to.
    fn wav(code: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        wav_stating(code, channels, rate_hz, bits, data, data.len() as u32)
    }

    fn wav_stating(code: u16, ch: u16, rate_hz: u32, bits: u16, data: &[u8], len: u32) -> Vec<u8> {
        let align = u32::from(ch) * u32::from(bits) / 8;
        let mut file = b"RIFF".to_vec();
        file.extend(len.wrapping_add(36).to_le_bytes());
        file.extend(b"WAVEfmt \x10\0\0\0");
        file.extend(code.to_le_bytes());
        file.extend(ch.to_le_bytes());
        file.extend(rate_hz.to_le_bytes());
        file.extend(rate_hz.wrapping_mul(align).to_le_bytes());
        file.extend((align as u16).to_le_bytes());
        file.extend(bits.to_le_bytes());
        file.extend(b"data");
        file.extend(len.to_le_bytes());
        file.extend(data);
        file
    }

    /// Half a second of a 440 Hz tone at half scale, as one sample after the other.
    fn tone(rate_hz: u32, channels: u16, sample: impl Fn(f32) -> Vec<u8>) -> Vec<u8> {
        (0..rate_hz / 2)
            .flat_map(|at| {
                let wave = (at as f32 * 440.0 * std::f32::consts::TAU / rate_hz as f32).sin() * 0.5;
                sample(wave).repeat(usize::from(channels))
            })
            .collect()
    }

    fn s16(wave: f32) -> Vec<u8> {
        ((wave * 32767.0) as i16).to_le_bytes().to_vec()
    }

    /// What a file gives: its length and loudness, or the error's first words.
    fn heard(file: &[u8]) -> String {
        match Audio::decode(file) {
            Err(error) => error.to_string(),
            Ok(audio) => {
                let power: f32 = audio.samples().iter().map(|s| s * s).sum();
                let rms = (power / audio.samples().len() as f32).sqrt();
                format!("{} ms, rms {rms:.2}", audio.ms())
            }
        }
    }

    #[track_caller]
    fn check(file: &[u8], expected: &str) {
        let heard = heard(file);
        assert!(heard.starts_with(expected), "{heard}");
    }

    #[test]
    fn every_rate_width_and_channel_count_sounds_the_same() {
        const TONE: &str = "500 ms, rms 0.35";
        let check = |code, channels, rate, bits, sample: fn(f32) -> Vec<u8>| {
            check(&wav(code, channels, rate, bits, &tone(rate, channels, sample)), TONE);
        };
        check(1, 1, 16_000, 16, s16);
        check(1, 2, 16_000, 16, s16);
        check(1, 8, 48_000, 16, s16);
        check(1, 1, 8_000, 16, s16);
        check(1, 1, 11_025, 16, s16);
        check(1, 1, 22_050, 16, s16);
        check(1, 2, 44_100, 16, s16);
        check(1, 1, 44_101, 16, s16);
        check(1, 2, 192_000, 16, s16);
        check(1, 1, 16_000, 8, |w| vec![(w * 127.0 + 128.0) as u8]);
        check(1, 1, 16_000, 24, |w| ((w * 8_388_607.0) as i32).to_le_bytes()[..3].to_vec());
        check(1, 1, 16_000, 32, |w| ((w * 2_147_483_000.0) as i32).to_le_bytes().to_vec());
        check(3, 1, 16_000, 32, |w| w.to_le_bytes().to_vec());
        check(3, 2, 96_000, 64, |w| f64::from(w).to_le_bytes().to_vec());
    }

    #[test]
    fn a_file_that_lies_gives_what_is_there_or_one_sentence() {
        let tone = tone(16_000, 1, s16);
        let stating = |len| wav_stating(1, 1, 16_000, 16, &tone, len);
        check(&stating(0), "500 ms");
        check(&stating(u32::MAX), "500 ms");
        check(&stating(8_000), "250 ms");
        check(&stating(16_000)[..44 + 8_001], "250 ms");
        check(b"", "the recording holds no sound");
        check(&wav(1, 1, 16_000, 16, b""), "the recording holds no sound");
        check(&wav(1, 1, 16_000, 16, b"x"), "the recording holds no sound");
        check(&wav(1, 1, 0, 16, &tone), "the recording is sampled at 0 Hz");
        check(&wav(1, 1, u32::MAX, 16, &tone), "the recording is sampled at 4294967295 Hz");
        check(&wav(1, 0, 16_000, 16, &tone), "the recording has 0 channels");
        check(&wav(1, 60_000, 16_000, 16, &tone), "the recording has 60000 channels");
        check(&wav(1, 1, 16_000, 12, &tone), "the WAV file holds sound of format 0x0001 with 12");
        check(&wav(0x55, 1, 16_000, 0, &tone), "the WAV file holds sound of format 0x0055");
        check(&wav(1, 1, 4_000, 8, &[0; 480_001]), "the recording is longer than 120 seconds");
        check(b"RIFF", "the WAV file breaks off");
        check(b"RIFF\0\0\0\0WAVE", "the WAV file breaks off");
        check(b"RIFF\0\0\0\0AVI LIST", "this is neither a WAV nor a FLAC");
        check(b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd", "the WAV file is damaged: its sound comes");
        check(b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcd", "the WAV file is damaged: its format chunk");
        check(b"ID3\x04", "this is neither a WAV nor a FLAC");
        check(b"fLaC", "the FLAC file breaks off");
        check(b"fLaC\x80\0\0\x22", "the FLAC file breaks off");
        check(b"fLaC\x84\0\0\x01x", "the FLAC file is damaged: it does not begin");
        let nan = f32::NAN.to_le_bytes().repeat(1_600);
        check(&wav(3, 1, 16_000, 32, &nan), "100 ms, rms 0.00");
        let loud = f32::INFINITY.to_le_bytes().repeat(1_600);
        check(&wav(3, 1, 8_000, 32, &loud), "200 ms, rms 0.00");
        let huge = 1e30_f32.to_le_bytes().repeat(1_600);
        check(&wav(3, 1, 16_000, 32, &huge), "100 ms, rms 1.00");
    }

    #[test]
    fn raw_chunks_may_end_anywhere() {
        let tone = tone(48_000, 2, s16);
        let whole = Audio::from_pcm(48_000, 2, &tone).expect("a tone");
        let mut recording = Recording::new(48_000, 2).expect("a usual rate");
        tone.chunks(7).for_each(|chunk| recording.push(chunk).expect("short enough"));
        assert_eq!(recording.finish().expect("a tone"), whole);
        assert_eq!(Audio::from_pcm(16_000, 1, b""), Err(AudioError::Empty));
        assert_eq!(Audio::from_pcm(0, 1, b"xx"), Err(AudioError::Rate(0)));
    }

    #[test]
    fn a_recording_grows_no_further_than_its_bound() {
        let mut recording = Recording::new(16_000, 1).expect("a usual rate");
        let minute = vec![0; 16_000 * 2 * 60];
        assert_eq!(recording.push(&minute), Ok(()));
        assert_eq!(recording.push(&minute), Ok(()));
        assert_eq!(recording.push(&minute), Err(AudioError::TooLong));
    }

    const FLAC: &[u8] = include_bytes!("../../audio-fixtures/synthetic/flite_rms_09_hang_up.flac");

    #[test]
    fn flac_decodes_and_breaks_off_gracefully() {
        check(FLAC, "134");
        // Whole frames only: 4096 samples each.
        check(&FLAC[..FLAC.len() / 2], "256 ms");
        check(&FLAC[..50], "the FLAC file breaks off");
    }

    proptest! {
        /// Whatever is in a file, decoding ends, in bounds, without a panic.
        #[test]
        fn damage_is_survived(
            flac in any::<bool>(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
            keep in any::<prop::sample::Index>(),
            headers in any::<bool>(),
        ) {
            let sound = tone(11_025, 2, s16);
            let mut file = if flac { FLAC.to_vec() } else { wav(1, 2, 11_025, 16, &sound) };
            // Half the time only the headers are damaged: that is where the lies are.
            let reach = if headers { file.len().min(120) } else { file.len() };
            for (at, byte) in damage {
                file[at.index(reach)] = byte;
            }
            if keep.index(4) == 0 {
                file.truncate(keep.index(file.len()) + 1);
            }
            if let Ok(audio) = Audio::decode(&file) {
                prop_assert!(!audio.samples().is_empty());
                prop_assert!(audio.ms() <= u64::from(MAX_SECONDS) * 1000);
                prop_assert!(audio.samples().iter().all(|s| (-1.0..=1.0).contains(s)));
            }
        }
    }
}
