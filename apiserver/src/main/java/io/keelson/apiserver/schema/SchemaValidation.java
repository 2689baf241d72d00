package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks objects of custom kinds against their schema: types, formats and the keywords of OpenAPI v3, with the texts of
 * the Kubernetes API: {@code spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1}.
 * CEL rules are evaluated elsewhere.
 *
 * <p>An update is checked less strictly: what is wrong with a value that was there before, and was not changed, is not
 * held against it.
 */
public final class SchemaValidation {
    private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    /** What was found at a place and below; how many checks were passed tells which alternative was meant. */
    private static final class Result {
        private final List<Consumer<FieldErrors>> findings = new ArrayList<>();
        private boolean valid = true;
        private int passed;

        private void add(Consumer<FieldErrors> finding) {
            valid = false;
            if (findings.size() < FieldErrors.ERRORS_MAX) {
                findings.add(finding);
            }
        }

        private void merge(Result other) {
            valid &= other.valid;
            passed += other.passed;
            for (Consumer<FieldErrors> finding : other.findings) {
                add(finding);
            }
        }
    }

    private final FieldPath prefix;

    private SchemaValidation(FieldPath prefix) {
        this.prefix = prefix;
    }

    /** Checks a new object. */
    public static void validate(JsonNode object, Schema schema, FieldErrors errors) {
        validate(object, schema, FieldPath.root(), errors);
    }

    /** Checks a value that stands somewhere else than at the root. */
    static void validate(JsonNode value, Schema schema, FieldPath path, FieldErrors errors) {
        Result result = new SchemaValidation(path).place(value, null, schema, "");
        result.findings.forEach(finding -> finding.accept(errors));
    }

    /** Checks an object that takes the place of an older one. */
    public static void validateUpdate(JsonNode object, JsonNode old, Schema schema, FieldErrors errors) {
        Result result = new SchemaValidation(FieldPath.root()).ratcheted(object, old, schema, "");
        result.findings.forEach(finding -> finding.accept(errors));
    }

    private Result ratcheted(JsonNode value, @Nullable JsonNode old, Schema schema, String path) {
        Result result = place(value, old, schema, path);
        return !result.valid && value.equals(old) ? new Result() : result;
    }

    private Result place(JsonNode value, @Nullable JsonNode old, Schema schema, String path) {
        Result result = new Result();
        type(value, schema, path, result);
        Rules rules = schema.rules();
        if (value.isNull()) {
            enumeration(value, rules, path, result);
            return result;
        }
        junctors(value, old, rules, path, result);
        if (value.isTextual()) {
            text(value.textValue(), schema, rules, path, result);
        } else if (value.isNumber()) {
            number(value, schema, rules, path, result);
        } else if (value.isArray()) {
            list(value, old, schema, rules, path, result);
        }
        enumeration(value, rules, path, result);
        if (value.isObject()) {
            object(value, old, schema, rules, path, result);
        }
        result.passed++;
        return result;
    }

    private FieldPath at(String path) {
        String name = path.startsWith(".") ? path.substring(1) : path;
        return name.isEmpty() ? prefix : prefix.child(name);
    }

    private void invalid(Result result, String path, @Nullable Object value, String detail) {
        result.add(errors -> errors.invalid(at(path), value, detail));
    }

    /** For what the API reports without saying where: the place stands in the text. */
    private static void unplaced(Result result, String detail) {
        result.add(errors -> errors.invalid(FieldPath.of("<nil>"), "", detail));
    }

    private void type(JsonNode value, Schema schema, String path, Result result) {
        List<String> types = types(schema);
        String format = Formats.effective(schema);
        if (types.isEmpty() && format.isEmpty()) {
            return;
        }
        if (value.isNull()) {
            if (!types.isEmpty() && !schema.nullable()) {
                wrongType(path, String.join(",", types), "null", result);
            } else {
                result.passed++;
            }
            return;
        }
        String actual = typeOf(value);
        boolean wholeNumber = types.contains("integer") && value.isNumber() && isWhole(value);
        boolean fits = types.contains(actual) || wholeNumber || (actual.equals("integer") && types.contains("number"));
        boolean textOrList = value.isTextual() || value.isArray();
        if (!textOrList && !format.isEmpty() && !fits) {
            wrongType(path, format, formatOf(value), result);
        } else if (!fits && !(textOrList && !format.isEmpty() && !isNumeric(types))) {
            wrongType(path, String.join(",", types), actual, result);
        } else {
            result.passed++;
        }
    }

    private void wrongType(String path, String type, String actual, Result result) {
        String detail = path + " in body must be of type " + type + ": " + GoText.quoted(actual);
        result.add(errors -> errors.typeInvalid(at(path), actual, detail));
    }

    private static List<String> types(Schema schema) {
        if (schema.intOrString()) {
            return List.of("integer", "string");
        }
        return switch (schema.type()) {
            case OBJECT -> List.of("object");
            case ARRAY -> List.of("array");
            case STRING -> List.of("string");
            case INTEGER -> List.of("integer");
            case NUMBER -> List.of("number");
            case BOOLEAN -> List.of("boolean");
            case ANY -> List.of();
        };
    }

    private static boolean isNumeric(List<String> types) {
        return types.contains("number") || types.contains("integer");
    }

    private static String typeOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            default -> "string";
        };
    }

    private static String formatOf(JsonNode value) {
        return value.isIntegralNumber() ? "int64" : value.isNumber() ? "float64" : "";
    }

    private static boolean isWhole(JsonNode number) {
        return number.isIntegralNumber() || number.doubleValue() == Math.rint(number.doubleValue());
    }

    private void text(String value, Schema schema, @Nullable Rules rules, String path, Result result) {
        if (rules != null && !lengthAndPattern(value, rules, path, result)) {
            return;
        }
        String format = Formats.effective(schema);
        if (!format.isEmpty() && !Formats.matches(format, value)) {
            String detail = path + " in body must be of type " + schema.format() + ": " + GoText.quoted(value);
            result.add(errors -> errors.typeInvalid(at(path), value, detail));
        }
        result.passed++;
    }

    /** Reports the first of them that is broken, as the API does. */
    private boolean lengthAndPattern(String value, Rules rules, String path, Result result) {
        long length = value.codePointCount(0, value.length());
        Long max = rules.maxLength();
        Long min = rules.minLength();
        Pattern pattern = rules.pattern();
        if (max != null && length > max) {
            int bytesMax = (int) Math.min(max, Integer.MAX_VALUE);
            result.add(errors -> errors.tooLong(at(path), bytesMax));
        } else if (min != null && length < min) {
            invalid(result, path, value, path + " in body should be at least " + min + " chars long");
        } else if (pattern != null && !pattern.matcher(value).find()) {
            invalid(result, path, value, path + " in body should match '" + pattern.pattern() + "'");
        } else {
            return true;
        }
        return false;
    }

    private void number(JsonNode value, Schema schema, @Nullable Rules rules, String path, Result result) {
        BigDecimal number = value.decimalValue();
        String type =
                schema.intOrString() ? "" : types(schema).stream().findFirst().orElse("");
        inRange(number, "Checked", type, schema.format(), path, result);
        if (rules != null) {
            multiple(value, number, rules.multipleOf(), type, schema.format(), path, result);
            bound(value, number, rules.minimum(), rules.exclusiveMinimum(), false, type, schema.format(), path, result);
            bound(value, number, rules.maximum(), rules.exclusiveMaximum(), true, type, schema.format(), path, result);
        }
        result.passed++;
    }

    private static void inRange(
            BigDecimal number, String what, String type, String format, String path, Result result) {
        if (!type.equals("integer")) {
            return;
        }
        boolean small = format.equals("int32");
        BigDecimal min = small ? BigDecimal.valueOf(Integer.MIN_VALUE) : LONG_MIN;
        BigDecimal max = small ? BigDecimal.valueOf(Integer.MAX_VALUE) : LONG_MAX;
        boolean whole = number.stripTrailingZeros().scale() <= 0;
        if (!whole || number.compareTo(min) < 0 || number.compareTo(max) > 0) {
            boolean known = small || format.equals("int64");
            unplaced(
                    result,
                    what + " value must be of type integer " + (known ? "with format " + format : "(default format)")
                            + " in " + path);
        }
    }

    private void multiple(
            JsonNode value,
            BigDecimal number,
            @Nullable BigDecimal factor,
            String type,
            String format,
            String path,
            Result result) {
        if (factor == null) {
            return;
        }
        inRange(factor, "MultipleOf", type, format, path, result);
        if (factor.signum() <= 0) {
            invalid(
                    result,
                    path,
                    Json.parse(shown(factor, value)),
                    "factor MultipleOf declared for " + path + " must be positive: " + shown(factor, value));
        } else if (number.remainder(factor).signum() != 0) {
            invalid(result, path, value, path + " in body should be a multiple of " + shown(factor, value));
        }
    }

    private void bound(
            JsonNode value,
            BigDecimal number,
            @Nullable BigDecimal limit,
            boolean exclusive,
            boolean upper,
            String type,
            String format,
            String path,
            Result result) {
        if (limit == null) {
            return;
        }
        inRange(limit, upper ? "Maximum boundary" : "Minimum boundary", type, format, path, result);
        int compared = upper ? number.compareTo(limit) : limit.compareTo(number);
        if (compared > 0 || (exclusive && compared == 0)) {
            String relation = (upper ? "less than " : "greater than ") + (exclusive ? "" : "or equal to ");
            invalid(result, path, value, path + " in body should be " + relation + shown(limit, value));
        }
    }

    /** A limit as it is printed beside a value: whole if the value is. */
    private static String shown(BigDecimal limit, JsonNode value) {
        return value.isIntegralNumber() && limit.stripTrailingZeros().scale() <= 0
                ? limit.toBigInteger().toString()
                : GoText.general(limit.doubleValue());
    }

    private void enumeration(JsonNode value, @Nullable Rules rules, String path, Result result) {
        if (rules == null || rules.enumValues().isEmpty()) {
            return;
        }
        for (JsonNode one : rules.enumValues()) {
            if (!value.isNull() && isSame(one, value)) {
                return;
            }
        }
        List<String> values = rules.enumValues().stream()
                .map(one -> one.isTextual() ? one.textValue() : Json.text(one))
                .toList();
        result.add(errors -> errors.notSupported(at(path), value, values));
    }

    private static boolean isSame(JsonNode one, JsonNode other) {
        return (one.isNumber() && other.isNumber())
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }

    private void list(
            JsonNode value, @Nullable JsonNode old, Schema schema, @Nullable Rules rules, String path, Result result) {
        Schema items = schema.items();
        if (items != null) {
            OldElements before = new OldElements(schema, old);
            for (int i = 0; i < value.size(); i++) {
                JsonNode element = value.get(i);
                result.merge(ratcheted(element, before.of(element), items, path + "[" + i + "]"));
            }
        }
        if (rules != null) {
            int size = value.size();
            Long min = rules.minItems();
            if (min != null && size < min) {
                invalid(result, path, size, path + " in body should have at least " + min + " items");
            }
            tooMany(size, rules.maxItems(), path, result);
            if (rules.uniqueItems()) {
                Set<JsonNode> seen = new HashSet<>();
                for (JsonNode element : value) {
                    if (!seen.add(element)) {
                        invalid(result, path, "", path + " in body shouldn't contain duplicates");
                        break;
                    }
                }
            }
        }
        result.passed++;
    }

    private void tooMany(int size, @Nullable Long max, String path, Result result) {
        if (max != null && size > max) {
            result.add(errors -> errors.tooMany(at(path), size, max.intValue()));
        }
    }

    private void object(
            JsonNode value, @Nullable JsonNode old, Schema schema, @Nullable Rules rules, String path, Result result) {
        if (rules != null) {
            Long min = rules.minProperties();
            if (min != null && value.size() < min) {
                invalid(result, path, value.size(), path + " in body should have at least " + min + " properties");
            }
            tooMany(value.size(), rules.maxProperties(), path, result);
        }
        Map<String, Schema> properties = schema.properties();
        Schema values = schema.additionalProperties();
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            Schema property = properties.get(field.getKey());
            JsonNode before = old == null ? null : old.get(field.getKey());
            if (property != null) {
                String below = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
                result.merge(ratcheted(field.getValue(), before, property, below));
            } else if (values != null) {
                result.merge(ratcheted(field.getValue(), before, values, path + "." + field.getKey()));
            }
        }
        for (String required : schema.required()) {
            if (!value.has(required)) {
                result.add(errors -> errors.required(at(path + "." + required), ""));
            }
        }
    }

    private void junctors(JsonNode value, @Nullable JsonNode old, @Nullable Rules rules, String path, Result result) {
        if (rules == null) {
            return;
        }
        if (!rules.anyOf().isEmpty()) {
            anyOf(value, old, rules.anyOf(), path, result);
        }
        if (!rules.oneOf().isEmpty()) {
            oneOf(value, old, rules.oneOf(), path, result);
        }
        if (!rules.allOf().isEmpty()) {
            allOf(value, old, rules.allOf(), path, result);
        }
        Schema not = rules.not();
        if (not != null && place(value, old, not, path).valid) {
            unplaced(result, GoText.quoted(path) + " must not validate the schema (not)");
        }
        result.passed++;
    }

    private void anyOf(JsonNode value, @Nullable JsonNode old, List<Schema> schemas, String path, Result result) {
        Result best = null;
        for (Schema schema : schemas) {
            Result one = place(value, old, schema, path);
            if (one.valid) {
                result.merge(one);
                return;
            }
            if (best == null || one.passed > best.passed) {
                best = one;
            }
        }
        unplaced(result, GoText.quoted(path) + " must validate at least one schema (anyOf)");
        if (best != null) {
            result.merge(best);
        }
    }

    private void oneOf(JsonNode value, @Nullable JsonNode old, List<Schema> schemas, String path, Result result) {
        Result best = null;
        Result first = null;
        int valid = 0;
        for (Schema schema : schemas) {
            Result one = place(value, old, schema, path);
            if (one.valid) {
                valid++;
                first = first == null ? one : first;
            } else if (best == null || one.passed > best.passed) {
                best = one;
            }
        }
        if (valid == 1 && first != null) {
            result.merge(first);
            return;
        }
        String found = valid == 0 ? "Found none valid" : "Found " + valid + " valid alternatives";
        unplaced(result, GoText.quoted(path) + " must validate one and only one schema (oneOf). " + found);
        if (valid == 0 && best != null) {
            result.merge(best);
        }
    }

    private void allOf(JsonNode value, @Nullable JsonNode old, List<Schema> schemas, String path, Result result) {
        int valid = 0;
        for (Schema schema : schemas) {
            Result one = place(value, old, schema, path);
            valid += one.valid ? 1 : 0;
            result.merge(one);
        }
        if (valid < schemas.size()) {
            unplaced(
                    result,
                    GoText.quoted(path) + " must validate all the schemas (allOf)"
                            + (valid == 0 ? ". None validated" : ""));
        }
    }
}
