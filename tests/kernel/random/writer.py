"""Writes a term as BPMN."""

from __future__ import annotations

from itertools import pairwise

from tests.kernel.bpmn import extended, flow
from tests.kernel.elements.compensating import handled, process
from tests.kernel.random.terms import Term

Block = tuple[str, str, str]
"""Text, id of the first and id of the last element."""

_CANCEL = "<cancelEventDefinition/>"
_UNDO = "<compensateEventDefinition/>"


class Writer:
    """``root`` is the model, ``called`` one model for each call in it."""

    def __init__(self, term: Term) -> None:
        self.called: list[bytes] = []
        self._declared: list[str] = []
        self._own: list[str] = []  # variables that each item has for itself
        self.root = self._process(self._container(term, "p"), "p")

    def _process(self, body: str, id: str) -> bytes:
        # A name is declared in every file, whether that one uses it or not.
        return process(body, root="".join(self._declared), attributes=f'id="{id}" isExecutable="true"')

    def _declare(self, kind: str, id: str, attribute: str = "name") -> str:
        self._declared.append(f'<{kind} id="{kind}_{id}" {attribute}="{id}"/>')
        return f'<{kind}EventDefinition {kind}Ref="{kind}_{id}"/>'

    def _container(self, term: Term, id: str) -> str:
        text, first, last = self._block(term)
        start, end = f"s_{id}", f"e_{id}"
        return f'<startEvent id="{start}"/>{text}<endEvent id="{end}"/>' + flow(start, first) + flow(last, end)

    def _beside(self, term: Term, id: str, then: str) -> str:
        """What is in a container: the term, and beside it a task followed by ``then``, an element ``<id>_k``."""
        text, first, last = self._block(term)
        text += f'<startEvent id="{id}_s"/><parallelGateway id="{id}_f"/><endEvent id="{id}_e"/>{then}' + _task(
            f"{id}_t"
        )
        return text + _row(f"{id}_s", f"{id}_f", first) + flow(last, f"{id}_e") + _row(f"{id}_f", f"{id}_t", f"{id}_k")

    def _block(self, term: Term) -> Block:
        kind, id, *rest = term
        made: Block = getattr(self, f"_{kind}")(id, *rest)
        return made

    def _activity(self, id: str, body: str, called: bool) -> str:
        """``body`` in a subprocess or in a process that is called."""
        if not called:
            return f'<subProcess id="{id}">{body}</subProcess>'
        self.called.append(self._process(body, f"p_{id}"))
        data = "".join(f'<camunda:in sourceExpression="=0" target="{name}"/>' for name in "ab")
        data += '<camunda:in sourceExpression="=[]" target="log"/>'
        data += f'<camunda:out source="a" target="a_{id}"/>'
        return f'<callActivity id="{id}" calledElement="p_{id}">{extended(data)}</callActivity>'

    def _local(self, id: str, variable: str, text: str) -> str:
        """A script that writes a variable of the item that it runs for, or else of the process."""
        self._own.append(variable)
        return _script(id, variable, text)

    # Leaves

    def _task(self, id: str) -> Block:
        return _task(id), id, id

    def _add(self, id: str, variable: str, number: int) -> Block:
        return _script(id, variable, f"{variable} + {number}"), id, id

    def _timed(self, id: str) -> Block:
        text = _task(id) + _boundary(id, _HOUR) + f'<exclusiveGateway id="{id}_m"/>'
        return text + flow(id, f"{id}_m") + flow(f"{id}_b", f"{id}_m"), id, f"{id}_m"

    def _reminded(self, id: str) -> Block:
        text = _task(id) + _boundary(id, _HOUR, 'cancelActivity="false"') + _task(f"{id}_r")
        return text + flow(f"{id}_b", f"{id}_r"), id, id

    def _items(self, id: str, number: int, sequential: bool) -> Block:
        return f'<userTask id="{id}">{_several(number, sequential)}</userTask>', id, id

    def _first(self, id: str) -> Block:
        message = self._declare("message", f"M_{id}")
        text = f'<eventBasedGateway id="{id}"/><intermediateCatchEvent id="{id}_t">{_HOUR}</intermediateCatchEvent>'
        text += f'<intermediateCatchEvent id="{id}_c">{message}</intermediateCatchEvent><exclusiveGateway id="{id}_m"/>'
        return text + _row(id, f"{id}_t", f"{id}_m") + _row(id, f"{id}_c", f"{id}_m"), id, f"{id}_m"

    def _signals(self, id: str, number: int) -> Block:
        signal = self._declare("signal", f"S_{id}")
        text = f'<parallelGateway id="{id}"/><parallelGateway id="{id}_j"/>' + _task(f"{id}_t")
        text += f'<intermediateThrowEvent id="{id}_x">{signal}</intermediateThrowEvent>'
        text += _row(id, f"{id}_t", f"{id}_x", f"{id}_j")
        for index in range(number):
            text += f'<intermediateCatchEvent id="{id}_{index}">{signal}</intermediateCatchEvent>'
            text += _row(id, f"{id}_{index}", f"{id}_j")
        return text, id, f"{id}_j"

    def _condition(self, id: str) -> Block:
        event = f"<conditionalEventDefinition><condition>c_{id}</condition></conditionalEventDefinition>"
        text = self._local(id, f"c_{id}", "false") + self._local(f"{id}_w", f"c_{id}", "true") + _task(f"{id}_t")
        text += f'<parallelGateway id="{id}_f"/><parallelGateway id="{id}_j"/>'
        text += f'<intermediateCatchEvent id="{id}_c">{event}</intermediateCatchEvent>'
        text += _row(id, f"{id}_f", f"{id}_t", f"{id}_w", f"{id}_j") + _row(f"{id}_f", f"{id}_c", f"{id}_j")
        return text, id, f"{id}_j"

    def _quantity(self, id: str, number: int) -> Block:
        text = f'<userTask id="{id}" completionQuantity="{number}"/>' + _task(f"{id}_q")
        return text + f'<task id="{id}_z" startQuantity="{number}"/>' + _row(id, f"{id}_q", f"{id}_z"), id, f"{id}_z"

    def _async(self, id: str, when: str) -> Block:
        return f'<userTask id="{id}" camunda:async{when}="true"/>', id, id

    def _logged(self, id: str, asks: bool) -> Block:
        handler = f'<userTask id="undo_{id}" isForCompensation="true"/>'
        if not asks:
            handler = _script(f"undo_{id}", "log", f'append(log, "{id}")', 'isForCompensation="true"')
        return handled(_task(id), id, handler), id, id

    # Blocks along flows

    def _seq(self, id: str, terms: list[Term]) -> Block:
        blocks = [self._block(term) for term in terms]
        flows = "".join(flow(a[2], b[1]) for a, b in pairwise(blocks))
        return "".join(block[0] for block in blocks) + flows, blocks[0][1], blocks[-1][2]

    def _par(self, id: str, terms: list[Term]) -> Block:
        text = f'<parallelGateway id="{id}_f"/><parallelGateway id="{id}_j"/>'
        for term in terms:
            inner, first, last = self._block(term)
            text += inner + flow(f"{id}_f", first) + flow(last, f"{id}_j")
        return text, f"{id}_f", f"{id}_j"

    def _xor(self, id: str, terms: list[Term], choice: int) -> Block:
        text = self._local(id, f"pick_{id}", str(choice)) + flow(id, f"{id}_f")
        default = ""
        for index, term in enumerate(terms):
            inner, first, last = self._block(term)
            condition = f"pick_{id} = {index}" if index else ""
            default = default or f"{id}_f_{first}"
            text += inner + flow(f"{id}_f", first, condition, id=f"{id}_f_{first}") + flow(last, f"{id}_m")
        text += f'<exclusiveGateway id="{id}_f" default="{default}"/><exclusiveGateway id="{id}_m"/>'
        return text, id, f"{id}_m"

    def _inclusive(self, id: str, terms: list[Term], mask: int, activity: bool) -> Block:
        """Bit k of ``mask`` says whether the condition of way k is true; way 0 is the default flow."""
        text = self._local(id, f"pick_{id}", str(mask))
        split = id if activity else f"{id}_f"
        for index, term in enumerate(terms):
            inner, first, last = self._block(term)
            condition = f"modulo(floor(pick_{id} / {2**index}), 2) = 1" if index else ""
            text += inner + flow(split, first, condition, id=f"{id}_{index}_in") + flow(last, f"{id}_j")
        default = f'default="{id}_0_in"'
        if activity:
            text = text.replace(f'<scriptTask id="{id}"', f'<scriptTask id="{id}" {default}', 1)
        else:
            text += f'<inclusiveGateway id="{id}_f" {default}/>' + flow(id, f"{id}_f")
        return text + f'<inclusiveGateway id="{id}_j"/>', id, f"{id}_j"

    def _loop(self, id: str, term: Term, times: int) -> Block:
        inner, first, last = self._block(term)
        text = self._local(id, f"k_{id}", "0") + self._local(f"{id}_k", f"k_{id}", f"k_{id} + 1")
        text += f'<exclusiveGateway id="{id}_m"/><exclusiveGateway id="{id}_x" default="{id}_x_{id}_z"/>'
        text += f'<task id="{id}_z"/>{inner}'
        text += flow(id, f"{id}_m") + flow(f"{id}_m", first) + flow(last, f"{id}_k") + flow(f"{id}_k", f"{id}_x")
        text += flow(f"{id}_x", f"{id}_m", f"k_{id} &lt; {times}") + flow(f"{id}_x", f"{id}_z")
        return text, id, f"{id}_z"

    def _link(self, id: str, term: Term) -> Block:
        inner, first, last = self._block(term)
        link = f'<linkEventDefinition name="L_{id}"/>'
        text = f'<intermediateThrowEvent id="{id}_x">{link}</intermediateThrowEvent>' + flow(last, f"{id}_x")
        return inner + text + f'<intermediateCatchEvent id="{id}_c">{link}</intermediateCatchEvent>', first, f"{id}_c"

    # Blocks with a scope of their own

    def _sub(self, id: str, term: Term) -> Block:
        return f'<subProcess id="{id}">{self._container(term, id)}</subProcess>', id, id

    def _call(self, id: str, term: Term) -> Block:
        return self._activity(id, self._container(term, id), called=True), id, id

    def _rounds(self, id: str, term: Term, times: int, before: bool) -> Block:
        loop = f'<standardLoopCharacteristics testBefore="{str(before).lower()}">'
        loop += f"<loopCondition>loopCounter &lt; {times}</loopCondition></standardLoopCharacteristics>"
        return f'<subProcess id="{id}">{loop}{self._container(term, id)}</subProcess>', id, id

    def _each(self, id: str, term: Term, number: int, sequential: bool) -> Block:
        outside, self._own = self._own, []
        body = _several(number, sequential) + self._container(term, id)
        own = "".join(f'<property id="{id}_{name}" name="{name}"/>' for name in dict.fromkeys(self._own))
        self._own = outside
        return f'<subProcess id="{id}">{own}{body}</subProcess>', id, id

    def _event(self, id: str, term: Term, message: bool, interrupting: bool) -> Block:
        event = self._declare(*(("message", f"M_{id}") if message else ("signal", f"S_{id}")))
        handler = _handler(id, event, interrupting)
        return f'<subProcess id="{id}">{self._container(term, id)}{handler}</subProcess>', id, id

    def _error(self, id: str, term: Term, where: str) -> Block:
        return self._caught(id, term, where, "endEvent", self._declare("error", f"E_{id}", "errorCode"), True)

    def _escalation(self, id: str, term: Term, where: str, interrupting: bool) -> Block:
        event = self._declare("escalation", f"X_{id}", "escalationCode")
        return self._caught(id, term, where, "endEvent", event, interrupting)

    def _caught(self, id: str, term: Term, where: str, tag: str, event: str, interrupting: bool) -> Block:
        """An event thrown beside the term: caught by an event subprocess there, or at the boundary."""
        body = self._beside(term, id, f'<{tag} id="{id}_k">{event}</{tag}>')
        if where == "event":
            return f'<subProcess id="{id}">{body}{_handler(id, event, interrupting)}</subProcess>', id, id
        flag = "" if interrupting else 'cancelActivity="false"'
        text = self._activity(id, body, where == "call") + _boundary(id, event, flag)
        if not interrupting:
            return text + _task(f"{id}_h") + flow(f"{id}_b", f"{id}_h"), id, id
        text += f'<exclusiveGateway id="{id}_m"/>' + flow(id, f"{id}_m") + flow(f"{id}_b", f"{id}_m")
        return text, id, f"{id}_m"

    def _terminate(self, id: str, term: Term) -> Block:
        body = self._beside(term, id, f'<endEvent id="{id}_k"><terminateEventDefinition/></endEvent>')
        return f'<subProcess id="{id}">{body}</subProcess>', id, id

    def _compensate(self, id: str, term: Term, waits: bool) -> Block:
        inner, first, last = self._block(term)
        flag = "" if waits else 'waitForCompletion="false"'
        event = f"<compensateEventDefinition {flag}/>"
        text = f'<startEvent id="{id}_s"/><endEvent id="{id}_e"/>{inner}' + _task(f"{id}_t")
        text += f'<intermediateThrowEvent id="{id}_x">{event}</intermediateThrowEvent>' + flow(f"{id}_s", first)
        text += _task(f"{id}_w") + _row(last, f"{id}_t", f"{id}_x", f"{id}_w", f"{id}_e")
        return f'<subProcess id="{id}">{text}</subProcess>', id, id

    def _transaction(self, id: str, term: Term, cancels: bool) -> Block:
        inner, first, last = self._block(term)
        text = f'<startEvent id="{id}_s"/>{inner}' + self._local(f"{id}_v", f"ok_{id}", str(not cancels).lower())
        text += f'<exclusiveGateway id="{id}_g" default="{id}_g_{id}_c"/><endEvent id="{id}_e"/>' + _task(f"{id}_t")
        text += f'<endEvent id="{id}_c">{_CANCEL}</endEvent>' + flow(f"{id}_g", f"{id}_e", f"ok_{id}")
        text += flow(f"{id}_s", first) + _row(last, f"{id}_t", f"{id}_v", f"{id}_g", f"{id}_c")
        return self._cancellable(id, text)

    def _cancelled(self, id: str, term: Term) -> Block:
        return self._cancellable(id, self._beside(term, id, f'<endEvent id="{id}_k">{_CANCEL}</endEvent>'))

    def _cancellable(self, id: str, body: str) -> Block:
        text = f'<transaction id="{id}">{body}</transaction>' + _boundary(id, _CANCEL)
        text += f'<exclusiveGateway id="{id}_m"/>' + flow(id, f"{id}_m") + flow(f"{id}_b", f"{id}_m")
        return text, id, f"{id}_m"

    def _adhoc(self, id: str, terms: list[Term], sequential: bool, needed: int, cancels: bool) -> Block:
        text = ""
        for index, term in enumerate(terms):
            inner, first, last = self._block(term)
            name = f"{id}_{index}_i"
            body = f'<startEvent id="{name}_s"/>{_task(f"{name}_t")}{inner}' + _row(f"{name}_s", f"{name}_t", first)
            body += self._local(f"{name}_c", f"n_{id}", f"n_{id} + 1") + flow(last, f"{name}_c")
            text += f'<subProcess id="{name}">{body}</subProcess>'
        if needed:
            text += f"<completionCondition>n_{id} &gt;= {needed}</completionCondition>"
        flags = (
            f'ordering="{"Sequential" if sequential else "Parallel"}" cancelRemainingInstances="{str(cancels).lower()}"'
        )
        text = self._local(f"{id}_z", f"n_{id}", "0") + f'<adHocSubProcess id="{id}" {flags}>{text}</adHocSubProcess>'
        return text + flow(f"{id}_z", id), f"{id}_z", id

    def _discriminator(self, id: str, terms: list[Term]) -> Block:
        text = f'<startEvent id="{id}_s"/><parallelGateway id="{id}_f"/><endEvent id="{id}_e"/>' + _task(f"{id}_t")
        text += f'<complexGateway id="{id}_j"><activationCondition>activationCount &gt;= 1</activationCondition>'
        text += "</complexGateway>" + flow(f"{id}_s", f"{id}_f") + _row(f"{id}_j", f"{id}_t", f"{id}_e")
        for index, term in enumerate(terms):
            inner, first, last = self._block(term)
            text += inner + _task(f"{id}_{index}_y") + _row(f"{id}_f", f"{id}_{index}_y", first) + flow(last, f"{id}_j")
        return f'<subProcess id="{id}">{text}</subProcess>', id, id


_HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def _row(*ids: str) -> str:
    return "".join(flow(a, b) for a, b in pairwise(ids))


def _task(id: str) -> str:
    return f'<userTask id="{id}"/>'


def _script(id: str, variable: str, text: str, attributes: str = "") -> str:
    return (
        f'<scriptTask id="{id}" camunda:resultVariable="{variable}" {attributes}><script>{text}</script></scriptTask>'
    )


def _boundary(id: str, event: str, attributes: str = "") -> str:
    return f'<boundaryEvent id="{id}_b" attachedToRef="{id}" {attributes}>{event}</boundaryEvent>'


def _several(number: int, sequential: bool) -> str:
    flag = 'isSequential="true"' if sequential else ""
    loop = f"<multiInstanceLoopCharacteristics {flag}><loopCardinality>{number}</loopCardinality>"
    return f"{loop}</multiInstanceLoopCharacteristics>"


def _handler(id: str, event: str, interrupting: bool) -> str:
    """An event subprocess ``<id>_u`` with a task ``<id>_h``."""
    start = f'<startEvent id="{id}_us" isInterrupting="{str(interrupting).lower()}">{event}</startEvent>'
    body = start + _task(f"{id}_h") + flow(f"{id}_us", f"{id}_h")
    return f'<subProcess id="{id}_u" triggeredByEvent="true">{body}</subProcess>'
