#!/usr/bin/env python
import os
import sys


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
    from procurement.ui.refus import CommandLine, refuse_in_french

    refuse_in_french()
    CommandLine(sys.argv, name=os.environ.get("WM_COMMANDE", "manage.py")).execute()
