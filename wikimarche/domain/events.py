"""Events of the journal of a pièce, in words. Braces name a detail of the event."""

EVENT_WORDS = {
    "wikimarche:article:added": "a ajouté l’article «\u202f{libelle}\u202f»",
    "wikimarche:article:commented": "a commenté un passage de l’article «\u202f{article}\u202f»",
    "wikimarche:article:edited": "a écrit dans l’article «\u202f{article}\u202f»",
    "wikimarche:article:indented": "a mis en retrait l’article «\u202f{article}\u202f»{sens}",
    "wikimarche:article:merged": "a fusionné un article dans «\u202f{article}\u202f»",
    "wikimarche:article:moved": "a déplacé l’article «\u202f{article}\u202f»{sens}",
    "wikimarche:article:outdented": "a remonté l’article «\u202f{article}\u202f»{sens}",
    "wikimarche:article:reinstated": "a rétabli l’article «\u202f{article}\u202f»",
    "wikimarche:article:restored": "a restauré l’article «\u202f{article}\u202f» dans sa version {version}",
    "wikimarche:article:retired": "a retiré l’article «\u202f{article}\u202f»",
    "wikimarche:article:set_aside": "n’a pas pu écrire dans l’article «\u202f{article}\u202f»\u202f: le passage venait d’être retiré, son texte est mis de côté",
    "wikimarche:article:split": "a scindé l’article «\u202f{article}\u202f»",
    "wikimarche:article:unchanged": "a enregistré l’article «\u202f{article}\u202f» sans rien y changer",
    "wikimarche:article:unmerged": "a défait une fusion dans «\u202f{article}\u202f»",
    "wikimarche:article:unsplit": "a défait une scission de «\u202f{article}\u202f»",
    "wikimarche:commentaire:corrected": "a corrigé son commentaire",
    "wikimarche:commentaire:masked": "a masqué un commentaire de {auteur}\u202f: {motif}",
    "wikimarche:commentaire:unmasked": "a rendu lisible un commentaire de {auteur}",
    "wikimarche:fil:answered": "a répondu à un commentaire ({genre})",
    "wikimarche:fil:opened": "a écrit un commentaire ({genre})",
    "wikimarche:fil:reopened": "a rouvert un commentaire ({genre})",
    "wikimarche:fil:unquoted": "a retiré le passage que citait un commentaire\u202f: {motif}",
    "wikimarche:fil:resolved": "a résolu un commentaire ({genre})",
    "wikimarche:image:added": "a ajouté une image, «\u202f{image}\u202f»",
    "wikimarche:importation:abandoned": "a abandonné l’import du document {fichier}",
    "wikimarche:importation:corrected": "a corrigé le découpage du document {libelle}",
    "wikimarche:importation:read": "a fait lire le document {libelle}",
    "wikimarche:importation:received": "a déposé le document {fichier}",
    "wikimarche:importation:reverted": "a annulé une correction du découpage du document {libelle}",
    "wikimarche:importation:refused": "n’a pas pu lire le document {fichier}\u202f: {raison}",
    "wikimarche:piece:created": "a ajouté la pièce «\u202f{titre}\u202f»",
    "wikimarche:piece:exported": "a exporté «\u202f{pièce}\u202f», version {version}, en {format}",
    "wikimarche:piece:imported": "a importé le document {fichier}, soit {articles} articles",
    "wikimarche:piece:reinstated": "a rétabli la pièce «\u202f{libelle}\u202f»",
    "wikimarche:piece:renamed": "a renommé la pièce\u202f: «\u202f{après}\u202f»",
    "wikimarche:piece:reopened": "a remis en brouillon la pièce «\u202f{libelle}\u202f»",
    "wikimarche:piece:restored": "a restauré la pièce dans sa version {version}",
    "wikimarche:piece:submitted": "a envoyé en relecture la pièce «\u202f{libelle}\u202f»",
    "wikimarche:piece:withdrawn": "a retiré du marché la pièce «\u202f{libelle}\u202f»",
    "wikimarche:version:named": "a nommé la version «\u202f{nom}\u202f»",
}

MOVES_OF_PIECE = tuple(
    f"wikimarche:piece:{verb}" for verb in ("reinstated", "reopened", "submitted", "withdrawn")
)
"""Their details are states of the pièce, before and after."""
