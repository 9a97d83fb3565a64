"""Verifies the tokens on the standard input with PyJWT."""

import json
import sys
import time

import jwt


def main():
    lines = [json.loads(line) for line in sys.stdin]
    assert len(lines) == 18, "three forms of each of six algorithms"
    for line in lines:
        what = f"{line['algorithm']} by {line['form']}"
        own = jwt.PyJWK(line["publicJwk"]).key
        for key in [line["publicKey"], own]:
            decoded = jwt.decode_complete(
                line["token"],
                key,
                algorithms=[line["algorithm"]],
                options={"require": ["iat", "jti", "sub"]},
            )
            header = {"alg": line["algorithm"], "kid": "a-key", "typ": "JWT"}
            assert decoded["header"] == header, what
            claims = decoded["payload"]
            assert abs(claims.pop("iat") - time.time()) < 120, what
            assert claims == line["claims"], what
        other = next(it["publicKey"] for it in lines if it["publicKey"] != line["publicKey"])
        try:
            jwt.decode(line["token"], other, algorithms=[line["algorithm"]])
        except (jwt.InvalidSignatureError, jwt.InvalidKeyError):
            continue
        raise AssertionError(f"{what}: another key verifies it")
    print(f"PyJWT verifies {len(lines)} tokens")


main()
