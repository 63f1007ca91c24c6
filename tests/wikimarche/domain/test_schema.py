"""What comes in: accepted as stored, or refused with a French sentence and nothing else."""

import json

import pytest
from hypothesis import given, strategies as st

from procurement.ui.typographie import strip_bidi
from tests.wikimarche.domain.factories import (
    ARTICLE,
    cellule,
    comment,
    doc,
    link,
    liste,
    p,
    tableau,
    texte,
    titre,
)
from wikimarche.domain.schema import (
    LIMITS,
    SchemaRefused,
    clean_text,
    dump_doc,
    empty_doc,
    find_invisible,
    load_doc,
    parse_doc,
    show_invisible,
)


FICHIER = "33333333-3333-4333-8333-333333333333"


def image(**attrs):
    return {"type": "image", "attrs": {"id": None, "fichier": FICHIER, "alt": "Plan", **attrs}}


def test_a_rich_document_is_kept_as_it_is():
    rich = doc(
        titre("Dosage", id="aaaaaaaa"),
        p(
            "Voir ",
            {"type": "renvoi", "attrs": {"article": ARTICLE}},
            texte("le site", link("https://exemple.fr/é?a=1&b=2"), "strong"),
            {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}},
            {"type": "note_bas_de_page", "attrs": {"texte": "CCP, art. R2143-3"}},
            {"type": "hard_break"},
            texte("😀", comment()),
            id="bbbbbbbb",
        ),
        liste("un", "deux", id="cccccccc"),
        tableau(("A", "B"), ("1", "2"), id="dddddddd"),
        image(id="eeeeeeee"),
        {"type": "critere", "attrs": {"id": "ffffffff"}},
        {"type": "blockquote", "attrs": {"id": "gggggggg"}, "content": [p("cité")]},
    )
    stored = dump_doc(parse_doc(rich))
    assert dump_doc(parse_doc(stored)) == stored
    assert dump_doc(load_doc(stored)) == stored
    texts = [node.get("text") for node in stored["content"][1]["content"]]
    assert texts == ["Voir ", None, "le site", None, None, None, "😀"]


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        (None, "n’est pas un article"),
        ([], "n’est pas un article"),
        ({"type": "paragraph"}, "n’est pas un article"),
        ({"type": "doc"}, "Contenu refusé"),
        ({"type": "doc", "content": []}, "Contenu refusé"),
        ({"type": "doc", "content": "x"}, "illisible"),
        (doc({"type": "script"}), "Élément inconnu"),
        (doc({"type": "__proto__"}), "Élément inconnu"),
        (doc({"type": ["paragraph"]}), "Élément inconnu"),
        (doc({"type": "constructor"}), "Élément inconnu"),
        (doc({**p(), "__proto__": {"x": 1}}), "Propriété inconnue"),
        (doc({"type": "paragraph", "attrs": {"onclick": "x"}}), "Attribut inconnu"),
        (doc({"type": "paragraph", "attrs": {"__proto__": {}}}), "Attribut inconnu"),
        (doc({"type": "paragraph", "attrs": []}), "illisibles"),
        (doc(p(id="<b>")), "Valeur refusée"),
        (doc(p(id="aaaaaaaa\n")), "Valeur refusée"),
        (doc(p(id="aaaaaaaa"), p(id="aaaaaaaa")), "même identifiant"),
        (doc(p(texte("x", "blink"))), "Mise en forme inconnue"),
        (doc(p(texte("x", {"type": "strong", "x": 1}))), "illisible"),
        (doc(p(texte("x", "superscript", "subscript"))), "s’excluent"),
        (doc(p(texte("x", link("javascript:alert(1)")))), "http"),
        (doc(p(texte("x", link("data:text/html,x")))), "http"),
        (doc(p(texte("x", link("https://a b")))), "http"),
        (doc(p(texte("x", link(" https://a")))), "http"),
        (doc(p(texte("x", link(1)))), "http"),
        (doc(p(texte("x", link("https://" + "a" * 3000)))), "http"),
        (doc(p("a\x00b")), "caractère de commande"),
        (doc(p("a\x0bb")), "caractère de commande"),
        (doc(p("a\ud83d")), "caractère de commande"),
        (doc(p({"type": "text", "text": ""})), "Texte illisible"),
        (doc(p({"type": "text", "text": 3})), "Texte illisible"),
        (doc({**p(), "text": "x"}), "Texte inattendu"),
        (doc(titre("x", level=3)), "Valeur refusée"),
        (doc(titre("x", level=True)), "Valeur refusée"),
        (doc(titre("x", level="1")), "Valeur refusée"),
        (doc(image(alt="")), "texte de remplacement"),
        (doc(image(alt="  ")), "texte de remplacement"),
        (doc(image(fichier="../../etc/passwd")), "Valeur refusée"),
        (doc({"type": "image"}), "Valeur refusée"),
        (doc({"type": "list_item", "content": [p()]}), "Contenu refusé"),
        (doc({"type": "bullet_list"}), "Contenu refusé"),
        (doc(p(p("x"))), "Contenu refusé"),
        (doc({"type": "variable", "attrs": {"chemin": "a"}}), "Contenu refusé"),
        (doc(p({"type": "variable", "attrs": {"chemin": "{{ x }}"}})), "Valeur refusée"),
        (doc(tableau(("A",), (cellule("x", colspan=10**9),))), "Valeur refusée"),
        (doc(tableau(("A",), (cellule("x", colspan=0),))), "Valeur refusée"),
        (doc(tableau(("A",), (cellule("x", rowspan=2),))), "dernière ligne"),
        (doc(tableau(("A",) * 61)), "colonnes"),
        (doc(tableau(("A",), (cellule("x", colspan=40), cellule("y", colspan=40)))), "colonnes"),
        (doc({**p("x"), "marks": [{"type": "strong"}]}), "Contenu refusé"),
    ],
)
def test_hostile_content_is_refused_in_french(hostile, words):
    with pytest.raises(SchemaRefused, match=words):
        parse_doc(hostile)


def test_depth_and_size_are_bounded():
    deep = p("x")
    for _ in range(30):
        deep = {"type": "bullet_list", "content": [{"type": "list_item", "content": [p(), deep]}]}
    with pytest.raises(SchemaRefused, match="profondément"):
        parse_doc(doc(deep))
    with pytest.raises(SchemaRefused, match="signes"):
        parse_doc(doc(p("x" * (LIMITS["size"] + 1))))


def test_nesting_of_thousands_is_refused_before_the_interpreter_gives_up():
    deep = {"type": "blockquote"}
    for _ in range(900):
        deep = {"type": "blockquote", "content": [deep]}
    with pytest.raises(SchemaRefused, match="profondément"):
        parse_doc(doc(deep))


def test_tables_count_the_columns_that_hang_from_the_rows_above():
    hanging = cellule("x", rowspan=2, colspan=40)
    with pytest.raises(SchemaRefused, match="colonnes"):
        parse_doc(doc(tableau(("A",), (hanging,), (cellule("y", colspan=30),))))


def test_quoted_names_show_no_control_character():
    with pytest.raises(SchemaRefused) as refused:
        parse_doc(doc({"type": "a\u202eb\n" + "c" * 100}))
    assert "\u202e" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 100


def test_bidirectional_controls_are_kept_and_found():
    text = "prix\u202e001\u202c\u200b"
    stored = dump_doc(parse_doc(doc(p(text))))
    assert stored["content"][0]["content"][0]["text"] == text
    assert [found.offset for found in find_invisible(text)] == [4, 8, 9]
    assert find_invisible("Durée\u202f: 4\u00a0ans, l’été 😀") == []


def test_neighbouring_texts_with_the_same_marks_are_joined():
    stored = dump_doc(parse_doc(doc(p("a", "b", texte("c", "strong"), texte("d", "strong")))))
    assert [node["text"] for node in stored["content"][0]["content"]] == ["ab", "cd"]


def test_marks_are_stored_in_the_order_of_the_schema():
    stored = dump_doc(parse_doc(doc(p(texte("x", "em", comment(), "strong")))))
    kinds = [mark["type"] for mark in stored["content"][0]["content"][0]["marks"]]
    assert kinds == ["comment", "strong", "em"]


def test_a_passage_may_carry_several_comments():
    other = comment("44444444-4444-4444-8444-444444444444")
    stored = dump_doc(parse_doc(doc(p(texte("x", comment(), other)))))
    assert len(stored["content"][0]["content"][0]["marks"]) == 2


def test_an_empty_document_is_valid():
    assert parse_doc(empty_doc("aaaaaaaa")).child_count == 1


@given(st.text())
def test_cleaned_text_is_always_accepted(text):
    cleaned = clean_text(text)
    if cleaned:
        parse_doc(doc(p(cleaned)))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["doc", "paragraph", "text", "table", "table_row", "list_item", "strong"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "content", "attrs", "marks", "text", "id", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(JSON_VALUES)
def test_any_json_is_accepted_or_refused_never_an_accident(value):
    for candidate in (value, {"type": "doc", "content": value}, doc(p(), value)):
        try:
            parsed = parse_doc(candidate)
        except SchemaRefused:
            continue
        json.dumps(dump_doc(parsed))


def test_what_a_title_loses_is_what_a_text_shows():
    """One list on each side: `strip_bidi` for single lines, `show_invisible` for what is read."""
    everything = "".join(map(chr, range(0xD800)))
    lost = set(everything) - set(strip_bidi(everything))
    assert lost == {sign for sign in everything if show_invisible(sign) == "␦" != sign}
