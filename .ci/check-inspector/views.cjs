// Each view in both themes and three widths: axe-core finds nothing, and nothing is wider than the screen.
'use strict';

const assert = require('node:assert/strict');
const { open, press, see, shot, violations } = require('./browser.cjs');
const { deliver, event, listen, pause } = require('./program.cjs');

const click = (selector) => async (page) => {
  await page.waitForSelector(selector, { timeout: 8000 });
  await page.evaluate((it) => document.querySelector(it).click(), selector);
};

const tab = (name) => async (page) => {
  await see(page, '.detail .sub', /#/);
  await press(page, name, '.detail');
};

const scenes = {
  list: ['', async (page) => { await see(page, '#number', /\d/); }],
  nothing: ['?q=nothing', async (page) => { await see(page, '.empty', /No delivery/); }],
  help: ['', async (page) => { await see(page, '#number', /\d/); await page.keyboard.press('?'); }],
  summary: ['?selected=1', tab('Summary')],
  refused: ['?selected=6', tab('Summary')],
  body: ['?selected=1', tab('Body')],
  headers: ['?selected=1', tab('Headers')],
  fields: ['?selected=1', tab('Fields')],
  replay: ['?selected=1', async (page) => {
    await tab('Replay')(page);
    await press(page, 'Edited', '.detail');
    await press(page, 'Send', '.detail');
    await see(page, '.compare', /This replay/);
  }],
  orders: ['?view=orders', async (page) => { await page.waitForSelector('.order', { timeout: 8000 }); }],
  order: ['?view=orders', async (page) => { await click('.order:last-child, li:last-child > .order')(page); await see(page, '.timeline', /./); }],
  send: ['?view=send', async (page) => {
    await page.waitForFunction(() => document.querySelectorAll('.schema input').length > 5, { timeout: 8000 });
    await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
  }],
  doctor: ['?view=doctor', async (page) => { await press(page, 'Examine'); await see(page, '.finding', /./, 20_000); }],
  answers: ['?view=answers', async (page) => { await press(page, '503', '.presets'); await press(page, 'Apply'); await see(page, '.times', /11/); }],
};

module.exports = async (browser, place) => {
  const program = await listen(place);
  const order = event().data.id;
  for (const name of ['committed', 'crypto-sent', 'charged', 'completed']) await deliver(program, event(`order:crypto-onramp:${name}`, order));
  await deliver(program, event('user:created'));
  await deliver(program, event(), { signature: null });
  await deliver(program, { ...event(), name: 'order:crypto-onramp:new' });
  const found = [];
  let rules = 0;
  let looked = 0;
  for (const scheme of ['light', 'dark']) {
    for (const width of [390, 900, 1440]) {
      for (const [name, [query, act]] of Object.entries(scenes)) {
        await fetch(`${program.origin}/api/answer`, { method: 'PUT', headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ status: null, delay_ms: 0, silent: false, count: null }) });
        const { page, close } = await open(browser, program.origin, { query, width, height: width < 500 ? 844 : 900 });
        await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }, { name: 'prefers-color-scheme', value: scheme }]);
        if (name === 'list') await see(page, '#live-text', /Live/);
        await act(page);
        await pause(80);
        const { lines, rules: passed } = await violations(page);
        rules = Math.max(rules, passed);
        looked += 1;
        found.push(...lines.map((it) => `${name}, ${scheme}, ${width} px: ${it}`));
        await shot(page, `${name}-${scheme}-${width}`);
        await close();
      }
    }
  }
  assert.deepEqual(found, []);
  assert(rules > 10, `only ${rules} rules`);
  return `axe-core finds nothing in ${looked} views`;
};
