// The deliveries that the page keeps, oldest first, and those of them that the filters let through.
import { address } from './address.js';

const searched = ['path', 'name', 'id', 'order_id', 'verdict', 'problem', 'reason', 'key', 'at'];

function haystack(row) {
  let text = `#${row.seq} ${row.status ?? ''} ${row.fate ?? ''}`;
  for (const name of searched) if (row[name]) text += ` ${row[name]}`;
  if (row.stored) text += ` ${row.stored.status} ${row.stored.last_error ?? ''}`;
  return text.toLowerCase();
}

/** A test for the filters; the state of the page is read once. */
export function matcher({ q, event, order, verdict, answer }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const name = event.toLowerCase();
  const orderId = order.toLowerCase();
  return (row) => {
    if (verdict !== '' && row.verdict !== verdict) return false;
    if (
      answer === 'none'
        ? row.status !== null
        : answer !== '' && row.fate !== answer && String(row.status) !== answer && row.stored?.status !== answer
    )
      return false;
    if (name !== '' && !(row.name ?? '').toLowerCase().includes(name)) return false;
    if (orderId !== '' && !(row.order_id ?? '').toLowerCase().includes(orderId)) return false;
    return words.every((word) => row.hay.includes(word));
  };
}

export const rows = {
  all: [],
  shown: [],
  bySeq: new Map(),
  most: 10000,
  // What the program has dropped, and what this page has dropped since it loaded the list: mostly the same ones.
  gone: { program: 0, atLoad: 0, page: 0 },
  pausedAt: null,
  clearedAt: 0,
  loading: true,
  matches: matcher(address),

  get newest() {
    return this.all.length > 0 ? this.all[this.all.length - 1].seq : 0;
  },

  get dropped() {
    return Math.max(this.gone.program, this.gone.atLoad + this.gone.page);
  },

  get waiting() {
    if (this.pausedAt === null) return 0;
    let number = 0;
    for (let at = this.all.length - 1; at >= 0 && this.all[at].seq > this.pausedAt; at -= 1) number += 1;
    return number;
  },

  lets(row) {
    return row.seq > this.clearedAt && (this.pausedAt === null || row.seq <= this.pausedAt) && this.matches(row);
  },

  /** Takes rows of the stream. Returns how many were added on top of what is shown. */
  take(list) {
    let changed = false;
    let added = 0;
    for (const row of list) {
      row.hay = haystack(row);
      const old = this.bySeq.get(row.seq);
      this.bySeq.set(row.seq, row);
      if (old === undefined && row.seq > this.newest) {
        this.all.push(row);
        if (this.lets(row)) {
          this.shown.push(row);
          added += 1;
        }
      } else {
        const at = this.place(row.seq);
        this.all.splice(at, old === undefined ? 0 : 1, row);
        changed = true;
      }
    }
    this.trim();
    if (changed) this.filter();
    return added;
  },

  /** Takes older rows, newest first, as the list has them. */
  takeOlder(list) {
    const older = list.filter((row) => !this.bySeq.has(row.seq)).reverse();
    for (const row of older) {
      row.hay = haystack(row);
      this.bySeq.set(row.seq, row);
    }
    const apart = older.length > 0 && this.all.length > 0 && older[older.length - 1].seq > this.all[0].seq;
    this.all = older.concat(this.all);
    if (apart) this.all.sort((a, b) => a.seq - b.seq);
    const more = this.all.length < this.most;
    this.trim();
    this.filter();
    return more;
  },

  place(seq) {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  },

  trim() {
    const extra = this.all.length - this.most;
    if (extra <= 0) return;
    const gone = this.all.splice(0, extra);
    for (const row of gone) this.bySeq.delete(row.seq);
    const last = gone[gone.length - 1].seq;
    let hidden = 0;
    while (hidden < this.shown.length && this.shown[hidden].seq <= last) hidden += 1;
    if (hidden > 0) this.shown.splice(0, hidden);
    this.gone.page += extra;
  },

  filter() {
    this.matches = matcher(address);
    this.shown = this.all.filter((row) => this.lets(row));
  },

  /** How many deliveries have which fate. */
  tally() {
    const found = { delivered: 0, retried: 0, lost: 0 };
    for (const row of this.all) if (row.fate in found) found[row.fate] += 1;
    return found;
  },

  reset() {
    this.all = [];
    this.shown = [];
    this.bySeq.clear();
  },

  /** The most frequent values of a field, for the lists of the filters. */
  values(field, most = 100) {
    const found = new Map();
    for (const row of this.all) {
      const value = field === 'state' ? row.stored?.status : row[field];
      if (value !== null && value !== undefined) found.set(value, (found.get(value) ?? 0) + 1);
    }
    return [...found].sort((a, b) => b[1] - a[1]).slice(0, most);
  },
};
