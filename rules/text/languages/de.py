"""German."""

from agendad.rules.text.lexicon import Language

GERMAN = Language(
    code="de",
    opt_out="""
        keine agenda nötig, keine agenda notwendig, keine agenda erforderlich, keine tagesordnung nötig,
        keine tagesordnung erforderlich, agenda nicht nötig, agenda ist nicht nötig,
        wir brauchen keine agenda, braucht keine agenda
    """,
    none_needed="""
        nicht nötig, nicht erforderlich, keine nötig, keine erforderlich, nicht notwendig, keine notwendig,
        braucht es nicht, brauchen wir nicht
    """,
    placeholder="""
        folgt, folgen, wird noch, noch offen, noch zu klären, noch festzulegen, wird nachgereicht,
        kommt noch, kommt später, reiche ich nach, schicke ich, sende ich, ich schicke, ich sende,
        werde ich, trage ich, hier eintragen, bitte ausfüllen, bitte ergänzen, thema einfügen,
        agenda einfügen, hier einfügen, einfügen, wird ergänzt, noch keine, keine agenda,
        keine tagesordnung, keine themen, nichts bestimmtes, nichts besonderes, offenes gespräch, in arbeit,
        steht noch nicht fest, schauen wir mal, ergibt sich, noch festgelegt, wird bekannt gegeben,
        ist noch offen, themen folgen, reiche ich, schicke noch, schicke ich noch, schicken wir,
        details folgen, noch zu definieren, noch zu bestimmen, muss noch, steht noch aus, kommt in kürze,
        tbd, ohne agenda, ohne tagesordnung, ohne thema, ohne themen, werden kurzfristig, kurzfristig,
        wird kurzfristig, festgelegt, legen wir, entscheiden wir, wird spontan, spontan, nach bedarf,
        am tag selbst, liegt bei dir, überlasse ich dir
    """,
    null="""
        keine, keins, nichts, entfällt, offen, leer, kein
    """,
    heading="""
        tagesordnung, tagesordnungspunkte, themen, thema, gesprächspunkte, besprechungspunkte, punkte,
        zu besprechen, ziel, ziele, themenliste, gesprächsthemen, worüber wir sprechen,
        was ich besprechen möchte, meine fragen, schwerpunkte, inhalt, inhalte
    """,
    attached="""
        siehe anhang, anbei, agenda im dokument, siehe dokument, siehe notizen, siehe anlage, siehe unten,
        siehe mail, siehe meine mail, siehe e mail, wie per mail, wie per mail besprochen, im dokument,
        siehe slack, per mail geschickt, dir gemailt, siehe link, siehe weiter unten, im anhang,
        in der anlage
    """,
    logistics="""
        raum, räume, besprechungsraum, stock, stockwerk, etage, empfang, eingang, aufzug, parkplatz,
        parkhaus, adresse, strasse, bahnhof, haltestelle, unterwegs, gebucht, reserviert, mittagessen,
        zusagen, zusage, absagen, absage, abgesagt, bestätige, verschoben, verschieben, verlegt, verlegen,
        verschiebe, verlege, uhrzeit, termin passt, passt, passen, einwählen, einwahl, telefonnummer, rufe,
        anrufen, besprechung beitreten, beitreten, passwort, kennung, vor ort, treffpunkt, verspätung,
        minuten, termin, terminserie, wöchentlich, monatlich, blocker im kalender, kollidiert, wo, wann,
        ausweis, abholen, hole, homeoffice, ruf mich, ruf an, ruft, melde mich, per teams, parkplätze,
        ist gebucht, ist reserviert, komme etwas, bin im, hinter dem, kalender, einladung, einladungen,
        link, krank, früher, später, verfügbar, erreichbar, automatisch, teilnehmen, parken, kantine,
        bitte bestätigen, in meinem büro, im büro, bei mir, bei dir, meinem büro, deinem büro, im stock,
        gleicher ort, üblicher ort, gleicher raum, selber ort, per mail, per e mail
    """,
    social="""
        freue, freuen, freut, vorfreude, bis dann, bis bald, bis morgen, bis später, hallo, guten morgen,
        guten tag, liebe, lieber, moin, servus, danke, dank, vielen dank, herzlichen, schönes, hoffe,
        hoffentlich, kaffee, plaudern, austauschen, austausch, glückwunsch, wie geht es, wie geht's,
        gib bescheid, gebt bescheid, bescheid, melde dich, meldet euch, gerne themen, falls du, falls ihr,
        fragen hast, wenn du, bringt, bring, bitte mitbringen, entschuldigung, sorry, leider, viele grüsse,
        grüsse, gruss, mein name ist, ich bin, ungezwungen, lockerer, alles gute, freundlichen grüssen, lg,
        passt mir, klingt gut, einverstanden, alles klar, in ordnung, perfekt, wie besprochen,
        wie vereinbart, wie abgesprochen, feier, gute reise, schönen urlaub, freue mich auf, toll, super,
        schön, schöne, schönen, klasse, gute besserung, lade dich ein, treffen uns, frohe weihnachten,
        frohes neues, frohes fest, guten rutsch, frohe ostern, schöne feiertage, gesundes neues,
        weihnachten, ostern, erholsame, erholung, schönen tag, schönen abend, ich wünsche dir, wünsche dir,
        wünsche ihnen, deine zeit, ihre zeit, für die zeit, herzliche, herzlich, herzliche grüsse
    """,
    setting="""
        büro, gebäude, reise, reisen, dienstreise, restaurant, telefon, zeitzone, online, virtuell, präsenz,
        urlaub, konflikt, notizen, ort, laptop, stunde, serie, zug, flug, kennenlernen, wochenende,
        feiertage, geburtstag, erinnerung, locker, wetter, bestätigen
    """,
    topic="""
        besprech~, durchgehen, durchsprechen, diskutier~, über, zum thema, feedback zu, frage zu, fragen zu,
        rat, ratschlag, tipps, hilfe, unterstützung bei, vorbereiten, vorbereitung, planen, planung,
        entscheid~, klären, anschauen, ansehen, zeigen, vorstellen, üben, probelauf, reden, sprechen,
        wie kann ich, wie gehe ich, soll ich, überarbeit~, analysier~, verstehen, lernen, problem mit,
        probleme mit, review~, bezüglich, arbeiten an, umgang mit, sage ich, nein sagen, wie sage ich,
        wie bekomme ich, wie schaffe ich, wie finde ich, wie kann, überlege, überlegen, überlegung,
        rückmeldung zu, rückmeldung, meinung, einschätzung, deine sicht, brauche rat, brauche hilfe,
        stecke fest, hänge, komme nicht weiter, kämpfe mit, unsicher, durchspielen, zeige ich, erzählen von,
        austauschen über, gehen über
    """,
    weak="""
        aktuelles, stand, neuigkeiten, nächste schritte, fragen, frage, sonstiges, verschiedenes, rückblick,
        ausblick, fortschritt, fortschritte, update, ziele, begrüssung, vorstellungsrunde, abschluss,
        zusammenfassung, herausforderungen, feedback
    """,
    person="""
        ich, du, er, sie, es, wir, ihr, mich, dich, uns, euch, mir, dir, ihm, ihnen, mein, meine, meinen,
        meinem, meiner, dein, deine, deinen, deinem, deiner, unser, unsere, unseren, unserem, unserer, bin,
        bist, ist, sind, war, waren, habe, hast, hat, haben, hatte, wird, werden, werde, würde, würden,
        kann, kannst, können, könnte, möchte, möchten, muss, müssen, soll, sollen, will, wollen, lass, lasst
    """,
    filler="""
        der, die, das, den, dem, des, ein, eine, einen, einem, einer, eines, und, oder, aber, in, im, am,
        an, auf, aus, bei, beim, mit, nach, seit, von, vom, vor, zu, zum, zur, für, um, durch, gegen, ohne,
        unter, als, wie, was, wer, dass, weil, wenn, ob, nicht, auch, noch, nur, schon, sehr, so, dann,
        hier, da, dort, jetzt, heute, morgen, woche, wochen, monat, monate, jahr, tag, montag, dienstag,
        mittwoch, donnerstag, freitag, samstag, sonntag, januar, februar, märz, mai, juni, juli, oktober,
        dezember, uhr, bitte, ja, nein, gern, gerne, mal, alle, alles, etwas, diese, dieser, dieses, diesen,
        unserem, treffen, besprechung, meeting, gespräch, gespräche, sitzung, anruf, mentor, mentorin,
        mentee, mentoring, regelmässig, regelmässiges, regelmässiger, nächste, nächsten, nächstes, letzte,
        letzten, letzter, letztes, erste, ersten, zweite, kurz, lang, gut, gute, guten, neu, neue, neuen,
        kommen, machen, gehen, geht, nehmen, sehen, wissen, denke, gemeinsam, zusammen, zwei, drei, punkt,
        unten, oben, beide, beiden, wieder, miteinander, statt, davor, danach, vorher, vorab, nachher,
        wöchentliches, monatliches, uns, hiermit, monatlich, monatlicher, wöchentlicher, zweiwöchentlich,
        anbei, immer, wie immer, wie üblich, üblich, übliche, üblichen, bereits, bisher, etwa, fast, ganz,
        genau, immer noch, innerhalb, irgendwie, jede, jeden, jeder, jedes, jedoch, kaum, keinen, keiner,
        leicht, mehr, meist, meistens, mehrere, möglich, nächstes mal, nie, nochmal, nochmals, oft, schnell,
        selbst, selber, sicher, sogar, solche, sondern, sonst, trotzdem, überhaupt, übrigens, viel, viele,
        vielen, vielleicht, völlig, weiter, weiterhin, weitere, weiteren, welche, wenig, weniger, wieso,
        wohl, zuerst, zurück, zwar, zwischen, manchmal, inzwischen, damit, dafür, dabei, darüber, dazu,
        davon, dadurch, deshalb, daher, bzw, ca, usw, sich, man, kommt, komme, kommst, mache, macht, gehe,
        gehst, gibt, geben, bleibt, bleiben, dieselbe, denselben, derselbe, gleichen, gleiche, gleich,
        wünsche, wünschen, wünscht, nutzen, findet, finden, stattfinden, bis, zeit, erstes, kurz vorher, per
    """,
    closing="""
        mit freundlichen grüssen, viele grüsse, liebe grüsse, beste grüsse, freundliche grüsse,
        herzliche grüsse, lg, mfg, vg, gruss, danke, vielen dank, bis dann, bis bald, schöne grüsse, bg,
        glg, lieber gruss, liebe gruess, viele liebe grüsse, beste wünsche, mit besten grüssen,
        mit herzlichen grüssen, mit freundlichem gruss, freundlichst, herzlich, herzlichst, alles liebe,
        deine, dein, ihr, ihre, euer, grüsse, gruss und dank, danke und gruss, danke und grüsse,
        besten dank, tschüss, servus, ciao, baba, pfiat di, salut, liebs grüessli, grüessli,
        hochachtungsvoll, bis denne, bis dahin
    """,
    conference="""
        an besprechung teilnehmen, nehmen sie per computer, auf computer mobil, klicken sie hier um an,
        besprechungs id, kennungscode, per telefon einwählen, lokale nummer suchen, für organisatoren,
        besprechungsoptionen, telefonkonferenz id, zoom meeting beitreten,
        lädt sie zu einem geplanten zoom meeting ein, schnelleinwahl mobil, einwahl nach standort,
        ortseinwahl suchen, mit google meet teilnehmen, oder wählen, weitere telefonnummern,
        über google meet teilnehmen, dem meeting beitreten, meeting kennnummer, kenncode, videoanruf link,
        terminname, unterstützt von calendly, microsoft teams besprechung,
        hier klicken um an der besprechung, nehmen sie auf ihrem computer, teams herunterladen,
        im web beitreten, oder anrufen nur audio, pin zurücksetzen, weitere infos, besprechungs kennung,
        jetzt an der besprechung teilnehmen, hilfe erforderlich, an zoom meeting teilnehmen,
        mit google meet, oder per telefon, weitere informationen zu meet, zum zoom meeting
    """,
    conference_alone="""
        weitere informationen, benötigen sie hilfe
    """,
)
