"""English words that tell a mood or a topic. Coarse on purpose: they draw a map, they judge no single turn."""

from collections.abc import Mapping

from studio.checks._word_lists import word_set

MOODS: Mapping[str, frozenset[str]] = {
    "joy": word_set(
        "happy happily glad joy joyful delighted delight laugh laughs laughed laughing grin grins grinning beam "
        "beams beaming cheer cheers cheerful cheerfully wonderful excited excitedly yay hooray hurray smile smiles "
        "smiled smiling bright celebrate fantastic lovely thrilled "
    ),
    "tenderness": word_set(
        "gentle gently tender tenderly soft softly warm warmly hug hugs hugged embrace embraces caress caresses "
        "cuddle cuddles dear dearest darling sweetheart love loves beloved kiss kisses kissed stroke strokes "
        "comfort comforts fond fondly cherish care caring "
    ),
    "sadness": word_set(
        "sad sadly sorrow grief grieve mourn tears tear weep weeps wept cry cries cried crying sob sobs lonely "
        "loneliness miss missed heartbroken broken lost hopeless gloomy melancholy regret regrets sigh sighs sighed "
        "alone "
    ),
    "anger": word_set(
        "angry angrily anger rage furious fury mad hate hates hated glare glares glared growl growls snarl snarls "
        "snap snaps snapped shout shouts shouted yell yells yelled damn curse curses slam slams annoyed irritated "
        "scowl scowls idiot fool bastard hell "
    ),
    "fear": word_set(
        "afraid fear fears scared scary frightened terrified terror panic panics nervous nervously anxious "
        "anxiously worry worried worries tremble trembles trembling shiver shivers shaking flinch flinches dread "
        "danger dangerous hide hiding "
    ),
    "surprise": word_set(
        "surprise surprised surprising astonished amazed amazing shocked shock startled startles gasp gasps gasped "
        "wow whoa unexpected unbelievable incredible stunned blink blinks blinked huh "
    ),
    "shame": word_set(
        "ashamed shame embarrassed embarrassing blush blushes blushed blushing guilt guilty sorry apologize "
        "apologise apology awkward awkwardly shy shyly humiliated flustered "
    ),
    "play": word_set(
        "tease teases teasing teased joke jokes joking kidding smirk smirks smirked wink winks winked playful "
        "playfully mischievous mischievously giggle giggles giggled silly prank dare bet haha hehe banter funny "
    ),
}
TOPICS: Mapping[str, frozenset[str]] = {
    "everyday": word_set(
        "breakfast lunch dinner eat eating food cook cooking kitchen tea coffee bread soup sleep slept bed morning "
        "evening today tomorrow weekend shop shopping market work job weather rain clean cleaning laundry bath "
        "house home garden walk dog cat clothes shoes hungry tired drink "
    ),
    "emotional": word_set(
        "feel feeling feelings felt sad happy afraid lonely alone cry crying hurt pain worried anxious scared angry "
        "ashamed guilty comfort trust hope hopeless grief mourning stress stressed depressed overwhelmed upset "
        "nervous "
    ),
    "relationship": word_set(
        "love loves friend friends friendship together marry marriage wife husband girlfriend boyfriend partner "
        "jealous kiss hug forgive apologize apologise promise argue argued quarrel fight leave leaving stay miss "
        "betray betrayed heart relationship date "
    ),
    "past": word_set(
        "remember childhood mother father sister brother family parents grandmother grandfather grew born young "
        "younger once years ago back memory memories school village hometown past used story history "
    ),
    "knowledge": word_set(
        "explain why how meaning means difference between history science book books read learn learned teach "
        "taught language word words calculate number numbers math theory fact facts reason example question answer "
        "recipe medicine herb stars map capital "
    ),
    "world": word_set(
        "internet computer phone smartphone website email online app video youtube tv television movie football "
        "president election government bitcoin money covid car airplane plane robot ai python code program software "
        "america europe germany china google facebook twitter covid19 pizza "
    ),
    "adventure": word_set(
        "sword knife blade gun shoot shot attack attacks fight fighting battle war enemy enemies run running escape "
        "chase blood wound wounded danger kill killed dead death monster dragon magic spell quest treasure guard "
        "guards soldier soldiers trap storm ship "
    ),
}
