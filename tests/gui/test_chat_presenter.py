"""The chat's presenter without Qt: streaming, drafts, errors, swipes."""

from dataclasses import replace

import pytest

from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.gui.pages.chat.presenter import Presenter
from studio.gui.pages.chat.talk.column_desk import MOST_COLUMNS
from studio.gui.pages.chat.talk.streaming import StreamBuffer
from studio.services.job import Progress
from studio.services.replies import ReplyJob
from tests.gui.stand_in import ADAPTER, StandIn


class Screen:
    """Writes down what it is asked to show."""

    def __init__(self) -> None:
        self.tails: list[tuple[int, str]] = []
        self.busy: list[bool] = []
        self.troubles: list[str] = []
        self.working: list[str] = []

    def show_columns(self) -> None: ...

    def show_messages(self, column: int) -> None: ...

    def show_tail(self, column: int, text: str) -> None:
        self.tails.append((column, text))

    def show_busy(self, busy: bool) -> None:
        self.busy.append(busy)

    def show_working(self, words: str) -> None:
        self.working.append(words)

    def show_trouble(self, words: str) -> None:
        self.troubles.append(words)


@pytest.fixture
def studio() -> StandIn:
    return StandIn()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def presenter(studio: StandIn, screen: Screen) -> Presenter:
    made = Presenter(studio, screen)  # type: ignore[arg-type]
    made.open()
    return made


def test_buffer_hands_over_only_what_changed() -> None:
    buffer = StreamBuffer()
    buffer.begin(0)
    buffer.begin(1)
    buffer.take()
    for piece in ("Go", "od ", "evening"):
        buffer.add(1, piece)
    assert buffer.take() == {1: "Good evening"}
    assert buffer.take() == {}
    buffer.add(7, "nobody's")
    assert buffer.take() == {}


def test_pieces_reach_the_screen_with_the_flush_and_not_before(
    studio: StandIn, screen: Screen, presenter: Presenter
) -> None:
    presenter.send("Hello")
    presenter.replies.flush()
    screen.tails.clear()
    for piece in ("Storm", "? ", "That"):
        studio.chats.jobs[-1].write(1, piece)
    assert screen.tails == []
    presenter.replies.flush()
    assert screen.tails == [(1, "Storm? That")]


def test_what_must_happen_before_a_reply_is_said_until_its_first_words(
    studio: StandIn, screen: Screen, presenter: Presenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = studio.chats._job
    monkeypatch.setattr(studio.chats, "_job", lambda columns: _loading(made(columns)))
    presenter.send("Hello")
    assert "being loaded" in screen.working[-1]
    studio.chats.jobs[-1].write(1, "Sto")
    assert screen.working[-1] == ""


def _loading(job: ReplyJob) -> ReplyJob:
    job.advance(Progress(what="loading"))
    return job


def test_streams_are_not_mixed_after_leaving_a_chat(studio: StandIn, presenter: Presenter) -> None:
    presenter.send("Hello")
    old = studio.chats.jobs[-1]
    presenter.open("", [Contestant(), Contestant(adapter_id=ADAPTER.id)])
    presenter.send("Again")
    old.write(0, "from the old chat")
    assert presenter.replies.buffer.text(0) == ""


def test_reply_replaces_the_growing_message_and_tells_its_speed(studio: StandIn, presenter: Presenter) -> None:
    presenter.send("Hello")
    studio.chats.jobs[-1].write(1, "Sto")
    assert presenter.messages(1)[-1].streaming and presenter.messages(1)[-1].text == "Sto"
    studio.chats.answer(presenter.chat_id, 1, "Storm?", tokens=62, seconds=2)
    assert [one.text for one in presenter.messages(1)] == ["Hello", "Storm?"]
    assert presenter.columns()[1].figure == "31 tok/s"
    assert presenter.messages(0)[-1].streaming


def test_nothing_is_stored_before_the_first_words(studio: StandIn, presenter: Presenter) -> None:
    presenter.add_column()
    presenter.desk.set_strength(1, 0.5)
    assert studio.chats.list() == []
    presenter.send("Hello")
    stored = studio.chats.list()[0]
    assert stored.columns[1][0].strength == 0.5


def test_an_engine_error_is_a_sentence_and_nothing_is_sent(
    studio: StandIn, screen: Screen, presenter: Presenter
) -> None:
    studio.chats.trouble = StudioError("engine_start_failed", reason="signal 9")
    assert presenter.send("Hello") is False
    assert "could not be started: signal 9" in screen.troubles[-1]
    studio.chats.trouble = None
    assert presenter.send("Hello") is True


def test_a_failed_reply_can_be_tried_again(studio: StandIn, screen: Screen, presenter: Presenter) -> None:
    presenter.send("Hello")
    studio.chats.jobs[-1].fail(StudioError("engine_died", reason="x"))
    assert screen.busy == [True, False]
    assert "in the middle of this" in screen.troubles[-1]  # the banner tells why the engine stopped
    assert [one.text for one in presenter.messages(0)] == ["Hello"]
    presenter.talk.retry()
    assert [job.columns for job in studio.chats.jobs[1:]] == [[0, 1]]
    assert screen.troubles[-1] == ""


def test_a_reply_that_was_cut_off_is_written_again(studio: StandIn, screen: Screen, presenter: Presenter) -> None:
    presenter.send("Hello")
    studio.chats.answer(presenter.chat_id, 0, "whole")
    studio.chats.answer(presenter.chat_id, 1, "half a", reason="interrupted")
    studio.chats.jobs[-1].fail(StudioError("engine_died", reason="x"))
    assert screen.troubles[-1]
    presenter.talk.retry()
    assert [job.columns for job in studio.chats.jobs[1:]] == [[1]]
    assert screen.troubles[-1] == ""


def test_where_every_reply_is_whole_trying_again_takes_the_notice_away(
    studio: StandIn, screen: Screen, presenter: Presenter
) -> None:
    presenter.send("Hello")
    for column in (0, 1):
        studio.chats.answer(presenter.chat_id, column, "whole")
    studio.chats.jobs[-1].fail(StudioError("engine_died", reason="x"))
    assert screen.troubles[-1]
    assert presenter.talk.retry() is False
    assert screen.troubles[-1] == "" and len(studio.chats.jobs) == 1


def test_stop_cancels_and_is_no_trouble(screen: Screen, presenter: Presenter) -> None:
    presenter.send("Hello")
    presenter.talk.stop()
    assert not presenter.replies.busy
    assert screen.troubles == [""]


def test_swipes_and_editing_make_siblings(studio: StandIn, presenter: Presenter) -> None:
    presenter.send("Hello")
    for column in (0, 1):
        studio.chats.answer(presenter.chat_id, column, f"answer {column}")
    studio.chats.jobs[-1].finish([])
    last = presenter.messages(1)[-1]
    presenter.talk.edit(1, last.id, "better")
    edited = presenter.messages(1)[-1]
    assert (edited.text, edited.place, edited.count) == ("better", 2, 2)
    presenter.talk.swipe(1, edited.id, -1)
    assert presenter.messages(1)[-1].text == "answer 1"


def test_editing_the_last_own_words_asks_again_in_every_column(studio: StandIn, presenter: Presenter) -> None:
    presenter.send("Helo")
    for column in (0, 1):
        studio.chats.answer(presenter.chat_id, column, "what?")
    studio.chats.jobs[-1].finish([])
    assert presenter.talk.last_own() == "Helo"
    assert presenter.talk.edit_last_own("Hello")
    assert [job.columns for job in studio.chats.jobs[1:]] == [[0, 1]]
    assert [one.text for one in presenter.messages(1)] == ["Hello", ""]


def test_columns_are_one_to_eight(presenter: Presenter) -> None:
    for _ in range(12):
        presenter.add_column()
    assert len(presenter.columns()) == MOST_COLUMNS
    for _ in range(12):
        presenter.desk.remove(0)
    assert len(presenter.columns()) == 1


def test_what_is_set_before_the_first_words_is_kept_with_the_chat(studio: StandIn, presenter: Presenter) -> None:
    chat = presenter.open_chat
    chat.set_settings(replace(chat.settings, system_prompt="Speak in verse.", seed=7))
    chat.set_sampler(replace(chat.sampler, temperature=0.1))
    assert studio.chats.list() == []
    presenter.send("Hello")
    stored = studio.chats.list()[0]
    assert (stored.settings.system_prompt, stored.settings.seed, stored.sampler.temperature) == (
        "Speak in verse.", 7, 0.1,
    )  # fmt: skip


def test_empty_states(studio: StandIn, presenter: Presenter) -> None:
    assert presenter.empty_reason() == "new" and presenter.openers()
    studio.kept_adapters = []
    assert presenter.empty_reason() == "adapter"
    studio.models.bases = []
    assert presenter.empty_reason() == "base"


def test_a_chat_deleted_elsewhere_is_let_go(studio: StandIn, presenter: Presenter) -> None:
    presenter.send("Hello")
    studio.chats.jobs[-1].finish([])
    studio.chats.stored.clear()
    presenter.reload()
    assert presenter.open_chat.chat is None
