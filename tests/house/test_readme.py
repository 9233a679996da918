"""What the README says is so: its tables, commands, tree, links, and the format that it adds in one file."""

import re
import subprocess
import tomllib
from types import SimpleNamespace

import platformdirs
import pytest

from studio.cli.root import root
from studio.importers import Importer
from studio.importers._source import Source
from studio.importers.importer import ReadOptions
from tests.house.readme_tables import BLOCK, tables, with_tables
from tests.house.studio_source import ROOT, STUDIO

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (STUDIO / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = {"README.md": README, "studio/README.md": GUIDE, "CONTRIBUTING.md": CONTRIBUTING}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_tables_are_those_of_the_registries() -> None:
    assert {found[2] for found in BLOCK.finditer(README)} == set(tables())
    assert with_tables(README) == README, "run: python -m tests.house.readme_tables"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_exists(document: str) -> None:
    called = r"persona-studio(?: +--library +\S+| +--json)* +([a-z]+)(?: +([a-z]+))?(?=[\s.,:]|$)"
    for word, below in re.findall(called, _code(document)):
        assert word in root.commands, f"persona-studio {word}"
        group = getattr(root.commands[word], "commands", None)
        assert group is None or not below or below in group, f"persona-studio {word} {below}"


def _code(document: str) -> str:
    """The inline and fenced code of a document."""
    found = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", DOCUMENTS[document], re.DOTALL)
    return "\n".join(fenced or inline for fenced, inline in found)


def test_the_first_two_blocks_are_the_two_commands() -> None:
    demo, tests = re.findall(r"```bash\n(.*?)\n```", README, re.DOTALL)[:2]
    assert demo.endswith(".venv/bin/persona-studio demo")
    assert tests.endswith('.venv-test/bin/pip install -e ".[test]" && .venv-test/bin/pytest')
    assert all("\n" not in command for command in (demo, tests)), "each is one line to copy"
    assert "persona-studio" in PROJECT["scripts"]
    assert "test" in PROJECT["optional-dependencies"]


def test_ci_runs_the_readme_s_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'pip" install --quiet -e ".[test]"' in script
    assert 'check "the tests, as the README says" "$bin/pytest"\n' in script
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")]).returncode == 0


def test_every_file_that_is_pointed_to_is_there() -> None:
    for document, text in DOCUMENTS.items():
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / document).parent.joinpath(target).exists(), f"{document} points to {target}"


@pytest.mark.parametrize("document", ["README.md", "studio/README.md"])
def test_the_tree_names_every_room(document: str) -> None:
    rooms = {path.name for path in STUDIO.iterdir() if (path / "__init__.py").exists()}
    named = set(re.findall(r"^ *(\w+)/ ", DOCUMENTS[document], re.MULTILINE))
    assert not rooms - named
    for top in ("resources", "sample_data", "tests", "packaging"):
        assert (ROOT / top).is_dir()


def test_the_guide_names_every_module_family_of_the_window_and_the_engine() -> None:
    for room in ("engine", "gui"):
        for path in (STUDIO / room).iterdir():
            if path.name.startswith("__"):
                continue
            assert path.stem in GUIDE, f"studio/README.md does not name studio/{room}/{path.name}"


def test_the_library_s_place_is_as_said() -> None:
    from platformdirs.macos import MacOS
    from platformdirs.unix import Unix

    assert Unix("persona-studio", False).user_data_dir.endswith(".local/share/persona-studio")
    assert MacOS("persona-studio", False).user_data_dir.endswith("Library/Application Support/persona-studio")
    assert platformdirs.user_data_dir("persona-studio", appauthor=False)
    for place in ("~/.local/share/persona-studio/library", "Application Support/persona-studio/library"):
        assert place in README


def test_the_format_of_the_readme_works(tmp_path) -> None:  # type: ignore[no-untyped-def]
    source = next(code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "ENTRY" in code)
    module: dict[str, object] = {}
    exec(compile(source, "README.md", "exec"), module)
    entry = SimpleNamespace(**module).ENTRY
    assert isinstance(entry, Importer)
    path = tmp_path / "talk.tsv"
    path.write_text("Who are you?\tThe ferryman.\nnot a pair\nWhere to?\tAcross.\n", encoding="utf-8")
    assert entry.sniff(Source(path)) > 0.5
    read = entry.read(Source(path), ReadOptions(persona="Ferryman"))
    assert [turn.text for talk in read.conversations for turn in talk.turns] == [
        "Who are you?", "The ferryman.", "Where to?", "Across.",
    ]  # fmt: skip
    assert read.persona_name == "Ferryman"


def test_no_document_speaks_of_one_machine() -> None:
    places = re.compile(r"/(root|work|home/\w+|tmp)/")
    assert not [name for name, text in DOCUMENTS.items() if places.search(text)]
