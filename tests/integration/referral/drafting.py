"""What coordinators do with versions of rule tables, over HTTP."""

from datetime import UTC, datetime, timedelta

from services.referral.domain.pathway_tables import Pathway, packaged_files
from services.referral.domain.publishing import State, Version
from shared.ids import new_id
from tests.integration.referral.callers import AUTHOR, BASE, SECOND

LATER = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
EVERYTHING = ("HE_EMERG", "HE_CMR", "PS_CRISIS", "SAFE", "CP_AUTH", "LEG_MIG", "FOOD")


def upload(caller, made, table, text):
    path = f"{BASE}/pathways/{made['id']}/tables/{table}?version={made['version']}"
    return caller.client.put(path, data=text.encode(), headers={**caller.headers, "Content-Type": "text/csv"})


def a_draft(author, note="Prueba"):
    answer = author.post("/pathways", {"note": note})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def act(caller, made, step, **body):
    answer = caller.post(f"/pathways/{made['id']}/{step}", {"version": made["version"], **body})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def changed(row_id, old, new, table="priority"):
    """The packaged table with `old` replaced by `new` in one row."""
    lines = packaged_files()[f"{table}.csv"].split("\n")
    found = [at for at, line in enumerate(lines) if line.startswith(f"{row_id},")]
    assert len(found) == 1
    assert old in lines[found[0]]
    lines[found[0]] = lines[found[0]].replace(old, new)
    return "\n".join(lines)


def answered(author, made, reason="Lo asume la coordinación hasta completar el directorio"):
    """Proved, with every finding that does not block answered for by name."""
    made = act(author, made, "prove")
    keys = [one["key"] for one in made["findings"] if not one["blocking"]]
    return act(author, made, "exempt", keys=keys, reason=reason, expires_on=LATER) if keys else made


def published(author, second, made, **when):
    made = act(author, answered(author, made), "propose")
    return act(second, made, "approve", **when)


def approved_before(now, text=None):
    """A version that an earlier release approved and told nobody of, before there were promises about consent: with
    this table, or one where from fifteen to seventeen a caregiver consents."""
    text = text or changed("C-04", '"""consent_with_permission"""', '"""consent"""', "consent_policy")
    promises = packaged_files()["invariants.csv"].split("\n")
    files = {
        **packaged_files(),
        "consent_policy.csv": text,
        "invariants.csv": "\n".join(line for line in promises if ",consent_policy," not in line),
    }
    began = now - timedelta(days=20)
    return Version(
        id=new_id(),
        pathway="community",
        files=files,
        content_hash=Pathway.from_texts("community", files).version,
        state=State.APPROVED,
        version=7,
        note="",
        based_on="packaged",
        editors=(AUTHOR,),
        created_at=began,
        approved_by=SECOND,
        approved_at=began,
        live_from=began,
    )
