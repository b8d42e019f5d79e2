// Small shared parts: elements, icons, avatars, times, theme. No innerHTML, so data can never become markup.

const SVG = 'http://www.w3.org/2000/svg';

/** h('button.btn.go', {onclick: f, label: 'Call Anna'}, 'Call'): classes after dots, `label` is aria-label; false and null are left out. */
export function h(what, attrs = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  return fill(node, attrs, children);
}

export function s(tag, attrs = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attrs, children);
}

function fill(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs)) {
    if (value === false || value == null) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name === 'label' ? 'aria-label' : name, value === true ? '' : value);
  }
  node.append(...children.flat(2).filter((child) => child !== false && child != null));
  return node;
}

export const $ = (id) => document.getElementById(id);

/** Replaces what is in `parent`; the focus stays on the element with the same `data-focus`. */
export function refill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  parent.replaceChildren(...children.flat(2).filter((child) => child !== false && child != null));
  if (focused === undefined) return;
  for (const node of parent.querySelectorAll('[data-focus]')) if (node.dataset.focus === focused) node.focus({ preventScroll: true });
}

export function button(kind, iconName, words, attrs = {}) {
  const node = h('button', { type: 'button', ...attrs }, icon(iconName), h('span', {}, words));
  node.className = `btn ${kind}`;
  return node;
}

/** Runs `work` for a button that waits for the house and shows that it waits. */
export async function waiting(node, work) {
  if (node.getAttribute('aria-busy') === 'true') return;
  node.setAttribute('aria-busy', 'true');
  try { await work(); } finally { node.removeAttribute('aria-busy'); }
}

// 24 x 24, one stroked path each.
const ICONS = {
  mic: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6',
  'mic-off': 'M4 3l16 18M15 9.5V6a3 3 0 0 0-5.8-1M9 9v2a3 3 0 0 0 4.4 2.6M6 11a6 6 0 0 0 9.6 4.8M18 11c0 .9-.2 1.7-.5 2.4M12 17v4M9 21h6',
  phone: 'M5 4h3.500l1.7 4.3-2.2 1.600a12 12 0 0 0 6.1 6.100l1.6-2.200L20 15.500V19a1.5 1.5 0 0 1-1.7 1.500A16 16 0 0 1 3.5 5.7 1.5 1.5 0 0 1 5 4Z',
  hangup: 'M3.5 14.500C3 11 7 8.5 12 8.500s9 2.5 8.5 6c-.1.9-.7 1.3-1.5 1.200l-3-.6c-.7-.1-1-.6-1-1.300v-1.600a12 12 0 0 0-6 0v1.600c0 .7-.3 1.2-1 1.300l-3 .6c-.8.1-1.4-.3-1.5-1.200Z',
  inbox: 'M4 13l2.5-7.500h11L20 13v6H4ZM4 13h4.500l1.5 2.500h4l1.5-2.500H20',
  moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500Z',
  theme: 'M12 3.500a8.5 8.5 0 1 0 0 17ZM12 3.500a8.5 8.5 0 0 1 0 17M12 7.500a4.5 4.5 0 0 0 0 9',
  announce: 'M4 10v4h3l8 5V5L7 10ZM18 9a4 4 0 0 1 0 6M8 14.500V19h3',
  message: 'M4 5h16v11H10l-4.5 4v-4H4Z',
  send: 'M4 12l16-7.5-5.5 15.5-3-6.500ZM11.5 13.500L20 4.5',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M14.5 5.500L8 12l6.5 6.5',
  keyboard: 'M3 7h18v10H3ZM7 10.500h.01M10.5 10.500h.01M14 10.500h.01M17.5 10.500h.01M8 14h8',
  missed: 'M4 6l7 7 9-9M4 11V6h5M4 19h16',
  incoming: 'M18 6L7 17M7 9v8h8',
  outgoing: 'M6 18L17 7M9 7h8v8',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13',
  offline: 'M4 3l16 18M5 11a11 11 0 0 1 4-2.500M13 8a11 11 0 0 1 6 3M8 14.500a6 6 0 0 1 5-1.700M12 18.500h.01',
  clock: 'M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.500V12l3 2',
  sound: 'M4 9.500v5h3.500L12 18V6L7.5 9.500ZM15.5 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20a7.500 7.500 0 0 1 15 0',
  house: 'M4 11.500L12 5l8 6.500M6.500 10v9h11v-9M10.500 19v-5h3v5',
};

export function icon(name) {
  return s('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, s('path', { d: ICONS[name] }));
}

/** <hl-icon name="mic"> for markup that is written by hand. */
customElements.define('hl-icon', class extends HTMLElement {
  connectedCallback() { this.replaceChildren(icon(this.getAttribute('name'))); }
});

const TONES = 5; // .avatar.tone-0 to .tone-4

/** Initials on a quiet colour that stays with the name. */
export function avatar(name) {
  const words = name.split(/[\s’'-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  let sum = 0;
  for (const char of name) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return h(`span.avatar.tone-${sum % TONES}`, { 'aria-hidden': 'true' }, letters.map((word) => [...word][0].toUpperCase()).join(''));
}

// Presence: a word and a shape, never colour alone.
const PRESENCE = { free: ['Home now', 'check'], busy: ['On a call', 'phone'], quiet: ['Quiet now', 'moon'], away: ['Away', 'clock'] };
export const presenceWords = (presence) => (PRESENCE[presence] ?? PRESENCE.away)[0];

export function presenceTag(presence) {
  const [words, shape] = PRESENCE[presence] ?? PRESENCE.away;
  return h(`span.presence.${presence}`, {}, icon(shape), words);
}

const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const DAY_MS = 86_400_000;

export const timeOfDay = (ms) => hour.format(ms);

/** "18:24", "Yesterday", "Monday", "3 May": as near as it needs to be. */
export function when(ms, now = Date.now()) {
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / DAY_MS);
  if (days <= 0) return timeOfDay(ms);
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(ms) : date.format(ms);
}

/** "4:12" or "1:04:12" */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** What this browser remembers; a private window may remember nothing. */
export function remembered(store, key) {
  try { return globalThis[store].getItem(key); } catch { return null; }
}
export function remember(store, key, value) {
  try { if (value == null) globalThis[store].removeItem(key); else globalThis[store].setItem(key, value); } catch { /* a private window */ }
}

/** Three choices: as the system says, light, dark. Remembered on this device. */
export function themeToggle(node) {
  const apply = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    node.setAttribute('aria-label', `Colours: ${theme ?? 'as the system says'}. Change`);
    node.title = `Colours: ${theme ?? 'as the system says'}`;
  };
  let theme = remembered('localStorage', 'theme');
  if (theme !== 'light' && theme !== 'dark') theme = null;
  apply(theme);
  node.addEventListener('click', () => {
    theme = { null: 'light', light: 'dark', dark: null }[theme];
    remember('localStorage', 'theme', theme);
    apply(theme);
  });
}
