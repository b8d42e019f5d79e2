// The resting page: the hearth with its one sentence, what was said, and the people and rooms to reach.
import { $, h, icon, avatar, button, presenceTag, presenceWords, refill, waiting } from './ui.js';
import { hearth } from './hearth.js';

const LINES_KEPT = 40;
const METER_BARS = 10;

// State: what the hearth draws, what the line says.
const VOICE = {
  idle: ['idle', 'Hold to talk, or type'], opening: ['idle', 'Opening the microphone'], listening: ['listening', 'Listening'],
  thinking: ['thinking', 'One moment'], speaking: ['speaking', 'Speaking'], unsure: ['listening', 'Which one?'], reply: ['idle', 'Your turn'],
  quiet: ['quiet', 'Do not disturb'], blocked: ['idle', 'No microphone. Type, or tap somebody'], connecting: ['off', 'Looking for the house'], off: ['off', 'Out of reach'],
};

const drawHearth = hearth($('hearth'));
let shown = '';

export function showVoice(state) {
  const [drawing, words] = VOICE[state];
  if (shown !== state) {
    shown = state;
    $('home-view').dataset.voice = state;
    $('voice-state').textContent = words;
    drawHearth(drawing);
  }
}

// --- What was said --------------------------------------------------------------------------------

/** `who` is you or hearthline. Finished phrases only: a screen reader reads each line as it comes. */
export function caption(who, name, text) {
  for (const line of $('captions').children) line.classList.remove('fresh');
  $('captions').append(h(`p.caption.${who}.fresh`, {}, h('b', {}, name), h('span', {}, text)));
  while ($('captions').children.length > LINES_KEPT) $('captions').firstElementChild.remove();
  toNewest();
}

// The newest words stay in sight, also when the room for them changes.
const toNewest = () => { $('captions').scrollTop = $('captions').scrollHeight; };
new ResizeObserver(toNewest).observe($('captions'));

export const saidAnything = () => $('captions').querySelector('.you') !== null;

/** Words to tap instead of saying them. */
export function offer(words, label, choose) {
  $('choices').hidden = !words.length;
  $('choices').setAttribute('aria-label', label);
  refill($('choices'), words.map((word) => h('button.btn', { type: 'button', 'data-focus': word, onclick: () => choose(word) }, word)));
}

// --- The microphone -------------------------------------------------------------------------------

const bars = Array.from({ length: METER_BARS }, () => h('i'));
$('meter').replaceChildren(...bars);

/** `open` is what the track itself says. */
export function showMicrophone({ open, words, usable, why }) {
  $('ptt').setAttribute('aria-pressed', String(open));
  if (usable) $('ptt').removeAttribute('aria-disabled'); else $('ptt').setAttribute('aria-disabled', 'true');
  $('ptt').title = usable ? 'Hold to talk (Space)' : why;
  $('ptt').firstElementChild.replaceChildren(icon(usable ? 'mic' : 'mic-off'));
  $('level-words').textContent = words;
  if (!open) showLevel(0);
}

export function showLevel(level) {
  bars.forEach((bar, i) => bar.classList.toggle('lit', i < level * METER_BARS));
  $('meter').setAttribute('aria-valuenow', Math.round(level * 100));
  if (shown === 'listening') drawHearth('listening', level);
}

// --- People and rooms -----------------------------------------------------------------------------

const relation = (person) => (person.relation ? `Your ${person.relation}` : person.household ?? '');

function personCard(person, { call, message }) {
  const card = h('button.person-call', { type: 'button', 'data-focus': `call ${person.contact_id}`, 'data-contact': person.contact_id,
    label: `Call ${person.name}, ${presenceWords(person.presence)}`, onclick: () => waiting(card, () => call({ contact_id: person.contact_id })) },
    avatar(person.name),
    h('span.who', {}, h('b', {}, person.name), h('span.note', {}, relation(person)), presenceTag(person.presence)),
    h('span.call-mark', {}, icon('phone')));
  return h('li.person', {}, card,
    h('div.person-more', {}, button('quiet', 'message', 'Message', { label: `Write to ${person.name}`, 'data-focus': `message ${person.contact_id}`,
      'data-message': person.contact_id, onclick: () => message(person) })));
}

function roomCard(room, { call }) {
  const ring = button('quiet', 'phone', 'Call', { label: `Call the ${room.name}`, 'data-focus': `room ${room.room_id}`,
    onclick: () => waiting(ring, () => call({ room_id: room.room_id })) });
  return h('li.room', {}, h('span.who', {}, h('b', {}, room.name), room.here ? h('span.note', {}, 'You are here') : presenceTag(room.presence)), !room.here && ring);
}

let drawn = '';

/** `house` as the server sends it. `act` has call({contact_id} or {room_id}) and message(person). */
export function showHouse(house, act) {
  const now = JSON.stringify([house.people, house.rooms]);
  if (now === drawn) return;
  drawn = now;
  const near = house.people.filter((person) => person.callable).sort((a, b) => b.favourite - a.favourite);
  const far = house.people.filter((person) => !person.callable);
  refill($('people'), near.length ? near.map((person) => personCard(person, act)) : h('li.note', {}, 'Nobody to call yet.'));
  $('others').hidden = !far.length;
  $('others-count').textContent = `${far.length} more without a speaker`;
  refill($('others-list'), far.map((person) => h('li', {}, avatar(person.name), h('span.who', {}, h('b', {}, person.name), h('span.note', {}, relation(person))))));
  $('rooms-part').hidden = house.rooms.length === 0;
  refill($('rooms'), house.rooms.map((room) => roomCard(room, act)));
}
