"""Components: what they promise in HTML, what they refuse."""

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from lxml import html

from procurement.ui.etats import ETATS
from procurement.ui.icones import list_icones


def render(source: str, **values: object) -> str:
    """Render a piece of template with the components loaded."""
    values.setdefault("request", RequestFactory().get("/?etat=vise&page=2"))
    return Template("{% load composants typographie %}" + source).render(Context(values))


def parse(source: str, **values: object):
    """Render, then parse."""
    return html.fromstring(f"<div>{render(source, **values)}</div>")


def test_every_state_has_an_icon_of_the_sprite_and_a_known_tone():
    tones = {"", "bleu", "sapin", "ocre", "rouge", "violet", "feuille"}
    for values in ETATS.values():
        for etat in values.values():
            assert etat.icone in list_icones()
            assert etat.ton in tones


def test_refused_button_keeps_its_reason_and_its_place_in_the_tab_order():
    tree = parse(
        "{% bouton refus=raison %}Demander les visas{% endbouton %}", raison="Une objection <b>"
    )
    (button,) = tree.iter("button")
    assert button.get("aria-disabled") == "true"
    assert button.get("type") == "button"
    assert button.get("disabled") is None
    reason = tree.get_element_by_id(button.get("aria-describedby"))
    assert "Une objection <b>" in reason.text_content()


def test_button_is_a_link_with_an_address():
    (link,) = parse('{% bouton href="/x/" hx_get="/y/" %}Voir{% endbouton %}').iter("a")
    assert (link.get("href"), link.get("hx-get")) == ("/x/", "/y/")


def test_icon_button_has_a_name():
    (button,) = parse('{% bouton seul=True icone="search" titre="Chercher" %}{% endbouton %}').iter(
        "button"
    )
    assert button.get("aria-label") == "Chercher"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ('{% bouton gnere="trait" %}x{% endbouton %}', TypeError),
        ('{% bouton genre="rond" %}x{% endbouton %}', KeyError),
        ('{% icone "licorne" %}', ValueError),
        ('{% etat "inconnu" "piece" %}', KeyError),
        ('{% encart genre="autre" %}x{% endencart %}', ValueError),
        ('{% volet id="v" titre="V" balise="script" %}x{% endvolet %}', ValueError),
    ],
)
def test_mistake_raises(source, error):
    with pytest.raises(error):
        render(source)


def test_content_given_by_people_is_escaped():
    source = "{% bouton %}{{ nom }}{% endbouton %}{% entete titre=nom %}{% endentete %}{% vide dit=nom %}{% endvide %}"
    text = render(source, nom="<script>alert(1)</script>")
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") == 3


def test_tabs_follow_the_aria_pattern():
    tree = parse(
        '{% onglets label="Volet" %}{% onglet id="a" titre="Avis" compte=3 %}un{% endonglet %}'
        '{% onglet id="b" titre="Versions" charge="/f/" %}deux{% endonglet %}{% endonglets %}'
    )
    first, second = tree.xpath('//*[@role="tab"]')
    assert (first.get("aria-selected"), second.get("aria-selected")) == ("true", "false")
    assert second.get("tabindex") == "-1"
    for tab in (first, second):
        panel = tree.get_element_by_id(tab.get("aria-controls"))
        assert panel.get("aria-labelledby") == tab.get("id")
    assert tree.get_element_by_id("b").get("hidden") is not None
    assert tree.get_element_by_id("b").get("hx-get") == "/f/"


def test_two_sets_of_tabs_do_not_mix():
    one = '{% onglets label="L" %}{% onglet id="X" titre="T" %}x{% endonglet %}{% endonglets %}'
    tree = parse(one.replace("X", "a") + one.replace("X", "b"))
    assert [len(tabs) for tabs in tree.xpath('//*[@role="tablist"]')] == [1, 1]


def test_steps_announce_the_current_one():
    tree = parse(
        '{% etapes label="Étapes" %}{% etape statut="fait" %}Besoin{% endetape %}'
        '{% etape statut="ici" detail="20 mars" %}Rédaction{% endetape %}{% endetapes %}'
    )
    (here,) = tree.xpath('//*[@aria-current="step"]')
    assert "Rédaction (2 sur 2)20 mars" in here.text_content()


class PieceForm(forms.Form):
    """Fields of the kinds that tie differently."""

    titre = forms.CharField(label="Titre", help_text="Une phrase.")
    genre = forms.ChoiceField(
        label="Genre", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")]
    )
    reserve = forms.BooleanField(label="Réservé", required=False)


def test_error_is_tied_to_its_field_and_listed_on_top():
    tree = parse("{% formulaire form %}", form=PieceForm({"genre": "z"}))
    field = tree.get_element_by_id("id_titre")
    assert field.get("aria-invalid") == "true"
    described = [tree.get_element_by_id(name) for name in field.get("aria-describedby").split()]
    assert [element.text_content().strip() for element in described] == [
        "Une phrase.",
        "«\u202fTitre\u202f» est obligatoire.",
    ]
    (summary,) = tree.xpath('//*[@role="alert"]')
    assert "Titre\u202f: à remplir." in summary.text_content()
    assert summary.xpath(".//a/@href")[0] == "#id_titre"
    assert tree.index(summary) == 0
    (group,) = tree.iter("fieldset")
    assert tree.get_element_by_id(group.get("aria-describedby")) is not None
    for link in summary.xpath(".//a/@href"):
        assert tree.get_element_by_id(link[1:]) is not None


def test_form_without_error_has_no_summary():
    assert not parse("{% formulaire form %}", form=PieceForm()).xpath('//*[@role="alert"]')


def test_running_job_asks_again_and_a_finished_one_stops():
    running = parse(
        '{% progression id="t" titre="PDF" statut="en_cours" fait=1200 total=2000 url="/p/" %}x{% endprogression %}'
    )
    (bar,) = running.iter("progress")
    assert (bar.get("value"), bar.get("max")) == ("1200", "2000")
    assert running.get_element_by_id("t").get("hx-get") == "/p/"
    done = parse(
        '{% progression id="t" titre="PDF" statut="fait" url="/p/" %}<a href="/r/">Résultat</a>{% endprogression %}'
    )
    assert done.get_element_by_id("t").get("hx-get") is None
    assert done.xpath("//a/@href") == ["/r/"]


def test_pagination_keeps_the_filters():
    tree = parse("{% pagination page %}", page=Paginator(range(90), 10).page(2))
    assert tree.xpath('//a[@rel="next"]/@href') == ["?etat=vise&page=3"]
    assert tree.xpath('//a[@aria-current="page"]')[0].text == "2"


def test_evidence_card_says_what_broke():
    rapport = SimpleNamespace(
        ok=False,
        entries=12480,
        breaks=[
            SimpleNamespace(words="L’acte 311 a changé."),
            SimpleNamespace(quoi="l’article 2", href="/pieces/x/", words="a disparu."),
        ],
    )
    card = parse(
        '{% carte_preuve rapport=rapport ruptures=rapport.breaks le="12 mars" %}{% endcarte_preuve %}',
        rapport=rapport,
    )
    text = card.text_content()
    assert "L’article 2 a disparu." in text
    assert [link.get("href") for link in card.iter("a")] == ["/pieces/x/"]
    assert "L’acte 311 a changé." in text
    assert "12\u202f480" in text


@pytest.mark.parametrize("cookie", ["dark", "light", '"><script>', ""])
def test_theme_is_remembered_only_when_known(cookie):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    expected = f' data-bs-theme="{cookie}"' if cookie in {"dark", "light"} else ""
    assert render("{% theme %}", request=request) == expected


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
def test_error_page_needs_nothing(code):
    tree = html.fromstring(get_template(f"{code}.html").render({}))
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("//title")[0].text.endswith("· Wiki-Marché")


def test_no_template_writes_a_style_or_a_handler():
    folder = settings.BASE_DIR / "templates"
    for file in [*(folder / "components").rglob("*.html"), *(folder / "layout").glob("*.html")]:
        text = file.read_text(encoding="utf-8")
        assert " style=" not in text, f"{file.name}: the content policy refuses style attributes."
        assert not re.search(r" on[a-z]+=", text), f"{file.name}: behaviours go to frontend/."


def test_every_component_says_where_it_stands():
    for file in (settings.BASE_DIR / "templates/components").glob("[!_]*.html"):
        text = file.read_text(encoding="utf-8")
        if file.name != "galerie.html":
            assert "{% comment %}" in text, f"{file.name}: write its contract on top."
