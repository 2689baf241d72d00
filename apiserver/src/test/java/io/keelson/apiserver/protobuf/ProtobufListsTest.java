package io.keelson.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is put together of messages is what is written of a tree. */
class ProtobufListsTest {
    private static final GroupVersionKind CONFIG_MAP = new GroupVersionKind("", "v1", "ConfigMap");

    /** A list and what is in it. */
    record Kinds(GroupVersionKind list, GroupVersionKind item, Schema schema) {
        @Override
        public String toString() {
            return list.toString();
        }
    }

    static List<Kinds> kinds() {
        return Stream.concat(
                        MessageTable.kinds().stream(),
                        Stream.of("v1", "v1beta1")
                                .map(version ->
                                        new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadataList")))
                .filter(kind -> kind.kind().endsWith("List"))
                .flatMap(list -> {
                    String item = list.kind().substring(0, list.kind().length() - "List".length());
                    Schema schema = list.group().equals("meta.k8s.io")
                            ? BuiltInSchemas.find("", "v1", "ConfigMap")
                            : BuiltInSchemas.find(list.group(), list.version(), item);
                    return schema == null
                            ? Stream.empty()
                            : Stream.of(
                                    new Kinds(list, new GroupVersionKind(list.group(), list.version(), item), schema));
                })
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .toList();
    }

    private static byte[] joined(List<ByteBuffer> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer part : parts) {
            byte[] bytes = new byte[part.remaining()];
            part.duplicate().get(bytes);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private static ObjectNode metadata(Random random) {
        ObjectNode metadata = Json.object().put("resourceVersion", Long.toString(random.nextLong(1, 1L << 40)));
        if (random.nextBoolean()) {
            metadata.put("continue", "x".repeat(1 + random.nextInt(200)));
            if (random.nextBoolean()) {
                metadata.put("remainingItemCount", random.nextLong(1, 1L << 33));
            }
        }
        return metadata;
    }

    @Test
    void thereAreManyKindsOfLists() {
        assertTrue(kinds().size() > 80, () -> "only " + kinds().size());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aListOfMessagesIsTheListOfTheTree(Kinds kinds) {
        Random random = new Random(kinds.hashCode());
        for (int length : new int[] {0, 1, 2, 7}) {
            ObjectNode head = Json.object().put("kind", kinds.list().kind());
            head.put("apiVersion", kinds.list().groupVersion().toString());
            head.set("metadata", metadata(random));
            ObjectNode tree = head.deepCopy();
            var array = tree.putArray("items");
            MessageEncoder encoder = new MessageEncoder(kinds.item(), random.nextInt(3_000));
            List<byte[]> items = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                ObjectNode item = new SchemaObjects(random.nextLong()).of(kinds.item(), kinds.schema());
                array.add(item);
                items.add(encoder.encode(item));
            }
            List<ByteBuffer> parts = ProtobufLists.parts(head, items);
            assertArrayEquals(KubernetesProtobuf.encode(tree), joined(parts), () -> length + " items");
            for (int i = 0; i < length; i++) {
                ByteBuffer part = parts.get(2 * i + 2);
                assertSame(items.get(i), part.array(), "an item is a part, and not copied");
                assertEquals(0, part.arrayOffset());
            }
        }
    }

    @Test
    void onlyListsOfKnownKindsCanBePutTogether() {
        ObjectNode map = Json.object().put("kind", "ConfigMap").put("apiVersion", "v1");
        assertThrows(IllegalArgumentException.class, () -> ProtobufLists.parts(map, List.of()));
        ObjectNode custom = Json.object().put("kind", "FooList").put("apiVersion", "example.com/v1");
        assertThrows(IllegalArgumentException.class, () -> ProtobufLists.parts(custom, List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new MessageEncoder(new GroupVersionKind("example.com", "v1", "Foo"), 10));
    }

    /** Lengths are numbers of one to four bytes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 60, 100, 120, 200, 16_300, 16_380, 20_000, 2_097_140, 3_000_000})
    void aFrameInPartsIsTheFrameOfTheObject(int size) {
        ObjectNode object = Json.object().put("kind", "ConfigMap").put("apiVersion", "v1");
        object.putObject("metadata").put("name", "ü".repeat(size % 7));
        object.putObject("data").put("x", "x".repeat(size));
        byte[] message = new MessageEncoder(CONFIG_MAP, 1).encode(object);
        byte[] encoded = KubernetesProtobuf.encode(object);
        WatchFrames frames = new WatchFrames(CONFIG_MAP);
        assertEquals(encoded.length, frames.objectBytes(message));
        for (String event : List.of("ADDED", "MODIFIED", "DELETED")) {
            byte[][] parts = frames.parts(event, message);
            assertArrayEquals(
                    WatchFrames.frame(event, encoded),
                    joined(Stream.of(parts).map(ByteBuffer::wrap).toList()));
            assertSame(message, parts[1], "the message is not copied");
        }
    }

    @Test
    void oneEncoderWritesObjectsOneAfterTheOther() {
        Schema schema = Objects.requireNonNull(BuiltInSchemas.find("", "v1", "Pod"));
        GroupVersionKind pod = new GroupVersionKind("", "v1", "Pod");
        MessageEncoder encoder = new MessageEncoder(pod, 0);
        for (int i = 0; i < 50; i++) {
            ObjectNode object = new SchemaObjects(i).of(pod, schema);
            assertArrayEquals(new MessageEncoder(pod, 100_000).encode(object), encoder.encode(object));
        }
    }
}
