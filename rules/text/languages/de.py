"""German."""

from agendad.rules.text.lexicon import Language

GERMAN = Language(
    code="de",
    opt_out="""
        keine agenda nötig, keine agenda notwendig, keine agenda erforderlich,
        keine tagesordnung nötig, keine tagesordnung erforderlich, agenda nicht nötig,
        agenda ist nicht nötig, wir brauchen keine agenda, braucht keine agenda
    """,
    none_needed="""
        nicht nötig, nicht erforderlich, keine nötig, keine erforderlich, nicht notwendig,
        keine notwendig
    """,
    placeholder="""
        folgt, folgen, wird noch, noch offen, noch zu klären, noch festzulegen, wird nachgereicht,
        kommt noch, kommt später, reiche ich nach, schicke ich, sende ich, ich schicke, ich sende,
        werde ich, trage ich, hier eintragen, bitte ausfüllen, bitte ergänzen, thema einfügen,
        agenda einfügen, hier einfügen, einfügen, wird ergänzt, noch keine, keine agenda,
        keine tagesordnung, keine themen, nichts bestimmtes, nichts besonderes, offenes gespräch,
        in arbeit, steht noch nicht fest, schauen wir mal, ergibt sich, noch festgelegt,
        wird bekannt gegeben
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
        siehe anhang, im anhang, anbei, agenda im dokument, siehe dokument, siehe notizen,
        siehe anlage
    """,
    logistics="""
        raum, räume, besprechungsraum, büro, gebäude, stock, stockwerk, etage, empfang, eingang,
        aufzug, parkplatz, parken, parkhaus, adresse, strasse, bahnhof, haltestelle, zug, flug, reise,
        reisen, unterwegs, dienstreise, gebucht, reserviert, restaurant, mittagessen, kantine, zusagen,
        zusage, absagen, absage, abgesagt, bestätigen, bestätige, verschoben, verschieben, verlegt,
        verlegen, verschiebe, verlege, uhrzeit, termin passt, passt, passen, kalender, einladung,
        einladungen, link, einwählen, einwahl, telefon, telefonnummer, rufe, anrufen,
        besprechung beitreten, beitreten, teilnehmen, passwort, kennung, zeitzone, online, virtuell,
        präsenz, vor ort, treffpunkt, urlaub, krank, verspätung, später, früher, minuten, stunde,
        termin, terminserie, serie, wöchentlich, monatlich, blocker im kalender, kollidiert, konflikt,
        erreichbar, verfügbar, notizen, ort, wo, wann, laptop, ausweis, abholen, hole, automatisch
    """,
    social="""
        freue, freuen, freut, vorfreude, bis dann, bis bald, bis morgen, bis später, hallo,
        guten morgen, guten tag, liebe, lieber, moin, servus, danke, dank, vielen dank, herzlichen,
        schön, schönes, schöne, schönen, toll, super, klasse, hoffe, hoffentlich, kaffee, kennenlernen,
        plaudern, austauschen, austausch, wochenende, wetter, feiertage, geburtstag, glückwunsch,
        wie geht es, wie geht's, gib bescheid, gebt bescheid, bescheid, melde dich, meldet euch,
        gerne themen, falls du, falls ihr, fragen hast, wenn du, bringt, bring, bitte mitbringen,
        entschuldigung, sorry, leider, erinnerung, viele grüsse, grüsse, gruss, mein name ist, ich bin,
        ungezwungen, locker, lockerer
    """,
    topic="""
        besprech~, durchgehen, durchsprechen, diskutier~, über, zum thema, feedback zu, frage zu,
        fragen zu, rat, ratschlag, tipps, hilfe, unterstützung bei, vorbereiten, vorbereitung, planen,
        planung, entscheid~, klären, anschauen, ansehen, zeigen, vorstellen, üben, probelauf, reden,
        sprechen, wie kann ich, wie gehe ich, soll ich, überarbeit~, analysier~, verstehen, lernen,
        problem mit, probleme mit, review~, bezüglich, arbeiten an
    """,
    weak="""
        aktuelles, stand, neuigkeiten, nächste schritte, fragen, frage, sonstiges, verschiedenes,
        rückblick, ausblick, fortschritt, fortschritte, update, ziele, begrüssung, vorstellungsrunde,
        abschluss, zusammenfassung, herausforderungen, feedback
    """,
    person="""
        ich, du, er, sie, es, wir, ihr, mich, dich, uns, euch, mir, dir, ihm, ihnen, mein, meine,
        meinen, meinem, meiner, dein, deine, deinen, deinem, deiner, unser, unsere, unseren, unserem,
        unserer, bin, bist, ist, sind, war, waren, habe, hast, hat, haben, hatte, wird, werden, werde,
        würde, würden, kann, kannst, können, könnte, möchte, möchten, muss, müssen, soll, sollen, will,
        wollen, lass, lasst
    """,
    filler="""
        der, die, das, den, dem, des, ein, eine, einen, einem, einer, eines, und, oder, aber, in, im,
        am, an, auf, aus, bei, beim, mit, nach, seit, von, vom, vor, zu, zum, zur, für, um, durch,
        gegen, ohne, unter, als, wie, was, wer, dass, weil, wenn, ob, nicht, auch, noch, nur, schon,
        sehr, so, dann, hier, da, dort, jetzt, heute, morgen, woche, wochen, monat, monate, jahr, tag,
        montag, dienstag, mittwoch, donnerstag, freitag, samstag, sonntag, januar, februar, märz, mai,
        juni, juli, oktober, dezember, uhr, bitte, ja, nein, gern, gerne, mal, alle, alles, etwas,
        diese, dieser, dieses, diesen, unserem, treffen, besprechung, meeting, gespräch, gespräche,
        sitzung, anruf, mentor, mentorin, mentee, mentoring, regelmässig, regelmässiges, regelmässiger,
        nächste, nächsten, nächstes, letzte, letzten, letzter, letztes, erste, ersten, zweite, kurz,
        lang, gut, gute, guten, neu, neue, neuen, kommen, machen, gehen, geht, nehmen, sehen, wissen,
        denke, gemeinsam, zusammen, zwei, drei, punkt, unten, oben, beide, beiden, wieder, miteinander,
        statt, davor, danach, vorher, vorab, nachher, wöchentliches, monatliches, uns
    """,
    closing="""
        mit freundlichen grüssen, viele grüsse, liebe grüsse, beste grüsse, freundliche grüsse,
        herzliche grüsse, lg, mfg, vg, gruss, danke, vielen dank, bis dann, bis bald, schöne grüsse
    """,
    conference="""
        an besprechung teilnehmen, nehmen sie per computer, auf computer mobil, klicken sie hier um an,
        besprechungs id, kennungscode, per telefon einwählen, lokale nummer suchen, für organisatoren,
        besprechungsoptionen, telefonkonferenz id, zoom meeting beitreten,
        lädt sie zu einem geplanten zoom meeting ein, schnelleinwahl mobil, einwahl nach standort,
        ortseinwahl suchen, mit google meet teilnehmen, oder wählen, weitere telefonnummern,
        über google meet teilnehmen, dem meeting beitreten, meeting kennnummer, kenncode,
        videoanruf link, terminname, unterstützt von calendly
    """,
    conference_alone="""
        weitere informationen, benötigen sie hilfe
    """,
)
