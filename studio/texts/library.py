"""Sentences about the library and what it keeps. Code to sentence; words in braces are the error's details."""

LIBRARY: dict[str, str] = {
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
    "act_gone": "This act is no longer in the history, so it can neither be undone nor done again.",
    "act_turned": "This is undone already (or stands already), so there is nothing to do.",
    "act_overtaken": "'{label}' came later and touched the same conversations. Undo that first.",
    "disk_full": "The disk is full: {path} could not be written. Nothing was lost; free some space and try again.",
    "not_found": "There is no {what} called '{name}'.",
    "ambiguous": "'{name}' could be several: {candidates}. Use the id.",
    "name_empty": "A persona needs a name.",
}
