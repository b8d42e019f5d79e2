//! Noise to test hearing with: the same seed makes the same noise, on every machine.

use super::audio::{Audio, RATE_HZ};

/// What the noise is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// A hiss: every frequency alike.
    White,
    /// A fan or distant traffic: each octave alike.
    Pink,
    /// Six people talking at once, in no language.
    Babble,
}

impl Noise {
    pub const ALL: [Self; 3] = [Self::White, Self::Pink, Self::Babble];

    /// That many samples, at 16 kHz, of any loudness.
    #[must_use]
    pub fn samples(self, seed: u64, count: usize) -> Vec<f32> {
        let mut chance = Chance(seed);
        match self {
            Self::White => (0..count).map(|_| chance.signed()).collect(),
            Self::Pink => pink(&mut chance, count),
            Self::Babble => {
                let mut all = vec![0.0; count];
                for _ in 0..TALKERS {
                    for (sum, sample) in all.iter_mut().zip(talker(&mut chance, count)) {
                        *sum += sample;
                    }
                }
                all
            }
        }
    }

    /// The recording with noise so many dB below its voice.
    #[must_use]
    pub fn over(self, audio: &Audio, below_db: f32, seed: u64) -> Audio {
        let voice = audio.samples();
        let noise = self.samples(seed, voice.len());
        let ratio = 10.0_f32.powf(-below_db / 10.0);
        let gain = (voice_power(voice) * ratio / power(&noise).max(f32::MIN_POSITIVE)).sqrt();
        audio.map(|at, sample| sample + gain * noise[at])
    }
}

const TALKERS: usize = 6;
/// Loudness is compared in pieces this long: 20 ms.
const FRAME: usize = RATE_HZ as usize / 50;
/// Pieces with less than this share of the loudest one's power are pauses.
const PAUSE: f32 = 0.001;

fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / (samples.len().max(1) as f32)
}

/// The mean power while somebody speaks: silence around the voice must not make the noise softer.
fn voice_power(samples: &[f32]) -> f32 {
    let frames: Vec<f32> = samples.chunks(FRAME).map(power).collect();
    let loudest = frames.iter().copied().fold(0.0, f32::max);
    let spoken: Vec<f32> = frames.into_iter().filter(|frame| *frame > loudest * PAUSE).collect();
    spoken.iter().sum::<f32>() / (spoken.len().max(1) as f32)
}

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    /// -1 to 1.
    fn signed(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * (self.signed() + 1.0) / 2.0
    }
}

/// White noise through three slow filters, an octave or two apart (Kellet's economy method).
fn pink(chance: &mut Chance, count: usize) -> Vec<f32> {
    let mut slow = [0.0_f32; 3];
    (0..count)
        .map(|_| {
            let white = chance.signed();
            slow[0] = 0.997_65 * slow[0] + white * 0.099_046;
            slow[1] = 0.963_00 * slow[1] + white * 0.296_516_4;
            slow[2] = 0.570_00 * slow[2] + white * 1.052_691_3;
            slow.iter().sum::<f32>() + white * 0.184_8
        })
        .collect()
}

/// Syllables of a voice: pulses through two resonances that change from one to the next.
fn talker(chance: &mut Chance, count: usize) -> Vec<f32> {
    let rate = RATE_HZ as f32;
    let mut samples = Vec::with_capacity(count);
    let pitch = chance.between(90.0, 220.0);
    let mut phase = 0.0;
    while samples.len() < count {
        let length = (rate * chance.between(0.12, 0.30)) as usize;
        let loud = if chance.signed() > 0.6 { 0.0 } else { chance.between(0.4, 1.0) };
        let pitch = pitch * chance.between(0.85, 1.15);
        let mut first = Resonance::at(chance.between(250.0, 900.0));
        let mut second = Resonance::at(chance.between(900.0, 2_600.0));
        for at in 0..length {
            phase += pitch / rate;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= phase.floor();
            let swell = (std::f32::consts::PI * at as f32 / length as f32).sin();
            let source = pulse + 0.02 * chance.signed();
            samples.push(loud * swell * (first.next(source) + 0.5 * second.next(source)));
        }
    }
    samples.truncate(count);
    samples
}

/// Rings at one frequency, 120 Hz wide.
struct Resonance {
    turn: f32,
    decay: f32,
    last: [f32; 2],
}

impl Resonance {
    fn at(hz: f32) -> Self {
        let rate = RATE_HZ as f32;
        let decay = (-std::f32::consts::PI * 120.0 / rate).exp();
        Self {
            turn: 2.0 * decay * (std::f32::consts::TAU * hz / rate).cos(),
            decay,
            last: [0.0; 2],
        }
    }

    fn next(&mut self, source: f32) -> f32 {
        let now = source + self.turn * self.last[0] - self.decay * self.decay * self.last[1];
        self.last = [now, self.last[0]];
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone() -> Audio {
        let tone: Vec<u8> = (0..16_000_u16)
            .flat_map(|at| {
                let loud = if at < 8_000 { 0.0 } else { 3_000.0 };
                (((f32::from(at) * 0.3).sin() * loud) as i16).to_le_bytes()
            })
            .collect();
        Audio::from_pcm(RATE_HZ, 1, &tone).expect("a second of sound")
    }

    #[test]
    fn noise_is_as_far_below_the_voice_as_asked_and_the_same_each_time() {
        let clean = tone();
        for noise in Noise::ALL {
            for below_db in [20.0, 10.0, 5.0] {
                let noisy = noise.over(&clean, below_db, 7);
                assert_eq!(noisy, noise.over(&clean, below_db, 7));
                assert_ne!(noisy, noise.over(&clean, below_db, 8));
                let added: Vec<f32> =
                    noisy.samples().iter().zip(clean.samples()).map(|(a, b)| a - b).collect();
                // The voice speaks in the second half.
                let voice = power(&clean.samples()[8_000..]);
                let below = 10.0 * (voice / power(&added)).log10();
                assert!((below - below_db).abs() < 0.5, "{noise:?}: {below} dB, not {below_db}");
            }
        }
    }

    #[test]
    fn each_noise_has_its_own_colour() {
        // How much of the power is in the step from one sample to the next: most in a hiss.
        let steps = |noise: Noise| {
            let samples = noise.samples(1, 32_000);
            let steps: Vec<f32> = samples.windows(2).map(|pair| pair[1] - pair[0]).collect();
            power(&steps) / power(&samples)
        };
        let [white, pink, babble] = Noise::ALL.map(steps);
        assert!(
            white > 1.5 && pink < white / 3.0 && babble < white / 3.0,
            "{white} {pink} {babble}"
        );
    }
}
