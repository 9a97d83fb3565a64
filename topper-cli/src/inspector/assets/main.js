// Starts the page: the shell first, then what the program says about itself, then the views.
import { address, go, onAddress } from './address.js';
import { answers, banner, isUsual, loadSetting, onSetting, setting } from './answers.js';
import { get } from './api.js';
import { deliveries } from './deliveries.js';
import { help } from './dialog.js';
import { doctor } from './doctor.js';
import { fill, h, later, set, store, stored } from './dom.js';
import { keyboard } from './keyboard.js';
import { orders } from './orders.js';
import { failure } from './parts.js';
import { rows } from './rows.js';
import { sending } from './send.js';
import { connect, onStream, stream } from './stream.js';
import { count, plural, visible } from './text.js';

const every = [
  { key: 'deliveries', label: 'Deliveries', build: deliveries, can: () => true },
  { key: 'orders', label: 'Orders', build: orders, can: () => true },
  { key: 'send', label: 'Send', build: sending, can: (about) => about.can.send },
  { key: 'doctor', label: 'Doctor', build: doctor, can: (about) => about.can.send },
  { key: 'answers', label: 'Answers', build: answers, can: (about) => about.can.answer },
];

const place = (id) => document.getElementById(id);
let about = null;
let views = [every[0]];
let current = null;
let waited = false;

function title() {
  const view = views.find((it) => it.key === address.view) ?? views[0];
  document.title = `${view.label} · ${visible(about?.source.url ?? about?.source.name ?? '')} · Topper inspector`;
}

function navigation() {
  const links = [...place('views').children];
  if (links.length === views.length) {
    // The links stay, so that the focus stays on them.
    links.forEach((link, at) => set(link, { 'aria-current': views[at].key === address.view ? 'page' : null }));
    return;
  }
  fill(
    place('views'),
    views.map((view) =>
      h(
        'a',
        {
          href: view.key === 'deliveries' ? '/' : `/?view=${view.key}`,
          'aria-current': view.key === address.view ? 'page' : null,
          onclick: (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
            event.preventDefault();
            openView(view.key);
          },
        },
        view.label,
      ),
    ),
  );
}

function openView(key) {
  const changes = { view: key, selected: '' };
  // The filter for an order and the order that is shown are the same part of the URL.
  if (key !== 'deliveries') changes.order = '';
  go(changes, { push: true });
}

function show() {
  const view = views.find((it) => it.key === address.view) ?? views[0];
  if (view.key !== address.view) go({ view: view.key });
  if (current?.key !== view.key) {
    current?.close();
    current = { key: view.key, ...view.build(about) };
    fill(place('main'), current.element);
    if (view.key === 'deliveries') current.loaded();
    if (document.activeElement === document.body) place('main').focus({ preventScroll: true });
  }
  navigation();
  title();
}

const words = { waiting: 'Connecting', live: 'Live', lost: 'Connection lost, trying again', ended: 'Program ended' };

function connection() {
  place('live').setAttribute('data-state', stream.state);
  place('live-text').textContent = words[stream.state];
  if (stream.state === 'live' && waited) loadAbout().catch(() => {});
  waited = stream.state === 'lost' || stream.state === 'ended';
  banners();
}

function banners() {
  const all = [];
  if (stream.state === 'ended')
    all.push(
      h(
        'div.banner',
        { 'data-kind': 'ended' },
        'The program has ended. What it received is still shown. Start it again, and this page connects to it.',
      ),
    );
  if (stream.state === 'lost') {
    all.push(
      h(
        'div.banner',
        { 'data-kind': 'lost' },
        'Connection lost, trying again. ',
        stream.error ? visible(stream.error) : 'Is the program still running?',
      ),
    );
  }
  all.push(banner());
  if (about?.problem) all.push(h('div.banner', { 'data-kind': 'lost' }, visible(about.problem)));
  if (about !== null && about.skipped.length > 0) {
    all.push(
      h(
        'details.banner',
        { 'data-kind': 'skipped' },
        h('summary', {}, `${plural(about.skipped.length, 'line')} of the file could not be read`),
        h(
          'ul',
          {},
          about.skipped.slice(0, 200).map((it) => h('li', {}, `line ${it.line}: ${visible(it.reason)}`)),
        ),
      ),
    );
  }
  fill(place('banners'), all);
}

const kinds = { listen: 'listening on', file: 'file', inbox: 'inbox' };

async function loadAbout() {
  about = await get('/api/about');
  rows.most = about.most;
  views = every.filter((view) => view.can(about));
  const { source } = about;
  const name = source.kind === 'listen' ? (source.url ?? source.name) : source.name;
  fill(
    place('source'),
    h('span.dim', {}, `${kinds[source.kind] ?? ''} `),
    h('span.mono', {}, visible(name)),
    source.forward_to ? [h('span.dim', {}, ' → '), h('span.mono', {}, visible(source.forward_to))] : null,
  );
  place('source').setAttribute(
    'title',
    `Keys: ${about.keys.map(visible).join(', ') || 'none'}. At most ${count(about.most)} deliveries are kept.`,
  );
  if (about.can.answer) loadSetting().catch(() => {});
  banners();
}

const themes = [
  ['system', '◐', 'as the system'],
  ['light', '☀', 'light'],
  ['dark', '☾', 'dark'],
];

function theme() {
  const button = place('theme');
  const now = () =>
    Math.max(
      0,
      themes.findIndex(([name]) => name === (stored('theme') ?? 'system')),
    );
  const label = () => {
    const [, sign, text] = themes[now()];
    button.textContent = sign;
    button.setAttribute('aria-label', `Theme: ${text}`);
    button.setAttribute('title', `Theme: ${text}`);
  };
  button.addEventListener('click', () => {
    const [name] = themes[(now() + 1) % themes.length];
    store('theme', name === 'system' ? null : name);
    if (name === 'system') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', name);
    label();
  });
  label();
}

async function start() {
  theme();
  navigation();
  place('help').addEventListener('click', () => help(about));
  keyboard({
    current: () => current,
    open: (number) => {
      if (views[number - 1]) openView(views[number - 1].key);
    },
    about: () => about,
  });
  onStream('state', connection);
  onSetting(banners);
  // The setting counts down, and another page may change it.
  const refresh = later(400, () => {
    loadSetting().catch(() => {});
  });
  onStream('rows', (taken) => {
    if (
      about?.can.answer &&
      (taken.some((row) => row.answered_by === 'setting') || (setting.value !== null && !isUsual(setting.value)))
    )
      refresh();
  });
  for (;;) {
    try {
      await loadAbout();
      break;
    } catch (error) {
      fill(place('main'), failure(error.message));
      if (error.status === 401 || error.status === 403) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 1500);
      });
    }
  }
  onAddress((before) => {
    if (before.view !== address.view) show();
    else current?.follow(before);
    title();
  });
  show();
  connect();
}

start();
