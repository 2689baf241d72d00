package io.keelson.apiserver.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value within an object that is looked over: what stands there, where it stands, and where complaints about it go. Rules
 * walk from place to place and never lose the path:
 *
 * <pre>
 * Place spec = Place.of(object, errors).at("spec");
 * spec.at("replicas").notNegative();
 * for (Place port : spec.at("ports").items()) {
 *     port.at("name").check(Names::dnsLabel);
 * }
 * </pre>
 *
 * <p>Nothing, and null, are {@link #absent()} and read as empty text, 0, false and no elements. Immutable but for the errors.
 */
public final class Place {
    private final JsonNode value;
    private final FieldPath path;
    private final String key;
    private final FieldErrors errors;

    private Place(JsonNode value, FieldPath path, String key, FieldErrors errors) {
        this.value = value;
        this.path = path;
        this.key = key;
        this.errors = errors;
    }

    /** The object as a whole. */
    public static Place of(JsonNode object, FieldErrors errors) {
        return new Place(object, FieldPath.root(), "", errors);
    }

    /** A field of what is here, and of that another one. */
    public Place at(String first, String... more) {
        Place place = new Place(value.path(first), path.child(first), first, errors);
        for (String next : more) {
            place = place.at(next);
        }
        return place;
    }

    /** What is here, complained about under another path. */
    public Place as(FieldPath other) {
        return new Place(value, other, key, errors);
    }

    /** Another value in this place. */
    public Place with(@Nullable JsonNode other) {
        return new Place(other == null ? MissingNode.getInstance() : other, path, key, errors);
    }

    /** The elements of a list; none if there is no list. */
    public List<Place> items() {
        if (!value.isArray()) {
            return List.of();
        }
        List<Place> items = new ArrayList<>(value.size());
        for (JsonNode item : value) {
            items.add(new Place(item, path.index(items.size()), "", errors));
        }
        return items;
    }

    /** The values of a map by their keys, in the order of these; none if there is no map. */
    public List<Place> entries() {
        List<Place> entries = new ArrayList<>();
        for (String name : keys()) {
            entries.add(new Place(value.get(name), path.key(name), name, errors));
        }
        return entries;
    }

    /** The keys of a map, or the fields of an object, in order. */
    public Collection<String> keys() {
        TreeSet<String> names = new TreeSet<>();
        if (value.isObject()) {
            value.fieldNames().forEachRemaining(names::add);
        }
        return names;
    }

    /** A map of texts. */
    public Map<String, String> texts() {
        Map<String, String> texts = new HashMap<>();
        if (value instanceof ObjectNode map) {
            map.properties()
                    .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText("")));
        }
        return texts;
    }

    /** The texts of a list. */
    public List<String> textItems() {
        List<String> texts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(item -> texts.add(item.asText("")));
        }
        return texts;
    }

    public JsonNode value() {
        return value;
    }

    public FieldPath path() {
        return path;
    }

    /** The field's name or the map's key under which the value stands; empty for elements of lists. */
    public String key() {
        return key;
    }

    public FieldErrors errors() {
        return errors;
    }

    public boolean present() {
        return !absent();
    }

    public boolean absent() {
        return value.isMissingNode() || value.isNull();
    }

    /** Whether nothing is here, or only what counts as nothing: empty text, 0, false, no elements. */
    public boolean empty() {
        return switch (value.getNodeType()) {
            case MISSING, NULL -> true;
            case STRING -> value.textValue().isEmpty();
            case NUMBER -> value.doubleValue() == 0;
            case BOOLEAN -> !value.booleanValue();
            case ARRAY, OBJECT -> value.isEmpty();
            case BINARY, POJO -> false;
        };
    }

    public boolean filled() {
        return !empty();
    }

    /** The text here; empty if there is none. */
    public String text() {
        return value.isTextual() ? value.textValue() : "";
    }

    public boolean is(String text) {
        return text().equals(text);
    }

    /** The whole number here; 0 if there is none. */
    public long number() {
        return value.isNumber() ? value.longValue() : 0;
    }

    public boolean isNumber() {
        return value.isNumber();
    }

    public boolean flag() {
        return value.isBoolean() && value.booleanValue();
    }

    public int size() {
        return value.isContainerNode() ? value.size() : 0;
    }

    public void required(String detail) {
        errors.required(path, detail);
    }

    /** Complains if nothing is here. */
    public void mustBeFilled() {
        if (empty()) {
            errors.required(path, "");
        }
    }

    public void invalid(String detail) {
        errors.invalid(path, shown(), detail);
    }

    public void invalid(@Nullable Object shown, String detail) {
        errors.invalid(path, shown, detail);
    }

    public void forbidden(String detail) {
        errors.forbidden(path, detail);
    }

    /** Complains if something is here that has no business to be. */
    public void mustBeAbsent(String detail) {
        if (present()) {
            errors.forbidden(path, detail);
        }
    }

    public void notSupported(String... supported) {
        errors.notSupported(path, shown(), List.of(supported));
    }

    public void duplicate() {
        errors.duplicate(path, shown());
    }

    public void duplicate(Object shown) {
        errors.duplicate(path, shown);
    }

    public void notFound() {
        errors.notFound(path, shown());
    }

    public void tooLong(int bytesMax) {
        errors.tooLong(path, bytesMax);
    }

    public void tooMany(int max) {
        errors.tooMany(path, size(), max);
    }

    /** Complains about everything that a rule finds wrong with the text here. */
    public void check(Function<String, List<String>> rule) {
        for (String wrong : rule.apply(text())) {
            errors.invalid(path, text(), wrong);
        }
    }

    /** As {@link #check}, if there is a text at all. */
    public void checkIfFilled(Function<String, List<String>> rule) {
        if (!text().isEmpty()) {
            check(rule);
        }
    }

    /** A text has to be there, and to follow a rule. */
    public void requireAndCheck(Function<String, List<String>> rule) {
        if (text().isEmpty()) {
            errors.required(path, "");
        } else {
            check(rule);
        }
    }

    /** Complains about a number below 0. */
    public void notNegative() {
        if (number() < 0) {
            invalid("must be greater than or equal to 0");
        }
    }

    /** Complains about a number outside of a range. */
    public void within(long least, long most) {
        if (number() < least || number() > most) {
            invalid(Names.between(least, most));
        }
    }

    /** A text has to be there and be one of a few; complaints list them in the order given. */
    public void oneOf(String... supported) {
        if (text().isEmpty()) {
            errors.required(path, "");
        } else {
            oneOfIfPresent(supported);
        }
    }

    /** As {@link #oneOf}, if anything is there. */
    public void oneOfIfPresent(String... supported) {
        if (present() && !List.of(supported).contains(text())) {
            notSupported(supported);
        }
    }

    /** Complains if the value is another one than before. */
    public void mustEqual(JsonNode old) {
        if (!SemanticEquality.equal(value, old)) {
            invalid("field is immutable");
        }
    }

    private Object shown() {
        return value.isMissingNode() ? "" : value;
    }

    @Override
    public String toString() {
        return path + "=" + value;
    }
}
