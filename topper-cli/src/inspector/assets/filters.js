// The search and the filters above the list. They are kept in the URL.
import { address, go } from './address.js';
import { fill, h, later } from './dom.js';
import { rows } from './rows.js';
import { visible } from './text.js';

const answers = [
  ['', 'Any answer'],
  ['delivered', '✓ delivered'],
  ['retried', '↻ retried'],
  ['lost', '✕ lost'],
  ['none', 'no answer'],
];

function options(select, pairs, value) {
  if (value !== '' && pairs.every(([it]) => it !== value)) pairs.push([value, visible(value)]);
  fill(
    select,
    pairs.map(([it, label]) => h('option', { value: it, selected: it === value }, label)),
  );
  select.value = value;
}

/** `stored`: the rows are those of an inbox, so that the last filter is for their state. */
export function filters(stored) {
  const search = h('input.search', {
    type: 'search',
    placeholder: 'Search  ( / )',
    'aria-label': 'Search deliveries',
    autocomplete: 'off',
    spellcheck: 'false',
    value: address.q,
  });
  const event = h('input', {
    type: 'search',
    list: 'filter-events',
    placeholder: 'Event',
    'aria-label': 'Event contains',
    autocomplete: 'off',
    spellcheck: 'false',
    value: address.event,
  });
  const order = h('input', {
    type: 'search',
    list: 'filter-orders',
    placeholder: 'Order',
    'aria-label': 'Order contains',
    autocomplete: 'off',
    spellcheck: 'false',
    value: address.order,
  });
  const events = h('datalist', { id: 'filter-events' });
  const orders = h('datalist', { id: 'filter-orders' });
  const verdict = h('select', { 'aria-label': 'Verdict' });
  const answer = h('select', { 'aria-label': stored ? 'State' : 'Answer' });
  const clear = h(
    'button.quiet.small',
    {
      type: 'button',
      onclick: () => {
        for (const input of [search, event, order]) input.value = '';
        go({ q: '', event: '', order: '', verdict: '', answer: '' });
      },
    },
    'Reset filters',
  );

  // A key must appear at once; the list follows a moment later.
  const typed = (name, input) => {
    const apply = later(25, () => go({ [name]: input.value }));
    input.addEventListener('input', apply);
  };
  typed('q', search);
  typed('event', event);
  typed('order', order);
  const listValues = (place, field) =>
    fill(
      place,
      rows.values(field).map(([value, number]) => h('option', { value, label: `${number}×` })),
    );
  event.addEventListener('focus', () => listValues(events, 'name'));
  order.addEventListener('focus', () => listValues(orders, 'order_id'));
  const verdicts = () =>
    options(
      verdict,
      [['', 'Any verdict'], ...rows.values('verdict').map(([it, number]) => [it, `${visible(it)} (${number})`])],
      address.verdict,
    );
  const statuses = () =>
    options(
      answer,
      stored
        ? [['', 'Any state'], ...rows.values('state').map(([it, number]) => [it, `${visible(it)} (${number})`])]
        : [
            ...answers,
            ...rows
              .values('status')
              .sort((a, b) => a[0] - b[0])
              .map(([it, number]) => [String(it), `${it} (${number})`]),
          ],
      address.answer,
    );
  for (const name of ['pointerdown', 'focus']) {
    verdict.addEventListener(name, verdicts);
    answer.addEventListener(name, statuses);
  }
  verdict.addEventListener('change', () => go({ verdict: verdict.value }));
  answer.addEventListener('change', () => go({ answer: answer.value }));

  function update() {
    for (const [input, name] of [
      [search, 'q'],
      [event, 'event'],
      [order, 'order'],
    ]) {
      if (input !== document.activeElement) input.value = address[name];
    }
    if (verdict.value !== address.verdict || verdict.options.length === 0) verdicts();
    if (answer.value !== address.answer || answer.options.length === 0) statuses();
    const on = ['q', 'event', 'order', 'verdict', 'answer'].some((name) => address[name] !== '');
    clear.hidden = !on;
    for (const [input, name] of [
      [event, 'event'],
      [order, 'order'],
      [verdict, 'verdict'],
      [answer, 'answer'],
    ]) {
      input.classList.toggle('on', address[name] !== '');
    }
  }
  update();
  const bar = h(
    'div.filters',
    { role: 'search', 'aria-label': 'Filter deliveries' },
    search,
    event,
    order,
    verdict,
    answer,
    clear,
    events,
    orders,
  );
  return { bar, search, update };
}
