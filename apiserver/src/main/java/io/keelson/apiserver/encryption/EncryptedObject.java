package io.keelson.apiserver.encryption;

import io.keelson.apiserver.validation.Names;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A value as it stands in the store behind the name of a KMS plugin: encrypted with a key that the plugin has encrypted.
 *
 * @param data the encrypted value
 * @param source the encrypted key or seed, and which key of the plugin's opens it
 * @param sourceType what the source is
 */
record EncryptedObject(byte[] data, KmsService.Encrypted source, int sourceType) {
    /** The key itself. */
    static final int KEY = 0;

    /** A seed that keys are derived from. */
    static final int SEED = 1;

    private static final int KEY_ID_MAX = 1_024;
    private static final int SOURCE_MAX = 1_024;
    private static final int ANNOTATIONS_MAX = 32 * 1_024;

    /** @throws GeneralSecurityException if it is none, or not a right one */
    static EncryptedObject decode(byte[] message) throws GeneralSecurityException {
        EncryptedObject object;
        try {
            KmsMessages.Reader reader = new KmsMessages.Reader(message, 4);
            object = new EncryptedObject(
                    reader.bytes(1),
                    new KmsService.Encrypted(reader.bytes(3), reader.text(2), reader.map(4)),
                    reader.number(5));
        } catch (IOException e) {
            throw new GeneralSecurityException("proto: cannot parse invalid wire-format data", e);
        }
        object.check();
        return object;
    }

    byte[] encode() throws GeneralSecurityException {
        check();
        return new KmsMessages.Writer()
                .bytes(1, data)
                .text(2, source.keyId())
                .bytes(3, source.bytes())
                .map(4, source.annotations())
                .number(5, sourceType)
                .done();
    }

    private void check() throws GeneralSecurityException {
        if (sourceType != KEY && sourceType != SEED) {
            throw new GeneralSecurityException("unknown encryptedDEKSourceType: " + sourceType);
        }
        if (data.length == 0) {
            throw new GeneralSecurityException("encrypted data is empty");
        }
        checkSource(source);
    }

    /** @throws GeneralSecurityException if a plugin may not answer so */
    static void checkSource(KmsService.Encrypted source) throws GeneralSecurityException {
        int length = source.bytes().length;
        if (length == 0) {
            throw new GeneralSecurityException(
                    "failed to validate encrypted DEK source: encrypted DEK source is empty");
        }
        if (length > SOURCE_MAX) {
            throw new GeneralSecurityException("failed to validate encrypted DEK source: encrypted DEK source is "
                    + length + " bytes, which exceeds the max size of " + SOURCE_MAX);
        }
        String wrong = wrongKeyId(source.keyId());
        if (!wrong.isEmpty()) {
            throw new GeneralSecurityException("failed to validate key id: " + wrong);
        }
        checkAnnotations(source.annotations());
    }

    /** What is wrong with the name of a key; empty if nothing is. */
    static String wrongKeyId(String keyId) {
        int length = Bytes.utf8(keyId).length;
        if (length == 0) {
            return "keyID is empty";
        }
        return length > KEY_ID_MAX ? "keyID is " + length + " bytes, which exceeds the max size of " + KEY_ID_MAX : "";
    }

    private static void checkAnnotations(Map<String, byte[]> annotations) throws GeneralSecurityException {
        List<String> wrong = new ArrayList<>();
        long size = 0;
        for (Map.Entry<String, byte[]> annotation : annotations.entrySet()) {
            String name = annotation.getKey();
            if (!Names.dnsSubdomain(name).isEmpty()) {
                Names.dnsSubdomain(name)
                        .forEach(text -> wrong.add("annotations: Invalid value: \"" + name + "\": " + text));
            } else if (name.indexOf('.') < 0) {
                wrong.add("annotations: Invalid value: \"" + name
                        + "\": should be a domain with at least two segments separated by dots");
            }
            size += Bytes.utf8(name).length + (long) annotation.getValue().length;
        }
        if (size > ANNOTATIONS_MAX) {
            wrong.add("total size of annotations is " + size + ", which exceeds the max size of " + ANNOTATIONS_MAX);
        }
        if (!wrong.isEmpty()) {
            String text = wrong.size() == 1 ? wrong.getFirst() : "[" + String.join(", ", wrong) + "]";
            throw new GeneralSecurityException("failed to validate annotations: " + text);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncryptedObject object
                && Arrays.equals(data, object.data)
                && source.equals(object.source)
                && sourceType == object.sourceType;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(data), source, sourceType);
    }
}
