// One delivery: what was received, what it means, and what Topper does after the answer.
import { get } from './api.js';
import { go } from './address.js';
import { fill, h, later } from './dom.js';
import { answer, changeTag, copyButton, eventName, failure, tabs } from './parts.js';
import { replay } from './replay.js';
import { bodies, fields, headers, summary } from './sections.js';
import { clock, visible } from './text.js';

let lastTab = 'summary';

/** `back` closes the panel, or moves to another delivery. */
export function detail(seq, about, back) {
  const stop = new AbortController();
  const element = h('div.detail', {}, h('p.loading', { role: 'status' }, 'Loading'));
  const path = `/api/deliveries/${seq}`;
  let parts = null;
  let data = null;
  let wanted = null;
  let focus = false;

  function build() {
    const scrolled = parts?.panel.scrollTop ?? 0;
    const { row } = data;
    const text = async (what) => (await get(`${path}/${what}`)).text;
    const open = (other) => go({ selected: String(other) }, { push: true });
    const all = [
      { key: 'summary', label: 'Summary', build: () => summary(data, about, open) },
      { key: 'body', label: 'Body', build: () => bodies(data) },
      { key: 'headers', label: 'Headers', build: () => headers(data) },
      { key: 'fields', label: 'Fields', build: () => fields(data) },
    ];
    if (about.can.replay)
      all.push({ key: 'replay', label: 'Replay', build: () => replay(data, about, wanted ?? 'same') });
    parts = tabs('Parts of the delivery', all, parts?.current ?? (wanted ? 'replay' : lastTab), (key) => {
      if (key !== 'replay') lastTab = key;
    });
    fill(
      element,
      h(
        'header',
        {},
        h(
          'div.title',
          {},
          h('h2', {}, row.name === null ? h('span.name.unnamed', {}, visible(row.path)) : eventName(row.name)),
          h(
            'div.steps',
            {},
            h(
              'button.quiet.icon',
              {
                type: 'button',
                'aria-label': 'Newer delivery',
                title: 'Newer (k)',
                onclick: () => back.step(-1),
              },
              '↑',
            ),
            h(
              'button.quiet.icon',
              {
                type: 'button',
                'aria-label': 'Older delivery',
                title: 'Older (j)',
                onclick: () => back.step(1),
              },
              '↓',
            ),
            h(
              'button.quiet.icon.widen',
              {
                type: 'button',
                'aria-label': 'Whole width',
                'aria-pressed': 'false',
                title: 'Whole width',
                onclick: (event) => {
                  event.currentTarget.setAttribute('aria-pressed', String(back.widen()));
                },
              },
              '⇔',
            ),
            h(
              'button.quiet.icon',
              {
                type: 'button',
                'aria-label': 'Close the delivery',
                title: 'Close (Esc)',
                onclick: back.close,
              },
              '✕',
            ),
          ),
        ),
        h(
          'p.sub',
          {},
          h('span.seq', {}, `#${row.seq}`),
          h('time.mono', {}, clock(row.at)),
          row.stored && row.status === null ? null : answer(row.status, row.fate, row.answered_by),
          h('code', {}, visible(row.verdict)),
          changeTag(row.change),
        ),
        h(
          'div.actions',
          {},
          about.can.replay
            ? [
                h(
                  'button.primary.small',
                  { type: 'button', title: 'Replay (r)', onclick: () => api.replay('same') },
                  'Replay',
                ),
                h(
                  'button.quiet.small',
                  {
                    type: 'button',
                    title: 'Edit and replay (e)',
                    onclick: () => api.replay('signed'),
                  },
                  'Edit',
                ),
              ]
            : null,
          copyButton('Copy as curl', () => text('curl')),
          copyButton('Copy as Rust test', () => text('test')),
          h('a.button.quiet.small', { href: `${path}/body`, download: `delivery-${seq}.bin` }, 'Download body'),
        ),
      ),
      parts.list,
      parts.panel,
    );
    parts.panel.scrollTop = scrolled;
    if (focus) selectedTab()?.focus();
    focus = false;
  }

  const selectedTab = () => element.querySelector('[role=tab][aria-selected=true]');

  async function load() {
    try {
      data = await get(path, stop.signal);
      focus ||= parts !== null && element.contains(document.activeElement);
      build();
    } catch (error) {
      if (error.name === 'AbortError') return;
      fill(
        element,
        h(
          'header',
          {},
          h(
            'div.title',
            {},
            h('h2', {}, `Delivery #${seq}`),
            h('button.quiet.icon', { type: 'button', 'aria-label': 'Close the delivery', onclick: back.close }, '✕'),
          ),
        ),
        error.status === 404
          ? h('p.note', {}, 'This delivery was dropped: only the newest are kept.')
          : failure(error.message),
      );
    }
  }

  // A held key moves over many deliveries; only the one where it rests is loaded.
  const timer = setTimeout(load, 40);
  const again = later(150, () => {
    if (!stop.signal.aborted) load();
  });
  const api = {
    seq,
    element,
    replay(kind) {
      wanted = kind;
      focus = true;
      if (parts === null || !about.can.replay) return;
      focus = false;
      parts.show('replay', true);
    },
    stepTab(by) {
      const keys = [...element.querySelectorAll('[role=tab]')].map((it) => it.dataset.key);
      if (parts !== null) parts.show(keys[(keys.indexOf(parts.current) + by + keys.length) % keys.length]);
    },
    /** Loads the delivery again when it, or another delivery of its event, has changed. */
    changed(rows) {
      const touches = (row) => row.seq === seq || (data?.row.id && row.id === data.row.id);
      if (data !== null && parts?.current === 'summary' && rows.some(touches)) again();
    },
    focus() {
      if (parts === null) focus = true;
      else selectedTab()?.focus();
    },
    close() {
      clearTimeout(timer);
      stop.abort();
    },
  };
  return api;
}
