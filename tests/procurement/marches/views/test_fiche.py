"""Opening a marché, its fiche, its lots and its criteria, over HTTP."""

from datetime import UTC, date, datetime
from decimal import Decimal

import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.marches.models import Critere, Lot, Marche, Participation
from procurement.marches.services import create_marche, update_marche
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import CRITERES, MarcheFactory
from tests.procurement.organisations.factories import DirectionFactory, OrganisationFactory
from tests.support.client import Browser


FICHE = {"objet": "Nettoyage des locaux", "technique": "aucune", "reconductions": "0"}


def year() -> int:
    """The year of the references, where the platform is."""
    return timezone.localdate().year


def fiche_url(marche):
    return reverse("marches:marche_update", args=[marche.pk])


def open_marche(browser, organisation, **data):
    url = reverse("marches:marche_create")
    return browser.post(url, {"objet": "Achat", "organisation": organisation.pk, **data})


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────


def test_whoever_opens_a_marche_is_its_gestionnaire(equipe):
    organisation = equipe.marche.organisation
    answer = open_marche(equipe.browser(), organisation, objet="  Achat de bois  ")
    marche = Marche.objects.get(objet="Achat de bois")
    assert answer.url == marche.get_absolute_url()
    assert marche.reference == f"M {year()}-002"
    assert Participation.objects.get(marche=marche).user == equipe.person()
    assert Participation.objects.get(marche=marche).role == "gestionnaire"


@pytest.mark.attaque("A15")
def test_opening_takes_no_field_but_its_own(equipe):
    other = equipe.person("editeur", "autre")
    open_marche(
        equipe.browser(), equipe.marche.organisation, objet="Visé", statut="execution",
        partage_juridique="on", reference="X-1", created_at="2000-01-01", id=str(equipe.marche.pk),
        user=other.pk, auteur=other.pk, role="observateur",
    )  # fmt: skip
    marche = Marche.objects.get(objet="Visé")
    assert (marche.statut, marche.partage_juridique) == ("besoin", False)
    assert (marche.reference, timezone.localtime(marche.created_at).year) == (
        f"M {year()}-002",
        year(),
    )
    assert Participation.objects.get(marche=marche).user == equipe.person()


def test_no_marche_in_the_name_of_another_organisation(equipe):
    elsewhere = OrganisationFactory()
    answer = open_marche(equipe.browser(), elsewhere)
    assert answer.status_code == 200
    assert not Marche.objects.filter(organisation=elsewhere).exists()


def test_no_direction_of_another_organisation(equipe):
    foreign = DirectionFactory()
    answer = open_marche(equipe.browser(), equipe.marche.organisation, direction=foreign.pk)
    assert answer.status_code == 200
    answer = equipe.browser().post(fiche_url(equipe.marche), {**FICHE, "direction": foreign.pk})
    assert answer.status_code == 200
    equipe.marche.refresh_from_db()
    assert equipe.marche.direction is None


@pytest.mark.parametrize("objet", ["", "   ", "x" * 301, "a\x00b"])
def test_an_object_that_cannot_be_kept_is_refused(equipe, objet):
    before = Marche.objects.count()
    assert open_marche(equipe.browser(), equipe.marche.organisation, objet=objet).status_code == 200
    assert Marche.objects.count() == before


@pytest.mark.parametrize("objet", ["é" * 300, "prix \u202e00 5 €", "<script>alert(1)</script>"])
def test_odd_objects_are_shown_inert(equipe, objet):
    open_marche(equipe.browser(), equipe.marche.organisation, objet=objet)
    marche = Marche.objects.get(objet=objet.replace("\u202e", "").replace(" €", "\u00a0€"))
    for url in (marche.get_absolute_url(), reverse("marches:home"), reverse("marches:marche_list")):
        page = equipe.browser().get(url)
        assert page.status_code == 200
        assert b"<script>alert" not in page.content


def test_references_follow_each_other_past_a_thousand(equipe):
    organisation, by = equipe.marche.organisation, equipe.gestionnaire
    update_marche(by=by, marche=equipe.marche, reference=f"M {year()}-999")
    created = [
        create_marche(by=by, organisation=organisation, objet="Achat").reference for _ in range(3)
    ]
    assert created == [f"M {year()}-1000", f"M {year()}-1001", f"M {year()}-1002"]


def test_a_reference_bears_the_year_of_here_and_not_of_greenwich(equipe, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2030, 12, 31, 23, 30, tzinfo=UTC))
    assert MarcheFactory().reference == "M 2031-001"


def test_references_count_for_each_organisation(equipe):
    assert MarcheFactory().reference == f"M {year()}-001"


def test_marches_opened_at_once_take_different_references(equipe_durable, at_once):
    equipe = equipe_durable
    organisation, by = equipe.marche.organisation, equipe.gestionnaire
    references = at_once(
        *(
            lambda: create_marche(by=by, organisation=organisation, objet="Achat").reference
            for _ in range(4)
        )
    )
    assert sorted(references) == [f"M {year()}-{n:03d}" for n in range(2, 6)]


# ── The fiche ───────────────────────────────────────────────────────────────────────────────────


def words_of(node) -> str:
    """What an element says, a plain space between its words."""
    return " ".join(node.text_content().split())


@pytest.mark.parametrize(
    ("facts", "head", "fiche"),
    [
        ({"duree_mois": 48}, "480 000,00 € HT sur 48 mois", "48 mois non reconductible"),
        (
            {"duree_mois": 12, "reconductions": 3},
            "480 000,00 € HT, reconductions comprises · 12 mois, reconductible 3 fois",
            "12 mois reconductible 3 fois",
        ),
        ({"reconductions": 1}, "480 000,00 € HT, reconductions comprises", "reconductible 1 fois"),
        (
            {"montant_estime": None, "duree_mois": 12, "reconductions": 3},
            "12 mois, reconductible 3 fois",
            "12 mois reconductible 3 fois",
        ),
    ],
)
def test_the_amount_covers_the_renewals_and_the_duration_says_them(equipe, facts, head, fiche):
    """« 480 000 € sur 12 mois » was read as a price of a year, when it was that of four."""
    update_marche(
        by=equipe.gestionnaire, marche=equipe.marche, **{"montant_estime": 480000, **facts}
    )
    page = lxml.html.fromstring(equipe.browser().get(equipe.marche.get_absolute_url()).text)
    assert f"· {head}" in words_of(page.cssselect("main")[0])
    said = {
        words_of(row.find("dt")): words_of(row.find("dd"))
        for row in page.cssselect(".wm-fiche > div")
    }
    assert said["Durée"].endswith(fiche)
    assert ("reconductions comprises" in said["Montant estimé"]) is (
        bool(facts.get("reconductions")) and "montant_estime" not in facts
    )


def test_what_the_fiche_does_not_say_yet_is_grey(equipe):
    page = lxml.html.fromstring(equipe.browser().get(equipe.marche.get_absolute_url()).text)
    grey = {words_of(word) for word in page.cssselect(".wm-fiche .doux")}
    assert grey == {"à dire", "à choisir", "nature à dire", "à désigner", "à fixer"}


def test_the_fiche_changes_and_says_what_changed(equipe):
    reference = equipe.marche.reference
    data = {
        **FICHE,
        "reference": reference,
        "montant_estime": "1\u202f240\u202f000,50 €",
        "duree_mois": "48",
    }
    assert equipe.browser().post(fiche_url(equipe.marche), data).status_code == 302
    equipe.marche.refresh_from_db()
    assert equipe.marche.montant_estime == Decimal("1240000.50")
    entry = list_entries(equipe.marche.pk, action="marches:marche:updated")[-1]
    assert entry.corps["details"]["duree_mois"] == {"avant": "", "après": "48"}
    assert set(entry.corps["details"]) == {"montant_estime", "duree_mois"}


def test_nothing_is_written_when_nothing_changed(equipe):
    data = {**FICHE, "reference": equipe.marche.reference}
    assert equipe.browser().post(fiche_url(equipe.marche), data).status_code == 302
    assert not list_entries(equipe.marche.pk, action="marches:marche:updated")


@pytest.mark.attaque("A15")
def test_the_fiche_takes_no_field_but_its_own(equipe):
    elsewhere = OrganisationFactory()
    data = {
        **FICHE, "reference": "R-1", "organisation": elsewhere.pk, "statut": "execution",
        "partage_juridique": "on", "created_at": "2000-01-01", "id": "x",
    }  # fmt: skip
    equipe.browser().post(fiche_url(equipe.marche), data)
    marche = Marche.objects.get(pk=equipe.marche.pk)
    assert marche.reference == "R-1"
    assert marche.organisation_id == equipe.marche.organisation_id
    assert (marche.statut, marche.partage_juridique, marche.created_at.year) == (
        "besoin",
        False,
        year(),
    )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("cpv", "9091", "huit chiffres"),
        ("montant_estime", "-1", "Un montant est positif."),
        ("montant_estime", "NaN", "nombre"),
        ("montant_estime", "1e400", "chiffres"),
        ("montant_estime", "1e5", "chiffres de 0 à 9"),
        ("montant_estime", "1_000", "chiffres de 0 à 9"),
        ("montant_estime", "١٢٥٠٠", "chiffres de 0 à 9"),
        ("montant_estime", "12５00", "chiffres de 0 à 9"),
        ("montant_estime", "12²", "chiffres de 0 à 9"),
        ("montant_estime", "१२,५०", "chiffres de 0 à 9"),
        ("duree_mois", "٤٨", "chiffres de 0 à 9"),
        ("reconductions", "３", "chiffres de 0 à 9"),
        ("cpv", "٩٠٩١٠٠٠٠", "de 0 à 9"),
        ("cpv", "90910000-٩", "de 0 à 9"),
        ("duree_mois", "99999999", "32767"),
        ("duree_mois", "0", "au moins un mois"),
        ("duree_mois", "-3", "Une durée compte au moins un mois."),
        ("reconductions", "-1", "Un marché se reconduit zéro fois ou plus."),
        ("nature", "autre", "autre"),
        ("reference", "", "obligatoire"),
        ("publication_prevue", "2026-13-45", "date"),
    ],
)
def test_what_is_wrong_is_said_in_french(equipe, field, value, sentence):
    data = {**FICHE, "reference": "R-1", field: value}
    answer = equipe.browser().post(fiche_url(equipe.marche), data)
    assert answer.status_code == 200
    assert sentence in " ".join(answer.context["form"].errors[field]).replace("\u202f", "")
    assert Marche.objects.get(pk=equipe.marche.pk).reference != "R-1"


@pytest.mark.parametrize(
    "cpv", ["45000000-7", "90910000-9", "09310000-5", "72267100-0", "90910000"]
)
def test_a_code_of_the_vocabulary_is_taken_whatever_rule_its_key_follows(equipe, cpv):
    """docs/adr/0023: electricity and software are keyed otherwise than most; no key is refused."""
    data = {**FICHE, "reference": "R-1", "cpv": cpv}
    assert equipe.browser().post(fiche_url(equipe.marche), data).status_code == 302
    assert Marche.objects.get(pk=equipe.marche.pk).cpv == cpv


@pytest.mark.parametrize(
    "typed", ["12500", "12 500,00 €", "12\u202f500 HT", "12\u2009500,0", " +12500.00 "]
)
def test_an_amount_is_read_as_people_type_it(equipe, typed):
    data = {**FICHE, "reference": "R-1", "montant_estime": typed}
    assert equipe.browser().post(fiche_url(equipe.marche), data).status_code == 302
    assert Marche.objects.get(pk=equipe.marche.pk).montant_estime == Decimal(12500)


@pytest.mark.parametrize(
    ("dates", "field", "sentence"),
    [
        (
            {"publication_prevue": "2027-02-01", "attribution_prevue": "2027-01-01"},
            "attribution_prevue",
            "L’attribution ne peut pas précéder la publication, le 1er février 2027.",
        ),
        (
            {"publication_prevue": "2027-03-04", "date_limite_offres": "2027-02-01T12:00"},
            "date_limite_offres",
            "La remise des offres ne peut pas précéder la publication, le 4 mars 2027.",
        ),
        (
            {"date_limite_offres": "2027-02-01T12:00", "debut_execution": "2027-01-31"},
            "debut_execution",
            "Le début d’exécution ne peut pas précéder la remise des offres, le 1er février 2027.",
        ),
    ],
)
def test_dates_in_disorder_are_said_under_the_field(equipe, dates, field, sentence):
    data = {**FICHE, "reference": "R-1", **dates}
    answer = equipe.browser().post(fiche_url(equipe.marche), data)
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert errors[field][0].replace("\u00a0", " ") == sentence


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("publication_prevue", "0001-01-01"),
        ("date_limite_offres", "0001-01-01T00:00"),
        ("date_limite_offres", "9999-12-31T23:59"),
        ("debut_execution", "0202-03-04"),
    ],
)
def test_a_year_that_is_a_slip_is_said_under_the_field(equipe, field, typed):
    data = {**FICHE, "reference": "R-1", field: typed}
    answer = equipe.browser().post(fiche_url(equipe.marche), data)
    assert dict(answer.context["form"].errors) == {field: ["L’année va de 1990 à 2199."]}


def test_dates_may_fall_on_one_day(equipe):
    day = {"publication_prevue": "2027-02-01", "date_limite_offres": "2027-02-01T00:30"}
    data = {**FICHE, "reference": "R-1", **day}
    assert equipe.browser().post(fiche_url(equipe.marche), data).status_code == 302


def test_the_page_says_what_it_does_not_check_of_a_cpv(equipe):
    page = equipe.browser().get(fiche_url(equipe.marche)).content.decode()
    assert "La clé, après un tiret, n’est pas vérifiée." in page


def test_an_objet_cannot_be_shown_mirrored(equipe):
    data = {**FICHE, "reference": "R-1", "objet": "Marché \u202etrès trompeur\u202c\u2066"}
    equipe.browser().post(fiche_url(equipe.marche), data)
    equipe.marche.refresh_from_db()
    assert equipe.marche.objet == "Marché très trompeur"


def test_a_reference_taken_is_refused(equipe):
    other = MarcheFactory(organisation=equipe.marche.organisation)
    answer = equipe.browser().post(
        fiche_url(equipe.marche), {**FICHE, "reference": other.reference}
    )
    assert answer.status_code == 200
    assert "Cette référence existe déjà" in str(answer.context["form"].errors)


def seen_by(browser, marche):
    """What the form sends when nothing is touched."""
    form = browser.get(fiche_url(marche)).context["form"]
    data = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in data.items() if value is not None} | {"vue": form.vue}


def test_two_people_who_change_different_data_both_keep_theirs(equipe):
    browser = equipe.browser()
    mine, theirs = (seen_by(browser, equipe.marche) for _ in range(2))
    browser.post(fiche_url(equipe.marche), {**theirs, "duree_mois": "48"})
    browser.post(fiche_url(equipe.marche), {**mine, "lieu_execution": "Lyon"})
    equipe.marche.refresh_from_db()
    assert (equipe.marche.duree_mois, equipe.marche.lieu_execution) == (48, "Lyon")


def test_two_people_who_change_the_same_datum_see_both_values(equipe):
    """Never the last one silently: the second decides, knowing."""
    browser = equipe.browser()
    mine = seen_by(browser, equipe.marche)
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, objet="Le leur")
    answer = browser.post(fiche_url(equipe.marche), {**mine, "objet": "Le mien"})
    assert answer.status_code == 200
    assert "Le leur" in answer.context["form"].errors["objet"][0]
    assert "Le mien" in answer.content.decode()
    assert Marche.objects.get(pk=equipe.marche.pk).objet == "Le leur"
    again = {**mine, "objet": "Le mien", "vue": answer.context["form"].vue}
    assert browser.post(fiche_url(equipe.marche), again).status_code == 302
    assert Marche.objects.get(pk=equipe.marche.pk).objet == "Le mien"


@pytest.mark.parametrize(
    "mistake", [{"duree_mois": "beaucoup"}, {"objet": ""}, {"objet": "Le mien"}], ids=str
)
def test_a_page_shown_again_brings_back_no_old_value(equipe, mistake):
    """Whether for a mistake or for a conflict: what I did not touch stays as the other wrote it."""
    browser = equipe.browser()
    mine = seen_by(browser, equipe.marche)
    update_marche(
        by=equipe.gestionnaire,
        marche=equipe.marche,
        objet="Le leur",
        lieu_execution="Lyon",
        montant_estime=Decimal("12500.50"),
        publication_prevue=date(2027, 3, 1),
        date_limite_offres=datetime(2027, 4, 1, 10, tzinfo=UTC),
        nature="travaux",
    )
    form = browser.post(fiche_url(equipe.marche), {**mine, **mistake}).context["form"]
    again = {name: form[name].value() for name in form.fields} | {"vue": form.vue}
    again = {name: value for name, value in again.items() if value is not None}
    browser.post(fiche_url(equipe.marche), {**again, "duree_mois": "12", "objet": "Le nôtre"})
    marche = Marche.objects.get(pk=equipe.marche.pk)
    assert (marche.lieu_execution, marche.nature) == ("Lyon", "travaux")
    assert marche.montant_estime == Decimal("12500.50")
    assert marche.publication_prevue == date(2027, 3, 1)
    assert marche.date_limite_offres == datetime(2027, 4, 1, 10, tzinfo=UTC)


def test_writers_at_once_lose_nothing(equipe_durable, at_once):
    """Each changes another datum from the same page: all are kept, whatever the order."""
    equipe = equipe_durable
    changes = [
        {"lieu_execution": "Lyon"}, {"duree_mois": "12"}, {"cpv": "90910000-9"}, {"nature": "travaux"},
    ]  # fmt: skip
    pages = []
    for change in changes:
        browser = Browser(equipe.gestionnaire)
        pages.append((browser, {**seen_by(browser, equipe.marche), **change}))
    done = at_once(
        *(
            lambda browser=browser, data=data: (
                browser.post(fiche_url(equipe.marche), data).status_code
            )
            for browser, data in pages
        )
    )
    assert done == [302] * 4
    marche = Marche.objects.get(pk=equipe.marche.pk)
    assert (marche.lieu_execution, marche.duree_mois, marche.cpv, marche.nature) == (
        "Lyon", 12, "90910000-9", "travaux",
    )  # fmt: skip


@pytest.mark.parametrize("vue", ["", "x", "a:b:c"])
def test_a_forged_view_counts_for_nothing(equipe, vue):
    data = {**FICHE, "reference": "R-1", "vue": vue}
    assert equipe.browser().post(fiche_url(equipe.marche), data).status_code == 302


def test_a_published_fiche_does_not_change(db, browse):
    marche = MarcheFactory(already_published=True)
    browser = browse(marche.author)
    for name in ("marche_update", "lots_set", "criteres_set"):
        answer = browser.post(reverse(f"marches:{name}", args=[marche.pk]), FICHE)
        assert answer.status_code == 409
        assert "Publication" in answer.content.decode()


# ── Lots and criteria ───────────────────────────────────────────────────────────────────────────


def rows_of(*rows):
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
    for rank, row in enumerate(rows):
        data |= {f"form-{rank}-{name}": value for name, value in row.items()}
    return data


def critere(intitule, poids, nature="prix"):
    return {"intitule": intitule, "nature": nature, "poids": poids}


def test_lots_are_written_in_order_and_withdrawn_not_deleted(equipe):
    url, browser = reverse("marches:lots_set", args=[equipe.marche.pk]), equipe.browser()
    browser.post(url, rows_of({"intitule": "Un"}, {"intitule": "Deux"}, {"intitule": "Trois"}))
    browser.post(url, rows_of({"intitule": "Un"}, {"intitule": "Deux", "form-1-DELETE": "on"}))
    browser.post(url, rows_of({"intitule": "Seul"}))
    lots = Lot.objects.filter(marche=equipe.marche).order_by("numero")
    assert [(lot.numero, lot.intitule, lot.retire) for lot in lots] == [
        (1, "Seul", False), (2, "Deux", True), (3, "Trois", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("weights", "said", "excess"),
    [(("60", "40,5"), "100,5", "0,5"), (("100", "0,01"), "100,01", "0,01")],
)
def test_weights_above_100_are_refused(equipe, weights, said, excess):
    url = reverse("marches:criteres_set", args=[equipe.marche.pk])
    rows = [critere(f"Critère {rank}", weight) for rank, weight in enumerate(weights)]
    answer = equipe.browser().post(url, rows_of(*rows))
    assert answer.status_code == 200
    sentence = f"Les poids font {said}\u00a0%, c’est {excess}\u00a0% de trop."
    assert sentence in answer.context["formset"].non_form_errors()
    assert not Critere.objects.filter(marche=equipe.marche).exists()


@pytest.mark.parametrize("weights", [("60", "40"), ("33,33", "33,33", "33,34"), ("60", "30")])
def test_weights_up_to_100_are_kept(equipe, weights):
    url = reverse("marches:criteres_set", args=[equipe.marche.pk])
    rows = [critere(f"Critère {rank}", weight) for rank, weight in enumerate(weights)]
    assert equipe.browser().post(url, rows_of(*rows)).status_code == 302
    assert Critere.objects.filter(marche=equipe.marche, retire=False).count() == len(weights)


@pytest.mark.parametrize("poids", ["0", "-5", "101", "NaN", "x", ""])
def test_a_weight_is_a_percentage(equipe, poids):
    url = reverse("marches:criteres_set", args=[equipe.marche.pk])
    answer = equipe.browser().post(url, rows_of(critere("Prix", poids)))
    assert answer.status_code == 200
    assert not Critere.objects.filter(marche=equipe.marche).exists()


def test_criteria_show_on_the_page_and_keep_their_evidence(cloned_database, browse):
    marche = MarcheFactory(with_criteres=True, in_two_lots=True)
    page = browse(marche.author).get(marche.get_absolute_url()).content.decode()
    for row in CRITERES:
        assert row["intitule"] in page
    report = verify_evidence(chain=marche.pk)
    assert report.ok, report.breaks


@pytest.mark.parametrize("forms", ["x", "-1", "9" * 30, ""])
def test_a_broken_count_of_rows_is_refused(equipe, forms):
    url = reverse("marches:lots_set", args=[equipe.marche.pk])
    answer = equipe.browser().post(url, {"form-TOTAL_FORMS": forms, "form-INITIAL_FORMS": "0"})
    assert answer.status_code in (200, 302, 400)
    assert not Lot.objects.filter(marche=equipe.marche).exists()


def test_a_supplier_opens_no_marche(db, browse):
    user = UserFactory(without_password=True)
    assert browse(user).get(reverse("marches:marche_create")).status_code == 403
    assert Browser().get(reverse("marches:marche_create")).status_code == 302


def test_an_object_is_printed_with_a_french_apostrophe(equipe):
    data = {**FICHE, "reference": "R-1", "objet": "L'entretien d'un parc"}
    equipe.browser().post(fiche_url(equipe.marche), data)
    equipe.marche.refresh_from_db()
    assert equipe.marche.objet == "L’entretien d’un parc"
    open_marche(equipe.browser(), equipe.marche.organisation, objet="L'eau")
    assert Marche.objects.filter(objet="L’eau").exists()


def test_what_pieces_print_is_kept_as_it_is_printed_and_a_code_as_it_is_typed(equipe):
    said = "Travaux : l'école « Les Pins » ; 2 %"
    printed = "Travaux\xa0: l’école «\u202fLes Pins\u202f»\u202f; 2\xa0%"
    data = {**FICHE, "objet": said, "lieu_execution": said, "reference": "R : 1'a"}
    equipe.browser().post(fiche_url(equipe.marche), data)
    equipe.marche.refresh_from_db()
    marche = equipe.marche
    assert (marche.objet, marche.lieu_execution) == (printed, printed)
    assert marche.reference == "R : 1'a"
    # Looked for in the signs of a keyboard, it is found.
    page = equipe.browser().get(reverse("marches:marche_list"), {"q": "travaux : l'école"})
    assert marche.get_absolute_url() in page.text


def test_the_place_is_read_on_the_page_of_the_marche(equipe):
    address = equipe.marche.get_absolute_url()
    assert "Lieu d’exécution" not in equipe.browser().get(address).content.decode()
    data = {**FICHE, "reference": "R-1", "lieu_execution": "Port-Launay"}
    equipe.browser().post(fiche_url(equipe.marche), data)
    page = equipe.browser().get(address).content.decode()
    assert "<dt>Lieu d’exécution</dt><dd>Port-Launay</dd>" in page
