"""« Qui peut quoi »: the policy, printed from the code."""

from procurement.access.views.matrix import matrix_read


__all__ = ["matrix_read"]
