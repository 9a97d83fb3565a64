// The first view: the list of deliveries, and next to it the one that is selected.
import { address, go } from './address.js';
import { detail } from './detail.js';
import { fill, h } from './dom.js';
import { filters } from './filters.js';
import { list } from './list.js';
import { command, empty, fates } from './parts.js';
import { rows } from './rows.js';
import { onStream } from './stream.js';
import { count, plural, visible } from './text.js';

let view = null;

onStream('rows', (taken, added) => view?.taken(taken, added));
onStream('list', () => view?.loaded());

function nothing(about) {
  const { source } = about;
  if (rows.loading) return h('p.loading', { role: 'status' }, 'Loading deliveries');
  if (rows.all.length > 0) {
    if (rows.clearedAt >= rows.newest) return empty('The view is clear', h('p', {}, 'New deliveries appear here.'));
    return empty('No delivery matches', h('p', {}, 'Change the search or the filters, or press “Reset filters”.'));
  }
  if (source.kind === 'listen') {
    return empty(
      'Waiting for the first delivery',
      h('p', {}, 'Send one from another terminal, or in the view Send:'),
      command(`topper send order:crypto-onramp:completed --to ${visible(source.url ?? 'URL')}`),
      h(
        'p',
        {},
        'Topper itself cannot reach this machine. Use a tunnel for its deliveries, and pass the public key of the webhook with ',
        h('code', {}, '--jwk'),
        '.',
      ),
    );
  }
  if (source.kind === 'inbox') {
    return empty('The inbox is empty', h('p', {}, 'Events appear here as soon as a receiver stores them.'));
  }
  return empty(
    'The file has no deliveries',
    h('p', {}, 'Save some with:'),
    command('topper listen --save deliveries.jsonl'),
  );
}

/** Builds the view. `keys` are what the keyboard can do in it. */
export function deliveries(about) {
  const stored = about.source.kind === 'inbox';
  const bar = filters(stored);
  const tally = h(
    'div.tally-bar',
    { role: 'group', 'aria-label': 'Topper’s fate of the answers' },
    Object.entries(fates).map(([fate, { sign, word }]) =>
      h(
        'button.tally-chip',
        {
          type: 'button',
          'data-fate': fate,
          'aria-pressed': 'false',
          title: `Show only what is ${word}`,
          onclick: () => go({ answer: address.answer === fate ? '' : fate }),
        },
        h('span', { 'aria-hidden': 'true' }, sign),
        h('span.count', {}, '0'),
        h('span.unseen', {}, ` ${word}`),
      ),
    ),
  );
  const number = h('span.number', { id: 'number' });
  const pause = h(
    'button.quiet.small',
    { type: 'button', 'aria-pressed': 'false', title: 'Stop showing new deliveries (p)', onclick: togglePause },
    'Pause',
  );
  const clear = h(
    'button.quiet.small',
    {
      type: 'button',
      title: 'Hide what is shown now',
      onclick: () => {
        rows.clearedAt = rows.newest;
        refresh();
      },
    },
    'Clear',
  );
  const all = h(
    'button.quiet.small',
    {
      type: 'button',
      onclick: () => {
        rows.clearedAt = 0;
        refresh();
      },
    },
    'Show all again',
  );
  const unread = h('button.unread', {
    type: 'button',
    hidden: true,
    onclick: () => {
      if (rows.pausedAt !== null) togglePause();
      table.toTop();
      unseen = 0;
      status();
    },
  });
  const gone = h('p.note', { hidden: true });
  const none = h('div.none');
  const side = h('section.side', { 'aria-label': 'Selected delivery', hidden: true });
  const table = list({
    rows: () => rows.shown,
    stored,
    onopen: (seq) => open(seq, true),
    onselect: (row) => {
      if (!side.hidden) open(row.seq, false);
    },
  });
  const main = h(
    'section.main',
    { 'aria-label': 'Deliveries' },
    h('div.tools', {}, bar.bar, h('div.tools-end', {}, stored ? null : tally, number, pause, clear, all)),
    gone,
    h('div.board', {}, table.grid, none, unread),
  );
  const split = h('div.split', {}, main, side);
  const element = h('div.view', {}, split);
  let shown = null;
  let unseen = 0;

  function togglePause() {
    rows.pausedAt = rows.pausedAt === null ? rows.newest : null;
    refresh();
  }

  function refresh() {
    rows.filter();
    table.draw();
    status();
  }

  function status() {
    const total = rows.all.length;
    const filtered = rows.shown.length !== total;
    const many = stored ? (total === 1 ? ' event' : ' events') : total === 1 ? ' delivery' : ' deliveries';
    fill(
      number,
      filtered ? `${count(rows.shown.length)} of ${count(total)}` : [count(total), h('span.unit', {}, many)],
      rows.loading && total > 0 ? '…' : null,
    );
    const found = rows.tally();
    for (const chip of tally.children) {
      chip.children[1].textContent = count(found[chip.dataset.fate]);
      chip.setAttribute('aria-pressed', String(address.answer === chip.dataset.fate));
      chip.classList.toggle('zero', found[chip.dataset.fate] === 0);
    }
    const paused = rows.pausedAt !== null;
    pause.textContent = paused ? 'Follow' : 'Pause';
    pause.setAttribute('aria-pressed', String(paused));
    all.hidden = rows.clearedAt === 0;
    clear.hidden = rows.shown.length === 0;
    const waiting = paused ? rows.waiting : unseen;
    unread.hidden = waiting === 0;
    if (waiting > 0) unread.textContent = `${count(waiting)} new${paused ? ' while paused' : ''} ↑`;
    gone.hidden = rows.dropped === 0;
    gone.textContent = `The ${plural(rows.dropped, 'oldest delivery was', 'oldest deliveries were')} dropped: the newest ${count(rows.most)} are kept.`;
    const bare = rows.shown.length === 0;
    element.classList.toggle('bare', bare);
    none.hidden = !bare;
    if (bare) fill(none, nothing(about));
    else none.replaceChildren();
  }

  function open(seq, push) {
    if (shown !== null && shown.seq === seq) return;
    shown?.close();
    shown = detail(seq, about, {
      close: shut,
      widen: () => split.classList.toggle('full'),
      step: (by) => table.move(by),
    });
    side.hidden = false;
    split.classList.add('open');
    fill(side, shown.element);
    table.select(seq, { scroll: !push });
    go({ selected: String(seq) }, { push });
  }

  function shut() {
    shown?.close();
    shown = null;
    side.hidden = true;
    side.replaceChildren();
    split.classList.remove('open');
    go({ selected: '' }, { push: true });
    table.measure();
    table.grid.focus({ preventScroll: true });
  }

  function follow(before) {
    bar.update();
    if (['q', 'event', 'order', 'verdict', 'answer'].some((name) => before[name] !== address[name])) {
      refresh();
      table.toTop();
    }
    if (before.selected !== address.selected) {
      if (address.selected === '') {
        if (shown !== null) shut();
      } else open(Number(address.selected), false);
    }
  }

  view = {
    element,
    taken(list, added) {
      table.hold(added);
      if (table.atTop) unseen = 0;
      else unseen += added;
      table.draw();
      status();
      shown?.changed(list);
    },
    loaded() {
      bar.update();
      table.draw();
      status();
    },
    follow,
    close() {
      shown?.close();
      table.close();
      view = null;
    },
    keys: {
      search() {
        bar.search.focus();
        bar.search.select();
      },
      move: (by) => table.move(by),
      open() {
        if (table.selected !== null) open(table.selected, true);
        else table.move(0);
        shown?.focus();
      },
      escape() {
        if (shown === null) return false;
        shut();
        return true;
      },
      pause: togglePause,
      replay() {
        withDetail((it) => it.replay('same'));
      },
      edit() {
        withDetail((it) => it.replay('signed'));
      },
      step: (by) => shown?.stepTab(by),
    },
  };

  function withDetail(action) {
    if (shown === null && table.selected !== null) open(table.selected, true);
    if (shown !== null) action(shown);
  }

  table.grid.addEventListener(
    'scroll',
    () => {
      if (unseen > 0 && table.atTop) {
        unseen = 0;
        status();
      }
    },
    { passive: true },
  );
  rows.filter();
  status();
  if (address.selected !== '') open(Number(address.selected), false);
  return view;
}
