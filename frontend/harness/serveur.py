"""The page of a pièce and its protocol, in memory, to try the editor alone. Never shipped.

Run `python -m frontend.harness.serveur PORT` from the root of the repository, open
http://127.0.0.1:PORT/?moi=nadia and, in another browser, ?moi=herve. The real step authority of
wikimarche.domain answers; rights, storage and sign-in do not exist here.
"""

import json
import re
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from wikimarche.domain.render import Context, render_corps, render_notes
from wikimarche.domain.schema import SchemaRefused
from wikimarche.domain.authority import commit_steps
from wikimarche.domain.rebase import carry_steps


DIST = Path(__file__).resolve().parents[2] / "static" / "dist"
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
PEOPLE = {
    "nadia": ("11111111-1111-4111-8111-111111111111", "Nadia Belkacem", "NB"),
    "herve": ("22222222-2222-4222-8222-222222222222", "Hervé Tanguy", "HT"),
}
SAID = {"retirer": "L’article est retiré.", "fusionner": "Les deux articles n’en font plus qu’un."}
VARIABLES = [
    {"chemin": "marche.duree_mois", "libelle": "Durée du marché", "valeur": "48 mois"},
    {"chemin": "marche.objet", "libelle": "Objet du marché", "valeur": "Nettoyage des locaux"},
    {"chemin": "marche.montant", "libelle": "Montant estimé", "valeur": ""},
]


@dataclass
class Article:
    titre: str
    niveau: int
    corps: dict
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    commits: list = field(default_factory=list)
    retire: bool = False
    fige: bool = False

    @property
    def numero(self) -> int:
        return len(self.commits)


def text(*words: str) -> dict:
    blocks = [
        {
            "type": "paragraph",
            "attrs": {"id": uuid.uuid4().hex[:10]},
            "content": [{"type": "text", "text": w}],
        }
        for w in words
    ]
    return {"type": "doc", "content": blocks}


def sample() -> list[Article]:
    produits = text(
        "Pour l’entretien courant des sols, des surfaces et des sanitaires, le titulaire emploie des produits porteurs de l’Écolabel européen.",
        "Les désinfectants sont réservés aux sanitaires et à l’infirmerie.",
    )
    dosage = text(
        "Les produits concentrés sont dosés par un système fermé : centrale de dilution, pompe doseuse ou dose hydrosoluble.",
        "La fiche de dosage est affichée dans chaque local d’entretien, en français et par pictogrammes.",
    )
    dosage["content"][0]["content"].append(
        {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}
    )
    return [
        Article(
            "Objet et périmètre", 1, text("Le marché porte sur le nettoyage des locaux du siège.")
        ),
        Article(
            "Produits et consommables",
            1,
            {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": "aaaaaaaaaa"}}]},
        ),
        Article("Produits d’entretien", 2, produits),
        Article("Dosage et dilution", 2, dosage),
        Article(
            "Contrôle de la qualité",
            1,
            text("Un contrôle contradictoire a lieu chaque mois dans trois locaux tirés au sort."),
        ),
    ]


class Piece:
    def __init__(self) -> None:
        self.articles = sample()
        self.version = 1
        self.structure = 1
        self.history: list[tuple[int, str]] = []
        self.presence: dict[str, tuple[str, float]] = {}
        self.seen: dict[str, dict] = {}
        self.lock = threading.RLock()
        self.editable = True
        # Faults, counted down: answers lost after the commit, requests answered 503 before it.
        self.lose_answers = 0
        self.unavailable = 0
        self.delay = 0.0
        # A session that ended: every commit is answered as to a stranger.
        self.expired = False

    def find(self, article: str) -> Article | None:
        return next((one for one in self.articles if one.id == article), None)

    def numbers(self) -> dict[str, str]:
        counts, out = [0, 0, 0], {}
        for one in self.articles:
            if one.retire:
                continue
            counts[one.niveau - 1] += 1
            counts[one.niveau :] = [0] * (3 - one.niveau)
            out[one.id] = ".".join(str(n) for n in counts[: one.niveau])
        return out

    def advance(self, article: str) -> None:
        self.version += 1
        self.history.append((self.version, article))

    def commit(self, article: Article, data: dict, who: str) -> tuple[int, dict]:
        if before := data.get("before"):
            status, first = self.commit(article, before, who)
            if status != 200:
                return status, first
            over = [step for one in first["missing"] for step in one["steps"]]
            steps, _gone = carry_steps(
                data["steps"],
                sent=before["steps"],
                over=over,
                placed=first["steps"],
                dropped=first["dropped"],
            )
            data = {**data, "before": None, "base": first["numero"], "steps": steps}
        if data["id"] in self.seen:
            return 200, self.seen[data["id"]]
        if data.get("prev") and data["prev"] not in self.seen:
            return 409, {"erreur": "Ce qui précède n’est pas enregistré.", "code": "precedent"}
        if article.retire or article.fige:
            code = "retire" if article.retire else "fige"
            return 409, {"erreur": "Cet article ne peut plus être modifié.", "code": code}
        base = data["base"]
        if base > article.numero:
            return 409, {"erreur": "Version inconnue.", "code": "base_future"}
        missing = article.commits[base:]
        over = [step for one in missing for step in one["steps"]]
        try:
            done = commit_steps(article.corps, data["steps"], over, seed=data["id"])
        except SchemaRefused as error:
            return 400, {"erreur": str(error)}
        person = PEOPLE[who]
        row = {
            "numero": article.numero + 1,
            "id": data["id"],
            "base": base,
            "auteur": {"id": person[0], "nom": person[1]},
            "steps": done.steps,
        }
        if "titre" in data:
            article.titre = row["titre"] = data["titre"]
        article.corps = done.doc
        article.commits.append(row)
        self.advance(article.id)
        answer = {
            "numero": article.numero,
            "version": self.version,
            "instant": time.strftime("%-H h %M"),
            "missing": missing,
            "steps": done.steps,
            "dropped": list(done.dropped),
            "empreinte": "",
        }
        self.seen[data["id"]] = answer
        return 200, answer

    def operate(self, verb: str, article: Article, fields: dict) -> tuple[str, str]:
        """Return (error, article to name in the answer)."""
        at, new = self.articles.index(article), ""
        if verb == "deplacer":
            self.articles.remove(article)
            if fields.get("sens"):
                self.articles.insert(max(0, at + (-1 if fields["sens"] == "haut" else 1)), article)
            else:
                after = self.find(fields.get("apres") or fields.get("parent") or "")
                self.articles.insert(self.articles.index(after) + 1 if after else 0, article)
        elif verb in {"indenter", "desindenter"}:
            niveau = article.niveau + (1 if verb == "indenter" else -1)
            if not 1 <= niveau <= 3:
                return "Le plan de la pièce compte trois niveaux.", ""
            article.niveau = niveau
        elif verb == "ajouter":
            one = Article(
                "",
                article.niveau,
                {
                    "type": "doc",
                    "content": [{"type": "paragraph", "attrs": {"id": uuid.uuid4().hex[:10]}}],
                },
            )
            self.articles.insert(at + 1, one)
            new = one.id
        elif verb == "fusionner":
            target = self.articles[at - 1]
            target.corps = {
                "type": "doc",
                "content": [*target.corps["content"], *article.corps["content"]],
            }
            target.commits.append(
                {
                    "numero": target.numero + 1,
                    "id": str(uuid.uuid4()),
                    "auteur": {},
                    "steps": [],
                    "corps": True,
                }
            )
            article.retire, new = True, target.id
        elif verb == "retablir":
            article.retire, new = False, article.id
        elif verb == "retirer":
            if not fields.get("motif"):
                return "Dites pourquoi l’article est retiré.", ""
            article.retire = True
        elif verb == "scinder":
            if int(fields["numero"]) != article.numero:
                return "L’article a changé entre-temps.", ""
            position, size, cut = int(fields["position"]), 0, 0
            for block in article.corps["content"]:
                size += 2 + sum(len(n.get("text", " ")) for n in block.get("content", []))
                cut += 1
                if size >= position:
                    break
            rest = article.corps["content"][cut:] or [
                {"type": "paragraph", "attrs": {"id": uuid.uuid4().hex[:10]}}
            ]
            one = Article("", article.niveau, {"type": "doc", "content": rest})
            article.corps = {"type": "doc", "content": article.corps["content"][:cut]}
            article.commits.append(
                {
                    "numero": article.numero + 1,
                    "id": str(uuid.uuid4()),
                    "auteur": {},
                    "steps": [],
                    "corps": True,
                }
            )
            self.articles.insert(at + 1, one)
            new = one.id
        else:
            return "Opération inconnue.", ""
        self.version += 1
        self.structure = self.version
        return "", new

    # -- HTML

    def context(self) -> Context:
        return Context(
            variables={v["chemin"]: v["valeur"] for v in VARIABLES if v["valeur"]},
            libelles={v["chemin"]: v["libelle"] for v in VARIABLES},
        )

    def show_document(self) -> str:
        numbers, out = self.numbers(), [f'<div data-wm-document data-version="{self.version}">']
        for one in self.articles:
            # As the real page: a retired article is no longer there.
            if one.retire:
                continue
            level = one.niveau + 1
            out.append(
                f'<section class="wm-article" id="a-{one.id}" data-wm-article="{one.id}" data-numero="{one.numero}" '
                f'data-statut="actif" data-editable="true" '
                f'data-commits-url="/articles/{one.id}/commits/" data-structure-url="/articles/{one.id}/" aria-labelledby="t-{one.id}">'
                f'<h{level} id="t-{one.id}"><span class="num">{numbers.get(one.id, "")}</span><span data-wm-titre>{escape(one.titre)}</span></h{level}>'
                f'<div class="wm-corps" data-wm-corps>{render_corps(one.corps, self.context())}{render_notes(one.corps)}</div></section>'
            )
        return "".join(out) + "</div>"

    def show_outline(self) -> str:
        numbers, out, level = self.numbers(), ['<ol class="wm-sommaire" data-wm-sommaire>'], 1
        rows = [one for one in self.articles if not one.retire]
        for i, one in enumerate(rows):
            out.append(
                f'<li data-wm-entree="{one.id}"><a href="#a-{one.id}" draggable="true"><span class="n">{numbers[one.id]}</span><span>{escape(one.titre)}</span></a>'
            )
            after = rows[i + 1].niveau if i + 1 < len(rows) else 1
            if after > level:
                out.append("<ol>")
            else:
                out.append("</li>" + "</ol></li>" * (level - after))
            level = max(1, min(after, level + 1))
        return "".join(out) + "</ol>"

    def show_page(self, who: str) -> str:
        moi = PEOPLE[who]
        return f"""<!doctype html><html lang="fr" data-wm-icones="/static/dist/icons.svg" data-bs-theme="light"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>CCTP · banc d’essai</title>
<meta name="csrf-token" content="{who}"><link rel="stylesheet" href="/static/dist/site.css"><link rel="stylesheet" href="/static/dist/editor.css">
<script type="module" src="/static/dist/site.js"></script><script type="module" src="/static/dist/editor.js"></script></head>
<body data-wm-moi="{moi[0]}">
<div class="wm-atelier" data-wm-piece="33333333-3333-4333-8333-333333333333" data-version="{self.version}" data-editable="{str(self.editable).lower()}"
 data-changes-url="/changes/" data-outline-url="/plan/" data-image-url="/fichiers/00000000-0000-0000-0000-000000000000/">
<a class="evite" href="#contenu">Aller au contenu</a>
<div class="wm-haut"><header class="wm-bandeau"><a class="wm-marque" href="/">Wiki-Marché</a></header>
<section class="wm-piece" aria-label="La pièce"><div class="qui"><h1>Cahier des clauses techniques particulières</h1></div>
<div class="actions"><div class="d-flex flex-column align-items-end me-2 wm-qui-la"><div class="wm-la" role="group" aria-label="Ici" data-wm-presences><span class="wm-init p c1" data-moi aria-hidden="true">{moi[2]}</span></div>
<span class="wm-enreg e-sapin" data-wm-enregistrement data-connexion-url="/connexion/" data-instant="9 h 00" data-version="{self.version}">Enregistré</span></div>
<form method="post" action="/sortir/" data-wm-signout><button class="btn btn-trait" type="submit">Se déconnecter</button></form></div></section></div>
<div class="wm-trois"><nav class="wm-gauche wm-col" aria-label="Sommaire de la pièce" tabindex="0"><h2 class="t3">Sommaire</h2><form method="post" action="/articles/{self.articles[-1].id}/ajouter/" data-wm-ajouter><button class="btn btn-lien" type="submit">Article</button></form>{self.show_outline()}</nav>
<main class="wm-centre wm-col" id="contenu" tabindex="-1"><div class="wm-barre" role="toolbar" aria-label="Écrire" data-wm-barre></div>
<div class="wm-feuille"><div class="wm-courant"><span>Région Armor-Loire</span><span>CCTP</span></div>{self.show_document()}</div></main>
<aside class="wm-droite" aria-label="Autour du texte"></aside></div>
<nav class="wm-bas masque-l" aria-label="Outils de la page"><a href="#contenu" aria-current="true">Texte</a></nav></div>
<div class="wm-toasts" data-wm-toasts role="region" aria-label="Messages" aria-live="polite"></div>
<script type="application/json" id="wm-variables">{json.dumps(VARIABLES)}</script>
</body></html>"""


def show_comparison(article: str) -> str:
    kinds = ["texte", "texte", "tableau", "deplacement", "texte"]
    entries = "".join(
        f'<li data-chg="g{i}" data-genre="{kind}" data-auteur="{"nadia" if i % 2 else "herve"}" data-article="a{i}"><a href="#g{i}"><span class="n">{i}</span><span>Article {i}<small>{kind}</small></span></a></li>'
        for i, kind in enumerate(kinds, 1)
    )
    articles = "".join(
        f'<option value="a{i}"{" selected" if article == f"a{i}" else ""}>Article {i}</option>'
        for i in range(1, 6)
    )
    places = "".join(
        f'<section class="wm-article" id="g{i}"><a class="wm-rep" href="#g{i}"><span class="visually-hidden">Changement </span>{i}</a><h3>Article {i}</h3><p>{"Un paragraphe assez long pour défiler. " * 20}<ins>ajouté</ins></p></section>'
        for i in range(1, 6)
    )
    return f"""<!doctype html><html lang="fr" data-wm-icones="/static/dist/icons.svg"><head><meta charset="utf-8"><title>Comparer</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/dist/site.css"><script type="module" src="/static/dist/site.js"></script></head>
<body><div class="wm-atelier wm-compare" data-wm-comparaison><div class="wm-haut"><h1>Ce qui a changé</h1></div><div class="wm-trois">
<nav class="wm-gauche wm-col" aria-label="Liste des changements" tabindex="0"><div class="wm-filtres" role="group" aria-label="Filtrer">
<button class="wm-filtre" type="button" data-wm-filtre="genre" data-valeur="" aria-pressed="true">Tout 5</button>
<button class="wm-filtre" type="button" data-wm-filtre="genre" data-valeur="texte" aria-pressed="false">Texte 3</button></div>
<label for="qui">Auteur</label><select id="qui" data-wm-filtre="auteur"><option value="">Tous</option><option value="herve">Hervé Tanguy</option></select>
<label for="quoi">Article</label><select id="quoi" data-wm-filtre="article"><option value="">Tous</option>{articles}</select>
<ol class="wm-chg">{entries}</ol></nav>
<main class="wm-centre wm-col" id="contenu" tabindex="-1"><div class="wm-barre" role="toolbar" aria-label="Parcourir les changements"><span class="wm-tour">
<button class="btn btn-trait" type="button" data-wm-precedent aria-label="Changement précédent">‹</button><strong role="status" data-wm-compteur></strong><button class="btn btn-trait" type="button" data-wm-suivant aria-label="Changement suivant">›</button></span>
<span class="wm-bascule" role="group" aria-label="Présentation"><button type="button" data-wm-vue="texte" aria-pressed="true">Dans le texte</button><button type="button" data-wm-vue="cote" aria-pressed="false">Côte à côte</button></span></div>
<div class="wm-feuille">{places}</div></main>
<aside class="wm-droite" aria-label="Le changement choisi"><div class="wm-volet wm-qui" data-wm-detail="g2" hidden><h2>Article 2</h2></div></aside></div></div></body></html>"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    piece: Piece

    def log_message(self, *args: object) -> None:
        pass

    def send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": CSP,
            "Cache-Control": "no-store",
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answer(self, status: int, data: dict) -> None:
        self.send(status, json.dumps(data).encode(), "application/json")

    def html(self, body: str, **headers: str) -> None:
        self.send(200, body.encode(), "text/html; charset=utf-8", **headers)

    def do_GET(self) -> None:
        url, piece = urlsplit(self.path), self.piece
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path.startswith("/static/dist/"):
            file = DIST / url.path.removeprefix("/static/dist/")
            if file.is_file() and DIST in file.resolve().parents:
                return self.send(
                    200,
                    file.read_bytes(),
                    TYPES.get(file.suffix, "application/octet-stream"),
                    **{"Cache-Control": "max-age=3600"},
                )
            return self.send(404, b"", "text/plain")
        who = self.who()
        with piece.lock:
            if url.path == "/":
                name = query.get("moi", "nadia")
                return self.html(piece.show_page(name), **{"Set-Cookie": f"moi={name}; Path=/"})
            if url.path == "/comparer/":
                return self.html(show_comparison(query.get("article", "")))
            if url.path == "/plan/":
                return self.html(piece.show_outline() + piece.show_document())
            if url.path == "/changes/":
                return self.answer(200, self.changes(query, who))
            if match := re.fullmatch(r"/articles/([\w-]+)/commits/", url.path):
                article = piece.find(match[1])
                if not article:
                    return self.answer(404, {"erreur": "Cet article n’existe pas."})
                depuis = int(query["depuis"])
                if depuis < 0 or any(one.get("corps") for one in article.commits[depuis:]):
                    return self.answer(
                        200, {"numero": article.numero, "commits": [], "corps": article.corps}
                    )
                return self.answer(
                    200, {"numero": article.numero, "commits": article.commits[depuis:]}
                )
        return self.send(404, b"", "text/plain")

    def changes(self, query: dict, who: str) -> dict:
        piece, now = self.piece, time.monotonic()
        piece.presence[who] = (query.get("article", ""), now)
        since = int(query["version"])
        ids = {article for version, article in piece.history if version > since}
        rows = [
            {
                "id": a.id,
                "numero": a.numero,
                "titre": a.titre,
                "html": render_corps(a.corps, piece.context()),
                "auteur": "",
            }
            for a in piece.articles
            if a.id in ids
        ]
        here = [
            {
                "id": PEOPLE[name][0],
                "nom": PEOPLE[name][1],
                "rang": 2, "initiales": PEOPLE[name][2],
                "article": article,
            }
            for name, (article, seen) in piece.presence.items()
            if now - seen < 10
        ]
        return {
            "version": piece.version,
            "instant": time.strftime("%-H h %M"),
            "articles": rows,
            "structure": piece.structure > since,
            "presence": here,
            "droits": {"editer": piece.editable, "raison": "Votre rôle a changé."},
        }

    def who(self) -> str:
        return (re.search(r"moi=(\w+)", self.headers.get("Cookie", "")) or [0, "nadia"])[1]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        piece, url = self.piece, urlsplit(self.path)
        time.sleep(piece.delay)
        if url.path == "/sortir/":
            return self.html("<p>Au revoir")
        match = re.fullmatch(r"/articles/([\w-]+)/(\w+)/", url.path)
        if not self.headers.get("X-CSRFToken"):
            return self.send(403, b"<p>CSRF", "text/html")
        with piece.lock:
            if piece.unavailable > 0:
                piece.unavailable -= 1
                return self.answer(503, {"erreur": "Plus tard."})
            article = piece.find(match[1])
            if not article:
                return self.answer(404, {"erreur": "Cet article n’existe pas."})
            if match[2] == "commits":
                if piece.expired:
                    return self.send(403, b"<p>Session", "text/html")
                status, data = piece.commit(article, json.loads(body), self.who())
                if status == 200 and piece.lose_answers > 0:
                    piece.lose_answers -= 1
                    self.close_connection = True
                    return self.connection.close()
                return self.answer(status, data)
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            error, new = piece.operate(match[2], article, fields)
            if error:
                return self.answer(409, {"erreur": error})
            headers = {
                "HX-Trigger": json.dumps(
                    {"wm:message": {"texte": SAID.get(match[2], "C’est fait.")}}
                )
            }
            if new:
                headers["X-WM-Article"] = new
            return self.html(piece.show_outline() + piece.show_document(), **headers)


class Serveur:
    """The harness in a thread. url: its address; piece: its state."""

    def __init__(self, port: int = 0) -> None:
        self.piece = Piece()
        handler = type("BoundHandler", (Handler,), {"piece": self.piece})
        self.httpd = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.httpd.server_port}/"
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.httpd.shutdown()
        self.httpd.server_close()


if __name__ == "__main__":
    serveur = Serveur(int(sys.argv[1]))
    sys.stdout.write(f"{serveur.url}?moi=nadia\n")
    sys.stdout.flush()
    threading.Event().wait()
