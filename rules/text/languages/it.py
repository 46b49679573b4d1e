"""Italian."""

from agendad.rules.text.lexicon import Language

ITALIAN = Language(
    code="it",
    opt_out="""
        non serve un'agenda, nessuna agenda necessaria, agenda non necessaria, non serve agenda,
        nessun ordine del giorno necessario, ordine del giorno non necessario,
        non serve un ordine del giorno, non occorre un'agenda
    """,
    none_needed="""
        non necessaria, non necessario, non serve, nessuna necessaria, non occorre
    """,
    placeholder="""
        da definire, da determinare, da confermare, da decidere, da stabilire, seguirà, a seguire, manderò,
        invierò, ti invio, ti mando, vi mando, condividerò, sarà inviata, sarà inviato, prossimamente,
        più avanti, più tardi, non ancora, inserire, inserisci, compilare, da compilare, aggiungere qui,
        aggiungi qui, scrivi qui, senza agenda, senza ordine del giorno, nessun argomento,
        niente di particolare, niente di specifico, nulla di particolare, tema libero, vedremo,
        nessuna agenda, nessun ordine del giorno, in preparazione, in arrivo, da concordare, da completare,
        da comunicare, da precisare, da fissare, in via di definizione, arriverà, aggiungerò, metterò,
        comunicherò, in attesa, da aggiungere, segue, seguono, invieremo, manderemo, condivideremo,
        verrà inviata, verrà inviato, decidiamo insieme, li decidiamo, la decidiamo, lo decidiamo,
        sul momento, verrà comunicato, scegli tu, decidi tu, come vuoi
    """,
    null="""
        nessuno, nessuna, niente, nulla, non applicabile, vuoto, in sospeso
    """,
    heading="""
        ordine del giorno, odg, argomenti, argomento, temi, tema, punti, punti da discutere, da discutere,
        argomenti da trattare, obiettivo, obiettivi, le mie domande, scaletta
    """,
    attached="""
        in allegato, vedi allegato, allegato, allegata, nel documento, vedi documento, vedi note,
        vedi sotto, qui sotto, di seguito, vedi mail, vedi la mail, nella mail, come da mail
    """,
    logistics="""
        sala, aula, ascensore, parcheggio, indirizzo, stazione, metropolitana, viaggiando, trasferta,
        prenotato, prenotata, prenotazione, mensa, confermate, spostato, spostata, sposto, spostare,
        spostiamo, rimandato, rimandata, rinviato, rinviata, annullare, annullato, annullata, chiamo,
        partecipa, password, fuso, di persona, in presenza, malato, malata, ritardo, settimanale, mensile,
        dove, quando, disponibile, ti va bene, va bene per, vi va bene, ci vediamo in, ci vediamo al,
        ci vediamo alle, ti chiamo, in ritardo, dieci minuti, cinque minuti, alle ore, calendario, invito,
        link, orario, conferma, confermare, partecipare, disponibilità, minuti, medico, dentista,
        imprevisto, spero vada bene, vada bene, mio ufficio, tuo ufficio, in ufficio, solito posto,
        stesso posto, stessa sala, stesso link, solito link
    """,
    social="""
        ciao, buongiorno, buonasera, salve, grazie, grazie mille, ringrazio, a presto, a domani, a dopo,
        a giovedì, a lunedì, ci vediamo, ci sentiamo, non vedo l'ora, spero, ottimo, aggiornarci,
        chiacchierata, due chiacchiere, chiacchierare, conoscerci, auguri, complimenti, come stai, come va,
        tutto bene, fammi sapere, fatemi sapere, non esitare, se hai, se vuoi, se avete, scusa, scusate,
        purtroppo, saluti, abbraccio, mi chiamo, sono un, sono una, a martedì, a mercoledì, a venerdì,
        buona giornata, buona serata, buon weekend, buon fine settimana, va bene, perfetto, d'accordo,
        ricevuto, come d'accordo, come concordato, buona settimana, non vedo, bello, piacere, felice,
        contento, contenta, caro, cara, gentile, disponibilità, buone feste, buon natale, natale, buon anno,
        felice anno, buona pasqua, buone vacanze, buona fortuna, in bocca al lupo, buon lavoro,
        buon viaggio, feste, tuo tempo, un saluto, del tempo, vederti, vedervi, rivederti
    """,
    setting="""
        ufficio, edificio, palazzo, piano, viaggio, volo, treno, metro, ristorante, pranzo, telefono,
        online, virtuale, ferie, ora, ore, serie, note, entrata, ingresso, presenza, via, fine settimana,
        compleanno, informale, promemoria, caffè, accettare, accetta, accettate
    """,
    topic="""
        parlare di, parlare del, parlare della, parliamo di, parliamo del, parliamo della, parlare dei,
        discutere, discutiamo, discussione su, sul, sulla, sulle, sui, riguardo, rivedere, rivediamo,
        revisione, esaminare, analizzare, affrontare, commentare, consiglio, consigli, aiuto con, aiuto per,
        riscontro su, feedback su, preparare, preparazione, pianificare, decidere, domanda su, domande su,
        domande sul, domande sulla, dubbi su, esplorare, provare, simulare, presentare, mostrare, capire,
        imparare, come posso, dovrei, opinione, parere, problema con, problemi con, definire, lavorare su,
        faccio a, come faccio, come faccio a, chiedere, gestire, negoziare, capire se, concentrarmi su,
        concentrarci su, lavorare sulla, scegliere tra, bloccato, bloccata, difficoltà con, mi serve aiuto,
        il tuo punto di vista, confrontarmi su, confrontarci su, raccontarti
    """,
    weak="""
        novità, progressi, avanzamento, prossimi passi, domande, domanda, varie, varie ed eventuali,
        riepilogo, aggiornamento, aggiornamenti, traguardi, difficoltà, dubbi, sfide
    """,
    person="""
        io, tu, lui, lei, noi, voi, loro, mi, ti, ci, vi, si, mio, mia, miei, mie, tuo, tua, tuoi, tue, suo,
        sua, nostro, nostra, nostri, nostre, è, sono, sei, siamo, era, ho, hai, ha, abbiamo, hanno, posso,
        puoi, può, possiamo, voglio, vorrei, vado, vai, va, andiamo, devo, deve, sarà, sto, sta
    """,
    filler="""
        il, lo, la, i, gli, le, l, un, uno, una, e, ed, o, ma, di, del, dello, della, dei, degli, delle, d,
        a, al, allo, alla, ai, alle, da, dal, dalla, in, nel, nella, con, senza, per, tra, fra, su, che,
        chi, cosa, come, se, non, sì, no, più, meno, molto, già, anche, questo, questa, questi, queste,
        quello, quella, oggi, domani, ieri, settimana, settimane, mese, mesi, anno, giorno, giorni, lunedì,
        martedì, mercoledì, giovedì, venerdì, sabato, domenica, gennaio, febbraio, marzo, aprile, maggio,
        giugno, luglio, agosto, settembre, ottobre, novembre, dicembre, favore, tutto, tutti, tutta,
        qualcosa, qualche, ogni, altro, altra, prossimo, prossima, ultimo, ultima, primo, prima, incontro,
        incontri, riunione, riunioni, sessione, sessioni, colloquio, chiamata, mentoring, mentor, mentore,
        regolare, solito, solita, parlare, vedere, andare, essere, fare, bene, buono, buona, nuovo, nuova,
        insieme, dopo, poi, qui, là, perché, perche, c, nostro, sempre, come sempre, come al solito, mai,
        quasi, anche se, mentre, secondo, stesso, stessa, stessi, stesse, così, tanto, tanta, molta, molti,
        molte, poco, poca, pochi, altri, altre, vari, quale, quali, quanto, quanti, inoltre, ancora, forse,
        volta, volte, allora, quindi, solo, soltanto, nemmeno, qualcuno, qualsiasi, durante, verso, contro,
        sopra, sotto, fuori, dentro, vicino, lontano, davanti, dietro, dare, do, dire, dico, sa, sapere,
        viene, vengo, venire, stato, stata, parte, meglio, peggio, maggiore, minore, grande, poiché, però,
        oppure, ci, ne, cose, sia, siano, appena, presto, subito, ormai, proprio, piuttosto, alcuni, alcune,
        ciò, cui, nei, negli, nelle, sugli, dall, dell, nell, all
    """,
    closing="""
        cordiali saluti, saluti, distinti saluti, un saluto, un caro saluto, grazie, grazie mille, a presto,
        un abbraccio, cordialmente, baci, bacioni, tvb, un abbraccio grande, abbracci,
        con i migliori saluti, i migliori saluti, migliori saluti, cordialità, con stima, cari saluti,
        a prestissimo, a presto allora, ciao, ciao ciao, buona giornata, buona serata, in fede,
        con gratitudine, resto a disposizione
    """,
    conference="""
        partecipa alla riunione, fai clic qui per partecipare, fare clic qui per partecipare,
        computer app per dispositivi mobili, id riunione, id della riunione, codice di accesso,
        oppure chiama, accedi tramite telefono, trova un numero locale, per gli organizzatori,
        opzioni riunione, ti sta invitando a una riunione zoom, ti ha invitato a una riunione zoom,
        entra nella riunione in zoom, partecipa alla riunione zoom, un tocco, componi in base,
        trova il tuo numero locale, partecipa con google meet, oppure digita, altri numeri di telefono,
        link alla videochiamata, nome evento, riunione di microsoft teams, partecipa da computer,
        scarica teams, partecipa sul web, partecipa alla riunione ora, altre informazioni, reimposta pin,
        serve aiuto, entra in zoom, entra nella riunione, ti sta invitando a una riunione,
        dispositivo della stanza, app per dispositivi mobili
    """,
    conference_alone="""
        serve aiuto, ulteriori informazioni
    """,
)
