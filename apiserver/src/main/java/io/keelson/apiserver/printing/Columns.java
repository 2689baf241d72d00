package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.resource.Column;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** Puts the columns of a kind together, from left to right. */
final class Columns {
    static final String NONE = "<none>";
    static final String UNSET = "<unset>";

    private final List<Column> columns = new ArrayList<>();

    static Columns begin() {
        return new Columns();
    }

    /** Begins with the object's name, as nearly all kinds do. */
    static Columns named() {
        return begin().name(object -> object.path("metadata").path("name").asText());
    }

    Columns name(Function<JsonNode, String> cell) {
        return add(
                "Name",
                "string",
                "name",
                "The name, unique among its kind, and within its namespace.",
                0,
                (o, now) -> TextNode.valueOf(cell.apply(o)));
    }

    /** How long the object has existed. */
    Columns age() {
        return aged(
                "Age",
                "How long ago the object was created.",
                (o, now) -> Ages.since(o.path("metadata").path("creationTimestamp"), now));
    }

    Columns aged(String name, String description, BiFunction<JsonNode, Instant, String> cell) {
        return add(name, "string", "", description, 0, (o, now) -> TextNode.valueOf(cell.apply(o, now)));
    }

    Columns text(String name, String description, Function<JsonNode, String> cell) {
        return add(name, "string", "", description, 0, (o, now) -> TextNode.valueOf(cell.apply(o)));
    }

    /** A column that only {@code -o wide} shows. */
    Columns wide(String name, String description, Function<JsonNode, String> cell) {
        return add(name, "string", "", description, 1, (o, now) -> TextNode.valueOf(cell.apply(o)));
    }

    Columns number(String name, String description, ToLongFunction<JsonNode> cell) {
        return add(name, "integer", "", description, 0, (o, now) -> LongNode.valueOf(cell.applyAsLong(o)));
    }

    /** A number in a column that is declared as text, as some always were. */
    Columns numberAsText(String name, String description, ToLongFunction<JsonNode> cell) {
        return add(name, "string", "", description, 0, (o, now) -> LongNode.valueOf(cell.applyAsLong(o)));
    }

    Columns flag(String name, String description, Predicate<JsonNode> cell) {
        return add(name, "boolean", "", description, 0, (o, now) -> BooleanNode.valueOf(cell.test(o)));
    }

    Columns add(String name, String type, String format, String description, int priority, Column.Cell cell) {
        columns.add(new Column(name, type, format, description, priority, cell));
        return this;
    }

    List<Column> list() {
        return List.copyOf(columns);
    }
}
