"""What ``--json`` says about each thing; keys that scripts rely on are named here and nowhere else."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.checks import Finding
from studio.domain.persona import Persona
from studio.domain.run import Run
from studio.services.run_figures import run_figures
from studio.texts import FINDINGS, sentence, tr

if TYPE_CHECKING:
    from studio.services.data import DataOverview
    from studio.services.imports import ImportItem, ImportPlan, ImportReport
    from studio.services.personas import PersonaSummary

Document = dict[str, Any]


def base_document(base: BaseModel, memory: Mapping[str, int]) -> Document:
    """A base, with the bytes it needs by the way it is kept."""
    return asdict(base) | {"memory_needed": dict(memory)}


def persona_document(persona: Persona) -> Document:
    """A persona with everything its card said."""
    return asdict(persona) | {"card": dict(persona.card)}


def summary_document(summary: "PersonaSummary") -> Document:
    """A persona in a list."""
    return {
        "id": summary.persona.id,
        "name": summary.persona.name,
        "tagline": summary.persona.tagline,
        "tags": list(summary.persona.tags),
        "conversations": summary.conversations,
        "persona_turns": summary.persona_turns,
        "newest_adapter": summary.newest_adapter.id if summary.newest_adapter else "",
        "active_run": summary.active_run.id if summary.active_run else "",
    }


def overview_document(overview: "DataOverview") -> Document:
    """The figures of a persona's data. ``tokens`` are estimated unless ``tokens_exact``."""
    lengths = sorted(overview.turn_lengths)
    return {
        "conversations": overview.conversations,
        "persona_turns": overview.persona_turns,
        "tokens": overview.tokens,
        "tokens_exact": overview.tokens_exact,
        "words": overview.words,
        "train_conversations": overview.train,
        "heldout_conversations": overview.heldout,
        "median_words_per_turn": lengths[len(lengths) // 2] if lengths else 0,
    }


def finding_document(finding: Finding) -> Document:
    """A finding with its words."""
    title, reason = FINDINGS[finding.code]
    places = [asdict(place) for place in finding.places]
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "count": finding.count,
        "title": tr(title),
        "reason": tr(reason),
        "repairs": list(finding.repairs),
        "places": places,
    }


def run_document(run: Run, persona: str) -> Document:
    """A run: the demo's keys, and what tells it apart."""
    return run_figures(run, persona) | {
        "run": run.id,
        "adapter": run.adapter_id,
        "state": run.state.value,
        "step": run.step,
        "total_steps": run.total_steps,
        "started_at": run.started_at,
        "starts_at": run.starts_at,
        "resting": run.resting,
        "continues": run.continues,
        "group": run.group,
        "created_at": run.created_at,
    }


def adapter_document(adapter: Adapter, persona: str) -> Document:
    """An adapter. ``gain`` is held-out nats per token saved against the base."""
    return asdict(adapter) | {"persona": persona}


def item_document(item: "ImportItem") -> Document:
    """A file that was read."""
    return {
        "path": str(item.path),
        "format": item.format,
        "persona": item.persona_name,
        "conversations": len(item.conversations),
        "persona_turns": item.persona_turns,
        "speakers": list(item.speakers),
        "speaker": item.speaker,
        "date_order": item.date_order,
        "columns": list(item.columns),
        "mapping": dict(item.mapping),
        "real_people": item.real_people,
        "names_hidden": item.names_hidden,
        "details_hidden": item.details_hidden,
        "findings": [finding_document(finding) for finding in item.findings],
    }


def plan_document(plan: "ImportPlan") -> Document:
    """What an import would store."""
    return {
        "dry_run": True,
        "files": len(plan.items),
        "conversations": sum(len(item.conversations) for item in plan.items),
        "persona_turns": sum(item.persona_turns for item in plan.items),
        "items": [item_document(item) for item in plan.items],
        "problems": _problems(plan),
    }


def report_document(plan: "ImportPlan", report: "ImportReport") -> Document:
    """What an import stored."""
    return {
        "dry_run": False,
        "files": len(plan.items),
        "conversations": sum(one.conversations for one in report.personas),
        "duplicates": sum(one.duplicates for one in report.personas),
        "grown": report.grown,
        "persona_turns": sum(one.persona_turns for one in report.personas),
        "personas": [asdict(one) for one in report.personas],
        "items": [item_document(item) for item in plan.items],
        "problems": _problems(plan),
    }


def _problems(plan: "ImportPlan") -> list[Document]:
    return [{"path": str(path), "code": error.code, "message": sentence(error)} for path, error in plan.problems]
