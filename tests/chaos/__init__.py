"""Kill everything in turn, under load, on real parts, and count what was lost or done twice: `python -m tests.chaos`.

machine.py   the whole product under its own supervisor, behind proxies     (a process)
gateway.py   an SMS gateway that speaks Kannel and can misbehave            (a process)
load.py      a client that writes down every acknowledged assessment        (a process)
faults/      what can go wrong, each with a beginning and an end
disk.py      a small disk for the product's data, that can be filled
clocks.py    a process whose clock is wrong
product.py   the services on the tests' stack, for tests of one thing at a time
checker.py   ledger against tables against the gateway's log
recovery.py  how long each fault was felt
"""
