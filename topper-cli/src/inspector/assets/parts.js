// Small pieces that several views show.
import { showText } from './dialog.js';
import { h, say } from './dom.js';
import { cut, visible } from './text.js';

export const fates = {
  delivered: { sign: '✓', word: 'delivered', text: 'Delivered: Topper does not send it again.' },
  retried: { sign: '↻', word: 'retried', text: 'Topper sends it again, up to 10 times in about 3 hours.' },
  lost: { sign: '✕', word: 'lost', text: 'Lost: Topper never sends it again.' },
};

const known = (fate) => (Object.hasOwn(fates, fate ?? '') ? fate : null);

/** The status and Topper's fate of it: a sign and a word, not only a colour. */
export function answer(status, fate, by = null) {
  const kind = known(fate);
  const sign = kind === null ? '–' : fates[kind].sign;
  const word = kind === null ? (status === null ? 'no answer' : '') : fates[kind].word;
  const title =
    {
      setting: 'Answered by the setting in Answers',
      endpoint: 'Answered by your endpoint',
      listener: 'Answered by the listener',
    }[by] ?? null;
  return h(
    'span.fate',
    { 'data-fate': kind ?? 'none', title },
    h('span.sign', { 'aria-hidden': 'true' }, sign),
    status === null ? null : h('span.status', {}, status),
    h('span.word', {}, word),
    by === 'setting' ? h('span.by', {}, 'set') : null,
  );
}

/** The name of an event; its last part stands out, because the first parts are the same in most rows. */
export function eventName(name) {
  const text = cut(name);
  const end = text.lastIndexOf(
    ':',
    text.endsWith(':completed') && text.includes(':refund:') ? text.lastIndexOf(':refund:') + 1 : text.length,
  );
  if (end <= 0) return h('span.name', {}, h('b', {}, text));
  return h('span.name', {}, h('span.pre', {}, text.slice(0, end + 1)), h('b', {}, text.slice(end + 1)));
}

const changes = {
  stale: ['late', 'Late: the order is already in a later state'],
  duplicate: ['duplicate', 'The event arrived before'],
  advanced: null,
};

export function changeTag(change) {
  const found = Object.hasOwn(changes, change ?? '') ? changes[change] : null;
  return found === null ? null : h('span.tag', { 'data-tag': found[0], title: found[1] }, found[0]);
}

export function copyButton(label, text, options = {}) {
  const button = h(
    'button.quiet.small',
    {
      type: 'button',
      ...options,
      onclick: async () => {
        let value = text;
        try {
          if (typeof text === 'function') value = await text();
        } catch (error) {
          button.textContent = 'Not copied';
          say(`Not copied: ${error.message}`);
          setTimeout(() => {
            button.textContent = label;
          }, 1400);
          return;
        }
        try {
          await navigator.clipboard.writeText(value);
          button.textContent = 'Copied';
          say('Copied');
        } catch {
          // Browsers allow this only on this machine or with TLS; then the text can be copied by hand.
          showText(label, value);
        }
        setTimeout(() => {
          button.textContent = label;
        }, 1400);
      },
    },
    label,
  );
  return button;
}

export function empty(title, ...rest) {
  return h('div.empty', {}, h('h2', {}, title), rest);
}

export const command = (text) =>
  h('pre.command', { tabindex: '0', role: 'group', 'aria-label': 'Command' }, h('code', {}, text));

export function failure(text) {
  return h('p.failure', { role: 'alert' }, visible(text));
}

export function field(label, input, hint = null) {
  const id = `field-${field.next}`;
  field.next += 1;
  input.id = id;
  if (hint !== null) {
    hint = h('small', { id: `${id}-hint` }, hint);
    input.setAttribute('aria-describedby', hint.id);
  }
  return h('div.field', {}, h('label', { for: id }, label), input, hint);
}
field.next = 1;

/** A definition list of those pairs that have a value. */
export function facts(pairs) {
  const list = h('dl.facts');
  for (const [name, value] of pairs) {
    if (value === null || value === undefined || value === '') continue;
    list.append(h('dt', {}, name), h('dd', {}, value));
  }
  return list;
}

/** Tabs as the ARIA practices describe them: arrow keys, Home and End move between them. */
export function tabs(label, all, start, onchange = () => {}) {
  const prefix = `tab-${tabs.next}`;
  tabs.next += 1;
  const panel = h('div.panel', { role: 'tabpanel', id: `${prefix}-panel`, tabindex: '0' });
  const buttons = all.map((tab) =>
    h(
      'button.tab',
      {
        type: 'button',
        role: 'tab',
        id: `${prefix}-${tab.key}`,
        'aria-controls': panel.id,
        'data-key': tab.key,
        onclick: () => show(tab.key),
      },
      tab.label,
    ),
  );
  let current = null;
  function show(key, focus = false) {
    const tab = all.find((it) => it.key === key) ?? all[0];
    current = tab.key;
    buttons.forEach((button, at) => {
      const chosen = all[at] === tab;
      button.setAttribute('aria-selected', String(chosen));
      button.setAttribute('tabindex', chosen ? '0' : '-1');
      if (chosen) {
        panel.setAttribute('aria-labelledby', button.id);
        if (focus) button.focus();
      }
    });
    panel.replaceChildren(tab.build());
    panel.scrollTop = 0;
    onchange(current);
  }
  const list = h(
    'div.tabs',
    {
      role: 'tablist',
      'aria-label': label,
      onkeydown: (event) => {
        const at = all.findIndex((it) => it.key === current);
        const to = {
          ArrowRight: (at + 1) % all.length,
          ArrowLeft: (at + all.length - 1) % all.length,
          Home: 0,
          End: all.length - 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        show(all[to].key, true);
      },
    },
    buttons,
  );
  show(start);
  return {
    list,
    panel,
    show,
    get current() {
      return current;
    },
  };
}
tabs.next = 1;
