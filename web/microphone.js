// Runs beside the audio: gathers samples into frames of 40 ms and hands them over as 16-bit integers.

class Microphone extends AudioWorkletProcessor {
  #frame = new Int16Array(Math.round(sampleRate / 25));
  #filled = 0;

  process([input]) {
    for (const sample of input[0] ?? []) {
      this.#frame[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
      if (this.#filled < this.#frame.length) continue;
      this.port.postMessage(this.#frame, [this.#frame.buffer]);
      this.#frame = new Int16Array(Math.round(sampleRate / 25));
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('microphone', Microphone);
