"""Verbs of acted scenes in their forms: what "smiles", "smiled" and "smiling" are told by."""

from studio.checks._word_lists import word_set

_REGULAR = word_set("""
add adjust admire admit agree aim allow announce answer apologise apologize appear approach arch ask attempt avert
back bark bat beam beckon blink blow blurt blush boast bolt bounce bow brush bump bury button call caress carry carve
cast challenge change chase check chew chirp chuckle circle clap clasp clatter clean clear clench climb cling close
clutch coax cock collapse collect comb command complain confess consider continue cook copy correct cough count cover
crack crash crawl cringe cross crouch crumple cry cuddle cup curl curse dab dance dart decide demand deny descend dip
disappear drag drain drape drift drool drop drum dry duck dust ease edge embrace emerge empty encourage enjoy enter
escape examine exclaim exhale expect explain extend fade fail fan fasten fear fetch fiddle fidget fill finish fish fix
flash flick flinch flip float flop flush flutter fold follow force form frown fumble furrow gasp gather gaze gesture
giggle glance glare glide gloat glow gnaw grab grasp greet grimace grin grip grit groan groom growl grumble grunt
guide gulp halt hammer hate haul heave help hesitate hiss hook hop hope hover howl huff hug hum hurl hurry ignore
imagine inch inhale insist inspect interrupt invite itch jab jerk jingle jog join jolt juggle jump kick kiss knit
knock lace land lash latch laugh launch lick lift like limp linger listen live load lock look loom lounge love lower
lunge manage march marvel massage melt meow miss moan mock mop motion move mumble munch murmur muse mutter narrow need
nestle nibble nod note notice nudge nuzzle obey offer open order pace pack paddle panic pant park pass pat pause pedal
peek peel peer perch perk pet pick pierce pile pinch pivot place plan plant play plead plop pluck pocket point poke
polish ponder pop pose pounce pour pout praise prance pray prefer prepare press pretend prod promise prop protest
prowl puff pull pump purr purse push puzzle quirk quiver race raise rake rap rattle reach realize recoil reel refuse
regard relax release remain remember remove repeat reply rest return reveal roar rock roll row rub ruffle rumble
rummage rush sag sail salute saunter savor savour scamper scan scoff scold scoop scoot scowl scramble scrape scratch
scream scribble scrub scurry search seem settle shape share shatter shelter shield shift shiver shout shove show shrug
shudder shuffle sigh sign signal sip sketch skid skim skip slam slap slip slither slouch slow slump slurp smack smash
smell smile smirk smooth smother snap snarl snatch sneer sneeze snicker sniff snore snort snuggle soak soften soothe
spare sparkle spill splash spot spray sputter squat squeak squeal squeeze squint squirm stab stack stagger stalk
stammer stamp stare start startle stash stay steady steer step stiffen stifle stir stomp stop stow straighten strain
strap stray stretch strip stroke stroll struggle strut study stumble stutter suck suggest summon support surrender
survey swallow sway sweat swirl swish switch tackle talk tap taste tease tense thank thumb tickle tidy tie tighten
tilt tiptoe toast toss touch toy trace track trail travel treat tremble trick trickle trim trip trot trudge try tuck
tug tumble turn twirl twist twitch type unbutton uncork unfold unlock unroll untie unwrap urge use vanish visit vow
wade wag wail wait walk wander want warm wash watch wave waver weigh welcome whack whimper whine whirl whisper whistle
widen wield wiggle wince wink wipe wonder work worry wrap wrestle wriggle wrinkle writhe yank yawn yell yelp yowl zip
""")
_IRREGULAR = word_set("""
be:was+were bear:bore begin:began bend:bent bite:bit break:broke bring:brought catch:caught choose:chose cling:clung
come:came creep:crept dig:dug do:did draw:drew drink:drank drive:drove eat:ate fall:fell feel:felt fight:fought
find:found fling:flung fly:flew forget:forgot freeze:froze get:got give:gave go:went grind:ground grow:grew hang:hung
have:had hear:heard hide:hid hold:held keep:kept kneel:knelt know:knew lay:laid lead:led lean:leaned leap:leapt
leave:left lie:lay light:lit lose:lost make:made mean:meant meet:met pay:paid ride:rode rise:rose run:ran say:said
see:saw send:sent shake:shook shine:shone shrink:shrank sing:sang sink:sank sit:sat sleep:slept slide:slid sling:slung
slink:slunk sneak:snuck speak:spoke spend:spent spin:spun spit:spat spring:sprang stand:stood steal:stole stick:stuck
stride:strode strike:struck swear:swore sweep:swept swim:swam swing:swung take:took teach:taught tell:told
think:thought throw:threw understand:understood wake:woke wear:wore weave:wove weep:wept win:won wring:wrung
write:wrote
""")
"""Each with its past."""
_SAME_IN_THE_PAST = ("bet", "cut", "hit", "let", "put", "read", "set", "shut", "split", "spread")
_DOUBLED = word_set("""
bat clap cup dab dip drag drop drum fan flip flop grab grin grip grit hop hug hum jab jog nod pat pet pin plan plop
pop prod prop rap rub sag scan sip skid skim skip slam slap slip snap spot squat stab step stir stop strap strip strut
tap tip trim trip trot tug wag wrap zip
""")
_VOWELS = "aeiou"


def _third(verb: str) -> str:
    if verb in ("be", "have", "do", "go"):
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[verb]
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")


def _with_ed(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return (verb + verb[-1] if verb in _DOUBLED else verb) + "ed"


_PAST_OF = {base: past.split("+") for base, _, past in (pair.partition(":") for pair in _IRREGULAR)}

BASES = frozenset([*_REGULAR, *_PAST_OF, *_SAME_IN_THE_PAST])
"""As after "I"."""
THIRDS = frozenset(map(_third, BASES))
"""As after "she"."""
PASTS = frozenset([*map(_with_ed, _REGULAR), *(form for forms in _PAST_OF.values() for form in forms)])
"""In the past, where that is a form of its own."""
PRESENTS = THIRDS | {"am", "are"}
