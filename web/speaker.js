// The speaker page: the device socket on one side, what is seen, heard and pressed on the other.
import { $, h, icon, count, remember, remembered, themeToggle, timeOfDay } from './ui.js';
import { Device } from './device.js';
import { Mouth, noMicrophone, openMicrophone } from './voice.js';
import { addressOf, askIdentity, chosenIdentity, demoHouseholds, forgetIdentity } from './identity.js';
import { caption, offer, saidAnything, showHouse, showLevel, showMicrophone, showVoice } from './home.js';
import { setInbox, showInbox, startInbox } from './inbox.js';
import { writeTo } from './message.js';
import { Calls } from './call.js';
import { notice, refused } from './notice.js';
import { closeSheet, openSheet, sheetOpen } from './sheet.js';

const TAIL_MS = 200; // people let go of the button on their last syllable
const LONGEST_SPEECH_MS = 30_000; // what one turn of recognition takes

themeToggle($('theme'));
const identity = chosenIdentity() ?? await askIdentity();
const device = new Device(identity);
let here = null; // the welcome
let house = null;
let fresh = true; // the next `house` is the first since the socket opened without its past

// --- Acting ---------------------------------------------------------------------------------------

const person = (contact_id) => house?.people.find((each) => each.contact_id === contact_id && each.callable);

const act = {
  device, person,
  call: (whom) => device.command('call.initiate', whom).catch(refused),
  message: (whom) => writeTo(whom, device),
  read: (text) => mouth.say(text),
  roomOf: (device_id) => house?.rooms.find((room) => room.device_id === device_id)?.name,
  sayState: (words) => { $('call-state').textContent = words; },
  view: () => showView(),
};
const calls = new Calls(act);
const mouth = new Mouth(() => showState());
startInbox(act);

// --- What is on the screen ------------------------------------------------------------------------

function showView() {
  const view = calls.showing() ? 'call' : location.hash.startsWith('#inbox') ? 'inbox' : 'home';
  for (const name of ['home', 'inbox', 'call']) $(`${name}-view`).hidden = name !== view;
  const former = document.body.dataset.view;
  document.body.dataset.view = view;
  if (view === 'inbox') showInbox();
  if (former !== view) {
    scrollTo(0, 0);
    if (view === 'call' && !sheetOpen()) $('call-title').focus({ preventScroll: true });
  }
  document.title = calls.live() ? $('call-state').textContent || 'Hearthline' : `${house?.unread ? `(${house.unread}) ` : ''}Hearthline · ${here?.device.room ?? here?.device.name ?? ''}`;
}

const REPLY_AWAITED_MS = 60_000; // then the page rests again

let thinking = 0;
let restingAgain = null;
let asked = null; // 'unsure' or 'reply' while an answer waits for one of ours

function showState() {
  const state = device.link === 'connecting' ? 'connecting' : device.link !== 'online' ? 'off'
    : ear.state !== 'closed' ? (ear.state === 'open' ? 'listening' : 'opening')
    : thinking ? 'thinking' : mouth.speaking ? 'speaking' : asked ?? (house?.quiet ? 'quiet' : ear.blocked ? 'blocked' : 'idle');
  showVoice(state);
  showMicrophone({ open: ear.state === 'open', usable: device.link === 'online' && !ear.blocked,
    words: ear.state === 'open' ? 'Mic on' : ear.blocked ? 'No mic' : 'Mic off', why: ear.blocked ?? OUT_OF_REACH.message });
  document.body.dataset.link = device.link;
}

// --- Talking by typing ----------------------------------------------------------------------------

const you = () => here?.person?.name ?? 'You';

const OUT_OF_REACH = { code: 'offline', message: 'The house is out of reach just now.' };

async function say(text) {
  if (device.link !== 'online') return refused(OUT_OF_REACH);
  caption('you', you(), text);
  await turn(device.command('say', { text }));
}

async function turn(done) {
  mouth.stop();
  asked = null;
  offer([], 'Answers');
  thinking += 1;
  showState();
  try { await done; } catch (error) { refused(error); } finally { thinking -= 1; showState(); }
}

function answered({ speech, choices = [], expects }) {
  if (speech) caption('hearthline', 'Hearthline', speech);
  asked = choices.length ? 'unsure' : expects === 'reply' ? 'reply' : null;
  clearTimeout(restingAgain);
  restingAgain = setTimeout(() => { if (asked === 'reply') { asked = null; showState(); } }, REPLY_AWAITED_MS);
  offer(choices, 'Answers', say);
  mouth.say(speech);
  showState();
}

$('type-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('type').value.trim();
  if (!text) return;
  if (device.link !== 'online') return refused(OUT_OF_REACH); // the words stay in the field
  $('type').value = '';
  say(text);
});

// --- Talking by voice -----------------------------------------------------------------------------

// `state` follows the track: closed, opening, open. `held` is what the button wants.
const ear = { state: 'closed', held: false, blocked: noMicrophone(), microphone: null, utterance: null, limit: null };

async function press() {
  if (ear.held || ear.state !== 'closed') return;
  if (device.link !== 'online') return;
  mouth.stop();
  ear.held = true;
  ear.state = 'opening';
  showState();
  const waiting = []; // sound that came before the house was told its rate
  let microphone;
  try {
    microphone = await openMicrophone({
      onlost: release,
      onlevel: (level) => { if (ear.state === 'opening' && ear.microphone?.live()) { ear.state = 'open'; showState(); } showLevel(level); },
      onframe: (frame) => { if (ear.utterance) ear.utterance.frame(frame); else waiting.push(frame); },
    });
  } catch (error) { return blocked(error); }
  ear.blocked = null;
  notice('microphone', null);
  if (!ear.held || device.link !== 'online') { microphone.close(); ear.state = 'closed'; ear.held = false; return showState(); }
  ear.microphone = microphone;
  ear.utterance = device.listen(microphone.rate, 1);
  for (const frame of waiting) ear.utterance.frame(frame);
  const { utterance } = ear;
  // The house may be unable to hear; whatever goes wrong later is told when the button is let go.
  utterance.done.catch((error) => { if (ear.utterance === utterance && closeEar()) refused(error); });
  ear.state = microphone.live() ? 'open' : 'opening';
  ear.limit = setTimeout(release, LONGEST_SPEECH_MS);
  showState();
}

function release() {
  ear.held = false;
  if (!ear.utterance) return;
  const { utterance } = ear;
  setTimeout(() => { if (ear.utterance === utterance && closeEar()) { utterance.stop(); turn(utterance.done); } }, TAIL_MS);
}

/** Drops what was said. */
function cancelSpeech() {
  ear.held = false;
  const { utterance } = ear;
  if (utterance && closeEar()) utterance.cancel();
}

function closeEar() {
  if (!ear.microphone) return false;
  clearTimeout(ear.limit);
  ear.microphone.close();
  Object.assign(ear, { state: 'closed', held: false, microphone: null, utterance: null });
  showState();
  return true;
}

function blocked(error) {
  const none = error.name === 'NotFoundError';
  Object.assign(ear, { state: 'closed', held: false, blocked: none ? 'There is no microphone at this machine. You can still type and tap.' : 'The browser keeps the microphone from this page. You can still type and tap.' });
  sayBlocked();
  showState();
}

function sayBlocked() {
  notice('microphone', { kind: 'warn', shape: 'mic-off', words: ear.blocked, action: ['Ask again', async () => { ear.blocked = noMicrophone(); if (ear.blocked) return sayBlocked(); await press(); cancelSpeech(); }] });
}

const wantToTalk = () => { if (ear.blocked) sayBlocked(); else press(); };
$('ptt').addEventListener('pointerdown', (event) => { if (event.button === 0) { $('ptt').setPointerCapture(event.pointerId); wantToTalk(); } });
for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) $('ptt').addEventListener(type, release);
$('ptt').addEventListener('contextmenu', (event) => event.preventDefault()); // a long touch means talking
// A key or a screen reader clicks without a pointer: once to talk, once more when done.
$('ptt').addEventListener('click', (event) => { if (event.detail === 0) { if (ear.held) release(); else wantToTalk(); } });
addEventListener('blur', () => { if (ear.held) release(); });

// --- From the house -------------------------------------------------------------------------------

device
  .on('welcome', (message) => {
    here = message;
    fresh ||= !message.resumed;
    $('room').textContent = message.device.name;
    $('household').textContent = message.household.name;
    $('home-title').textContent = `${message.device.name} speaker, ${message.household.name}`;
    $('here-words').textContent = `${message.person ? `You are ${message.person.name}` : 'Nobody in particular'}, at the ${message.device.name} speaker of ${message.household.name}.`;
    $('here').hidden = false;
    showView();
  })
  .on('link', (link) => {
    if (link !== 'online') closeEar();
    notice('link', {
      offline: { kind: 'stop', shape: 'offline', words: 'Lost the house. Trying again… what waits for you is kept.', action: ['Try now', () => device.tryNow()] },
      replaced: { kind: 'info', shape: 'house', words: 'This speaker was opened in another tab or window, and is used there now.', action: ['Use it here', () => device.tryNow()] },
      outdated: { kind: 'stop', shape: 'offline', words: 'This page is older than the house. Load it again.', action: ['Load again', () => location.reload()] },
      refused: { kind: 'stop', shape: 'person', words: 'The house does not know this speaker.', action: ['Choose again', forgetIdentity] },
    }[link] ?? null);
    showState();
    showView();
  })
  .on('house', (message) => {
    const before = house;
    house = message;
    showHouse(house, act);
    setInbox(house);
    $('quiet').setAttribute('aria-pressed', String(house.quiet));
    if (fresh) calls.reconcile(house.call); else calls.update(house.call);
    fresh = false;
    if (!before) greet();
    else tellNew(before);
    showState();
    showView();
  })
  .on('heard', ({ text }) => {
    if (text) caption('you', you(), text);
    else notice('passing', { kind: 'info', shape: 'mic', words: 'I heard no words. Hold the button while you speak.' });
  })
  .on('answer', answered)
  .on('announce', ({ from, text }) => {
    notice('passing', { kind: 'info', shape: 'announce', words: `${from}: “${text}”` });
    caption('hearthline', 'Hearthline', `${from} says: ${text}`);
    mouth.say(`${from} says: ${text}`);
  })
  .on('call', ({ call }) => {
    if (call?.state !== 'ended') cancelSpeech();
    calls.update(call);
  });

function greet() {
  const hours = new Date(device.now()).getHours();
  const greeting = hours < 5 || hours > 21 ? 'Hello' : hours < 12 ? 'Good morning' : hours < 18 ? 'Good afternoon' : 'Good evening';
  const waits = [house.unread && count(house.unread, 'new message'), house.missed && count(house.missed, 'missed call')].filter(Boolean).join(' and ');
  caption('hearthline', 'Hearthline', `${greeting}${here.person ? `, ${here.person.name}` : ''}.${waits ? ` You have ${waits}.` : ''}`);
  const favourite = house.people.find((each) => each.callable && each.favourite) ?? house.people.find((each) => each.callable);
  if (!saidAnything()) offer([favourite && `Call ${favourite.name}`, house.unread ? 'Play my messages' : 'Who called?', 'Let’s chat'].filter(Boolean), 'Things to say', say);
}

function tellNew(before) {
  const known = new Set(before.inbox.map((item) => item.id));
  const item = house.inbox.find((each) => each.fresh && each.kind === 'message' && each.direction === 'in' && !known.has(each.id));
  if (item) notice('passing', { kind: 'info', shape: 'message', words: `${item.with.name}: ${item.text}`, action: ['Open', () => { location.hash = `#inbox/${encodeURIComponent(item.id)}`; }] });
}

// --- The bar, sheets and keys ---------------------------------------------------------------------

$('quiet').addEventListener('click', () => device.command('quiet', { on: !house?.quiet }).catch(refused));
$('change-who').addEventListener('click', forgetIdentity);
addEventListener('hashchange', showView);

const clock = () => { $('clock').textContent = timeOfDay(device.now()); };
clock();
setInterval(clock, 5_000);

let shortcutsOn = remembered('localStorage', 'shortcuts') !== 'off';
const ROWS = [['Space', 'Hold to talk'], ['/', 'Type'], ['I', 'Inbox'], ['D', 'Do not disturb'], ['A', 'Answer'], ['Shift E', 'Hang up'], ['Esc', 'Stop talking, close or go back'], ['?', 'This list']];

function showKeys() {
  const toggle = h('button.switch', { type: 'button', role: 'switch', 'aria-checked': String(shortcutsOn), onclick: () => {
    shortcutsOn = !shortcutsOn;
    remember('localStorage', 'shortcuts', shortcutsOn ? null : 'off');
    toggle.setAttribute('aria-checked', String(shortcutsOn));
    toggle.lastChild.textContent = keysWords();
  } }, h('i'), h('span', {}, keysWords()));
  openSheet(h('div.sheet.keys', { role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'sheet-h', tabindex: '-1' },
    h('div.sheet-top', {}, h('h2', { id: 'sheet-h' }, 'Keyboard'), h('button.btn.quiet.round', { type: 'button', label: 'Close', onclick: () => closeSheet() }, icon('close'))),
    h('dl', {}, ROWS.map(([key, does]) => h('div', {}, h('dt', {}, key.split(' ').map((each) => h('kbd', {}, each))), h('dd', {}, does)))), toggle));
}
const keysWords = () => `Single keys are ${shortcutsOn ? 'on' : 'off'}`;
$('keys').addEventListener('click', showKeys);

function escape() {
  if (ear.state !== 'closed') cancelSpeech();
  else if (mouth.speaking) mouth.stop();
  else if (sheetOpen()) { if (!$('sheet').querySelector('.ring')) closeSheet(); } // a ringing call is answered or declined, not waved away
  else if (calls.showing()) calls.close();
  else if (location.hash) location.hash = '';
  else document.activeElement?.blur?.();
}

const KEYS = {
  '/': () => { if (document.body.dataset.view === 'home' && !sheetOpen()) $('type').focus(); },
  i: () => { if (!sheetOpen()) location.hash = '#inbox'; },
  d: () => { if (!sheetOpen()) $('quiet').click(); },
  a: () => { if (calls.canAnswer()) $('answer')?.click(); },
  E: () => { if (calls.live() && calls.showing()) $('hangup')?.click(); },
  '?': () => { if (!sheetOpen()) showKeys(); },
};

const typing = (event) => event.target.closest?.('input, select, textarea');

addEventListener('keydown', (event) => {
  if (event.key === 'Escape') return escape();
  if (!shortcutsOn || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
  // Space keeps its meaning on a focused button or link.
  const holds = event.key === ' ' && (event.target === $('ptt') || !event.target.closest('button, a'));
  if (holds && document.body.dataset.view === 'home' && !sheetOpen()) {
    event.preventDefault();
    if (!event.repeat) wantToTalk();
  } else if (Object.hasOwn(KEYS, event.key)) { event.preventDefault(); if (!event.repeat) KEYS[event.key](); }
});
addEventListener('keyup', (event) => {
  if (event.key !== ' ' || !ear.held) return;
  event.preventDefault();
  release();
});

// In the demonstration the other houses are one tab away.
demoHouseholds().then((households) => {
  const others = (households ?? []).filter((each) => each.id !== identity.household && each.devices.length);
  $('others-houses').replaceChildren(...others.map((each) => h('a.btn', { target: '_blank', rel: 'noopener',
    href: addressOf({ household: each.id, device: each.devices[0].id, ...(each.people[0] && { person: each.people[0].id }) }) }, icon('house'), `Open ${each.name} in a second tab`)));
  $('change-who').hidden = !households;
}).catch(() => {});

showState();
showView();
device.open();
