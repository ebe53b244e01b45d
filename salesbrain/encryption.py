"""Re-export of the encrypted field for released migrations; it is defined in kernel/encryption.py."""

from salesbrain.kernel.encryption import EncryptedTextField, WrongEncryptionKey, decrypt, encrypt

__all__ = ["EncryptedTextField", "WrongEncryptionKey", "decrypt", "encrypt"]
