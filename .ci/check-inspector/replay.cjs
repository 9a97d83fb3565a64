// Part 3: the same bytes again, edited ones, and every fault.
'use strict';

const assert = require('node:assert/strict');
const { enter, open, press, see, shot } = require('./browser.cjs');
const { deliver, event, listen } = require('./program.cjs');

module.exports = async (browser, place) => {
  const program = await listen(place);
  const sent = event();
  await deliver(program, sent);
  const { page, close } = await open(browser, program.origin, { allowed: [/status of 403/] });
  await see(page, '#number', /^1 delivery/);
  await page.keyboard.press('j');
  await page.keyboard.press('r');
  await see(page, '[role=tab][aria-selected=true]', /Replay/);

  await press(page, 'Send', '.detail');
  await see(page, '.compare', /Answer.*200.*200/);
  await see(page, '.compare', /processed.*duplicate/);
  await see(page, '.result', /the same, byte for byte/);
  await see(page, '.rows .row', /replay of #1/);

  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.getElementById('row-1').click());
  await page.keyboard.press('e');
  await see(page, '.detail label', /^Body$/);
  const edited = structuredClone(sent);
  edited.id = '7d6a5f04-0000-4000-8000-000000000001';
  edited.data.origin.amount = '250.00';
  await enter(page, 'Body', `${JSON.stringify(edited, null, 2).slice(0, -1)}`, '.detail');
  await see(page, '.failure', /Not valid JSON/);
  await enter(page, 'Body', JSON.stringify(edited, null, 2), '.detail');
  await press(page, 'Send', '.detail');
  await see(page, '.compare', /processed.*processed/);
  await see(page, '[data-line="removed"]', new RegExp(sent.id));
  await see(page, '[data-line="added"]', /"amount": "250.00"/);
  await shot(page, 'replay');

  await press(page, 'What if …', '.detail');
  await page.waitForFunction(() => document.querySelectorAll('.detail option').length > 0);
  const faults = await page.$$eval('.detail option', (all) => all.map((it) => it.value));
  assert(faults.length >= 5, `${faults}`);
  for (const fault of faults) {
    await page.select('.detail select', fault);
    await page.evaluate(() => document.querySelector('.result').replaceChildren());
    await press(page, 'Send', '.detail');
    await see(page, '.result .compare', /This replay/);
    // The listener answers as a receiver of the SDK, so each answer is the expected one.
    assert.equal(await page.$('.verdict-line[data-good="false"]'), null, `${fault}: ${await page.$eval('.result', (it) => it.textContent)}`);
  }
  await enter(page, 'To', 'http://192.0.2.1/', '.detail');
  await press(page, 'Send', '.detail');
  await see(page, '.result .failure', /./);
  await close();
  return `the same bytes, an edited body, and ${faults.length} faults`;
};
