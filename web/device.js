// The device socket: one connection to the house that comes back by itself. docs/device-protocol.md is the contract.

const PROTOCOL = 1;
const RETRY_FIRST_MS = 300;
const RETRY_MOST_MS = 8_000;
const PING_EVERY_MS = 20_000;
const SILENT_FOR_MS = 35_000; // a ping and a half without any word: the line is dead though nobody closed it
/** A command that was under way when the line broke is sent again (its id makes that harmless), but a call must not start long after it was asked for. */
const AGAIN_WITHIN_MS = 15_000;

// Closed for good: trying again by itself would end the same way.
const FINAL = { 4000: 'replaced', 4400: 'outdated', 4403: 'refused', 4409: 'outdated' };

/** What the house would not do; `message` is for people. */
export class Refusal extends Error {
  constructor(code, message) { super(message); this.code = code; }
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * `link` is connecting, online, offline, replaced, refused or outdated. `on(type, handler)` hears the server's messages by
 * their type; every `call.*` comes as `call`; `link` tells a change of the link.
 */
export class Device {
  link = 'connecting';
  #identity; #socket = null; #session = null; #seq = null; #tries = 0; #retry = null; #heardAt = 0; #skew = 0;
  #pending = new Map();
  #handlers = new Map();

  constructor(identity) {
    this.#identity = identity;
    addEventListener('online', () => this.tryNow());
    setInterval(() => this.#beat(), PING_EVERY_MS);
  }

  on(type, handler) { this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), handler]); return this; }
  #tell(type, detail) { for (const handler of this.#handlers.get(type) ?? []) handler(detail); }

  /** Now, by the server's clock. */
  now() { return Date.now() + this.#skew; }

  open() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/device`);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.onopen = () => {
      const hello = { type: 'hello', protocol: PROTOCOL, demo: this.#identity };
      if (this.#session !== null && this.#seq !== null) hello.resume = { session: this.#session, seq: this.#seq };
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = ({ data }) => { if (socket === this.#socket && typeof data === 'string') this.#receive(data); };
    socket.onclose = ({ code }) => { if (socket === this.#socket) this.#lost(code); };
  }

  /** Tries at once, from a button or because the network came back. */
  tryNow() {
    if (this.link === 'online' || this.#socket?.readyState === WebSocket.CONNECTING) return;
    this.#tries = 0;
    this.open();
  }

  /** One command; resolves with its `done`, rejects with a Refusal. */
  command(type, fields = {}) {
    if (this.link !== 'online') return Promise.reject(new Refusal('offline', 'The house is out of reach just now. It will be back.'));
    const body = { type, command_id: newId(), ...fields };
    return new Promise((resolve, reject) => {
      this.#pending.set(body.command_id, { body, at: Date.now(), resolve, reject });
      this.#send(body);
    });
  }

  /** Opens the microphone towards the house: `frame` sends sound, `stop` or `cancel` ends it, `done` waits for the answer. */
  listen(rate, channels) {
    const command_id = newId();
    const done = new Promise((resolve, reject) => this.#pending.set(command_id, { at: Date.now(), resolve, reject }));
    this.#send({ type: 'audio.start', command_id, rate, channels });
    return {
      done,
      frame: (samples) => { if (this.link === 'online') this.#socket.send(samples); },
      stop: () => this.#send({ type: 'audio.stop', command_id }),
      cancel: () => this.#send({ type: 'audio.cancel', command_id }),
    };
  }

  /** Says that this device really rings. */
  ringing(call_id) { this.#send({ type: 'call.ringing', call_id }); }

  #send(body) { if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(body)); }

  #receive(data) {
    this.#heardAt = Date.now();
    let message;
    try { message = JSON.parse(data); } catch { return; }
    if (message.type === 'welcome') return this.#welcome(message);
    if (typeof message.seq === 'number') {
      if (this.#seq !== null && message.seq <= this.#seq) return; // heard before the line broke
      this.#seq = message.seq;
    }
    if (message.type === 'pong') this.#skew = message.now_ms - Date.now();
    else if (message.type === 'done' || message.type === 'error') this.#settle(message);
    else if (message.type?.startsWith('call.')) this.#tell('call', message);
    else this.#tell(message.type, message);
  }

  #welcome(message) {
    this.#tries = 0;
    this.#skew = message.now_ms - Date.now();
    this.#session = message.session;
    if (!message.resumed) this.#seq = null;
    this.#tell('welcome', message);
    this.#become('online');
    for (const [id, { body, at, reject }] of this.#pending) {
      if (body.type.startsWith('post.') || Date.now() - at < AGAIN_WITHIN_MS) this.#send(body);
      else {
        this.#pending.delete(id);
        reject(new Refusal('offline', 'The house was out of reach, so that did not happen. Try again.'));
      }
    }
  }

  #settle(message) {
    const waiting = this.#pending.get(message.command_id);
    if (!waiting) return;
    this.#pending.delete(message.command_id);
    if (message.type === 'done') waiting.resolve(message);
    else waiting.reject(new Refusal(message.code, message.message));
  }

  #lost(code) {
    this.#socket = null;
    for (const [id, { body, reject }] of this.#pending) {
      if (body) continue; // sent again when the house is back
      this.#pending.delete(id);
      reject(new Refusal('offline', 'I lost the house while you spoke. Say it again when it is back.'));
    }
    if (FINAL[code]) return this.#become(FINAL[code], code);
    this.#become('offline');
    const delay = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** this.#tries++);
    this.#retry = setTimeout(() => this.open(), delay * (.75 + Math.random() / 2)); // a house full of speakers does not come back in one instant
  }

  #become(link) {
    const before = this.link;
    this.link = link;
    if (before !== link) this.#tell('link', link);
  }

  #beat() {
    if (this.link !== 'online') return;
    const socket = this.#socket;
    if (Date.now() - this.#heardAt < SILENT_FOR_MS) return this.#send({ type: 'ping' });
    this.#lost(1006); // forgets the socket first, so that its late close says nothing
    socket.close();
  }
}
