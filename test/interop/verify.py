"""Verifies an access token as the documentation of a library says: verify.py LIBRARY ISSUER ALG, the token on stdin.

Prints the claims. Fails where the library refuses it. `authlib-assertion` signs who a client is instead; the key is on
stdin.
"""

import json
import sys
import time
import urllib.request

AUDIENCE = "api"


def jwks(issuer):
    with urllib.request.urlopen(f"{issuer}/.well-known/jwks.json") as answer:
        return json.load(answer)


def by_pyjwt(token, issuer, alg):
    import jwt

    key = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    required = {"require": ["iss", "sub", "aud", "exp", "iat", "jti"]}
    return jwt.decode(token, key.key, algorithms=[alg], issuer=issuer, audience=AUDIENCE, options=required)


def by_authlib(token, issuer, alg):
    from authlib.jose import JsonWebKey, JsonWebToken

    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": AUDIENCE},
        "exp": {"essential": True},
    }
    claims = JsonWebToken([alg]).decode(token, JsonWebKey.import_key_set(jwks(issuer)), claims_options=options)
    claims.validate()
    return claims


def by_jwcrypto(token, issuer, alg):
    from jwcrypto import jwk, jwt

    keys = jwk.JWKSet.from_json(json.dumps(jwks(issuer)))
    expected = {"iss": issuer, "aud": AUDIENCE, "exp": None}
    return json.loads(jwt.JWT(jwt=token, key=keys, algs=[alg], check_claims=expected).claims)


def by_jose(token, issuer, alg):
    from jose import jwt

    options = {"require_exp": True, "require_iat": True, "require_jti": True}
    return jwt.decode(token, jwks(issuer), algorithms=[alg], issuer=issuer, audience=AUDIENCE, options=options)


def authlib_assertion(key, issuer, alg):
    from authlib.oauth2.rfc7523 import private_key_jwt_sign

    given = json.loads(key)
    header = {"kid": given["jwk"]["kid"]}
    endpoint = f"{issuer}/oauth/token"
    # It says an hour by default, which is too long.
    soon = int(time.time()) + 60
    return private_key_jwt_sign(given["jwk"], given["client"], endpoint, alg=alg, header=header, expires_at=soon)


LIBRARIES = {
    "PyJWT": by_pyjwt,
    "Authlib": by_authlib,
    "jwcrypto": by_jwcrypto,
    "python-jose": by_jose,
    "authlib-assertion": authlib_assertion,
}

name, issuer, alg = sys.argv[1:]
result = LIBRARIES[name](sys.stdin.read().strip(), issuer, alg)
print(result.decode() if isinstance(result, bytes) else json.dumps(result))
