// Sends a delivery again: the same bytes, an edited body with a new signature, or with a fault.
import { get, send } from './api.js';
import { diff, raw } from './bodytext.js';
import { fill, h, say, store, stored } from './dom.js';
import { answer, copyButton, facts, failure, field } from './parts.js';
import { milliseconds, visible } from './text.js';

const kinds = [
  ['same', 'Byte for byte', 'The same headers and bytes. The signature stays valid.'],
  ['signed', 'Edited', 'The body below, signed with the test key.'],
  ['fault', 'What if …', 'The event with one fault, to see whether the endpoint answers as it should.'],
];

let faults = null;

/** Where to send: what was used last, or the endpoint, or this listener. */
export function target(about) {
  return stored('to') ?? about.source.forward_to ?? about.source.url ?? 'http://127.0.0.1:4000';
}

export function targetField(about, hint = null) {
  const input = h('input.mono', {
    type: 'url',
    value: target(about),
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'http://127.0.0.1:3000/webhooks/topper',
  });
  input.addEventListener('change', () => store('to', input.value.trim() === '' ? null : input.value.trim()));
  return { input, place: field('To', input, hint) };
}

function expectation(result) {
  const { expected, attempt } = result;
  if (expected === null || expected === undefined) return null;
  const right = attempt.status === expected.status;
  return h(
    'p.verdict-line',
    { 'data-good': String(right) },
    h('span.sign', { 'aria-hidden': 'true' }, right ? '✓' : '✕'),
    right ? ' As it should: ' : ' Not as it should: ',
    h('b', {}, `${expected.status} ${visible(expected.code)}`),
    ' is expected',
    right ? '.' : `, and the answer is ${attempt.status ?? 'missing'}.`,
  );
}

function outcome(result, data) {
  const { attempt } = result;
  const before = data.row;
  return h(
    'div.stack',
    {},
    expectation(result),
    h(
      'table.compare',
      {},
      h(
        'thead',
        {},
        h('tr', {}, h('td', {}), h('th', { scope: 'col' }, 'Original'), h('th', { scope: 'col' }, 'This replay')),
      ),
      h(
        'tbody',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, 'Answer'),
          h('td', {}, before.stored && before.status === null ? '–' : answer(before.status, before.fate)),
          h('td', {}, answer(attempt.status, attempt.fate)),
        ),
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, 'Body'),
          h('td', {}, h('code', {}, visible(data.answer?.body ?? '–'))),
          h('td', {}, h('code', {}, visible(attempt.body ?? '–'))),
        ),
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, 'Took'),
          h('td', {}, milliseconds(before.elapsed_ms) || '–'),
          h('td', {}, milliseconds(attempt.elapsed_ms) || '–'),
        ),
      ),
    ),
    attempt.cause ? h('p.failure', {}, visible(attempt.cause)) : null,
    attempt.advice ? h('p.advice', {}, visible(attempt.advice)) : null,
    h('section', {}, h('h3', {}, 'What changed in the body'), diff(result.diff ?? [])),
    h(
      'details',
      {},
      h('summary', {}, 'What was sent'),
      facts([
        [
          'Signature',
          result.sent?.signature
            ? [h('span.mono.long', {}, visible(result.sent.signature)), copyButton('Copy', result.sent.signature)]
            : 'none',
        ],
      ]),
      typeof result.sent?.body === 'string'
        ? raw('The body that was sent', result.sent.body)
        : h('p.note', {}, 'The body is not text.'),
    ),
  );
}

export function replay(data, about, start) {
  const { row, body } = data;
  const place = targetField(about);
  const result = h('div.result');
  const text = h('textarea.mono', {
    rows: '14',
    spellcheck: 'false',
    autocomplete: 'off',
    wrap: 'off',
    value: body.pretty ?? body.text ?? '',
  });
  const problem = h('p.failure', { role: 'alert', hidden: true });
  const edit = h(
    'div.kind',
    {},
    field('Body', text, `It is signed with ${visible(about.signing_key)}. The endpoint needs that public key.`),
    problem,
    h(
      'button.quiet.small',
      {
        type: 'button',
        onclick: () => {
          text.value = body.pretty ?? body.text ?? '';
          check();
        },
      },
      'Undo all edits',
    ),
  );
  const choice = h('select', {});
  const fault = h('div.kind', {}, field('What if …', choice));
  const hint = h('p.note');
  const submit = h('button.primary', { type: 'submit' }, 'Send');
  const radios = kinds.map(([key, label]) =>
    h(
      'label.choice',
      {},
      h('input', { type: 'radio', name: `replay-${row.seq}`, value: key, onchange: () => choose(key) }),
      label,
    ),
  );
  let kind = start;

  function choose(key) {
    kind = key;
    edit.hidden = key !== 'signed';
    fault.hidden = key !== 'fault';
    fill(hint, kinds.find(([it]) => it === key)[2]);
    for (const label of radios) label.firstChild.checked = label.firstChild.value === key;
    if (key === 'fault') loadFaults();
  }

  // A body that is not JSON can be sent on purpose, so this is only a note.
  function check() {
    let wrong = null;
    try {
      JSON.parse(text.value);
    } catch (error) {
      wrong = error.message;
    }
    problem.hidden = wrong === null;
    problem.textContent = wrong === null ? '' : `Not valid JSON, but you can send it: ${visible(wrong)}`;
  }

  async function loadFaults() {
    if (choice.options.length > 0) return;
    try {
      faults ??= (await get('/api/faults')).faults;
      const groups = Map.groupBy ? Map.groupBy(faults, (it) => it.kind) : new Map([['Faults', faults]]);
      fill(
        choice,
        [...groups].map(([group, list]) =>
          h(
            'optgroup',
            { label: visible(group) },
            list.map((it) =>
              h(
                'option',
                { value: it.name },
                `${visible(it.name)}${it.expected ? ` → ${it.expected.status} ${visible(it.expected.code)}` : ''}`,
              ),
            ),
          ),
        ),
      );
    } catch (error) {
      fill(result, failure(error.message));
    }
  }

  async function go() {
    submit.disabled = true;
    fill(result, h('p.loading', {}, 'Sending'));
    const order = { to: place.input.value.trim(), kind };
    if (kind === 'signed') order.body = text.value;
    if (kind === 'fault') order.fault = choice.value;
    try {
      const answered = await send('POST', `/api/deliveries/${row.seq}/replay`, order);
      fill(result, outcome(answered, data));
      say(`Replay: ${answered.attempt.text ?? answered.attempt.status ?? 'no answer'}`);
    } catch (error) {
      fill(result, failure(error.message));
    }
    submit.disabled = false;
  }

  text.addEventListener('input', check);
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) go();
  });
  const form = h(
    'form.stack',
    {
      onsubmit: (event) => {
        event.preventDefault();
        go();
      },
    },
    h('fieldset.choices', {}, h('legend', {}, 'Send this delivery again'), radios),
    hint,
    edit,
    fault,
    h('div.to-line', {}, place.place, submit),
  );
  choose(start);
  check();
  return h('div.stack', {}, form, result);
}
