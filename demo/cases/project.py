"""What a client wants financed, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def uscc(first: str) -> str:
    """``first`` (17 signs) with its check sign: a unified social credit code as GB 32100-2015 makes it."""
    total = sum(weight * _SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, first, strict=True))
    return first + _SIGNS[(31 - total % 31) % 31]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A client and the financing it asks for; amounts in million yuan, ``score`` what the rater will give.

    ``code`` is the client's unified social credit code without its check sign.
    """

    client: str
    code: str
    name: str
    industry: str
    investment: int
    equity: int
    amount: int
    months: int
    score: int = 84
    esg: str = "B"
    institution: str = "BANK"
    use: str = "FIXED_ASSET"
    building: bool = True
    fresh: bool = True
    exposure: int = 0
    contact: str = "王芳"

    @property
    def uscc(self) -> str:
        """The client's unified social credit code."""
        return uscc(self.code)

    @property
    def net_worth(self) -> Decimal:
        """The sponsor's adjusted net worth, in yuan."""
        return Decimal(self.investment) * 1_500_000

    @property
    def capacity(self) -> Decimal:
        """How much debt the cash flow can carry, in yuan: a little more than is asked for."""
        return Decimal(self.amount) * 1_050_000

    def application(self) -> Mapping[str, Any]:
        """What the relationship manager enters to start the case (form p00-start)."""
        return {
            "clientName": self.client,
            "uscc": self.uscc,
            "projectName": self.name,
            "institutionType": self.institution,
            "industry": self.industry,
            "qualifyingInfrastructure": False,
            "totalInvestment": self.investment * 1_000_000,
            "equity": self.equity * 1_000_000,
            "amount": self.amount * 1_000_000,
            "termMonths": self.months,
            "fundsUse": self.use,
            "groupExposure": self.exposure * 1_000_000,
            "permitsComplete": True,
            "constructionPhase": self.building,
            "relatedParty": False,
            "newClient": self.fresh,
            "ordinaryCredit": False,
        }
