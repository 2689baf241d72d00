package io.keelson.apiserver.request;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How to create, update or patch.
 *
 * @param dryRun whether everything is done but storing
 * @param fieldManager who owns the fields that are written; empty if nothing was said
 * @param force whether an apply takes over fields of others; null if nothing was said
 */
public record WriteOptions(
        boolean dryRun,
        String fieldManager,
        FieldValidation fieldValidation,
        @Nullable Boolean force) {
    private static final int FIELD_MANAGER_BYTES_MAX = 128;
    private static final String DRY_RUN_ALL = "All";

    /** @throws ApiException Invalid, of kind {@code CreateOptions} */
    public static WriteOptions forCreate(Query query) {
        return parse(query, "CreateOptions", new FieldErrors(), null);
    }

    /** @throws ApiException Invalid, of kind {@code UpdateOptions} */
    public static WriteOptions forUpdate(Query query) {
        return parse(query, "UpdateOptions", new FieldErrors(), null);
    }

    /**
     * @param apply whether the patch is of server-side apply
     * @throws ApiException Invalid, of kind {@code PatchOptions}
     */
    public static WriteOptions forPatch(Query query, boolean apply) {
        FieldErrors errors = new FieldErrors();
        Boolean force = QueryValues.optionalFlag(query, "force");
        if (!apply && force != null) {
            errors.forbidden(FieldPath.of("force"), "may not be specified for non-apply patch");
        }
        if (apply && query.text("fieldManager").isEmpty()) {
            errors.required(FieldPath.of("fieldManager"), "is required for apply patch");
        }
        return parse(query, "PatchOptions", errors, force);
    }

    private static WriteOptions parse(Query query, String kind, FieldErrors errors, @Nullable Boolean force) {
        String manager = query.text("fieldManager");
        checkFieldManager(manager, errors, FieldPath.of("fieldManager"));
        boolean dryRun = dryRun(query.all("dryRun"), errors);
        String validation = query.text("fieldValidation");
        if (!List.of("", "Ignore", "Strict", "Warn").contains(validation)) {
            errors.notSupported(FieldPath.of("fieldValidation"), validation, List.of("", "Ignore", "Strict", "Warn"));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupKind("meta.k8s.io", kind), "", errors.list());
        }
        FieldValidation fieldValidation = validation.isEmpty()
                ? FieldValidation.WARN
                : FieldValidation.valueOf(validation.toUpperCase(Locale.ROOT));
        return new WriteOptions(dryRun, manager, fieldValidation, force);
    }

    /** Whether an apply takes over fields of others. */
    public boolean forced() {
        return Boolean.TRUE.equals(force);
    }

    static boolean dryRun(List<String> values, FieldErrors errors) {
        if (values.stream().allMatch(DRY_RUN_ALL::equals)) {
            return !values.isEmpty();
        }
        ArrayNode shown = JsonNodeFactory.instance.arrayNode();
        values.forEach(shown::add);
        errors.notSupported(FieldPath.of("dryRun"), shown, List.of(DRY_RUN_ALL));
        return false;
    }

    /** The rules for names of field managers, in queries and in {@code managedFields}. */
    public static void checkFieldManager(String manager, FieldErrors errors, FieldPath field) {
        int position = 0;
        for (int character : manager.codePoints().toArray()) {
            if (!printable(character)) {
                errors.invalid(
                        field,
                        manager,
                        String.format("invalid character U+%04X (at position %d)", character, position));
            }
            position += utf8Bytes(character);
        }
        if (position > FIELD_MANAGER_BYTES_MAX) {
            errors.tooLong(field, FIELD_MANAGER_BYTES_MAX);
        }
    }

    private static int utf8Bytes(int character) {
        return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    }

    /** As Go has it: letters, marks, numbers, punctuation, symbols, and of the spaces only the plain one. */
    private static boolean printable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> character == ' ';
            default -> true;
        };
    }
}
