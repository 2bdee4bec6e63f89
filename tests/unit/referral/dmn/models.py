"""DMN models as text, as short as they can be."""


def dmn(
    table,
    *,
    before="",
    decision='id="d" name="Answer"',
    namespace="https://www.omg.org/spec/DMN/20211108/MODEL/",
):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="{namespace}" id="x" name="x" namespace="urn:x">{before}
<decision {decision}>{table}</decision></definitions>""".encode()


def rule(number, entry, answer):
    return (
        f'<rule id="r{number}"><inputEntry><text><![CDATA[{entry}]]></text></inputEntry>'
        f"<outputEntry><text>{answer}</text></outputEntry></rule>"
    )


def number_table(policy, *rules, output='<output id="o"/>'):
    rows = "".join(rule(number, *texts) for number, texts in enumerate(rules, 1))
    return dmn(
        f'<decisionTable {policy}><input id="i"><inputExpression typeRef="number"><text>years</text>'
        f"</inputExpression></input>{output}{rows}</decisionTable>"
    )
