"""An OpenID Connect provider: authorization code with PKCE, ID tokens checked against its published keys."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared import logs, outbound
from shared.errors import AppError, Unavailable

log = logs.get("identity")
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
FRESH = timedelta(hours=1)
SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""


class SignInFailed(AppError):
    """The provider refuses, or what it says does not hold."""

    status = 403
    code = "sign_in_failed"


@dataclass(frozen=True)
class Begun:
    """A sign-in that was sent to the provider: where to, and what must come back with it."""

    address: str
    state: str
    nonce: str
    verifier: str


class OidcProvider:
    """The provider at `issuer`, which knows us as `client_id`."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._client_secret = client_secret
        self._session = outbound.make_session(pool_size=2)
        self._known: tuple[datetime, Mapping[str, Any], KeySet] | None = None
        self._reading = threading.Lock()

    def begin(self, return_to: str, *, now: datetime) -> Begun:
        """Send somebody to the provider. Raises Unavailable when it cannot be reached."""
        document, _keys = self._published(now)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": return_to,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return Begun(f"{document['authorization_endpoint']}?{urlencode(query)}", state, nonce, verifier)

    def finish(self, code: str, begun: Begun, return_to: str, *, now: datetime) -> Mapping[str, Any]:
        """The claims of whoever came back with `code`.

        Raises SignInFailed when the provider refuses or what it says does not hold, Unavailable when it is away.
        """
        document, _keys = self._published(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "client_id": self.client_id,
            "code_verifier": begun.verifier,
        }
        if self._client_secret:
            form["client_secret"] = self._client_secret
        answer = self._call("POST", str(document["token_endpoint"]), data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            log.info("sign_in_refused", reason="provider_refused")
            raise refused()
        return self._checked(token, begun, now)

    def _checked(self, token: str, begun: Begun, now: datetime) -> Mapping[str, Any]:
        try:
            claims = self._decoded(token, now)
            audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
            holds = (
                claims["iss"] == self.issuer
                and self.client_id in audience
                and claims.get("azp", self.client_id) == self.client_id
                and secrets.compare_digest(str(claims["nonce"]), begun.nonce)
                and float(claims["exp"]) > (now - SKEW).timestamp()
                and float(claims["iat"]) < (now + SKEW).timestamp()
                and isinstance(claims["sub"], str)
                and 0 < len(claims["sub"]) <= 255
            )
        except (JoseError, KeyError, ValueError, TypeError):
            holds = False
        if not holds:
            log.info("sign_in_refused", reason="id_token_invalid")
            raise refused()
        return claims

    def _decoded(self, token: str, now: datetime) -> dict[str, Any]:
        """Checked with the keys we know; once more with fresh ones, since providers change theirs."""
        _document, keys = self._published(now)
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            self._known = None
            _document, keys = self._published(now)
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims

    def _published(self, now: datetime) -> tuple[Mapping[str, Any], KeySet]:
        with self._reading:
            if self._known is None or now - self._known[0] > FRESH:
                address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                document = self._call("GET", address)
                if document.get("issuer") != self.issuer:
                    log.error("oidc_issuer_differs")
                    raise away()
                keys = KeySet.import_key_set(self._call("GET", str(document["jwks_uri"])))  # type: ignore[arg-type]
                self._known = (now, document, keys)
            return self._known[1], self._known[2]

    def _call(self, method: str, address: str, **rest: Any) -> Mapping[str, Any]:
        try:
            answer = outbound.call(self._session, method, address, read_seconds=5.0, **rest)
            body = answer.json()
        except (outbound.OutboundError, ValueError) as error:
            log.warning("oidc_away", error_class=type(error).__name__)
            raise away() from error
        return body if isinstance(body, dict) else {}


def refused() -> SignInFailed:
    """Whoever came back is not let in; why is in the log."""
    return SignInFailed("No se pudo iniciar sesión. Vuelva a intentarlo.")


def away() -> Unavailable:
    """The provider cannot be reached or says nonsense."""
    return Unavailable("El servicio de inicio de sesión no responde. Intente de nuevo en unos minutos.")
