"""How people say why they come to a mentor and what they want to learn, in each supported language.

All patterns are for folded text: lower case, without accents. Headings name a part of an introduction; phrases say it.
A window between two words stays within a sentence and is bounded, so that reading is linear.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An introduction to fill in, a line each."""

    why: str
    learn: str
    about: str


DRAFTS: Mapping[str, Draft] = MappingProxyType(
    {
        "en": Draft(
            why="Why I'd value learning from you:", learn="What I'd like to learn:", about="A little about me:"
        ),
        "de": Draft(
            why="Warum ich gern von dir lerne:", learn="Was ich lernen möchte:", about="Ein paar Worte zu mir:"
        ),
        "es": Draft(
            why="Por qué me gustaría aprender de ti:", learn="Lo que me gustaría aprender:", about="Un poco sobre mí:"
        ),
        "fr": Draft(
            why="Pourquoi j'aimerais apprendre auprès de vous :",
            learn="Ce que j'aimerais apprendre :",
            about="Quelques mots sur moi :",
        ),
        "pt": Draft(
            why="Por que eu gostaria de aprender com você:",
            learn="O que eu gostaria de aprender:",
            about="Um pouco sobre mim:",
        ),
        "it": Draft(why="Perché vorrei imparare da te:", learn="Cosa vorrei imparare:", about="Due parole su di me:"),
        "nl": Draft(why="Waarom ik graag van je leer:", learn="Wat ik wil leren:", about="Iets over mij:"),
        "ja": Draft(why="お話を伺いたいと思った理由：", learn="学びたいこと：", about="簡単な自己紹介："),
        "zh": Draft(why="为什么想向您学习：", learn="我想学到的：", about="简单介绍一下我："),
    }
)
"""By language code."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


WHY_HEADING = _any(
    r"^why (?:you\b|we\b|us\b|me\b|this (?:match|pair)|i (?:chose|picked|asked|reach|wrote|am|want|would|think)|i'm|i'd)",
    r"\b(?:good|great) (?:match|fit)\b|^what brings? me|^what brought me|^how i (?:found|came to) you",
    r"^(?:my )?(?:reasons?|motivation)(?: for \w+(?: \w+){0,3})?$",
    r"^(?:warum|wieso|weshalb) (?:du\b|sie\b|ich\b|wir\b|uns\b|gerade|ausgerechnet|es passt)|^was uns verbindet",
    r"^(?:meine )?(?:grunde?|beweggrunde|motivation)$|^wie ich auf (?:dich|sie)",
    r"^por que (?:tu\b|usted|yo\b|te\b|a ti|me\b|nosotr|creo|encaj|quiero|contigo)|^(?:mis? )?(?:motivo|motivacion)e?s?$",
    r"^pourquoi (?:vous|toi|moi|nous|je\b|j'|ce (?:choix|duo|binome))|^(?:ma |mes )?(?:raisons?|motivations?)$",
    r"^por ?que (?:voce|eu\b|nos\b|a gente|te\b|combina|escolhi)|^(?:meus? |minhas? )?(?:motivos?|motivacao|motivacoes)$",
    r"^perche (?:te\b|tu\b|lei\b|io\b|noi\b|vorrei|ho (?:scelto|scritto)|proprio)|^(?:le mie )?motivazioni?$",
    r"^waarom (?:jij|je\b|jou|u\b|ik\b|wij|we\b|juist)|^(?:mijn )?motivatie$",
    r"理由$|きっかけ$|^なぜ|^志望動機$",
    r"^(?:为什么|为何|為什麼|為何)(?:找|想|选|選|是|向)|^(?:找您的?|联系您的?|選擇您的?)?(?:原因|缘由|理由)$",
)
LEARN_HEADING = _any(
    r"^(?:what|things|skills?|areas?)\b.{0,20}\b(?:i|i'd|i'm)\b.{0,20}\b(?:learn|get|gain|work on|improve|achieve|understand"
    r"|grow|develop|take away|help|want|hope|need)",
    r"^(?:what i (?:want|hope|need|am hoping|am looking for|would like)$|what i'm (?:hoping|looking) for)",
    r"^(?:my |our |main |learning |mentee |mentee's )?(?:goals?|objectives?|learning goals?|expectations?)"
    r"(?: (?:for|of|in) .{0,40})?$|^where i'd like (?:help|to grow)",
    r"^(?:was|wobei|worin) ich\b.{0,20}\b(?:lernen|mitnehmen|erreichen|verstehen|erhoffe|wunsche|verbessern|hilfe|erwarte)",
    r"^(?:meine )?(?:lern)?(?:ziele?|erwartungen)(?: (?:fur|an) .{0,40})?$",
    r"^(?:lo )?que (?:me gustaria|quiero|quisiera|espero|busco|deseo)\b"
    r"|^(?:mis? )?(?:objetivos?|metas?|expectativas?)(?: de(?:l)? .{0,40})?$",
    r"^ce que (?:j'aimerais|j'espere|j'attends|je (?:voudrais|veux|souhaite|souhaiterais|cherche))"
    r"|^(?:mes )?(?:objectifs?|attentes)(?: (?:pour|de) .{0,40})?$",
    r"^(?:o )?que (?:eu )?(?:gostaria|quero|espero|desejo|busco)\b|^(?:meus? |minhas? )?(?:objetivos?|metas?|expectativas?)$",
    r"^(?:che )?(?:cosa|quello che|cio che) (?:vorrei|voglio|mi piacerebbe|spero|desidero|cerco)\b"
    r"|^(?:i miei )?(?:obiettivi|obiettivo|aspettative)$",
    r"^(?:wat|waarin|waarbij) ik\b.{0,20}\b(?:leren|bereiken|halen|begrijpen|groeien|hoop|wil|hulp|verwacht)"
    r"|^(?:mijn )?(?:leer)?(?:doel(?:en)?|verwachtingen)$",
    r"(?:学びたい|学びたく|教えていただきたい|身につけたい|目指したい|得たい)(?:こと|点|内容)?$|^(?:学習)?(?:目標|目的|期待)(?:すること)?$",
    r"^我?(?:想|希望)(?:要)?(?:向您)?(?:学|學|了解|提高|提升|得到|收获)|^(?:我的)?(?:学习)?(?:目标|目標|期望|期待)$",
)
ABOUT_HEADING = _any(
    r"^(?:a (?:little|bit|few words) )?about (?:me|myself)\b|^(?:short )?(?:bio|introduction|intro)$|^who i am|^background$",
    r"^(?:ein paar worte |kurz |etwas )?(?:zu|uber) mi[rc]h?\b|^(?:zu )?meine[rm]? person|^vorstellung$|^wer ich bin",
    r"^(?:un poco )?sobre mi$|^quien soy|^(?:quelques mots |un mot )?sur moi$|^a propos de moi|^qui je suis",
    r"^(?:um pouco )?sobre mim$|^quem sou|^(?:due parole |qualcosa )?su di me$|^chi sono$|^(?:iets )?over mij$|^wie ik ben",
    r"自己紹介|^(?:简单)?(?:介绍|自我介绍|关于我|關於我)",
)

_YOURS = (
    r"(?:talks?|keynotes?|lectures?|books?|articles?|blogs?|posts?|papers?|podcasts?|newsletter|videos?|interviews?|work"
    r"|research|careers?|paths?|journeys?|experiences?|backgrounds?|expertise|stor(?:y|ies)|moves?|transitions?|leadership"
    r"|perspective|approach|profile|knowledge|reputation)"
)
WHY = _any(
    # English
    r"\b(?:admir\w+|inspir\w+|impress\w+|fascinat\w+) .{0,40}\byou\b|\byou\w* .{0,60}\b(?:inspir|impress|struck|spoke to me)",
    r"\b(?:admire|look up to|been a fan|(?:big|long ?time) fan|fan of your|drawn to)\b",
    r"\bfollow(?:ed|ing)? (?:you\b|your\b)",
    rf"\b(?:because|since|saw|read|heard|listened|watched|loved|enjoyed|given|due to|thanks to|chose|picked|changed|for) "
    rf"(?:of |to |at |about )?your (?:\w+ ){{0,3}}{_YOURS}",
    rf"\byour (?:\w+ ){{0,4}}{_YOURS}\b.{{0,60}}\b(?:is|was|changed|made|resonat\w+|helped|like) (?:exactly|the one|me\b|how|the reason|what|with)",
    r"\b(?:because|since|as) you(?:'ve|'re)? (?:have |are |also |once |were )?(?:a |an |been|made|built|led|moved|went|founded"
    r"|know|worked|did|come|came|run|ran|grew|turned|changed|understand)",
    r"\byou(?:'ve| have)?(?: also| once| just| already)? (?:made|built|led|moved|went|founded|grew|switched|transitioned|ran"
    r"|turned|managed|changed|came from|started out)\b(?! (?:time|it to|the time|sure))",
    r"\b(?:recommended|suggested|mentioned|pointed|referred|introduced|told)\b.{0,40}\b(?:you|me to you|reach out|talk to you"
    r"|we (?:should )?(?:meet|talk)|i (?:should )?(?:reach|write|talk|ask))\b|\byou (?:were|came|come) .{0,20}recommended",
    r"\bwe (?:both|share)\b|\bin common\b|\b(?:thought|felt) (?:that )?we (?:should|would|might)",
    r"\b(?:good|great|ideal|perfect) (?:match|fit)\b|\bright (?:person|mentor)\b"
    r"|\b(?:chose|picked|asked for|reach(?:ed|ing)? out to|wanted to (?:talk|speak) (?:to|with)) you\b.{0,20}\b(?:because|as|since|for)\b",
    # German
    r"\b(?:bewunder\w+|beeindruck\w+|inspirier\w+|begeister\w+|fasziniert\w*|augen geoffnet)\b",
    r"\b(?:weil|da|denn) (?:du|sie|mich (?:dein|ihr)|wir|(?:dein|ihr)e?r?)\b(?!.{0,30}\b(?:zeit|termin|verhindert|beschaftigt)\b)",
    r"\bempfohlen\b|\bempfahl\b|\bauf (?:dich|sie) (?:aufmerksam|gekommen|gestossen)\b|\bwir (?:haben |kommen |sind )?beide\b",
    r"\b(?:dein|ihr)e?[nrsm]? (?:\w+ ){0,2}(?:vortrag|buch|artikel|weg|werdegang|arbeit|erfahrung|wechsel|podcast|blog)\b"
    r".{0,60}\b(?:gelesen|gehort|gesehen|verfolgt|verfolge|vorbild|gefallen|reizt|interessiert mich)",
    r"\b(?:du hast|sie haben|hast du|haben sie) (?:genau |selbst |auch |schon )?(?:den|die|das|ein\w*|zwei|drei|denselben|dasselbe) "
    r".{0,60}\b(?:gemacht|geschafft|gefuhrt|aufgebaut|gegrundet|geleitet|hinter|gewechselt|vor dem ich)",
    r"\bverfolge (?:ich )?(?:\w+ ){0,3}(?:dein|ihr)e",
    # Spanish
    r"\b(?:admiro|admire\b.{0,10}\btu|me inspir\w+|me impresion\w+|te sigo|(?:he seguido|sigo) tu)\b",
    r"\b(?:porque|por|ya que|dado que) (?:tu (?:trabajo|experiencia|trayectoria|charla|libro|carrera|perfil|blog)|usted|te\b|has\b|ha\b|tienes|conoces|compartimos|eres|llevas)"
    r"|\bllevas (?:\w+ ){0,3}(?:anos|dirig|trabaj)",
    r"\brecomend\w+|\bcompartimos\b|\blos dos\b|\bambos\b|\bambas\b|\ben comun\b|\b(?:lei|vi|escuche) tu\b",
    # French
    r"\b(?:j'admire|m'inspire\w*|m'a (?:beaucoup )?(?:inspire|impressionne|marque|plu)|m'impressionne|je (?:suis|lis) votre|je vous suis)\b",
    r"\b(?:parce que|car|puisque|comme) (?:vous|tu|votre|ton|nous (?:avons|partageons))\b|\brecommand\w+|\bconseille de vous\b",
    r"\bj'ai (?:lu|vu|ecoute|suivi|decouvert|assiste a) (?:votre|vos|ton|tes)\b|\bnous (?:partageons|avons (?:tous |toutes )?(?:les|le meme|la meme))"
    r"|\bvous etes passee?s?\b|\bvous avez (?:monte|cree|dirige|fonde|fait|reussi|vecu)\b",
    # Portuguese
    r"\b(?:admiro|me inspir\w+|me impression\w+|acompanho (?:o |a )?(?:seu|sua)|sigo (?:o |a )?(?:seu|sua)|sou fa)\b",
    r"\b(?:porque|pois|ja que|por) (?:voce|fez|tem|conhece|viveu|a sua|o seu|sua|seu|passou|temos)\b|\bescolhi (?:voce|falar)",
    r"\b(?:recomend|indic)ou\b|\btemos (?:a mesma|o mesmo|em comum)\b|\bvoce (?:fez|passou|liderou|construiu|fundou)\b"
    r"|\b(?:li|vi|ouvi|assisti) (?:a |o |ao )?(?:seu|sua)\b",
    # Italian
    r"\b(?:ammiro|mi ispira\w*|mi ha(?:nno)? (?:molto )?(?:colpito|ispirato|impressionato)|seguo (?:il|la|i|le) tu\w+|mi hai ispirat)",
    r"\b(?:perche|poiche|dato che|visto che) (?:tu|lei|hai|ha|sei|ammiro|conosci|il tuo|la tua|abbiamo|condividiamo)\b"
    r"|\b(?:consigliat|raccomandat|suggerit)[oaie]\b|\bho (?:letto|visto|ascoltato|seguito) (?:il|la|i|le|l'|un) ?tu\w+",
    r"\b(?:abbiamo|condividiamo) (?:lo stesso|la stessa|entrambi|entrambe)|\bin comune\b|\bci sei passat[oa]\b|\bhai (?:fatto|fondato|guidato|costruito)\b",
    # Dutch
    r"\b(?:bewonder\w*|inspireer\w*|onder de indruk|volg (?:je|jouw|uw)|herken (?:ik|me|mij))\b",
    r"\b(?:omdat|want|aangezien) (?:je|jij|jouw|u|uw|we|wij)\b(?!.{0,30}\b(?:druk|tijd)\b)|\baangeraden\b|\baanbevolen\b|\btipte\b",
    r"\b(?:je|jij|u) (?:hebt|heeft) (?:dezelfde|zelf|ook|een|het|de) .{0,60}\b(?:gezet|gemaakt|geleid|opgebouwd|opgericht)"
    r"|\b(?:je|jouw|uw) (?:\w+ ){0,2}(?:presentatie|boek|artikel|lezing|blog|podcast|loopbaan|overstap)\b.{0,40}\b(?:gezien|gelezen|gehoord|gevolgd|herken)",
    r"\bwe (?:hebben|komen|zijn) (?:allebei|beiden)\b|\bdezelfde (?:stap|achtergrond|opleiding|overstap)\b",
    # Japanese
    r"感銘|憧れ|尊敬|敬服|刺激を受け|ご紹介|紹介され|勧められ|拝読|拝聴|拝見|共通|同じ(?:大学|分野|業界|経歴|道)|ご経験(?:が|を|に)(?:豊富|お持ち|伺|惹)"
    r"|(?:さん|先生|様|ご自身)の.{0,30}(?:ので|から|ため)",
    # Chinese
    r"敬佩|钦佩|欽佩|仰慕|佩服|崇拜|启发|啟發|一直关注|一直關注|关注您|推荐我|推薦我|介绍我|推荐(?:了)?您|我们都|我們都|同样的(?:背景|经历)|共同点|拜读|读过您|看过您|听过您"
    r"|因为您|因為您|您(?:做过|有过|也是|曾|从.{1,20}(?:转|到)|在.{1,20}(?:经验|经历|成就))",
)
_WANT = (
    r"(?:want|wants|like|love|hope|hoping|aim|wish|keen|eager|looking|trying|try|need|plan|excited|curious|interested|goal|goals"
    r"|objective|aspire|ambition|expect)"
)
_GROW = (
    r"(?:learn|learning|understand|understanding|improve|improving|grow|growing|develop|developing|get better|getting better|become"
    r"|becoming|figure out|find out|finding out|find my|master|strengthen|sharpen|gain|move into|moving into|know how|be able to|practi[sc]e)"
)
_NO_GOAL = r"(?! (?:a bit |a little |some )?(?:more )?(?:about (?:you|each other|one another)\b(?!r)|from (?:you|each other)\W*$|a time|what you))"
LEARN = _any(
    # English
    rf"\b(?:i|i'd|i'm|i've|we'd|my)\b(?:(?!\byou\b)[^.!?]){{0,40}}\b{_WANT}\b(?:(?!\byou\b)[^.!?]){{0,40}}\b{_GROW}\b{_NO_GOAL}",
    r"\b(?:help|teach|show|guide|coach|support|advise) me\b.{0,30}\b(?:to|with|how|on|in|understand|become|get|grow|learn|improve|through)\b",
    rf"^(?:hoping|looking|keen|eager|wanting|want|hope) to {_GROW}\b{_NO_GOAL}",
    r"\b(?:goals?|objectives?|aim) .{0,40}\b(?:is|are)\b|^(?:my |our )?(?:learning )?(?:goals?|objectives?)\b.{0,40}[:：]\s*\w{3}",
    r"\b(?:advice|guidance|mentoring|coaching|perspective) (?:on|about|with|in|around|for|as)\b",
    r"\bi(?:'m| am) (?:\w+ )?(?:interested|curious) (?:in|about) (?!(?:learning (?:more )?about )?you\b)",
    r"\bi (?:am|'m) trying to (?:work out|figure out|decide|understand)\b",
    # German
    r"\b(?:ich|mir|mich)\b.{0,60}\b(?:lernen|dazulernen|verstehen|verbessern|besser (?:werden|darin|zu)|weiterentwickeln|wachsen|herausfinden"
    r"|sicherer|erfahren, wie|wissen, wie|entwickeln)\b(?!.{0,12}\bkennen)",
    r"\bich (?:interessiere mich|suche (?:rat|unterstutzung|orientierung)|hoffe auf)\b|\b(?:mein|unser) (?:\w+ )?ziel\b|\bmeine ziele\b",
    r"\b(?:tipps|rat|unterstutzung|hilfe) (?:bei|zu|fur|dazu)\b",
    # Spanish
    r"\b(?:quiero|quisiera|me gustaria|espero|deseo|busco|necesito|para|y)\b.{0,30}\b(?:aprender|mejorar|entender|comprender|crecer|desarrollar"
    r"|saber como|llegar a ser)\b(?! (?:mas )?(?:de ti|sobre ti|de usted)\W*$)",
    r"\bmis? (?:objetivos?|metas?)\b|\bme interesa\b|\b(?:consejos?|orientacion) (?:sobre|para|en)\b",
    # French
    r"\b(?:j'aimerais|je (?:voudrais|veux|souhaite|souhaiterais|cherche a)|j'espere|afin d[e'])\b.{0,40}\b(?:apprendre|progresser|comprendre|ameliorer"
    r"|developper|savoir|devenir|mieux \w+er)\b",
    r"\b(?:mon|mes|notre) (?:\w+ )?objectifs?\b|\bje m'interesse\b|\b(?:conseils?|accompagnement) (?:sur|pour|en)\b",
    # Portuguese
    r"\b(?:quero|queria|gostaria de|espero|desejo|pretendo|preciso|e de)\b.{0,30}\b(?:aprender|melhorar|entender|compreender|crescer|desenvolver"
    r"|saber como)\b(?! (?:mais )?(?:com voce|sobre voce)\W*$)",
    r"\b(?:meu|minha|meus|minhas) (?:objetivos?|metas?)\b|\btenho interesse em\b|\b(?:conselhos?|orientacao) (?:sobre|para|em)\b",
    # Italian
    r"\b(?:vorrei|voglio|mi piacerebbe|spero di|desidero|cerco di|per)\b.{0,30}\b(?:imparare|migliorare|capire|crescere|sviluppare|diventare|comprendere)\b"
    r"(?! (?:da te|da lei)\W*$)",
    r"\b(?:il mio|i miei) (?:\w+ )?obiettiv[oi]\b|\bmi interessa\b|\b(?:consigli|consiglio|orientamento) (?:su|per|sul|sulla)\b",
    # Dutch
    r"\bik\b.{0,40}\b(?:leren|verbeteren|begrijpen|groeien|ontwikkelen|beter worden|uitzoeken|weten hoe)\b(?!.{0,6}\bkennen)",
    r"\b(?:mijn|ons) (?:\w+ )?doel(?:en)?\b|\bik (?:heb|ben) (?:interesse|geinteresseerd) in\b|\b(?:advies|tips) (?:over|bij|voor)\b",
    # Japanese
    r"(?:学び|身につけ|習得し|成長し|向上させ|理解し|高め|目指し|知り|伸ばし|できるようになり)た(?:い|く)|教えていただきた|ご教示いただきた|ご指導いただきた|アドバイスをいただきた|目標は|関心があり|興味があり",
    # Chinese
    r"(?:想|希望|打算|期望)[^，。！？]{0,16}(?:学习|學習|学到|学会|了解|提高|提升|改善|掌握|弄清|明白|成长|请教如何|请教怎)(?!您(?:[，。！]|$))"
    r"|我的(?:学习)?(?:目标|目標)|对.{1,20}感兴趣|請教如何|想请教",
)

INTRODUCES = _any(
    r"\b(?:introduction|about me|motivation letter|why i (?:reached|asked|would|want))\b|\bmy intro\b|\bintro[_ -]",
    r"\b(?:vorstellung|uber mich|motivationsschreiben)\b",
    r"\b(?:mi presentacion|sobre mi|carta de (?:motivacion|presentacion))\b",
    r"\b(?:ma presentation|a propos de moi|lettre de motivation)\b",
    r"\b(?:minha apresentacao|sobre mim|carta de (?:motivacao|apresentacao))\b",
    r"\b(?:la mia presentazione|su di me|lettera (?:di )?motivazion\w+|lettera di presentazione)\b",
    r"\b(?:mijn introductie|over mij|motivatiebrief|voorstelrondje)\b",
    r"自己紹介|志望動機",
    r"自我介绍|自我介紹|关于我|動機信|动机信",
)
"""A document or a file that is called the introduction."""
