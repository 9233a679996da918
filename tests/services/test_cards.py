"""Cards through the whole house: a file comes in, is kept in the library, and goes out with every key it had."""

import base64
import io
import itertools
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.errors import StudioError
from studio.importers import read_paths
from studio.library.library import Library
from studio.services.cards import Cards
from studio.services.change_feed import ChangeFeed
from studio.services.imported_persona import persona_of
from studio.services.personas import Personas
from studio.services.undo import Undo
from tests.exporters.card_reader import check_v2, check_v3, chunks, lost, read_charx, read_png, texts

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
FIELDS = {"name": "Odo", "description": "Odo mends clocks.", "personality": "", "scenario": "", "first_mes": " Tick. "}
CARD = {"spec": "chara_card_v2", "spec_version": "2.0", "data": FIELDS | {"mes_example": ""}}
_numbers = itertools.count()


class House:
    """A library with what is needed to bring a card in and send it out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = Library.open(folder / "library")
        changes = ChangeFeed()
        self.personas = Personas(self.library, changes, Undo(self.library, changes))
        self.cards = Cards(self.library, self.personas)

    def bring_in(self, path: Path) -> str:
        """As a new persona, whatever it is called."""
        name = f"Somebody {next(_numbers)}"
        items = read_paths([path]).items
        return persona_of(self.library, self.personas, name, items)[0].id

    def send_out(self, persona_id: str, format: str, **options: bytes) -> bytes:
        suffix = {one.name: one.suffix for one in self.cards.formats()}[format]
        return self.cards.export(persona_id, format, self.folder / f"out{suffix}", **options).read_bytes()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.library.close()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _png(*pieces: bytes, after: bytes = b"") -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    image = _chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(pieces) + image + _chunk(b"IEND", b"") + after


def _packed(card: object) -> bytes:
    return base64.b64encode(json.dumps(card).encode())


def _charx(card: object, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", json.dumps(card))
        for name, data in members.items():
            archive.writestr(f"assets/other/{name}.bin", data)
    return out.getvalue()


def _all(house: House, path: Path) -> dict[str, Any]:
    """The card in every format that can be written, by format."""
    persona = house.bring_in(path)
    png = house.send_out(persona, "card_png")
    backfilled = next(text for keyword, text in texts(png) if keyword == "chara")
    return {
        "png": read_png(png),
        "png, older": json.loads(base64.b64decode(backfilled)),
        "v2": json.loads(house.send_out(persona, "card_json_v2")),
        "v3": json.loads(house.send_out(persona, "card_json_v3")),
        "charx": read_charx(house.send_out(persona, "charx")),
    }


def _without_frame(card: Any) -> Any:
    return {key: value for key, value in card.items() if key not in ("spec", "spec_version")}


def _named(card: Any, written: Any) -> Any:
    """The persona was given another name than the card's."""
    name = written["data"]["name"]
    renamed = {key: name if key in ("name", "char_name") else value for key, value in card.items()}
    if isinstance(card.get("data"), dict) and "spec" in card:
        renamed["data"] = {**card["data"], "name": name}
    return renamed


def _icon_forgotten(card: Any) -> Any:
    """In an archive the portrait is one of the pictures: it has a place of its own among them."""
    data = card["data"]
    assets = [one for one in data.get("assets", []) if one.get("type") != "icon"]
    return {**card, "data": {**data, "assets": assets}}


def _nothing_lost(written: dict[str, Any], card: Any) -> None:
    for format, found in written.items():
        if format == "charx":
            icons = [one["uri"] for one in found["data"]["assets"] if one["type"] == "icon"]
            assert icons == ["embeded://assets/icon/images/main.png"]
            if "assets" in card.get("data", {}) and "spec" in card:
                found, card = _icon_forgotten(found), _icon_forgotten(card)
        assert not lost(found, _without_frame(_named(card, found))), format
        (check_v2 if found["spec"] == "chara_card_v2" else check_v3)(found)


CARD_SAMPLES = [
    path for path in (SAMPLES / "character_card").iterdir() if path.suffix in (".json", ".png", ".charx", ".jpg")
]


@pytest.mark.parametrize(
    "path",
    [path for path in CARD_SAMPLES if path.name not in ("expected.json", "cover.jpg")],
    ids=lambda path: path.name,
)
def test_every_sample_leaves_with_every_key(house: House, path: Path) -> None:
    item = read_paths([path]).items[0]
    assert item.card
    if item.portrait.startswith(b"\x89PNG") or not item.portrait:
        _nothing_lost(_all(house, path), item.card.card)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_known = {
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt",
    "post_history_instructions", "creator", "character_version", "alternate_greetings", "tags", "extensions", "spec",
    "spec_version", "data", "group_only_greetings", "creatorcomment", "assets", "char_name", "character_book", "avatar",
}  # fmt: skip
_unknown = st.dictionaries(st.text(max_size=12).filter(lambda key: key not in _known), _values, max_size=5)
_texts = {key: st.text(max_size=60) for key in ("description", "personality", "scenario", "first_mes", "mes_example")}
_fields = st.fixed_dictionaries({"name": st.just("Odo"), **_texts})
_extras = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.text(max_size=9), max_size=3),
        "extensions": _unknown,
        "alternate_greetings": st.lists(st.text(max_size=9), max_size=3),
    },
)
_slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_slow
@given(fields=_fields, extras=_extras, inside=_unknown, outside=_unknown, newer=st.booleans())
def test_v2_and_v3_lose_nothing(house: House, fields: Any, extras: Any, inside: Any, outside: Any, newer: bool) -> None:
    spec = {"spec": f"chara_card_v{3 if newer else 2}", "spec_version": "3.0" if newer else "2.0"}
    card = {**outside, **spec, "data": {**inside, **extras, **fields}}
    path = house.folder / "in.png"
    path.write_bytes(_png(_chunk(b"tEXt", b"chara\0" + _packed(card))))
    _nothing_lost(_all(house, path), card)


@_slow
@given(fields=_fields, unknown=_unknown, pygmalion=st.booleans())
def test_v1_and_pygmalion_lose_nothing(house: House, fields: Any, unknown: Any, pygmalion: bool) -> None:
    card: Any = {**unknown, **fields}
    if pygmalion:
        card = {**unknown, "char_name": "Odo", "char_persona": "Mends clocks.", "char_greeting": fields["first_mes"]}
    path = house.folder / "in.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    _nothing_lost(_all(house, path), card)


@_slow
@given(fields=_fields, inside=_unknown, assets=st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=99)))
def test_charx_keeps_its_keys_and_its_pictures(house: House, fields: Any, inside: Any, assets: Any) -> None:
    listed = [
        {"type": "x_any", "uri": f"embeded://assets/other/{name}.bin", "name": name, "ext": "bin"} for name in assets
    ]
    extras = {"alternate_greetings": [], "tags": [], "extensions": {}, "group_only_greetings": []}
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {**inside, **extras, **fields, "assets": listed}}
    path = house.folder / "in.charx"
    path.write_bytes(_charx(card, **assets))
    persona = house.bring_in(path)
    written = house.send_out(persona, "charx")
    found = read_charx(written)
    assert found["data"]["assets"][1:] == listed  # the picture that it had none of comes first
    found["data"]["assets"] = listed
    assert not lost(found, _named(card, found))
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert {name: archive.read(f"assets/other/{name}.bin") for name in assets} == assets


def test_a_card_of_the_archive_kind_is_the_same_after_two_journeys(house: House, tmp_path: Path) -> None:
    first = house.send_out(house.bring_in(SAMPLES / "character_card" / "v3.charx"), "charx")
    (tmp_path / "again.charx").write_bytes(first)
    second = house.send_out(house.bring_in(tmp_path / "again.charx"), "charx")
    cards = [read_charx(first), read_charx(second)]
    names = {card["data"].pop("name") for card in cards}
    assert len(names) == 2
    assert cards[0] == cards[1]
    with zipfile.ZipFile(io.BytesIO(first)) as one, zipfile.ZipFile(io.BytesIO(second)) as other:
        assert one.namelist() == other.namelist()
        assert {"module.risum", "assets/emotion/images/smile.png"} <= set(one.namelist())


def test_stale_copies_go_and_every_other_chunk_stays(house: House, tmp_path: Path) -> None:
    stale = _packed(CARD | {"data": CARD["data"] | {"name": "Stale"}})  # type: ignore[operator]
    others = [
        _chunk(b"tEXt", b"Comment\0caf\xe9"), _chunk(b"zTXt", b"note\0\0" + zlib.compress(b"x")),
        _chunk(b"iTXt", b"chara2\0\0\0\0\0no card"), _chunk(b"prVt", bytes(range(40))),
    ]  # fmt: skip
    cards = [
        _chunk(b"tEXt", b"ccv3\0" + _packed(CARD)), _chunk(b"tEXt", b"CHARA\0" + stale),
        _chunk(b"zTXt", b"chara\0\0" + zlib.compress(stale)), _chunk(b"iTXt", b"Ccv3\0\0\0\0\0" + stale),
        _chunk(b"tEXt", b"chara\0" + stale),
    ]  # fmt: skip
    path = tmp_path / "card.png"
    path.write_bytes(_png(cards[0], others[0], *cards[1:4], *others[1:], cards[4], after=b"left over"))
    written = house.send_out(house.bring_in(path), "card_png")
    kept = [kind + data for kind, data in chunks(written)]
    assert [data[4:-4] for data in others] == [one for one in kept if one in {data[4:-4] for data in others}]
    assert written.endswith(b"left over")
    assert [keyword for keyword, _ in texts(written)] == ["comment", "chara", "ccv3"]
    assert b"Stale" not in b"".join(base64.b64decode(text) for keyword, text in texts(written) if keyword != "comment")
    assert sum(kind in (b"zTXt", b"iTXt") for kind, _ in chunks(written)) == 2


def test_edits_take_the_place_of_the_card_s_words_and_nothing_else_moves(house: House, tmp_path: Path) -> None:
    card = {**FIELDS, "spec": "chara_card_v2", "spec_version": "2.0", "data": {**FIELDS, "mes_example": "", "x": [1]}}
    path = tmp_path / "card.json"
    path.write_text(json.dumps(card), encoding="utf-8")
    persona = house.bring_in(path)
    house.personas.update(persona, name="Odo", greeting="Tock.", tags=("clock",), tagline="Late.", colour="#123456")
    found = json.loads(house.send_out(persona, "card_json_v2"))
    assert (found["first_mes"], found["data"]["first_mes"], found["data"]["tags"]) == ("Tock.", "Tock.", ["clock"])
    assert found["data"]["extensions"] == {"persona_studio": {"tagline": "Late.", "colour": "#123456"}}
    assert (found["description"], found["data"]["x"], found["data"]["system_prompt"]) == (
        FIELDS["description"],
        [1],
        "",
    )
    (tmp_path / "again.json").write_text(json.dumps(found), encoding="utf-8")
    again = read_paths([tmp_path / "again.json"]).items[0].card
    assert again and (again.greeting, again.tagline, again.colour) == ("Tock.", "Late.", "#123456")


def test_untouched_words_keep_their_spaces(house: House, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(CARD), encoding="utf-8")
    assert json.loads(house.send_out(house.bring_in(path), "card_json_v3"))["data"]["first_mes"] == " Tick. "


def test_a_persona_of_nothing_but_a_name_has_a_card_with_a_plain_picture(house: House) -> None:
    persona = house.personas.create(f"Nobody {next(_numbers)}")
    png = house.send_out(persona.id, "card_png")
    check_v3(read_png(png))
    assert read_png(png)["data"]["name"] == persona.name
    header = dict(chunks(png))[b"IHDR"]
    width, height, depth, kind = struct.unpack(">IIBB", header[:10])
    pixels = zlib.decompress(dict(chunks(png))[b"IDAT"])
    assert (depth, kind, len(pixels)) == (8, 2, height * (1 + 3 * width))
    found = read_charx(house.send_out(persona.id, "charx"))
    assert found["data"]["assets"][0]["uri"] == "embeded://assets/icon/images/main.png"


def test_a_portrait_that_is_no_png(house: House) -> None:
    persona = house.bring_in(SAMPLES / "character_card" / "cover.jpg")
    with pytest.raises(StudioError, match="card_portrait_not_png"):
        house.send_out(persona, "card_png")
    assert not (house.folder / "out.jpg").exists()
    assert read_png(house.send_out(persona, "card_png", picture=_png()))["data"]["name"]
    charx = house.send_out(persona, "charx")
    with zipfile.ZipFile(io.BytesIO(charx)) as archive:
        assert archive.read("assets/icon/images/main.jpeg").startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("end", [20, -1, -12])
def test_a_broken_portrait_is_said_and_leaves_no_file(house: House, end: int, tmp_path: Path) -> None:
    persona = house.personas.create(f"Broken {next(_numbers)}")
    house.personas.set_portrait(persona.id, _png()[:end])
    with pytest.raises(StudioError, match="card_portrait_broken"):
        house.cards.export(persona.id, "card_png", tmp_path / "card.png")
    assert not list(tmp_path.iterdir())


def test_a_changed_portrait_becomes_the_icon_and_the_old_one_stays(house: House) -> None:
    persona = house.bring_in(SAMPLES / "character_card" / "v3.charx")
    house.personas.set_portrait(persona, _png())
    written = house.send_out(persona, "charx")
    icons = [one for one in read_charx(written)["data"]["assets"] if one["type"] == "icon"]
    assert [one["uri"] for one in icons] == ["embeded://assets/icon/images/main-2.png"]
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.read("assets/icon/images/main-2.png") == _png()
        assert "assets/icon/images/main.png" in archive.namelist()


def test_places_that_cannot_be_written_are_said(house: House, tmp_path: Path) -> None:
    persona = house.personas.create(f"Homeless {next(_numbers)}")
    with pytest.raises(StudioError, match="card_not_written"):
        house.cards.export(persona.id, "card_json_v2", tmp_path / "none" / "card.json")
    with pytest.raises(StudioError, match="card_format_unknown"):
        house.cards.export(persona.id, "scroll", tmp_path / "card.json")


def test_lorebooks_go_into_the_card_and_out_again(house: House, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps(CARD), encoding="utf-8")
    world = tmp_path / "world.json"
    world.write_bytes((SAMPLES / "lorebook" / "world.json").read_bytes())
    name = f"Reader {next(_numbers)}"
    first, _ = persona_of(house.library, house.personas, name, read_paths([world], persona=name).items)
    assert house.personas.get(first.id).description == ""
    again, created = persona_of(house.library, house.personas, name, read_paths([tmp_path], persona=name).items)
    assert (again.id, created) == (first.id, False)
    found = json.loads(house.send_out(first.id, "card_json_v3"))["data"]
    assert found["description"] == FIELDS["description"]
    assert [entry["id"] for entry in found["character_book"]["entries"]] == [0, 1]


def test_an_infinite_number_is_written_as_null(house: House, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(CARD)[:-1] + ', "x": [1e999, -1e999, 0.5]}', encoding="utf-8")
    assert json.loads(house.send_out(house.bring_in(path), "card_json_v2"))["x"] == [None, None, 0.5]


def test_what_has_to_give_way_is_kept_elsewhere(house: House, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(FIELDS | {"data": ["mine"], "spec_version": 7, "extensions": "none"}), encoding="utf-8")
    found = json.loads(house.send_out(house.bring_in(path), "card_json_v2"))
    check_v2(found)
    kept = found["data"]["extensions"]["persona_studio"]["displaced"]
    assert kept == {"data": ["mine"], "spec_version": 7, "extensions": "none"}
