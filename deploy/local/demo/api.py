"""The public API as the people of the demo call it, each with a credential of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import requests

from shared.identity.tokens import mint
from shared.web.actor import Actor

SECONDS = 15.0
LIFETIME = timedelta(hours=2)


class Refused(Exception):
    """The API did not do what the demo asked. The message says which call, and the problem's own words."""

    def __init__(self, response: requests.Response) -> None:
        path = response.request.path_url if response.request is not None else response.url
        super().__init__(f"{response.status_code} {path}: {response.text[:300]}")
        self.status = response.status_code


@dataclass
class Api:
    """Calls to one Ruta. Threads may not share one."""

    url: str
    secret_key: str = field(repr=False)
    _session: requests.Session = field(default_factory=requests.Session)
    _tokens: dict[tuple[str, str | None, str | None], str] = field(default_factory=dict)

    def caller(
        self, role: str, *, organization_id: str | None = None, account_id: str | None = None
    ) -> Caller:
        """Somebody with this role, in this organization."""
        key = (role, organization_id, account_id)
        if key not in self._tokens:
            stable = str(uuid5(NAMESPACE_URL, f"ruta:demo:{role}:{organization_id}"))
            account = account_id or stable
            actor = Actor(account, role, organization_id, name="demo", token_id=account, use="api")
            self._tokens[key] = mint(actor, secret_key=self.secret_key, lifetime=LIFETIME)
        return Caller(self, self._tokens[key])

    def call(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """The JSON answer. Raises Refused."""
        response = self._session.request(
            method,
            f"{self.url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
        if response.status_code >= 400:
            raise Refused(response)
        return response.json() if response.content else None


@dataclass(frozen=True)
class Caller:
    """One person or program at the API."""

    api: Api
    token: str = field(repr=False)

    def get(self, path: str) -> Any:
        return self.api.call("GET", path, self.token)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.api.call("POST", path, self.token, dict(body or {}))

    def pages(self, path: str) -> Iterator[Any]:
        """Every item of a list, page after page."""
        joint = "&" if "?" in path else "?"
        after = ""
        while True:
            page = self.get(f"{path}{joint}limit=200{after}")
            yield from page["items"]
            if not page["next"]:
                return
            after = f"&after={page['next']}"
