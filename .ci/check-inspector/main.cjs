// Runs the parts one after the other, each with programs and a browser page of its own.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { failedShot, launch } = require('./browser.cjs');
const { stopAll } = require('./program.cjs');

const parts = ['guard', 'list', 'detail', 'replay', 'answers', 'orders', 'sending', 'inbox', 'hostile', 'many', 'views'];

async function main() {
  const named = process.argv.slice(2);
  const leftOut = named.filter((it) => it.startsWith('-')).map((it) => it.slice(1));
  const alone = named.filter((it) => !it.startsWith('-'));
  const unknown = [...leftOut, ...alone].filter((it) => !parts.includes(it));
  if (unknown.length > 0) throw new Error(`no such part: ${unknown}; the parts are ${parts}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'check-inspector-'));
  const browser = await launch();
  let failed = 0;
  try {
    for (const part of (alone.length > 0 ? alone : parts).filter((it) => !leftOut.includes(it))) {
      const place = path.join(folder, part);
      fs.mkdirSync(place);
      const start = Date.now();
      try {
        const text = await require(`./${part}.cjs`)(browser, place);
        console.log(`${part}: ${text} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
      } catch (error) {
        failed += 1;
        console.error(`${part}: ${error.stack}`);
        await failedShot(part);
      } finally {
        await stopAll();
      }
    }
  } finally {
    await browser.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  if (failed > 0) throw new Error(`${failed} of the parts failed`);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
