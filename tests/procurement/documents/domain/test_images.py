"""Where an image ends, whatever the program that wrote it added."""

import io

import pytest
from PIL import Image

from procurement.documents.domain.images import ImageRefused, judge_image


def jpeg(*, thumbnail=b""):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG")
    content = out.getvalue()
    size = (len(thumbnail) + 2).to_bytes(2, "big")
    return content[:2] + (b"\xff\xe1" + size + thumbnail if thumbnail else b"") + content[2:]


@pytest.mark.parametrize("after", [b"", b"\x00" * 9, b"\x00\x68\x00\x00\x44\xff\x00"])
def test_bytes_after_the_end_hinder_nobody(after):
    assert judge_image(jpeg() + after, "logo.jpeg") == "image/jpeg"


@pytest.mark.parametrize("thumbnail", [b"", b"Exif" + jpeg()])
def test_a_truncated_image_is_refused_whatever_its_thumbnail(thumbnail):
    whole = jpeg(thumbnail=thumbnail)
    assert judge_image(whole, "photo.jpg") == "image/jpeg"
    for kept in (len(whole) - 2, len(whole) - 60):
        with pytest.raises(ImageRefused):
            judge_image(whole[:kept], "photo.jpg")
