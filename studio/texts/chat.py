"""Sentences about talking, voting, teaching and blending. Code to sentence; words in braces are the error's details."""

CHAT: dict[str, str] = {
    # talking
    "comparison_blind": "The names of this comparison are hidden until the vote, and a file would tell them. Vote first, or keep a picture: it hides them, too.",
    "picture_not_written": "The picture could not be written to {path}. Choose another folder, or look whether the disk is full.",
    "nothing_to_continue": "There is no reply at the end of this column to go on with. Ask something, then continue the answer.",
    "no_greeting": "{name} has no such greeting. Write one in the persona's card, or begin yourself.",
    "strength_invalid": "A strength lies between 0 and {most}.",
    "preset_name_empty": "Give the preset a name.",
    "preset_name_taken": "'{name}' is one of the program's own presets. Choose another name.",
    "checkpoint_gone": "Run {run} keeps no checkpoint of step {step} any more. Choose one of those that are left.",
    "checkpoint_is_base": "Step {step} of run {run} is a whole base of its own, which cannot answer beside others. Wait for the end of the run and load what it made as a base.",
    "scene_speakers": "A scene needs {fewest} to {most} speakers.",
    "scene_choose_speaker": "In this scene you choose who speaks next. Choose somebody, or let the turns follow an order.",
    "scene_all_silent": "Everybody in this scene is silent. Let somebody speak.",
    "scene_runs": "This scene runs by itself already. Stop or pause it first.",
    "scene_turns_wrong": "A scene runs by itself for 1 to {most} lines at a time.",
    # votes
    "ballot_needs_two": "A vote needs two columns at least. Add another voice, then vote.",
    "ballot_unanswered": "A column has no reply to judge yet. Let all columns answer, then vote.",
    "ballot_edited": "A reply was edited by hand, so it is nobody's any more. Let that column answer anew, then vote.",
    "ballot_prompts_differ": "The columns have answered different words, so their replies cannot be compared. Ask all of them the same, then vote.",
    "ballot_voted": "This round has its vote already. Undo it to vote anew.",
    "ballot_column_gone": "A column of this round was removed. Begin a new round.",
    # teaching
    "teach_no_reply": "Only a reply can be taught: the user's words and greetings of the card are no replies.",
    "teach_no_persona": "This reply belongs to no persona: the base alone has said it. Say which persona is to learn it.",
    "not_taught": "This reply is not in the data, so there is nothing to take back.",
    # blends
    "bake_nothing": "There is nothing to bake: give at least one adapter a weight other than 0.",
    "bake_not_factors": "{name} cannot be baked: {method} is not made of plain LoRA factors, which alone add up exactly. Talk with the blend live instead, or train the persona with LoRA.",
    "adapter_changes_nothing": "{name} was not used: measured on fixed sentences, {base} answers the same with it as without. Its weights are zero or were damaged; train it again, or choose another adapter.",
    # told by the engine
    "bake_other_kind": "The adapter {adapter} cannot be baked: it is not made of plain LoRA factors alone, which are what adds up exactly. Leave it out, or talk with the blend live.",
    "bake_rank_too_high": "Together these adapters have {rank} ranks, and an adapter holds {limit} at most. Choose a rank to bake them to.",
}
