"""Who is asking, and what they may do: permissions are part of every query, never a filter afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

ADMIN, AUDIT, DESIGNER, PUBLISHER = "ADMIN", "AUDIT", "DESIGNER", "PUBLISHER"


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person or program, with the (role, unit) pairs held now. ``system`` is the engine itself."""

    name: str
    duties: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    system: bool = False

    def holds(self, role: str, unit: str | None = None) -> bool:
        """Whether the principal holds ``role`` (in ``unit``, if given; in any unit otherwise)."""
        if self.system:
            return True
        return any(held == role and (unit is None or where == unit) for held, where in self.duties)

    @property
    def roles(self) -> frozenset[str]:
        """The roles held in any unit."""
        return frozenset(role for role, _ in self.duties)


SYSTEM = Principal("system", system=True)
