"""What goes on before a word of a reply can be seen, as a sentence. Knows no Qt."""

from typing import TYPE_CHECKING

from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.job import Progress


def words_for(progress: "Progress") -> str:
    """The sentence for a kind of progress; empty for what needs none."""
    sentences = {
        "loading": tr("The base is being loaded into memory…"),
        "checkpoint": tr("The checkpoint is being made ready to speak…"),
        "arranging": tr("The conversation is being copied into the other columns…"),
    }
    return sentences.get(progress.what, "")
