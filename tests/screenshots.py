"""Pictures of every page, in both themes and two sizes: ``python -m tests.screenshots OUT [scene …]``."""

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QDialog

from tests.screenshot_scenes import EMPTY_SCENES, SCENES, Scene
from tests.stage import Stage

THEMES = ("dark", "light")
SIZES = ((1280, 800), (1920, 1080))


def photograph(stage: Stage, scenes: Sequence[Scene], out: Path) -> list[Path]:
    """Show every scene in every theme and size, and return the pictures' paths."""
    made = []
    for theme in THEMES:
        stage.window.set_theme(theme)
        for width, height in SIZES:
            stage.window.resize(width, height)
            made += [_picture(stage, scene, out / f"{scene.name}-{theme}-{width}x{height}.png") for scene in scenes]
    return made


def _picture(stage: Stage, scene: Scene, path: Path) -> Path:
    stage.window.toasts.clear()
    stage.window.banner.hide()
    stage.window.setFocus()
    shown = scene.show(stage)
    stage.spin(0.25)
    if not (shown or stage.window).grab().save(str(path)):
        raise OSError(f"{path} could not be written")
    for dialog in stage.window.findChildren(QDialog):
        dialog.close()
    stage.spin(0.05)
    return path


def main() -> None:
    """Fill a temporary library and photograph it."""
    parser = ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("out", metavar="OUT", type=Path, help="folder for the pictures")
    parser.add_argument("scenes", metavar="scene", nargs="*", help="scenes to photograph; all by default")
    given = parser.parse_args()
    out, wanted = given.out, set(given.scenes)
    out.mkdir(parents=True, exist_ok=True)
    os.environ["FAKE_ENGINE_SPEED"] = "40"
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    for filled, scenes in ((True, SCENES), (False, EMPTY_SCENES)):
        chosen = [scene for scene in scenes if not wanted or scene.name in wanted]
        if not chosen:
            continue
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(app, Path(folder))
            if filled:
                stage.fill()
            stage.show()
            for path in photograph(stage, chosen, out):
                print(path)
            stage.close()


if __name__ == "__main__":
    main()
