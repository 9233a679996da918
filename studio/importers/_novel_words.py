"""The words by which stories tell who speaks, a language each. Another language is one more entry in ``LANGUAGES``."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.importers._wording import word_set


@dataclass(frozen=True, kw_only=True)
class Language:
    """``common`` are words that tell a text's language; ``pronouns`` say whom they can mean (``f``, ``m`` or ``i``).

    ``possessives`` beside a name tell which pronoun is meant by it, in languages where they go by the owner.
    """

    common: frozenset[str]
    said: frozenset[str]
    pronouns: Mapping[str, str]
    possessives: Mapping[str, str]
    articles: frozenset[str]
    titles: frozenset[str]
    between: frozenset[str]
    """May stand between a subject and its verb."""
    ends_subject: frozenset[str]
    """No part of a description such as ``the old man``; what stands before it was all of it."""
    nouns_in_capitals: bool = False


ENGLISH = Language(
    common=word_set("the and was of to in that it with had you"),
    said=word_set(
        """said says asked asks replied replies answered answers whispered whispers murmured murmurs muttered mutters
        shouted shouts cried cries called calls exclaimed exclaims added adds continued continues began begins
        agreed agrees admitted admits announced argued barked begged bellowed blurted boasted breathed chuckled
        coaxed commanded commented complained conceded concluded confessed confirmed corrected countered croaked
        declared demanded demands drawled echoed explained explains finished gasped giggled groaned growled grumbled
        grunted hissed hollered huffed inquired enquired insisted insists interjected interrupted joked laughed lied
        moaned mumbled mumbles mused noted objected observed offered ordered panted piped pleaded pressed proclaimed
        promised prompted protested purred queried quipped rasped reasoned recited rejoined remarked reminded
        repeated responded retorted returned roared sang scoffed scolded screamed screeched shrieked sighed snapped
        snarled sneered sniffed snorted sobbed spat spoke stammered stated stuttered suggested taunted teased told
        urged ventured volunteered wailed warned wheezed whimpered whined wondered yelled yells"""
    ),
    pronouns={"he": "m", "she": "f", "i": "i", "they": ""},
    possessives={"his": "m", "himself": "m", "her": "f", "herself": "f"},
    articles=word_set("the his her my their our a an another"),
    titles=word_set(
        """mr mr. mrs mrs. ms ms. miss dr dr. sir madam madame lady lord captain capt. sergeant sgt. lieutenant lt.
        colonel major general professor prof. father mother sister brother aunt uncle queen king prince princess
        saint st. old young little master mistress doctor inspector detective officer"""
    ),
    between=word_set(
        "then just only had also finally still even at last softly once again now always never suddenly both all"
    ),
    ends_subject=word_set(
        "with as in to from and who from at on by after before when while but for of into over again then not that so"
    ),
)
GERMAN = Language(
    common=word_set("der die und das nicht ein ist sie mit zu war sich auf"),
    said=word_set(
        """sagte sagt fragte fragt antwortete antwortet erwiderte entgegnete flüsterte murmelte rief ruft schrie meinte
        brummte seufzte knurrte zischte stammelte bemerkte erklärte fuhr lachte wiederholte fügte begann bat befahl
        versetzte raunte hauchte keuchte stöhnte gab unterbrach verlangte sprach"""
    ),
    pronouns={"er": "m", "sie": "f", "ich": "i"},
    possessives={"sein": "m", "seine": "m", "seinen": "m", "ihre": "f", "ihren": "f"},
    articles=word_set("der die das sein seine ihr ihre mein meine ein eine"),
    titles=word_set("herr frau fräulein dr. doktor professor onkel tante hauptmann graf gräfin könig königin"),
    between=word_set("dann nur leise laut da sich auch schließlich endlich"),
    ends_subject=word_set("mit als in zu aus und der die das von nach vor an auf leise laut ihm ihr sich"),
    nouns_in_capitals=True,
)
FRENCH = Language(
    common=word_set("le la les et des un une est dans que il elle pas pour"),
    said=word_set(
        """dit demanda répondit murmura cria reprit ajouta s'écria s’écria chuchota répliqua déclara soupira lança fit
        expliqua protesta répéta continua hurla souffla grommela admit avoua ordonna supplia"""
    ),
    pronouns={"il": "m", "elle": "f", "je": "i", "t-il": "m", "t-elle": "f", "dit-il": "m", "dit-elle": "f"},
    possessives={},
    articles=word_set("le la les l' son sa un une mon ma"),
    titles=word_set("m. mme mlle monsieur madame mademoiselle docteur oncle tante"),
    between=word_set("alors se s' lui enfin doucement"),
    ends_subject=word_set("avec en dans à de et qui d'un d’un sans sur pour comme"),
)
SPANISH = Language(
    common=word_set("el la los que de en un una no se con por para su"),
    said=word_set(
        """dijo dice preguntó pregunta respondió contestó murmuró gritó añadió exclamó susurró replicó explicó repitió
        continuó suspiró insistió admitió ordenó suplicó comentó rió intervino"""
    ),
    pronouns={"él": "m", "ella": "f", "yo": "i"},
    possessives={},
    articles=word_set("el la los las su un una mi"),
    titles=word_set("señor señora señorita don doña sr. sra. doctor doctora tío tía"),
    between=word_set("entonces se le por fin"),
    ends_subject=word_set("con en de y que mientras sin a al del por"),
)
LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH)


def language_of(text: str) -> Language:
    """The language whose common words and verbs of saying are most frequent; English when none are."""
    words = [word.strip(".,;:!?") for word in text[:20_000].lower().split()]

    def known(language: Language) -> int:
        telling = language.common | language.said
        return sum(word in telling for word in words)

    return max(LANGUAGES, key=known)
