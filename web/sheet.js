// One sheet at a time lies over the page: it makes the rest inert, takes the focus itself, and gives it back.
import { $ } from './ui.js';

const BEHIND = ['skip', 'bar', 'notice', 'home-view', 'inbox-view', 'call-view', 'who-view'];

let open = null; // {node, before, closed}

/** `closed` is told when the sheet goes, for whatever reason. */
export function openSheet(node, closed = () => {}) {
  const before = open?.before ?? document.activeElement;
  const former = open;
  open = { node, before, closed };
  former?.closed();
  for (const id of BEHIND) $(id).inert = true;
  $('sheet').hidden = false;
  $('sheet').replaceChildren(node);
  // The sheet takes the focus, never its "Answer": a key pressed at the wrong moment must not put anyone through.
  node.focus({ preventScroll: true });
}

/** Closes `node`, or whatever sheet is open. */
export function closeSheet(node = open?.node) {
  if (!open || open.node !== node) return;
  const { before, closed } = open;
  open = null;
  for (const id of BEHIND) $(id).inert = false;
  $('sheet').hidden = true;
  $('sheet').replaceChildren();
  closed();
  if (before?.isConnected) before.focus({ preventScroll: true });
}

export const sheetOpen = () => open !== null;
