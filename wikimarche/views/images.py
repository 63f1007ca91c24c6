"""Images of the text."""

from django.http import JsonResponse
from django.views.decorators.http import require_POST, require_safe

from procurement.access.services import gate
from procurement.documents.services import DocumentRefused, may_open, serve_file
from wikimarche.permissions import Action
from wikimarche.services import add_image


@require_safe
@gate(Action.IMAGE_READ)
def image(request, image):
    return serve_file(image.fichier, inline=True)


@require_POST
@gate(Action.IMAGE_ADD)
def image_add(request, piece):
    uploaded = request.FILES.get("fichier")
    if uploaded is None:
        return JsonResponse({"erreur": "Choisissez une image."}, status=400)
    try:
        made = add_image(by=request.user, piece=piece, content=uploaded, nom=uploaded.name)
    except DocumentRefused as refusal:
        return JsonResponse({"erreur": str(refusal)}, status=400)
    if may_open(made.fichier.statut):
        return JsonResponse({"id": str(made.pk)})
    avis = "L’image est gardée. Elle se verra dès que l’antivirus aura pu l’analyser."
    return JsonResponse({"id": str(made.pk), "avis": avis})
