"""What is known about a need: the field, typed by the published list `need_facts`."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import ValidationError, fields

from services.intake.domain.findings import finding, one_of
from services.intake.schemas.fields import Coded, described, refuse
from shared import codes


class Facts(Coded, fields.Dict):
    """What is known about a need: the names, types and answers of the list `need_facts`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**described(kwargs, properties=_fact_properties(), additionalProperties=False))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise refuse("not_object")
        if len(value) > len(_fact_list()):
            raise refuse("list_too_long", limit=len(_fact_list()))
        errors: dict[str, list[Any]] = {}
        for name, answer in value.items():
            problem = _wrong_fact(name, answer)
            if problem:
                errors[name] = [problem]
        if errors:
            raise ValidationError(errors)
        return dict(value)


@cache
def _fact_list() -> dict[str, tuple[str, ...]]:
    """The allowed answers of each fact; none means a whole number."""
    return {fact.code: fact.several("values") for fact in codes.load("need_facts").values()}


HIGHEST_FACT = 100_000


def _fact_properties() -> dict[str, Any]:
    """The facts as OpenAPI describes them."""
    whole = {"type": "integer", "minimum": 0, "maximum": HIGHEST_FACT}
    return {
        name: {"type": "string", "enum": list(allowed)} if allowed else dict(whole)
        for name, allowed in _fact_list().items()
    }


def _wrong_fact(name: str, answer: Any) -> Any:
    known = _fact_list()
    if name not in known:
        near = codes.nearest("need_facts", name[:40])
        if near:
            return finding("unknown_code_near", value=name, nearest=one_of(near))
        return finding("unknown_fact", name=name)
    allowed = known[name]
    if not allowed:
        right = type(answer) is int and 0 <= answer <= HIGHEST_FACT
        return None if right else finding("not_whole", low=0, high=HIGHEST_FACT)
    if not isinstance(answer, str):
        return finding("not_text")
    return None if answer in allowed else finding("not_allowed", value=answer, allowed=one_of(allowed))
