"""Answers that no published code list names, as people read them."""

from collections.abc import Mapping

from services.referral.domain.decisions.messages import Language

ANSWERS: Mapping[str, tuple[str, str]] = {
    "yes": ("sí", "yes"),
    "no": ("no", "no"),
    "not_asked": ("no se preguntó", "not asked"),
    "unknown": ("no se sabe", "not known"),
    "le_24h": ("24 horas o menos", "24 hours or less"),
    "h25_72": ("de 25 a 72 horas", "25 to 72 hours"),
    "h73_120": ("de 73 a 120 horas", "73 to 120 hours"),
    "h121_d14": ("más de 120 horas, hasta 14 días", "over 120 hours, up to 14 days"),
    "gt_d14": ("más de 14 días", "over 14 days"),
    "gt_6m": ("más de 6 meses", "over 6 months"),
    "true": ("sí", "yes"),
    "false": ("no", "no"),
}


def answer_text(value: str, language: Language) -> str:
    """An answer in words, itself where it has none."""
    return ANSWERS[value][language == "en"] if value in ANSWERS else value
