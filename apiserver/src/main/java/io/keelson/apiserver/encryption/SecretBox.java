package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * NaCl's secret box, XSalsa20 and Poly1305: 24 random bytes, a tag of 16 bytes, then the encrypted value. The first 32 bytes
 * of the stream are the key of the tag. What is authenticated is the value alone.
 */
final class SecretBox implements Transformer {
    static final int SECRET = 32;

    private static final int NONCE = 24;
    private static final int TAG = 16;
    private static final int TAG_KEY = 32;

    private final KeyParameter secret;

    /** @param secret 32 bytes */
    SecretBox(byte[] secret) {
        this.secret = new KeyParameter(secret);
    }

    /** The stream behind the key of the tag, which is left in {@code tagKey}. */
    private XSalsa20Engine stream(byte[] from, byte[] tagKey) {
        XSalsa20Engine engine = new XSalsa20Engine();
        engine.init(true, new ParametersWithIV(secret, from, 0, NONCE));
        engine.processBytes(new byte[TAG_KEY], 0, TAG_KEY, tagKey, 0);
        return engine;
    }

    private static byte[] tag(byte[] tagKey, byte[] bytes, int from, int length) {
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(tagKey));
        mac.update(bytes, from, length);
        byte[] tag = new byte[TAG];
        mac.doFinal(tag, 0);
        return tag;
    }

    @Override
    public byte[] toStored(String key, byte[] value) {
        return seal(Bytes.random(NONCE), value);
    }

    byte[] seal(byte[] nonce, byte[] value) {
        byte[] tagKey = new byte[TAG_KEY];
        XSalsa20Engine stream = stream(nonce, tagKey);
        byte[] stored = Arrays.copyOf(nonce, NONCE + TAG + value.length);
        stream.processBytes(value, 0, value.length, stored, NONCE + TAG);
        System.arraycopy(tag(tagKey, stored, NONCE + TAG, value.length), 0, stored, NONCE, TAG);
        return stored;
    }

    @Override
    public Transformer.Plain fromStored(String key, byte[] stored) throws GeneralSecurityException {
        int length = stored.length - NONCE - TAG;
        if (length < 0) {
            throw new GeneralSecurityException("the stored data was shorter than the required size");
        }
        byte[] tagKey = new byte[TAG_KEY];
        XSalsa20Engine stream = stream(stored, tagKey);
        byte[] wanted = tag(tagKey, stored, NONCE + TAG, length);
        byte[] tag = Arrays.copyOfRange(stored, NONCE, NONCE + TAG);
        if (!MessageDigest.isEqual(wanted, tag)) {
            // The words of the original, whatever they may mean.
            throw new GeneralSecurityException("output array was not large enough for encryption");
        }
        byte[] value = new byte[length];
        stream.processBytes(stored, NONCE + TAG, length, value, 0);
        return new Transformer.Plain(value, false);
    }
}
