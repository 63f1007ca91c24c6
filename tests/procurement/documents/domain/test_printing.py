from procurement.documents.domain.printing import prepare_body


def test_rows_of_headers_become_the_repeated_head():
    body = (
        "<table><tbody><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>"
    )
    shown = prepare_body(body)
    assert '<thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>' in shown
    assert shown.index("<thead>") < shown.index("<tbody>")


def test_a_table_of_headers_alone_is_left_as_it_is():
    assert "thead" not in prepare_body("<table><tbody><tr><th>A</th></tr></tbody></table>")


def test_scripts_handlers_styles_and_comment_marks_go():
    shown = prepare_body(
        '<p onclick="x()" style="color:red">Un <mark class="wm-ancre" data-fil="1">deux</mark>'
        "<script>alert(1)</script><iframe src=http://x></iframe><!-- c --></p>"
    )
    assert shown == "<p>Un deux</p>"


def test_image_is_named_or_told():
    body = '<p>Avant</p><img data-fichier="f1" alt="Plan du site"><p>Après</p>'
    assert 'src="media:f1"' in prepare_body(body, image=lambda fichier: f"media:{fichier}")
    assert "[Image\u202f: Plan du site]" in prepare_body(body)


def test_link_to_an_absent_article_is_plain_text():
    body = '<p><a class="wm-renvoi" href="#a-1">article 1</a></p>'
    assert 'href="#a-1"' in prepare_body(body, anchors={"a-1"})
    assert "href" not in prepare_body(body, anchors=set())


def test_an_image_keeps_its_width_and_nothing_else_of_its_style():
    body = '<img data-fichier="f1" width="{}" height="20" style="position:fixed" alt="a">'
    shown = prepare_body(body.format(300), image=lambda fichier: "media:f1")
    assert 'style="width: 300px"' in shown
    for hostile in ("0", "-3", "99999", "3;position:fixed", "٣"):
        shown = prepare_body(body.format(hostile), image=lambda fichier: "media:f1")
        assert "style" not in shown
