"""Events of the journal of a marché, in words. Braces name a detail of the event."""

EVENT_WORDS = {
    "documents:file:found": "a trouvé un logiciel malveillant ({signature}) dans {fichier}, qui n’est plus gardé",
    "documents:file:infected": "a envoyé un fichier refusé, {fichier}\u202f: logiciel malveillant ({signature})",
    "documents:file:discarded": "n’a pas gardé le fichier {fichier}",
    "documents:file:judged": "a fait analyser le fichier {fichier}\u202f: {état}",
    "documents:file:kept": "a obtenu le fichier {fichier}",
    "marches:acces:closed": "a fermé l’accès exceptionnel de {nom} avant son terme",
    "marches:acces:ended": "a mis fin à l’accès exceptionnel de {nom}, arrivé à son terme",
    "marches:acces:opened": "a pris un accès exceptionnel de {durée}, en lecture\u202f: {motif}",
    "marches:criteres:set": "a fixé les critères d’attribution",
    "marches:history:exported": "a fait sortir le dossier de preuve",
    "marches:history:verified": "a vérifié l’intégrité de l’histoire\u202f: {résultat}",
    "marches:invitation:accepted": "a accepté l’invitation de {par}, comme {rôle}",
    "marches:invitation:created": "a invité {email}, comme {rôle}",
    "marches:invitation:revoked": "a révoqué l’invitation de {email}, comme {rôle}",
    "marches:invitation:sent": "a fait partir le courriel qui invite {email}, comme {rôle}",
    "marches:lots:set": "a fixé les lots",
    "marches:marche:created": "a ouvert le marché «\u202f{objet}\u202f»",
    "marches:marche:moved": "a fait passer le marché de l’étape «\u202f{avant}\u202f» à «\u202f{après}\u202f»",
    "marches:marche:returned": "a ramené le marché de l’étape «\u202f{avant}\u202f» à «\u202f{après}\u202f»",
    "marches:marche:shared": "a partagé le marché avec le service juridique",
    "marches:marche:unshared": "a fermé le marché au service juridique",
    "marches:marche:updated": "a modifié la fiche",
    "marches:participation:changed": "a changé le rôle de {nom}, de «\u202f{avant}\u202f» à «\u202f{après}\u202f»",
    "marches:participation:ended": "a retiré {nom} du marché, rôle «\u202f{rôle}\u202f»",
    "marches:participation:limited": "a changé ce sur quoi porte le rôle de {nom}, «\u202f{après}\u202f»",
    "marches:redaction:asked": "a demandé un caviardage\u202f: {motif}",
    "marches:redaction:confirmed": "a confirmé le caviardage demandé à la ligne n°\u00a0{demande}",
    "marches:redaction:dropped": "a abandonné le caviardage demandé à la ligne n°\u00a0{demande}",
}

CHANGEMENTS = "changements"
"""Detail of the lots and of the criteria: the label of each row that changed → « avant » and « après »."""
