// Verifies the tokens on the standard input with `jsonwebtoken` and `jose`.
const assert = require("node:assert/strict");
const { createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const jsonwebtoken = require("jsonwebtoken");

async function main() {
  const jose = await import(pathToFileURL(require.resolve("jose")));
  const lines = readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, 18, "three forms of each of six algorithms");
  for (const { algorithm, form, token, publicKey, publicJwk, claims } of lines) {
    const what = `${algorithm} by ${form}`;
    const header = { alg: algorithm, kid: "a-key", typ: "JWT" };
    const key = createPublicKey(publicKey);
    const other = createPublicKey(lines.find((line) => line.publicKey !== publicKey).publicKey);
    const check = (payload, protectedHeader) => {
      const { iat, ...rest } = payload;
      assert.ok(Math.abs(iat - Date.now() / 1000) < 120, `${what}: issued now`);
      assert.deepEqual(rest, claims, what);
      assert.deepEqual({ ...protectedHeader }, header, what);
    };

    const options = { algorithms: [algorithm], complete: true, maxAge: "5m", subject: "a-widget" };
    const verified = jsonwebtoken.verify(token, key, options);
    check(verified.payload, verified.header);
    // A changed token and another key are refused: what is verified here is verified.
    const changed = token.replace(/\.[^.]+\./, (part) => `${part.slice(0, -2)}A.`);
    assert.notEqual(changed, token);
    assert.throws(() => jsonwebtoken.verify(changed, key, options), what);
    assert.throws(() => jsonwebtoken.verify(token, other, options), what);

    // With the public key that the crate says itself.
    const imported = await jose.importJWK(publicJwk, algorithm);
    const { payload, protectedHeader } = await jose.jwtVerify(token, imported, {
      algorithms: [algorithm], typ: "JWT", maxTokenAge: "5m", subject: "a-widget",
    });
    check(payload, protectedHeader);
    await assert.rejects(jose.jwtVerify(changed, imported), what);
  }
  console.log(`jsonwebtoken and jose verify ${lines.length} tokens`);
}

main();
