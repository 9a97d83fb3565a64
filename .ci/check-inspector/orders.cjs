// Part 5: the timeline of an order whose events arrive in the wrong order, and more than once.
'use strict';

const assert = require('node:assert/strict');
const { open, press, see, shot, texts } = require('./browser.cjs');
const { deliver, event, listen } = require('./program.cjs');

module.exports = async (browser, place) => {
  const program = await listen(place);
  const { page, close } = await open(browser, program.origin, { query: '?view=orders' });
  await see(page, '.empty', /No orders yet/);
  await see(page, '.command', /topper send --flow onramp/);
  const first = event('order:crypto-onramp:committed');
  const order = first.data.id;
  const second = event('order:crypto-onramp:charged', order);
  const last = event('order:crypto-onramp:completed', order);
  for (const sent of [first, last, second, last]) await deliver(program, sent);
  await deliver(program, event('order:crypto-offramp:committed'));
  await page.waitForFunction(() => document.querySelectorAll('.order').length === 2, { timeout: 8000 });
  const list = await texts(page, '.order');
  assert.match(list[0], /crypto-offramp:committed/, 'the newest is first');
  assert.match(list[1], new RegExp(order));
  await press(page, list[1]);
  await see(page, '.side header', new RegExp(`${order}.*completed`));
  assert.match(await page.evaluate(() => location.search), new RegExp(`order=${order}`));
  const lines = await texts(page, '.timeline tbody tr');
  assert.equal(lines.length, 4, `${lines}`);
  assert.match(lines[2], /charged.*late/);
  assert.match(lines[3], /completed.*duplicate/);
  assert(!/late|duplicate/.test(lines[0] + lines[1]));
  assert.equal((await page.$$('.crossing .late path')).length, 1);
  await see(page, '[aria-label="State of the order"]', /"status"/);
  await shot(page, 'order');
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('.side').hidden);
  await page.goForward();
  await see(page, '.side header', new RegExp(order));
  await press(page, 'Show in the list');
  await see(page, '#number', /^4 of 5/);
  await close();
  return 'late and repeated events are marked, next to the state';
};
