"""What people said about the case so far, as far as the case's variables keep it: decision, reason, words, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from processes.facts import model
from processes.facts.model import Fact, FactGroup, Words
from processes.facts.rows import CaseRows, Performed
from processes.facts.words import options, title, word

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """A context variable with somebody's opinion. ``tasks``: the tasks that write it, each with its form.

    ``decision``: the fields that say what was decided, the first that is there counts; ``comment``: the same for words.
    """

    context: str
    tasks: tuple[tuple[str, str], ...]
    decision: tuple[str, ...] = ("decision",)
    comment: tuple[str, ...] = ("comment",)
    files: str = "attachments"


SAID = (
    Said("siteVisit", (("P03_site_visit", "p03-site-visit"),), (), ("findings",), "photos"),
    Said("coVisit", (("P03_site_visit_co", "p03-co-visit"),), ("agrees",), ("findings",), "photos"),
    Said("legalReview", (("P03_legal", "p03-legal"),), ("opinion",), ()),
    Said("technicalReview", (("P03_technical", "p03-technical"),), (), ("opinion",)),
    Said("esReview", (("P03_es", "p03-es"),), ("esCategory",), ("opinion",)),
    Said("technicalWaiver", (("P03_technical_waiver", "p03-expert-late"),)),
    Said("esWaiver", (("P03_es_waiver", "p03-es-late"),)),
    Said("riskCheck", (("P03_risk_check", "p03-risk-check"),)),
    Said("bureauCheck", (("P04_bureau_check", "p04-bureau-check"),)),
    Said("confirmation", (("P04_confirm", "p04-confirm"),)),
    Said("review", (("P05_review", "p05-review"),), ("recommendation", "decision")),
    Said("approval", (("P05_approve", "p05-approve"), ("P05_confirm_refusal", "p05-confirm-refusal"))),
    Said("returnRuling", (("P00_return_ruling", "p00-return-ruling"),)),
    Said("firstDrawdown", (("P00_first_again", "p00-first-drawdown"),)),
    Said("release", (("P07_release", "p07-release"),)),
    Said("payCheck", (("P07_pay_check", "p07-pay-check"),)),
    Said("reconciliation", (("P07_reconcile", "p07-reconcile"),)),
    Said("visitReview", (("P08_visit_review", "p08-visit-review"),)),
)
_AGAINST = frozenset({"RETURN", "REJECT", "REFUSE", "DIFFER", "OBSTACLE", "ABANDON"})


def opinions(rows: CaseRows, variables: Mapping[str, object]) -> FactGroup:
    """A table of the opinions in the order in which they were given."""
    found = [_row(rows, said, given) for said in SAID if (given := model.context(variables, said.context))]
    found.sort(key=lambda entry: entry[0])
    return model.group("opinions", Words("各环节意见", "Opinions so far"), [], [row for _, row in found])


def _row(rows: CaseRows, said: Said, given: Mapping[str, object]) -> tuple[datetime, tuple[Fact, ...]]:
    form, done = _last(rows, said)
    decision = next((name for name in said.decision if given.get(name)), None)
    value = given.get(decision) if decision else None
    comment = next((given[name] for name in said.comment if given.get(name)), None)
    reason = given.get("reasonCode")
    return done.at if done and done.at else _LONG_AGO, (
        model.choice(Words("环节", "Step"), title(form)),
        model.choice(
            Words("结论", "Conclusion"),
            word(value, options(form, decision)) if decision else None,
            warning=value in _AGAINST,
        ),
        model.choice(Words("原因", "Reason"), word(reason, options(form, "reasonCode")) if reason else None),
        model.text(Words("意见", "Comment"), comment),
        model.person(Words("经办人", "By"), done.by if done else None),
        model.person(Words("代办", "On behalf of"), done.on_behalf_of if done else None),
        model.instant(Words("时间", "At"), done.at if done else None),
        model.documents(Words("附件", "Attachments"), given.get(said.files)),
    )


def _last(rows: CaseRows, said: Said) -> tuple[str, Performed | None]:
    """The form of the task that wrote the opinion last, and who performed it."""
    done = [(form, rows.performed[element]) for element, form in said.tasks if element in rows.performed]
    return max(done, key=lambda entry: entry[1].at or _LONG_AGO) if done else (said.tasks[0][1], None)
