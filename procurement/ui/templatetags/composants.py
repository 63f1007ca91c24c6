"""The components of the interface: {% load composants %}.

Each one renders templates/components/<name>.html, whose first lines say what it is, what it takes
and where it may stand. A misspelt argument raises. /composants/ (DEBUG only) shows them all.
Arguments that start with hx_, data_ or aria_ become attributes (hx_get="…" is hx-get="…").
"""

import secrets
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.core.paginator import Page
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    Field,
    RadioSelect,
)
from django.template import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from procurement.ui.etats import get_etat
from procurement.ui.fragments import render_fragment
from procurement.ui.frise import Version, place_versions
from procurement.ui.icones import SPRITE, list_icones
from procurement.ui.logs import current_request_id
from procurement.ui.teintes import tone_of
from procurement.ui.typographie import FINE


register = template.Library()


@register.simple_tag
def numero_requete() -> str:
    """The number of the request under way, to quote to who keeps the logs."""
    return current_request_id()


GENRES_DE_BOUTON = {
    "primaire": "btn-primary",
    "trait": "btn-trait",
    "lien": "btn-lien",
    "danger": "btn-danger",
}
GENRES_DE_MESSAGE = {
    # genre: (tone, icon, role). Errors interrupt the screen reader, the rest waits.
    "succes": ("sapin", "check2-circle", "status"),
    "info": ("bleu", "info-circle", "status"),
    "attention": ("ocre", "exclamation-triangle", "status"),
    "erreur": ("rouge", "exclamation-octagon", "alert"),
}
LEVELS = {"debug": "info", "info": "info", "success": "succes", "warning": "attention"}


def _render(name: str, **values: object) -> SafeString:
    compiled: Any = get_template(f"components/{name}.html")
    html = compiled.template.render(Context(values))
    return mark_safe(html.strip())  # noqa: S308 — rendered by a template that escapes


def _render_once(name: str, **values: Hashable) -> SafeString:
    """Render a component that is the same wherever these values are the same: written once."""
    return mark_safe(render_fragment(f"components/{name}.html", values).strip())  # noqa: S308


def _trim(content: SafeString) -> SafeString:
    """Drop the blanks around a block that the surrounding template has already escaped."""
    return mark_safe(content.strip())  # noqa: S308


def _attributes(values: dict[str, object]) -> SafeString:
    """Turn hx_, data_ and aria_ arguments into HTML attributes; any other name is a mistake."""
    for name in values:
        if not name.startswith(("hx_", "data_", "aria_")):
            raise TypeError(f"Unknown argument {name!r}.")
    return format_html_join(
        "",
        ' {}="{}"',
        (
            (name.replace("_", "-"), value)
            for name, value in values.items()
            if value is not None and value is not False
        ),
    )


def _put(context: Context, key: str, **values: object) -> str:
    """Keep an inner tag (tab, step, action) for the component that surrounds it."""
    context.render_context[key] = [*(context.render_context.get(key) or []), values]
    return ""


def _take(context: Context, key: str) -> list[dict]:
    values = context.render_context.get(key) or []
    context.render_context[key] = []
    return values


def _rang(person: object) -> int:
    """Return the colour of a person, of a trace she left (personne_id), or of a bare name."""
    return tone_of(getattr(person, "personne_id", None) or getattr(person, "pk", None) or person)


@register.simple_tag
def identifiant() -> str:
    """Draw the identifier of what a form will send: sent twice, it is kept once."""
    return str(uuid4())


@register.simple_tag
def fragment(nom: str, **values: Hashable) -> SafeString:
    """Include a template that reads nothing but these values; what it wrote is remembered."""
    return render_fragment(nom, values)


# ── Signs ───────────────────────────────────────────────────────────────────────────────────
@register.simple_tag
def icone(nom: str, *, titre: str = "", ton: str = "") -> SafeString:
    """Draw an icon of the sprite. Decorative beside a word; with titre when it stands alone."""
    return _draw_icone(nom, titre, ton, static(SPRITE))


@lru_cache(maxsize=512, typed=True)
def _draw_icone(nom: str, titre: str, ton: str, sprite: str) -> SafeString:
    if nom not in list_icones():
        raise ValueError(f"No icon {nom!r} in the sprite: add it to frontend/icons.txt, build.")
    href = f"{sprite}#i-{nom}"
    classes = f"i e-{ton}" if ton else "i"
    if titre:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>',
            classes,
            titre,
            href,
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def etat(
    valeur: str = "",
    famille: str = "",
    *,
    mot: str = "",
    icone: str = "",
    ton: str = "",
    fond: bool = False,
) -> SafeString:
    """Show a state: {% etat piece.statut "piece" %}, or icone, mot and ton given by hand."""
    if famille:
        connu = get_etat(famille, valeur)
        icone, mot, ton = icone or connu.icone, mot or connu.mot, ton or connu.ton
    return _render_once("etat", icone=icone, mot=mot, ton=ton, fond=fond)


@register.simple_tag
def enregistrement(*, statut: str = "enregistre", instant: str = "", version: int | None = None):
    """Say what happened to the text: saved, saving, kept here, another text arrived."""
    return _render(
        "enregistrement", etat=get_etat("enregistrement", statut), instant=instant, version=version
    )


@register.simple_tag
def initiales(person: Any, *, petit: bool = False, rang: int = 0) -> SafeString:
    """Draw the circle of a person (attribute initiales), hidden from screen readers."""
    nom = str(person)
    return _render_once(
        "initiales", initiales=person.initiales, nom=nom, petit=petit, rang=rang or _rang(person)
    )


@register.simple_tag
def personne(person: object, *, fonction: str = "", vous: bool = False, rang: int = 0):
    """Show a person: circle, name, function."""
    return _render(
        "personne", personne=person, fonction=fonction, vous=vous, rang=rang or _rang(person)
    )


@register.simple_tag
def presences(people: Sequence[object], *, vous: object = None) -> SafeString:
    """Show who is here now: circles that overlap, names for screen readers."""
    noms = ", ".join("vous" if person == vous else str(person) for person in people)
    return _render("presences", personnes=people, noms=noms)


# ── Actions ─────────────────────────────────────────────────────────────────────────────────
@register.simple_block_tag
def bouton(
    content: SafeString,
    *,
    genre: str = "primaire",
    href: str = "",
    type: str = "submit",
    icone: str = "",
    refus: str = "",
    refus_href: str = "",
    dite: str = "",
    court: bool = False,
    seul: bool = False,
    id: str = "",
    nom: str = "",
    valeur: str = "",
    titre: str = "",
    **attributes: object,
) -> SafeString:
    """Render a button, or a link that looks like one; refused with its reason when refus is set."""
    # Two refusals of one page do not share an identifier: a refused button is never the same.
    render = _render if refus else _render_once
    return render(
        "bouton",
        content=_trim(content),
        classe=GENRES_DE_BOUTON[genre],
        href=href,
        type=type,
        icone=icone,
        refus=refus,
        refus_href=refus_href,
        dite=dite,
        court=court,
        seul=seul,
        id=id,
        nom=nom,
        valeur=valeur,
        titre=titre,
        raison=(dite or f"refus-{secrets.token_hex(4)}") if refus else "",
        attributs=_attributes(attributes),
    )


@register.simple_tag
def raison(id: str, phrase: str, *, href: str = "") -> SafeString:
    """Say once why several buttons are refused: each names this sentence with dite."""
    return _render("raison", id=id, phrase=phrase, href=href)


# ── Page ────────────────────────────────────────────────────────────────────────────────────
@register.simple_block_tag(takes_context=True)
def miette(context: Context, content: SafeString, href: str = "") -> str:
    """Add a step to the breadcrumb that surrounds it; without href it is the present page."""
    return _put(context, "miettes", mot=_trim(content), href=href)


@register.simple_block_tag(takes_context=True)
def fil(context: Context, content: SafeString) -> SafeString:
    """Render the breadcrumb made of its {% miette %}."""
    return _render("fil", miettes=_take(context, "miettes"))


@register.simple_block_tag
def entete(
    content: SafeString, *, titre: str, sous_titre: str = "", sur_titre: str = ""
) -> SafeString:
    """Render the head of a page; its content is the action."""
    return _render(
        "entete", titre=titre, sous_titre=sous_titre, sur_titre=sur_titre, action=_trim(content)
    )


@register.simple_block_tag
def encart(
    content: SafeString, *, genre: str = "", titre: str = "", ton: str = "", icone: str = ""
) -> SafeString:
    """Render a framed zone: « faire » (the thing to do now), « dire » (a notice), or plain."""
    if genre not in {"", "faire", "dire"}:
        raise ValueError(f"Unknown genre {genre!r}.")
    return _render("encart", content=content, genre=genre, titre=titre, ton=ton, icone=icone)


@register.simple_block_tag(takes_context=True)
def etape(context: Context, content: SafeString, *, statut: str = "", detail: str = "") -> str:
    """Add a step to {% etapes %}: statut is fait, ici, arret, or empty."""
    return _put(context, "etapes", mot=_trim(content), statut=statut, detail=detail)


@register.simple_block_tag(takes_context=True)
def etapes(context: Context, content: SafeString, *, label: str) -> SafeString:
    """Render the steps of a procedure, made of its {% etape %}."""
    return _render("etapes", etapes=_take(context, "etapes"), label=label)


@register.simple_tag
def pas(fait: int, total: int, *, arrete: bool = False) -> SafeString:
    """Draw the short form of the steps, beside their name in words.

    fait: how many lie behind; all of them when it is total. arrete: it stopped, no step is drawn.
    """
    left = (["ici"] + [""] * total)[: total - fait]
    return _render("pas", pas=["x"] * total if arrete else ["f"] * fait + left)


@register.simple_block_tag(takes_context=True)
def geste(context: Context, content: SafeString) -> str:
    """Put the action of the {% ligne %} that surrounds it at the end of the line."""
    return _put(context, "gestes", content=_trim(content))


@register.simple_block_tag(takes_context=True)
def ligne(context: Context, content: SafeString, *, quand: str, reste: str = "") -> SafeString:
    """Render a line of {% marge %}: what situates it on the left, what it says on the right."""
    return _render(
        "ligne", content=content, quand=quand, reste=reste, gestes=_take(context, "gestes")
    )


@register.simple_block_tag
def marge(content: SafeString, *, label: str = "", attend: bool = False) -> SafeString:
    """Render a dated list made of {% ligne %}."""
    return _render("marge", content=content, label=label, attend=attend)


@register.simple_block_tag
def tableau(content: SafeString, *, legende: str, visible: bool = False, id: str = ""):
    """Render a table: its content is thead and tbody; on a narrow screen rows become blocks."""
    return _render("tableau", content=content, legende=legende, visible=visible, id=id)


@register.simple_block_tag
def vide(content: SafeString, *, dit: str, icone: str = "inbox", exemple: str = "") -> SafeString:
    """Render an empty list that teaches; its content is the first action."""
    return _render("vide", content=_trim(content), dit=dit, icone=icone, exemple=exemple)


@register.simple_block_tag
def message(content: SafeString, *, genre: str = "info", ferme: bool = True) -> SafeString:
    """Render what the platform says at the top of a page."""
    ton, icon, role = GENRES_DE_MESSAGE[genre]
    return _render("message", content=_trim(content), ton=ton, icone=icon, role=role, ferme=ferme)


@register.filter
def genre_de_message(level_tag: str) -> str:
    """Return the genre of a message of django.contrib.messages."""
    return LEVELS.get(level_tag, "erreur")


# ── Long work ───────────────────────────────────────────────────────────────────────────────
@register.simple_block_tag
def progression(
    content: SafeString,
    *,
    id: str,
    titre: str,
    statut: str,
    fait: int = 0,
    total: int = 0,
    dit: str = "",
    url: str = "",
    raison: str = "",
) -> SafeString:
    """Render a job; while it lasts the browser asks url again each second and swaps the answer.

    statut: a value of StatutJob. The content (a link to the result) shows when the job is done.
    """
    return _render(
        "progression",
        id=id,
        content=content,
        titre=titre,
        statut=statut,
        etat=get_etat("job", statut),
        vit=statut in {"en_file", "en_cours"},
        fait=fait,
        total=total,
        dit=dit,
        url=url,
        raison=raison,
    )


# ── Forms ───────────────────────────────────────────────────────────────────────────────────
def _describe(field: BoundField) -> str:
    names = [f"{field.auto_id}_helptext"] if field.help_text else []
    return " ".join([*names, *([f"{field.auto_id}_error"] if field.errors else [])])


_MISSING = Field.default_error_messages["required"]


def _tell_errors(field: BoundField, label: str, missing: str) -> list[str]:
    """The errors of a field; Django's word for an empty one names no field, ours does."""
    faults = field.errors.as_data()
    return [
        missing.format(label=label) if fault.message == _MISSING else str(said)
        for fault, said in zip(faults, field.errors, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Faute:
    """A line of a summary of errors: the field it leads to, its name, the first thing to mend."""

    href: str
    label: str
    dit: str


def _faults(form: BaseForm, prefix: str = "") -> list[Faute]:
    return [
        Faute(
            f"#{field.id_for_label or field.auto_id}",
            f"{prefix}{field.label}",
            _tell_errors(field, str(field.label), "à remplir.")[0],
        )
        for field in form.visible_fields()
        if field.errors
    ]


@register.simple_tag
def champ(
    field: BoundField, *, unite: str = "", court: bool = False, label: str = ""
) -> SafeString:
    """Render one field: label, help, input, error, tied together for screen readers."""
    widget = field.field.widget
    grouped = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    ticked = isinstance(widget, CheckboxInput)
    if grouped or ticked:
        css = "form-check-input"
    elif getattr(widget, "input_type", "") == "select":
        css = "form-select"
    else:
        css = "form-control"
    attrs: dict[str, str | bool] = {"class": f"{widget.attrs.get('class', '')} {css}".strip()}
    if grouped:
        widget.attrs |= attrs
    elif described := _describe(field):
        attrs["aria-describedby"] = described
    return _render(
        "champ",
        champ=field,
        saisie="" if grouped else field.as_widget(attrs=attrs),
        groupe=grouped,
        coche=ticked,
        decrit=_describe(field),
        unite=unite,
        court=court,
        label=label or field.label,
        fautes=_tell_errors(
            field, label or str(field.label), f"«{FINE}{{label}}{FINE}» est obligatoire."
        ),
    )


@register.simple_tag
def saisie(field: BoundField) -> SafeString:
    """Render the input alone, dressed; its label stands beside it."""
    select = getattr(field.field.widget, "input_type", "") == "select"
    return field.as_widget(attrs={"class": "form-select" if select else "form-control"})


@register.simple_tag
def erreurs(form: BaseForm, *, titre: str = "") -> SafeString:
    """Render the summary of errors, first thing of a form; nothing when there is none.

    titre: what did not happen, when no field is at fault.
    """
    if not form.errors:
        return mark_safe("")
    return _render("erreurs", generales=form.non_field_errors(), fautes=_faults(form), titre=titre)


@register.simple_tag
def erreurs_rangs(rangs: Iterable[tuple[int, BaseForm]]) -> SafeString:
    """Render the summary of errors of rows, each named after its place in the page."""
    fautes = [
        faute
        for place, (_, form) in enumerate(rangs, start=1)
        for faute in _faults(form, f"Ligne {place}, ")
    ]
    return _render("erreurs", generales=[], fautes=fautes, titre="") if fautes else mark_safe("")


@register.simple_tag
def formulaire(form: BaseForm, *, titre: str = "") -> SafeString:
    """Render a whole form: summary of errors, hidden fields, then each field in its order."""
    return _render("formulaire", form=form, titre=titre)


@register.simple_block_tag
def filtre(
    content: SafeString,
    *,
    href: str = "",
    actif: bool = False,
    compte: int | None = None,
    **attributes: object,
) -> SafeString:
    """Render a chip of {% filtres %}: a link with href, otherwise a button that a script reads."""
    return _render(
        "filtre",
        content=_trim(content),
        href=href,
        actif=actif,
        compte=compte,
        attributs=_attributes(attributes),
    )


@register.simple_block_tag
def filtres(content: SafeString, *, label: str = "Filtrer") -> SafeString:
    """Group chips under a name."""
    return _render("filtres", content=content, label=label)


# ── Panels ──────────────────────────────────────────────────────────────────────────────────
@register.simple_block_tag(takes_context=True)
def onglet(
    context: Context,
    content: SafeString,
    *,
    id: str,
    titre: str,
    actif: bool = False,
    compte: int | None = None,
    href: str = "",
    charge: str = "",
) -> str:
    """Add a tab to {% onglets %}.

    href: the page that shows it without script. charge: address of the fragment fetched when the
    tab is first opened.
    """
    return _put(
        context,
        "onglets",
        id=id,
        titre=titre,
        actif=actif,
        compte=compte,
        href=href,
        charge=charge,
        content=content,
    )


@register.simple_block_tag(takes_context=True)
def onglets(context: Context, content: SafeString, *, label: str, page: bool = False):
    """Render tabs made of {% onglet %}, in a panel or, with page, across a page. Not nested."""
    tabs = _take(context, "onglets")
    if tabs and not any(tab["actif"] for tab in tabs):
        tabs[0]["actif"] = True
    return _render("onglets", onglets=tabs, label=label, page=page)


@register.simple_block_tag
def volet(
    content: SafeString,
    *,
    id: str,
    titre: str,
    cote: str = "start",
    pli: str = "",
    classe: str = "",
    balise: str = "aside",
) -> SafeString:
    """Render a panel that slides over the page; with pli (lg, xl) it stands beside it above that."""
    if balise not in {"aside", "nav", "section"} or cote not in {"start", "end"}:
        raise ValueError("balise is aside, nav or section; cote is start or end.")
    return _render(
        "volet",
        content=content,
        id=id,
        titre=titre,
        cote=cote,
        classe=f"offcanvas{'-' + pli if pli else ''} offcanvas-{cote} {classe}".strip(),
        balise=balise,
    )


@register.simple_block_tag
def dialogue(content: SafeString, *, id: str, titre: str) -> SafeString:
    """Render a dialogue, opened by any button with data-wm-dialogue="<id>"."""
    return _render("dialogue", content=content, id=id, titre=titre)


# ── Documents ───────────────────────────────────────────────────────────────────────────────
@register.simple_tag
def sommaire(entries: Sequence[object], *, courant: str = "") -> SafeString:
    """Render an outline. An entry: numero, titre, href, id, enfants, marques (ton, icone, mot, n)."""
    return _render("sommaire", entrees=entries, courant=str(courant))


@register.simple_tag
def frise(versions: Sequence[Version], *, de: int, a: int, action: str = "") -> SafeString:
    """Render the timeline of versions, a form that works without script (fields de and a)."""
    marks = place_versions(versions, de=de, a=a)
    places = {mark.version.numero: mark for mark in marks}
    return _render(
        "frise",
        reperes=marks,
        versions=list(reversed(versions)),
        de=places[de],
        a=places[a],
        debut=min(places[de].x, places[a].x),
        longueur=abs(places[a].x - places[de].x),
        action=action,
    )


@register.simple_tag
def repere(
    numero: int, *, href: str, ton: str = "", courant: bool = False, dit: str = ""
) -> SafeString:
    """Render the number of a change, in the margin of the sheet. dit: what was done, read aloud."""
    return _render("repere", numero=numero, href=href, ton=ton, courant=courant, dit=dit)


@register.simple_block_tag
def deplace(
    content: SafeString,
    *,
    id: str,
    numero: int,
    ancien: str,
    nouveau: str,
    courant: bool = False,
) -> SafeString:
    """Render an article that moved: frame, sentence, then its text."""
    return _render(
        "deplace",
        content=content,
        id=id,
        numero=numero,
        ancien=ancien,
        nouveau=nouveau,
        courant=courant,
    )


@register.simple_tag
def parti(*, ancien: str, nouveau: str, href: str) -> SafeString:
    """Render the place that a moved article left."""
    return _render("parti", ancien=ancien, nouveau=nouveau, href=href)


@register.simple_block_tag
def carte_preuve(
    content: SafeString, *, rapport: object, le: str, ruptures: Sequence[object] = ()
) -> SafeString:
    """Say in plain words what an integrity check found.

    rapport: ok, chains, entries. ruptures: each with words, and with quoi and href where the thing
    has a name. le: when it was made. The content (evidence pack, what to do) closes the card.
    """
    return _render("carte_preuve", content=content, rapport=rapport, ruptures=ruptures, le=le)


# ── Lists and navigation ────────────────────────────────────────────────────────────────────
@register.simple_tag(takes_context=True)
def pagination(context: Context, page: Page, *, mot: str = "résultat") -> SafeString:
    """Render the pages of a list, keeping the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    prefix = f"?{query.urlencode()}&page=" if query else "?page="
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return _render("pagination", page=page, prefixe=prefix, numeros=list(numbers), mot=mot)


@register.simple_tag(takes_context=True)
def lien_nav(context: Context, mot: str, nom: str, *, icone: str = "", exact: bool = False):
    """Render an entry of the navigation, current on its pages; nothing when the address is absent."""
    try:
        href = reverse(nom)
    except NoReverseMatch:
        return mark_safe("")
    path = context["request"].path if "request" in context else ""
    here = path == href if exact else path.startswith(href)
    return _render("lien_nav", href=href, mot=mot, icone=icone, ici=here)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> SafeString:
    """Return the attribute of <html> for a remembered theme; the system decides without one."""
    chosen = context["request"].COOKIES.get("theme") if "request" in context else ""
    if chosen not in {"light", "dark"}:
        return mark_safe("")
    return format_html(' data-bs-theme="{}"', chosen)
