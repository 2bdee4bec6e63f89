"""A running system reached over its API, with a credential of `ruta token create`."""

from __future__ import annotations

from typing import Any

import click

from deploy.local.terminal import either, in_english
from shared import outbound

DEFAULT_URL = "http://127.0.0.1:8000"
SLOW = 600  # seconds: a replay of thousands of cases answers when it is done

url_option = click.option("--url", help="Servidor, con --token. / Server, with --token.")
token_option = click.option(
    "--token", envvar="RUTA_TOKEN", help="Credencial de coordinación. / A coordinator's credential."
)


class CannotRun(click.ClickException):
    """The command could not do its work at all; exit status 2."""

    exit_code = 2


def ask(url: str | None, token: str, method: str, path: str, body: Any = None) -> Any:
    """What the referral service answers to `method path`. Raises CannotRun."""
    where = f"{(url or DEFAULT_URL).rstrip('/')}/referral/api/v1{path}"
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept-Language": "en" if in_english() else "es",
    }
    try:
        answer = outbound.call(
            outbound.make_session(), method, where, json=body, headers=headers, read_seconds=SLOW
        )
        said = answer.json()
    except (outbound.OutboundError, ValueError) as error:
        told = either(f"El servidor no responde ({error}).", f"The server does not answer ({error}).")
        raise CannotRun(told) from error
    if answer.status_code != 200:
        raise CannotRun(f"{answer.status_code}: {said.get('title', '')} {said.get('detail') or ''}".strip())
    return said
