"""What `check --deploy` finds, in the words of who runs the server: what it is, what to do."""

SENTENCES = {
    "accounts.E001": (
        "Les limites de connexion ne sont pas partagées entre les processus.",
        "Laisser au cache «\u202fdefault\u202f» la base de données.",
    ),
    "accounts.E002": (
        "Un réglage permet de contourner le second facteur.",
        "Retirer les réglages MFA_… ajoutés à la main.",
    ),
    "accounts.E003": (
        "Le site répond sous n’importe quel nom\u202f: un lien forgé peut partir dans un courriel.",
        "Donner dans PUBLIC_URL l’adresse que les gens tapent, et elle seule.",
    ),
    "accounts.E004": (
        "C’est une démonstration\u202f: mots de passe connus de tous, second facteur facultatif.",
        "Retirer DEMO de l’environnement avant d’y mettre de vrais marchés.",
    ),
    "accounts.E005": (
        "Les courriels s’écrivent dans un dossier et ne partent pas.",
        "Donner un serveur d’envoi dans EMAIL_URL.",
    ),
    "accounts.E006": (
        "Des connexions passent par moins de relais que déclaré\u202f: elles compteraient pour une seule adresse.",
        "Donner dans TRUSTED_PROXIES le nombre de relais placés devant le site.",
    ),
    "accounts.W001": (
        "Aucun relais déclaré\u202f: derrière un relais, toutes les connexions compteraient pour une seule adresse.",
        "Donner dans TRUSTED_PROXIES le nombre de relais placés devant le site.",
    ),
    "security.E100": (
        "La limite de durée d’un lien de mot de passe est dépassée dans les réglages.",
        "Remettre le réglage d’origine.",
    ),
    "security.W001": ("L’intergiciel de sécurité manque.", "Remettre SecurityMiddleware."),
    "security.W002": (
        "Une autre page peut afficher le site dans un cadre.",
        "Remettre XFrameOptionsMiddleware.",
    ),
    "security.W003": (
        "Une autre page peut envoyer un formulaire au nom d’une personne connectée.",
        "Remettre CsrfViewMiddleware.",
    ),
    "security.W004": (
        "Les navigateurs ne sont pas tenus de revenir en HTTPS.",
        "Donner dans PUBLIC_URL une adresse en https:// : la durée est alors d’un an.",
    ),
    "security.W005": (
        "L’obligation d’HTTPS ne vaut pas pour les sous-domaines.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W006": (
        "Un navigateur peut deviner le type d’un fichier.",
        "Remettre SECURE_CONTENT_TYPE_NOSNIFF.",
    ),
    "security.W008": (
        "Une visite en HTTP n’est pas renvoyée vers HTTPS.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W009": (
        "La clé secrète est trop courte, ou trop simple.",
        "En tirer une d’au moins 50 signes dans SECRET_KEY\u202f; chacun devra se reconnecter.",
    ),
    "security.W010": (
        "Le témoin de connexion peut voyager sans chiffrement.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W011": (
        "Le témoin de connexion peut voyager sans chiffrement.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W012": (
        "Le témoin de connexion peut voyager sans chiffrement.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W016": (
        "Le témoin des formulaires peut voyager sans chiffrement.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W018": (
        "Les pages de développement sont ouvertes\u202f: une erreur montre le code et les réglages.",
        "Retirer DEBUG de l’environnement.",
    ),
    "security.W019": (
        "Une autre page peut afficher le site dans un cadre.",
        "Remettre X_FRAME_OPTIONS à DENY.",
    ),
    "security.W020": (
        "Aucun nom de site n’est déclaré.",
        "Donner dans PUBLIC_URL l’adresse que les gens tapent.",
    ),
    "security.W021": (
        "Le site ne demande pas à figurer sur la liste des sites toujours en HTTPS.",
        "Donner dans PUBLIC_URL une adresse en https://.",
    ),
    "security.W022": (
        "L’adresse des pages visitées peut sortir du site.",
        "Remettre SECURE_REFERRER_POLICY.",
    ),
    "security.W025": (
        "Une ancienne clé secrète est trop courte, ou trop simple.",
        "La retirer de SECRET_KEY_FALLBACKS.",
    ),
}
OURS_IN_FRENCH = ("audit.", "documents.", "jobs.", "operations.")
"""These checks speak French themselves."""


def translate(number: str, message: str, hint: str) -> tuple[str, str]:
    """The sentence and what to do; what nobody has translated stays as it is said.

    >>> translate("security.W018", "You should not…", "")[1]
    'Retirer DEBUG de l’environnement.'
    >>> translate("autre.W001", "Something.", "")
    ('Something.', '')
    """
    return SENTENCES.get(number, (message, hint))
