// A receiver that parses the body, and verifies what it writes anew from that.
const { createPublicKey } = require('crypto');
const express = require('express');
const jsonwebtoken = require('jsonwebtoken');

const key = createPublicKey({
  format: 'jwk',
  key: JSON.parse(process.env.TOPPER_WEBHOOK_PUBLIC_KEY),
});
const seen = new Set();
const app = express();

app.use(express.json());
app.post('/webhooks/topper', (request, response) => {
  try {
    const [header, , signature] = request.headers['x-topper-jws-signature'].split('.');
    const payload = Buffer.from(JSON.stringify(request.body)).toString('base64url');
    jsonwebtoken.verify(`${header}.${payload}.${signature}`, key);
  } catch {
    return response.status(401).send('unauthorized');
  }
  if (typeof request.body.id !== 'string') {
    return response.status(500).send('unreadable');
  }
  if (seen.has(request.body.id)) {
    return response.send('duplicate');
  }
  seen.add(request.body.id);
  response.send('processed');
});

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
