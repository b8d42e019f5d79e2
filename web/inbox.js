// Messages and calls that waited. Opening a message marks it as read; the badge counts what nobody has seen.
import { $, h, icon, avatar, button, count, refill, timeOfDay, waiting, when } from './ui.js';
import { refused } from './notice.js';

const KINDS = {
  message: ['message', 'Message'], sent: ['outgoing', 'You wrote'], missed: ['missed', 'Missed call'], outgoing: ['outgoing', 'You called'], incoming: ['incoming', 'They called'],
};
const FILTERS = { all: 'All', message: 'Messages', calls: 'Calls' };
const SENT = { left: 'Waits for them', delivered: 'Delivered', heard: 'Read' };

let filter = 'all';
let items = [];
let people = [];
let act = null; // {device, call, message, read}
let drawn = '';

export function startInbox(actions) { act = actions; }

export function showBadges({ unread, missed }) {
  $('inbox-badge').hidden = !unread;
  $('inbox-badge').textContent = unread;
  $('missed-badge').hidden = !missed;
  refill($('missed-badge'), icon('missed'), String(missed));
  $('inbox-words').textContent = `: ${count(unread, 'unread message')}, ${count(missed, 'missed call')}`;
}

export function setInbox(house) {
  items = house.inbox;
  people = house.people;
  showBadges(house);
  if (!$('inbox-view').hidden) showInbox();
}

const openId = () => decodeURIComponent(location.hash.split('/')[1] ?? '');
const kindOf = (item) => (item.kind === 'message' && item.direction === 'out' ? 'sent' : item.kind);
const reachable = (item) => people.find((person) => person.contact_id === item.with?.contact_id && person.callable);
const nameOf = (item) => item.with?.name ?? 'Somebody';

/** Draws the list and what is open, by the address: #inbox or #inbox/<id>. */
export function showInbox() {
  const open = items.find((item) => item.id === openId());
  if (open?.fresh && open.direction !== 'out') markRead(open);
  const now = JSON.stringify([items, people.map((person) => person.callable), filter, open?.id]);
  if (now === drawn) return;
  drawn = now;
  const shown = items.filter((item) => filter === 'all' || (filter === 'message') === (item.kind === 'message'));
  $('inbox-view').classList.toggle('reading', Boolean(open));
  refill($('filters'), Object.entries(FILTERS).map(([id, word]) => h('button.btn', { type: 'button', 'data-focus': id, 'aria-pressed': String(id === filter),
    onclick: () => { filter = id; showInbox(); } }, word)));
  refill($('mail'), shown.length ? shown.map((item) => row(item, open)) : h('li.nothing', {}, icon('inbox'), 'Nothing here. When somebody writes or calls, it waits here for you.'));
  refill($('detail'), ...(open ? detail(open) : [h('p.note', {}, shown.length ? 'Choose something on the left.' : 'All read.')]));
}

function row(item, open) {
  const kind = kindOf(item);
  const [shape, words] = KINDS[kind] ?? KINDS.message;
  const contact = reachable(item);
  const back = item.kind !== 'message' && contact && h('button.btn.round.quiet', { type: 'button', label: `Call ${nameOf(item)} back`, 'data-focus': `back ${item.id}`,
    onclick: ({ currentTarget }) => waiting(currentTarget, () => act.call({ contact_id: contact.contact_id })) }, icon('phone'));
  const node = h(`li.item.${kind}`, { 'data-post': item.id },
    h('a', { href: `#inbox/${encodeURIComponent(item.id)}`, 'data-focus': item.id, 'aria-current': item === open && 'true' },
      avatar(nameOf(item)),
      h('span.who', {},
        h('span.top', {}, h('b', {}, nameOf(item)), item.fresh && h('span.tag.ember', {}, 'New'), h('time.num', {}, when(item.at_ms, act.device.now()))),
        h('span.kind', {}, icon(shape), kind === 'sent' ? `${words} · ${SENT[item.state] ?? ''}` : words),
        item.text && h('span.peek', {}, item.text))),
    back);
  node.classList.toggle('fresh', Boolean(item.fresh));
  return node;
}

function detail(item) {
  const kind = kindOf(item);
  const [, words] = KINDS[kind] ?? KINDS.message;
  const contact = reachable(item);
  const remove = h('div.detail-actions', {},
    contact && button('go', 'phone', item.kind === 'message' ? 'Call' : 'Call back', { 'data-focus': 'call',
      onclick: ({ currentTarget }) => waiting(currentTarget, () => act.call({ contact_id: contact.contact_id })) }),
    contact && button('', 'message', kind === 'message' ? 'Reply' : 'Write', { 'data-focus': 'reply', onclick: () => act.message(contact) }),
    item.kind === 'message' && button('', 'sound', 'Read aloud', { 'data-focus': 'aloud', onclick: () => act.read(item.text) }),
    button('quiet', 'trash', 'Delete', { 'data-focus': 'delete', onclick: () => refill(remove, ...sure(item)) }));
  return [
    h('div.detail-head', {}, h('a.btn.quiet.round.only-phone', { href: '#inbox', label: 'Back to the inbox' }, icon('back')),
      avatar(nameOf(item)), h('div.who', {}, h('h2', {}, nameOf(item)), h('p', {}, `${words} · ${when(item.at_ms, act.device.now())}`,
        when(item.at_ms, act.device.now()) === timeOfDay(item.at_ms) ? '' : `, ${timeOfDay(item.at_ms)}`))),
    h('p.letter', {}, item.text || words),
    kind === 'sent' && h('p.note', {}, SENT[item.state] ?? ''),
    remove,
  ];
}

function sure(item) {
  const yes = button('stop', 'trash', 'Delete for good', { onclick: () => waiting(yes, async () => {
    try { await act.device.command('post.delete', { post_id: item.id }); location.hash = '#inbox'; } catch (error) { refused(error); }
  }) });
  return [yes, button('', 'back', 'Keep it', { onclick: () => { drawn = ''; showInbox(); } })];
}

const marked = new Set();

function markRead(item) {
  if (marked.has(item.id)) return;
  marked.add(item.id);
  act.device.command('post.heard', { post_id: item.id }).catch((error) => { marked.delete(item.id); refused(error); });
}
