// Express with jsonwebtoken.
import { createPublicKey } from 'node:crypto';
import express from 'express';
import jwt from 'jsonwebtoken';

const key = createPublicKey({ key: JSON.parse(process.env.TOPPER_WEBHOOK_PUBLIC_KEY), format: 'jwk' });

// An event is not a JWT: a field that is named `exp` or `nbf` means nothing.
const options = { algorithms: ['ES256'], ignoreExpiration: true, ignoreNotBefore: true };

// jsonwebtoken knows no detached signature, so the encoded body goes back between the two dots.
function verify(signature, body) {
  const parts = signature.split('.');
  if (parts.length !== 3 || parts[1] !== '') {
    throw new jwt.JsonWebTokenError('not a detached signature');
  }
  // It also parses the payload, and returns it as text if that is not JSON.
  return jwt.verify(`${parts[0]}.${body.toString('base64url')}.${parts[2]}`, key, options);
}

function receive(request, response) {
  const signature = request.get('X-Topper-JWS-Signature');
  if (!signature) {
    return response.status(401).send('signature_missing');
  }
  let event;
  try {
    event = verify(signature, request.body ?? Buffer.alloc(0));
  } catch {
    return response.status(401).send('signature_invalid');
  }
  if (typeof event !== 'object') {
    return response.status(400).send('event_unreadable');
  }
  response.send('processed');
}

const app = express();
app.post('/webhooks/topper', express.raw({ type: () => true, limit: '256kb' }), receive);
app.listen(Number(process.env.PORT), '127.0.0.1', (error) => {
  if (error) {
    throw error;
  }
  console.log('listening');
});
