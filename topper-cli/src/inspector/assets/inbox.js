// The state of an event in the inbox, and what can be done about it.
import { send } from './api.js';
import { fill, h, say } from './dom.js';
import { confirm } from './dialog.js';
import { facts, failure } from './parts.js';
import { clock, plural, visible } from './text.js';

export function inbox(row, about) {
  const { stored } = row;
  const result = h('div');
  const act = (name, title, text) =>
    h(
      'button.quiet.small',
      {
        type: 'button',
        onclick: async () => {
          if (!(await confirm(`${title} this event?`, text, title))) return;
          try {
            const { row: now } = await send('POST', `/api/inbox/${name}`, {
              id: row.id,
              ...(stored.label ? { label: stored.label } : {}),
            });
            fill(result, h('p.note', {}, `The event is ${visible(now.stored?.status ?? 'changed')} now.`));
            say(`The event is ${now.stored?.status ?? 'changed'} now`);
          } catch (error) {
            fill(result, failure(error.message));
          }
        },
      },
      title,
    );
  const buttons = about.can.retry
    ? [
        stored.can_retry
          ? act(
              'retry',
              'Retry',
              'The receiver runs its handler again. If the handler did its work before it failed, the work may be done twice.',
            )
          : null,
        stored.can_bury
          ? act('bury', 'Bury', 'The receiver does not process this event again. You can retry it later.')
          : null,
      ]
    : h('p.note', {}, 'To change events, start with ', h('code', {}, '--allow-retry'), '.');
  return h(
    'section.card',
    { 'data-stored': visible(stored.status) },
    h(
      'h3',
      {},
      'In the inbox: ',
      h('span.stored', { 'data-stored': visible(stored.status) }, visible(stored.status)),
    ),
    facts([
      ['Attempts', plural(stored.attempts, 'attempt')],
      ['Next attempt', stored.next_at ? clock(stored.next_at) : null],
    ]),
    stored.last_error
      ? [
          h('p.label', {}, 'Last error'),
          h('pre.block', { tabindex: '0', role: 'group', 'aria-label': 'Last error' }, visible(stored.last_error)),
        ]
      : null,
    h('div.actions', {}, buttons),
    result,
  );
}
