// Part 7: an inbox, what is wrong in it, and how it is repaired.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { open, press, see, shot, texts } = require('./browser.cjs');
const { event, inspect, run, sign, testKey } = require('./program.cjs');

const insert = `
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
for it in json.load(sys.stdin):
    row = database.execute("INSERT INTO topper_inbox (label, id, name, order_id, rank, received_at, state, due_at, attempts, tries, "
        "tried_since, last_error, failed_at, done_at) VALUES ('default', ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (it["id"], it["name"], it["order"], it["at"], it["state"], it["due"], it["attempts"], it["attempts"], it["at"], it["error"],
         it["at"] if it["error"] else None, it["at"] if it["state"] > 2 else None)).lastrowid
    database.execute("INSERT INTO topper_event (label, id, owner, done_at, inbox) VALUES ('default', ?, ?, ?, ?)",
        (it["id"], bytes(16), it["at"], row))
    database.execute("INSERT INTO topper_body VALUES (?, ?, ?, ?)", (row, it["body"].encode(), it["signature"], it["key"]))
database.commit()
`;

/** An inbox with one event in each state: pending, parked, dead, done and buried. */
function store(place) {
  const file = path.join(place, 'inbox.db');
  const url = `sqlite://${file}`;
  fs.writeFileSync(file, '');
  run(place, 'inbox', 'stats', '--store', url);
  const key = testKey(place);
  const now = Date.now();
  const rows = [0, 1, 2, 3, 4].map((state) => {
    const sent = event('order:crypto-onramp:completed');
    const body = Buffer.from(JSON.stringify(sent));
    return {
      id: sent.id, name: sent.name, order: sent.data.id, at: now - 60_000 + state, state, due: now + 3_600_000, attempts: state === 3 ? 1 : 4,
      error: state === 3 ? null : 'connection refused: the ledger is down', body: body.toString(), signature: sign(key, body), key: fs.readFileSync(key.public, 'utf8'),
    };
  });
  execFileSync('python3', ['-c', insert, file], { input: JSON.stringify(rows) });
  return { url, rows };
}

module.exports = async (browser, place) => {
  const { url, rows } = store(place);
  const reading = await inspect(place, url);
  const first = await open(browser, reading.origin);
  await see(first.page, '#number', /^5 events/);
  await see(first.page, '.rows .row', /dead/);
  await first.page.evaluate(() => [...document.querySelectorAll('.rows .row')].find((it) => /dead/.test(it.textContent)).click());
  await see(first.page, '.card', /In the inbox: dead.*4 attempts.*Last error.*the ledger is down.*--allow-retry/s);
  assert(!(await texts(first.page, '.detail button')).includes('Retry'));
  const refused = await first.page.evaluate(async (id) => (await fetch('/api/inbox/retry', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id }),
  })).status, rows[2].id).catch((error) => error.message);
  assert.equal(refused, 403);
  await first.page.close();
  await reading.stop();

  const program = await inspect(place, url, '--allow-retry');
  const { page, close } = await open(browser, program.origin);
  await see(page, '#number', /^5 events/);
  await page.evaluate(() => [...document.querySelectorAll('.rows .row')].find((it) => /dead/.test(it.textContent)).click());
  await press(page, 'Retry', '.detail');
  await see(page, 'dialog', /Retry this event\?/);
  await shot(page, 'inbox');
  await press(page, 'Cancel', 'dialog');
  await see(page, '.card', /In the inbox: dead/);
  await press(page, 'Retry', '.detail');
  await press(page, 'Retry', 'dialog');
  await see(page, '.card', /In the inbox: pending/);
  assert.equal(JSON.parse(run(place, 'inbox', 'show', '--store', url, '--json', rows[2].id).split('\n')[0]).state, 'pending');
  await press(page, 'Bury', '.detail');
  await press(page, 'Bury', 'dialog');
  await see(page, '.card', /In the inbox: buried/);
  await close();
  return 'states, errors, retry and bury, and nothing of it without --allow-retry';
};
