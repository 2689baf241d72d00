package io.keelson.apiserver.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with an object, with the texts of the Kubernetes API. Bad values are shown as Go prints them:
 * text in quotes, numbers bare, objects as JSON. For one object; one thread. Stops collecting at {@link #ERRORS_MAX}, so
 * that an object made of errors does not become an answer of megabytes.
 */
public final class FieldErrors {
    public static final int ERRORS_MAX = 200;

    private static final int VALUE_CHARS_MAX = 4_096;

    private final List<FieldError> errors = new ArrayList<>();
    private final List<String> pardoned = new ArrayList<>();

    public void required(FieldPath field, String detail) {
        add(FieldError.Type.REQUIRED, field, detail);
    }

    public void invalid(FieldPath field, @Nullable Object value, String detail) {
        add(FieldError.Type.INVALID, field, shown(value) + (detail.isEmpty() ? "" : ": " + detail));
    }

    public void typeInvalid(FieldPath field, @Nullable Object value, String detail) {
        add(FieldError.Type.TYPE_INVALID, field, shown(value) + (detail.isEmpty() ? "" : ": " + detail));
    }

    public void duplicate(FieldPath field, @Nullable Object value) {
        add(FieldError.Type.DUPLICATE, field, shown(value));
    }

    /** As {@link #duplicate(FieldPath, Object)}, with what makes it one. */
    public void duplicate(FieldPath field, @Nullable Object value, String detail) {
        add(FieldError.Type.DUPLICATE, field, shown(value) + ": " + detail);
    }

    public void notFound(FieldPath field, @Nullable Object value) {
        add(FieldError.Type.NOT_FOUND, field, shown(value));
    }

    /** As {@link #notFound(FieldPath, Object)}, with where it was looked for. */
    public void notFound(FieldPath field, @Nullable Object value, String detail) {
        add(FieldError.Type.NOT_FOUND, field, shown(value) + ": " + detail);
    }

    public void forbidden(FieldPath field, String detail) {
        add(FieldError.Type.FORBIDDEN, field, detail);
    }

    /** A value that is none of those there are; these are listed in the order given. */
    public void notSupported(FieldPath field, @Nullable Object value, Collection<String> supported) {
        String list = supported.stream().map(FieldErrors::quoted).collect(Collectors.joining(", "));
        add(FieldError.Type.NOT_SUPPORTED, field, shown(value) + (list.isEmpty() ? "" : ": supported values: " + list));
    }

    /** A value longer than so many bytes. */
    public void tooLong(FieldPath field, int bytesMax) {
        add(FieldError.Type.TOO_LONG, field, "may not be more than " + bytesMax + " bytes");
    }

    /** More elements than so many. */
    public void tooMany(FieldPath field, int actual, int max) {
        add(FieldError.Type.TOO_MANY, field, actual + ": must have at most " + max + (max == 1 ? " item" : " items"));
    }

    public void internal(FieldPath field, String detail) {
        add(FieldError.Type.INTERNAL, field, detail);
    }

    private void add(FieldError.Type type, FieldPath field, String detail) {
        if (errors.size() < ERRORS_MAX) {
            errors.add(new FieldError(
                    type, field.toString(), detail.isEmpty() ? type.text() : type.text() + ": " + detail));
        }
    }

    /** Takes over one that was found elsewhere. */
    public void add(FieldError error) {
        if (errors.size() < ERRORS_MAX) {
            errors.add(error);
        }
    }

    /** How many were found, up to {@link #ERRORS_MAX}. */
    public int count() {
        return errors.size();
    }

    /** Takes over what others collected. */
    public void addAll(FieldErrors others) {
        for (FieldError error : others.errors) {
            if (errors.size() < ERRORS_MAX) {
                errors.add(error);
            }
        }
        others.pardoned.forEach(this::pardon);
    }

    /** Lets pass what others collected: the client is warned, no more. */
    public void pardon(FieldErrors others) {
        others.errors.forEach(error -> pardon(error.toString()));
    }

    private void pardon(String text) {
        if (pardoned.size() < ERRORS_MAX) {
            pardoned.add(text);
        }
    }

    /** What was let pass, in words for the client's attention, up to {@link #ERRORS_MAX}. */
    public List<String> pardoned() {
        return List.copyOf(pardoned);
    }

    public boolean isEmpty() {
        return errors.isEmpty();
    }

    public List<FieldError> list() {
        return List.copyOf(errors);
    }

    private static String shown(@Nullable Object value) {
        String text = switch (value) {
            case null -> "null";
            case JsonNode node when node.isTextual() -> quoted(node.textValue());
            case JsonNode node -> node.toString();
            case CharSequence chars -> quoted(chars.toString());
            default -> value.toString();
        };
        return text.length() <= VALUE_CHARS_MAX ? text : text.substring(0, VALUE_CHARS_MAX) + "...";
    }

    /** In quotes and with escapes, as Go's {@code %q} writes it. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(character -> {
            switch (character) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case 11 -> out.append("\\v");
                default -> {
                    if (character < 0x20 || character == 0x7f) {
                        out.append(String.format("\\x%02x", character));
                    } else {
                        out.appendCodePoint(character);
                    }
                }
            }
        });
        return out.append('"').toString();
    }
}
