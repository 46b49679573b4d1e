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
        à définir, à déterminer, à confirmer, à venir, à suivre, à compléter, à préciser, à remplir,
        suivra, sera envoyé, j'enverrai, je t'enverrai, je vous enverrai, je t'envoie, je vous envoie,
        je partagerai, je l'enverrai, plus tard, pas encore, insérer, ajouter ici, ajoutez ici,
        écrire ici, complétez, pas d'ordre du jour, pas d'agenda, sans ordre du jour,
        rien de particulier, rien de spécial, sujet libre, on verra, nous verrons,
        ajouter l'ordre du jour, bientôt disponible, en cours de rédaction
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
        voir les notes, voir document
    """,
    logistics="""
        salle, bureau, bâtiment, étage, accueil, entrée, ascenseur, parking, stationnement, adresse,
        rue, gare, métro, train, vol, voyage, déplacement, réservé, réservée, réservation, restaurant,
        déjeuner, cantine, accepter, acceptez, accepte, confirmer, confirmez, confirme, présence,
        décalé, décalée, décale, déplacé, déplacée, reporté, reportée, reporter, reporte, changé,
        annuler, annulé, annulée, horaire, créneau, convient, calendrier, agenda google, invitation,
        lien, téléphone, numéro, appelle, rejoindre, rejoignez, participer, mot de passe, fuseau,
        en ligne, visio, visioconférence, présentiel, distanciel, vacances, congé, congés, malade,
        retard, minutes, heure, heures, série, hebdomadaire, mensuel, mensuelle, où, quand, disponible,
        disponibilité, disponibilités, ordinateur, notes
    """,
    social="""
        bonjour, salut, bonsoir, coucou, cher, chère, merci, merci beaucoup, à bientôt, à demain,
        à jeudi, à lundi, à mardi, à mercredi, à vendredi, à plus, à tout à l'heure, hâte, ravi, ravie,
        plaisir, content, contente, heureux, heureuse, j'espère, espère, espérons, super, génial,
        formidable, café, prendre des nouvelles, faire connaissance, bavarder, papoter, week end,
        anniversaire, félicitations, bravo, comment vas tu, comment allez vous, ça va, dis moi,
        dites moi, n'hésite pas, n'hésitez pas, hésite, hésitez, si tu, si vous, désolé, désolée,
        rappel, cordialement, bises, je suis, je m'appelle, informel, informelle
    """,
    topic="""
        parler de, parler du, parler des, parlerons, parlons de, discuter, discutons, discuterons,
        discussion sur, au sujet de, concernant, revoir, relire, relecture, revue, passer en revue,
        aborder, aborderons, évoquer, analyser, conseil, conseils, aide pour, aide sur, retour sur,
        retours sur, ton avis, votre avis, avis, préparer, préparation, planifier, décider,
        question sur, questions sur, explorer, présenter, montrer, comprendre, apprendre, comment,
        faut il, dois je, problème avec, problèmes avec, définir, réfléchir, travailler sur, point sur,
        sur mon, sur ma, sur mes
    """,
    weak="""
        nouvelles, avancement, progrès, prochaines étapes, questions, question, divers, bilan, résumé,
        mise à jour, suivi, difficultés, réussites, introduction, conclusion, tour de table
    """,
    person="""
        je, tu, il, elle, nous, vous, ils, elles, on, me, te, se, moi, toi, lui, leur, mon, ma, mes,
        ton, ta, tes, son, sa, ses, notre, nos, votre, vos, est, es, sommes, sont, suis, était, ai, as,
        a, avons, avez, ont, peux, peut, pouvons, pouvez, veux, voudrais, aimerais, vais, va, allons,
        dois, doit, faut, sera, serai, serait, j
    """,
    filler="""
        le, la, les, l, un, une, des, du, de, d, et, ou, mais, donc, car, à, au, aux, en, dans, avec,
        sans, pour, par, sur, sous, chez, que, qu, qui, quoi, ce, cet, cette, ces, c, n, ne, pas, plus,
        moins, très, bien, aussi, comme, si, y, oui, non, tout, tous, toute, toutes, quelque, quelques,
        chaque, autre, autres, prochain, prochaine, dernier, dernière, premier, première, jour, jours,
        semaine, semaines, mois, année, an, aujourd, hui, demain, hier, matin, soir, lundi, mardi,
        mercredi, jeudi, vendredi, samedi, dimanche, janvier, février, mars, avril, mai, juin, juillet,
        août, septembre, octobre, novembre, décembre, réunion, réunions, rendez, rdv, séance, séances,
        session, point, appel, rencontre, entretien, échange, échanger, mentorat, mentor, mentoré,
        mentorée, régulier, régulière, habituel, habituelle, bon, bonne, nouveau, nouvelle, ensemble,
        avant, après, depuis, entre, faire, fait, être, avoir, aller, voir, parce, merci, svp, ici, là,
        parler
    """,
    closing="""
        cordialement, bien cordialement, bien à toi, bien à vous, merci, merci beaucoup, à bientôt,
        amicalement, sincèrement, bises, bonne journée, très cordialement, salutations
    """,
    conference="""
        rejoindre la réunion, cliquez ici pour rejoindre, rejoignez la réunion,
        ordinateur application mobile, id de réunion, id de la réunion, code secret, code d'accès,
        ou appelez, composer le numéro, rechercher un numéro local, pour les organisateurs,
        options de réunion, vous invite à une réunion zoom, participer à la réunion zoom,
        rejoindre zoom, une seule touche, composez un numéro en fonction, trouvez votre numéro local,
        participer avec google meet, rejoindre avec google meet, ou composez,
        autres numéros de téléphone, lien de l'appel vidéo, nom de l'événement, optimisé par calendly
    """,
    conference_alone="""
        besoin d'aide, en savoir plus
    """,
)
