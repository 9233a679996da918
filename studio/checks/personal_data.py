"""Details of real people: e-mail, telephone, card, account and address."""

from studio.checks._look import Look, TurnLook
from studio.checks._surgery import change_texts
from studio.checks.check import Check, Repair, Scope
from studio.domain.checks import Severity
from studio.domain.personal_data import find_personal, mask_personal


def _find(turn: TurnLook, look: Look) -> str:
    del look
    details = find_personal(turn.text)
    return turn.text[details[0].start : details[0].end] if details else ""


ENTRY = Check(
    code="personal_data",
    severity=Severity.WARN,
    order=55,
    scope=Scope.ANY,
    in_turn=_find,
    repairs=(
        Repair(
            name="personal_data_mask",
            label="Mask the details",
            summary="Puts [email], [phone] and the like in their place, on both sides of the conversation.",
            apply=change_texts(mask_personal),
        ),
    ),
)
