package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES in CBC mode with PKCS #7 padding: a random block to begin with, then the encrypted blocks. Nothing tells whether
 * somebody has changed them, beyond padding that is not right.
 */
final class AesCbc implements Transformer {
    private static final int BLOCK = 16;

    private final SecretKeySpec secret;

    /** @param secret 16, 24 or 32 bytes */
    AesCbc(byte[] secret) {
        this.secret = new SecretKeySpec(secret, "AES");
    }

    private Cipher cipher(int mode, byte[] begin) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(mode, secret, new IvParameterSpec(begin));
        return cipher;
    }

    @Override
    public byte[] toStored(String key, byte[] value) throws GeneralSecurityException {
        byte[] begin = Bytes.random(BLOCK);
        int padding = BLOCK - value.length % BLOCK;
        byte[] padded = Arrays.copyOf(value, value.length + padding);
        Arrays.fill(padded, value.length, padded.length, (byte) padding);
        return Bytes.concat(begin, cipher(Cipher.ENCRYPT_MODE, begin).doFinal(padded));
    }

    @Override
    public Transformer.Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        if (stored.length < BLOCK) {
            throw new GeneralSecurityException("the stored data was shorter than the required size");
        }
        if (stored.length % BLOCK != 0) {
            throw new GeneralSecurityException("the stored data is not a multiple of the block size");
        }
        byte[] begin = Arrays.copyOf(stored, BLOCK);
        byte[] padded = cipher(Cipher.DECRYPT_MODE, begin).doFinal(stored, BLOCK, stored.length - BLOCK);
        int padding = padded.length == 0 ? 0 : padded[padded.length - 1] & 0xff;
        if (padding == 0 || padding > padded.length) {
            throw new GeneralSecurityException("invalid PKCS7 data (empty or not padded)");
        }
        for (int i = padded.length - padding; i < padded.length; i++) {
            if (padded[i] != (byte) padding) {
                throw new GeneralSecurityException("invalid padding on input");
            }
        }
        return new Transformer.Plain(Arrays.copyOf(padded, padded.length - padding), false);
    }
}
