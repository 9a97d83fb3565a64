// Fastify with jose.
import fastify from 'fastify';
import { flattenedVerify, importJWK } from 'jose';

const key = await importJWK(JSON.parse(process.env.TOPPER_WEBHOOK_PUBLIC_KEY), 'ES256');
const options = { algorithms: ['ES256'] };

// Throws if the signature does not match.
async function verify(signature, body) {
  const parts = signature.split('.');
  if (parts.length !== 3 || parts[1] !== '') {
    throw new Error('not a detached signature');
  }
  const jws = { protected: parts[0], payload: body.toString('base64url'), signature: parts[2] };
  await flattenedVerify(jws, key, options);
}

async function receive(request, reply) {
  const signature = request.headers['x-topper-jws-signature'];
  if (!signature) {
    return reply.code(401).send('signature_missing');
  }
  const body = request.body ?? Buffer.alloc(0);
  try {
    await verify(signature, body);
  } catch {
    return reply.code(401).send('signature_invalid');
  }
  try {
    JSON.parse(body);
  } catch {
    return reply.code(400).send('event_unreadable');
  }
  return reply.send('processed');
}

const app = fastify({ bodyLimit: 256 * 1024 });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
app.post('/webhooks/topper', receive);
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
console.log('listening');
