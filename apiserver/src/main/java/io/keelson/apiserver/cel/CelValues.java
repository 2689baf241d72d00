package io.keelson.apiserver.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.keelson.apiserver.cel.functions.FunctionFailure;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.schema.Durations;
import io.keelson.apiserver.schema.Schema;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Values of expressions out of JSON, and back. Objects and lists become views that convert what is looked at, so a large
 * object costs nothing until an expression walks through it; the JSON must not change while they are in use.
 */
public final class CelValues {
    private CelValues() {}

    /** A value of which nothing is known: whole numbers are {@code int}, others {@code double}. */
    public static Object of(JsonNode value) {
        return view(value, null);
    }

    /**
     * A value as its schema types it: texts of the format {@code date-time} are timestamps, for example.
     *
     * @throws FunctionFailure if it is a text, and not of the format that the schema says; what lies below fails when an
     *     expression looks at it
     */
    public static Object of(JsonNode value, Schema schema) {
        return view(value, schema);
    }

    /** What the variable {@code authorizer} stands for. */
    public static Object authorizer(CelAuthorizer authorizer) {
        return new AuthorizerFunctions.Asked(authorizer, List.of());
    }

    /** What the variable {@code authorizer.requestResource} stands for: the resource that a request is about. */
    public static Object requestResource(
            CelAuthorizer authorizer,
            String group,
            String version,
            String resource,
            String subresource,
            String namespace,
            String name) {
        return new AuthorizerFunctions.ResourceCheck(
                new AuthorizerFunctions.Asked(authorizer, List.of()),
                group,
                version,
                resource,
                subresource,
                namespace,
                name,
                "",
                "");
    }

    static Object view(JsonNode value, @Nullable Schema schema) {
        Schema known = schema == null || schema.intOrString() || schema.type() == Schema.Type.ANY ? null : schema;
        return switch (value.getNodeType()) {
            case OBJECT -> new ObjectView((ObjectNode) value, known);
            case ARRAY -> new ListView((ArrayNode) value, known);
            case STRING -> known == null ? value.textValue() : text(value.textValue(), known.format());
            case BOOLEAN -> value.booleanValue();
            case NUMBER -> number(value, known);
            case NULL, MISSING, BINARY, POJO -> NullValue.NULL_VALUE;
        };
    }

    private static Object number(JsonNode value, @Nullable Schema schema) {
        boolean whole = value.isIntegralNumber() && value.canConvertToLong();
        return whole && (schema == null || schema.type() != Schema.Type.NUMBER)
                ? (Object) value.longValue()
                : (Object) value.doubleValue();
    }

    private static Object text(String text, String format) {
        try {
            return switch (format) {
                case "date-time" -> Timestamps.parse(text);
                case "date" -> LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
                case "duration" -> Durations.parse(text);
                case "byte" -> CelByteString.of(Base64.getDecoder().decode(text));
                default -> text;
            };
        } catch (MalformedException | DateTimeException | IllegalArgumentException e) {
            throw new FunctionFailure("Invalid " + format + " formatted string " + text + ": " + e.getMessage());
        }
    }

    /** What an expression gave, as JSON: what has no form of its own there becomes text. */
    public static JsonNode json(Object value) {
        return switch (value) {
            case JsonNode node -> node;
            case ObjectView view -> view.json();
            case ListView view -> view.json();
            case String text -> TextNode.valueOf(text);
            case Boolean bool -> BooleanNode.valueOf(bool);
            case Long number -> LongNode.valueOf(number);
            case UnsignedLong number -> number(number.bigIntegerValue());
            case Double number -> DoubleNode.valueOf(number);
            case NullValue none -> NullNode.getInstance();
            case CelByteString bytes -> TextNode.valueOf(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case Instant time -> TextNode.valueOf(time.toString());
            case Duration span -> TextNode.valueOf(text(span));
            case Optional<?> optional -> optional.isPresent() ? json(optional.get()) : NullNode.getInstance();
            case Map<?, ?> map -> {
                ObjectNode object = Json.object();
                map.forEach((key, below) -> object.set(String.valueOf(key), json(below)));
                yield object;
            }
            case Collection<?> list -> {
                ArrayNode array = Json.array();
                list.forEach(element -> array.add(json(element)));
                yield array;
            }
            default -> TextNode.valueOf(value.toString());
        };
    }

    private static JsonNode number(BigInteger number) {
        return Json.object().numberNode(number);
    }

    /** A span of time as CEL's {@code string} writes it: seconds. */
    static String text(Duration span) {
        String fraction = span.getNano() == 0
                ? ""
                : String.format("%.9f", span.toNanosPart() / 1e9).substring(1).replaceAll("0+$", "");
        return span.getSeconds() + fraction + "s";
    }
}
