// What the listener answers to signed deliveries, and what Topper would do about it.
import { get, lines, send } from './api.js';
import { go } from './address.js';
import { fill, h, say } from './dom.js';
import { answer, failure, fates, field } from './parts.js';
import { attemptTable, schedule } from './schedule.js';
import { attemptRow } from './send.js';
import { duration, plural, visible } from './text.js';

const presets = [
  ['', 'As the receiver'],
  ['200', '200'],
  ['401', '401'],
  ['404', '404'],
  ['408', '408'],
  ['409', '409'],
  ['422', '422'],
  ['429', '429'],
  ['500', '500'],
  ['503', '503'],
];
const usual = { status: null, delay_ms: 0, silent: false, count: null };

export const isUsual = (it) => it.status === null && it.delay_ms === 0 && !it.silent;

export function inWords(it) {
  const what = it.silent ? 'no answer' : it.status === null ? 'the usual answer' : `${it.status}`;
  const wait = it.delay_ms > 0 && !it.silent ? ` after ${duration(it.delay_ms / 1000)}` : '';
  const next = it.count === null ? '' : `, for the next ${plural(it.count, 'delivery', 'deliveries')}`;
  return `${what}${wait}${next}`;
}

const listeners = new Set();
export const setting = { value: null };

export function onSetting(listener) {
  listeners.add(listener);
}

function changed(value) {
  if (JSON.stringify(value) === JSON.stringify(setting.value)) return;
  setting.value = value;
  listeners.forEach((listener) => listener(value));
}

export async function loadSetting() {
  changed(await get('/api/answer'));
}

export async function resetSetting() {
  await send('PUT', '/api/answer', usual);
  await loadSetting();
  say('Signed deliveries get the usual answer again');
}

export function banner() {
  const it = setting.value;
  if (it === null || isUsual(it)) return null;
  return h(
    'div.banner',
    { 'data-kind': 'setting' },
    h('span', {}, h('b', {}, 'Signed deliveries get '), inWords(it), '.'),
    h(
      'button.quiet.small',
      { type: 'button', onclick: () => go({ view: 'answers', selected: '' }, { push: true }) },
      'Change',
    ),
    h(
      'button.quiet.small',
      {
        type: 'button',
        onclick: () => {
          resetSetting().catch(() => {});
        },
      },
      'Reset',
    ),
  );
}

export function answers(about) {
  const preset = h('div.presets', { role: 'group', 'aria-label': 'Usual statuses' });
  const status = h('input.mono', {
    type: 'number',
    min: '200',
    max: '599',
    placeholder: 'usual',
    inputmode: 'numeric',
  });
  const delay = h('input.mono', { type: 'number', min: '0', max: '60000', step: '100', value: '0' });
  const silent = h('input', { type: 'checkbox' });
  const next = h('input.mono', { type: 'number', min: '1', max: '1000000', placeholder: 'until I change it' });
  const problem = h('div');
  const plan = h('div.stack');
  const buttons = presets.map(([value, label]) =>
    h(
      'button.quiet.small',
      {
        type: 'button',
        'aria-pressed': 'false',
        onclick: () => {
          status.value = value;
          touched = true;
          pressed();
        },
      },
      label,
    ),
  );
  add();

  function add() {
    fill(preset, buttons);
  }

  function pressed() {
    buttons.forEach((button, at) => button.setAttribute('aria-pressed', String(presets[at][0] === status.value)));
  }

  // What someone has begun to enter stays.
  let touched = false;

  function show() {
    if (touched || setting.value === null) return;
    const it = setting.value;
    status.value = it.status ?? '';
    delay.value = it.delay_ms;
    silent.checked = it.silent;
    next.value = it.count ?? '';
    pressed();
  }

  function showPlan() {
    const it = setting.value;
    if (it === null) return;
    const kind = Object.hasOwn(fates, it.schedule?.fate ?? '') ? it.schedule.fate : 'none';
    if (it.schedule) {
      fill(
        plan,
        h('h2', {}, 'What Topper does'),
        h(
          'div.card',
          { 'data-fate': kind },
          h('p.big', {}, answer(it.silent ? null : (it.status ?? 200), it.schedule.fate)),
          h('p', {}, visible(it.schedule.text)),
        ),
        schedule(it.schedule),
      );
    }
  }

  async function apply() {
    const value = {
      status: status.value === '' ? null : Number(status.value),
      delay_ms: Number(delay.value || 0),
      silent: silent.checked,
      count: next.value === '' ? null : Number(next.value),
    };
    try {
      await send('PUT', '/api/answer', value);
      touched = false;
      await loadSetting();
      show();
      problem.replaceChildren();
      say(`Signed deliveries get ${inWords(setting.value)}`);
    } catch (error) {
      fill(problem, failure(error.message));
    }
  }

  status.addEventListener('input', pressed);
  const update = () => {
    show();
    showPlan();
  };
  const form = h(
    'form.stack',
    {
      oninput: () => {
        touched = true;
      },
      onsubmit: (event) => {
        event.preventDefault();
        apply();
      },
    },
    h('h2', {}, 'Answer to signed deliveries'),
    h('p.note', {}, 'A delivery with an invalid signature is refused as always.'),
    h('div', {}, field('Status', status), preset),
    field('Delay in milliseconds', delay, 'Topper waits 4 s; a later answer counts as a timeout.'),
    h('label.choice', {}, silent, 'Do not answer at all'),
    field('For the next', next, 'Number of deliveries. Empty: until you change it.'),
    problem,
    h(
      'div.actions',
      {},
      h('button.primary', { type: 'submit' }, 'Apply'),
      h(
        'button.quiet',
        {
          type: 'button',
          onclick: () => {
            touched = false;
            resetSetting()
              .then(show)
              .catch((error) => fill(problem, failure(error.message)));
          },
        },
        'Reset',
      ),
    ),
  );
  update();
  onSetting(update);
  loadSetting()
    .then(show)
    .catch((error) => fill(problem, failure(error.message)));
  const element = h(
    'div.view.columns',
    {},
    h('section.column', { 'aria-label': 'Answer' }, form),
    h(
      'section.column.wide',
      { 'aria-label': 'What Topper does' },
      plan,
      about.can.send && about.source.url ? trial(about) : null,
    ),
  );
  return {
    element,
    keys: {},
    follow() {},
    close() {
      listeners.delete(update);
    },
  };
}

/** A test event to this listener, with Topper's retries squeezed into seconds. */
function trial(about) {
  const { table, body } = attemptTable('Attempts of the test event');
  const note = h('p.note', {}, 'The three hours of retries pass in about ten seconds.');
  const start = h('button.primary', { type: 'button', onclick: run }, 'Send a test event');
  table.hidden = true;
  async function run() {
    start.disabled = true;
    table.hidden = false;
    body.replaceChildren();
    fill(note, 'Sending …');
    try {
      await lines(
        '/api/send',
        {
          to: about.source.url,
          event: 'order:crypto-onramp:completed',
          set: {},
          duplicate: 1,
          shuffle: false,
          parallel: 1,
          retries: true,
          squeeze: 1000,
        },
        (line) => {
          if (line.attempt) body.append(attemptRow(line));
          if (line.done) {
            const text = `${plural(line.done.attempts, 'attempt')}: ${line.done.delivered > 0 ? 'delivered' : line.done.lost > 0 ? 'lost' : 'given up'}.`;
            fill(note, text);
            say(text);
          }
        },
      );
    } catch (error) {
      fill(note, visible(error.message));
    }
    start.disabled = false;
  }
  return h(
    'section.stack',
    { 'aria-label': 'Try it' },
    h('h2', {}, 'Try it'),
    h('div.actions', {}, start, note),
    h('div.scroll', { tabindex: '0', role: 'group', 'aria-label': 'Table of attempts' }, table),
  );
}
