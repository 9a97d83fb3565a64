// Starts the real program, signs deliveries for it, and sends them.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { execFileSync, spawn } = require('node:child_process');

const topper = path.resolve(process.env.TOPPER);
const running = new Set();
const taken = new Set();

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port below those that Linux gives to outgoing connections, which could take it before it is used. */
async function freePort() {
  for (;;) {
    const port = crypto.randomInt(15_000, 32_000);
    if (!taken.has(port) && await isFree(port)) {
      taken.add(port);
      return port;
    }
  }
}

/** Waits until `condition` returns something, and returns it. */
async function until(what, condition, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(25);
  }
}

/** The environment: no setting of the person, and a test key of its own. */
const environment = (place) => ({
  PATH: process.env.PATH, HOME: place, XDG_CONFIG_HOME: place, TMPDIR: process.env.TMPDIR ?? '/tmp', NO_COLOR: '1',
});

/** Runs a command to its end, and returns what it prints. */
function run(place, ...args) {
  return execFileSync(topper, args, { env: environment(place), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

async function start(place, args, page) {
  const log = [];
  const child = spawn(topper, args, { env: environment(place), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => log.push(part));
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  const program = {
    child, ended,
    origin: `http://127.0.0.1:${page}`,
    log: () => Buffer.concat(log).toString(),
    async stop(signal = 'SIGTERM') {
      running.delete(program);
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    },
  };
  running.add(program);
  await until(`the page of ${args.join(' ')}: ${program.log()}`, async () => {
    assert(child.exitCode === null, `topper ${args.join(' ')} ended: ${program.log()}`);
    return fetch(program.origin).then((answer) => answer.ok, () => false);
  }, 20);
  return program;
}

/** The private key that the program signs with by default, as Node reads it. */
function testKey(place) {
  const file = path.join(place, 'key.jwk');
  if (!fs.existsSync(file)) fs.writeFileSync(path.join(place, 'key.pub.jwk'), run(place, 'keygen', file));
  const jwk = JSON.parse(fs.readFileSync(file));
  return { file, public: path.join(place, 'key.pub.jwk'), key: crypto.createPrivateKey({ key: jwk, format: 'jwk' }) };
}

/** `topper listen` with its page, with a key that this file signs with, too. */
async function listen(place, { extra = [], ports = null } = {}) {
  const key = testKey(place);
  const [port, page] = ports ?? [await freePort(), await freePort()];
  const args = ['listen', '--port', String(port), '--ui-port', String(page), '--jwk', key.public, '--key', key.file, ...extra];
  const program = await start(place, args, page);
  return Object.assign(program, { place, key, ports: [port, page], url: `http://127.0.0.1:${port}` });
}

/** `topper inspect` of a file or a store. */
async function inspect(place, what, ...extra) {
  const key = testKey(place);
  const page = await freePort();
  const program = await start(place, ['inspect', what, '--ui-port', String(page), '--jwk', key.public, '--key', key.file, ...extra], page);
  return Object.assign(program, { place, key });
}

const header = Buffer.from('{"alg":"ES256"}').toString('base64url');

function sign(key, body) {
  const signature = crypto.sign('sha256', Buffer.from(`${header}.${body.toString('base64url')}`), { key: key.key, dsaEncoding: 'ieee-p1363' });
  return `${header}..${signature.toString('base64url')}`;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

/** Sends bytes as they are; `signature` is made if it is not given, and left out if it is null. */
function deliver(program, body, { signature, headers = {}, to = '/webhooks/topper' } = {}) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const token = signature === undefined ? sign(program.key, bytes) : signature;
  return new Promise((resolve, reject) => {
    const request = http.request(program.url + to, {
      method: 'POST', agent,
      headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...(token === null ? {} : { 'x-topper-jws-signature': token }), ...headers },
    }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

const schemas = path.resolve(__dirname, '../../docs/schemas');
const next = { number: 0 };

/** A documented event with an id, an order and a time of its own. */
function event(name = 'order:crypto-onramp:completed', order = crypto.randomUUID()) {
  const [example] = JSON.parse(fs.readFileSync(path.join(schemas, `${name.replaceAll(':', '.')}.json`))).examples;
  next.number += 1;
  example.id = crypto.randomUUID();
  if (name.startsWith('order:')) {
    example.data.id = order;
    example.data.updatedAt = new Date(Date.UTC(2026, 2, 2, 9, 0, next.number)).toISOString();
  }
  return example;
}

async function stopAll() {
  await Promise.all([...running].map((program) => program.stop()));
}

module.exports = { deliver, environment, event, freePort, inspect, listen, pause, run, sign, start, stopAll, testKey, topper, until };
