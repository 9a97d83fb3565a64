// Requests that a page of another site, or another name for this machine, could make.
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { deliver, event, listen } = require('./program.cjs');

/** A request with exactly these headers. Returns the status, the headers and the body. */
function ask(origin, path, { method = 'GET', headers = {}, body = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(origin + path, { method, headers, setHost: !('host' in headers) }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

module.exports = async (browser, place) => {
  const program = await listen(place);
  const { origin, ports: [, port] } = program;
  await deliver(program, event());
  const asked = [];
  const expects = async (what, status, path, options) => {
    const answer = await ask(origin, path, options);
    assert([status].flat().includes(answer.status), `${what}: ${answer.status} ${answer.body.slice(0, 200)}`);
    asked.push(what);
    return answer;
  };

  for (const name of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    await expects(`host ${name}`, 200, '/api/about', { headers: { host: name } });
  }
  for (const name of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1:1', `localhost.evil.example:${port}`, `0.0.0.0:${port}`]) {
    for (const path of ['/', '/assets/main.js', '/api/about', '/api/deliveries', '/api/stream']) {
      await expects(`host ${name} ${path}`, 403, path, { headers: { host: name } });
    }
  }

  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ status: 503, delay_ms: 0, silent: false, count: null });
  const put = (headers) => ({ method: 'PUT', headers, body });
  for (const from of ['http://evil.example', 'null', 'https://127.0.0.1', `http://localhost.evil.example:${port}`, 'http://127.0.0.1:1']) {
    await expects(`origin ${from}`, 403, '/api/answer', put({ ...json, origin: from }));
  }
  for (const site of ['cross-site', 'same-site']) {
    await expects(`a change from ${site}`, 403, '/api/answer', put({ ...json, 'sec-fetch-site': site }));
    await expects(`reading from ${site}`, 403, '/api/deliveries', { headers: { 'sec-fetch-site': site } });
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    await expects(`type ${type}`, [403, 415], '/api/answer', put({ 'content-type': type }));
  }
  await expects('no type', [403, 415], '/api/answer', put({}));
  const { status } = JSON.parse((await expects('the setting is unchanged', 200, '/api/answer')).body);
  assert.equal(status, null);
  await expects('a change from the page', 200, '/api/answer', put({ ...json, origin, 'sec-fetch-site': 'same-origin' }));
  await expects('a body of over 1 MiB', 413, '/api/answer', { method: 'PUT', headers: json, body: ' '.repeat(1_100_000) });

  for (const path of ['/', '/assets/main.js', '/api/about', '/api/deliveries/1', '/api/deliveries/1/body', '/api/deliveries/999']) {
    const { headers } = await ask(origin, path);
    const policy = headers['content-security-policy'] ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"]) {
      assert(policy.includes(rule), `${path}: ${policy}`);
    }
    assert(!/unsafe|https?:/.test(policy), policy);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.equal(headers['cache-control'], 'no-store', path);
    assert.equal(headers['access-control-allow-origin'], undefined, path);
  }
  for (const to of ['http://192.0.2.1/', 'http://example.com/', 'file:///etc/passwd', 'http://127.0.0.1.evil.example/']) {
    const answer = await ask(origin, '/api/deliveries/1/replay', { method: 'POST', headers: json, body: JSON.stringify({ to, kind: 'same' }) });
    assert([400, 403].includes(answer.status), `a replay to ${to}: ${answer.status} ${answer.body}`);
  }
  for (const path of ['/assets/..%2f..%2fCargo.toml', '/assets/../main.rs', '/api/nothing', '/api/deliveries/x', '/api/orders/%ff']) {
    const answer = await ask(origin, path);
    assert([400, 404].includes(answer.status), `${path}: ${answer.status}`);
  }
  return `${asked.length} requests answered as they must be`;
};
