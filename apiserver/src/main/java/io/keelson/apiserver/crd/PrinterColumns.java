package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.printing.Ages;
import io.keelson.apiserver.printing.GenericColumns;
import io.keelson.apiserver.resource.Column;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The columns of a custom kind: its name, and what {@code additionalPrinterColumns} say, or the age if they say nothing. */
final class PrinterColumns {
    private PrinterColumns() {}

    /** @param columns {@code additionalPrinterColumns}; a path that cannot be read makes an empty column */
    static List<Column> of(JsonNode columns) {
        if (columns.isEmpty()) {
            return GenericColumns.NAME_AND_AGE;
        }
        List<Column> all = new ArrayList<>();
        all.add(GenericColumns.NAME_AND_AGE.getFirst());
        for (JsonNode column : columns) {
            String path = column.path("jsonPath").asText();
            String type = column.path("type").asText();
            String description = column.path("description").asText();
            all.add(new Column(
                    column.path("name").asText(),
                    type,
                    column.path("format").asText(),
                    description.isEmpty()
                            ? "Custom resource definition column (in JSONPath format): " + path
                            : description,
                    column.path("priority").asInt(),
                    cell(path, type)));
        }
        return List.copyOf(all);
    }

    private static Column.Cell cell(String text, String type) {
        JsonPath path;
        try {
            path = JsonPath.parse(text);
        } catch (MalformedException e) {
            return (_, _) -> NullNode.getInstance();
        }
        return (object, now) -> {
            List<JsonNode> found = path.find(object);
            return found == null || found.isEmpty() ? NullNode.getInstance() : shown(found.getFirst(), type, now);
        };
    }

    private static JsonNode shown(JsonNode value, String type, Instant now) {
        return switch (type) {
            case "string" -> TextNode.valueOf(text(value));
            case "integer" -> value.isNumber() ? LongNode.valueOf(value.longValue()) : NullNode.getInstance();
            case "number" -> value.isNumber() ? number(value) : NullNode.getInstance();
            case "boolean" -> value.isBoolean() ? value : NullNode.getInstance();
            case "date" -> value.isTextual() ? TextNode.valueOf(age(value.textValue(), now)) : NullNode.getInstance();
            default -> NullNode.getInstance();
        };
    }

    private static JsonNode number(JsonNode value) {
        double number = value.doubleValue();
        return number == Math.rint(number) && Math.abs(number) < 1L << 53
                ? LongNode.valueOf((long) number)
                : DoubleNode.valueOf(number);
    }

    /** As Go prints a value; objects and lists as JSON. */
    private static String text(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> value.textValue();
            case OBJECT, ARRAY -> Json.text(value);
            case NUMBER -> value.isIntegralNumber() ? value.asText() : GoText.general(value.doubleValue());
            case NULL -> "<no value>";
            default -> value.asText();
        };
    }

    private static String age(String time, Instant now) {
        try {
            Instant.parse(time);
        } catch (DateTimeException e) {
            return "<invalid>";
        }
        return Ages.since(TextNode.valueOf(time), now);
    }
}
