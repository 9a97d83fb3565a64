// When Topper sends an event again: a list of times, a line, and a run of it in squeezed time.
import { fill, h, svg } from './dom.js';
import { duration } from './text.js';

const speeds = [
  [100, '100 times'],
  [1000, '1,000 times'],
  [10000, '10,000 times'],
];
// The first retries are minutes apart and the last ones hours: a root keeps all of them apart.
const place = (after, last) => 14 + 692 * Math.sqrt(after / Math.max(last, 1));

export function schedule(plan) {
  const { attempts, fate } = plan;
  if (attempts.length === 0) return h('p.note', {}, 'Topper makes no attempt.');
  const last = attempts[attempts.length - 1].after_s;
  const dots = attempts.map((it) => svg('circle', { cx: place(it.after_s, last), cy: 22, r: 6, class: 'dot' }));
  const head = svg('line', { x1: 14, x2: 14, y1: 6, y2: 38, class: 'head' });
  const line = svg(
    'svg',
    {
      viewBox: '0 0 720 44',
      class: 'line',
      role: 'img',
      'aria-label': `${attempts.length} attempts in ${duration(last)}`,
    },
    svg('line', { x1: 14, x2: 706, y1: 22, y2: 22, class: 'axis' }),
    dots,
    head,
  );
  const items = attempts.map((it) =>
    h(
      'li',
      { 'data-state': 'coming' },
      h('span.number', {}, `${it.number}`),
      h('span', {}, it.after_s === 0 ? 'at once' : `after ${duration(it.after_s)}`),
    ),
  );
  const times = h('ol.times', {}, items);
  const speed = h(
    'select',
    { 'aria-label': 'Speed' },
    speeds.map(([value, label]) => h('option', { value, selected: value === 1000 }, `${label} as fast`)),
  );
  const clock = h('span.mono', { 'aria-hidden': 'true' }, '');
  const play = h(
    'button.quiet.small',
    { type: 'button', onclick: () => (frame === 0 ? start() : stop()) },
    '▶ Play',
  );
  let frame = 0;
  let began = 0;

  function mark(now) {
    attempts.forEach((it, at) => {
      const made = now >= it.after_s;
      items[at].setAttribute('data-state', made ? 'made' : 'coming');
      dots[at].setAttribute('class', made ? 'dot made' : 'dot');
    });
    const x = place(Math.min(now, last), last);
    head.setAttribute('x1', x);
    head.setAttribute('x2', x);
    clock.textContent = duration(Math.min(now, last));
  }

  function step(time) {
    if (!line.isConnected) {
      frame = 0;
      return;
    }
    const now = ((time - began) / 1000) * Number(speed.value);
    mark(Math.max(0, now));
    if (now > last) stop();
    else frame = requestAnimationFrame(step);
  }

  function start() {
    began = performance.now();
    play.textContent = '■ Stop';
    frame = requestAnimationFrame(step);
  }

  function stop() {
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = '▶ Play';
  }

  speed.addEventListener('change', () => {
    if (frame !== 0) start();
  });
  mark(0);
  const controls = attempts.length > 1 ? h('div.play', {}, play, speed, clock) : null;
  return h('div.schedule', { 'data-fate': fate }, attempts.length > 1 ? [line, controls] : null, times);
}

/** The attempts of an event as they arrive. */
export function attemptTable(label) {
  const body = h('tbody');
  const table = h(
    'table.sent',
    { 'aria-label': label },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['#', 'Attempt', 'At', 'Event', 'Answer', 'Took'].map((it) => h('th', { scope: 'col' }, it)),
      ),
    ),
    body,
  );
  return { table, body, clear: () => fill(body) };
}
