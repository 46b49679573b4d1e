"""French."""

from agendad.rules.text.lexicon import Language

FRENCH = Language(
    code="fr",
    opt_out="""
        pas besoin d'ordre du jour, aucun ordre du jour nécessaire, ordre du jour non nécessaire,
        pas d'ordre du jour nécessaire, pas besoin d'agenda, ordre du jour pas nécessaire,
        pas d'agenda nécessaire
    """,
    none_needed="""
        pas nécessaire, non nécessaire, aucun nécessaire, pas besoin, non requis, inutile
    """,
    placeholder="""
        à définir, à déterminer, à confirmer, à venir, à suivre, à compléter, à préciser, à remplir, suivra,
        sera envoyé, j'enverrai, je t'enverrai, je vous enverrai, je t'envoie, je vous envoie,
        je partagerai, je l'enverrai, plus tard, pas encore, insérer, ajouter ici, ajoutez ici, écrire ici,
        complétez, pas d'ordre du jour, pas d'agenda, sans ordre du jour, rien de particulier,
        rien de spécial, sujet libre, on verra, nous verrons, ajouter l'ordre du jour, bientôt disponible,
        en cours de rédaction, à convenir, à voir, à fixer, à décider, à discuter plus tard, je complèterai,
        je compléterai, je préciserai, j'ajouterai, sera précisé, sera communiqué, en attente,
        à transmettre, seront précisés, communiqué ultérieurement, ultérieurement, communiqués,
        communiquées, communiqué, enverrons, je mettrai, sera partagé, sans agenda, sera envoyée,
        seront envoyés, sera transmis, seront transmis, à décider ensemble, on décidera, nous déciderons,
        comme tu veux, à toi de voir
    """,
    null="""
        aucun, aucune, néant, rien, sans objet, vide
    """,
    heading="""
        ordre du jour, sujets, sujet, points, points à aborder, sujets à aborder, à aborder,
        points à discuter, à discuter, objectif, objectifs, thèmes, thème, mes questions, au programme,
        programme, odj
    """,
    attached="""
        voir pièce jointe, en pièce jointe, ci joint, ci jointe, voir le document, dans le document,
        voir les notes, voir document, voir ci dessous, ci dessous, voir mon mail, voir mon message,
        comme indiqué dans mon mail, pièce jointe, cf pj, cf mail, voir pj
    """,
    logistics="""
        salle, étage, ascenseur, parking, stationnement, adresse, gare, réservé, réservée, réservation,
        déjeuner, cantine, confirmez, confirme, décalé, décalée, décale, déplacé, déplacée, reporté,
        reportée, reporter, reporte, changé, annuler, annulé, annulée, créneau, convient, agenda google,
        appelle, rejoindre, rejoignez, mot de passe, fuseau, retard, minutes, hebdomadaire, mensuel,
        mensuelle, où, quand, disponible, disponibilités, j'ai réservé, la salle, au téléphone,
        je t'appelle, serai en retard, en retard, calendrier, invitation, lien, malade, participer, horaire,
        confirmer, disponibilité, imprévu, médecin, dentiste, mon bureau, ton bureau, votre bureau,
        au bureau, même endroit, endroit habituel, même lien, lien habituel, même salle
    """,
    social="""
        bonjour, salut, bonsoir, coucou, merci, merci beaucoup, à bientôt, à demain, à jeudi, à lundi,
        à mardi, à mercredi, à vendredi, à plus, à tout à l'heure, hâte, ravi, ravie, j'espère, espère,
        espérons, génial, formidable, prendre des nouvelles, faire connaissance, bavarder, papoter,
        félicitations, bravo, comment vas tu, comment allez vous, ça va, dis moi, dites moi, n'hésite pas,
        n'hésitez pas, hésite, hésitez, si tu, si vous, désolé, désolée, cordialement, bises, je suis,
        je m'appelle, au plaisir, te revoir, vous revoir, te voir, vous voir, comme convenu, bonne journée,
        bonne soirée, bon week end, belle journée, d'accord, parfait, ça marche, entendu, c'est noté,
        bien noté, bonnes vacances, bonne semaine, voici l'invitation, plaisir, cher, chère, super, content,
        contente, heureux, heureuse, talk soon, disponibilité, bonne année, joyeux noël, joyeuses fêtes,
        bonnes fêtes, noël, très vite, à très vite, meilleurs voeux, bon courage, bonne continuation,
        bonne chance, bon anniversaire, bonne fête, ton temps, votre temps
    """,
    setting="""
        bureau, bâtiment, train, vol, voyage, déplacement, restaurant, téléphone, numéro, en ligne, visio,
        visioconférence, présentiel, distanciel, vacances, congé, congés, heure, heures, série, notes,
        ordinateur, métro, entrée, accueil, rue, présence, week end, anniversaire, informel, informelle,
        rappel, café, accepter, acceptez, accepte
    """,
    topic="""
        parler de, parler du, parler des, parlerons, parlons de, discuter, discutons, discuterons,
        discussion sur, au sujet de, concernant, revoir, relire, relecture, revue, passer en revue, aborder,
        aborderons, évoquer, analyser, conseil, conseils, aide pour, aide sur, retour sur, retours sur,
        ton avis, votre avis, avis, préparer, préparation, planifier, décider, question sur, questions sur,
        explorer, présenter, montrer, comprendre, apprendre, comment, faut il, dois je, problème avec,
        problèmes avec, définir, réfléchir, travailler sur, point sur, sur mon, sur ma, sur mes,
        souhaiterais préparer, choix entre, choisir entre, négocier, gérer, gestion de, revoir les,
        t'entretenir, échanger sur, échanger autour, te montrer, demander, réussir, ton retour, bloqué sur,
        bloquée sur, je bloque, hésite entre, m'aider, ton regard, ton point de vue, faire le point sur
    """,
    weak="""
        nouvelles, avancement, progrès, prochaines étapes, questions, question, divers, bilan, résumé,
        mise à jour, suivi, difficultés, réussites, introduction, conclusion, tour de table
    """,
    person="""
        je, tu, il, elle, nous, vous, ils, elles, on, me, te, se, moi, toi, lui, leur, mon, ma, mes, ton,
        ta, tes, son, sa, ses, notre, nos, votre, vos, est, es, sommes, sont, suis, était, ai, as, a, avons,
        avez, ont, peux, peut, pouvons, pouvez, veux, voudrais, aimerais, vais, va, allons, dois, doit,
        faut, sera, serai, serait, j
    """,
    filler="""
        le, la, les, l, un, une, des, du, de, d, et, ou, mais, donc, car, à, au, aux, en, dans, avec, sans,
        pour, par, sur, sous, chez, que, qu, qui, quoi, ce, cet, cette, ces, c, n, ne, pas, plus, moins,
        très, bien, aussi, comme, si, y, oui, non, tout, tous, toute, toutes, quelque, quelques, chaque,
        autre, autres, prochain, prochaine, dernier, dernière, premier, première, jour, jours, semaine,
        semaines, mois, année, an, aujourd, hui, demain, hier, matin, soir, lundi, mardi, mercredi, jeudi,
        vendredi, samedi, dimanche, janvier, février, mars, avril, mai, juin, juillet, août, septembre,
        octobre, novembre, décembre, réunion, réunions, rendez, rdv, séance, séances, session, point, appel,
        rencontre, entretien, échange, échanger, mentorat, mentor, mentoré, mentorée, régulier, régulière,
        habituel, habituelle, bon, bonne, nouveau, nouvelle, ensemble, avant, après, depuis, entre, faire,
        fait, être, avoir, aller, voir, parce, merci, svp, ici, là, parler, toujours, habitude, d'habitude,
        comme d'habitude, jamais, souvent, parfois, presque, plutôt, encore, déjà, alors, ainsi, autant,
        beaucoup, peu, trop, assez, certains, certaines, plusieurs, même, mêmes, quel, quelle, quels,
        quelles, lequel, dont, lorsque, puisque, pendant, vers, contre, malgré, sauf, selon, jusque, jusqu,
        afin, puis, ensuite, enfin, peut être, vraiment, seulement, surtout, tard, tôt, vite, loin, près,
        devant, derrière, dessus, dessous, dedans, dehors, personne, chose, choses, fois, cela, ça, celui,
        celle, ceux, celles, soit, soient, étant, ayant, mettre, mis, prendre, pris, prends, donner, donne,
        dire, dit, savoir, sais, sait, venir, viens, vient, passer, passe, laisser, laisse, trouver, trouve,
        m, s, t, m', arrive, arriver, grand, grande, petit, petite, meilleur
    """,
    closing="""
        cordialement, bien cordialement, bien à toi, bien à vous, merci, merci beaucoup, à bientôt,
        amicalement, sincèrement, bises, bonne journée, très cordialement, salutations, cdlt, cdt,
        bien cdlt, bien cordialement vôtre, bien amicalement, bien sincèrement, respectueusement,
        avec mes remerciements, mes salutations, salutations distinguées, meilleures salutations,
        belle journée, bonne soirée, belle soirée, bisous, biz, bizz, bise, la bise, grosses bises, à plus,
        à+, a plus, à très vite, à très bientôt, amitiés, mille mercis, merci d'avance, je vous embrasse,
        je t'embrasse, tchao
    """,
    conference="""
        rejoindre la réunion, cliquez ici pour rejoindre, rejoignez la réunion,
        ordinateur application mobile, id de réunion, id de la réunion, code secret, code d'accès,
        ou appelez, composer le numéro, rechercher un numéro local, pour les organisateurs,
        options de réunion, vous invite à une réunion zoom, participer à la réunion zoom, rejoindre zoom,
        une seule touche, composez un numéro en fonction, trouvez votre numéro local,
        participer avec google meet, rejoindre avec google meet, ou composez, autres numéros de téléphone,
        lien de l'appel vidéo, nom de l'événement, optimisé par calendly, réunion microsoft teams,
        rejoignez sur votre ordinateur, appareil de la salle, télécharger teams, rejoindre sur le web,
        pour en savoir plus, participez à la réunion maintenant, besoin d'aide, un tap mobile, zoom réunion,
        vous invite à une réunion, rejoindre zoom réunion
    """,
    conference_alone="""
        besoin d'aide, en savoir plus
    """,
)
