//! WAV: chunks whose stated lengths are only believed as far as there are bytes.

use super::{Audio, AudioError, Mixer};

const PCM: u16 = 1;
const FLOAT: u16 = 3;
/// The real format stands at the end of the format chunk.
const EXTENSIBLE: u16 = 0xfffe;
/// Where in an extensible format chunk.
const EXTENSIBLE_AT: usize = 24;

const DAMAGED: fn(&str) -> AudioError =
    |what| AudioError::Damaged { format: "WAV", what: what.to_owned() };

#[derive(Clone, Copy)]
struct Format {
    code: u16,
    channels: u16,
    rate_hz: u32,
    bits: u16,
}

pub(super) fn decode(bytes: &[u8]) -> Result<Audio, AudioError> {
    let rest = match bytes.get(8..12) {
        Some(b"WAVE") => bytes.get(12..).unwrap_or_default(),
        Some(_) => return Err(AudioError::Unknown),
        None => return Err(AudioError::Truncated("WAV")),
    };
    let mut format = None;
    let mut chunks = rest;
    while let [a, b, c, d, len @ ..] = chunks
        && let [l0, l1, l2, l3, body @ ..] = len
    {
        let stated = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
        let chunk = body.get(..stated).unwrap_or(body);
        match &[*a, *b, *c, *d] {
            b"fmt " => format = Some(read_format(chunk)?),
            // A length of zero is what a recorder leaves that was stopped before it could fill it in.
            b"data" if stated == 0 => return samples(format, body),
            b"data" => return samples(format, chunk),
            _ => {}
        }
        // Chunks start at even offsets.
        let next = stated.saturating_add(stated % 2);
        chunks = body.get(next..).unwrap_or_default();
    }
    Err(AudioError::Truncated("WAV"))
}

fn read_format(chunk: &[u8]) -> Result<Format, AudioError> {
    let short = |at: usize| match chunk.get(at..at + 2) {
        Some([low, high]) => Ok(u16::from_le_bytes([*low, *high])),
        _ => Err(DAMAGED("its format chunk is too short")),
    };
    let rate_hz = u32::from(short(4)?) | u32::from(short(6)?) << 16;
    let code = match short(0)? {
        EXTENSIBLE => short(EXTENSIBLE_AT)?,
        code => code,
    };
    Ok(Format { code, channels: short(2)?, rate_hz, bits: short(14)? })
}

fn samples(format: Option<Format>, data: &[u8]) -> Result<Audio, AudioError> {
    let Some(format) = format else {
        return Err(DAMAGED("its sound comes before its format"));
    };
    let mut mixer = Mixer::new(format.rate_hz, format.channels)?;
    let mut read = |width: usize, sample: fn(&[u8]) -> f32| {
        data.chunks_exact(width).try_for_each(|bytes| mixer.push(sample(bytes)))
    };
    match (format.code, format.bits) {
        // Eight bits are unsigned, all others signed.
        (PCM, 8) => read(1, |b| (f32::from(b[0]) - 128.0) / 128.0)?,
        (PCM, 16) => read(2, |b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0)?,
        (PCM, 24) => read(3, |b| signed([0, b[0], b[1], b[2]]))?,
        (PCM, 32) => read(4, |b| signed([b[0], b[1], b[2], b[3]]))?,
        (FLOAT, 32) => read(4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))?,
        (FLOAT, 64) => read(8, |b| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(b);
            f64::from_le_bytes(bytes) as f32
        })?,
        (code, bits) => return Err(AudioError::Encoding { format: code, bits }),
    }
    mixer.finish()
}

fn signed(bytes: [u8; 4]) -> f32 {
    i32::from_le_bytes(bytes) as f32 / 2_147_483_648.0
}
