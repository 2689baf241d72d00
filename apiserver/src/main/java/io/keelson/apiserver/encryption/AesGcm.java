package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES in GCM mode, with the key of the object in the store as what is authenticated besides the value: 12 random bytes, then
 * the encrypted value and its tag of 16 bytes.
 */
final class AesGcm implements Transformer {
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec secret;

    /** @param secret 16, 24 or 32 bytes */
    AesGcm(byte[] secret) {
        this.secret = new SecretKeySpec(secret, "AES");
    }

    private Cipher cipher(int mode, byte[] from, String key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, secret, new GCMParameterSpec(TAG_BITS, from, 0, NONCE));
        cipher.updateAAD(key.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    @Override
    public byte[] toStored(String key, byte[] value) throws GeneralSecurityException {
        byte[] nonce = Bytes.random(NONCE);
        return Bytes.concat(nonce, cipher(Cipher.ENCRYPT_MODE, nonce, key).doFinal(value));
    }

    @Override
    public Transformer.Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        if (stored.length < NONCE) {
            throw new GeneralSecurityException("the stored data was shorter than the required size");
        }
        try {
            byte[] value = cipher(Cipher.DECRYPT_MODE, stored, key).doFinal(stored, NONCE, stored.length - NONCE);
            return new Transformer.Plain(value, false);
        } catch (AEADBadTagException e) {
            throw new GeneralSecurityException("cipher: message authentication failed", e);
        }
    }
}
