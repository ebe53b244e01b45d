"""Re-exports for released migrations; the field lives in `kernel.encryption`."""

from salesbrain.kernel.encryption import EncryptedTextField, WrongEncryptionKey, decrypt, encrypt

__all__ = ["EncryptedTextField", "WrongEncryptionKey", "decrypt", "encrypt"]
