"""Every message survives the wire; what is not of the protocol is refused, never guessed at."""

import json
import typing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.protocol import codec, commands, events
from studio.protocol.codec import WireError, decode_command, decode_event, encode

COMMANDS = typing.get_args(commands.AnyCommand)
EVENTS = typing.get_args(events.AnyEvent)


def _example(kind: type, draw: typing.Callable[[type], object]) -> msgspec.Struct:
    hints = typing.get_type_hints(kind)
    return kind(**{field: draw(hints[field]) for field in kind.__struct_fields__})  # type: ignore[attr-defined,no-any-return]


def _drawn(data: st.DataObject, hint: typing.Any) -> object:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return [_drawn(data, inside[0]) for _ in range(data.draw(st.integers(0, 2)))]
    if origin is dict:
        key = data.draw({int: st.integers(0, 9), str: st.text(max_size=5)}[inside[0]])
        return {key: "x" if inside[1] is object else _drawn(data, inside[1])}
    if type(None) in inside:
        return None if data.draw(st.booleans()) else _drawn(data, inside[0])
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _example(hint, lambda inner: _drawn(data, inner))
    plain = {
        str: st.text(max_size=20), int: st.integers(0, 2**53), bool: st.booleans(),
        float: st.floats(allow_nan=False, allow_infinity=False),
    }  # fmt: skip
    return data.draw(plain[hint])


@pytest.mark.parametrize("kind", COMMANDS + EVENTS, ids=lambda kind: kind.__name__)
@settings(deadline=None)
@given(data=st.data())
def test_every_message_survives_the_wire(kind: type, data: st.DataObject) -> None:
    message = _example(kind, lambda hint: _drawn(data, hint))
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert (decode_command if kind in COMMANDS else decode_event)(line) == message


def test_all_kinds_are_known_and_have_names_of_their_own() -> None:
    for module, known in ((commands, COMMANDS), (events, EVENTS)):
        base = commands.Command if module is commands else events.Event
        assert set(base.__subclasses__()) == set(known)
        tags = [kind.__struct_config__.tag for kind in known]
        assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"nonsense\n",
        b'{"type":"cancel"',
        b"[]",
        b'{"job":"a"}',
        b'{"type":"explode","job":"a"}',
        b'{"type":"cancel","job":"a","more":1}',
        b'{"type":"cancel","job":7}',
        b'{"type":"load_base","job":"a"}',
        b'{"type":"reply","job":"a","rows":[{"messages":[{"role":"user","text":"x","html":true}]}]}',
        b'{"type":"job_done","job":"a"}',
        b'{"type":"cancel","job":"\xff"}',
    ],
)
def test_what_is_not_of_the_protocol_is_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        decode_command(line)


def test_commands_are_no_events() -> None:
    with pytest.raises(WireError):
        decode_event(encode(commands.Cancel(job="a")))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_noise_raises_nothing_else(noise: bytes) -> None:
    for decode in (decode_command, decode_event):
        try:
            decode(noise)
        except WireError:
            continue
        json.loads(noise)


def test_lines_over_the_limit_are_refused_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LINE_LIMIT", 40)
    short = encode(commands.Cancel(job="a"))
    assert decode_command(short) == commands.Cancel(job="a")
    with pytest.raises(WireError, match="over the limit"):
        encode(commands.Cancel(job="a" * 40))
    with pytest.raises(WireError, match="over the limit"):
        decode_command(b'{"type":"cancel","job":"' + b"a" * 40 + b'"}')


def test_line_breaks_and_separators_inside_texts_stay_inside() -> None:
    message = commands.Message(role="user", text="one\ntwo\r\u2028three\u0085\0")
    command = commands.Reply(job="r", rows=[commands.Row(messages=[message])])
    assert encode(command).count(b"\n") == 1
    assert decode_command(encode(command)) == command
