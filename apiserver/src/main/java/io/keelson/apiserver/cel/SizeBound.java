package io.keelson.apiserver.cel;

import io.keelson.apiserver.schema.Rules;
import io.keelson.apiserver.schema.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How large a value can be that a request carries: by what its schema limits, or else by the size of a request and the least
 * room that each element takes.
 */
public final class SizeBound {
    /** Bytes of a request. */
    private static final long REQUEST_MAX = 3L * 1_024 * 1_024;

    private static final int DEPTH_MAX = 64;

    private SizeBound() {}

    /** Characters of a text, elements of a list, entries of a map; 1 for all else. */
    public static long of(Schema schema) {
        Rules rules = schema.rules();
        if (schema.intOrString()) {
            return rules != null && rules.maxLength() != null ? rules.maxLength() : REQUEST_MAX - 2;
        }
        return switch (schema.type()) {
            case STRING -> text(schema, rules);
            case ARRAY -> {
                Schema items = schema.items();
                Long stated = rules == null ? null : rules.maxItems();
                yield stated != null ? stated : (REQUEST_MAX - 2) / (least(items, 0) + 1);
            }
            case OBJECT -> {
                Schema values = schema.additionalProperties();
                if (values == null) {
                    yield 1;
                }
                Long stated = rules == null ? null : rules.maxProperties();
                yield stated != null ? stated : (REQUEST_MAX - 2) / (least(values, 0) + 4);
            }
            case INTEGER, NUMBER, BOOLEAN -> 1;
            case ANY -> REQUEST_MAX;
        };
    }

    private static long text(Schema schema, @Nullable Rules rules) {
        if (rules != null && !rules.enumValues().isEmpty()) {
            return rules.enumValues().stream()
                    .mapToLong(value -> value.asText().length())
                    .max()
                    .orElse(0);
        }
        return switch (schema.format()) {
            case "date-time", "date", "duration" -> 1;
            default -> rules != null && rules.maxLength() != null ? rules.maxLength() : REQUEST_MAX - 2;
        };
    }

    /** The fewest bytes that a value takes. */
    private static long least(@Nullable Schema schema, int depth) {
        if (schema == null || depth > DEPTH_MAX) {
            return 1;
        }
        return switch (schema.type()) {
            case STRING, ARRAY -> 2;
            case BOOLEAN -> 4;
            case OBJECT -> {
                long bytes = 2;
                for (String name : schema.required()) {
                    Schema property = schema.property(name);
                    if (property != null && property.defaultValue() == null) {
                        bytes += name.length() + 3 + least(property, depth + 1);
                    }
                }
                yield bytes;
            }
            case INTEGER, NUMBER, ANY -> 1;
        };
    }
}
