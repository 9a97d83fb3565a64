// Keys work without the mouse; they never act while someone types.
import { help, shortcuts } from './dialog.js';

const writes = (element) =>
  element instanceof HTMLElement &&
  (element.isContentEditable ||
    /^(?:TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === 'INPUT' && !/^(?:checkbox|radio|button|range)$/.test(element.type)));

/** `current()` is the view that is shown; `open(n)` shows the view with this number. */
export function keyboard({ current, open, about }) {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const keys = current()?.keys ?? {};
    const on = event.target;
    if (event.key === 'Escape') {
      if (writes(on)) on.blur();
      else if (!keys.escape?.()) return;
      event.preventDefault();
      return;
    }
    if (writes(on)) {
      if (event.key === 'ArrowDown' && on.classList.contains('search')) {
        on.blur();
        keys.move?.(1);
        event.preventDefault();
      }
      return;
    }
    const control =
      on instanceof HTMLElement && on.closest('button, a, input, summary, [role=tabpanel], pre') !== null;
    const actions = {
      ArrowDown: control ? null : () => keys.move?.(1),
      ArrowUp: control ? null : () => keys.move?.(-1),
      Enter: control ? null : () => keys.open?.(),
    };
    if (shortcuts.on) {
      Object.assign(actions, {
        j: () => keys.move?.(1),
        k: () => keys.move?.(-1),
        '/': () => keys.search?.(),
        r: () => keys.replay?.(),
        e: () => keys.edit?.(),
        p: () => keys.pause?.(),
        '[': () => keys.step?.(-1),
        ']': () => keys.step?.(1),
        '?': () => help(about()),
      });
      if (/^[1-9]$/.test(event.key)) actions[event.key] = () => open(Number(event.key));
    }
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
}
