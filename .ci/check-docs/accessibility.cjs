// Checks every page of the built site with axe-core, in the light and the dark theme, and on a narrow
// screen. Fails on any violation, when a page is wider than the screen, and when the keyboard cannot
// close the table of contents. Screenshots of the landing page are in target/screenshots.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const puppeteer = require('puppeteer-core');
const { violations } = require('../violations.cjs');

const root = path.resolve(__dirname, '../..');
const site = path.join(root, 'target/book');
const screenshots = path.join(root, 'target/screenshots');

/** The pages, without those that only print or frame others. */
function pages() {
  const files = fs.readdirSync(site, { recursive: true }).map(String);
  return files.filter((it) => it.endsWith('.html') && !/^(print|toc|404)\.html$/.test(it)).sort();
}

async function check(browser) {
  const errors = [];
  let rules = 0;
  const page = await browser.newPage();
  // The theme changes with a transition; what is measured must not be half-way.
  const still = [{ name: 'prefers-reduced-motion', value: 'reduce' }];
  for (const [scheme, widths] of [['light', [1400, 400]], ['dark', [1400]]]) {
    await page.emulateMediaFeatures([...still, { name: 'prefers-color-scheme', value: scheme }]);
    for (const width of widths) {
      await page.setViewport({ width, height: 900 });
      for (const name of pages()) {
        await page.goto(pathToFileURL(path.join(site, name)).href, { waitUntil: 'load' });
        const found = await violations(page);
        rules = Math.max(rules, found.rules);
        errors.push(...found.lines.map((it) => `${name}, ${scheme}, ${width} px: ${it}`));
      }
    }
    for (const width of [400, 900, 1400]) {
      await page.setViewport({ width, height: 900 });
      await page.goto(pathToFileURL(path.join(site, 'index.html')).href, { waitUntil: 'load' });
      await page.screenshot({ path: path.join(screenshots, `landing-${scheme}-${width}.png`), fullPage: true });
    }
  }
  await page.setViewport({ width: 1400, height: 900 });
  await page.goto(pathToFileURL(path.join(site, 'index.html')).href, { waitUntil: 'load' });
  const expanded = () => page.$eval('button[aria-controls="mdbook-sidebar"]', (it) => it.ariaExpanded);
  const before = await expanded();
  await page.focus('button[aria-controls="mdbook-sidebar"]');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (was) => document.querySelector('button[aria-controls="mdbook-sidebar"]').ariaExpanded !== was,
    { timeout: 5000 }, before,
  );
  assert(errors.length === 0, errors.join('\n'));
  assert(pages().length > 20 && rules > 10, `only ${pages().length} pages, ${rules} rules`);
  console.log(`axe-core finds nothing on ${pages().length} pages, light, dark and narrow`);
}

async function main() {
  fs.mkdirSync(screenshots, { recursive: true });
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    await check(browser);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
