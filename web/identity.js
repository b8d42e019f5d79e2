// Who is at this speaker. In the demonstration the page asks; the choice stays with the tab and in its address, so two tabs can be two houses.
import { $, h, avatar, button, refill, remember, remembered } from './ui.js';

const KEY = 'identity';
const PARTS = ['household', 'device', 'person'];

/** `{household, device, person?}` or null. */
export function chosenIdentity() {
  const address = new URLSearchParams(location.search);
  const identity = address.has('household') ? Object.fromEntries(PARTS.filter((part) => address.has(part)).map((part) => [part, address.get(part)])) : stored();
  if (!identity?.household || !identity.device) return null;
  keepIdentity(identity);
  return identity;
}

function stored() {
  try { return JSON.parse(remembered('sessionStorage', KEY)); } catch { return null; }
}

function keepIdentity(identity) {
  remember('sessionStorage', KEY, JSON.stringify(identity));
  history.replaceState(null, '', addressOf(identity) + location.hash);
}

export const addressOf = (identity) => `/?${new URLSearchParams(identity)}`;

export function forgetIdentity() {
  remember('sessionStorage', KEY, null);
  location.assign('/');
}

/** The houses of the demonstration; null where there is none. Fails when the house is out of reach. */
export async function demoHouseholds() {
  const response = await fetch('/v1/demo');
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the house answered ${response.status}`);
  return (await response.json()).households;
}

/** Asks, and resolves with the identity. */
export async function askIdentity(why) {
  document.body.dataset.view = 'who';
  for (const id of ['home-view', 'inbox-view', 'call-view']) $(id).hidden = true;
  $('who-view').hidden = false;
  $('who-why').textContent = why ?? '';
  $('who-why').hidden = !why;
  let households;
  try { households = await demoHouseholds(); } catch {
    $('who-say').textContent = 'I cannot reach the house just now.';
    return new Promise((resolve) => refill($('who-houses'), button('main', 'offline', 'Try again', { onclick: () => resolve(askIdentity(why)) })));
  }
  if (!households) {
    $('who-title').textContent = 'This speaker has no house yet';
    $('who-say').textContent = 'The server runs, but pairing speakers of your own is not built yet.';
    refill($('who-houses'), h('p', {}, 'To look around in two demonstration houses, start it with ', h('code', {}, 'hearthline serve --demo'), ' and open this page on the same machine.'));
    return new Promise(() => {});
  }
  $('who-say').textContent = 'This is a demonstration with two houses. Choose a place and a name; a second tab can be somebody else.';
  return new Promise((resolve) => refill($('who-houses'), households.map((household) => houseCard(household, (identity) => {
    keepIdentity(identity);
    $('who-view').hidden = true;
    resolve(identity);
  }))));
}

function houseCard(household, choose) {
  const id = `at-${household.id}`;
  const where = h('select.field', { id }, household.devices.map((device) => h('option', { value: device.id }, device.name)));
  const start = (person) => () => choose({ household: household.id, device: where.value, ...(person && { person: person.id }) });
  return h('section.house-card', { 'aria-labelledby': `name-${household.id}` },
    h('h2', { id: `name-${household.id}` }, household.name),
    h('label.place-label', { for: id }, 'The speaker in the'), where,
    h('ul.who-list', {}, household.people.map((person) => h('li', {},
      h('button.btn.person-pick', { type: 'button', onclick: start(person), 'data-person': person.id }, avatar(person.name), person.name))),
      h('li', {}, h('button.btn.person-pick', { type: 'button', onclick: start(null) }, avatar('?'), 'Somebody else'))));
}
