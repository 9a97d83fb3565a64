// Loads the deliveries, and keeps them up to date by the program's stream of events.
import { get } from './api.js';
import { rows } from './rows.js';

const first = 500;
const page = 2000;
const listeners = { rows: new Set(), list: new Set(), state: new Set() };

export const stream = { state: 'waiting', error: null };

let source = null;
let queue = [];
let scheduled = false;
let since = null;
let wait = 500;
let load = 0;
let ended = false;

export function onStream(kind, listener) {
  listeners[kind].add(listener);
}

const tell = (kind, ...values) => listeners[kind].forEach((listener) => listener(...values));

function become(state, error = null) {
  if (stream.state === state && stream.error === error) return;
  Object.assign(stream, { state, error });
  tell('state');
}

// Rows that arrive together are shown together: once a frame, or by a timer in a hidden tab.
function flush() {
  scheduled = false;
  const taken = queue;
  queue = [];
  if (taken.length === 0) return;
  const added = rows.take(taken);
  tell('rows', taken, added);
}

function receive(message) {
  let row;
  try {
    row = JSON.parse(message.data);
  } catch {
    return;
  }
  if (!Number.isSafeInteger(row?.seq)) return;
  since?.push(row);
  queue.push(row);
  if (scheduled) return;
  scheduled = true;
  if (document.hidden) setTimeout(flush, 50);
  else requestAnimationFrame(flush);
}

const dropped = (number) => {
  if (Number.isSafeInteger(number) && number > rows.gone.program) rows.gone.program = number;
};

/** Loads the list again: the newest deliveries at once, the older ones afterwards. */
export async function reload() {
  load += 1;
  const mine = load;
  since = [];
  const newest = await get(`/api/deliveries?limit=${first}`);
  if (mine !== load) return;
  queue = [];
  rows.reset();
  rows.gone = { program: 0, atLoad: 0, page: 0 };
  dropped(newest.dropped);
  rows.gone.atLoad = rows.gone.program;
  rows.takeOlder(newest.deliveries);
  rows.take(since);
  since = null;
  rows.loading = newest.more;
  tell('list');
  older(mine, newest.more).catch((error) => become(stream.state, error.message));
}

async function older(mine, more) {
  while (more) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    if (rows.all.length === 0) break;
    const next = await get(`/api/deliveries?before=${rows.all[0].seq}&limit=${page}`);
    if (mine !== load) return;
    dropped(next.dropped);
    more = rows.takeOlder(next.deliveries) && next.more && next.deliveries.length > 0;
    rows.loading = more;
    tell('list');
  }
  rows.loading = false;
  tell('list');
}

function again() {
  source?.close();
  source = null;
  if (!ended) become('lost');
  setTimeout(() => connect(), wait);
  wait = Math.min(wait * 2, 5000);
}

/** Opens the stream first, then loads the list, so that no delivery is missed in between. */
export function connect() {
  let opened = false;
  source = new EventSource('/api/stream');
  source.addEventListener('open', () => {
    opened = true;
    reload()
      .then(() => {
        wait = 500;
        ended = false;
        become('live');
      })
      .catch((error) => {
        become('lost', error.message);
        again();
      });
  });
  source.addEventListener('row', receive);
  source.addEventListener('dropped', (message) => {
    try {
      dropped(JSON.parse(message.data).dropped);
    } catch {
      return;
    }
    tell('list');
  });
  source.addEventListener('resync', () => {
    reload().catch((error) => become('lost', error.message));
  });
  source.addEventListener('ended', () => {
    ended = true;
    become('ended');
  });
  source.addEventListener('error', () => {
    if (source === null) return;
    // A refused stream says why only to a plain request.
    if (!opened && stream.state === 'waiting') {
      reload()
        .then(() => tell('list'))
        .catch((error) => become('lost', error.message));
    }
    again();
  });
}
