"""What is kept of a run: samples, log, conditions, findings; readable when its base is gone; two runs compared."""

from collections.abc import Callable

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.changes import Change, Kind
from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.services.run_probes import kept_probes, neutral_text, probes
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.test_training import under_way, wait


def trained(studio: Studio, app: AppThread, persona: Persona, **options: object) -> Run:
    return wait(studio, app, studio.training.start(persona.id, options=options))


def test_the_story_of_a_run(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    heard: set[Kind] = set()
    studio.changes.subscribe(lambda change: heard.update(change.kinds))
    run = trained(studio, app, persona, batch_size=4)
    story = studio.run_stories.story(run.id)
    assert (story.persona, story.base, story.base_fingerprint) == ("Oswin", base.name, base.fingerprint)
    assert story.method == "QLoRA"
    assert "40 conversations" in story.data
    assert {fact.key: fact.value for fact in story.recipe}["batch_size"] == "4"
    assert {fact.key: fact.value for fact in story.conditions}["torch"] == "2.13.0"
    assert {fact.key: fact.value for fact in story.results}["state"] == "finished"
    said = [note.sentence for note in story.notes]
    assert "Training begins on Imaginary processor." in said
    assert "memory_measured" in [note.code for note in story.notes]
    assert story.adapter is not None and story.adapter.id == run.adapter_id
    assert {file.name for file in story.files} >= {"data.jsonl", "probes.json"}
    samples = studio.run_stories.samples(run.id)
    assert {sample.key for sample in samples} == {"greeting", "everyday", "emotional", "out_of_world"}
    assert min(sample.step for sample in samples) == 0 < max(sample.step for sample in samples)
    assert len({(sample.key, sample.seed) for sample in samples}) == 4, "the same seed at every step"
    kinds = {point.kind for point in studio.run_stories.points(run.id)}
    assert kinds == {"train", "heldout", "neutral", "copied"}
    assert heard >= {Kind.RUN, Kind.RUN_PROGRESS}


def test_it_can_be_read_when_the_base_is_gone(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = trained(studio, app, persona)
    studio.models.remove(base.id)
    story = studio.run_stories.story(run.id)
    assert story.base == base.name
    assert {fact.key: fact.value for fact in story.conditions}["peft"] == "0.21.2"


@pytest.mark.parametrize(
    ("trouble", "codes"),
    [("overfit", {"overfit", "copying"}), ("forgetting", {"forgetting"}), ("dead", {"gradient_dead"})],
)
def test_what_goes_wrong_is_said_with_the_lever(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch, trouble: str,
    codes: set[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("FAKE_ENGINE_TROUBLE", trouble)
    studio.engine.restart()
    run = trained(studio, app, persona, epochs=8)
    found = studio.run_stories.findings(run.id)
    assert codes <= {finding.code for finding in found}
    assert all(finding.sentence and finding.lever for finding in found)
    if trouble == "overfit":
        assert 0 < studio.run_stories.best_step(run.id) < run.step


def test_sample_now_and_save_now(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = under_way(studio, app, persona)
    studio.training.sample_now(run.id)
    studio.training.save_now(run.id)
    app.until(lambda: any(sample.wished for sample in studio.run_stories.samples(run.id)))
    app.until(lambda: any(note.code == "run_saved" for note in studio.run_stories.story(run.id).notes))
    studio.training.pause(run.id)
    wait(studio, app, run)
    with pytest.raises(StudioError, match="run_not_active"):
        studio.training.sample_now(run.id)
    with pytest.raises(StudioError, match="run_not_active"):
        studio.training.save_now(run.id)


def test_a_resumed_run_forgets_samples_that_come_again(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = under_way(studio, app, persona)
    studio.training.pause(run.id)
    paused = wait(studio, app, run)
    studio._open_library.run_records.add_sample(
        studio.run_stories.samples(run.id)[0].__class__(
            run_id=run.id, step=paused.step + 1, key="later", prompt="?", text="!"
        )
    )
    studio.training.resume(run.id)
    app.until(lambda: "run_resumed" in [note.code for note in studio.run_stories.story(run.id).notes])
    assert "later" not in {sample.key for sample in studio.run_stories.samples(run.id)}
    assert studio.run_stories.samples(run.id)[0].step == 0


def test_two_runs_side_by_side(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    first = trained(studio, app, persona, rank=8, max_steps=5)
    second = trained(studio, app, persona, rank=32, max_steps=5)
    found = studio.run_stories.compare(first.id, second.id)
    differing = {row.key: (row.first, row.second) for row in found.rows if row.differs and row.part == "recipe"}
    assert differing == {"rank": ("8", "32")}
    assert found.same_data
    assert {row.part for row in found.rows} == {"recipe", "conditions", "results"}
    assert (found.first_label, found.second_label) == ("Oswin, run 1", "Oswin, run 2")


def test_the_run_in_training_can_be_talked_to(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    assert studio.chats.contestants_in_training() == []
    run = under_way(studio, app, persona)
    (contestant,) = studio.chats.contestants_in_training()
    assert contestant == Contestant(adapter_id=run.id)
    label = studio.chats.label(contestant)
    assert (label.title, label.subtitle) == ("Oswin", "run 1, in training")
    job = studio.chats.answer_once("Who goes there?", [Contestant(), contestant])
    app.until(lambda: job.ended)
    assert job.result is not None, job.error
    assert job.result[0].text != job.result[1].text
    studio.training.pause(run.id)
    wait(studio, app, run)
    assert studio.chats.label(contestant).title == "Oswin"
    with pytest.raises(StudioError, match="run_not_training"):
        studio.chats.answer_once("Still there?", [contestant])
    studio.training.stop(run.id)
    ended = wait(studio, app, run)
    assert studio.chats.label(contestant).subtitle == studio.adapters.get(ended.adapter_id).name
    job = studio.chats.answer_once("And now?", [contestant])
    app.until(lambda: job.ended)
    assert job.error is None, "what it has learned is an adapter now, and that answers"


def test_probes_stay_what_they_were_when_the_run_began(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    run = under_way(studio, app, persona)
    before = studio._open_library.folder / "runs" / run.id
    kept = kept_probes(before, persona, "Sam")
    studio.personas.update(persona.id, system_prompt="You are somebody else.", greeting="Ho there.")
    changed = studio.personas.get(persona.id)
    assert kept_probes(before, changed, "Sam") == kept != probes(changed, "Sam")
    assert [message.role for message in probes(changed, "Sam")[0].messages] == ["system", "assistant", "user"]
    assert kept[0].messages[0].text == "You are Oswin."


def test_the_neutral_text_is_a_dataset_file_of_a_few_hundred_words() -> None:
    from studio.protocol.dataset_file import read_dataset

    lines = list(read_dataset(neutral_text()))
    assert all(line.heldout for line in lines)
    assert 300 < sum(len(turn.text.split()) for line in lines for turn in line.turns) < 1200


def test_changes_are_told_when_something_arrives(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    """A page that listens sees samples and notes without asking all the time."""
    seen: list[int] = []

    def listen(change: Change) -> None:
        if Kind.RUN_PROGRESS in change.kinds:
            seen.append(len(studio.run_stories.samples(next(iter(change.ids)))))

    stop: Callable[[], None] = studio.changes.subscribe(listen)
    run = trained(studio, app, persona)
    stop()
    assert studio.training.get(run.id).state is RunState.FINISHED
    assert {0, 1, 4} <= set(seen)
