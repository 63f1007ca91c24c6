"""Small documents made by code, in the habits of buyers: styles or none, numbers typed or not."""

import io
from zipfile import ZipFile

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image


W = nsdecls("w")
WHO = 'w:author="Léa Martin" w:date="2025-01-02T10:00:00Z"'


def png(width=40, height=20):
    target = io.BytesIO()
    Image.new("RGB", (width, height), "#1b2a49").save(target, "PNG")
    return target.getvalue()


def saved(document):
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def plain_word(*lines):
    """A .docx without any heading style. A line is a text, or (text, « gras »/« souligne »)."""
    document = docx.Document()
    for line in lines:
        text, look = line if isinstance(line, tuple) else (line, "")
        run = document.add_paragraph().add_run(text)
        run.bold = True if look == "gras" else None
        run.underline = True if look == "souligne" else None
    return saved(document)


def styled_word(*lines):
    """A .docx with heading styles: (level, text), level 0 for a paragraph."""
    document = docx.Document()
    for level, text in lines:
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    return saved(document)


def annotated_word():
    """Comments and tracked changes."""
    document = docx.Document()
    document.add_heading("Délais", 1)
    paragraph = document.add_paragraph("Le délai est de ")
    paragraph._p.append(
        parse_xml(f'<w:del {W} w:id="1" {WHO}><w:r><w:delText>trente</w:delText></w:r></w:del>')
    )
    paragraph._p.append(
        parse_xml(f'<w:ins {W} w:id="2" {WHO}><w:r><w:t>quarante</w:t></w:r></w:ins>')
    )
    run = paragraph.add_run(" jours ouvrés")
    paragraph.add_run(".")
    document.add_comment(run, text="Ouvrés ou ouvrables ?", author="Paul Petit", initials="PP")
    return saved(document)


def cropped_word(**sides):
    """An image of 40 × 20, red above and blue below, shown in part: sides as `a:srcRect` says them."""
    image, target = Image.new("RGB", (40, 20), "#0000ff"), io.BytesIO()
    image.paste("#ff0000", (0, 0, 40, 5))
    image.save(target, "PNG")
    document = docx.Document()
    document.add_heading("Page de garde", 1)
    target.seek(0)
    drawn = document.add_picture(target, width=docx.shared.Cm(10), height=docx.shared.Cm(1.25))
    blip = drawn._inline.graphic.graphicData.pic.blipFill
    kept = " ".join(f'{side}="{hidden}"' for side, hidden in sides.items())
    blip.insert(1, parse_xml(f"<a:srcRect {nsdecls('a')} {kept}/>"))
    return saved(document)


def rich_word():
    """One of each construct: lists, spans, image, note, links, field, text box, page break, quote."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "En-tête de la collectivité"
    document.add_paragraph("Cahier des clauses particulières", style="Title")
    heading = document.add_heading("Objet", 1)
    heading._p.insert(1, parse_xml(f'<w:bookmarkStart {W} w:id="7" w:name="_Ref1"/>'))
    heading._p.append(parse_xml(f'<w:bookmarkEnd {W} w:id="7"/>'))
    paragraph = document.add_paragraph("Texte ")
    paragraph.add_run("gras").bold = True
    paragraph.add_run(" et ")
    paragraph.add_run("italique").italic = True
    paragraph.add_run().add_break(docx.enum.text.WD_BREAK.PAGE)
    paragraph.add_run(" suite, voir l’article ")
    paragraph._p.append(
        parse_xml(
            f'<w:fldSimple {W} w:instr=" REF _Ref1 \\r \\h "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        )
    )
    for style, text in (
        ("List Bullet", "puce un"),
        ("List Bullet", "puce deux"),
        ("List Number", "numéro un"),
        ("List Number", "numéro deux"),
        ("Quote", "Une citation."),
    ):
        document.add_paragraph(text, style=style)
    document.add_heading("Prix", 2)
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "large"
    table.cell(0, 2).merge(table.cell(1, 2)).text = "haute"
    table.cell(1, 0).text, table.cell(1, 1).text, table.cell(2, 2).text = "b", "c", "i"
    document.add_picture(io.BytesIO(png()))
    box = document.add_paragraph("Encadré")
    box._p.append(
        parse_xml(
            f'<w:r {W} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox>'
            "<w:txbxContent><w:p><w:r><w:t>Texte de la zone</w:t></w:r></w:p></w:txbxContent>"
            "</v:textbox></v:shape></w:pict></w:r>"
        )
    )
    return saved(document)


def outlined_word():
    """Titles by outline level only, through a style of the house and directly."""
    document = docx.Document()
    style = document.styles.add_style("Article maison", 1)
    style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="0"/>'))
    document.add_paragraph("Objet", style="Article maison")
    document.add_paragraph("Texte.")
    direct = document.add_paragraph("Durée")
    direct._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="1"/>'))
    document.add_paragraph("Douze mois.")
    return saved(document)


def word_with_contents():
    """A table of contents as a field, closed in the first paragraph of the text, as Word does."""
    document = docx.Document()
    document.add_paragraph("SOMMAIRE")
    lines = (("1 Objet du marché", 3), ("1.1 Étendue", 3), ("2 Pénalitez", 4), ("3 Disparu", 5))
    for rank, (title, page) in enumerate(lines):
        paragraph = document.add_paragraph()
        if not rank:
            paragraph._p.append(parse_xml(f'<w:r {W}><w:fldChar w:fldCharType="begin"/></w:r>'))
            paragraph._p.append(
                parse_xml(f'<w:r {W}><w:instrText> TOC \\o "1-2" </w:instrText></w:r>')
            )
            paragraph._p.append(parse_xml(f'<w:r {W}><w:fldChar w:fldCharType="separate"/></w:r>'))
        paragraph.add_run(f"{title}\t{page}")
    document.add_heading("Objet du marché", 1)._p.insert(
        1, parse_xml(f'<w:r {W}><w:fldChar w:fldCharType="end"/></w:r>')
    )
    document.add_heading("Étendue", 2)
    document.add_paragraph("Texte.")
    document.add_heading("Pénalités", 1)
    document.add_paragraph("Texte.")
    return saved(document)


def repacked(package, **parts):
    """The same package with other parts (« document » is word/document.xml)."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(package)) as source, ZipFile(target, "w") as copy:
        for name in source.namelist():
            short = name.rsplit("/", 1)[-1].split(".")[0]
            copy.writestr(name, parts.get(short, source.read(name)))
    return target.getvalue()


def annotated_odt(content):
    """An .odt with one insertion, one deletion and one annotation around « jours »."""
    who = "<dc:creator>Léa Martin</dc:creator><dc:date>2025-01-02T10:00:00</dc:date>"
    regions = (
        "<office:text><text:tracked-changes>"
        '<text:changed-region text:id="c1"><text:insertion>'
        f"<office:change-info>{who}</office:change-info></text:insertion></text:changed-region>"
        '<text:changed-region text:id="c2"><text:deletion>'
        f"<office:change-info>{who}</office:change-info><text:p>trente </text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
    )
    inside = (
        '<text:change-start text:change-id="c1"/>quarante <text:change-end text:change-id="c1"/>'
        '<text:change text:change-id="c2"/><office:annotation office:name="a1">'
        f"{who}<text:p>Ouvrés ?</text:p></office:annotation>jours"
        '<office:annotation-end office:name="a1"/>'
    )
    with ZipFile(io.BytesIO(content)) as package:
        xml = package.read("content.xml").decode()
    xml = xml.replace("<office:text>", regions, 1).replace("jours", inside, 1)
    return repacked(content, content=xml)
