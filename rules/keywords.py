"""The built-in words that detection looks for, by what they mean, in nine languages.

Tables only. Words are compared as `agendad.rules.topic.normal` writes them: case-folded, NFKC, dashes as "-".
Each table is chosen for precision: a word that is common in other meetings is not in KEYWORDS.
"""

_GERMAN_STEMS = ("mentoring", "mentorings", "mentoren", "mentorinnen", "mentor", "mentee", "mentorats", "mentorschafts")
_GERMAN_HEADS = (
    "gespräch", "gespraech", "gespräche", "termin", "treffen", "stunde", "sitzung", "session", "call",
    "austausch", "tandem", "meeting", "einheit",
)  # fmt: skip
_DUTCH_STEMS = ("mentor", "mentoring", "mentorings", "mentee", "mentorschaps")
_DUTCH_HEADS = ("gesprek", "gesprekken", "uur", "overleg", "sessie", "moment", "afspraak", "uurtje")


def _compounds(stems: tuple[str, ...], heads: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(stem + head for stem in stems for head in heads)


KEYWORDS: dict[str, tuple[str, ...]] = {
    "en": (
        "mentoring", "mentorship", "mentor", "mentee", "mentoring session", "mentorship session",
        "mentor session", "mentee session", "mentor meeting", "mentoring meeting",
        "mentorcruise", "mentorloop", "mentorcliq", "mentorcity", "mentornet",
    ),
    "de": ("mentorat", "mentorin", "mentorschaft", *_compounds(_GERMAN_STEMS, _GERMAN_HEADS)),
    "es": ("mentoría", "mentorías", "mentoria", "mentorias", "mentora"),
    "fr": ("mentorat", "mentoré", "mentorée", "mentore", "mentorale"),
    "pt": ("mentoria", "mentorias", "mentorado", "mentorada", "mentorando", "mentoranda"),
    "it": ("mentore", "mentorato"),
    "nl": ("mentorschap", "mentoraat", *_compounds(_DUTCH_STEMS, _DUTCH_HEADS)),
    "ja": ("メンタリング", "メンター", "メンティ", "メンティー"),
    "zh": ("导师", "導師", "师徒", "師徒", "师带徒", "師帶徒"),
}  # fmt: skip
"""Words that say: this is mentoring."""

RELATED = (
    "coaching", "career chat", "career conversation", "career talk", "office hour", "office hours",
    "tutoría", "tutoria", "tutorat", "tutoring", "begleitgespräch", "キャリア面談", "1on1", "1-on-1",
    "辅导", "輔導",
)  # fmt: skip
"""Words that go well with mentoring and do not say it."""

STEMS = (
    "mentor", "mentee", "メンタリン", "メンター", "メンティ", "导师", "導師", "师徒", "師徒", "师带徒",
    "師帶徒",
)  # fmt: skip
"""Every built-in keyword contains one of these, which makes ruling a text out cheap."""

SOMEBODY_ELSES = (
    r"\bmentor(?:in|a|e)? (?:of|von|van|de|di|do|da|du) (?!the |our |my |your |mij|de |la |l'|o |a )([^\W\d_]{3,})"
)
"""Before a name that is nobody's in the meeting: a parent meets a child's class mentor."""

LOOK_ALIKES = (
    "mentor graphics", "siemens mentor", r"mentor,? (?:ohio|oh)\b",
    r"mentor (?:capital|group|inc|corp\w*|gmbh|ltd|llc)", "mentor[- ]on[- ]the[- ]lake",
    "mentor (?:public schools|high school|headlands)", "[アエコグセュレギ]メンター",
    r"(?:dr|dott|prof)\.? mentor\w*", "mentor (?:implants?|worldwide)",
    r"(?:kantonrechter|rechtbank).{0,40}mentorschap",
    r"mentorschap.{0,40}(?:kantonrechter|rechtbank|bewind)",
    "[领領指辅輔引教][导導][师師]", "メンターグラフィックス", "導師輪", "导师轮",
)  # fmt: skip
"""Regular expressions of what has the letters of a keyword and another meaning: companies, places, longer words."""

NEGATIONS = (
    "not", "no", "isn't", "is not", "without", "instead of", "non", "used to be", "used to", "former",
    "formerly", "ex", "was", r"kein\w*", "nicht", "ohne", "statt", r"ehemalige\w*", r"früher\w*", "pas",
    "sans", r"ancien\w*", "no es", "sin", "antigu[oa]", "não", "não é", "sem", "non è", "senza", "geen",
    "niet", "zonder", r"voormalig\w*", "不是", "没有", "沒有",
)  # fmt: skip
"""Before a keyword these turn it round, or put it in the past."""

FILLERS = (
    "his", "her", "their", "an?", "the", "our", "my", "your", "really", "another", "more", "any", "about",
    r"ein\w*", r"mein\w*", r"unser\w*", "das", "der", "die", "de", "du", "une?", "una", "uma?", "een", "de la", "mijn",
)  # fmt: skip
"""What may stand between a negation and its keyword."""

NEGATED_AFTER = (
    r"(?:では|じゃ)(?:ない|ありません)",
    (
        r"\s(?:suggested|said|told|recommended|mentioned|advised|thinks|meinte|sagte|hat gesagt|schlug|riet"
        r"|m'a (?:dit|conseillé)|a dit|me dijo|dijo|sugirió|recomendó|mi ha detto|ha detto|ha suggerito|disse|sugeriu"
        r"|recomendou|zei|stelde voor|raadde)\b"
    ),
    r"(?:に言われ|に勧められ)",
)
"""After a keyword these turn it round, or tell of one who is not here: "my mentor suggested that I ask you"."""

ADDRESSED = (
    r"your (?:\w+ )?ment(?:or|ee)", "(?:be|as) my ment(?:or|ee)", r"(?:dein|ihr)\w* (?:neue[rsn]? )?ment(?:or|orin|ee)",
    r"als mein\w* ment(?:or|orin|ee)", "(?:ton|votre) ment(?:or|ore|oré|orée|ee)", "(?:être|comme) m(?:on|a) mentore?",
    "tu mentora?", "como mi mentora?", r"(?:seu|sua|teu|tua) mentor\w*", "(?:il|la) tu[oa] mentore",
    "(?:je|jouw|uw) ment(?:or|ee)", "(?:さん|様|君|ちゃん|あなた)の(?:メンター|メンティー?)",
    "(?:メンター|メンティー?)(?:を担当|になり|になる|として|をお願い|を引き受け|を務め)",
    "[你您我](?:们)?的(?:导师|導師|徒弟)",
    "(?:担任|擔任|做|当|當|作为|作為)[你您](?:们)?的?(?:导师|導師)",
)  # fmt: skip
"""In a body these speak of one of the two who meet."""

GATHERINGS = (
    "town-?halls?", "town halls?", "webinars?", "web seminars?",
    "info(?:rmation)?[- ]?(?:session|meeting|event)s?", "infoabend", "infoveranstaltung",
    "informationsveranstaltung", "newsletters?", "committees?", "orientation", "ama", "ask me anything",
    "all[- ]hands", "all mentors", "all mentees", "(?:mentor|mentee) training", "vollversammlung",
    "lenkungsausschuss", "auftaktveranstaltung", "réunion d'information", "comité", "charla informativa",
    "boletín", "palestra", "comitê", "comitato", "voorlichting", "informatiebijeenkomst", "stuurgroep",
    "nieuwsbrief", "説明会", "ウェビナー", "委員会", "全体会", "说明会", "宣讲会", "委员会", "委員會",
    "大会", "讲座", "沙龙", r"forma\w+ (?:de|dei|di|des) mentor\w+", r"mentoren-?(?:schulung|ausbildung|treffen)",
    "(?:capacitación|treinamento|taller|oficina|encuentro|encontro|incontro|réunion) (?:de|dos|dei|des) mentor\\w+",
)  # fmt: skip
"""Anywhere in a title: an occasion for many, whatever else the title says."""

OCCASIONS = (
    "trainings?", "workshops?", "panels?", "appreciation", "working group", "task force", "jury",
    "steuer(?:ungs)?kreis",
    "steuer(?:ungs)?gruppe", "lenkungskreis", "arbeits(?:kreis|gruppe)", "copil", "pilotage", "groupe de travail",
    r"grupo de traba\w+", "gruppo di lavoro", "werkgroep", "検討会", "ワーキンググループ", "启动会", "评估会", "工作组",
    "summit", "conference", "konferenz", "meet-?ups?",
    "round-?tables?", "round tables?", "mentors", "mentees", "mentoren", "cohort", "kohorte", "steering",
    "community", "networking", r"award\w*", "ceremony", "celebration", "open day", "lunch and learn",
    "hackathon", "certification", "schulung", "fortbildung", "ausschuss", "formation", "assemblée",
    "gala", "of the year", "des jahres", "del año", "de l'année", "dell'anno", "do ano", "van het jaar", "on stage",
    "book launch", "buchvorstellung", "presentazione del libro", "presentación del libro", "boekpresentatie",
    "séminaire", "seminar", "taller", "capacitación", "seminario", "formación", "treinamento", "oficina",
    "assembleia", "formazione", "assemblea", "研修", "勉強会", "セミナー", "交流会", "培训", "培訓",
)  # fmt: skip
"""Beside a keyword the same; apart from it they may be a session's topic ("Mentoring: conference talk")."""

ABOUT = (
    "budget", "planning", "planung", "pilot", "roll-?out", "launch", "coordination", "koordination", "kpis?", "metrics",
    "framework", "guidelines?", "leitfaden", "konzept", "evaluatie", "pool", "lists?", "web-?site", "data",
    "database", "content", "wiki", "faq", "directory", "agreement", "lanzamiento", "lancement", "lançamento",
    "lancio", "interview(?:s|ing)?", "roles?",
    "position", "job", "vacancy", "applications?", "bewerbung", "proposal", "contract", "survey", "umfrage",
    "report", "matching", "search", "become an?", "becoming an?", "find an?", "finding an?",
    "looking for an?", "ruolo", "rolle", "rôle", "papel", "rol", "selezione", "selección", "seleção", "sélection",
    "auswahl", r"recruit\w*", "sign[- ]?up", "registration", "policy", "platform", "app",
    "software", "tool", "onboarding", "selection", "invoice", "handbook", "guide", "slides", "article",
    "blog", "podcast", "book", "demo", "product", "pricing", "trial", "licen[cs]es?", "vendor", "vertrag\\w*",
    "verlag", "presupuesto", "entrevista", "orçamento", "募集", "選考",
    "予算", "预算", "招募", "选拔", "评审", "答辩",
)  # fmt: skip
"""Beside a keyword: the meeting is about mentoring, and is not mentoring."""

PROGRAMMES = (
    "program(?:me)?s?", r"programm\w*", "programma", "programa", "scheme", "initiative", "initiativ", "proje[ck]ts?",
    "projet", "proyecto", "projeto", "progetto", "プログラム", "制度", "项目", "计划", "計畫",
)  # fmt: skip
"""The same; but a title that also names the other person is about a session of the two within it."""

PROPER = (
    "sessions?", "1:1", "1-1", "1 on 1", "1on1", "1-on-1", "one[- ]on[- ]one", "one[- ]to[- ]one",
    "catch[- ]?up", "check-?in", "gespräch", "sesión", "sessão", "séance", "gesprek", "面談", "面谈",
)  # fmt: skip
"""Beside a keyword these outweigh ABOUT: a session held within a programme."""

ONE_TO_ONE = (
    "1:1", "1-1", "1 on 1", "1on1", "1-on-1", "one-on-one", "one on one", "one-to-one", "one to one",
    "uno a uno", "um a um", "tête-à-tête", "vieraugengespräch", "1対1", "一対一", "一对一", "一對一",
)  # fmt: skip
"""Anywhere in a title these say the same as PROPER does beside a keyword."""

APPRAISALS = (
    "interview", "interviews", "phone screen", "hiring", "candidate", "onsite", "vorstellungsgespräch",
    "bewerbungsgespräch", "entretien d'embauche", "entrevista", "colloquio di lavoro", "sollicitatiegesprek",
    "面接", "面试", "面試",
)  # fmt: skip
"""Before a colon: somebody is considered for a role ("Interview: mentor for Q3")."""

SURNAMES = (" mentor", " mentors", " mentore")
"""What a participant may be called."""

OTHER_KINDS = (
    "lunch", "dinner", "breakfast", "brunch", "drinks", "stand-?up", "stand up", "daily", "scrum",
    "sprint", "retro", "retrospective", "refinement", "grooming", "backlog", "demo", "interviews?",
    "interviewing", "dentist", "doctor", "code[- ]review", r"pr #?\d+", "pull request", "design review",
    "architecture review", "budget", "performance review", "business review", "qbr", "party", "farewell",
    "birthday", "wedding", "leaving do", "vacation", "out of office", "ooo", "flight", "gym", "yoga",
    "football", "tennis", "concert", "all[- ]hands", "town-?hall", "town hall", "webinar", "workshop",
    "training", "incident", "post-?mortem", "on-?call", "release", r"deploy\w*", "board meeting",
    "committee", "hiring", "candidate", "debrief", "customer", "client", "sales", "vendor", "invoice",
    "audit", "faculty meeting", "staff meeting", "team meeting", "project meeting", "kick-?off",
    "steering", "status meeting", "all staff", "offsite", "hackathon", "conference", "webcast", "round[- ]?tables?",
    "rehearsal", "bug", "triage", "migration", "planning poker", "sprint planning", "quarterly planning",
    "roadmap planning", "grading", "exam", "exams", "defen[cs]e", "viva", "seminar", "mittagessen",
    "abendessen", "vorstellungsgespräch", "bewerbungsgespräch", "zahnarzt", "arzttermin", r"abschied\w*",
    r"geburtstag\w*", "feier", "weihnachtsfeier", "teambesprechung", "dienstbesprechung", r"haushalt\w*",
    "urlaub", "déjeuner", "dîner", "entretien d'embauche", "dentiste", "médecin", "anniversaire",
    "pot de départ", "réunion d'équipe", "vacances", "almuerzo", "comida", "cena", "entrevista",
    "dentista", "cumpleaños", "fiesta", "despedida", "vacaciones", "presupuesto", "reunión de equipo",
    "almoço", "jantar", "aniversário", "festa", "férias", "orçamento", "reunião de equipe", "pranzo",
    "colloquio di lavoro", "compleanno", "ferie", "bilancio", "riunione di team", "sollicitatiegesprek",
    "tandarts", "verjaardag", "borrel", r"afscheid\w*", "begroting", "teamoverleg", "vakantie", "ランチ",
    "面接", "送別会", "歓迎会", "飲み会", "朝会", "誕生日", "歯医者", "予算", "定例会議", "コードレビュー",
    "午餐", "面试", "聚餐", "牙医", "生日", "站会", "预算", "評審會", "代码评审", "欢送会",
)  # fmt: skip
"""In a title without a keyword: the meeting is of another kind, even between a declared pair."""

CANCELLED = (
    "canceled", "cancelled", "canceled event", "cancelled event", "abgesagt", "storniert", "annulé",
    "annulée", "événement annulé", "cancelado", "cancelada", "anulado", "anulada", "evento cancelado",
    "annullato", "annullata", "evento annullato", "geannuleerd", "afgelast", "キャンセル済み",
    "キャンセル", "取り消し", "中止", "已取消", "取消",
)  # fmt: skip
"""What mail programs and people put before the title of a meeting that was called off."""

DECLINED = (
    "declined", "abgelehnt", "refusé", "refusée", "décliné", "rechazado", "rechazada", "recusado",
    "recusada", "rifiutato", "rifiutata", "geweigerd", "afgewezen", "辞退", "辞退済み", "欠席", "已拒绝",
    "已拒絕", "已谢绝",
)  # fmt: skip
"""The same for a meeting that somebody declined."""
