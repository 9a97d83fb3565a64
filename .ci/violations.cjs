// What axe-core finds on a page, and whether the page is wider than the screen.
'use strict';

const axe = require('axe-core').source;

/** What is wrong with a page, one line for each rule, with the first element that breaks it. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const lines = found.violations.map((it) => {
    const [first] = it.nodes;
    return `${it.id} (${it.nodes.length}): ${first.html.slice(0, 160)}: ${first.failureSummary.replace(/\s+/g, ' ')}`;
  });
  const rules = found.passes.length;
  const extra = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (extra > 0) lines.push(`the page is ${extra} px wider than the screen`);
  return { lines, rules };
}

module.exports = { violations };
