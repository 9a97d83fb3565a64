// Part 4: another answer, what Topper would do about it, and a test event that shows it.
'use strict';

const assert = require('node:assert/strict');
const { enter, open, press, see, shot, texts } = require('./browser.cjs');
const { deliver, event, listen } = require('./program.cjs');

module.exports = async (browser, place) => {
  const program = await listen(place);
  await deliver(program, event());
  const { page, close } = await open(browser, program.origin, { query: '?view=answers' });
  await see(page, '.column.wide', /✓200delivered/);
  assert.equal(await page.$('.banner'), null);

  await press(page, '503', '.presets');
  await press(page, 'Apply');
  await see(page, '.column.wide .card', /↻503retried/);
  await see(page, '.times li', /11after/);
  assert.equal((await texts(page, '.times li')).length, 11);
  assert.equal((await deliver(program, event())).status, 503);
  assert.equal((await deliver(program, event(), { signature: null })).status, 401, 'a forgery is refused as always');
  await press(page, '▶ Play');
  await page.waitForFunction(() => document.querySelectorAll('.times [data-state="made"]').length > 2, { timeout: 15_000 });
  await press(page, '■ Stop');
  for (const view of ['Deliveries', 'Orders', 'Send', 'Doctor', 'Answers']) {
    await press(page, view, 'nav');
    await see(page, '.banner', /Signed deliveries get 503/);
  }

  await enter(page, 'For the next', '2');
  await press(page, 'Apply');
  await see(page, '.banner', /for the next 2 deliveries/);
  await press(page, 'Send a test event');
  await see(page, '.column.wide .note', /3 attempts: delivered/, 30_000);
  assert.deepEqual((await texts(page, '.sent tbody .status')), ['503', '503', '200']);
  await page.waitForFunction(() => document.querySelector('.banner') === null, { timeout: 8000 });
  await shot(page, 'answers');

  await enter(page, 'For the next', '');
  await press(page, '401', '.presets');
  await press(page, 'Apply');
  await see(page, '.column.wide .card', /✕401lost/);
  assert.equal((await texts(page, '.times li')).length, 1);
  await press(page, 'As the receiver', '.presets');
  await enter(page, 'Delay in milliseconds', '4500');
  await press(page, 'Apply');
  await see(page, '.column.wide .card', /retried/);
  await press(page, 'Reset', '#banners');
  await page.waitForFunction(() => document.querySelector('.banner') === null, { timeout: 8000 });
  assert.equal((await deliver(program, event())).status, 200);
  await close();
  return 'a status, a count, a delay, the banner and the reset';
};
