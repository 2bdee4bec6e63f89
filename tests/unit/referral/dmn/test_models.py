"""Models out of other hands: the two of the DMN technology compatibility kit, and what modelers write."""

from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from services.referral.dmn import model_decider, read_dmn, with_tables, write_dmn
from services.referral.domain.decisions import HitPolicy, TableErrors, Type
from tests.unit.referral.dmn.models import dmn, number_table, rule

DATA = Path(__file__).parents[3] / "data" / "dmn"
TEST = "{http://www.omg.org/spec/DMN/20160719/testcase}"
KIND = "{http://www.w3.org/2001/XMLSchema-instance}type"
MODELS = ("0004-simpletable-U", "0108-first-hitpolicy")


def model(name):
    return read_dmn((DATA / f"{name}.dmn").read_bytes(), name)


def value_of(node):
    """A value of a test case file: a component structure, or a typed value."""
    parts = node.findall(f"{TEST}component")
    if parts:
        return {part.get("name"): value_of(part) for part in parts}
    value = node.find(f"{TEST}value")
    readers = {"xsd:decimal": Decimal, "xsd:boolean": lambda text: text == "true"}
    return readers.get(value.get(KIND), str)(value.text)


def kit_cases(name):
    for case in ElementTree.parse(DATA / f"{name}-test-01.xml").getroot().findall(f"{TEST}testCase"):
        given = {node.get("name"): value_of(node) for node in case.findall(f"{TEST}inputNode")}
        (result,) = case.findall(f"{TEST}resultNode")
        yield pytest.param(
            name,
            result.get("name"),
            given,
            value_of(result.findall(f"{TEST}expected")[0]),
            id=f"{name}-{case.get('id')}",
        )


class TestCompatibilityKit:
    @pytest.mark.parametrize(
        ("name", "decision", "given", "expected"), [case for name in MODELS for case in kit_cases(name)]
    )
    def test_expected_results(self, name, decision, given, expected):
        assert model_decider(model(name), decision)(given) == expected
        assert model_decider(model(name))(given) == expected

    @pytest.mark.parametrize("name", MODELS)
    def test_written_again_it_says_the_same_to_the_letter(self, name):
        first = model(name)
        rewritten = write_dmn(with_tables(first, first.tables))
        assert rewritten == write_dmn(first)
        assert read_dmn(rewritten).tables == first.tables
        original = ElementTree.fromstring((DATA / f"{name}.dmn").read_bytes())
        assert shape(ElementTree.fromstring(rewritten)) == shape(original)

    @pytest.mark.parametrize("version", ["1.3", "1.4", "1.5"])
    @pytest.mark.parametrize("name", MODELS)
    def test_in_every_version(self, name, version):
        again = read_dmn(write_dmn(model(name), version))
        assert again.version == version
        assert again.tables == model(name).tables


def shape(element):
    """Everything in an element but the white space between elements."""
    return (
        element.tag,
        sorted(element.attrib.items()),
        (element.text or "").strip(),
        [shape(child) for child in element],
    )


LEVELS = '<outputValues><text>"high", "middle", "low"</text></outputValues>'


class TestHitPolicies:
    RULES = ((">1", "100"), (">2", "200.50"), (">3", "300"))

    @pytest.mark.parametrize(
        ("policy", "years", "expected"),
        [
            ('hitPolicy="COLLECT" aggregation="COUNT"', 3, 2),
            ('hitPolicy="COLLECT" aggregation="SUM"', 4, Decimal("600.50")),
            ('hitPolicy="COLLECT" aggregation="MIN"', 4, 100),
            ('hitPolicy="COLLECT" aggregation="MAX"', 3, Decimal("200.5")),
            ('hitPolicy="COLLECT" aggregation="SUM"', 0, None),
            ('hitPolicy="COLLECT" aggregation="COUNT"', 0, 0),
            ('hitPolicy="COLLECT"', 3, [100, Decimal("200.5")]),
            ('hitPolicy="COLLECT"', 0, []),
            ('hitPolicy="RULE ORDER"', 4, [100, Decimal("200.5"), 300]),
            ('hitPolicy="FIRST"', 4, 100),
            ("", 2, 100),
            ("", 0, None),
        ],
    )
    def test_numbers(self, policy, years, expected):
        assert model_decider(read_dmn(number_table(policy, *self.RULES)))({"years": years}) == expected

    @pytest.mark.parametrize(
        ("policy", "expected"), [("PRIORITY", "high"), ("OUTPUT ORDER", ["high", "middle", "low"])]
    )
    def test_order_of_output_values(self, policy, expected):
        rules = ((">1", '"low"'), (">2", '"high"'), (">3", '"middle"'))
        data = number_table(f'hitPolicy="{policy}"', *rules, output=f'<output name="level">{LEVELS}</output>')
        assert model_decider(read_dmn(data))({"years": 9}) == expected

    def test_default_output_when_no_rule_matches(self):
        output = (
            '<output typeRef="string"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output>'
        )
        data = number_table('hitPolicy="FIRST"', (">1", '"some"'), output=output)
        assert model_decider(read_dmn(data))({"years": 0}) == "none"


class TestTypes:
    def test_types_and_allowed_values_come_from_item_definitions(self):
        items = (
            '<itemDefinition name="tRisk"><typeRef>string</typeRef><allowedValues><text>"Low", "High"</text>'
            '</allowedValues></itemDefinition><itemDefinition name="tRisks" isCollection="true">'
            '<typeRef>tRisk</typeRef></itemDefinition><inputData id="n" name="Risk Category">'
            '<variable name="Risk Category" typeRef="tRisk"/></inputData>'
        )
        table = (
            "<decisionTable><input><inputExpression><text>Risk\n Category</text></inputExpression></input>"
            '<input><inputExpression typeRef="tRisks"><text>Others</text></inputExpression></input>'
            '<output name="ok" typeRef="boolean"/><rule><inputEntry><text>"Low"</text></inputEntry>'
            "<inputEntry><text></text></inputEntry><outputEntry><text>true</text></outputEntry></rule></decisionTable>"
        )
        found = read_dmn(dmn(table, before=items)).tables["Answer"]
        assert [(c.name, c.type, c.values) for c in found.inputs] == [
            ("Risk Category", Type.STRING, ("Low", "High")),
            ("Others", Type.STRINGS, ("Low", "High")),
        ]
        assert found.evaluate({"Risk Category": "Low", "Others": []}) == {"ok": True}
        assert found.rows[0].id == "rule-1"

    def test_types_of_parts_and_constraints_of_dmn_1_5(self):
        items = (
            '<itemDefinition name="tAge"><typeRef>number</typeRef><typeConstraint><text>[0..120]</text>'
            '</typeConstraint></itemDefinition><itemDefinition name="tBody"><itemComponent name="age+">'
            '<typeRef>tAge</typeRef></itemComponent></itemDefinition><itemDefinition name="tPerson">'
            '<itemComponent name="body"><typeRef>tBody'
            '</typeRef></itemComponent></itemDefinition><inputData id="p" name="Who comes">'
            '<variable name="person" typeRef="tPerson"/></inputData>'
        )
        table = (
            "<decisionTable><input><inputExpression><text>person.body.age+</text></inputExpression></input><output/>"
            + rule(1, "-", "1")
            + "</decisionTable>"
        )
        (column,) = read_dmn(dmn(table, before=items)).tables["Answer"].inputs
        assert (column.type, column.allows(Decimal(120)), column.allows(Decimal(121))) == (
            Type.NUMBER,
            True,
            False,
        )

    def test_without_types_the_cells_tell(self):
        table = (
            "<decisionTable><input><inputExpression><text>n</text></inputExpression></input>"
            "<output/>" + rule(1, "< 5", '"few"') + rule(2, ">= 5", '"many"') + "</decisionTable>"
        )
        found = read_dmn(dmn(table)).tables["Answer"]
        assert (found.inputs[0].type, found.outputs[0].type) == (Type.NUMBER, Type.STRING)

    def test_null_is_the_unknown(self):
        data = number_table('hitPolicy="FIRST"', ("null", '"ask"'), ("not(null)", '"go"'))
        found = read_dmn(data)
        assert model_decider(found)({}) == "ask"
        assert model_decider(found)({"years": 1}) == "go"
        assert b"not(null)" in write_dmn(with_tables(found, found.tables))

    def test_dates(self):
        table = (
            '<decisionTable><input><inputExpression typeRef="date"><text>on</text></inputExpression></input>'
            '<output typeRef="date"/>'
            + rule(1, '< date("2026-02-01")', 'date("2026-03-01")')
            + "</decisionTable>"
        )
        assert str(model_decider(read_dmn(dmn(table)))({"on": "2026-01-31"})) == "2026-03-01"


class TestStrictness:
    @pytest.mark.parametrize(
        ("data", "code", "row"),
        [
            (number_table("", ("> > 5", "1")), "bad_syntax", 1),
            (number_table("", ("> 5", "1"), ('"unclosed', "1")), "unclosed_string", 2),
            (number_table('hitPolicy="SOMETIMES"', ("> 5", "1")), "bad_policy", 0),
            (number_table('hitPolicy="PRIORITY"', ("> 5", "1")), "no_order_of_outputs", 0),
            (number_table("", ("> 5", "years + 1")), "bare_word", 1),
            (
                number_table("", ("> 5", "1")).replace(b">years<", b">count(years)<"),
                "unsupported_expression",
                0,
            ),
            *(
                (number_table("", ("> 5", "1")).replace(b">years<", text), "unsupported_expression", 0)
                for text in (b">years * 2<", b">years - 1<", b">a and b<", b">if a then b else c<")
            ),
            (dmn("<x>" * 300 + "</x>" * 300), "deep_xml", 0),
            (
                number_table("", ("> 5", "1")).replace(b'typeRef="number"', b'typeRef="context"'),
                "bad_type",
                0,
            ),
            (number_table("", ("> 5", "1"), ("< 5", "1")).replace(b'"r2"', b'"r1"'), "duplicate_id", 2),
            (
                dmn("<decisionTable/>", before='<decision name="Answer"><decisionTable/></decision>'),
                "duplicate_decision",
                0,
            ),
            (number_table("", ("> 5", "1")).replace(b"20211108", b"20991231"), "not_dmn", 0),
            (dmn("<literalExpression><text>1</text></literalExpression>"), "no_table", 0),
            (b"<definitions", "bad_xml", 0),
            (b'<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>', "unsafe_xml", 0),
            (b'<?xml version="1.0" encoding="nowhere"?><x/>', "xml_encoding", 0),
            (b"", "bad_xml", 0),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_place(self, data, code, row):
        with pytest.raises(TableErrors) as caught:
            read_dmn(data, "m.dmn")
        problem = caught.value.problems[0]
        assert (problem.code, problem.file, problem.row) == (code, "m.dmn", row)

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("es", "m.dmn: el archivo XML está dañado o incompleto en la línea 2, columna 3"),
            ("en", "m.dmn: the XML file is damaged or incomplete at line 2, column 3"),
        ],
    )
    def test_damage_is_told_in_the_readers_language_with_its_place(self, language, said):
        with pytest.raises(TableErrors) as caught:
            read_dmn(b"<a>\n</b>", "m.dmn")
        assert caught.value.problems[0].line(language) == said

    def test_cells_below_what_is_not_understood_are_not_blamed(self):
        with pytest.raises(TableErrors) as caught:
            read_dmn(number_table("", ("> 5", '"a"'), ("x", "y z")).replace(b">years<", b">years * 2<"))
        assert [(p.code, p.row) for p in caught.value.problems] == [
            ("unsupported_expression", 0),
            ("bare_word", 2),
        ]

    def test_older_models_are_read_and_written_as_the_newest(self):
        old = number_table("", ("> 5", "1")).replace(
            b"https://www.omg.org/spec/DMN/20211108/MODEL/", b"http://www.omg.org/spec/DMN/20151101/dmn.xsd"
        )
        found = read_dmn(old.replace(b'"number"', b'"feel:number"'))
        assert found.version == "1.1"
        assert read_dmn(write_dmn(found)).version == "1.5"
        assert found.tables["Answer"].policy is HitPolicy.UNIQUE
