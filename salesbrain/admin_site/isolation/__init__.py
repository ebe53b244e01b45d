"""The proof that no customer sees another: built, walked and undone on the very database that serves."""

from salesbrain.admin_site.isolation.proof import prove

__all__ = ["prove"]
