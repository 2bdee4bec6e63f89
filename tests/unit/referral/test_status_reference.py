"""The reference page of the statuses says what the tables say."""

from pathlib import Path

from services.referral.domain.clocks import DEFAULT_LIMITS
from services.referral.domain.status import NEXT, WAITS, Action

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "referral-states.md"
BEGINS, ENDS = "<!-- steps -->\n", "<!-- /steps -->"


def name(here):
    return f"`{here.status}`" + (f" ({here.reason})" if here.reason else "")


def steps_table():
    lines = ["| from | step | who | to | reasons |", "|---|---|---|---|---|"]
    for here, steps in NEXT.items():
        for action in Action:
            if action in steps:
                rule = steps[action]
                to = f"`{rule.to}`" if rule.to else "where the hold began"
                who = ", ".join(sorted(rule.who))
                lines.append(
                    f"| {name(here)} | {action} | {who} | {to} | {', '.join(sorted(rule.reasons))} |"
                )
    lines += ["", "| waiting in | whose turn | clock | ends with |", "|---|---|---|---|"]
    lines += [f"| {name(here)} | {wait.turn} | {wait.clock} | {wait.ends} |" for here, wait in WAITS.items()]
    lines += [
        "",
        "| priority | acknowledge | decide | start | feedback | waiting list |",
        "|---|---|---|---|---|---|",
    ]
    for priority, limits in DEFAULT_LIMITS.items():
        hours = (limits.acknowledge, limits.decide, limits.start, limits.feedback, limits.waitlist)
        lines.append(f"| P{priority} | " + " | ".join(f"{one} h" for one in hours) + " |")
    return "\n".join(lines) + "\n"


def test_the_page_shows_every_step_wait_and_clock():
    text = PAGE.read_text("utf-8")
    shown = text[text.index(BEGINS) + len(BEGINS) : text.index(ENDS)]
    assert shown == steps_table()
