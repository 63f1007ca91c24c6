"""Events of the journal of a marché, in words. Braces name a detail of the event."""

EVENT_WORDS = {
    "documents:file:found": "a trouvé un logiciel malveillant ({signature}) dans {fichier}, qui n’est plus gardé",
    "documents:file:infected": "a envoyé un fichier refusé, {fichier} : logiciel malveillant ({signature})",
    "documents:file:discarded": "n’a pas gardé le fichier {fichier}",
    "documents:file:judged": "a fait analyser le fichier {fichier} : {état}",
    "documents:file:kept": "a obtenu le fichier {fichier}",
    "marches:criteres:set": "a fixé les critères d’attribution",
    "marches:history:verified": "a vérifié l’intégrité de l’histoire : {résultat}",
    "marches:invitation:accepted": "a accepté l’invitation de {par}, comme {rôle}",
    "marches:invitation:created": "a invité {email}, comme {rôle}",
    "marches:invitation:revoked": "a révoqué l’invitation de {email}, comme {rôle}",
    "marches:invitation:sent": "a fait partir le courriel qui invite {email}, comme {rôle}",
    "marches:lots:set": "a fixé les lots",
    "marches:marche:created": "a ouvert le marché « {objet} »",
    "marches:marche:moved": "a fait passer le marché de l’étape « {avant} » à « {après} »",
    "marches:marche:returned": "a ramené le marché de l’étape « {avant} » à « {après} »",
    "marches:marche:shared": "a partagé le marché avec le service juridique",
    "marches:marche:unshared": "a fermé le marché au service juridique",
    "marches:marche:updated": "a modifié la fiche",
    "marches:participation:changed": "a changé le rôle de {nom}, de « {avant} » à « {après} »",
    "marches:participation:ended": "a retiré {nom} du marché, rôle « {rôle} »",
}
