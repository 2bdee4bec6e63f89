"""SMS through Kannel (1.4.5 and later): `sendsms`, delivery reports, inbound messages.

Observed of the real gateway: 202 means accepted (`0: Accepted for delivery` or `3: Queued for later delivery`), 403
a wrong password, 400 a missing receiver, so that a call without one shows whether it answers and sends nothing; an
empty text is accepted and sent, so the guard must have seen it before.
There is no idempotency key: our delivery id travels in the report's address instead, behind a secret, because Kannel
signs nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from services.notifications.channels.base import DeliveryError, Outgoing, Receipt, Result, never
from services.notifications.channels.breaker import Breaker, Outcome
from services.notifications.channels.line import Line
from shared.outbound import OutboundError

READ_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 3.0
DELIVERED, NOT_DELIVERED, REFUSED = 1, 2, 16  # reports that Kannel may be asked for, as bits
PARALLEL: Final = 16
PARALLEL_URGENT: Final = 4
ACCEPTED: Final = 202
AMBIGUOUS: Final = frozenset({502, 504})  # of a proxy in between; Kannel itself says 500 when it took nothing
NOT_NOW: Final = frozenset({408, 429, 500, 503})
NOT_US: Final = frozenset({401, 403, 404, 407})


@dataclass(frozen=True)
class KannelAccount:
    """Where Kannel listens, who we are there, and where it reports back."""

    sendsms_url: str
    username: str
    password: str = field(repr=False)
    sender: str
    report_url: str = field(repr=False)  # ends with the secret; the delivery id and the code are added


class KannelChannel:
    """Sends in a small pool of threads, each with its own kept-alive connection."""

    name = "kannel"

    def __init__(
        self,
        account: KannelAccount,
        *,
        parallel: int = PARALLEL,
        read_seconds: float = READ_SECONDS,
        breaker: Breaker | None = None,
    ) -> None:
        self._account = account
        self._read_seconds = read_seconds
        self._parallel = parallel
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="kannel")
        self._local = threading.local()
        self._breaker = breaker or Breaker()

    def lane(self) -> KannelChannel:
        """See `Channel`: a few threads of its own."""
        return KannelChannel(
            self._account, parallel=PARALLEL_URGENT, read_seconds=self._read_seconds, breaker=self._breaker
        )

    def send_all(
        self, messages: Sequence[Outgoing], should_stop: Callable[[], bool] = never
    ) -> Mapping[str, Result]:
        """One `sendsms` call per message; see `Channel`. Each thread takes the next message when it is free, and none
        while the gateway leaves calls without a clear answer."""
        waiting = deque(messages)
        threads = [
            self._pool.submit(self._send_from, waiting, should_stop)
            for _ in range(min(self._parallel, len(messages)))
        ]
        results: dict[str, Result] = {}
        for thread in threads:
            results |= thread.result()
        left = DeliveryError("broken off before it was begun", retryable=True, unavailable=True)
        return {message.delivery_id: left for message in messages} | results

    def _send_from(self, waiting: deque[Outgoing], should_stop: Callable[[], bool]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        while waiting and not should_stop() and self._breaker.begin():
            try:
                message = waiting.popleft()
            except IndexError:  # another thread was faster
                break
            result = self._result(message)
            results[message.delivery_id] = result
            self._breaker.end(_outcome(result))
        return results

    def room(self) -> int:
        """How many messages it would take now; see `Channel`. Looks whether a gateway that left calls without a clear
        answer gives one again."""
        if self._breaker.is_to_look():
            self._breaker.looked(answers=self._answers())
        return self._breaker.room()

    def _answers(self) -> bool:
        """Whether the gateway answers a call that sends nothing: it names no receiver."""
        line = Line(self._account.sendsms_url, read_seconds=min(LOOK_SECONDS, self._read_seconds))
        try:
            status = line.get(urlencode(self._credentials()))
        except OutboundError:
            return False
        finally:
            line.close()
        return status == ACCEPTED or not _refusal(status).uncertain

    def _result(self, message: Outgoing) -> Result:
        try:
            return self.send(message)
        except DeliveryError as error:
            return error

    def send(self, message: Outgoing) -> Receipt:
        """Hand over one message. Raises DeliveryError."""
        try:
            status = self._line().get(urlencode(self._parameters(message)))
        except OutboundError as error:
            raise _no_answer(error) from None  # the cause would carry the number in its address
        if status == ACCEPTED:
            return Receipt()
        raise _refusal(status)

    def _parameters(self, message: Outgoing) -> dict[str, str]:
        # %d is filled in by Kannel: it must still be there after Kannel has decoded the parameter once
        mask = NOT_DELIVERED | REFUSED | (DELIVERED if message.confirm else 0)
        report = f"{self._account.report_url}/{message.delivery_id}?code=%d"
        return {
            **self._credentials(),
            "to": message.to,
            "text": message.text,
            "charset": "UTF-8",
            "coding": "0",
            "dlr-mask": str(mask),
            "dlr-url": report,
        }

    def _credentials(self) -> dict[str, str]:
        return {
            "username": self._account.username,
            "password": self._account.password,
            "from": self._account.sender,
        }

    def _line(self) -> Line:
        if not hasattr(self._local, "line"):
            self._local.line = Line(self._account.sendsms_url, read_seconds=self._read_seconds)
        line: Line = self._local.line
        return line

    def close(self) -> None:
        """Wait for what is under way and let the threads go."""
        self._pool.shutdown()


def report_url(callback_url: str, secret: str) -> str:
    """The address that Kannel calls with a delivery report, without delivery id and code."""
    return f"{callback_url.rstrip('/')}/notifications/api/v1/kannel/{quote(secret, safe='')}/reports"


def _outcome(result: Result) -> Outcome:
    if isinstance(result, DeliveryError) and result.uncertain:
        return Outcome.DOUBT
    return Outcome.AWAY if isinstance(result, DeliveryError) and result.unavailable else Outcome.CLEAR


def _no_answer(error: OutboundError) -> DeliveryError:
    if error.uncertain:
        return DeliveryError("no clear answer from the gateway", retryable=True, uncertain=True)
    return DeliveryError("the gateway is away", retryable=True, unavailable=True)


def _refusal(status: int) -> DeliveryError:
    if status in AMBIGUOUS:
        return DeliveryError(f"no clear answer from the gateway: {status}", retryable=True, uncertain=True)
    if status in NOT_NOW:
        return DeliveryError(f"the gateway says not now: {status}", retryable=True)
    if 200 <= status < 300:  # of something that is no Kannel: it may have taken it, or not
        return DeliveryError(f"no clear answer from the gateway: {status}", retryable=True, uncertain=True)
    if status in NOT_US or 300 <= status < 400:
        return DeliveryError(f"the gateway refuses us: {status}", unavailable=True)
    return DeliveryError(f"the gateway refuses the message: {status}")
