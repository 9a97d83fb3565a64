// Ten thousand deliveries: how soon the page can be used, and that it stays smooth.
'use strict';

const assert = require('node:assert/strict');
const { open, see, shot, texts } = require('./browser.cjs');
const { deliver, event, listen, until } = require('./program.cjs');

const total = 10_000;

/** The longest time between two frames while `action` runs. */
const gap = (page, action) => page.evaluate(async (source) => {
  let last = performance.now();
  let longest = 0;
  let on = true;
  const frame = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    if (on) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  await (0, window[source])();
  on = false;
  return longest;
}, action);

/** How long it takes until the list shows what these words find. */
const filter = (page, words) => page.evaluate(async (value) => {
  const search = document.querySelector('.search');
  const number = document.querySelector('#number');
  const before = number.textContent;
  search.value = value;
  const start = performance.now();
  search.dispatchEvent(new Event('input'));
  while (number.textContent === before && performance.now() - start < 2000) await new Promise((resolve) => { setTimeout(resolve, 0); });
  return performance.now() - start;
}, words);

async function fill(program) {
  const orders = Array.from({ length: 500 }, () => event().data.id);
  const names = ['committed', 'charged', 'crypto-sent', 'completed'].map((it) => `order:crypto-onramp:${it}`);
  const samples = names.map((name) => event(name));
  let next = 0;
  const worker = async () => {
    while (next < total) {
      const at = next;
      next += 1;
      const sample = samples[at % 4];
      const body = { ...sample, id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`, data: { ...sample.data, id: orders[at % 500] } };
      await deliver(program, body, at % 10 === 9 ? { signature: null } : {});
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
}

module.exports = async (browser, place) => {
  const program = await listen(place);
  await fill(program);
  const { page, clean, close } = await open(browser, program.origin);
  const paint = await until('the first paint', () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime));
  assert(paint < 1000, `the first paint after ${paint} ms`);
  await see(page, '#number', /^10,000 deliveries$/, 15_000);
  const inPage = (await texts(page, '.rows .row')).length;
  assert(inPage < 100, `${inPage} rows are in the document`);

  const words = ['completed', 'charged processed', 'signature_missing', 'nothing like this', '00000000-0000-4000-8000-000000000042', ''];
  const rounds = [];
  for (let round = 0; round < 3; round += 1) {
    const times = [];
    for (const word of words) times.push(await filter(page, word));
    rounds.push(times);
  }
  // The best of three rounds, and of the words the worst.
  const filters = words.map((_, at) => Math.min(...rounds.map((times) => times[at])));
  assert(Math.max(...filters) < 100, `a filter takes ${Math.max(...filters)} ms`);

  await page.evaluate(() => {
    window.rest = () => new Promise((resolve) => { setTimeout(resolve, 1200); });
    window.type = async () => {
      const search = document.querySelector('.search');
      for (const letter of 'completed processed') {
        search.value += letter;
        search.dispatchEvent(new Event('input'));
        await new Promise((resolve) => { setTimeout(resolve, 60); });
      }
      search.value = '';
      search.dispatchEvent(new Event('input'));
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    };
    window.scroll_ = async () => {
      const grid = document.querySelector('.grid');
      for (let at = 0; at < 60; at += 1) {
        grid.scrollTop = at * 5000;
        await new Promise((resolve) => { requestAnimationFrame(resolve); });
      }
      grid.scrollTop = 0;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    };
  });
  // The machine of the check is shared: the best of three counts, less the pauses of a page that does nothing.
  const best = async (action) => Math.min(await gap(page, action), await gap(page, action), await gap(page, action));
  const idle = await best('rest');
  const typing = await best('type');
  const scrolling = await best('scroll_');
  assert(typing - idle < 45, `a pause of ${typing} ms while typing`);
  assert(scrolling - idle < 90, `a pause of ${scrolling} ms while scrolling`);

  const arrivals = [];
  for (let at = 0; at < 5; at += 1) {
    await page.evaluate(() => {
      const before = document.querySelector('.rows').firstElementChild.dataset.seq;
      window.arrived = new Promise((resolve) => {
        const look = () => (document.querySelector('.rows').firstElementChild.dataset.seq === before ? setTimeout(look, 1) : resolve(performance.timeOrigin + performance.now()));
        look();
      });
    });
    const start = performance.timeOrigin + performance.now();
    await deliver(program, event());
    arrivals.push(await page.evaluate(() => window.arrived) - start);
  }
  assert(Math.min(...arrivals) < 200, `a new row is shown after ${arrivals} ms`);
  await see(page, '.main > .note', /The 5 oldest deliveries were dropped: the newest 10,000 are kept/);
  await see(page, '#number', /^10,000 deliveries$/);
  await shot(page, 'many');
  await clean();
  await close();
  const ms = (number) => `${Math.round(number)} ms`;
  return `${total} deliveries: first paint ${ms(paint)}, filter ${ms(Math.max(...filters))}, frame while typing ${ms(typing)}, scrolling ${ms(scrolling)}, new row ${ms(Math.max(...arrivals))}`;
};
