"""Events of the journal of a pièce, in words. Braces name a detail of the event."""

EVENT_WORDS = {
    "wikimarche:article:added": "a ajouté l’article « {libelle} »",
    "wikimarche:article:edited": "a écrit dans l’article « {article} »",
    "wikimarche:article:indented": "a mis en retrait l’article « {article} »{sens}",
    "wikimarche:article:merged": "a fusionné un article dans « {article} »",
    "wikimarche:article:moved": "a déplacé l’article « {article} »{sens}",
    "wikimarche:article:outdented": "a remonté l’article « {article} »{sens}",
    "wikimarche:article:reinstated": "a rétabli l’article « {article} »",
    "wikimarche:article:restored": "a restauré l’article « {article} » dans sa version {version}",
    "wikimarche:article:retired": "a retiré l’article « {article} »",
    "wikimarche:article:set_aside": "n’a pas pu écrire dans l’article « {article} » : le passage venait d’être retiré, son texte est mis de côté",
    "wikimarche:article:split": "a scindé l’article « {article} »",
    "wikimarche:article:unchanged": "a enregistré l’article « {article} » sans rien y changer",
    "wikimarche:article:unmerged": "a défait une fusion dans « {article} »",
    "wikimarche:article:unsplit": "a défait une scission de « {article} »",
    "wikimarche:image:added": "a ajouté une image, « {image} »",
    "wikimarche:importation:abandoned": "a abandonné l’import du document {fichier}",
    "wikimarche:importation:corrected": "a corrigé le découpage du document {libelle}",
    "wikimarche:importation:read": "a fait lire le document {libelle}",
    "wikimarche:importation:received": "a déposé le document {fichier}",
    "wikimarche:importation:reverted": "a annulé une correction du découpage du document {libelle}",
    "wikimarche:importation:refused": "n’a pas pu lire le document {fichier} : {raison}",
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

MOVES_OF_PIECE = tuple(
    f"wikimarche:piece:{verb}" for verb in ("reinstated", "reopened", "submitted", "withdrawn")
)
"""Their details are states of the pièce, before and after."""
