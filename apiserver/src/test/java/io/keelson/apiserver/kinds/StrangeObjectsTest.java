package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.TypeCheck;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.MetadataValidation;
import io.keelson.apiserver.validation.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects whose fields are of the right types and otherwise full of nonsense: they are complained about, and no more. */
class StrangeObjectsTest {
    private static final int OBJECTS_PER_KIND = 150;
    private static final int DEPTH_MAX = 11;
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "A_B",
            "a/b",
            "a/b/c",
            "/",
            "..",
            "a=b",
            "*",
            "-",
            "-1",
            "0",
            "1-",
            "100%",
            "101%",
            "%",
            "a:b",
            "10.0.0.1",
            "10.0.0.0/8",
            "10.0.0.1/8",
            "::1",
            "fe80::%1",
            "::/0",
            "None",
            "Always",
            "v1",
            "{",
            "$(A)",
            "https://a/b?c#d",
            "https://",
            "/a/../b",
            "*.a.b",
            "@daily",
            "* * * * *",
            "0-5,7",
            "x".repeat(300),
            "\u0000",
            "\ud83d\ude00",
            "%s%n",
            "\\",
            "(",
            "metadata.labels['a']",
            "metadata.name",
            "limits.cpu",
            "http");
    private static final List<String> QUANTITIES =
            List.of("0", "-1", "1", "100m", "1.5", "1Gi", "9E", "-9223372036854775807", "1e3", "0.000000001");
    private static final long[] NUMBERS = {0, 1, -1, 2, 80, 65_535, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE};

    private static List<Resource> resources() {
        return BuiltInKinds.resources();
    }

    @ParameterizedTest
    @MethodSource("resources")
    void bringNobodyDown(Resource resource) {
        Random random = new Random(resource.name().hashCode());
        ServedVersion version = resource.versions().getFirst();
        int looked = 0;
        for (int i = 0; i < OBJECTS_PER_KIND; i++) {
            ObjectNode object = object(version.schema(), random);
            ObjectNode other = object(version.schema(), random);
            if (TypeCheck.check(object, version.schema()) == null && TypeCheck.check(other, version.schema()) == null) {
                looked++;
                goThrough(resource, version, object, other);
            }
        }
        assertNotNull(looked == 0 ? null : resource, "no object was well-typed");
    }

    private static void goThrough(Resource resource, ServedVersion version, ObjectNode object, ObjectNode other) {
        String text = object.toString();
        Supplier<String> message = () -> resource + ": " + text;
        try {
            Strategy strategy = resource.strategy();
            for (ObjectNode each : List.of(object, other)) {
                // As the server has it: in the storage version before the kind sees it.
                Defaulting.apply(each, version.schema());
                if (!version.version().equals(resource.storageVersion())) {
                    resource.conversion().convert(each, version.version(), resource.storageVersion());
                }
                strategy.applyDefaults(each);
            }
            ObjectNode again = object.deepCopy();
            strategy.applyDefaults(again);
            assertEquals(object.toString(), again.toString(), message);
            ObjectNode copy = other.deepCopy();
            FieldErrors errors = new FieldErrors();
            MetadataValidation.validate(object, resource.namespaced(), Names::dnsSubdomain, errors);
            MetadataValidation.validateUpdate(object, other, errors);
            strategy.validateUpdate(object, other, errors);
            strategy.validateStatusUpdate(object, other, errors);
            strategy.dropDisabled(object, other);
            strategy.prepareForUpdate(context(), object, other);
            strategy.prepareForStatusUpdate(context(), object, other);
            assertEquals(copy, other, () -> "the old object has changed: " + message.get());
            strategy.dropDisabled(object, null);
            strategy.prepareForCreate(context(), object);
            strategy.validate(object, errors);
            strategy.warn(object, null, new ArrayList<>());
            strategy.warn(object, other, new ArrayList<>());
            strategy.selectableFields(object);
            strategy.gracePeriodSeconds(object, -1);
            if (version.version().equals(resource.storageVersion())) {
                ObjectNode shown = object.deepCopy();
                for (Column column : version.columns()) {
                    assertNotNull(column.cell().of(object, Kind.NOW), column::name);
                }
                assertEquals(shown, object, () -> "looking at it has changed " + message.get());
            }
        } catch (RuntimeException e) {
            fail(message.get(), e);
        }
    }

    private static WriteContext context() {
        return new WriteContext(new UserInfo("jane", "", List.of(), Map.of()), Kind.NOW, false, new ArrayList<>());
    }

    private static ObjectNode object(Schema schema, Random random) {
        return (ObjectNode) value(schema, random, 0);
    }

    private static JsonNode value(Schema schema, Random random, int depth) {
        if (depth > 0 && random.nextInt(40) == 0) {
            return NullNode.getInstance();
        }
        return switch (schema.type()) {
            case OBJECT -> fields(schema, random, depth);
            case ARRAY -> elements(schema, random, depth);
            case STRING -> text(schema, random);
            case INTEGER -> LongNode.valueOf(NUMBERS[random.nextInt(NUMBERS.length)]);
            case NUMBER -> DoubleNode.valueOf(random.nextDouble());
            case BOOLEAN -> BooleanNode.valueOf(random.nextBoolean());
            case ANY -> TextNode.valueOf(any(TEXTS, random));
        };
    }

    private static JsonNode fields(Schema schema, Random random, int depth) {
        ObjectNode object = Json.object();
        if (depth > DEPTH_MAX) {
            return object;
        }
        Schema values = schema.additionalProperties();
        if (values != null) {
            for (int i = random.nextInt(3); i > 0; i--) {
                object.set(any(TEXTS, random), value(values, random, depth + 1));
            }
        }
        schema.properties().forEach((name, field) -> {
            boolean likely = schema.required().contains(name) || depth == 0;
            if (random.nextInt(10) < (likely ? 9 : depth < 3 ? 5 : 3)) {
                object.set(name, value(field, random, depth + 1));
            }
        });
        return object;
    }

    private static JsonNode elements(Schema schema, Random random, int depth) {
        ArrayNode array = Json.array();
        Schema items = schema.items();
        if (items != null && depth < DEPTH_MAX) {
            for (int i = random.nextInt(4); i > 0; i--) {
                array.add(value(items, random, depth + 1));
            }
        }
        return array;
    }

    private static JsonNode text(Schema schema, Random random) {
        if (schema.intOrString() && random.nextBoolean()) {
            return LongNode.valueOf(NUMBERS[random.nextInt(NUMBERS.length)]);
        }
        if (!schema.enumValues().isEmpty() && random.nextInt(4) > 0) {
            return TextNode.valueOf(any(List.copyOf(schema.enumValues()), random));
        }
        String goType = schema.goType();
        if (goType.endsWith("Quantity")) {
            return TextNode.valueOf(any(QUANTITIES, random));
        }
        if (goType.endsWith("MicroTime")) {
            return TextNode.valueOf("2026-05-01T12:00:00.000000Z");
        }
        if (goType.endsWith("Time")) {
            return TextNode.valueOf("2026-05-01T12:00:00Z");
        }
        if (goType.endsWith("Duration")) {
            return TextNode.valueOf("1h0m0s");
        }
        if (schema.format().equals("byte")) {
            return TextNode.valueOf(
                    any(List.of("", "eA==", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0="), random));
        }
        return TextNode.valueOf(any(TEXTS, random));
    }

    private static String any(List<String> texts, Random random) {
        return texts.get(random.nextInt(texts.size()));
    }
}
