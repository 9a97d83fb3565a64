// Decides docs/vectors with Node's own cryptography and a reading of RFC 7515 in forty lines, so that
// the vectors are known to be right by more than the code that made them.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const file = path.resolve(__dirname, '../../docs/vectors/signatures.jsonl');
const canonical = (text) => Buffer.from(text, 'base64url').toString('base64url') === text;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function accepts(jwk, body, token) {
  const parts = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)$/.exec(token);
  if (!parts || token.length > 8192 || !canonical(parts[1]) || !canonical(parts[2])) return false;
  let header;
  try {
    header = JSON.parse(utf8.decode(Buffer.from(parts[1], 'base64url')));
  } catch {
    return false;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return false;
  if (header.alg !== 'ES256' || 'crit' in header || 'b64' in header) return false;
  const signature = Buffer.from(parts[2], 'base64url');
  if (signature.length !== 64) return false;
  const input = `${parts[1]}.${body.toString('base64url')}`;
  const key = { key: crypto.createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  return crypto.verify('sha256', Buffer.from(input), key, signature);
}

const vectors = fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const differing = vectors.filter((vector) => {
  const accepted = accepts(vector.key_jwk, Buffer.from(vector.body_b64, 'base64'), vector.jws);
  return accepted !== (vector.expect === 'accept');
});
const wrong = differing.filter((vector) => vector.debatable === null);
assert.deepEqual(wrong.map(({ id, why }) => `${id} (${why})`), []);
assert(vectors.some(({ expect }) => expect === 'accept') && vectors.length > 100);
console.log(`${vectors.length} vectors decided as expected, ${differing.length} of them debatable`);
