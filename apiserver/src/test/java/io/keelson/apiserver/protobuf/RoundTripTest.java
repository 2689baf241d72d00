package io.keelson.apiserver.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.WireForm;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a kind's schema allows comes back out of protobuf as it went in. */
class RoundTripTest {
    private static final int OBJECTS = 25;

    static List<GroupVersionKind> kinds() {
        return Stream.concat(
                        MessageTable.kinds().stream(),
                        Stream.of(
                                new GroupVersionKind("", "v1", "Status"),
                                new GroupVersionKind("", "v1", "DeleteOptions"),
                                new GroupVersionKind("policy", "v1", "DeleteOptions"),
                                new GroupVersionKind("", "v1", "APIResourceList"),
                                new GroupVersionKind("", "v1", "APIGroupList")))
                .filter(kind -> find(kind) != null)
                .sorted(Comparator.comparing(GroupVersionKind::toString))
                .toList();
    }

    private static @Nullable Schema find(GroupVersionKind kind) {
        return BuiltInSchemas.find(kind.group(), kind.version(), kind.kind());
    }

    private static JsonNode normal(JsonNode node) {
        return Json.parse(Json.encode(node));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void randomObjectsComeBack(GroupVersionKind kind) {
        Schema schema = Objects.requireNonNull(find(kind));
        for (int i = 0; i < OBJECTS; i++) {
            ObjectNode object = new SchemaObjects(kind.hashCode() * 31L + i).of(kind, schema);
            ObjectNode read = KubernetesProtobuf.decode(KubernetesProtobuf.encode(object));
            ObjectNode expected = object.deepCopy();
            WireForm.apply(expected, schema);
            assertEquals(normal(expected), normal(read));
            assertArrayEquals(KubernetesProtobuf.encode(expected), KubernetesProtobuf.encode(read), "written again");
        }
    }

    /** So nothing of 1.36 is lost on the way: a field that the schema has and the message has not would be. */
    @Test
    void everyFieldOfASchemaIsInTheMessage() {
        int compared = 0;
        for (String name : MessageTable.names()) {
            Schema schema = BuiltInSchemas.find(name);
            // Patch has no fields, and what has fields in one world only is compared by the kinds it stands in.
            if (schema == null || schema.properties().isEmpty()) {
                continue;
            }
            Set<String> declared = new TreeSet<>(schema.properties().keySet());
            if (isKind(name)) {
                declared.removeAll(Set.of("kind", "apiVersion"));
            }
            assertEquals(declared, jsonNames(MessageTable.get(name)), name);
            compared++;
        }
        assertFalse(compared < 700, () -> "only few messages have a schema");
    }

    private static boolean isKind(String name) {
        Set<String> fields = jsonNames(MessageTable.get(name));
        return !fields.contains("kind") && !fields.contains("apiVersion");
    }

    private static Set<String> jsonNames(Message message) {
        Set<String> names = new TreeSet<>();
        for (Field field : message.fields()) {
            if (field.inline()) {
                names.addAll(jsonNames(((FieldType.Nested) field.type()).message()));
            } else {
                names.add(field.name());
            }
        }
        return names;
    }

    /** Kinds that are served in 1.36 and have no message would be served without protobuf. */
    @Test
    void everyKindOfASchemaHasAMessage() {
        int kinds = 0;
        for (String name : BuiltInSchemas.names()) {
            Schema schema = BuiltInSchemas.get(name);
            Set<String> fields = schema.properties().keySet();
            boolean kind = fields.containsAll(Set.of("apiVersion", "kind", "metadata"));
            if (kind && !name.endsWith(".Table")) {
                assertEquals(name, MessageTable.get(name).name());
                kinds++;
            }
        }
        assertFalse(kinds < 250, () -> "only few definitions are kinds");
    }
}
