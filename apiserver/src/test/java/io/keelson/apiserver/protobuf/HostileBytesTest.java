package io.keelson.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever the bytes are: an object, or a clear refusal. Never another error, never more than they are worth. */
class HostileBytesTest {
    private static final String MAGIC = "6b387300";

    /** TypeMeta {@code v1 Pod}. */
    private static final String POD = MAGIC + "0a09" + "0a027631" + "1203506f64";

    private static String refusal(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return assertThrows(MalformedException.class, () -> KubernetesProtobuf.decode(bytes))
                .message();
    }

    private static void refusedOrRead(byte[] bytes) {
        try {
            KubernetesProtobuf.decode(bytes);
        } catch (MalformedException expected) {
            // One of the two fine outcomes.
        } catch (RuntimeException | StackOverflowError e) {
            fail(HexFormat.of().formatHex(bytes), e);
        }
    }

    @Test
    void whatHasNoMagicIsRefused() {
        assertEquals("empty data", refusal(""));
        assertEquals("empty body", refusal(MAGIC));
        String prefix = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]";
        assertEquals(prefix, refusal("6b38"));
        assertEquals(prefix, refusal("6b387301"));
        assertEquals(prefix, refusal(HexFormat.of().formatHex("{\"kind\":\"Pod\"}".getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void kindsThatAreNotKnownAreRefused() {
        assertEquals(
                "no kind \"Pot\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
                refusal(MAGIC + "0a09" + "0a027631" + "1203506f74"));
        assertEquals(
                "Object 'Kind' is missing in 'runtime.TypeMeta{APIVersion:\"v1\", Kind:\"\"}'",
                refusal(MAGIC + "0a04" + "0a027631"));
        assertEquals(
                "Object 'apiVersion' is missing in 'runtime.TypeMeta{APIVersion:\"\", Kind:\"Pod\"}'",
                refusal(MAGIC + "0a05" + "1203506f64"));
        assertEquals("unexpected GroupVersion string: a/b/c", refusal(MAGIC + "0a07" + "0a05612f622f63"));
    }

    @Test
    void whatEndsTooEarlyIsRefused() {
        assertEquals("unexpected EOF", refusal(POD + "12"));
        assertEquals("unexpected EOF", refusal(POD + "1205" + "0a"));
        assertEquals("unexpected EOF", refusal(POD + "1204" + "0a7f" + "0000"));
    }

    @Test
    void absurdLengthsAreRefused() {
        assertEquals("unexpected EOF", refusal(POD + "12" + "ffffffff0f"));
        assertEquals("unexpected EOF", refusal(POD + "12" + "ffffffffffffffff7f"));
        assertEquals("proto: negative length found during unmarshaling", refusal(POD + "12" + "ffffffffffffffffff01"));
        assertEquals("proto: integer overflow", refusal(POD + "12" + "ffffffffffffffffffff01"));
    }

    @Test
    void wrongTagsAreRefused() {
        assertEquals("proto: illegal tag 0 (wire type 0)", refusal(POD + "0000"));
        assertEquals("proto: wiretype end group for non-group", refusal(POD + "1202" + "0c00"));
        assertEquals("proto: wrong wireType = 0 for field metadata", refusal(POD + "1202" + "0801"));
        assertEquals("proto: illegal wireType 6", refusal(POD + "1202" + "fe7f"));
    }

    @Test
    void groupsThatNobodyKnowsArePassedOver() {
        KubernetesProtobuf.decode(HexFormat.of().parseHex(POD + "1206" + "a306" + "0801" + "a406"));
        String open = "a306".repeat(5_000);
        int length = open.length() / 2;
        String size = HexFormat.of().toHexDigits((byte) ((length & 0x7f) | 0x80))
                + HexFormat.of().toHexDigits((byte) (length >> 7));
        assertEquals("proto: groups are nested too deeply", refusal(POD + "12" + size + open));
    }

    @Test
    void whatIsNestedTooDeeplyIsRefused() {
        // A schema within a schema within a schema: JSONSchemaProps.not = 28.
        WireWriter out = new WireWriter(64);
        for (int i = 0; i < 100_000; i++) {
            out.delimit(28, 0);
        }
        // openAPIV3Schema = 1, schema = 4, versions = 7, spec = 2
        for (int number : new int[] {1, 4, 7, 2}) {
            out.delimit(number, 0);
        }
        byte[] bytes = wrapped("apiextensions.k8s.io/v1", "CustomResourceDefinition", out.toBytes());
        MalformedException refused = assertThrows(MalformedException.class, () -> KubernetesProtobuf.decode(bytes));
        assertEquals("exceeded max depth", refused.message());
    }

    @Test
    void objectsWithinObjectsAreRefusedWhenTheyAreTooDeep() {
        byte[] list = wrapped("v1", "List", new byte[0]);
        for (int i = 0; i < 2_000; i++) {
            WireWriter out = new WireWriter(list.length + 32);
            out.bytes(1, list);
            out.delimit(2, 0);
            list = wrapped("v1", "List", out.toBytes());
        }
        byte[] bytes = list;
        MalformedException refused = assertThrows(MalformedException.class, () -> KubernetesProtobuf.decode(bytes));
        assertEquals("exceeded max depth", refused.message());
    }

    private static byte[] wrapped(String apiVersion, String kind, byte[] raw) {
        WireWriter out = new WireWriter(raw.length + 100);
        out.bytes(2, raw);
        int before = out.size();
        out.text(2, kind);
        out.text(1, apiVersion);
        out.delimit(1, before);
        out.raw(HexFormat.of().parseHex(MAGIC));
        return out.toBytes();
    }

    @Test
    void valuesThatJsonCannotHaveAreRefused() {
        // metadata.creationTimestamp.seconds far beyond the year 9999
        assertEquals(
                "Time.MarshalJSON: year outside of range [0,9999]",
                refusal(POD + "1210" + "0a0e" + "420c" + "08" + "ffffffffffffffff7f" + "1000"));
        byte[] badQuantity = wrapped("v1", "ResourceQuota", HexFormat.of().parseHex("120c0a0a0a016112050a03787878"));
        assertThrows(MalformedException.class, () -> KubernetesProtobuf.decode(badQuantity));
        byte[] badJson = wrapped("apps/v1", "ControllerRevision", HexFormat.of().parseHex("12050a037b7b7b"));
        assertThrows(MalformedException.class, () -> KubernetesProtobuf.decode(badJson));
    }

    @Test
    void contentThatIsNotProtobufNorJsonIsRefused() {
        assertEquals("content encoding \"gzip\" is not supported", refusal(POD + "1a04677a6970"));
        assertEquals("content type \"a/b\" is not supported", refusal(POD + "2203612f62"));
    }

    @Test
    void everyBeginningIsRefusedOrRead() {
        for (GroupVersionKind kind : kinds()) {
            byte[] bytes = KubernetesProtobuf.encode(FilledObjects.of(kind));
            for (int length = 0; length < bytes.length; length++) {
                refusedOrRead(Arrays.copyOf(bytes, length));
            }
        }
    }

    @Test
    void damagedBytesAreRefusedOrRead() {
        Random random = new Random(4711);
        for (GroupVersionKind kind : kinds()) {
            byte[] bytes = KubernetesProtobuf.encode(FilledObjects.of(kind));
            for (int i = 0; i < 5_000; i++) {
                byte[] damaged = bytes.clone();
                for (int n = random.nextInt(4); n >= 0; n--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
                }
                refusedOrRead(damaged);
            }
        }
    }

    private static List<GroupVersionKind> kinds() {
        return List.of(
                new GroupVersionKind("", "v1", "Secret"),
                new GroupVersionKind("", "v1", "Pod"),
                new GroupVersionKind("coordination.k8s.io", "v1", "Lease"),
                new GroupVersionKind("authentication.k8s.io", "v1", "TokenReview"),
                new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"));
    }
}
