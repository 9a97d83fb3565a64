// Hostile texts in every field of a delivery: none of them runs, and each is shown as text.
'use strict';

const assert = require('node:assert/strict');
const { enter, open, press, see, shot } = require('./browser.cjs');
const { deliver, event, listen, pause } = require('./program.cjs');
const payloads = require('./payloads.cjs');

/** What HTTP allows in a header, and in a path. */
const inHeader = (text) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 400);
const inPath = (text) => `/${encodeURIComponent(text.slice(0, 300)).replaceAll('%3C', '<').replaceAll('%3E', '>').replaceAll('%22', '"')}`;
const names = (text) => `x-${text.toLowerCase().replace(/[^a-z0-9!#$%&'*+.^_`|~-]/g, '').slice(0, 60)}`;

/** A known event and an unknown one, with the text in every place. */
function bodies(text) {
  const short = text.slice(0, 200);
  const known = event();
  Object.assign(known.data, { id: short, [text]: text, nested: { [text]: [text, { [text]: text }] } });
  known.id = short;
  known.bootstrapTokenId = text;
  known.data.status = text;
  known.data.user = { country: text };
  known.data.widget.name = text;
  known.data.destination.address = text;
  known.data.destination.ledger = { txid: text, url: text };
  return [known, { id: `${short} 2`, name: short, data: { id: short, [text]: text } }, { id: `${short} 3`, name: 'order:crypto-onramp:completed', data: { amount: text, [text]: text } }];
}

async function look(page, seq, tabs) {
  await page.evaluate((number) => document.getElementById(`row-${number}`)?.click(), seq);
  await see(page, '.detail .seq', new RegExp(`^#${seq}$`));
  for (const tab of tabs) await press(page, tab, '.detail');
}

module.exports = async (browser, place) => {
  assert(payloads.length >= 60);
  const program = await listen(place);
  for (const text of payloads) {
    const options = { to: inPath(text), headers: { 'x-hostile': inHeader(text), [names(text)]: inHeader(text), 'user-agent': inHeader(text) || 'x' } };
    for (const body of bodies(text)) await deliver(program, body, options);
    await deliver(program, text, options);
    await deliver(program, text, { ...options, signature: inHeader(text) || 'x' });
  }
  const { page, clean, close } = await open(browser, program.origin, { allowed: [/status of (?:400|403|404)/] });
  const all = payloads.length * 5;
  await see(page, '#number', new RegExp(`^${all} deliveries`));
  await shot(page, 'hostile');
  // The texts stand in the page as text; those that cannot be seen are written as escapes.
  await see(page, '.rows .row', /\\u202e\\u2066<script>/);
  await clean();

  for (let at = 0; at < payloads.length; at += 1) {
    await page.evaluate(async (index) => {
      const grid = document.querySelector('.grid');
      grid.scrollTop = index * 5 * 32;
      await new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
    }, payloads.length - 1 - at);
    const tabs = at % 4 === 0 ? ['Body', 'Headers', 'Fields', 'Replay', 'Summary'] : ['Fields', 'Summary'];
    for (const kind of at % 4 === 0 ? [1, 2, 3, 4, 5] : [1, 4]) await look(page, at * 5 + kind, tabs);
  }
  await clean();

  for (const text of payloads.slice(0, 12)) {
    await page.evaluate((it) => {
      const search = document.querySelector('.search');
      search.value = it;
      search.dispatchEvent(new Event('input'));
    }, text);
    await pause(60);
    for (const list of ['Event contains', 'Order contains', 'Verdict', 'Answer']) await page.focus(`[aria-label="${list}"]`);
  }
  await press(page, 'Reset filters');
  await clean();

  await press(page, 'Orders', 'nav');
  await page.waitForFunction(() => document.querySelectorAll('.order').length > 30, { timeout: 8000 });
  const orders = await page.$$('.order');
  for (let at = 0; at < orders.length; at += 5) {
    await page.evaluate((index) => document.querySelectorAll('.order')[index].click(), at);
    await see(page, '.side header', /./);
    await pause(60);
  }
  await clean();

  for (const text of payloads.slice(0, 20)) {
    await page.goto(`${program.origin}/?view=${encodeURIComponent(text)}&q=${encodeURIComponent(text)}&order=${encodeURIComponent(text)}&event=${encodeURIComponent(text)}&verdict=${encodeURIComponent(text)}&answer=${encodeURIComponent(text)}&selected=${encodeURIComponent(text)}`, { waitUntil: 'domcontentloaded' });
    await see(page, '#number', /of/);
    await clean();
  }
  await page.goto(`${program.origin}/?view=send`, { waitUntil: 'domcontentloaded' });
  await page.waitForFunction(() => document.querySelectorAll('.schema input').length > 5, { timeout: 8000 });
  for (const text of ['javascript:window.ran=1', 'http://"><img src=x onerror=window.ran=1>/', 'data:text/html,x']) {
    await enter(page, 'To', text);
    await press(page, 'Send', 'form');
    await pause(150);
  }
  await close();
  return `${payloads.length} hostile texts in every field, and none runs`;
};
