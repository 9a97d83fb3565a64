// Part 6: events from a form, all events of an order, and the report of the doctor.
'use strict';

const assert = require('node:assert/strict');
const { enter, open, press, see, shot, texts } = require('./browser.cjs');
const { deliver, event, listen } = require('./program.cjs');

module.exports = async (browser, place) => {
  const program = await listen(place);
  const { page, close } = await open(browser, program.origin, { query: '?view=send', allowed: [/status of 403/] });
  await page.waitForFunction(() => document.querySelectorAll('.schema input').length > 5, { timeout: 8000 });
  assert(await page.$('.schema .group .group'), 'nested objects are groups');
  assert((await texts(page, '.schema select')).some((it) => /completed.*expired/.test(it)), 'choices are lists');
  assert((await texts(page, '.schema label')).some((it) => /\*$/.test(it)), 'required fields are marked');
  const origin = await page.$$eval('.schema details', (all) => {
    const group = all.find((it) => it.querySelector('summary').textContent.startsWith('origin'));
    group.open = true;
    const input = [...group.querySelectorAll('label')].find((it) => it.textContent.startsWith('amount')).control;
    input.value = '271.83';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    return input.id;
  });
  assert(origin);
  await page.$$eval('.schema details', (all) => {
    const list = all.find((it) => it.querySelector('summary').textContent.startsWith('fees'));
    const input = [...list.querySelectorAll('label')].find((it) => it.textContent.startsWith('amount')).control;
    input.value = '7.77';
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await press(page, 'Send', 'form');
  await see(page, '.sent tbody tr', /^11.*order:crypto-onramp:completed.*✓200delivered/);
  await see(page, '.column.wide .note', /1 delivery, 1 attempt: 1 delivered/);
  await press(page, 'Deliveries', 'nav');
  await page.evaluate(() => document.getElementById('row-1').click());
  await press(page, 'Body', '.detail');
  await see(page, '[aria-label="Body, indented"]', /"amount": "271.83"/);
  await see(page, '[aria-label="Body, indented"]', /"amount": "7.77"/);

  await press(page, 'Send', 'nav');
  await page.waitForFunction(() => document.querySelectorAll('optgroup').length === 2, { timeout: 8000 });
  const cycles = await page.$$eval('optgroup:first-of-type option', (all) => all.map((it) => it.value));
  assert(cycles.length >= 3, `${cycles}`);
  await page.select('form select', cycles[0]);
  await press(page, 'A bad day: duplicates, wrong order, retries');
  await enter(page, 'Send each', '2');
  await press(page, 'In random order');
  await press(page, 'Send', 'form');
  await see(page, '.column.wide .note', /8 deliveries.*seed \d+/s);
  assert.equal((await texts(page, '.sent tbody tr')).length, 8);
  await shot(page, 'send');
  await enter(page, 'To', 'http://192.0.2.1/');
  await press(page, 'Send', 'form');
  await see(page, 'form .failure', /./);

  await press(page, 'Doctor', 'nav');
  await enter(page, 'Endpoint', program.url);
  await press(page, 'Examine');
  await see(page, '.tallies', /\d+ passed/, 120_000);
  const groups = await page.$$eval('.finding', (all) => all.map((it) => [it.dataset.grade, it.textContent]));
  assert(groups.filter(([grade]) => grade === 'passed').length > 5, JSON.stringify(groups).slice(0, 2000));
  assert.equal(groups.filter(([grade]) => grade === 'failed').length, 0, JSON.stringify(groups.filter(([grade]) => grade === 'failed')));
  await shot(page, 'doctor');
  await deliver(program, event());
  await close();
  return `a form, ${cycles.length} lifecycles, and ${groups.length} findings of the doctor`;
};
