// Shows texts of several lines: JSON with colours, differences, and raw text.
import { h } from './dom.js';
import { pieces } from './text.js';

// Colours cost elements: a longer text is shown without them.
const most = 120_000;
const token = /("(?:[^"\\\n]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;

function plain(text) {
  return pieces(text).map((piece) =>
    piece.escaped
      ? h('span.esc', { title: 'A character that cannot be seen' }, piece.text)
      : document.createTextNode(piece.text),
  );
}

/** JSON with coloured names and values, made of text nodes. */
export function json(text) {
  const code = h('code');
  if (text.length > most) {
    code.append(...plain(text));
    return code;
  }
  let end = 0;
  for (const match of text.matchAll(token)) {
    if (match.index > end) code.append(...plain(text.slice(end, match.index)));
    const [whole, string, colon] = match;
    if (string === undefined) code.append(h(/^[-\d]/.test(whole) ? 'span.j-number' : 'span.j-word', {}, whole));
    else {
      code.append(h(colon === undefined ? 'span.j-text' : 'span.j-name', {}, plain(string)));
      if (colon !== undefined) code.append(colon);
    }
    end = match.index + whole.length;
  }
  if (end < text.length) code.append(...plain(text.slice(end)));
  return code;
}

export function block(label, code, options = {}) {
  return h('pre.block', { tabindex: '0', role: 'group', 'aria-label': label, ...options }, code);
}

export const raw = (label, text) => block(label, h('code', {}, plain(text)));

export const pretty = (label, text) => block(label, json(text));

/** Lines that are the same, removed or added; long runs of the same lines are folded. */
export function diff(lines) {
  const around = 3;
  const near = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.kind === 'same') return;
    for (let it = Math.max(0, at - around); it <= Math.min(lines.length - 1, at + around); it += 1) near[it] = true;
  });
  if (!near.includes(true)) return h('p.note', {}, 'The body is the same, byte for byte.');
  const code = h('code');
  const signs = { same: ' ', removed: '−', added: '+' };
  let folded = 0;
  const fold = () => {
    if (folded > 0) code.append(h('span.line', { 'data-line': 'fold' }, `⋯ ${folded} lines without a change\n`));
    folded = 0;
  };
  lines.forEach((line, at) => {
    if (!near[at]) {
      folded += 1;
      return;
    }
    fold();
    const kind = Object.hasOwn(signs, line.kind) ? line.kind : 'same';
    code.append(h('span.line', { 'data-line': kind }, h('span.sign', {}, `${signs[kind]} `), plain(line.text), '\n'));
  });
  fold();
  return block('What changed in the body', code);
}
