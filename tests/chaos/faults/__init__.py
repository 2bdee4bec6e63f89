"""What can go wrong. A fault begins, lasts, and ends; some are over as soon as they have begun.

Each is a context manager: entering does the harm, leaving takes the cause away. What the product does about it is
its own affair: nothing here restarts anything.
"""

from tests.chaos.faults import processes, servers, wires
from tests.chaos.faults.catalogue import CATALOGUE, Fault, happen, plan

__all__ = ["CATALOGUE", "Fault", "happen", "plan", "processes", "servers", "wires"]
