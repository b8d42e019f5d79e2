// A call on the page: the sheet of one that comes in, the dark view of one that goes out or is under way, and what comes after.
import { $, h, icon, avatar, button, count, duration, refill, waiting } from './ui.js';
import { openSheet, closeSheet } from './sheet.js';
import { notice, refused } from './notice.js';
import { ring } from './ring.js';

const ENDED_STAYS_MS = { completed: 20_000, cancelled: 4_000, others: 60_000 };
const KEY_RESTS_MS = 1_500; // who was typing when it rang does not answer with an "a"

const ENDED = {
  completed: () => 'The call has ended', no_answer: () => 'No answer', declined: (name) => `${name} cannot talk right now`, busy: (name) => `${name} is on another call`,
  cancelled: () => 'Call cancelled', unreachable: (name) => `No speaker of ${name} is on right now`, lost: () => 'The connection was lost', forbidden: (name) => `${name} is not taking this call`,
  replaced: () => 'The call goes on at another speaker',
};

/** Shows one live call of this speaker. `act` has device, call, message, person(contact_id), roomOf(device_id), view(), sayState(words). */
export class Calls {
  #act; #call = null; #versions = new Map(); #sheet = null; #closing = null; #ticking = null; #until = 0; #connectedAt = null; #keyRestsUntil = 0;

  constructor(act) { this.#act = act; }

  /** Whether the call view should be on the screen. */
  showing() { return this.#call !== null && !this.#isIncomingRing(); }
  live() { return this.#call !== null && this.#call.state !== 'ended'; }
  canAnswer() { return this.#isIncomingRing() && performance.now() > this.#keyRestsUntil; }
  #isIncomingRing() { return this.#call?.state === 'ringing' && this.#call.direction === 'incoming'; }

  /** A `call` from the server; old news is left out. */
  update(call) {
    if (!call || call.version <= (this.#versions.get(call.call_id) ?? -1)) return;
    this.#versions.set(call.call_id, call.version);
    const former = this.#call;
    if (call.state === 'ended' && former && former.call_id !== call.call_id && former.state !== 'ended') return; // another call's end
    clearTimeout(this.#closing);
    this.#until = performance.now() + (call.lifetime_ms ?? 0);
    if (call.state === 'connected') this.#connectedAt = call.since_ms;
    if (call.state === 'ringing') this.#connectedAt = null;
    const rang = this.#isIncomingRing() && former.call_id === call.call_id;
    this.#call = call;
    if (call.state === 'ended') return this.#ended(call, rang);
    this.#show();
  }

  /** After a fresh `house`: a call that it does not know is over. */
  reconcile(call) {
    if (call) return this.update(call);
    if (this.live()) this.update({ ...this.#call, version: this.#call.version + 1, state: 'ended', reason: 'lost', since_ms: this.#act.device.now() });
  }

  answer() { return this.#command('call.answer'); }
  decline() { return this.#command('call.reject'); }
  hangUp() { return this.#command('call.hangup'); }

  close() {
    if (this.live()) return;
    this.#call = null;
    clearTimeout(this.#closing);
    this.#act.view();
  }

  async #command(type) {
    if (!this.live()) return;
    try { await this.#act.device.command(type, { call_id: this.#call.call_id }); } catch (error) { refused(error); this.#show(); }
  }

  #ended(call, rang) {
    const name = call.with.name;
    if (!rang) {
      this.#show();
      const stays = ENDED_STAYS_MS[call.reason] ?? ENDED_STAYS_MS.others;
      this.#closing = setTimeout(() => this.close(), stays);
      return;
    }
    // It rang here and is over: the sheet goes by itself, a line says why.
    this.#call = null;
    const person = this.#act.person(call.with.contact_id);
    const back = person && ['Call back', () => this.#act.call({ contact_id: person.contact_id })];
    const room = this.#act.roomOf(call.party_id);
    if (call.reason === 'answered_elsewhere') notice('passing', { kind: 'info', shape: 'check', words: `${name} was answered ${room ? `in the ${room}` : 'on another speaker'}.` });
    else if (call.reason !== 'declined') notice('passing', { kind: 'info', shape: 'missed', words: `You missed a call from ${name}.`, action: back });
    this.#show();
    this.#act.sayState(call.reason === 'answered_elsewhere' ? 'Answered elsewhere' : call.reason === 'declined' ? 'Declined' : `Missed call from ${name}`);
  }

  #show() {
    const call = this.#call;
    const incoming = this.#isIncomingRing();
    ring(incoming ? 'incoming' : call?.state === 'ringing' ? 'outgoing' : null);
    if (incoming) this.#ringHere(call); else if (this.#sheet) closeSheet(this.#sheet);
    clearInterval(this.#ticking);
    if (this.showing()) {
      this.#draw(call);
      if (call.state !== 'ended') this.#ticking = setInterval(() => this.#tick(), 1_000);
    }
    this.#act.view();
    if (call) this.#act.sayState(this.#words(call));
  }

  #words(call) {
    const name = call.with.name;
    if (call.state === 'ringing') return incomingWords(call) ?? `Calling ${name}`;
    if (call.state === 'connected') return `Connected with ${name}`;
    if (call.state === 'reconnecting') return `Reconnecting to ${name}`;
    return (ENDED[call.reason] ?? ENDED.completed)(name);
  }

  #ringHere(call) {
    if (this.#sheet?.dataset.call === call.call_id) return;
    this.#act.device.ringing(call.call_id);
    if (document.activeElement?.closest('input, textarea')) this.#keyRestsUntil = performance.now() + KEY_RESTS_MS;
    const { name, relation, household } = call.with;
    const answer = button('go big', 'phone', 'Answer', { id: 'answer', onclick: () => waiting(answer, () => this.answer()) });
    const decline = button('stop big', 'hangup', 'Decline', { id: 'decline', onclick: () => waiting(decline, () => this.decline()) });
    const node = h('div.sheet.ring', { role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': 'sheet-h', 'aria-describedby': 'sheet-p', tabindex: '-1', 'data-call': call.call_id },
      h('p.sheet-kind', {}, icon('phone'), 'Incoming call'),
      h('div.ringing', {}, avatar(name)),
      h('h2', { id: 'sheet-h' }, name),
      h('p', { id: 'sheet-p' }, [relation && `Your ${relation}`, household].filter(Boolean).join(' · '),
        call.devices > 1 && h('span.note', {}, `Rings at ${count(call.devices, 'speaker')} of this house`)),
      h('div.answers', {}, answer, decline),
      h('p.note.hint', {}, 'Press ', h('kbd', {}, 'A'), ' to answer.'));
    this.#sheet = node;
    openSheet(node, () => { if (this.#sheet === node) this.#sheet = null; });
  }

  #draw(call) {
    const { name, household, contact_id } = call.with;
    $('call-view').dataset.phase = call.state;
    $('call-title').textContent = name;
    refill($('call-face'), h('div.face', {}, avatar(name)), h('p.call-words', {}, this.#status(call)), h('p.note', {}, call.state === 'ended' ? '' : household ?? ''));
    $('call-face').firstElementChild.classList.toggle('ringing', call.state === 'ringing');
    // True of this version, and gone with it: calls are put through but carry no sound.
    $('call-note').hidden = call.state !== 'connected';
    const control = (shape, words, onclick, attrs = {}, kind = '') => {
      const node = h('button.control', { type: 'button', 'data-focus': words, onclick: () => waiting(node, async () => onclick()), ...attrs }, h('span', {}, icon(shape)), words);
      if (kind) node.classList.add(kind);
      return node;
    };
    const person = this.#act.person(contact_id);
    const controls = call.state === 'ended'
      ? [person && control('phone', 'Call again', () => this.#act.call({ contact_id }), { id: 'again' }),
        person && call.reason !== 'completed' && control('message', 'Leave a message', () => this.#act.message(person), { id: 'leave' }),
        control('close', 'Close', () => this.close(), { id: 'close-call' })]
      : [control('hangup', call.state === 'ringing' ? 'Cancel' : 'Hang up', () => this.hangUp(), { id: 'hangup', title: 'Shift E' }, 'end')];
    refill($('controls'), ...controls);
    this.#tick();
  }

  #status(call) {
    if (call.state === 'ringing') return call.devices ? `Ringing at ${count(call.devices, 'speaker')}` : 'Calling';
    if (call.state === 'connected') return 'You are put through';
    if (call.state === 'reconnecting') return 'The line broke. Waiting for it to come back';
    return this.#words(call);
  }

  /** The running time by the server's clock, or what is left of reconnecting. */
  #tick() {
    const call = this.#call;
    if (!call) return;
    const talked = this.#connectedAt === null ? null : (call.state === 'ended' ? call.since_ms : this.#act.device.now()) - this.#connectedAt;
    const left = count(Math.max(0, Math.ceil((this.#until - performance.now()) / 1000)), 'second');
    $('call-status').textContent = { ringing: '', connected: duration(talked ?? 0), reconnecting: `${left} left`, ended: talked === null ? '' : `Talked ${duration(talked)}` }[call.state] ?? '';
  }
}

const incomingWords = (call) => (call.direction === 'incoming' ? `${call.with.name} is calling` : null);
