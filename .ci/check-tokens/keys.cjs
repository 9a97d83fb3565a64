// A key for each algorithm that Topper takes, in each form: a line each, in JSON.
const { generateKeyPairSync } = require("node:crypto");

const curves = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

function formsOf(algorithm) {
  const namedCurve = curves[algorithm];
  const { privateKey, publicKey } = namedCurve
    ? generateKeyPairSync("ec", { namedCurve })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = (type) => privateKey.export({ format: "pem", type });
  return {
    publicKey: publicKey.export({ format: "pem", type: "spki" }),
    keys: {
      JWK: JSON.stringify(privateKey.export({ format: "jwk" })),
      "PKCS#8": pem("pkcs8"),
      [namedCurve ? "SEC 1" : "PKCS#1"]: pem(namedCurve ? "sec1" : "pkcs1"),
    },
  };
}

for (const algorithm of [...Object.keys(curves), "RS256", "RS384", "RS512"]) {
  const { publicKey, keys } = formsOf(algorithm);
  for (const [form, key] of Object.entries(keys)) {
    console.log(JSON.stringify({ algorithm, form, key, publicKey }));
  }
}
