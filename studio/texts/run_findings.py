"""What is said about a run: what its curves show, and the lever; how its log, recipe and figures are called."""

from collections.abc import Mapping

from studio.texts import SENTENCES, tr

SHOWN: dict[str, str] = {
    "loss_not_finite": "The loss became infinite or not a number at step {step}.",
    "gradient_dead": "Nothing is learned any more: from step {step} on the gradients are zero.",
    "overfit": "From step {step} on it learns by heart: the training loss falls, but on held-out lines it has risen from {lowest} to {now}.",
    "heldout_rising": "Since step {step} it becomes worse on lines that it has not seen: held-out loss has risen from {lowest} to {now}.",
    "worse_than_base": "It explains the held-out lines worse than the base alone does ({lowest} against {base}).",
    "copying": "The samples recite: from step {step} on {share} % of their words stand in training lines, word for word.",
    "forgetting": "It forgets: on text that has nothing to do with the persona the loss has risen from {base} to {now}.",
    "too_few_steps": "The run made only {steps} steps, which is little to take on a voice.",
    "still_falling": "It was still becoming better when it ended: held-out loss fell from {before} to {now} at the last measurement.",
    "learned_well": "It has learned well: held-out loss fell from {base} to {now}, and nothing looks wrong.",
}
"""Codes of ``domain/run_findings.py``."""

LEVERS: dict[str, str] = {
    "loss_not_finite": "Start again with a tenth of the learning rate. If that happens there too, check the data for control tokens and very long turns.",
    "gradient_dead": "Check that the learning rate is not zero and that the persona's turns are switched on for training; otherwise start again with another method.",
    "overfit": "Start again with fewer passes, a lower rank or more data. Early stop ends such a run by itself, and with 'Keep the best' the adapter is that of step {best}.",
    "heldout_rising": "Start again with half the learning rate; with 'Keep the best' the adapter is that of step {best}.",
    "worse_than_base": "Start again with a fifth of the learning rate, and look whether the held-out conversations are of the same kind as the others.",
    "copying": "Start again with fewer passes or a lower rank, and let the data check look for near-duplicates. A higher temperature in the chat hides it a little.",
    "forgetting": "Halve the learning rate or the rank, or turn the adapter's strength down in the chat.",
    "too_few_steps": "Add passes, take a smaller batch size, or add conversations.",
    "still_falling": "Go on from this adapter, or start again with more passes.",
    "learned_well": "Talk to it: open the adapter in the chat.",
}
"""What to do about it, under the same codes."""


def finding_words(code: str, details: Mapping[str, object]) -> tuple[str, str]:
    """Return what a finding says, and the lever."""
    said, lever = tr(SHOWN[code], **dict(details)), tr(LEVERS[code], **dict(details))
    return said, lever


def note_words(code: str, details: Mapping[str, object]) -> str:
    """Return the sentence of a line of a run's log; one that an other version wrote is shown as it was kept."""
    kept = SENTENCES.get(code)
    try:
        return tr(kept, **dict(details)) if kept else _as_kept(code, details)
    except (KeyError, IndexError, ValueError):  # the sentence has changed since, and names what was not kept
        return _as_kept(code, details)


def _as_kept(code: str, details: Mapping[str, object]) -> str:
    return ", ".join([code, *(f"{name} {value}" for name, value in details.items())])
