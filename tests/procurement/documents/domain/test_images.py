"""Images are judged by their bytes; what a phone writes after their end is cut away."""

import doctest
import io

import pytest
from PIL import Image

from procurement.documents.domain import images
from procurement.documents.domain.images import ImageRefused, cut_image, judge_image


TRAILER = b"SEFH\xff\xd9" + bytes(40) + b"SEFT"


def drawn(kind, **options):
    target = io.BytesIO()
    noise = Image.effect_noise((64, 48), 80).convert("RGB")
    noise.save(target, kind, **options)
    return target.getvalue()


SOUND = {
    "a.jpg": drawn("JPEG"),
    "progressive.jpg": drawn("JPEG", progressive=True),
    "restarts.jpg": drawn("JPEG", restart_marker_blocks=2),
    "vignette.jpg": drawn("JPEG", exif=b"Exif\x00\x00" + drawn("JPEG", quality=5)),
    "a.png": drawn("PNG"),
}


def test_doctests():
    assert doctest.testmod(images).failed == 0


@pytest.mark.parametrize("nom", SOUND)
def test_a_sound_image_is_left_as_it_is(nom):
    assert cut_image(SOUND[nom]) == SOUND[nom]
    judge_image(SOUND[nom], nom)


@pytest.mark.parametrize("nom", SOUND)
def test_what_follows_the_end_is_cut(nom):
    longer = SOUND[nom] + TRAILER
    with pytest.raises(ImageRefused):
        judge_image(longer, nom)
    assert cut_image(longer) == SOUND[nom]


@pytest.mark.parametrize("nom", SOUND)
@pytest.mark.parametrize("kept", [4, 20, 0.5, 0.9])
def test_an_image_cut_short_is_refused(nom, kept):
    short = SOUND[nom][: kept if isinstance(kept, int) else int(kept * len(SOUND[nom]))]
    with pytest.raises(ImageRefused):
        judge_image(cut_image(short), nom)
