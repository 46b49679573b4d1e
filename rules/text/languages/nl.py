"""Dutch."""

from agendad.rules.text.lexicon import Language

DUTCH = Language(
    code="nl",
    opt_out="""
        geen agenda nodig, agenda niet nodig, geen agenda vereist, agenda is niet nodig,
        we hebben geen agenda nodig
    """,
    none_needed="""
        niet nodig, geen nodig, niet vereist
    """,
    placeholder="""
        voeg hier,
        volgt, volgt nog, volgt later, komt nog, komt later, nader te bepalen, nog te bepalen, ntb,
        n t b, nog in te vullen, invullen, nog niet, stuur ik, ik stuur, zal ik sturen, deel ik,
        ik deel, wordt nog, hier invullen, vul hier, voeg toe, toe te voegen, onderwerp invoegen,
        geen agenda, geen onderwerpen, niets bijzonders, niets specifieks, vrije invulling,
        we zien wel, zien we wel, later bepaald, onder voorbehoud
    """,
    null="""
        geen, niets, leeg, nvt, n v t, niks, open
    """,
    heading="""
        onderwerpen, onderwerp, agendapunten, bespreekpunten, gesprekspunten, te bespreken, punten,
        doel, doelen, mijn vragen, wat ik wil bespreken
    """,
    attached="""
        zie bijlage, in de bijlage, bijgevoegd, bijlage, in het document, zie document, zie notities
    """,
    logistics="""
        zaal, ruimte, kamer, vergaderzaal, kantoor, gebouw, verdieping, receptie, ingang, lift,
        parkeren, parkeerplaats, adres, straat, station, trein, vlucht, reis, reizen, geboekt,
        gereserveerd, restaurant, kantine, accepteren, accepteer, bevestig, bevestigen, aanwezigheid,
        verplaatst, verzet, verplaats, verplaatsen, verschoven, uitgesteld, afgezegd, afzeggen,
        geannuleerd, annuleren, tijdstip, uitnodiging, telefoon, bel, bellen, deelnemen, neem deel,
        wachtwoord, tijdzone, fysiek, op locatie, online, vakantie, ziek, later, eerder, minuten, uur,
        reeks, wekelijks, maandelijks, waar, wanneer, beschikbaar, komt uit, uitkomt, schikt, past,
        notities, kalender
    """,
    social="""
        hoi, hallo, goedemorgen, goedemiddag, beste, geachte, dag, bedankt, dank, dank je, dank u,
        dankjewel, alvast bedankt, tot dan, tot snel, tot ziens, tot donderdag, tot maandag,
        tot morgen, tot straks, zin in, kijk ernaar uit, kijk uit, verheug, leuk, leuke, fijn, fijne,
        gezellig, gezellige, hoop, hopelijk, koffie, bijpraten, bijkletsen, kletsen, kennismaken,
        kennismaking, weekend, verjaardag, gefeliciteerd, hoe gaat het, hoe gaat, laat weten,
        laat het weten, laat me, neem gerust, gerust, als je, mocht je, sorry, helaas, herinnering,
        groeten, groet, groetjes, mijn naam is, ik ben, informeel
    """,
    topic="""
        bespreken, bespreek, besprek~, doornemen, doorlopen, praten over, hebben over, over,
        overleggen, feedback op, vraag over, vragen over, advies, tips, hulp bij, hulp met,
        voorbereiden, voorbereiding, plannen, beslissen, kiezen, bekijken, kijken naar, laten zien,
        presenteren, oefenen, begrijpen, leren, hoe kan ik, hoe vraag ik, moet ik, mening,
        probleem met, problemen met, analyseren, uitwerken, nadenken over, beoordelen
    """,
    weak="""
        voortgang, stand van zaken, nieuws, volgende stappen, vragen, vraag, rondvraag, wvttk, overig,
        terugblik, vooruitblik, samenvatting, uitdagingen, successen, actiepunten
    """,
    person="""
        ik, jij, je, hij, zij, ze, wij, we, jullie, u, me, mij, jou, ons, hun, mijn, jouw, zijn, haar,
        onze, uw, ben, bent, is, was, waren, heb, hebt, heeft, hebben, had, kan, kun, kunnen, wil,
        willen, zou, zouden, zal, zullen, moet, moeten, mag, ga, gaan, gaat, wordt, worden
    """,
    filler="""
        de, het, een, en, of, maar, van, in, op, aan, bij, met, naar, voor, uit, door, om, te, tot,
        zonder, onder, als, dan, dat, die, dit, deze, wat, wie, hoe, waarom, omdat, want, niet, wel,
        ook, nog, al, zo, er, hier, daar, nu, vandaag, morgen, week, weken, maand, maanden, jaar,
        dagen, maandag, dinsdag, woensdag, donderdag, vrijdag, zaterdag, zondag, januari, februari,
        maart, april, mei, juni, juli, augustus, september, oktober, november, december, alles, iets,
        elke, ander, andere, volgende, vorige, laatste, eerste, gesprek, gesprekken, overleg, afspraak,
        bijeenkomst, sessie, vergadering, mentor, mentorgesprek, mentoraat, regulier, reguliere,
        gewone, vaste, goed, goede, nieuw, nieuwe, samen, graag, even, weer, kort, korte, komen, doen,
        maken, zien, ja, nee, alvast, dus, onze, mee, erover
    """,
    closing="""
        met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, groeten, groet, groetjes,
        hartelijke groet, mvg, bedankt, tot dan, tot snel, alvast bedankt
    """,
    conference="""
        deelnemen aan de vergadering, klik hier om deel te nemen, neem deel aan de vergadering,
        computer mobiele app, vergaderings id, vergadering id, toegangscode, of bel in,
        inbellen via telefoon, lokaal nummer zoeken, voor organisatoren, vergaderingsopties,
        nodigt u uit voor een geplande zoom, nodigt je uit voor een geplande zoom,
        deelnemen aan zoom meeting, met een tik, zoek uw lokale nummer, deelnemen met google meet,
        of bel, meer telefoonnummers, link voor videogesprek, naam van afspraak
    """,
    conference_alone="""
        hulp nodig, meer informatie
    """,
)
