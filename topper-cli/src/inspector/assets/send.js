// Sends an event, or all events of an order, as Topper does.
import { get, lines } from './api.js';
import { fill, h, say } from './dom.js';
import { form } from './form.js';
import { answer, failure, field } from './parts.js';
import { targetField } from './replay.js';
import { attemptTable } from './schedule.js';
import { duration, milliseconds, plural, visible } from './text.js';

export function attemptRow({ delivery, name, id, attempt }) {
  const rest = attempt.cause ?? attempt.body ?? '';
  return h(
    'tr',
    {},
    h('td.mono', {}, delivery + 1),
    h('td.mono', {}, attempt.number),
    h('td.mono', {}, duration(attempt.at_ms / 1000)),
    h('td', { title: visible(id) }, visible(name)),
    h(
      'td',
      {},
      answer(attempt.status, attempt.fate),
      rest === '' ? null : h('code.rest', {}, visible(rest)),
      attempt.advice ? h('p.advice', {}, visible(attempt.advice)) : null,
    ),
    h('td.mono', {}, milliseconds(attempt.elapsed_ms)),
  );
}

const numberField = (label, value, least, most, hint) => {
  const input = h('input.mono', { type: 'number', min: least, max: most, value, inputmode: 'numeric' });
  return { input, place: field(label, input, hint) };
};

/** The program sends one thing at a time, so the last values are kept while the page is open. */
const kept = { what: 'event order:crypto-onramp:completed' };

export function sending(about) {
  const what = h('select', {});
  const place = targetField(about, 'A URL of this machine.');
  const duplicate = numberField('Send each', 1, 1, 10, 'times');
  const parallel = numberField('In parallel', 1, 1, 64);
  const shuffle = h('input', { type: 'checkbox' });
  const retries = h('input', { type: 'checkbox', checked: true });
  const squeeze = numberField('Squeeze retries', 1000, 1, 100000, '1,000 times as fast: 3 hours pass in 11 s');
  const fields = h('div.schema');
  const problem = h('div');
  const summary = h('p.note', { role: 'status' }, 'The attempts appear here.');
  const { table, body } = attemptTable('Attempts');
  const submit = h('button.primary', { type: 'submit' }, 'Send');
  const stop = h('button.quiet', { type: 'button', hidden: true, onclick: () => control?.abort() }, 'Stop');
  let control = null;
  let made = null;
  let wanted = '';
  let cycles = [];

  async function choose() {
    kept.what = what.value;
    const [kind, name] = [
      what.value.slice(0, what.value.indexOf(' ')),
      what.value.slice(what.value.indexOf(' ') + 1),
    ];
    wanted = what.value;
    made = null;
    if (kind !== 'event') {
      fill(fields, [
        h('p.note', {}, 'All events of one order:'),
        h(
          'ol.names',
          {},
          (cycles.find((it) => it.name === name)?.events ?? []).map((it) => h('li', {}, visible(it))),
        ),
      ]);
      return;
    }
    try {
      const event = await get(`/api/events/${encodeURIComponent(name)}`);
      if (wanted !== what.value) return;
      made = form(event);
      fill(fields, made.element);
    } catch (error) {
      fill(fields, failure(error.message));
    }
  }

  async function load() {
    try {
      const { events, lifecycles } = await get('/api/events');
      cycles = lifecycles;
      fill(
        what,
        lifecycles.length > 0
          ? h(
              'optgroup',
              { label: 'All events of an order' },
              lifecycles.map((it) =>
                h(
                  'option',
                  { value: `lifecycle ${it.name}` },
                  `${visible(it.name)} (${plural(it.events.length, 'event')})`,
                ),
              ),
            )
          : null,
        h(
          'optgroup',
          { label: 'One event' },
          events.map((it) => h('option', { value: `event ${it.name}` }, visible(it.name))),
        ),
      );
      what.value = kept.what;
      if (what.value === '' && what.options.length > 0) what.selectedIndex = 0;
      await choose();
    } catch (error) {
      fill(problem, failure(error.message));
    }
  }

  async function run() {
    const cut = what.value.indexOf(' ');
    control = new AbortController();
    submit.disabled = true;
    stop.hidden = false;
    problem.replaceChildren();
    body.replaceChildren();
    fill(summary, 'Sending …');
    if (innerWidth < 900) results.scrollIntoView({ block: 'start' });
    let last = false;
    try {
      await lines(
        '/api/send',
        {
          to: place.input.value.trim(),
          [what.value.slice(0, cut)]: what.value.slice(cut + 1),
          set: made?.changes() ?? {},
          duplicate: Number(duplicate.input.value),
          shuffle: shuffle.checked,
          parallel: Number(parallel.input.value),
          retries: retries.checked,
          squeeze: Number(squeeze.input.value),
        },
        (line) => {
          if (line.attempt) body.append(attemptRow(line));
          if (line.done) {
            last = true;
            const it = line.done;
            const text = `${plural(it.deliveries, 'delivery', 'deliveries')}, ${plural(it.attempts, 'attempt')}: ${it.delivered} delivered, ${it.retried} retried, ${it.lost} lost.`;
            fill(
              summary,
              text,
              typeof it.seed === 'number' ? [' Random order; seed ', h('code', {}, it.seed), '.'] : null,
            );
            say(text);
          }
        },
        control.signal,
      );
    } catch (error) {
      if (error.name === 'AbortError') fill(summary, 'Stopped.');
      else fill(problem, failure(error.message));
    }
    if (!last && summary.textContent === 'Sending …') fill(summary, 'Not complete.');
    submit.disabled = false;
    stop.hidden = true;
  }

  what.addEventListener('change', choose);
  const options = h(
    'details',
    {},
    h('summary', {}, 'A bad day: duplicates, wrong order, retries'),
    h('div.grid-fields', {}, duplicate.place, parallel.place, squeeze.place),
    h(
      'div.checks',
      {},
      h('label.choice', {}, shuffle, 'In random order'),
      h('label.choice', {}, retries, 'Retry as Topper does'),
    ),
  );
  const results = h(
    'section.column.wide',
    { 'aria-label': 'Attempts' },
    h('h2', {}, 'Attempts'),
    summary,
    h('div.scroll', { tabindex: '0', role: 'group', 'aria-label': 'Table of attempts' }, table),
  );
  const element = h(
    'div.view.columns',
    {},
    h(
      'section.column',
      { 'aria-label': 'What to send' },
      h(
        'form.stack',
        {
          onsubmit: (event) => {
            event.preventDefault();
            run();
          },
        },
        h('h2', {}, 'Send a signed event'),
        field('Event', what),
        place.place,
        options,
        h('div.actions.sticky', {}, submit, stop),
        problem,
        h('details.fields-part', { open: innerWidth >= 900 }, h('summary', {}, 'Fields'), fields),
      ),
    ),
    results,
  );
  load();
  return {
    element,
    keys: {},
    follow() {},
    close() {
      control?.abort();
    },
  };
}
