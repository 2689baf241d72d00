package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-GCM with another key for each value, derived from one seed (HKDF's second half, with SHA-256) and 32 random bytes,
 * which stand before the value. So random nonces never wear a key out.
 */
final class SeededGcm implements Transformer {
    static final int SEED = 32;

    private static final int INFO = 32;

    private final SecretKeySpec seed;

    /** @throws GeneralSecurityException if the seed is too short */
    SeededGcm(byte[] seed) throws GeneralSecurityException {
        if (seed.length < SEED) {
            throw new GeneralSecurityException("invalid seed length " + seed.length + " used for key generation");
        }
        this.seed = new SecretKeySpec(seed, "HmacSHA256");
    }

    private AesGcm derived(byte[] info) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(seed);
        mac.update(info);
        // One block of HKDF is as long as the key.
        mac.update((byte) 1);
        return new AesGcm(mac.doFinal());
    }

    @Override
    public byte[] toStored(String key, byte[] value) throws GeneralSecurityException {
        byte[] info = Bytes.random(INFO);
        return Bytes.concat(info, derived(info).toStored(key, value));
    }

    @Override
    public Transformer.Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        if (stored.length < INFO) {
            throw new GeneralSecurityException("the stored data was shorter than the required size");
        }
        byte[] info = Arrays.copyOf(stored, INFO);
        return derived(info).fromStored(key, Bytes.from(stored, INFO));
    }
}
