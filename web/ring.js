// Two soft notes for a call that comes in, one low note for a call that goes out. Browsers stay silent until the page was touched once.

const PATTERNS = {
  incoming: { every: 3_000, notes: [[0, 587], [.28, 880], [.9, 587], [1.18, 880]], gain: .09 },
  outgoing: { every: 4_000, notes: [[0, 392], [.5, 392]], gain: .03 },
};
const NOTE_S = .5;

let context = null;
let timer = null;
let playing = null;

/** `kind` is incoming, outgoing or null for silence. */
export function ring(kind) {
  if (kind === playing) return;
  playing = kind;
  clearInterval(timer);
  if (!kind) { context?.suspend(); return; }
  context ??= new AudioContext();
  context.resume().then(() => { if (playing === kind) play(PATTERNS[kind]); });
  timer = setInterval(() => play(PATTERNS[kind]), PATTERNS[kind].every);
}

function play({ notes, gain }) {
  if (context.state !== 'running') return;
  for (const [at, pitch] of notes) {
    const start = context.currentTime + at;
    const tone = new OscillatorNode(context, { type: 'sine', frequency: pitch });
    const level = new GainNode(context, { gain: 0 });
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(gain, start + .02);
    level.gain.exponentialRampToValueAtTime(.0001, start + NOTE_S);
    tone.connect(level).connect(context.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  }
}
