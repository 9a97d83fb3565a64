// The state of the page that belongs in its URL: the view, the filters, and what is selected.
import { later } from './dom.js';

const names = ['view', 'q', 'event', 'order', 'verdict', 'answer', 'selected'];
const listeners = new Set();

function read() {
  const query = new URLSearchParams(location.search);
  const state = Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']));
  if (!/^[0-9]{1,15}$/.test(state.selected)) state.selected = '';
  if (!/^[a-z]+$/.test(state.view)) state.view = 'deliveries';
  return state;
}

export const address = read();

function query() {
  const search = new URLSearchParams();
  for (const name of names) {
    if (address[name] !== '' && !(name === 'view' && address.view === 'deliveries')) search.set(name, address[name]);
  }
  const text = search.toString();
  return text === '' ? '/' : `/?${text}`;
}

// Browsers limit how often the URL may change; a held key must not reach that limit.
const write = later(120, () => history.replaceState(null, '', query()));

/** Changes the state. `push` makes a step that the Back button undoes. */
export function go(changes, { push = false } = {}) {
  const before = { ...address };
  Object.assign(address, changes);
  if (names.every((name) => before[name] === address[name])) return;
  if (push) history.pushState(null, '', query());
  else write();
  for (const listener of listeners) listener(before);
}

export function onAddress(listener) {
  listeners.add(listener);
}

addEventListener('popstate', () => {
  const before = { ...address };
  Object.assign(address, read());
  for (const listener of listeners) listener(before);
});
