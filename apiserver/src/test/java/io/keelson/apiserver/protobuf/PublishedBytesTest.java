package io.keelson.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kubernetes publishes, for each of its kinds, an object with all fields and the bytes that it becomes
 * ({@code testdata/HEAD/*.pb} of k8s.io/api). The file {@code published.digests} has the SHA-256 of those of 1.36, but for
 * WatchEvent, which is never wrapped in practice; our bytes have the same.
 */
class PublishedBytesTest {
    record Published(GroupVersionKind kind, String digest) {
        /** Reads {@code apps.v1.Deployment 0123…}. */
        static Published parse(String line) {
            String[] words = line.split(" ", 2);
            int kind = words[0].lastIndexOf('.');
            int version = words[0].lastIndexOf('.', kind - 1);
            return new Published(
                    new GroupVersionKind(
                            version < 0 ? "" : words[0].substring(0, version),
                            words[0].substring(version + 1, kind),
                            words[0].substring(kind + 1)),
                    words[1]);
        }

        @Override
        public String toString() {
            return kind.toString();
        }
    }

    static List<Published> published() throws IOException {
        try (InputStream in = PublishedBytesTest.class.getResourceAsStream("published.digests")) {
            if (in == null) {
                throw new IllegalStateException("published.digests is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(Published::parse)
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("published")
    void anObjectBecomesThePublishedBytes(Published published) throws NoSuchAlgorithmException {
        byte[] bytes = KubernetesProtobuf.encode(FilledObjects.of(published.kind()));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        assertEquals(published.digest(), HexFormat.of().formatHex(digest));
    }

    @ParameterizedTest
    @MethodSource("published")
    void thePublishedBytesBecomeTheObject(Published published) {
        ObjectNode object = FilledObjects.of(published.kind());
        ObjectNode read = KubernetesProtobuf.decode(KubernetesProtobuf.encode(object));
        assertEquals(Json.parse(Json.encode(object)), Json.parse(Json.encode(read)));
    }

    @Test
    void allKindsAreThere() throws IOException {
        assertEquals(184, published().size());
        Stream<GroupVersionKind> lists = MessageTable.kinds().stream()
                .filter(kind -> kind.kind().endsWith("List") && kind.kind().length() > "List".length());
        assertTrue(lists.allMatch(kind ->
                KubernetesProtobuf.knows(kind) && KubernetesProtobuf.encode(FilledObjects.of(kind)).length > 0));
    }
}
