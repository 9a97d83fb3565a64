// Turns values into text that is safe and easy to read.

// Controls, format and bidirectional characters, and halves of surrogate pairs.
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

// Most texts have nothing to escape, and this is much faster to know.
const usual = /^[\x20-\x7e]*$/;
const usualLines = /^[\x20-\x7e\n\t]*$/;

function escaped(character) {
  return [...character]
    .map((it) => {
      const code = it.codePointAt(0);
      return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
    })
    .join('');
}

/** The text with each character that cannot be seen written as `\u202e`. For one line. */
export function visible(text) {
  if (text === null || text === undefined) return '';
  const whole = String(text);
  return usual.test(whole) ? whole : whole.replace(hidden, escaped);
}

/** The same for a cell: CSS shows what fits, and the detail shows all of it. */
export function cut(text) {
  if (text === null || text === undefined) return '';
  const whole = String(text);
  return visible(whole.length > 400 ? `${whole.slice(0, 400)}…` : whole);
}

/** The pieces of a text of several lines: plain ones, and those that were escaped. */
export function pieces(text) {
  if (usualLines.test(text)) return text === '' ? [] : [{ text, escaped: false }];
  const found = [];
  let end = 0;
  for (const match of text.matchAll(hidden)) {
    if (match[0] === '\n' || match[0] === '\t') continue;
    if (match[0] === '\r' && text[match.index + 1] === '\n') continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index), escaped: false });
    found.push({ text: escaped(match[0]), escaped: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), escaped: false });
  return found;
}

const two = (number) => String(number).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The time of day, in the time zone of the browser; the day comes first if it is not today. */
export function clock(at) {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return visible(at);
  const day = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const now = new Date();
  if (time.toDateString() === now.toDateString()) return `${day}.${String(time.getMilliseconds()).padStart(3, '0')}`;
  return `${months[time.getMonth()]} ${two(time.getDate())} ${day}`;
}

export function milliseconds(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '';
  if (value >= 10000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`;
}

/** A number of seconds, such as `2 h 5 min`. */
export function duration(seconds) {
  if (seconds < 1) return seconds === 0 ? '0 s' : `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  return count < 1048576 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1048576).toFixed(1)} MiB`;
}

export const count = (number) => Number(number).toLocaleString('en-US');

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
