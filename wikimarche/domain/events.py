"""Events of the journal of a pièce, in words. Braces name a detail of the event."""

EVENT_WORDS = {
    "wikimarche:article:added": "a ajouté l’article « {libelle} »",
    "wikimarche:article:edited": "a écrit dans l’article « {article} »",
    "wikimarche:article:indented": "a indenté l’article « {article} »",
    "wikimarche:article:merged": "a fusionné un article dans « {article} »",
    "wikimarche:article:moved": "a déplacé l’article « {article} »",
    "wikimarche:article:outdented": "a désindenté l’article « {article} »",
    "wikimarche:article:reinstated": "a rétabli l’article « {article} »",
    "wikimarche:article:restored": "a restauré l’article « {article} » dans sa version {version}",
    "wikimarche:article:retired": "a retiré l’article « {article} »",
    "wikimarche:article:split": "a scindé l’article « {article} »",
    "wikimarche:piece:created": "a ajouté la pièce « {titre} »",
    "wikimarche:piece:exported": "a exporté « {pièce} », version {version}, en {format}",
    "wikimarche:piece:imported": "a importé le document {fichier}, soit {articles} articles",
    "wikimarche:piece:reinstated": "a rétabli la pièce « {libelle} »",
    "wikimarche:piece:renamed": "a renommé la pièce : « {après} »",
    "wikimarche:piece:reopened": "a remis en brouillon la pièce « {libelle} »",
    "wikimarche:piece:restored": "a restauré la pièce dans sa version {version}",
    "wikimarche:piece:submitted": "a envoyé en relecture la pièce « {libelle} »",
    "wikimarche:piece:withdrawn": "a retiré du marché la pièce « {libelle} »",
    "wikimarche:version:named": "a nommé la version « {nom} »",
}
