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
        voeg hier, volgt, volgt nog, volgt later, komt nog, komt later, nader te bepalen, nog te bepalen,
        ntb, n t b, nog in te vullen, invullen, nog niet, stuur ik, ik stuur, zal ik sturen, deel ik,
        ik deel, wordt nog, hier invullen, vul hier, voeg toe, toe te voegen, onderwerp invoegen,
        geen agenda, geen onderwerpen, niets bijzonders, niets specifieks, vrije invulling, we zien wel,
        zien we wel, later bepaald, onder voorbehoud, wordt later, vul ik, voeg ik, vul ik later,
        nog af te stemmen, in overleg, nog onbekend, nog open, zet ik er, zet ik hier, wordt bepaald,
        volgen nog, te bepalen, tbd, zonder agenda, niet bekend, nog niet bekend, bepalen we samen,
        samen bepalen, ter plekke, volgt maandag, wordt gestuurd, jij bepaalt, aan jou, nog bepaald,
        bepaald worden, wordt nog bepaald, moeten nog, moet nog, nog vast te stellen
    """,
    null="""
        geen, niets, leeg, nvt, n v t, niks, open
    """,
    heading="""
        onderwerpen, onderwerp, agendapunten, bespreekpunten, gesprekspunten, te bespreken, punten, doel,
        doelen, mijn vragen, wat ik wil bespreken
    """,
    attached="""
        zie bijlage, in de bijlage, bijgevoegd, bijlage, in het document, zie document, zie notities,
        zie hieronder, zie onder, zie mail, zie mijn mail, zoals gemaild, in mijn mail, zie de mail
    """,
    logistics="""
        zaal, vergaderzaal, verdieping, receptie, ingang, parkeren, parkeerplaats, adres, geboekt,
        gereserveerd, kantine, bevestig, bevestigen, verplaatst, verzet, verplaats, verplaatsen, verschoven,
        uitgesteld, afgezegd, afzeggen, geannuleerd, annuleren, bel, bellen, neem deel, wachtwoord,
        op locatie, wekelijks, maandelijks, waar, wanneer, beschikbaar, komt uit, uitkomt, schikt, bel je,
        ik bel, bel me, dit past, past dit, lukt dit, uur later, ben later, iets later, uitnodiging, ziek,
        minuten, kalender, aanwezigheid, deelnemen, tijdstip, tijdzone, later, eerder, afspraak verzet,
        half uur, tandarts, dokter, mijn kamer, op kantoor, mijn kantoor, jouw kantoor, zelfde plek,
        dezelfde plek, vaste plek, dezelfde link, zelfde link, gebruikelijke plek
    """,
    social="""
        hoi, hallo, goedemorgen, goedemiddag, geachte, bedankt, dank, dank je, dank u, dankjewel,
        alvast bedankt, tot dan, tot snel, tot ziens, tot donderdag, tot maandag, tot morgen, tot straks,
        zin in, kijk ernaar uit, kijk uit, verheug, hoop, hopelijk, koffie, bijpraten, bijkletsen, kletsen,
        kennismaken, gefeliciteerd, hoe gaat het, hoe gaat, laat weten, laat het weten, laat me,
        neem gerust, gerust, mocht je, sorry, helaas, groeten, groet, groetjes, mijn naam is, ik ben,
        je te spreken, weer te spreken, te zien, tot dinsdag, tot woensdag, tot vrijdag, goed weekend,
        fijn weekend, fijne dag, prima, akkoord, klinkt goed, zoals afgesproken, zoals besproken,
        helemaal goed, beste, dag, leuk, leuke, fijn, fijne, gezellig, gezellige, kennismaking,
        bij te praten, bij praten, tot volgende week, voor je tijd, fijne kerst, kerst, gelukkig nieuwjaar,
        nieuwjaar, fijne feestdagen, feestdagen, fijne vakantie, prettige, succes, beterschap, goede reis,
        vrolijk
    """,
    setting="""
        kantoor, gebouw, reis, reizen, vlucht, trein, restaurant, telefoon, online, vakantie, uur, reeks,
        notities, fysiek, past, lift, station, kamer, ruimte, straat, weekend, verjaardag, informeel,
        herinnering, accepteren, accepteer
    """,
    topic="""
        bespreken, bespreek, besprek~, doornemen, doorlopen, praten over, hebben over, over, overleggen,
        feedback op, vraag over, vragen over, advies, tips, hulp bij, hulp met, voorbereiden, voorbereiding,
        plannen, beslissen, kiezen, bekijken, kijken naar, laten zien, presenteren, oefenen, begrijpen,
        leren, hoe kan ik, hoe vraag ik, moet ik, mening, probleem met, problemen met, analyseren,
        uitwerken, nadenken over, beoordelen, sparren, sparren over, twijfel over, twijfel tussen, twijfel,
        omgaan met, feedback geven, geef ik, hoe geef ik, werken aan, focussen op, onderhandelen,
        vastgelopen, loop vast, moeite met, worstel met, jouw kijk, jouw mening, laat zien, hoe ga ik
    """,
    weak="""
        voortgang, stand van zaken, nieuws, volgende stappen, vragen, vraag, rondvraag, wvttk, overig,
        terugblik, vooruitblik, samenvatting, uitdagingen, successen, actiepunten
    """,
    person="""
        ik, jij, je, hij, zij, ze, wij, we, jullie, u, me, mij, jou, ons, hun, mijn, jouw, zijn, haar, onze,
        uw, ben, bent, is, was, waren, heb, hebt, heeft, hebben, had, kan, kun, kunnen, wil, willen, zou,
        zouden, zal, zullen, moet, moeten, mag, ga, gaan, gaat, wordt, worden
    """,
    filler="""
        de, het, een, en, of, maar, van, in, op, aan, bij, met, naar, voor, uit, door, om, te, tot, zonder,
        onder, als, dan, dat, die, dit, deze, wat, wie, hoe, waarom, omdat, want, niet, wel, ook, nog, al,
        zo, er, hier, daar, nu, vandaag, morgen, week, weken, maand, maanden, jaar, dagen, maandag, dinsdag,
        woensdag, donderdag, vrijdag, zaterdag, zondag, januari, februari, maart, april, mei, juni, juli,
        augustus, september, oktober, november, december, alles, iets, elke, ander, andere, volgende,
        vorige, laatste, eerste, gesprek, gesprekken, overleg, afspraak, bijeenkomst, sessie, vergadering,
        mentor, mentorgesprek, mentoraat, regulier, reguliere, gewone, vaste, goed, goede, nieuw, nieuwe,
        samen, graag, even, weer, kort, korte, komen, doen, maken, zien, ja, nee, alvast, dus, onze, mee,
        erover, hierbij, maandelijks, maandelijkse, wekelijkse, tweewekelijks, tweewekelijkse, altijd,
        zoals altijd, zoals gewoonlijk, gewoonlijk, nooit, bijna, hoewel, terwijl, volgens, zelfde,
        dezelfde, hetzelfde, zoveel, veel, weinig, meer, minder, meest, verschillende, welke, hoeveel,
        bovendien, misschien, keer, keren, alleen, slechts, evenmin, niemand, iemand, tijdens, tegen, boven,
        binnen, buiten, dichtbij, ver, achter, geven, geef, geeft, zeggen, zeg, zegt, weten, weet, komt,
        kom, geweest, ding, dingen, deel, beter, best, slechter, groot, grote, kleine, toch, toen, soms,
        vaak, meestal, eens, elkaar, zelf, zich, zulke, zowel, sinds, sommige, ooit, overal, ergens,
        nergens, tussen, via, vanaf, vanuit, waarin, waarmee, hiermee, daarmee, ervan, eraan, erbij, ervoor,
        hoor, staat, staan, blijft, blijven, neem, nemen, vind, vinden, laat, spreken, spreek, af, nogmaals,
        vorige keer
    """,
    closing="""
        met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, groeten, groet, groetjes,
        hartelijke groet, mvg, bedankt, tot dan, tot snel, alvast bedankt, gr, grt, grtz, gr., groeten uit,
        hartelijke groeten, warme groet, lieve groet, liefs, xx, xxx, x, dikke kus, kus, met groet,
        met hartelijke groet, met beste groeten, beste groet, beste groeten, dank, dankjewel, hoogachtend,
        mvrgr, ciao, tot gauw, tot kijk, fijne dag
    """,
    conference="""
        deelnemen aan de vergadering, klik hier om deel te nemen, neem deel aan de vergadering,
        computer mobiele app, vergaderings id, vergadering id, toegangscode, of bel in,
        inbellen via telefoon, lokaal nummer zoeken, voor organisatoren, vergaderingsopties,
        nodigt u uit voor een geplande zoom, nodigt je uit voor een geplande zoom,
        deelnemen aan zoom meeting, met een tik, zoek uw lokale nummer, deelnemen met google meet, of bel,
        meer telefoonnummers, link voor videogesprek, naam van afspraak, microsoft teams vergadering,
        teams downloaden, deelnemen via internet, deelnemen op uw computer, nu deelnemen aan de vergadering,
        meer informatie, pincode opnieuw instellen, hulp nodig, zoom vergadering, aan zoom meeting deelnemen
    """,
    conference_alone="""
        hulp nodig, meer informatie
    """,
)
