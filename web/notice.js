// The line under the bar: what happened, then what can be done. The gravest one shows.
import { $, h, icon } from './ui.js';

const ORDER = ['link', 'microphone', 'passing'];
const PASSES_AFTER_MS = 12_000;

const notices = {};
let timer = null;

/** `{kind, shape, words, action: [word, do]}` or null. `slot` is link, microphone or passing; a passing one leaves by itself. */
export function notice(slot, what) {
  notices[slot] = what;
  if (slot === 'passing') {
    clearTimeout(timer);
    if (what) timer = setTimeout(() => notice('passing', null), PASSES_AFTER_MS);
  }
  const shown = ORDER.map((each) => [each, notices[each]]).find(([, each]) => each);
  $('notice').classList.toggle('empty', !shown);
  if (!shown) { $('notice').className = 'notice empty'; $('notice').replaceChildren(); return; }
  const [from, { kind, shape, words, action }] = shown;
  $('notice').className = `notice ${kind}`;
  $('notice').replaceChildren(icon(shape), h('span', {}, words),
    action ? h('button.btn', { type: 'button', onclick: () => { if (from !== 'link') notice(from, null); action[1](); } }, action[0]) : '',
    from === 'link' ? '' : h('button.btn.round', { type: 'button', label: 'Dismiss', onclick: () => notice(from, null) }, icon('close')));
}

/** A command that the house would not carry out. */
export function refused(error) {
  if (error.code === 'offline' && notices.link) return; // the line above says it already
  notice('passing', { kind: 'warn', shape: 'close', words: error.message });
}
