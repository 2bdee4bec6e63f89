"""Decisions of a model that build on each other, and on parts of a value."""

import pytest

from services.referral.dmn import model_decider, read_dmn
from services.referral.domain.decisions import DecisionError, TableErrors
from tests.unit.referral.dmn.models import dmn, number_table, rule


class TestRequirements:
    def two(self, *, top="risk"):
        inner = number_table('hitPolicy="FIRST"', ("> 5", '"high"'), ("<= 5", '"low"')).decode()
        inner = inner.partition("<decision ")[2].rpartition("</decision>")[0]
        risk = "<decision " + inner.replace('id="d" name="Answer"', 'id="a" name="risk"') + "</decision>"
        table = (
            f'<decisionTable><input><inputExpression typeRef="string"><text>{top}</text></inputExpression></input>'
            '<input><inputExpression typeRef="number"><text>person.age</text></inputExpression></input>'
            '<output typeRef="string"/><rule id="t1"><inputEntry><text>"high"</text></inputEntry>'
            '<inputEntry><text>&lt; 18</text></inputEntry><outputEntry><text>"now"</text></outputEntry></rule>'
            "</decisionTable>"
        )
        return read_dmn(dmn(table, before=risk))

    def test_a_table_may_build_on_another_and_on_parts_of_a_value(self):
        decide = model_decider(self.two())
        assert decide({"years": 9, "person": {"age": 3}}) == "now"
        assert decide({"years": 1, "person": {"age": 3}}) is None

    def test_an_answer_that_the_case_brings_is_taken(self):
        assert model_decider(self.two())({"risk": "high", "person": {"age": 3}}) == "now"

    def test_a_table_that_cannot_be_read_does_no_harm_until_it_is_asked(self):
        broken = number_table("", ("count(x)", "1")).decode().partition("<decision ")[2]
        broken = "<decision " + broken.rpartition("</definitions>")[0].replace('"Answer"', '"odd"')
        good = number_table("", ("> 5", "1")).replace(b"<decision ", broken.encode() + b"<decision ", 1)
        model = read_dmn(good, partly=True)
        assert model_decider(model, "Answer")({"years": 9}) == 1
        with pytest.raises(TableErrors):
            model_decider(model, "odd")
        with pytest.raises(TableErrors):
            read_dmn(good)

    def test_a_decision_by_name_or_id(self):
        assert model_decider(self.two(), "risk")({"years": 9}) == "high"
        assert model_decider(self.two(), "a")({"years": 9}) == "high"
        with pytest.raises(ValueError, match=r"rissk.*risk"):
            model_decider(self.two(), "rissk")

    def test_which_decision_must_be_clear(self):
        with pytest.raises(ValueError, match="risk, Answer"):
            model_decider(self.two(top="elsewhere"))

    @pytest.mark.parametrize("called", ["risk_id", "riskVariable", "riskOutput"])
    def test_required_decisions_are_called_as_modelers_call_them(self, called):
        inner = number_table(
            "", ("> 5", '"high"'), output='<output name="riskOutput" typeRef="string"/>'
        ).decode()
        risk = inner.partition("<decision ")[2].rpartition("</definitions>")[0]
        risk = "<decision " + risk.replace(
            'id="d" name="Answer">', 'id="risk_id" name="The risk"><variable name="riskVariable"/>'
        )
        table = (
            '<informationRequirement><requiredDecision href="#risk_id"/></informationRequirement><decisionTable>'
            f"<input><inputExpression><text>{called}</text></inputExpression></input><output/>"
            + rule(1, '"high"', "1")
            + "</decisionTable>"
        )
        assert model_decider(read_dmn(dmn(table, before=risk)))({"years": 9}) == 1

    def test_one_of_several_outputs_of_a_required_decision(self):
        cells = "<inputEntry><text>-</text></inputEntry>"
        outputs = "<outputEntry><text>2</text></outputEntry><outputEntry><text>3</text></outputEntry>"
        both = (
            '<decision id="b" name="Both"><decisionTable><input><inputExpression typeRef="number"><text>years</text>'
            f'</inputExpression></input><output name="low"/><output name="high"/><rule>{cells}{outputs}</rule>'
            "</decisionTable></decision>"
        )
        for called in ("high", "Both.high"):
            table = (
                '<informationRequirement><requiredDecision href="#b"/></informationRequirement><decisionTable>'
                f'<input><inputExpression typeRef="number"><text>{called}</text></inputExpression></input><output/>'
                + rule(1, "3", '"right"')
                + "</decisionTable>"
            )
            assert model_decider(read_dmn(dmn(table, before=both)))({}) == "right"

    def test_a_value_without_parts_is_of_the_wrong_type(self):
        with pytest.raises(DecisionError) as caught:
            model_decider(self.two())({"risk": "high", "person": 5})
        assert (caught.value.code, caught.value.column) == ("wrong_type", "person.age")
