// Part 1: the live list, its filters, its keys, and what happens when the program ends.
'use strict';

const assert = require('node:assert/strict');
const { open, press, see, shot, text, texts } = require('./browser.cjs');
const { deliver, event, listen, pause, until } = require('./program.cjs');

const rows = '.rows .row';
const search = (page) => page.evaluate(() => location.search);
const names = async (page) => (await page.$$eval(`${rows} .name`, (all) => all.map((it) => [it.getBoundingClientRect().top, it.textContent])))
  .sort((a, b) => a[0] - b[0]).map(([, name]) => name);

async function live(page, program) {
  await see(page, 'main', /Waiting for the first delivery/);
  await see(page, '.command', new RegExp(`topper send order:crypto-onramp:completed --to ${program.url}`));
  const order = event().data.id;
  for (const name of ['committed', 'charged', 'crypto-sent']) await deliver(program, event(`order:crypto-onramp:${name}`, order));
  await deliver(program, event('user:created'));
  await deliver(program, event(), { signature: null });
  await see(page, '#number', /^5 deliveries$/);
  const found = await names(page);
  assert.equal(found[1], 'user:created');
  assert.equal(found[4], 'order:crypto-onramp:committed');
  await see(page, rows, /crypto-sent.*processed.*✓200delivered.*ms/);
  await see(page, rows, /signature_missing.*✕401lost/);
  await see(page, '#live-text', /^Live$/);
  return order;
}

async function keys(page) {
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await see(page, '.detail h2', /user:created/);
  assert.match(await search(page), /selected=4/);
  await page.keyboard.press('k');
  await see(page, '.detail .sub', /signature_missing/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('j');
  await page.keyboard.press(']');
  await page.keyboard.press('Escape');
  assert.equal(await page.$('.detail'), null);
  await page.keyboard.press('?');
  await see(page, 'dialog', /Keyboard shortcuts/);
  await page.keyboard.press('Escape');
  // The browser tells the page a moment later.
  await page.waitForFunction(() => document.querySelector('dialog') === null, { timeout: 8000 });
}

async function filters(page, order) {
  await page.keyboard.press('/');
  await page.keyboard.type('CRYPTO-SENT processed');
  await see(page, '#number', /^1 of 5/);
  await until('the search in the URL', async () => /q=CRYPTO-SENT/.test(await search(page)));
  await page.reload({ waitUntil: 'domcontentloaded' });
  await see(page, '#number', /^1 of 5/);
  assert.equal(await page.$eval('.search', (it) => it.value), 'CRYPTO-SENT processed');
  await press(page, 'Reset filters');
  await see(page, '#number', /^5 deliveries/);
  for (const [label, value, number] of [['Event contains', 'onramp', 4], ['Order contains', order.slice(0, 13), 3]]) {
    await page.type(`[aria-label="${label}"]`, value);
    await see(page, '#number', new RegExp(`^${number} of 5`));
    await press(page, 'Reset filters');
  }
  for (const [label, value, number] of [['Verdict', 'signature_missing', 1], ['Answer', 'delivered', 4], ['Answer', '401', 1], ['Answer', 'lost', 1]]) {
    await page.focus(`[aria-label="${label}"]`);
    await page.select(`[aria-label="${label}"]`, value);
    await see(page, '#number', new RegExp(`^${number} of 5`));
    await press(page, 'Reset filters');
  }
  await page.type('.search', 'nothing has this');
  await see(page, '.empty', /No delivery matches/);
  await press(page, 'Reset filters');
}

async function follows(page, program) {
  await press(page, 'Pause');
  await deliver(program, event());
  await see(page, '.unread', /1 new while paused/);
  assert.equal((await texts(page, rows)).length, 5);
  await press(page, 'Follow');
  await see(page, '#number', /^6 deliveries/);
  await press(page, 'Clear');
  await see(page, '.empty', /The view is clear/);
  await deliver(program, event());
  await see(page, '#number', /^1 of 7/);
  await press(page, 'Show all again');
  await see(page, '#number', /^7 deliveries/);
}

async function ends(page, program, place) {
  await program.stop();
  await see(page, '#live-text', /Program ended|Connection lost, trying again/);
  await see(page, '#banners', /Start it again|still running/);
  assert.equal((await texts(page, rows)).length, 7, 'what was received is still shown');
  await shot(page, 'ended');
  const again = await listen(place, { ports: program.ports });
  await deliver(again, event('user:logged-in'));
  await see(page, '#live-text', /^Live$/, 15_000);
  await see(page, '#number', /^1 delivery$/);
  assert.deepEqual(await names(page), ['user:logged-in']);
  await pause(200);
  await deliver(again, event('user:created'));
  await see(page, '#number', /^2 deliveries$/);
}

module.exports = async (browser, place) => {
  const program = await listen(place);
  const { page, clean, close } = await open(browser, program.origin, { allowed: [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/] });
  const order = await live(page, program);
  await keys(page);
  await filters(page, order);
  await follows(page, program);
  await clean();
  await ends(page, program, place);
  assert.match(await text(page, '.source'), /listening on/);
  await close();
  return 'live rows, keys, filters in the URL, pause, and the end of the program';
};
