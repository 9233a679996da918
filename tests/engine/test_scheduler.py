"""The queue, with plain generators for jobs."""

import pytest

from studio.engine.scheduler import Cancelled, Scheduler, Urgency, Work


class Log:
    """A scheduler that writes down what happens, and jobs that write down their units."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.failures: dict[str, BaseException] = {}
        self.scheduler = Scheduler(
            on_failure=self.failures.__setitem__,
            on_start=lambda name: self.said.append(f"{name}+"),
            on_exit=lambda name: self.said.append(f"{name}-"),
        )

    def job(self, name: str, units: int, trouble: BaseException | None = None) -> Work:
        try:
            for unit in range(units):
                self.said.append(f"{name}{unit}")
                yield
            if trouble:
                raise trouble
        finally:
            self.said.append(f"{name}|")

    def add(self, name: str, urgency: Urgency, units: int = 2, trouble: BaseException | None = None) -> None:
        self.scheduler.add(name, urgency, self.job(name, units, trouble))

    def run(self, units: int = 100) -> str:
        for _ in range(units):
            self.scheduler.run_unit()
        return " ".join(self.said)


def test_a_reply_interrupts_training_at_the_next_unit() -> None:
    log = Log()
    log.add("t", Urgency.TRAINING)
    log.run(1)
    log.add("r", Urgency.REPLY)
    assert log.run() == "t+ t0 r+ r0 r1 r| r- t1 t| t-"
    assert log.scheduler.idle


def test_a_share_of_the_time_stays_with_training() -> None:
    """Each unit takes as long as it says; a fifth is training's, counted over what others have worked."""
    log, now = Log(), [0.0]
    log.scheduler = Scheduler(log.failures.__setitem__, clock=lambda: now[0])

    def job(name: str, units: int, seconds: float) -> Work:
        for _ in range(units):
            log.said.append(name)
            now[0] += seconds
            yield

    log.scheduler.add("t", Urgency.TRAINING, job("t", 5, 2.0), share=0.2)
    log.run(1)
    log.scheduler.add("r", Urgency.REPLY, job("r", 20, 1.0))
    assert log.run().replace(" ", "") == "t" + "rrrrrrrrt" * 2 + "rrrr" + "tt"


def test_what_has_not_begun_has_no_share_yet() -> None:
    log = Log()
    log.scheduler.add("t", Urgency.TRAINING, log.job("t", 2), share=0.9)
    log.add("r", Urgency.REPLY, 3)
    assert log.run().startswith("r+ r0 r1 r2 r| r- t+ t0")


def test_the_most_urgent_first_and_first_come_first_served() -> None:
    log = Log()
    for name, urgency in [("t", Urgency.TRAINING), ("h", Urgency.HEAVY), ("q", Urgency.QUICK), ("r", Urgency.REPLY)]:
        log.add(name, urgency, 1)
        log.add(name.upper(), urgency, 1)
    log.run()
    assert [word[0] for word in log.said if word.endswith("+")] == list("rRqQhHtT")


def test_a_job_in_trouble_ends_alone() -> None:
    log, trouble = Log(), ValueError("broken")
    log.add("a", Urgency.QUICK, 1, trouble)
    log.add("b", Urgency.QUICK, 1)
    assert log.run() == "a+ a0 a| a- b+ b0 b| b-"
    assert log.failures == {"a": trouble}


@pytest.mark.parametrize("units", [0, 1])
def test_cancelling_takes_effect_at_once(units: int) -> None:
    log = Log()
    log.add("a", Urgency.TRAINING, 5)
    log.run(units)
    log.scheduler.cancel("a")
    log.scheduler.cancel("a")  # it has just ended
    assert log.run() == ("a+ a0 a- a|" if units else "a-")
    assert isinstance(log.failures["a"], Cancelled)
    assert log.scheduler.idle


def test_a_job_may_tidy_up_when_cancelled_but_not_go_on() -> None:
    log = Log()

    def stubborn() -> Work:
        try:
            yield
        except Cancelled:
            log.said.append("tidied")
            yield
            log.said.append("went on")

    log.scheduler.add("s", Urgency.REPLY, stubborn())
    log.run(1)
    log.scheduler.cancel("s")
    log.run()
    assert log.said == ["s+", "s-", "tidied"]
    assert isinstance(log.failures["s"], Cancelled)


def test_trouble_while_tidying_up_is_told() -> None:
    log = Log()

    def clumsy() -> Work:
        try:
            yield
        finally:
            raise OSError("disk")

    log.scheduler.add("c", Urgency.REPLY, clumsy())
    log.run(1)
    log.scheduler.cancel("c")
    assert isinstance(log.failures["c"], OSError)


def test_names_in_the_order_in_which_they_came() -> None:
    log = Log()
    log.add("t", Urgency.TRAINING)
    log.add("r", Urgency.REPLY)
    assert log.scheduler.names() == ["t", "r"]
