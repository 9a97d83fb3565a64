// The parts of a delivery that its tabs show.
import { go } from './address.js';
import { block, pretty, raw } from './bodytext.js';
import { h } from './dom.js';
import { inbox } from './inbox.js';
import { answer, changeTag, copyButton, eventName, facts, fates } from './parts.js';
import { bytes, clock, milliseconds, visible } from './text.js';

const sign = (valid) => (valid ? '✓' : '✕');

function signature(found) {
  return h(
    'section.card',
    { 'data-good': String(found.valid) },
    h('h3', {}, h('span.sign', { 'aria-hidden': 'true' }, sign(found.valid)), ' Signature'),
    h('p', {}, visible(found.text)),
    found.holds.length > 0
      ? [
          h('p', {}, 'It matches'),
          h(
            'ul',
            {},
            found.holds.map((it) => h('li', {}, visible(it))),
          ),
        ]
      : null,
    found.advice.map((it) => h('p.advice', {}, visible(it))),
  );
}

function fate(data) {
  const { row } = data;
  const known = Object.hasOwn(fates, row.fate ?? '') ? row.fate : 'none';
  const by = {
    listener: 'the listener',
    setting: 'the setting in Answers',
    endpoint: 'your endpoint',
    none: 'no one',
  }[row.answered_by];
  const got = data.answer;
  return h(
    'section.card',
    { 'data-fate': known },
    h('h3', {}, answer(row.status, row.fate)),
    h('p', {}, visible(data.fate?.text ?? '')),
    got?.cause ? h('p.failure', {}, visible(got.cause)) : null,
    got?.advice ? h('p.advice', {}, visible(got.advice)) : null,
    facts([
      ['Answered by', by],
      ['Took', milliseconds(row.elapsed_ms)],
      ['Content type', got?.content_type ? visible(got.content_type) : null],
    ]),
    got?.body ? raw('Body of the answer', got.body) : null,
  );
}

function attempts(data, open) {
  if (data.attempts.length < 2) return null;
  return h(
    'section',
    {},
    h('h3', {}, `Deliveries of this event (${data.attempts.length})`),
    h(
      'ol.attempts',
      {},
      data.attempts.map((row) =>
        h(
          'li',
          {},
          h(
            'button.line',
            {
              type: 'button',
              'aria-current': row.seq === data.row.seq ? 'true' : null,
              onclick: () => open(row.seq),
            },
            h('span.mono', {}, clock(row.at)),
            answer(row.status, row.fate, row.answered_by),
            h('span.dim', {}, visible(row.verdict)),
            row.replay_of ? h('span.tag', { 'data-tag': 'replay' }, 'replay') : changeTag(row.change),
          ),
        ),
      ),
    ),
  );
}

export function summary(data, about, open) {
  const { row } = data;
  const link = (text, changes) =>
    h('button.link', { type: 'button', onclick: () => go(changes, { push: true }) }, text);
  return h(
    'div.stack',
    {},
    row.stored ? inbox(row, about) : null,
    h('div.pair', {}, row.stored && row.status === null ? null : fate(data), signature(data.signature)),
    h(
      'section',
      {},
      h('h3', {}, 'Delivery'),
      facts([
        ['Event', row.name === null ? null : eventName(row.name)],
        [
          'Event id',
          row.id === null
            ? null
            : [
                h('span.mono.long', {}, visible(row.id)),
                copyButton('Copy', row.id, { 'aria-label': 'Copy the event id' }),
              ],
        ],
        [
          'Order',
          row.order_id === null
            ? null
            : [
                h('span.mono.long', {}, visible(row.order_id)),
                copyButton('Copy', row.order_id, { 'aria-label': 'Copy the order id' }),
                link('Timeline', { view: 'orders', order: row.order_id, selected: '' }),
              ],
        ],
        [
          'Order state',
          {
            advanced: 'new state',
            stale: 'late: the order is already in a later state',
            duplicate: 'repeated',
          }[row.change],
        ],
        ['Verdict', h('code', {}, visible(row.verdict))],
        ['Reason', row.reason ? visible(row.reason) : null],
        ['No type', row.problem ? visible(row.problem) : null],
        ['Received', h('time.mono', {}, visible(row.at))],
        ['Path', row.stored ? null : h('span.mono.long', {}, visible(row.path))],
        ['Body', bytes(row.bytes)],
        ['Key', row.key === null ? null : h('span.mono.long', {}, visible(row.key))],
        ['Replay of', row.replay_of ? link(`delivery #${row.replay_of}`, { selected: String(row.replay_of) }) : null],
      ]),
    ),
    attempts(data, open),
  );
}

export function bodies(data) {
  const { body } = data;
  const left = h(
    'section',
    {},
    h(
      'h3',
      {},
      body.text === null ? 'Hex dump' : 'As received',
      h('span.dim', {}, ` ${bytes(body.bytes)}`),
      body.text === null || body.cut ? null : copyButton('Copy', body.text),
    ),
    body.text === null
      ? block('Hex dump of the body', h('code', {}, body.hex ?? ''))
      : raw('Body as received', body.text),
  );
  const cut = body.cut
    ? h('p.note', {}, 'The body is long, so only its beginning is shown. Download it to see all of it.')
    : null;
  if (body.bytes === 0) return h('p.note', {}, 'The body is empty.');
  if (body.pretty === null) return h('div.stack', {}, cut, h('p.note', {}, 'The body is not JSON.'), left);
  return h(
    'div.stack',
    {},
    cut,
    h(
      'div.pair.wide',
      {},
      h(
        'section',
        {},
        h('h3', {}, 'Indented', h('span.dim', {}, ' for reading'), copyButton('Copy', body.pretty)),
        pretty('Body, indented', body.pretty),
      ),
      left,
    ),
  );
}

export function headers(data) {
  const rows = data.headers.map((header) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, visible(header.name)),
      h(
        'td',
        {},
        header.hidden
          ? h('span.dim', {}, 'hidden: it can carry a credential')
          : header.value === null
            ? [h('span.tag', {}, 'hex'), ' ', visible(header.hex ?? '')]
            : visible(header.value),
      ),
    ),
  );
  return h(
    'div.stack',
    {},
    h('p.note', {}, 'In the order in which they were received. The signature covers only the body.'),
    h(
      'table.headers',
      {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Header'), h('th', { scope: 'col' }, 'Value'))),
      h('tbody', {}, rows),
    ),
  );
}

export function fields(data) {
  const { decoded } = data;
  if (decoded === null) return h('p.note', {}, 'The body is not an event, so it has no fields.');
  const unknown = decoded.fields.filter((it) => !it.known).length;
  return h(
    'div.stack',
    {},
    decoded.known ? null : h('p.note.warn', {}, 'This event has no type in the SDK. ', visible(decoded.reason ?? '')),
    facts([
      ['Flow', decoded.flow ? visible(decoded.flow) : null],
      ['Ends the order', decoded.known ? (decoded.ends ? 'yes' : 'no') : null],
      ['Unknown fields', unknown > 0 ? `${unknown}: they are accepted and ignored` : null],
    ]),
    h(
      'table.fields',
      {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Field'), h('th', { scope: 'col' }, 'Value'))),
      h(
        'tbody',
        {},
        decoded.fields.map((it) =>
          h(
            'tr',
            { 'data-known': String(it.known) },
            h(
              'th',
              { scope: 'row' },
              visible(it.path),
              it.known ? null : h('span.tag', { 'data-tag': 'problem' }, 'unknown'),
            ),
            h('td', {}, visible(it.value)),
          ),
        ),
      ),
    ),
    decoded.cut ? h('p.note', {}, 'There are more fields than are shown.') : null,
  );
}
