//! FLAC, by symphonia. It is given the stream's own description and the sound, nothing else: tags,
//! pictures and seek tables state lengths that a decoder would reserve memory for.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_FLAC, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::formats::FlacReader;

use super::{Audio, AudioError, MAX_SECONDS, Mixer};

/// The length of the block that describes the stream, always the first.
const STREAM_INFO_BYTES: usize = 34;
/// The bit of a block's first byte that says it is the last before the sound.
const LAST: u8 = 0x80;

fn damaged(what: &impl ToString) -> AudioError {
    AudioError::Damaged { format: "FLAC", what: what.to_string() }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Audio, AudioError> {
    let stream = only_sound(bytes)?;
    // The decoder asserts what a damaged frame may break; that must not end the program.
    catch_unwind(AssertUnwindSafe(|| decode_stream(stream)))
        .unwrap_or_else(|_| Err(damaged(&"its frames contradict each other")))
}

/// The same stream with one metadata block.
fn only_sound(bytes: &[u8]) -> Result<Vec<u8>, AudioError> {
    const TRUNCATED: AudioError = AudioError::Truncated("FLAC");
    let mut rest = bytes.get(4..).ok_or(TRUNCATED)?;
    let mut stream = b"fLaC".to_vec();
    loop {
        let [kind, l0, l1, l2, body @ ..] = rest else { return Err(TRUNCATED) };
        let len = u32::from_be_bytes([0, *l0, *l1, *l2]) as usize;
        if stream.len() == 4 {
            if kind & !LAST != 0 || len != STREAM_INFO_BYTES {
                return Err(damaged(&"it does not begin with its stream information"));
            }
            stream.extend([LAST, *l0, *l1, *l2]);
            stream.extend(body.get(..len).ok_or(TRUNCATED)?);
        }
        rest = body.get(len..).ok_or(TRUNCATED)?;
        if kind & LAST != 0 {
            stream.extend(rest);
            return Ok(stream);
        }
    }
}

fn decode_stream(stream: Vec<u8>) -> Result<Audio, AudioError> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(stream)), Default::default());
    let mut reader = match FlacReader::try_new(source, &FormatOptions::default()) {
        Ok(reader) => reader,
        Err(Error::IoError(_)) => return Err(AudioError::Empty),
        Err(error) => return Err(damaged(&error)),
    };
    let params = match reader.tracks() {
        [track] => track.codec_params.clone(),
        _ => return Err(damaged(&"it has no stream information")),
    };
    let rate_hz = params.sample_rate.unwrap_or(0);
    let channels = params.channels.map_or(0, |channels| channels.count());
    let mut mixer = Mixer::new(rate_hz, u16::try_from(channels).unwrap_or(u16::MAX))?;
    let codecs = symphonia::default::get_codecs();
    let mut decoder =
        codecs.make(&params, &DecoderOptions::default()).map_err(|error| damaged(&error))?;
    debug_assert_eq!(params.codec, CODEC_TYPE_FLAC);
    let mut samples: Option<SampleBuffer<f32>> = None;
    let mut frames = 0_u64;
    loop {
        let packet = match reader.next_packet() {
            Ok(packet) => packet,
            // The end of the file, wherever that is.
            Err(Error::IoError(_)) => break,
            Err(error) => return Err(damaged(&error)),
        };
        let sound = match decoder.decode(&packet) {
            Ok(sound) => sound,
            // One damaged frame is a gap of a tenth of a second; the rest can still be understood.
            Err(Error::DecodeError(_)) => continue,
            Err(Error::IoError(_)) => break,
            Err(error) => return Err(damaged(&error)),
        };
        frames += sound.frames() as u64;
        if frames > u64::from(rate_hz) * u64::from(MAX_SECONDS) {
            return Err(AudioError::TooLong);
        }
        let fits = samples.as_ref().is_some_and(|b| b.capacity() >= sound.capacity() * channels);
        if !fits {
            samples = Some(SampleBuffer::new(sound.capacity() as u64, *sound.spec()));
        }
        if let Some(buffer) = &mut samples {
            buffer.copy_interleaved_ref(sound);
            buffer.samples().iter().try_for_each(|sample| mixer.push(*sample))?;
        }
    }
    mixer.finish()
}
