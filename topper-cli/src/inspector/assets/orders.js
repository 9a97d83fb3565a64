// The orders, and the events of one of them: in order of arrival, and as Topper made them.
import { get } from './api.js';
import { address, go } from './address.js';
import { pretty } from './bodytext.js';
import { fill, h, later, svg } from './dom.js';
import { answer, changeTag, command, empty, eventName, facts, failure } from './parts.js';
import { onStream } from './stream.js';
import { clock, plural, visible } from './text.js';

let changed = null;
onStream('rows', (rows) => changed?.(rows));
onStream('list', () => changed?.([]));

/** A line for each event from its place of arrival to its place by `updated_at`: late ones cross. */
function crossing(timeline) {
  const events = timeline.filter((it) => it.updated_at !== null).slice(0, 40);
  if (events.length < 2) return null;
  const made = [...events].sort((a, b) =>
    a.updated_at < b.updated_at ? -1 : a.updated_at > b.updated_at ? 1 : events.indexOf(a) - events.indexOf(b),
  );
  const height = events.length * 22 + 30;
  const y = (at) => 36 + at * 22;
  return h(
    'div.scroll',
    { tabindex: '0', role: 'group', 'aria-label': 'Arrival against updatedAt' },
    svg(
      'svg',
      {
        viewBox: `0 0 560 ${height}`,
        class: 'crossing',
        role: 'img',
        'aria-label': 'Each event from its place of arrival, on the left, to its place by updatedAt, on the right',
      },
      svg('text', { x: 8, y: 14, class: 'axis' }, 'arrived'),
      svg('text', { x: 552, y: 14, class: 'axis', 'text-anchor': 'end' }, 'updatedAt'),
      events.map((it, at) => {
        const to = made.indexOf(it);
        const kind = it.change === 'stale' ? 'late' : it.change === 'duplicate' ? 'duplicate' : 'plain';
        return svg(
          'g',
          { class: kind },
          svg(
            'text',
            { x: 8, y: y(at) + 4 },
            `${at + 1}. ${visible(it.name).split(':').slice(2).join(':') || visible(it.name)}`.slice(0, 30),
          ),
          svg('path', { d: `M200 ${y(at)} C 290 ${y(at)}, 330 ${y(to)}, 420 ${y(to)}` }),
          svg('circle', { cx: 200, cy: y(at), r: 4 }),
          svg('circle', { cx: 420, cy: y(to), r: 4 }),
          svg('text', { x: 552, y: y(to) + 4, 'text-anchor': 'end' }, clock(it.updated_at)),
        );
      }),
    ),
  );
}

function timeline(order) {
  const rows = order.timeline.map((it, at) =>
    h(
      'tr',
      { 'data-change': it.change ?? 'none' },
      h('td.mono', {}, at + 1),
      h('td.mono', {}, clock(it.at)),
      h('td.mono', {}, it.updated_at ? clock(it.updated_at) : '–'),
      h(
        'td',
        {},
        h(
          'button.link',
          {
            type: 'button',
            onclick: () => go({ view: 'deliveries', order: '', selected: String(it.seq) }, { push: true }),
          },
          eventName(it.name),
        ),
        changeTag(it.change),
      ),
      h('td', {}, it.status ?? '–'),
    ),
  );
  return h(
    'div.scroll',
    { tabindex: '0', role: 'group', 'aria-label': 'Timeline' },
    h(
      'table.timeline',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['#', 'Arrived', 'updatedAt', 'Event', 'Answer'].map((it) => h('th', { scope: 'col' }, it)),
        ),
      ),
      h('tbody', {}, rows),
    ),
  );
}

function one(order, close) {
  return [
    h(
      'header',
      {},
      h(
        'div.title',
        {},
        h('h2', {}, h('span.mono.long', {}, visible(order.order_id))),
        h('button.quiet.icon', { type: 'button', 'aria-label': 'Close the order', onclick: close }, '✕'),
      ),
      h(
        'p.sub',
        {},
        h('b', {}, visible(order.state)),
        order.ended ? h('span.tag', {}, 'ended') : h('span.tag', { 'data-tag': 'open' }, 'in progress'),
      ),
    ),
    h(
      'div.panel',
      { tabindex: '0', role: 'region', 'aria-label': 'Order' },
      h(
        'div.stack',
        {},
        facts([
          ['Flow', visible(order.flow)],
          ['Events', order.events],
          ['Duplicates', order.duplicates],
          ['Late', order.late],
          ['First', clock(order.first_at)],
          ['Last', clock(order.last_at)],
          [
            'Deliveries',
            h(
              'button.link',
              {
                type: 'button',
                onclick: () => go({ view: 'deliveries', order: order.order_id, selected: '' }, { push: true }),
              },
              'Show in the list',
            ),
          ],
        ]),
        h('section', {}, h('h3', {}, 'Arrival'), timeline(order)),
        h(
          'section',
          {},
          h('h3', {}, 'Arrival against updatedAt'),
          crossing(order.timeline) ?? h('p.note', {}, 'There are too few events to compare.'),
        ),
        h(
          'section',
          {},
          h('h3', {}, 'State now'),
          order.view
            ? pretty('State of the order', JSON.stringify(order.view, null, 2))
            : h('p.note', {}, 'The state is unknown.'),
        ),
      ),
    ),
  ];
}

export function orders(about) {
  const board = h('ul.orders', { 'aria-label': 'Orders, newest first' });
  const problem = h('div');
  const side = h('section.side', { 'aria-label': 'Selected order', hidden: true });
  const split = h('div.split', {}, h('section.main', { 'aria-label': 'Orders' }, problem, board), side);
  const element = h('div.view', {}, split);
  let known = [];
  let asked = 0;

  const item = (order) =>
    h(
      'li',
      {},
      h(
        'button.order',
        {
          type: 'button',
          'aria-current': order.order_id === address.order ? 'true' : null,
          onclick: () => open(order.order_id, true),
        },
        h('span.mono.id', {}, visible(order.order_id)),
        h('span.state', {}, eventName(order.state)),
        h(
          'span.tags',
          {},
          order.ended ? h('span.tag', {}, 'ended') : h('span.tag', { 'data-tag': 'open' }, 'in progress'),
          order.duplicates > 0
            ? h('span.tag', { 'data-tag': 'duplicate' }, plural(order.duplicates, 'duplicate'))
            : null,
          order.late > 0 ? h('span.tag', { 'data-tag': 'late' }, `${order.late} late`) : null,
        ),
        h('span.dim', {}, `${plural(order.events, 'event')} · ${clock(order.last_at)}`),
      ),
    );

  async function load() {
    try {
      ({ orders: known } = await get('/api/orders'));
      problem.replaceChildren();
      if (known.length === 0) {
        fill(
          problem,
          empty(
            'No orders yet',
            h('p', {}, 'An order appears with its first event. Send all events of one:'),
            command(`topper send --flow onramp --to ${visible(about.source.url ?? 'URL')}`),
          ),
        );
      }
      fill(board, known.map(item));
    } catch (error) {
      fill(problem, failure(error.message));
    }
  }

  async function show() {
    const id = address.order;
    asked += 1;
    const mine = asked;
    side.hidden = id === '';
    split.classList.toggle('open', id !== '');
    if (id === '') return;
    try {
      const order = await get(`/api/orders/${encodeURIComponent(id)}`);
      if (mine === asked)
        fill(
          side,
          one(order, () => open('', true)),
        );
    } catch (error) {
      if (mine === asked)
        fill(
          side,
          h(
            'header',
            {},
            h(
              'div.title',
              {},
              h('h2', {}, visible(id)),
              h(
                'button.quiet.icon',
                { type: 'button', 'aria-label': 'Close the order', onclick: () => open('', true) },
                '✕',
              ),
            ),
          ),
          failure(error.message),
        );
    }
  }

  function open(id, push) {
    go({ order: id }, { push });
  }

  function move(by) {
    if (known.length === 0) return;
    const at = known.findIndex((it) => it.order_id === address.order);
    const to = at < 0 ? 0 : Math.min(known.length - 1, Math.max(0, at + by));
    open(known[to].order_id, false);
    board.children[to]?.scrollIntoView({ block: 'nearest' });
  }

  changed = later(250, (rows) => {
    load();
    if (rows.some((row) => row.order_id !== null && row.order_id === address.order)) show();
  });
  load();
  show();
  return {
    element,
    follow(before) {
      if (before.order === address.order) return;
      [...board.children].forEach((it, at) => {
        if (known[at]?.order_id === address.order) it.firstChild.setAttribute('aria-current', 'true');
        else it.firstChild.removeAttribute('aria-current');
      });
      show();
    },
    close() {
      changed = null;
    },
    keys: {
      move,
      open() {},
      escape() {
        if (address.order === '') return false;
        open('', true);
        return true;
      },
    },
  };
}
