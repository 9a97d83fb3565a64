// The dialogs: a question before something changes, and the list of keys.
import { fill, h, store, stored } from './dom.js';

function show(label, ...content) {
  const before = document.activeElement;
  const dialog = h('dialog', { 'aria-label': label });
  const close = () => dialog.close();
  fill(
    dialog,
    content.map((it) => (typeof it === 'function' ? it(close) : it)),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before a change. Resolves to whether the answer is yes. */
export function confirm(title, text, yes) {
  return new Promise((resolve) => {
    let agreed = false;
    const dialog = show(title, h('h2', {}, title), h('p', {}, text), (close) =>
      h(
        'div.dialog-end',
        {},
        h('button.quiet', { type: 'button', onclick: close }, 'Cancel'),
        h(
          'button.primary',
          {
            type: 'button',
            onclick: () => {
              agreed = true;
              close();
            },
          },
          yes,
        ),
      ),
    );
    dialog.addEventListener('close', () => resolve(agreed));
  });
}

/** A text to copy by hand. */
export function showText(title, text) {
  const area = h('textarea.mono', { rows: '12', readonly: true, 'aria-label': title, value: text });
  show(
    title,
    h('h2', {}, title),
    h('p.note', {}, 'The browser does not allow the page to copy. Copy the text by hand.'),
    area,
    (close) => h('div.dialog-end', {}, h('button.primary', { type: 'button', onclick: close }, 'Close')),
  );
  area.focus();
  area.select();
}

const keys = [
  ['j  k  ↓  ↑', 'Older or newer delivery'],
  ['Enter', 'Open the delivery'],
  ['Esc', 'Close, or leave a field'],
  ['[  ]', 'Other part of the delivery'],
  ['/', 'Search'],
  ['r', 'Replay the delivery'],
  ['e', 'Edit and replay'],
  ['p', 'Pause or follow'],
  ['1 … 5', 'Views'],
  ['?', 'This list'],
];

export const shortcuts = { on: stored('shortcuts') !== 'off' };

export function help(about) {
  if (document.querySelector('dialog[open]') !== null) return;
  const box = h('input', {
    type: 'checkbox',
    checked: shortcuts.on,
    onchange: () => {
      shortcuts.on = box.checked;
      store('shortcuts', box.checked ? null : 'off');
    },
  });
  show(
    'Keyboard shortcuts',
    h('h2', {}, 'Keyboard shortcuts'),
    h(
      'dl.keys',
      {},
      keys.map(([key, text]) => [
        h(
          'dt',
          {},
          key
            .split(/\s+/)
            .filter((it) => it !== '…')
            .map((it, at) => [at > 0 && key.includes('…') ? ' to ' : ' ', h('kbd', {}, it)]),
        ),
        h('dd', {}, text),
      ]),
    ),
    h('label.choice', {}, box, 'Shortcuts of one letter are on'),
    h('p.note', {}, `Topper inspector ${about?.version ?? ''}. It talks only to the program that you started.`),
    (close) => h('div.dialog-end', {}, h('button.primary', { type: 'button', onclick: close }, 'Close')),
  );
}
