// Writing to somebody. What was written stays until the house has it.
import { h, icon, button, avatar, waiting } from './ui.js';
import { openSheet, closeSheet } from './sheet.js';
import { notice } from './notice.js';

const LONGEST = 2_000; // characters; more than anyone wants read aloud

const drafts = new Map();

export function writeTo(person, device) {
  const text = h('textarea.field', { id: 'message-text', rows: 4, maxlength: LONGEST, required: true, oninput: () => drafts.set(person.contact_id, text.value) });
  text.value = drafts.get(person.contact_id) ?? '';
  const wrong = h('p.wrong', { role: 'alert' });
  const send = h('button.btn.main', {}, icon('send'), h('span', {}, 'Send'));
  const node = h('form.sheet.message', { role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'sheet-h', tabindex: '-1', onsubmit: (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) { text.focus(); return; }
    waiting(send, async () => {
      try {
        await device.command('post.send', { contact_id: person.contact_id, text: words });
        drafts.delete(person.contact_id);
        closeSheet(node);
        notice('passing', { kind: 'info', shape: 'check', words: `Your message to ${person.name} is on its way.` });
      } catch (error) { wrong.textContent = error.message; }
    });
  } },
    h('div.sheet-top', {}, avatar(person.name), h('h2', { id: 'sheet-h' }, `To ${person.name}`),
      h('button.btn.quiet.round', { type: 'button', label: 'Close', onclick: () => closeSheet(node) }, icon('close'))),
    h('label.only-read', { for: 'message-text' }, `Message to ${person.name}`), text, wrong,
    h('div.answers', {}, button('', 'back', 'Not now', { onclick: () => closeSheet(node) }), send));
  openSheet(node);
  text.focus(); // a text field puts nobody through
}
