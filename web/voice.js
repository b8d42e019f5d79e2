// Ears and mouth of the page: the microphone while it is held open, and the browser's own voice.

const FRAME_RATE = 16_000; // what speech recognition hears; browsers that cannot resample give their own rate
const MOST_RATE = 48_000;
const VOICE_STARTS_WITHIN_MS = 2_000;

/** Why there is no microphone, in words; null when there may be one. */
export function noMicrophone() {
  if (!globalThis.isSecureContext) return 'Browsers give the microphone only to pages on this machine or over https. You can still type and tap.';
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.AudioWorkletNode) return 'This browser has no microphone for pages. You can still type and tap.';
  return null;
}

/** Opens the microphone. `onframe` gets 16-bit samples, `onlevel` 0..1, `onlost` a device that was pulled out. Resolves with {rate, live, close}. */
export async function openMicrophone({ onframe, onlevel, onlost }) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
  const [track] = stream.getAudioTracks();
  let context, source;
  try {
    ({ context, source } = listenAt(stream, FRAME_RATE));
  } catch { // Firefox does not resample a microphone
    context = new AudioContext();
    if (context.sampleRate > MOST_RATE) { context.close(); context = new AudioContext({ sampleRate: MOST_RATE }); }
    source = context.createMediaStreamSource(stream);
  }
  await context.audioWorklet.addModule('/web/microphone.js');
  const node = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
  node.port.onmessage = ({ data }) => { onlevel(loudness(data)); onframe(data.buffer); };
  track.onended = onlost;
  source.connect(node);
  await context.resume();
  return {
    rate: context.sampleRate,
    live: () => track.readyState === 'live' && track.enabled && !track.muted,
    close() { node.port.onmessage = null; track.onended = null; for (const each of stream.getTracks()) each.stop(); context.close(); },
  };
}

function listenAt(stream, sampleRate) {
  const context = new AudioContext({ sampleRate });
  try { return { context, source: context.createMediaStreamSource(stream) }; } catch (error) { context.close(); throw error; }
}

/** 0 for a whisper far away, 1 for a voice close by, even to the ear in between. */
function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length / 2 ** 30 + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 55) / 45));
}

/** The browser's voice. Without one (or before the first touch of the page) nothing is spoken and the words on the page do. */
export class Mouth {
  speaking = false;
  #turn = 0;

  constructor(onchange) {
    this.onchange = onchange;
    globalThis.speechSynthesis?.getVoices(); // makes the list load
  }

  say(text) {
    this.stop();
    const voices = globalThis.speechSynthesis?.getVoices() ?? [];
    const voice = voices.find((each) => each.default && each.lang.startsWith('en')) ?? voices.find((each) => each.lang.startsWith('en'));
    if (!voice || !text) return;
    const turn = ++this.#turn;
    // Sentence by sentence: some voices fall silent in the middle of long ones.
    const sentences = text.match(/[^.?!…]+[.?!…]*\s*/g) ?? [text];
    sentences.forEach((sentence, i) => {
      const utterance = new SpeechSynthesisUtterance(sentence.trim());
      Object.assign(utterance, { voice, lang: voice.lang });
      utterance.onstart = () => { if (turn === this.#turn) this.#become(true); };
      utterance.onerror = () => { if (turn === this.#turn) this.#become(false); };
      utterance.onend = () => { if (turn === this.#turn && i === sentences.length - 1) this.#become(false); };
      speechSynthesis.speak(utterance);
    });
    setTimeout(() => { if (turn === this.#turn && !this.speaking) speechSynthesis.cancel(); }, VOICE_STARTS_WITHIN_MS);
  }

  stop() {
    this.#turn += 1;
    globalThis.speechSynthesis?.cancel();
    this.#become(false);
  }

  #become(speaking) {
    if (this.speaking === speaking) return;
    this.speaking = speaking;
    this.onchange();
  }
}
