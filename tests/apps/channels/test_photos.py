"""Photos: the content decides, the picture is written anew, metadata stays behind, odd files are refused in words."""

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, PngImagePlugin

from gongzhi.apps.actors.public import RESIDENT
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.photos import MAX_PIXELS, MAX_SIDE
from gongzhi.apps.channels.public import NewReport, Photo, PhotoError, clean_photo
from tests.cast import MONDAY, Cast


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def written(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def refused(content: bytes, name: str = "photo.jpg") -> str:
    with pytest.raises(PhotoError) as error:
        clean_photo(upload(content, name))
    assert error.value.what_to_do()
    return str(error.value)


def test_a_photo_of_fifty_megabytes_is_refused_before_it_is_opened() -> None:
    picture = written(Image.new("RGB", (40, 30), "green"))
    assert "MB" in refused(picture + b"\0" * (50 * 1024 * 1024))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#!/bin/sh\nrm -rf /\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?php system($_GET['c']); ?>",
        b"\xff\xd8\xff\xe0 this only begins like a JPEG",
        b"PK\x03\x04 a zip archive",
        written(Image.new("RGB", (9, 9)), "GIF"),
        written(Image.new("RGB", (9, 9)), "BMP"),
        written(Image.new("RGB", (9, 9)), "TIFF"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_whatever_its_name_says(content: bytes) -> None:
    assert "photo" in refused(content)


def test_a_script_behind_a_picture_does_not_survive() -> None:
    picture = written(Image.new("RGB", (40, 30), "green"))
    cleaned = clean_photo(upload(picture + b"<script>alert(1)</script>", "../../evil.php"))
    assert b"script" not in cleaned.content
    assert opened(cleaned.content).size == (40, 30)


def test_metadata_and_the_place_where_it_was_taken_stay_behind() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "PhoneMaker"
    exif[ExifTags.Base.Artist] = "Somebody"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (30.0, 1.0, 2.0)
    taken = written(
        Image.new("RGB", (60, 40), "red"), exif=exif, comment=b"taken by me", icc_profile=b"profile"
    )
    assert opened(taken).getexif().get_ifd(ExifTags.IFD.GPSInfo), "the picture that comes in has it"

    cleaned = clean_photo(upload(taken))

    image = opened(cleaned.content)
    assert not image.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
    for trace in (b"PhoneMaker", b"Somebody", b"taken by me", b"Exif"):
        assert trace not in cleaned.content


def test_words_in_a_png_stay_behind() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Somebody at home")
    cleaned = clean_photo(upload(written(Image.new("RGB", (9, 9)), "PNG", pnginfo=words), "photo.png"))
    assert b"Somebody" not in cleaned.content
    assert opened(cleaned.content).format == "JPEG"


def test_a_photo_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    cleaned = clean_photo(upload(written(Image.new("RGB", (60, 40)), exif=exif)))
    assert (cleaned.width, cleaned.height) == (40, 60)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_see_through_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0)).convert(mode) if mode != "PA" else None
    if image is None:
        image = Image.new("P", (20, 20), 0)
        content = written(image, "PNG", transparency=0)
    else:
        content = written(image, "PNG")
    cleaned = opened(clean_photo(upload(content, "photo.png")).content)
    assert cleaned.mode == "RGB"
    assert cleaned.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "kind"), [("L", "JPEG"), ("CMYK", "JPEG"), ("I;16", "PNG"), ("1", "PNG"), ("RGB", "WEBP")]
)
def test_every_kind_of_picture_becomes_a_plain_jpeg(mode: str, kind: str) -> None:
    cleaned = opened(clean_photo(upload(written(Image.new(mode, (30, 20)), kind))).content)
    assert (cleaned.mode, cleaned.size, cleaned.format) == ("RGB", (30, 20), "JPEG")


def test_a_large_photo_is_made_small_enough() -> None:
    cleaned = clean_photo(upload(written(Image.new("RGB", (5_000, 2_500), "blue"))))
    assert (cleaned.width, cleaned.height) == (MAX_SIDE, MAX_SIDE // 2)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_photo_that_breaks_off_is_refused(kept: float) -> None:
    image = Image.effect_noise((300, 200), 90)
    content = written(image)
    assert "photo" in refused(content[: int(len(content) * kept)])
    content = written(image, "PNG")
    assert "photo" in refused(content[: int(len(content) * kept)], "photo.png")


def _png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30_000, 30_000), (100_000, 600), (2**31 - 1, 2**31 - 1), (0, 0)])
def test_a_decompression_bomb_is_refused_before_it_unpacks(size: tuple[int, int]) -> None:
    assert size == (0, 0) or size[0] * size[1] > MAX_PIXELS
    assert "photo" in refused(_png_that_claims(*size), "photo.png")


def test_the_same_photo_twice_is_kept_once_and_nothing_of_its_name(
    cast: Cast, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    one = clean_photo(upload(written(Image.new("RGB", (40, 30), "green")), "me and my home.jpg"))
    other = clean_photo(upload(written(Image.new("RGB", (40, 30), "red"))))
    new = NewReport(text="路灯坏了", form_key="f1", photos=(one, other, one))
    first = channels.receive_report(jurisdiction=cast.office, channel="web", new=new, by=RESIDENT, at=MONDAY)
    again = channels.receive_report(jurisdiction=cast.office, channel="web", new=new, by=RESIDENT, at=MONDAY)
    second = channels.receive_report(
        jurisdiction=cast.office,
        channel="web",
        new=NewReport(text="另一件事", photos=(one,)),
        by=RESIDENT,
        at=MONDAY,
    )
    photos = channels.photos_of([first.report.pk, second.report.pk])
    assert not again.is_new
    assert [p.sha256 for p in photos[first.report.pk]] == [one.sha256, other.sha256]
    assert [p.sha256 for p in photos[second.report.pk]] == [one.sha256]
    files = [path.name for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert sorted(files) == sorted(f"{p.sha256}.jpg" for p in (one, other))
    assert Photo.objects.count() == 3
