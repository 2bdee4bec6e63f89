"""The benchmark's load client: `python -m tests.bench.client URL FIRST COUNT RATE OUT` (RATE 0: as fast as it goes).

Speaks HTTP over kept-alive connections with as little Python as possible, because it runs on the same two cores. OUT
gets (phone, moment of the POST) of every case.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from urllib.parse import urlsplit

from tests.bench.pipeline import focal_point_token, one_case
from tests.chaos import cases

CONNECTIONS = 8


def main() -> None:
    url, first, count, rate, out = sys.argv[1], *map(int, sys.argv[2:4]), float(sys.argv[4]), sys.argv[5]
    token = focal_point_token(os.environ["SECRET_KEY"])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    bodies = [(cases.phone_of(n), json.dumps(one_case(n)).encode()) for n in range(first, first + count)]
    sent: list[tuple[str, float]] = []
    begun = time.perf_counter() + 0.1

    def work(lane: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        for number in range(lane, count, CONNECTIONS):
            phone, body = bodies[number]
            if rate:
                time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            at = time.time()
            connection.request("POST", "/intake/api/v1/assessments", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 201:
                raise SystemExit(f"{answer.status}: {text[:500]!r}")
            sent.append((phone, at))

    lanes = [threading.Thread(target=work, args=(lane,)) for lane in range(CONNECTIONS)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    if len(sent) != count:
        raise SystemExit(f"{count - len(sent)} cases were not taken")
    with open(out, "w") as file:
        json.dump(sent, file)


if __name__ == "__main__":
    main()
