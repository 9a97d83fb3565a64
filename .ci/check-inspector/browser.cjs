// The browser, and what a page must never do.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const puppeteer = require('puppeteer-core');
const { violations } = require('../violations.cjs');

const screenshots = path.resolve(__dirname, '../../target/screenshots');

async function launch() {
  fs.mkdirSync(screenshots, { recursive: true });
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}

let last = null;

/** What the page that was opened last shows, after a failure. */
const failedShot = (part) => last?.screenshot({ path: path.join(screenshots, `inspector-failed-${part}.png`) }).catch(() => {});

/** A page in a context of its own, that collects what goes wrong on it. `allowed` are errors that a step expects. */
async function open(browser, origin, { query = '', width = 1440, height = 900, allowed = [] } = {}) {
  const context = await browser.createBrowserContext();
  await context.overridePermissions(origin, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']);
  const page = await context.newPage();
  last = page;
  const errors = [];
  const note = (text) => { if (!allowed.some((it) => it.test(text))) errors.push(text); };
  page.on('console', (line) => { if (['error', 'warn', 'assert'].includes(line.type())) note(`console: ${line.text()} ${line.location()?.url ?? ''}`); });
  page.on('pageerror', (error) => note(`error: ${error.message}`));
  page.on('dialog', (dialog) => { errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('popup', () => errors.push('a window was opened'));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) errors.push(`request to elsewhere: ${url.slice(0, 200)}`);
  });
  await page.evaluateOnNewDocument(() => {
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.setViewport({ width, height });
  await page.goto(`${origin}/${query}`, { waitUntil: 'domcontentloaded' });

  /** Fails if something went wrong since the page was opened. */
  async function clean() {
    const found = await page.evaluate(() => ({
      ran: window.ran ?? null,
      violations: window.violations,
      foreign: document.querySelectorAll('iframe, object, embed, base, form[action], link:not([href^="/assets/"]), script:not([src^="/assets/"]), img:not([src^="/assets/"])').length,
      handlers: [...document.querySelectorAll('*')].filter((it) => it.getAttributeNames().some((name) => /^on/i.test(name))).length,
      links: [...document.querySelectorAll('a')].filter((it) => new URL(it.href).origin !== location.origin).length,
    }));
    assert.deepEqual(found, { ran: null, violations: [], foreign: 0, handlers: 0, links: 0 });
    assert.deepEqual(errors, []);
  }
  return { page, clean, close: async () => { await clean(); await context.close(); } };
}

const text = (page, selector) => page.$eval(selector, (it) => it.textContent);

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((it) => it.textContent));

/** Waits until the text of an element matches. */
async function see(page, selector, pattern, timeout = 8000) {
  try {
    await page.waitForFunction((where, source, flags) => [...document.querySelectorAll(where)].some((it) => new RegExp(source, flags).test(it.textContent)),
      { timeout, polling: 30 }, selector, pattern.source, pattern.flags);
  } catch {
    const found = await texts(page, selector).catch(() => []);
    throw new Error(`${selector} does not show ${pattern}: ${JSON.stringify(found).slice(0, 1500)}`);
  }
}

/** Presses the button, link, tab or summary with this text. */
async function press(page, label, within = 'body') {
  await page.waitForFunction((name, where) => {
    const all = [...document.querySelectorAll(`${where} :is(button, a, summary, label, option)`)];
    return all.some((it) => it.textContent.trim() === name && it.getClientRects().length > 0 && !it.disabled);
  }, { timeout: 8000, polling: 30 }, label, within).catch(() => { throw new Error(`there is no “${label}” to press`); });
  await page.evaluate((name, where) => {
    const all = [...document.querySelectorAll(`${where} :is(button, a, summary, label, option)`)];
    all.find((it) => it.textContent.trim() === name && it.getClientRects().length > 0 && !it.disabled).click();
  }, label, within);
}

/** Sets the field with this label. */
async function enter(page, label, value, within = 'main') {
  const found = await page.evaluate((name, where, to) => {
    const place = [...document.querySelectorAll(`${where} label`)].find((it) => it.textContent.trim().replace(/ \*$/, '') === name);
    const input = place?.control;
    if (!input) return false;
    input.value = to;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
    return input.value === to;
  }, label, within, value);
  assert(found, `there is no field “${label}” that takes ${value}`);
}

const shot = (page, name) => page.screenshot({ path: path.join(screenshots, `inspector-${name}.png`) });

module.exports = { enter, failedShot, launch, open, press, see, shot, text, texts, violations };
