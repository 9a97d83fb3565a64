// The report of `topper doctor` on an endpoint of this machine.
import { lines } from './api.js';
import { fill, h, say, store, stored } from './dom.js';
import { failure, field } from './parts.js';
import { plural, visible } from './text.js';

const grades = [
  ['failed', '✕', 'Failed'],
  ['warning', '!', 'Warnings'],
  ['passed', '✓', 'Passed'],
  ['skipped', '–', 'Skipped'],
];

function finding(it, grade, sign) {
  const facts = [
    ['Sent', it.sent],
    ['Came back', it.came_back],
    ['Cause', it.cause],
  ].filter(([, value]) => value);
  const open = grade === 'failed' || grade === 'warning';
  return h(
    'details.finding',
    { open, 'data-grade': grade },
    h('summary', {}, h('span.sign', { 'aria-hidden': 'true' }, sign), visible(it.check)),
    h(
      'dl.facts',
      {},
      facts.map(([name, value]) => [h('dt', {}, name), h('dd', {}, visible(value))]),
    ),
    it.advice ? h('p.advice', {}, visible(it.advice)) : null,
  );
}

export function doctor(about) {
  const url = h('input.mono', {
    type: 'url',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'http://127.0.0.1:3000/webhooks/topper',
    value:
      stored('doctor') ?? about.source.forward_to ?? stored('to') ?? about.source.url ?? 'http://127.0.0.1:3000/',
  });
  const start = h('button.primary', { type: 'submit' }, 'Examine');
  const stop = h('button.quiet', { type: 'button', hidden: true, onclick: () => control?.abort() }, 'Stop');
  const trying = h('p.trying', {}, '');
  const summary = h('div.tallies');
  const groups = Object.fromEntries(
    grades.map(([key, sign, title]) => {
      const number = h('span.dim', {}, '');
      const list = h('div.findings');
      const section = h('section', { hidden: true, 'aria-label': title }, h('h2', {}, title, ' ', number), list);
      return [key, { number, list, section, sign, found: 0 }];
    }),
  );
  const intro = h(
    'p.note',
    {},
    'Sends forged, changed, repeated, slow and unknown deliveries to the endpoint, and explains what it does wrong. The endpoint needs the public key of the test key: ',
    h('code', {}, 'topper keygen --public'),
    '.',
  );
  let control = null;

  async function run() {
    store('doctor', url.value.trim());
    control = new AbortController();
    start.disabled = true;
    stop.hidden = false;
    summary.replaceChildren();
    intro.hidden = true;
    for (const group of Object.values(groups)) {
      group.found = 0;
      group.list.replaceChildren();
      group.section.hidden = true;
    }
    try {
      await lines(
        '/api/doctor',
        { url: url.value.trim() },
        (line) => {
          if (line.trying !== undefined) fill(trying, `Trying: ${visible(line.trying)}`);
          if (line.finding) take(line.finding);
          if (line.done) finish(line.done);
        },
        control.signal,
      );
      fill(trying, '');
    } catch (error) {
      fill(trying, '');
      fill(summary, error.name === 'AbortError' ? h('p.note', {}, 'Stopped.') : failure(error.message));
    }
    start.disabled = false;
    stop.hidden = true;
  }

  function take(it) {
    const grade = Object.hasOwn(groups, it.grade) ? it.grade : 'skipped';
    const group = groups[grade];
    group.found += 1;
    group.section.hidden = false;
    fill(group.number, group.found);
    group.list.append(finding(it, grade, group.sign));
  }

  function finish(done) {
    const all = [
      ['failed', done.failures, plural(done.failures, 'check failed', 'checks failed')],
      ['warning', done.warnings, plural(done.warnings, 'warning')],
      ['passed', done.passed, `${done.passed} passed`],
      ['skipped', done.skipped, `${done.skipped} skipped`],
    ];
    fill(
      summary,
      all.map(([grade, number, text]) => h('span.tally', { 'data-grade': number > 0 ? grade : 'none' }, text)),
    );
    say(all.map(([, , text]) => text).join(', '));
  }

  const element = h(
    'div.view.page',
    {},
    h(
      'form.doctor-form',
      {
        onsubmit: (event) => {
          event.preventDefault();
          run();
        },
      },
      field('Endpoint', url, 'A URL of this machine.'),
      start,
      stop,
    ),
    intro,
    trying,
    summary,
    grades.map(([key]) => groups[key].section),
  );
  return {
    element,
    keys: {},
    follow() {},
    close() {
      control?.abort();
    },
  };
}
