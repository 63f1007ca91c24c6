"""Any single change in an exported chain is detected, by the script written apart."""

import json
import struct
import uuid
from hashlib import sha256

import pytest
from hypothesis import given, settings, strategies as st

from procurement.audit.domain import verifier
from procurement.audit.domain.canonique import json_digest
from procurement.audit.domain.empreinte import ZERO16, ZERO32
from procurement.audit.domain.merkle import heads_root, merkle_root


CHAIN = uuid.UUID(int=7)


def entry_digest(
    precedent, chaine, seq, instant, xid, operation, version, acteur, action, objet, contenu, corps
):
    """The formula of procurement/audit/domain/empreinte.py, word for word."""
    texts = (struct.pack(">I", len(text)) + text for text in (acteur, action, objet))
    return sha256(
        b"\x01" + precedent + chaine + struct.pack(">qqq", seq, instant, xid)
        + (operation or ZERO16) + struct.pack(">q", version or 0) + b"".join(texts)
        + (contenu or ZERO32) + corps
    ).digest()  # fmt: skip


def make_export(n: int = 6) -> list[dict]:
    """An export built from the formula of the server, in Python."""
    link, entries = ZERO32, []
    for seq in range(1, n + 1):
        salt, operation = bytes([seq]) * 16, uuid.UUID(int=seq)
        pas = [{"stepType": "replace", "from": seq, "texte": "é"}]
        details = {"faite": seq, "empreinte_pas": json_digest(json.dumps(pas))}
        corps = json.dumps({"details": details, "n": seq})
        contenu = f'[{{"fields":{{"é":{seq}}}}}]'
        corps_, contenu_ = (
            sha256(salt + corps.encode()).digest(),
            sha256(salt + contenu.encode()).digest(),
        )
        digest = entry_digest(
            link, CHAIN.bytes, seq, 10**15 + seq, 700 + seq, operation.bytes, seq, "acheteur:é".encode(),
            b"a:b:c", f"t:{seq}".encode(), contenu_, corps_,
        )  # fmt: skip
        entries.append(
            {"seq": seq, "instant": 10**15 + seq, "xid": 700 + seq, "operation": str(operation),
             "version": seq, "acteur": "acheteur:é", "action": "a:b:c", "objet": f"t:{seq}",
             "contenu_empreinte": contenu_.hex(), "corps": corps, "corps_empreinte": corps_.hex(),
             "sel": salt.hex(), "precedent": link.hex(), "empreinte": digest.hex(),
             "contenu": contenu, "annexes": {"pas": {"auteur": "é", "valeurs": {"faite": seq, "nom": ""},
             "empreintes": {"empreinte_pas": pas, "ecartes": []}}}}
        )  # fmt: skip
        link = digest
    head = {
        "format": "wiki-marche/journal/1",
        "chaine": str(CHAIN),
        "seq": n,
        "empreinte": link.hex(),
        "annexes": {"pas": "faite"},
    }
    return [head, *entries]


def verdict(rows: list[dict]) -> str | None:
    try:
        return verifier.verify([json.dumps(row) for row in rows])[1]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, StopIteration) as error:
        return f"illisible {error}"


def test_server_and_script_agree():
    assert verdict(make_export()) is None


def change(value: object, where: int, how: int) -> object:
    """Another value that differs by one byte or one unit."""
    if isinstance(value, int):
        return value + (how or 1)
    text = str(value)
    place = where % len(text)
    return text[:place] + chr((ord(text[place]) + (how or 1)) % 0x250) + text[place + 1 :]


@settings(max_examples=400, deadline=None)
@given(
    row=st.integers(0, 6), field=st.integers(0, 100), where=st.integers(0, 200),
    how=st.integers(-20, 20),
)  # fmt: skip
def test_any_single_change_is_detected(row, field, where, how):
    rows = make_export()
    names = [name for name in rows[row] if name != "annexes"]
    name = names[field % len(names)]
    before = rows[row][name]
    rows[row][name] = change(before, where, how)
    same = str(rows[row][name]).lower() == str(before).lower()
    assert same or verdict(rows)


ANNEX_CHANGES = {
    "a word of the steps": lambda annex: annex["empreintes"]["empreinte_pas"][0].update(texte="è"),
    "the steps emptied": lambda annex: annex["empreintes"].update(empreinte_pas=[]),
    "steps where there were none": lambda annex: annex["empreintes"].update(ecartes=[1]),
    "a value": lambda annex: annex["valeurs"].update(faite=99),
    "a value where there was none": lambda annex: annex["valeurs"].update(nom="Faux"),
    "the author": lambda annex: annex.update(auteur="è"),
}


@pytest.mark.parametrize("name", ANNEX_CHANGES)
def test_a_change_in_an_annex_is_detected(name):
    rows = make_export()
    ANNEX_CHANGES[name](rows[3]["annexes"]["pas"])
    assert "annexe" in verdict(rows)


def test_an_annex_that_misses_or_comes_from_nowhere_is_detected():
    rows = make_export()
    del rows[3]["annexes"]
    assert "annexe" in verdict(rows)
    rows = make_export()
    rows[3]["annexes"]["autre"] = rows[3]["annexes"]["pas"]
    assert "annexe" in verdict(rows)


def test_an_export_without_annexes_still_verifies():
    rows = make_export()
    for row in rows:
        del row["annexes"]
    assert verdict(rows) is None


@given(order=st.permutations(range(1, 7)), kept=st.integers(1, 6))
def test_any_reordering_or_removal_is_detected(order, kept):
    rows = make_export()
    moved = [rows[0], *(rows[i] for i in order[:kept])]
    assert (list(order[:kept]) == [1, 2, 3, 4, 5, 6]) == (verdict(moved) is None)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13])
def test_the_root_follows_rfc_6962(n):
    def recursive(leaves):
        if len(leaves) == 1:
            return sha256(b"\x00" + leaves[0]).digest()
        half = 1
        while half * 2 < len(leaves):
            half *= 2
        return sha256(b"\x01" + recursive(leaves[:half]) + recursive(leaves[half:])).digest()

    leaves = [bytes([i]) for i in range(n)]
    assert merkle_root(leaves) == recursive(leaves)


def test_the_root_does_not_depend_on_the_order_given():
    heads = [(uuid.UUID(int=i), i, bytes([i]) * 32) for i in range(5)]
    assert heads_root(heads) == heads_root(reversed(heads))


@pytest.mark.parametrize("changed", [{"contenu": {}}, {"contenu": "x"}, {"contenu": None}, None])
def test_what_is_no_receipt_is_told_in_words(changed):
    """The paper brought to a judge, without its instant: no bare key stands for a reason."""
    rows = make_export()
    receipt = {"chaine": rows[0]["chaine"], "seq": 1, "empreinte": rows[1]["empreinte"]}
    witness = {"contenu": {}} if changed is None else receipt | changed
    said = "n’est ni un sceau ni un reçu" if changed is None else "n’est pas un reçu"
    with pytest.raises(ValueError, match=said):
        verifier.verify([json.dumps(row) for row in rows], [witness])
