"""Verbs on the pièces: the only writers of their tables."""

from wikimarche.services.edits import (
    MAX_BEHIND,
    CommitAnswer,
    EditRefused,
    commit_after,
    commit_edit,
    commits_since,
)
from wikimarche.services.exports import ask_export, record_export
from wikimarche.services.images import add_image
from wikimarche.services.importations import (
    abandon_importation,
    accept_importation,
    correct_importation,
    follow_verdict,
    import_document,
    import_received,
    judge_received,
    read_document,
    receive_document,
    refuse_importation,
    title_of,
    undo_correction,
)
from wikimarche.services.pieces import (
    create_piece,
    reinstate_piece,
    rename_piece,
    reopen_piece,
    submit_piece,
    withdraw_piece,
)
from wikimarche.services.presences import show_presence
from wikimarche.services.restorations import restore_article, restore_piece
from wikimarche.services.structure import (
    add_article,
    indent_article,
    merge_article,
    move_article,
    move_down,
    move_up,
    outdent_article,
    reinstate_article,
    retire_article,
    split_article,
    unmerge_article,
    unsplit_article,
)
from wikimarche.services.versions import name_version


__all__ = [
    "MAX_BEHIND",
    "CommitAnswer",
    "EditRefused",
    "abandon_importation",
    "accept_importation",
    "add_article",
    "add_image",
    "ask_export",
    "commit_after",
    "commit_edit",
    "commits_since",
    "correct_importation",
    "create_piece",
    "follow_verdict",
    "import_document",
    "import_received",
    "indent_article",
    "judge_received",
    "merge_article",
    "move_article",
    "move_down",
    "move_up",
    "name_version",
    "outdent_article",
    "read_document",
    "receive_document",
    "record_export",
    "refuse_importation",
    "reinstate_article",
    "reinstate_piece",
    "rename_piece",
    "reopen_piece",
    "restore_article",
    "restore_piece",
    "retire_article",
    "show_presence",
    "split_article",
    "submit_piece",
    "title_of",
    "undo_correction",
    "unmerge_article",
    "unsplit_article",
    "withdraw_piece",
]
