#!/usr/bin/env python3
"""Vérifie seul un journal exporté : python3 verifier.py JOURNAL.jsonl [SCEAU.json] [RECU.json].

Dans un dossier de preuve déplié, sans rien de plus : python3 verifier.py relit tout ce qu’il contient.
Code 0 : sain ; 1 : rompu ; 2 : illisible. Aucune dépendance, aucun code de la plateforme : écrit d’après le format, pour être relu par un tiers.
Une empreinte vaut SHA-256(01 · précédente · chaîne · n° · instant · transaction · opération · version ·
acteur · action · objet · empreinte du contenu · empreinte du corps), entiers sur 8 octets grand-boutistes,
textes en UTF-8 précédés de leur longueur sur 4 octets, zéros pour ce qui manque.
Une annexe est une ligne écrite à côté du journal : ses valeurs sont dans les détails du corps, et ses textes s’y
résument par SHA-256 de leur JSON (clés triées, sans blanc, accents gardés, nombres ronds sans virgule).
Un détail peut manquer là où l’annexe est vide. Une ligne caviardée n’a plus de corps, ni ses annexes de textes.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def sha(*parts: bytes) -> bytes:
    """SHA-256 of the parts one after the other."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def number(value: int | None) -> bytes:
    """Eight bytes, big-endian, signed."""
    return int(value or 0).to_bytes(8, "big", signed=True)


def text(value: str) -> bytes:
    """UTF-8 after its length."""
    raw = value.encode("utf-8")
    return len(raw).to_bytes(4, "big") + raw


def raw(value: str | None, size: int) -> bytes:
    """Exactly size bytes out of hexadecimal digits (dashes of a uuid allowed); zeros for None."""
    digits = "00" * size if value is None else value.replace("-", "")
    if set(digits) - set("0123456789abcdef") or len(digits) != 2 * size:
        raise ValueError("hexadécimal attendu\u00a0: " + str(value))
    return bytes.fromhex(digits)


def integer_if_round(digits: str) -> int | float:
    """A JSON number with a point or an exponent; whole ones count as integers."""
    value = float(digits)
    return int(value) if value.is_integer() else value


def canonical(value: object) -> str:
    """One JSON text for one value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def redacted(annex: dict[str, Any]) -> bool:
    """Tell whether nothing is left of the texts of an annex."""
    return all(value in (None, "", [], ["caviardé"]) for value in annex["empreintes"].values())


def annex_flaw(entry: dict[str, Any], marks: dict[str, str]) -> str | None:
    """Say which annex does not agree with the details of its entry."""
    if entry["corps"] is None:
        left = (n for n, annex in entry.get("annexes", {}).items() if not redacted(annex))
        return next((name + "\u00a0: pas caviardée comme sa ligne" for name in left), None)
    details = json.loads(entry["corps"]).get("details", {})
    annexes = entry.get("annexes", {})
    for name, mark in marks.items():
        if (mark in details) != (name in annexes):
            return name + "\u00a0: une ligne manque ou ne devrait pas être là"
    for name, annex in annexes.items():
        if name not in marks or annex["auteur"] != entry["acteur"].partition(":")[2]:
            return name + "\u00a0: l’auteur a changé"
        digests = {k: sha(canonical(v).encode()).hex() for k, v in annex["empreintes"].items()}
        content = annex["valeurs"] | annex["empreintes"]
        for key, expected in (annex["valeurs"] | digests).items():
            missing = key not in details and not content[key]
            if not missing and details.get(key) != expected:
                return name + "\u00a0: «\u00a0" + key + "\u00a0» a changé"
    return None


def root_of(heads: dict[str, Any]) -> bytes:
    """Merkle root of RFC 6962 over the heads of a seal, in the order of their chains."""
    level = [
        sha(b"\x00", raw(chain, 16), number(seq), raw(link, 32))
        for chain, (seq, link) in sorted(heads.items())
    ]
    while len(level) > 1:
        pairs = [sha(b"\x01", a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else sha()


def known(chain: str, witness: dict[str, Any]) -> tuple[int, str]:
    """What a seal or a receipt knows of a chain: number and hash of one of its lines."""
    if "tetes" not in witness and not {"chaine", "seq", "empreinte"} <= witness.keys():
        raise ValueError("ce témoin n’est ni un sceau ni un reçu")
    contenu = witness.get("contenu", {"horodatage_interne": ""})
    if not isinstance(contenu, dict) or "horodatage_interne" not in contenu:
        raise ValueError("ce témoin n’est pas un reçu")
    if "chemin" in witness:
        node = sha(
            b"\x00",
            raw(witness["chaine"], 16),
            number(witness["seq"]),
            raw(witness["empreinte"], 32),
        )
        for side, other in witness["chemin"]:
            pair = (raw(other, 32), node) if side == "gauche" else (node, raw(other, 32))
            node = sha(b"\x01", *pair)
        if node.hex() != witness["racine"]:
            raise ValueError("le chemin du sceau ne mène pas à sa racine")
    if "tetes" in witness:
        if root_of(witness["tetes"]).hex() != witness["racine"]:
            raise ValueError("la racine du sceau n’est pas celle de ses têtes")
        seq, link = witness["tetes"].get(chain, (0, ""))
        return seq, link
    if witness["chaine"] != chain:
        raise ValueError("le témoin est celui d’une autre chaîne")
    return witness["seq"], witness["empreinte"]


def receipt_flaw(entry: dict[str, Any], receipts: list[dict[str, Any]]) -> bool:
    """Tell whether a receipt of this line says something else than the line does."""
    said = {"acte": entry["action"], "objet": entry["objet"]}
    if entry["corps"] is not None:
        corps = json.loads(entry["corps"])
        said["libelle"] = corps.get("libelle", "")
        said["auteur"] = corps.get("acteur", {}).get("nom", "")
    return any(
        receipt["contenu"] | said != receipt["contenu"]
        or microseconds(receipt["contenu"]["horodatage_interne"]) != entry["instant"]
        for receipt in receipts
        if receipt["seq"] == entry["seq"]
    )


def microseconds(instant: str) -> int:
    """Microseconds since 1970 of an instant in ISO 8601."""
    since = datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


def verify(
    lines: Iterable[str], witnesses: Iterable[dict[str, Any]] = ()
) -> tuple[int, str | None]:
    """Read the lines of an export; return (number of entries, None or the first flaw).

    witnesses: seals and receipts kept elsewhere, whose lines must be in the export.
    """
    lines = iter(lines)
    head = json.loads(next(lines))
    if head["format"] != "wiki-marche/journal/1":
        raise ValueError("format inconnu")
    chain = raw(head["chaine"], 16)
    previous, count = bytes(32), 0
    emptied: set[str] = set()
    marks = head.get("annexes", {})
    witnesses = list(witnesses)
    awaited = [known(head["chaine"], witness) for witness in witnesses]
    receipts = [witness for witness in witnesses if "contenu" in witness]
    for line in lines:
        e = json.loads(line, parse_float=integer_if_round)
        count += 1
        where = f"ligne {e['seq']}\u00a0: "
        if e["seq"] != count:
            return count, where + "numéro attendu " + str(count)
        if e["corps"] is None:
            emptied.add(f"journal:{head['chaine']}:{count}")
        elif sha(raw(e["sel"], 16), e["corps"].encode()).hex() != e["corps_empreinte"]:
            return count, where + "le corps a changé"
        elif e["version"] is not None:
            found = sha(raw(e["sel"], 16), (e["contenu"] or "").encode()).hex()
            if found != e["contenu_empreinte"]:
                return count, where + "la version a changé"
        if e["action"] == "audit:entry:redacted":
            emptied.discard(e["objet"])
        if raw(e["precedent"], 32) != previous:
            return count, where + "ne suit pas la précédente"
        previous = sha(
            b"\x01", previous, chain, number(e["seq"]), number(e["instant"]), number(e["xid"]),
            raw(e["operation"], 16), number(e["version"]),
            text(e["acteur"]), text(e["action"]), text(e["objet"]),
            raw(e["contenu_empreinte"], 32), raw(e["corps_empreinte"], 32),
        )  # fmt: skip
        if previous.hex() != e["empreinte"]:
            return count, where + "empreinte fausse"
        if any(seq == count and link != e["empreinte"] for seq, link in awaited):
            return count, where + "n’est pas celle que le témoin connaît"
        if receipt_flaw(e, receipts):
            return count, where + "le reçu ne dit pas ce qu’elle dit"
        if flaw := annex_flaw(e, marks):
            return count, where + "annexe " + flaw
    if emptied:
        return count, "lignes vidées sans caviardage\u00a0: " + ", ".join(sorted(emptied))
    if (count, previous.hex()) != (head["seq"], head["empreinte"]):
        return (
            count,
            f"la tête annonce {head['seq']} lignes, le fichier en a {count}, ou elle diffère",
        )
    if late := [seq for seq, _ in awaited if seq > count]:
        return count, "le témoin connaît la ligne " + str(late[0]) + ", que le fichier n’a pas"
    return count, None


def main(path: str, *kept: str) -> int:
    """Print the verdict; return the exit code."""
    try:
        witnesses = []
        for name in kept:
            with open(name, encoding="utf-8") as stream:
                witnesses.append(json.load(stream))
        with open(path, encoding="utf-8") as stream:
            count, flaw = verify(stream, witnesses)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        sys.stdout.write(f"Illisible\u00a0: {error}\n")
        return 2
    sys.stdout.write(
        f"Rompu, {flaw}\n" if flaw else f"Sain\u00a0: {count} lignes, chaîne continue.\n"
    )
    return 1 if flaw else 0


def changed_files(folder: Path) -> list[str]:
    """Names of the files that the list manifeste.sha256 does not find as it left them."""
    lines = (folder / "manifeste.sha256").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifeste.sha256" and "__pycache__" not in path.parts
    }
    return sorted(name for name in listed | found if listed.get(name) != found.get(name))


def check_folder(folder: Path) -> int:
    """Check every journal of an unpacked pack with the seals and receipts beside it."""
    worst = 0
    try:
        changed = changed_files(folder)
    except (OSError, ValueError):
        changed = ["manifeste.sha256"]
    for name in changed:
        worst = 1
        sys.stdout.write(f"Rompu, {name}\u00a0: n’est plus le fichier remis\n")
    journals = sorted(folder.glob("journal/*.jsonl"))
    for path in journals:
        kept = sorted(
            [*folder.glob(f"sceaux/{path.stem}/*.json"), *folder.glob(f"recus/{path.stem}/*.json")]
        )
        sys.stdout.write(f"{path.stem}, {len(kept)} sceaux et reçus. ")
        worst = max(worst, main(str(path), *map(str, kept)))
    if not journals:
        sys.stdout.write("Illisible\u00a0: le dossier ne contient aucun journal\n")
    return worst if journals else 2


if __name__ == "__main__":
    if len(sys.argv) < 2 and Path(__file__).with_name("journal").is_dir():
        sys.exit(check_folder(Path(__file__).resolve().parent))
    if len(sys.argv) < 2:
        sys.stdout.write(
            "Usage\u00a0: python3 verifier.py JOURNAL.jsonl [SCEAU.json] [RECU.json]\n"
        )
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
