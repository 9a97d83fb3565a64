// Opens the built site, and a page rendered from the OpenAPI document, in headless Chromium.
// Fails when an internal link leads nowhere, when the search does not find an event, when a webhook
// is not shown, or when a page reports an error. Screenshots are in target/screenshots.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const puppeteer = require('puppeteer-core');

const root = path.resolve(__dirname, '../..');
const site = path.join(root, 'target/book');
const screenshots = path.join(root, 'target/screenshots');
const swagger = path.resolve(process.argv[2]);
const openapi = JSON.parse(fs.readFileSync(path.join(root, 'docs/openapi.json')));

const types = {
  '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json',
  '.png': 'image/png', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.jsonl': 'text/plain',
};

const rendered = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>OpenAPI</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/swagger/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/swagger/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: '/openapi.json', dom_id: '#ui', docExpansion: 'list'});</script></body></html>`;

/** Files of the site, of Swagger UI under /swagger/, and the page that it renders. */
function serve(request, response) {
  const name = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  if (name === '/rendered.html') {
    response.setHeader('content-type', 'text/html');
    return response.end(rendered);
  }
  const [folder, rest] = name.startsWith('/swagger/') ? [swagger, name.slice(9)] : [site, name];
  const file = path.join(folder, rest.endsWith('/') ? `${rest}index.html` : rest);
  if (!file.startsWith(folder) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
    response.statusCode = 404;
    return response.end();
  }
  response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
  return fs.createReadStream(file).pipe(response);
}

/** A page that collects what goes wrong on it. */
async function open(browser, url, errors, size = { width: 1280, height: 900 }) {
  const page = await browser.newPage();
  await page.setViewport(size);
  page.on('console', (line) => {
    if (['error', 'warn'].includes(line.type())) errors.push(`${url}: ${line.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`${url}: ${error.message}`));
  page.on('requestfailed', (request) => errors.push(`${url}: ${request.url()} failed`));
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${url}: ${response.url()} is ${response.status()}`);
  });
  await page.goto(url, { waitUntil: 'networkidle0' });
  return page;
}

/** Every page of the site by its links, and each link to a file, with its place in the page. */
async function follow(browser, origin, errors) {
  const places = new Map();
  const links = new Map();
  const waiting = [`${origin}/index.html`];
  for (const url of waiting) {
    const page = await open(browser, url, errors);
    const found = await page.evaluate(() => ({
      links: [...document.querySelectorAll('a[href]')].map((link) => link.href),
      places: [...document.querySelectorAll('[id]')].map((element) => element.id),
    }));
    await page.close();
    places.set(url, new Set(found.places));
    for (const link of found.links) {
      if (!link.startsWith(origin)) continue;
      links.set(link, links.get(link) ?? url);
      const target = link.split('#')[0];
      if (target.endsWith('.html') && !waiting.includes(target)) waiting.push(target);
    }
  }
  for (const [link, from] of links) {
    const [target, place] = link.split('#');
    const { status } = await fetch(target);
    if (status !== 200) errors.push(`${from}: ${link} is ${status}`);
    if (place && places.has(target) && !places.get(target).has(decodeURIComponent(place))) {
      errors.push(`${from}: ${link} has no such place`);
    }
  }
  return { pages: waiting, links: links.size };
}

async function search(browser, origin, errors, words) {
  const page = await open(browser, `${origin}/index.html`, errors);
  await page.keyboard.press('s');
  await page.waitForSelector('#mdbook-searchbar, #searchbar', { visible: true });
  await page.type('#mdbook-searchbar, #searchbar', words);
  const results = '#mdbook-searchresults li a, #searchresults li a';
  await page.waitForSelector(results, { timeout: 10_000 });
  const found = await page.$$eval(results, (all) => all.map((it) => it.getAttribute('href')));
  await page.screenshot({ path: path.join(screenshots, 'search.png') });
  await page.close();
  return found;
}

async function webhooks(browser, origin, errors) {
  const page = await open(browser, `${origin}/rendered.html`, errors, { width: 1280, height: 1600 });
  await page.waitForSelector('.opblock', { timeout: 20_000 });
  const shown = await page.$eval('#ui', (ui) => ui.innerText);
  await page.screenshot({ path: path.join(screenshots, 'openapi.png') });
  await page.click('.opblock-summary');
  await page.waitForSelector('.responses-table');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const opened = await page.$eval('.opblock.is-open', (block) => block.innerText);
  const block = await page.$('.opblock.is-open');
  await block.screenshot({ path: path.join(screenshots, 'openapi-webhook.png') });
  await page.close();
  return { shown, opened };
}

async function check(browser, origin) {
  const errors = [];
  const { pages, links } = await follow(browser, origin, errors);
  const name = 'order:crypto-onramp:crypto-sent';
  const found = await search(browser, origin, errors, name);
  assert(found.some((it) => it.includes('reference/onramp.html')), `the search finds ${found}`);

  const { shown, opened } = await webhooks(browser, origin, errors);
  for (const webhook of Object.keys(openapi.webhooks)) {
    assert(shown.includes(webhook), `the rendered page does not show ${webhook}`);
  }
  assert(opened.includes('X-Topper-JWS-Signature'), 'the rendered page does not show the header');
  for (const text of ['Topper tries again', 'Topper gives up', 'key_unproven']) {
    assert(opened.includes(text), `the rendered page does not show "${text}"`);
  }

  for (const [picture, where, size] of [
    ['overview', 'index.html'],
    ['onramp', 'reference/onramp.html'],
    ['guide', 'guide/getting-started-axum.html'],
    ['narrow', 'reference/answers.html', { width: 390, height: 844 }],
  ]) {
    const page = await open(browser, `${origin}/${where}`, errors, size);
    await page.screenshot({ path: path.join(screenshots, `${picture}.png`) });
    await page.close();
  }
  assert.deepEqual(errors, []);
  assert(pages.length > 20, `only ${pages.length} pages`);
  console.log(`${pages.length} pages, ${links} links, search finds ${name}, ` +
    `${Object.keys(openapi.webhooks).length} webhooks shown, no error`);
}

async function main() {
  fs.mkdirSync(screenshots, { recursive: true });
  const server = http.createServer(serve);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    await check(browser, `http://127.0.0.1:${server.address().port}`);
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
