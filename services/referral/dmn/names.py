"""The names that DMN 1.1 to 1.5 use in XML, and ours beside them."""

from services.referral.domain.decisions import HitPolicy

OURS = "urn:ruta:decision-table:1"
STRING_LIST = "tStringList"
OMG = "https://www.omg.org/spec/DMN/"
VERSIONS = {"1.3": f"{OMG}20191111/", "1.4": f"{OMG}20211108/", "1.5": f"{OMG}20230324/"}
NEWEST = "1.5"
DI = "http://www.omg.org/spec/DMN/20180521/"

MODEL_OF = {version: f"{base}MODEL/" for version, base in VERSIONS.items()}
READABLE = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    f"{DI}MODEL/": "1.2",
    **{uri: version for version, uri in MODEL_OF.items()},
}

POLICIES = {
    ("UNIQUE", ""): HitPolicy.UNIQUE,
    ("ANY", ""): HitPolicy.ANY,
    ("PRIORITY", ""): HitPolicy.PRIORITY,
    ("FIRST", ""): HitPolicy.FIRST,
    ("RULE ORDER", ""): HitPolicy.RULE_ORDER,
    ("OUTPUT ORDER", ""): HitPolicy.OUTPUT_ORDER,
    ("COLLECT", ""): HitPolicy.COLLECT,
    ("COLLECT", "SUM"): HitPolicy.SUM,
    ("COLLECT", "MIN"): HitPolicy.LEAST,
    ("COLLECT", "MAX"): HitPolicy.GREATEST,
    ("COLLECT", "COUNT"): HitPolicy.COUNT,
}
NAMES_OF_POLICIES = {policy: names for names, policy in POLICIES.items()}


def to_version(uri: str, version: str) -> str:
    """A namespace of any DMN version as another version names it; every other one as it is."""
    if uri in READABLE:
        return MODEL_OF[version]
    bases = (*VERSIONS.values(), "http://www.omg.org/spec/DMN/20180521/")
    for part in ("DMNDI/", "FEEL/"):
        if any(uri == base + part for base in bases):
            return VERSIONS[version] + part
    return VERSIONS[version] + "FEEL/" if uri == "http://www.omg.org/spec/FEEL/20140401" else uri
