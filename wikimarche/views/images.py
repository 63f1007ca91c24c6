"""Images of the text."""

from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST

from procurement.access.services import gate
from procurement.documents.services import DocumentRefused, serve_file
from wikimarche.permissions import Action
from wikimarche.services import add_image


@require_GET
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
    return JsonResponse({"id": str(made.pk)})
