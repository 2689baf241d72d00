package io.keelson.apiserver.encryption;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.store.Transformer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values that others have encrypted: by Python's cryptography, by NaCl, and by its definition. */
final class KnownValuesTest {
    private static final byte[] KEY = counting(0, 32);
    private static final String PATH = "/registry/secrets/default/db";
    private static final String VALUE = "{\"kind\":\"Secret\",\"data\":{\"a\":\"eA==\"}}";

    private static byte[] counting(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static void reads(Transformer transformer, String stored) throws GeneralSecurityException {
        Transformer.Plain plain = transformer.fromStored(PATH, hex(stored));
        assertEquals(VALUE, new String(plain.value(), StandardCharsets.UTF_8));
        assertFalse(plain.stale());
    }

    private static void refuses(Transformer transformer, byte[] stored, String message) {
        GeneralSecurityException failure =
                assertThrows(GeneralSecurityException.class, () -> transformer.fromStored(PATH, stored));
        assertEquals(message, failure.getMessage());
    }

    private static final String CBC =
            "6465666768696a6b6c6d6e6f7071727344283a8a80a45cba29966b60a5c5bdab64757e5bed4ca37db3866ec2e2bb8c1de63aefaee3a72820af9799d6ba98a249";
    private static final String GCM =
            "32333435363738393a3b3c3dbd7984a9ab58a3d94f548fe529888bda4a917fe0fd2c85d1aa386aba8d11fe331e3de8366aa80c04708ff5fd7f680fb4d27322b42f";
    private static final String BOX =
            "000102030405060708090a0b0c0d0e0f101112131415161757edd26478f8373b65a610fa46dbc47725dd5326a9ae802a996fea5d1aea3eb57e8722bef8441dd56c8006b66fe5c4a0bee6d7a838";
    private static final String SEEDED =
            "c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e732333435363738393a3b3c3da7444d7aa9403502af454398d96d8772bf96ffd5ad5a11ee7cd38ddf401a140eae7a47885cfaffb7a6e541944efa0aa61f9c54c087";

    @Test
    void readsAesCbc() throws GeneralSecurityException {
        reads(new AesCbc(KEY), CBC);
        reads(
                new AesCbc(counting(0, 16)),
                "6465666768696a6b6c6d6e6f7071727384dae64f6f36421d0828c8a3d20c4f279f989e7381a178bb67a40df7583038626d49bcad26af14e5cc37cd1b5704de48");
    }

    @Test
    void refusesWhatIsNoAesCbc() {
        AesCbc cbc = new AesCbc(KEY);
        refuses(cbc, new byte[15], "the stored data was shorter than the required size");
        refuses(cbc, new byte[33], "the stored data is not a multiple of the block size");
        refuses(cbc, new byte[16], "invalid PKCS7 data (empty or not padded)");
        byte[] changed = hex(CBC);
        changed[changed.length - 17] ^= 1;
        refuses(cbc, changed, "invalid padding on input");
    }

    @Test
    void readsAesGcm() throws GeneralSecurityException {
        reads(new AesGcm(KEY), GCM);
    }

    @Test
    void refusesWhatIsNotTheAesGcmOfThisObject() {
        String failed = "cipher: message authentication failed";
        AesGcm gcm = new AesGcm(KEY);
        refuses(gcm, new byte[11], "the stored data was shorter than the required size");
        refuses(gcm, new byte[12], failed);
        refuses(new AesGcm(counting(1, 32)), hex(GCM), failed);
        for (int i = 0; i < hex(GCM).length; i++) {
            byte[] changed = hex(GCM);
            changed[i] ^= 0x10;
            refuses(gcm, changed, failed);
        }
        GeneralSecurityException elsewhere = assertThrows(
                GeneralSecurityException.class, () -> gcm.fromStored("/registry/secrets/default/other", hex(GCM)));
        assertEquals(failed, elsewhere.getMessage());
    }

    @Test
    void readsSecretBoxes() throws GeneralSecurityException {
        reads(new SecretBox(KEY), BOX);
    }

    @Test
    void refusesWhatIsNoSecretBox() {
        String failed = "output array was not large enough for encryption";
        refuses(new SecretBox(KEY), new byte[39], "the stored data was shorter than the required size");
        refuses(new SecretBox(counting(1, 32)), hex(BOX), failed);
        for (int i = 0; i < hex(BOX).length; i++) {
            byte[] changed = hex(BOX);
            changed[i] ^= 0x01;
            refuses(new SecretBox(KEY), changed, failed);
        }
    }

    @Test
    void sealsAsNaClDoes() throws GeneralSecurityException {
        SecretBox box = new SecretBox(hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"));
        byte[] nonce = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
        byte[] value =
                hex("be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c"
                        + "61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde"
                        + "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705");
        String sealed =
                "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a"
                        + "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368"
                        + "517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5";
        byte[] stored = box.seal(nonce, value);
        assertEquals(sealed, HexFormat.of().formatHex(Arrays.copyOfRange(stored, 24, stored.length)));
        assertArrayEquals(value, box.fromStored(PATH, stored).value());
    }

    @Test
    void readsWhatIsEncryptedWithKeysFromASeed() throws GeneralSecurityException {
        reads(new SeededGcm(KEY), SEEDED);
        refuses(new SeededGcm(KEY), new byte[31], "the stored data was shorter than the required size");
        assertThrows(GeneralSecurityException.class, () -> new SeededGcm(new byte[31]));
    }

    @Test
    void writesTheMessageOfAPluginsValueByteForByte() throws GeneralSecurityException {
        String message =
                "0a61" + SEEDED + "12056b65792d311a077772617070656422130a0d612e6578616d706c652e636f6d120201022801";
        EncryptedObject object = EncryptedObject.decode(hex(message));
        assertEquals("key-1", object.source().keyId());
        assertEquals("wrapped", new String(object.source().bytes(), StandardCharsets.UTF_8));
        assertArrayEquals(new byte[] {1, 2}, object.source().annotations().get("a.example.com"));
        assertEquals(message, HexFormat.of().formatHex(object.encode()));
    }

    @Test
    void refusesMessagesThatAreNone() {
        for (byte[] bytes : List.of(new byte[] {10}, new byte[] {10, 5, 1}, new byte[] {-1, -1, -1}, new byte[] {11})) {
            assertThrows(GeneralSecurityException.class, () -> EncryptedObject.decode(bytes));
        }
        assertFailsToEncode("encrypted data is empty", new byte[0], "key", new byte[1], Map.of());
        assertFailsToEncode(
                "failed to validate encrypted DEK source: encrypted DEK source is empty",
                new byte[1],
                "key",
                new byte[0],
                Map.of());
        assertFailsToEncode(
                "failed to validate encrypted DEK source: encrypted DEK source is 1025 bytes, which exceeds the max size"
                        + " of 1024",
                new byte[1],
                "key",
                new byte[1_025],
                Map.of());
        assertFailsToEncode("failed to validate key id: keyID is empty", new byte[1], "", new byte[1], Map.of());
        assertFailsToEncode(
                "failed to validate annotations: annotations: Invalid value: \"one\": should be a domain with at least"
                        + " two segments separated by dots",
                new byte[1],
                "key",
                new byte[1],
                Map.of("one", new byte[0]));
        assertFailsToEncode(
                "failed to validate annotations: total size of annotations is 32775, which exceeds the max size of 32768",
                new byte[1],
                "key",
                new byte[1],
                Map.of("a.b.com", new byte[32_768]));
    }

    private static void assertFailsToEncode(
            String message, byte[] data, String keyId, byte[] source, Map<String, byte[]> annotations) {
        EncryptedObject object =
                new EncryptedObject(data, new KmsService.Encrypted(source, keyId, annotations), EncryptedObject.SEED);
        assertEquals(
                message,
                assertThrows(GeneralSecurityException.class, object::encode).getMessage());
    }

    @Test
    void takesNothingEncryptedForAPlainValue() {
        refuses(
                Transformer.IDENTITY,
                "k8s:enc:aescbc:v1:key1:".getBytes(StandardCharsets.UTF_8),
                "identity transformer tried to read encrypted data");
    }
}
