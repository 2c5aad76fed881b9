"""Small models for the tests, written as short as DMN allows."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from engine.dmn import DecisionModel, load

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(body: str, namespace: str = NAMESPACE) -> bytes:
    return f'<definitions xmlns="{namespace}" id="defs" name="test model">{body}</definitions>'.encode()


def model(body: str) -> DecisionModel:
    return load(definitions(body), source="test.dmn", strict=True)


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def input_data(name: str, type_ref: str = "") -> str:
    reference = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    return f'<inputData id="in-{name}" name="{name}"><variable name="{name}"{reference}/></inputData>'


def requires(*hrefs: str) -> str:
    """``d:id`` a decision, ``i:name`` an input, ``k:id`` knowledge."""
    kinds = {
        "d": ("informationRequirement", "requiredDecision", ""),
        "i": ("informationRequirement", "requiredInput", "in-"),
        "k": ("knowledgeRequirement", "requiredKnowledge", ""),
    }
    written = []
    for href in hrefs:
        kind, _, target = href.partition(":")
        outer, inner, prefix = kinds[kind]
        written.append(f'<{outer}><{inner} href="#{prefix}{target}"/></{outer}>')
    return "".join(written)


def decision(identity: str, logic: str, *needs: str, type_ref: str = "") -> str:
    reference = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    variable = f'<variable name="{identity}"{reference}/>'
    return f'<decision id="{identity}" name="{identity}">{variable}{requires(*needs)}{logic}</decision>'


def function(identity: str, parameters: dict[str, str], logic: str, *needs: str) -> str:
    formal = "".join(f'<formalParameter name="{name}" typeRef="{kind}"/>' for name, kind in parameters.items())
    inside = f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>"
    return (
        f'<businessKnowledgeModel id="{identity}" name="{identity}"><variable name="{identity}"/>'
        f"{inside}{requires(*needs)}</businessKnowledgeModel>"
    )


def table(policy: str, inputs: list[str], outputs: list[str], rules: list[list[str]], aggregation: str = "") -> str:
    """``outputs``: ``name``, ``name|allowed values`` or ``name|allowed values|default``; a rule is its cells."""
    columns = "".join(
        f'<input id="i{place}"><inputExpression><text>{escape(text)}</text></inputExpression></input>'
        for place, text in enumerate(inputs)
    )
    for written in outputs:
        name, allowed, default = (*written.split("|"), "", "")[:3]
        values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
        entry = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        columns += f'<output name="{name}">{values}{entry}</output>'
    rows = ""
    for number, rule in enumerate(rules, 1):
        cells = "".join(
            f"<{kind}><text>{escape(cell)}</text></{kind}>"
            for place, cell in enumerate(rule)
            for kind in ["inputEntry" if place < len(inputs) else "outputEntry"]
        )
        rows += f'<rule id="r{number}">{cells}</rule>'
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="table" hitPolicy="{policy}"{extra}>{columns}{rows}</decisionTable>'
