// The list of deliveries. Only the rows that can be seen are in the document.
import { h } from './dom.js';
import { answer, changeTag, eventName } from './parts.js';
import { clock, cut, milliseconds } from './text.js';

const extra = 8;

function refused(row) {
  if (row.valid) return null;
  const word = /^(?:signature|key)_/.test(row.verdict) ? 'signature' : 'refused';
  const label = row.verdict === 'event_unreadable' ? 'unreadable' : word;
  return h('span.tag', { 'data-tag': 'refused', title: cut(row.reason) }, label);
}

function cells(row) {
  const event = row.name === null ? h('span.name.unnamed', {}, cut(row.path)) : eventName(row.name);
  const tags = [
    changeTag(row.change),
    row.replay_of === null || row.replay_of === undefined
      ? null
      : h('span.tag', { 'data-tag': 'replay' }, `replay of #${row.replay_of}`),
    row.problem ? h('span.tag', { 'data-tag': 'problem', title: cut(row.problem) }, 'no type') : null,
    refused(row),
  ];
  return [
    h('span.c-time', { role: 'gridcell' }, clock(row.at)),
    h('span.c-event', { role: 'gridcell', title: cut(row.name ?? row.path) }, event, tags),
    h(
      'span.c-order',
      { role: 'gridcell', title: row.order_id === null ? null : cut(row.order_id) },
      cut(row.order_id),
    ),
    h('span.c-verdict', { role: 'gridcell' }, cut(row.verdict)),
    h(
      'span.c-answer',
      { role: 'gridcell' },
      row.stored ? storedCell(row.stored) : answer(row.status, row.fate, row.answered_by),
    ),
    h('span.c-took', { role: 'gridcell' }, milliseconds(row.elapsed_ms)),
  ];
}

function storedCell(stored) {
  return h(
    'span.stored',
    { 'data-stored': cut(stored.status), title: stored.last_error === null ? null : cut(stored.last_error) },
    cut(stored.status),
    stored.attempts > 0 ? h('small', {}, ` ${stored.attempts}×`) : null,
  );
}

const headings = [
  ['time', 'Time'],
  ['event', 'Event'],
  ['order', 'Order'],
  ['verdict', 'Verdict'],
  ['answer', 'Answer'],
  ['took', 'Took'],
];

/** `rows()` gives the rows, oldest first; the newest is shown at the top. */
export function list({ rows, onopen, onselect, stored }) {
  const body = h('div.rows', { role: 'rowgroup' });
  const names = headings.map(([key, name]) =>
    h(`span.c-${key}`, { role: 'columnheader' }, key === 'answer' && stored ? 'State' : name),
  );
  const head = h('div.head', { role: 'rowgroup' }, h('div.row', { role: 'row', 'aria-rowindex': '1' }, names));
  const grid = h('div.grid', { role: 'grid', 'aria-label': 'Deliveries, newest first', tabindex: '0' }, head, body);
  const shown = new Map();
  let height = 34;
  let top = 34;
  let selected = null;
  let frame = 0;
  // The newest delivery that was drawn; later ones are marked as new for a moment.
  let fresh = null;

  function measure() {
    const style = getComputedStyle(body);
    height = Number.parseInt(style.getPropertyValue('--row'), 10) || 34;
    top = head.offsetHeight;
    draw();
  }

  function element(row, index) {
    const item = h(
      'div.row',
      {
        role: 'row',
        id: `row-${row.seq}`,
        'data-seq': row.seq,
        'data-fate': row.fate ?? 'none',
        'aria-rowindex': index + 2,
        'aria-selected': String(row.seq === selected),
      },
      cells(row),
    );
    if (fresh !== null && row.seq > fresh) item.classList.add('fresh');
    return item;
  }

  // Drawn at once, not in the next frame, where the caller already runs in one.
  function draw() {
    cancelAnimationFrame(frame);
    frame = 0;
    const all = rows();
    const total = all.length;
    body.style.setProperty('height', `${total * height}px`);
    const from = Math.max(0, Math.floor((grid.scrollTop - extra * height) / height));
    const to = Math.min(total, Math.ceil((grid.scrollTop + grid.clientHeight) / height) + extra);
    const wanted = new Set();
    for (let index = from; index < to; index += 1) wanted.add(all[total - 1 - index]);
    for (const [row, item] of shown) {
      if (!wanted.has(row)) {
        item.remove();
        shown.delete(row);
      }
    }
    let previous = null;
    for (let index = from; index < to; index += 1) {
      const row = all[total - 1 - index];
      let item = shown.get(row);
      if (item === undefined) {
        item = element(row, index);
        shown.set(row, item);
        if (previous === null) body.prepend(item);
        else previous.after(item);
      }
      item.style.setProperty('transform', `translateY(${index * height}px)`);
      item.setAttribute('aria-rowindex', String(index + 2));
      previous = item;
    }
    grid.setAttribute('aria-rowcount', String(total + 1));
    describe();
    if (total > 0) fresh = Math.max(fresh ?? 0, all[total - 1].seq);
  }

  function describe() {
    if (selected !== null && document.getElementById(`row-${selected}`) !== null)
      grid.setAttribute('aria-activedescendant', `row-${selected}`);
    else grid.removeAttribute('aria-activedescendant');
  }

  const soon = () => {
    frame ||= requestAnimationFrame(draw);
  };

  const indexOf = (seq) => {
    const all = rows();
    const at = all.findIndex((row) => row.seq === seq);
    return at < 0 ? -1 : all.length - 1 - at;
  };

  function select(seq, { scroll = true } = {}) {
    selected = seq;
    for (const [row, item] of shown) item.setAttribute('aria-selected', String(row.seq === seq));
    const index = seq === null ? -1 : indexOf(seq);
    if (index >= 0 && scroll) {
      const start = index * height;
      const room = grid.clientHeight - top;
      if (start < grid.scrollTop) grid.scrollTop = start;
      else if (start + height > grid.scrollTop + room) grid.scrollTop = start + height - room;
    }
    draw();
  }

  function move(step) {
    const all = rows();
    if (all.length === 0) return;
    const at = selected === null ? -1 : indexOf(selected);
    const to = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
    const row = all[all.length - 1 - to];
    select(row.seq);
    onselect(row);
  }

  grid.addEventListener('scroll', soon, { passive: true });
  grid.addEventListener('click', (event) => {
    const item = event.target.closest?.('[data-seq]');
    if (!item) return;
    select(Number(item.dataset.seq), { scroll: false });
    onopen(Number(item.dataset.seq));
  });
  grid.addEventListener('keydown', (event) => {
    const pageful = Math.max(1, Math.floor((grid.clientHeight - top) / height) - 1);
    const step = { PageDown: pageful, PageUp: -pageful, Home: -1e9, End: 1e9 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(step);
  });
  const sizes = new ResizeObserver(measure);
  sizes.observe(grid);

  return {
    grid,
    draw,
    soon,
    select,
    move,
    measure,
    get selected() {
      return selected;
    },
    get atTop() {
      return grid.scrollTop < height;
    },
    toTop() {
      grid.scrollTop = 0;
      soon();
    },
    /** Keeps what is being read in place when rows are added above it. */
    hold(added) {
      if (added > 0 && grid.scrollTop >= height) grid.scrollTop += added * height;
    },
    close() {
      sizes.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
