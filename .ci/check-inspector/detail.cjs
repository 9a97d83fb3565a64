// Part 2: one delivery, exactly as received.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { open, press, see, shot, text, texts } = require('./browser.cjs');
const { deliver, event, listen, sign, until } = require('./program.cjs');

const select = async (page, seq, tab) => {
  await page.evaluate((number) => document.getElementById(`row-${number}`).click(), seq);
  await see(page, '.detail .seq', new RegExp(`^#${seq}$`));
  await press(page, tab, '.detail');
};

async function clipboard(page, label) {
  await page.bringToFront();
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await press(page, label, '.detail');
  return until(`${label} copies`, () => page.evaluate(() => navigator.clipboard.readText()));
}

/** The header value is sent as these bytes, which Node's client would not send. */
function raw(program, body, name, value) {
  const [host, port] = new URL(program.url).host.split(':');
  const head = `POST /raw HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Length: ${body.length}\r\nConnection: close\r\nx-topper-jws-signature: ${sign(program.key, body)}\r\n${name}: `;
  return new Promise((resolve, reject) => {
    const socket = require('node:net').connect(Number(port), host);
    socket.on('error', reject);
    socket.on('close', resolve);
    socket.resume();
    socket.end(Buffer.concat([Buffer.from(head), value, Buffer.from('\r\n\r\n'), body]));
  });
}

module.exports = async (browser, place) => {
  const program = await listen(place);
  const known = event();
  known.data.loyalty = { tier: 'gold' };
  const compact = Buffer.from(JSON.stringify(known));
  await deliver(program, compact, { headers: { authorization: 'Bearer very-secret-value', 'x-api-key': 'very-secret-value' } });
  await deliver(program, Buffer.from(JSON.stringify(known, null, 2)), { signature: sign(program.key, compact) });
  await deliver(program, compact);
  await deliver(program, Buffer.from([0xff, 0xfe, 0x00, 0x41]));
  await raw(program, Buffer.from(JSON.stringify(event('user:created'))), 'x-bytes', Buffer.from([0xc3, 0x28, 0xff]));
  const { page, close } = await open(browser, program.origin);
  await see(page, '#number', /^5 deliveries/);

  await select(page, 1, 'Summary');
  await see(page, '.card', /✓ Signature.*valid/);
  await see(page, '.card', /✓200delivered.*does not send/i);
  await see(page, '.facts', new RegExp(known.id));
  await see(page, 'h3', /Deliveries of this event \(\d\)/);
  await select(page, 2, 'Summary');
  await see(page, '.card', /✕ Signature/);
  await see(page, '.card', /JSON minified|re-serialised/);

  await select(page, 1, 'Body');
  assert.equal(await text(page, '[aria-label="Body as received"]'), compact.toString());
  assert.equal(await text(page, '[aria-label="Body, indented"]'), JSON.stringify(known, null, 2));
  assert(await page.$('.j-name') && await page.$('.j-number, .j-text'));
  await select(page, 4, 'Body');
  await see(page, '[aria-label="Hex dump of the body"]', /ff ?fe ?00 ?41/);

  await select(page, 1, 'Headers');
  await see(page, '.headers tr', /authorization.*hidden/i);
  await see(page, '.headers tr', /x-api-key.*hidden/i);
  await see(page, '.headers tr', new RegExp(`x-topper-jws-signature${sign(program.key, Buffer.from('')).slice(0, 18)}`, 'i'));
  assert(!(await page.content()).includes('very-secret-value'));
  await select(page, 5, 'Headers');
  await see(page, '.headers tr', /x-bytes.*c3 ?28 ?ff/i);

  await select(page, 1, 'Fields');
  await see(page, '.fields tr[data-known="false"]', /data\.loyalty.*unknown/);
  await see(page, '.fields tr[data-known="true"]', /data\.destination\.amount/);
  await shot(page, 'fields');

  const curl = await clipboard(page, 'Copy as curl');
  const answered = execFileSync('bash', ['-c', curl], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  assert.match(answered, /duplicate/, 'the command of curl sends the same bytes');
  await see(page, '#number', /^6 deliveries/);
  const test = await clipboard(page, 'Copy as Rust test');
  assert.match(test, /#\[(?:tokio::)?test\]/);
  assert(test.includes('fn '), test);
  const bytes = await page.evaluate(async () => [...new Uint8Array(await (await fetch(document.querySelector('.detail a[download]').getAttribute('href'))).arrayBuffer())]);
  assert.deepEqual(Buffer.from(bytes), compact);
  fs.writeFileSync(path.join(place, 'copied.rs'), test);
  assert((await texts(page, '[role=tab]')).length >= 4);
  await close();
  return 'signature, bytes, headers, fields, curl, test and download';
};
