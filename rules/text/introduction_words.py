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
            why="Pourquoi j'aimerais apprendre auprès de vous :",
            learn="Ce que j'aimerais apprendre :",
            about="Quelques mots sur moi :",
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
    r"^why \w+$|^why (?:you\b|we\b|us\b|me\b|this (?:match|pair)|i (?:chose|picked|asked|reach|wrote|am|want"
    r"|would|think)|i'm|i'd)",
    r"\b(?:good|great) (?:match|fit)\b|^(?:the |our )?match(?:ing)?$|^common ground$|^what brings? me"
    r"|^what brought me|^how i (?:found|came to) you",
    r"^(?:my )?(?:reasons?|motivation)(?: for \w+(?: \w+){0,3})?$",
    r"^(?:warum|wieso|weshalb) (?:du\b|sie\b|ich\b|wir\b|uns\b|gerade|ausgerechnet|es passt)|^was uns verbindet"
    r"|^was mich zu (?:dir|ihnen)",
    r"^(?:meine )?(?:grunde?|beweggrunde|motivation)$|^wie ich auf (?:dich|sie)",
    r"^por que (?:tu\b|usted|yo\b|te\b|a ti|me\b|nosotr|creo|encaj|quiero|contigo)|^(?:mis? )?(?:motivo"
    r"|motivacion)e?s?$",
    r"^pourquoi (?:vous|toi|moi|nous|je\b|j'|ce (?:choix|duo|binome))|^(?:ma |mes )?(?:raisons?|motivations?)$",
    r"^por ?que (?:voce|eu\b|nos\b|a gente|te\b|combina|escolhi)|^(?:meus? |minhas? )?(?:motivos?|motivacao"
    r"|motivacoes)$",
    r"^perche (?:te\b|tu\b|lei\b|io\b|noi\b|vorrei|ho (?:scelto|scritto)|proprio)|^(?:le mie )?motivazioni?$",
    r"^waarom (?:jij|je\b|jou|u\b|ik\b|wij|we\b|juist)|^(?:mijn )?motivatie$",
    r"理由$|きっかけ$|^なぜ|^志望動機$",
    r"^(?:为什么|为何|為什麼|為何)(?:找|想|选|選|是|向)|^(?:找您的?|联系您的?|選擇您的?)?(?:原因|缘由|理由)$",
)
LEARN_HEADING = _any(
    r"^(?:what|things|skills?|areas?)\b.{0,20}\b(?:i|i'd|i'm)\b.{0,20}\b(?:learn|get|gain|out of|from|work on"
    r"|improve|achieve|understand"
    r"|grow|develop|take away|help|want|hope|need)",
    r"^(?:what i (?:want|hope|need|am hoping|am looking for|would like)$|what i'm (?:hoping|looking) for)",
    r"^(?:(?:my|our|main|learning|mentee|mentee's|two|three|top) ){0,3}(?:goals?|objectives?|learning goals?"
    r"|expectations?)"
    r"(?: (?:for|of|in) .{0,40})?$|^where i'd like (?:help|to grow)",
    r"^(?:was|wobei|worin) ich\b.{0,20}\b(?:lernen|mitnehmen|erreichen|verstehen|erhoffe|wunsche|verbessern|hilfe"
    r"|erwarte)",
    r"^(?:meine )?(?:lern)?(?:ziele?|erwartungen)(?: (?:fur|an) .{0,40})?$",
    r"^(?:lo )?que (?:me gustaria|quiero|quisiera|espero|busco|deseo)\b"
    r"|^(?:mis? )?(?:objetivos?|metas?|expectativas?)(?: de(?:l)? .{0,40})?$",
    r"^ce que (?:j'aimerais|j'espere|j'attends|je (?:voudrais|veux|souhaite|souhaiterais|cherche))"
    r"|^(?:mes )?(?:objectifs?|attentes)(?: (?:pour|de) .{0,40})?$",
    r"^(?:o )?que (?:eu )?(?:gostaria|quero|espero|desejo|busco)\b|^(?:meus? |minhas? )?(?:objetivos?|metas?"
    r"|expectativas?)$",
    r"^(?:che )?(?:cosa|quello che|cio che) (?:vorrei|voglio|mi piacerebbe|spero|desidero|cerco)\b"
    r"|^(?:i miei )?(?:obiettivi|obiettivo|aspettative)$",
    r"^(?:wat|waarin|waarbij) ik\b.{0,20}\b(?:leren|bereiken|halen|begrijpen|groeien|hoop|wil|hulp|verwacht)"
    r"|^(?:mijn )?(?:leer)?(?:doel(?:en)?|verwachtingen)$",
    r"(?:学びたい|学びたく|教えていただきたい|身につけたい|目指したい|得たい)(?:こと|点|内容)?$|^(?:学習)?(?:目標"
    r"|目的|期待)(?:すること)?$",
    r"^我?(?:想|希望)(?:要)?(?:向您)?(?:学|學|了解|提高|提升|得到|收获)|^(?:我的)?(?:学习)?(?:目标|目標|期望|期待)$",
)
ABOUT_HEADING = _any(
    r"^(?:a (?:little|bit|few words) )?about (?:me|myself)\b|^(?:short )?(?:bio|introduction|intro)$|^who i am"
    r"|^background$",
    r"^(?:ein paar worte |kurz |etwas )?(?:zu|uber) mi[rc]h?\b|^(?:zu )?meine[rm]? person|^vorstellung$|^wer ich bin",
    r"^(?:un poco )?sobre mi$|^quien soy|^(?:quelques mots |un mot )?sur moi$|^a propos de moi|^qui je suis",
    r"^(?:um pouco )?sobre mim$|^quem sou|^(?:due parole |qualcosa )?su di me$|^chi sono$|^(?:iets )?over mij$"
    r"|^wie ik ben",
    r"自己紹介|^(?:简单)?(?:介绍|自我介绍|关于我|關於我)",
)

_DID = (
    r"(?:talks?|keynotes?|lectures?|seminars?|workshops?|courses?|class(?:es)?|books?|articles?|essays?|blogs?"
    r"|posts?|papers?|podcasts?"
    r"|newsletters?|columns?|videos?|interviews?|(?:\S+ )?work\b(?! (?:hours|calendar|week|email|day))|research"
    r"|careers?|paths?|journeys?"
    r"|experiences?|backgrounds?|expertise|stor(?:y|ies)|moves?\b|transitions?|leadership|perspective|approach"
    r"|profile|knowledge|reputation)"
)
"""What people have done that somebody comes to them for."""
_HEAR = (
    r"(?:hear|hearing|learn|learning|know|ask|asking|talk|discuss|review|questions?) "
    r"(?:more |a bit |a little )?(?:about|through|over|on)"
)
_NOT_THEIR_DAY = r"(?!.{0,30}\b(?:time|busy|calendar|free|slot|available|schedul\w+)\b)"
_KINDLY = (
    r"(?:agreed|offered|proposed|suggested|asked|accepted|booked|scheduled|mentioned|wanted|needed|liked|used"
    r"|replied|signed|moved it"
    r"|moved the|invited|confirmed|shared|joined|managed to|made (?:the )?time|made it)\b"
)
WHY = _any(
    # English
    r"\b(?:admir\w+|inspir\w+|impress\w+|fascinat\w+) .{0,40}\byou\b|\byou\w* .{0,60}\b(?:inspir|impress|struck"
    r"|spoke to me)",
    r"\b(?:admire|look up to|been a fan|(?:big|long ?time) fan|fan of your|drawn to)\b|\bfollow(?:ed"
    r"|ing)? (?:you\b|your\b)",
    rf"^(?!.{{0,80}}\b{_HEAR}\b).{{0,200}}\byour (?:[\w-]+ ){{0,3}}{_DID}\b",
    rf"\b(?:because|since|as|that) you(?:'ve|'re|'d)? (?:have |are |also |once |were )?(?:a |an |been|built|led"
    rf"|know|worked|did|come|came|run"
    rf"|ran|grew|turned|understand|started){_NOT_THEIR_DAY}",
    rf"\byou(?:'ve| have)?(?: also| once| just| already| both)? (?!{_KINDLY})(?:\w{{3,}}ed|made|built|led|left"
    rf"|went|grew|ran|won|wrote|gave"
    rf"|taught|began|came|became|got into)\b{_NOT_THEIR_DAY}",
    r"\b(?:recommended|put us in touch|swears by you|pointed me|referred me|introduced us|spoke (?:so )?highly)\b"
    r"|\b(?:nobody|no one|who) .{0,40}\b(?:as|like) you\b|\b(?:thought|think) of you\b|\btold me (?:about you\b"
    r"|(?:that )?you(?:'d| would|'re| are)\b)"
    r"|\b(?:suggested|thought) (?:that )?(?:i|we) (?:should )?(?:reach|write|talk|ask|meet|would|might)",
    r"\bwe (?:both|share)\b|\bboth of us\b|\bin common\b|\bsimilar (?:background|path)|\bsame (?:background|path"
    r"|school|university|town|field)\b",
    r"\b(?:good|great|ideal|perfect) (?:match|fit)\b|\bright (?:person|mentor)\b|\b(?:i|to) (?:chose|picked"
    r"|choose|pick|asked for) you\b",
    # German
    r"\b(?:bewunder\w+|beeindruck\w+|inspirier\w+|begeister\w+|fasziniert\w*|augen geoffnet|mut gemacht|vorbild)\b",
    r"\b(?:weil|da|denn) (?:du|sie|mich (?:dein|ihr)|wir|(?:dein|ihr)e?r?)\b(?!.{0,40}\b(?:zeit|termin|verhindert"
    r"|beschaftigt|frei|kannst|konnen|lieber|urlaub)\b)",
    r"\bempfohlen\b|\bempfahl\b|\bschwarmt von (?:dir|deine|ihnen|ihre)|\bmit (?:dir|ihnen) reden, weil\b"
    r"|\bdeshalb (?:habe|wollte|wende) ich|\b(?:auf|zu) (?:dich|dir|sie|ihnen)\b.{0,60}\b(?:aufmerksam|gekommen"
    r"|gestossen)\b|\b(?:von dir|von ihnen) erzahlt"
    r"|\bwir (?:haben |kommen |sind )?beide\b|\bahnliche[rn]? (?:hintergrund|weg)",
    r"(?<!gern uber )(?<!mehr uber )\b(?:dein|ihr)e?[nrsm]? (?:\w+ ){0,2}(?:vortrag|beitrag|buch|artikel|weg"
    r"|werdegang|arbeit|erfahrung|wechsel"
    r"|podcast|blog|kurs|seminar|forschung|interview|laufbahn|geschichte)(?:en|es|s)?\b",
    r"\b(?:du hast|sie haben|hast du|haben sie) (?:genau |selbst |auch |schon )?(?:den|die|das|ein\w*|zwei|drei"
    r"|denselben|dasselbe) "
    r".{0,60}\b(?:gemacht|geschafft|gefuhrt|aufgebaut|gegrundet|geleitet|hinter|gewechselt|vor dem ich)",
    # Spanish
    r"\b(?:admiro|me inspir\w+|me impresion\w+|me anim\w+|te sigo|te eleg\w+|eleg\w+ (?:hablar contigo|a ti)"
    r"|me habl\w+ de (?:ti|usted))\b",
    r"\b(?:porque|ya que|dado que) (?:has|ha|conoces|compartimos|eres|llevas|diriges|trabaj\w+|vienes"
    r"|tienes (?:mucha|experiencia))\b(?!.{0,30}\b(?:dia|hora|libre|hueco)\b)"
    r"|\bllevas (?:\w+ ){0,3}(?:anos|dirig|trabaj)",
    r"\brecomend(?:o|aron|ada|ado)\b|\b(?:mejor que tu|eres (?:la|el) (?:mejor|unic\w|primer\w))\b|\bpor eso te\b"
    r"|\bcompartimos\b|\blos dos\b|\bambos\b|\bambas\b|\ben comun\b",
    r"\b(?:tu|su) (?:\w+ ){0,1}(?:trabajo|experiencia|trayectoria|charla|libro|carrera|perfil|blog|articulo"
    r"|ponencia|investigacion|historia|podcast|curso)\b",
    # French
    r"\b(?:j'admire|m'inspire\w*|m'a (?:beaucoup )?(?:inspiree?|impressionnee?|marquee?|touchee?|plu|donne envie)"
    r"|m'impressionne|je vous suis|vous ai choisie?"
    r"|m'a (?:beaucoup )?parle de (?:vous|toi))\b|\brecommand\w+|\bconseille de vous\b|\b(?:c'est pourquoi"
    r"|c'est pour cela que) je\b|\bvous etes (?:la|le) (?:premi|seul)",
    r"\b(?:parce que|car|puisque|comme) (?:vous (?:avez|etes|connaissez|travaillez|dirigez|accompagnez)"
    r"|nous (?:avons|partageons|venons))\b"
    r"(?!.{0,30}\b(?:libre|dit|disponible|temps|occupee?)\b)",
    r"\bnous (?:partageons|avons (?:tous |toutes )?(?:les|le meme|la meme))|\bvous etes passee?s?\b"
    r"|\bvous avez (?:monte|cree|dirige|fonde|fait|reussi|vecu)\b",
    r"\b(?:votre|vos|ton|tes) (?:\w+ ){0,1}(?:livre|temoignage|parcours|travail|travaux|experience|conference"
    r"|article|recherche|podcast|blog|carriere|histoire|intervention|cours)s?\b",
    # Portuguese
    r"\b(?:admiro|me inspir\w+|me impression\w+|sou fa|por isso (?:te|lhe|pensei|procurei)|identifiquei"
    r"|me falou de voce|escolhi (?:voce|falar)|(?:recomend|indic)ou)\b",
    r"\b(?:porque|pois|ja que) (?:voce )?(?:fez|conhece|viveu|passou|liderou|trabalh\w+|fundou|temos|somos"
    r"|construiu)\b"
    r"|\btemos (?:a mesma|o mesmo|em comum)\b|\bvoce (?:fez|passou|liderou|construiu|fundou)\b",
    r"\b(?:seu|sua|teu|tua) (?:\w+ ){0,1}(?:trabalho|trajetoria|experiencia|palestra|livro|artigo|carreira"
    r"|historia|percurso|podcast|pesquisa|blog|curso|perfil)\b",
    # Italian
    r"\b(?:ammiro|mi ispira\w*|mi ha(?:nno)? (?:molto )?(?:colpito|ispirato|impressionato)|mi hai ispirat\w"
    r"|ho scelto (?:te|lei)|mi ha(?:nno)? parlato di (?:te|lei)|pensato a (?:te|lei)|per questo ti|sei l'unic\w"
    r"|siamo (?:tutt[ie] e due|entramb[ie]))\b",
    r"\b(?:perche|poiche|dato che|visto che) (?:hai (?:fatto|fondato|guidato|aperto|lavorato|una|molta)"
    r"|sei (?:stat|un|l)|vieni|conosci|lavori|ammiro|abbiamo|condividiamo|il tuo|la tua)"
    r"|\b(?:consigliat|raccomandat|suggerit)[oaie]\b",
    r"\b(?:abbiamo|condividiamo) (?:lo stesso|la stessa|entrambi|entrambe)|\bin comune\b|\bci sei passat[oa]\b"
    r"|\bhai (?:fondato|guidato|costruito)\b",
    r"\b(?:tuo|tua|tuoi|tue|suo|sua|suoi|sue) (?:\w+ ){0,1}(?:lavoro|percorso|esperienza|articolo|libro"
    r"|conferenza|intervento|ricerca|carriera|storia|podcast|blog|corso|profilo)\b",
    # Dutch
    r"\b(?:bewonder\w*|inspireer\w*|onder de indruk|volg (?:je|jouw|uw)|aangeraden|aanbevolen|tipte|(?:kwam"
    r"|kom) (?:ik )?bij (?:je|jou|u) (?:uit|terecht)|koos (?:ik )?(?:jou|u)|(?:jouw|uw) naam|daarom (?:vroeg|koos"
    r"|schrijf) ik)\b",
    r"\b(?:omdat|want|aangezien) (?:je|jij|jouw|u|uw|we|wij) (?:zelf|al|ook|veel|jaren|ervaring|hetzelfde"
    r"|dezelfde|weet|bent|hebt|hebben|komen|beiden|allebei)\b"
    r"(?!.{0,30}\b(?:druk|tijd|vrij|tijdstip)\b)",
    r"\b(?:je|jij|u) (?:hebt|heeft) (?:dezelfde|zelf|ook|een|het|de) .{0,60}\b(?:gezet|gemaakt|geleid|opgebouwd"
    r"|opgericht)"
    r"|\b(?:je|jouw|uw) (?:\w+ ){0,1}(?:presentatie|boek|artikel|lezing|blog|podcast|loopbaan|overstap|werk"
    r"|ervaring|verhaal|onderzoek|cursus)\b",
    r"\bwe (?:hebben|komen|zijn) (?:allebei|beiden)\b|\bdezelfde (?:stap|achtergrond|opleiding|overstap)\b",
    # Japanese
    r"感銘|憧れ|尊敬|敬服|刺激を受け|ご紹介|紹介され|勧められ|拝読|拝聴|拝見|共通|同じ(?:大学|分野|業界|経歴|道)"
    r"|ご経験(?:が|を|に|も)(?:豊富|お持ち|伺|惹|おあり)|(?:を|と)知り.{0,20}(?:お話|ご連絡|お願い)|(?:こられた|なさった|された)(?:と|こと).{0,20}(?:うかが"
    r"|伺|聞|お願い)",
    r"(?:記事|ご著書|本|ブログ|講演|ご研究|お話|論文|講義).{0,12}(?:読み|読んで|聞き|聞いて|伺って|見て|がきっかけ)",
    # Chinese
    r"敬佩|钦佩|欽佩|仰慕|佩服|崇拜|启发|啟發|一直关注|一直關注|关注您|推荐我|推薦我|介绍我|推荐(?:了)?您"
    r"|选择了?您|我们都|我們都|同样的(?:背景|经历)|共同点|拜读|因为您|因為您",
    r"听.{1,10}说您|所以(?:想|特别想)?(?:请|找|联系)您|[读看听讀聽](?:了|过|過)您|您(?:做过|有过|也是|曾"
    r"|从.{1,20}(?:转|到)|在.{1,20}(?:经验|经历|成就))",
)
_WANT = (
    r"(?:want|wants|like|love|hope|hoping|aim|wish|keen|eager|looking|trying|try|need|plan|excited|curious"
    r"|interested|goal|goals"
    r"|objective|aspire|ambition|expect|grateful)"
)
_GROW = (
    r"(?:learn|learning|understand|understanding|improve|improving|grow|growing|develop|developing|get better"
    r"|getting better|become"
    r"|becoming|get (?:clear\w*|more \w+|a (?:better|clear\w*) \w+)|figure out|find out|finding out|find my"
    r"|master|strengthen|sharpen|gain|move into|moving into|know how|be able to|work on|decide|practi[sc]e)"
)
_NO_GOAL = (
    r"(?! (?:a bit |a little |some )?(?:more )?"
    r"(?:about (?:you|each other|one another)\b(?!r)|from (?:you|each other)\W*$|a time|what you))"
)
LEARN = _any(
    # English
    rf"\b(?:i|i'd|i'm|i've|we'd|my)\b(?:(?!\byou\b)[^.!?]){{0,40}}\b{_WANT}\b(?:(?!\byou\b)[^.!?]){{0,40}}\b{_GROW}\b{_NO_GOAL}",
    r"\b(?:help|teach|show|guide|coach|support|advise) me\b.{0,30}\b(?:to|with|how|on|in|understand|become|get"
    r"|grow|learn|improve|through)\b",
    rf"^(?:hoping|looking|keen|eager|wanting|want|hope) to {_GROW}\b{_NO_GOAL}",
    r"\b(?:goals?|objectives?|aim) .{0,40}\b(?:is|are)\b|^(?:my |our )?(?:learning )?(?:goals?"
    r"|objectives?)\b.{0,40}[:：]\s*\w{3}",
    r"\b(?:advice|guidance|mentoring|coaching|perspective|help) (?:on|about|with|in|around|for|as)\b",
    r"\bi(?:'m| am) (?:\w+ )?(?:interested|curious) (?:in|about) (?!(?:learning (?:more )?about )?you\b)",
    r"\bi (?:am|'m) trying to (?:work out|figure out|decide|understand)\b",
    # German
    r"\b(?:ich|mir|mich)\b.{0,60}\b(?:lernen|dazulernen|verstehen|klaren, (?:wie|ob)|verbessern|besser (?:werden"
    r"|darin|zu)|weiterentwickeln|wachsen|herausfinden"
    r"|sicherer|erfahren, wie|wissen, wie|entwickeln)\b(?!.{0,12}\bkennen)",
    r"\bich (?:interessiere mich|suche (?:rat|unterstutzung|orientierung)|hoffe auf)\b|\b(?:mein"
    r"|unser) (?:\w+ )?ziel\b|\bmeine ziele\b",
    r"\b(?:tipps|rat|unterstutzung|hilfe) (?:bei|zu|fur|dazu)\b",
    # Spanish
    r"\b(?:quiero|quisiera|me gustaria|espero|deseo|busco|necesito|para|y)\b.{0,30}\b(?:aprender|mejorar|entender"
    r"|comprender|crecer|desarrollar|ganar|descubrir"
    r"|saber como|llegar a ser)\b(?! (?:mas )?(?:de ti|sobre ti|de usted)\W*$)",
    r"\bmis? (?:objetivos?|metas?)\b|\bme interesa\b|\b(?:consejos?|orientacion) (?:sobre|para|en)\b",
    # French
    r"\b(?:j'aimerais|je (?:voudrais|veux|souhaite|souhaiterais|cherche a)|j'espere"
    r"|afin d[e'])\b.{0,40}\b(?:apprendre|progresser|comprendre|ameliorer"
    r"|developper|savoir|devenir|mieux \w+er)\b",
    r"\b(?:mon|mes|notre) (?:\w+ )?(?:objectifs?|buts?)\b|\bj'ai besoin d'aide pour\b|\bje m'interesse\b"
    r"|\b(?:conseils?|accompagnement) (?:sur|pour|en)\b",
    # Portuguese
    r"\b(?:quero|queria|gostaria de|espero|desejo|pretendo|preciso|e de)\b.{0,30}\b(?:aprender|melhorar|entender"
    r"|compreender|crescer|desenvolver|descobrir|ganhar"
    r"|saber como)\b(?! (?:mais )?(?:com voce|sobre voce)\W*$)",
    r"\b(?:meu|minha|meus|minhas) (?:objetivos?|metas?)\b|\btenho interesse em\b|\b(?:conselhos?"
    r"|orientacao) (?:sobre|para|em)\b",
    # Italian
    r"\b(?:vorrei|voglio|mi piacerebbe|spero di|desidero|cerco di|per)\b.{0,30}\b(?:imparare|migliorare|capire"
    r"|crescere|sviluppare|diventare|comprendere)\b"
    r"(?! (?:da te|da lei)\W*$)",
    r"\b(?:il mio|i miei) (?:\w+ )?obiettiv[oi]\b|\bmi interessa\b|\b(?:consigli|consiglio|orientamento) (?:su"
    r"|per|sul|sulla)\b",
    # Dutch
    r"\bik\b.{0,40}\b(?:leren|verbeteren|begrijpen|groeien|ontwikkelen|ontdekken|beter worden|uitzoeken"
    r"|weten hoe)\b(?!.{0,6}\bkennen)",
    r"\b(?:mijn|ons) (?:\w+ )?doel(?:en)?\b|\bik (?:heb|ben) (?:interesse|geinteresseerd) in\b|\b(?:advies"
    r"|tips) (?:over|bij|voor)\b",
    # Japanese
    r"(?:学び|身につけ|習得し|成長し|向上させ|理解し|高め|目指し|知り|伸ばし|できるようになり)た(?:い|く)"
    r"|教えていただきた|ご教示いただきた|ご指導いただきた|アドバイスをいただきた|教えていただけ(?:れば|ると|ま)"
    r"|学ばせていただき|目標は|関心があり|興味があり",
    # Chinese
    r"(?:想|希望|打算|期望)[^，。！？]{0,16}(?:学习|學習|学到|学会|了解|提高|提升|改善|掌握|弄清|明白|成长"
    r"|请教如何|请教怎)(?!您(?:[，。！]|$))"
    r"|我的(?:学习)?(?:目标|目標)|对.{1,20}感兴趣|請教如何|想请教|教我|最想学",
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
