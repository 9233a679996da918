"""Sentences about files that come in. Code to sentence; words in braces are the error's details."""

IMPORTING: dict[str, str] = {
    # files that come in
    "file_missing": "{path} does not exist.",
    "file_unreadable": "{path} cannot be read: {reason}",
    "file_too_large": "{path} is too large ({size} MB; the limit is {limit} MB).",
    "format_unknown": "{path} is in no format that the studio knows ({known}). Convert the file, or name its format (--format on the command line).",
    "format_not_registered": "There is no format called '{name}'. Known: {known}.",
    "png_broken": "{path} is not a whole PNG file: {reason}. Export the card again.",
    "png_without_card": "{path} is a picture without a character card in it. Was it saved again by an image editor or a chat app?",
    "card_text_too_large": "The card in {path} has a text chunk of {size} MB; the limit is {limit} MB. It was not read.",
    "card_invalid": "The character card in {path} cannot be used: {reason}",
    "json_broken": "{path}, line {line}: not valid JSON ({reason}). The file may be cut off; nothing was imported.",
    "dataset_invalid": "{path}, line {line}: {reason}",
    "script_without_speakers": "{path} has no lines of the form 'NAME: words', so no speaker could be found.",
    "speaker_needed": "Who is the persona in {path}? It has: {speakers}. Choose one with --speaker.",
    "speaker_unknown": "{speaker} does not speak in {path}. It has: {speakers}.",
    "persona_name_needed": "{path} does not say whose lines these are. Name the persona with --persona.",
    "nothing_to_import": "There was nothing to import in {path}.",
}
