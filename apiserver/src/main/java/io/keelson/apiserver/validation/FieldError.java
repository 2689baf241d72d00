package io.keelson.apiserver.validation;

/**
 * Something wrong with one field.
 *
 * @param type what is wrong, in general
 * @param field where; empty for the object as a whole
 * @param body what is wrong, without the field: {@code Invalid value: -1: must be greater than or equal to 0}
 */
public record FieldError(Type type, String field, String body) {
    /** Kinds of errors: for programs, and for people. */
    public enum Type {
        NOT_FOUND("FieldValueNotFound", "Not found"),
        REQUIRED("FieldValueRequired", "Required value"),
        DUPLICATE("FieldValueDuplicate", "Duplicate value"),
        INVALID("FieldValueInvalid", "Invalid value"),
        NOT_SUPPORTED("FieldValueNotSupported", "Unsupported value"),
        FORBIDDEN("FieldValueForbidden", "Forbidden"),
        TOO_LONG("FieldValueTooLong", "Too long"),
        TOO_MANY("FieldValueTooMany", "Too many"),
        INTERNAL("InternalError", "Internal error"),
        TYPE_INVALID("FieldValueTypeInvalid", "Invalid value");

        private final String reason;
        private final String text;

        Type(String reason, String text) {
            this.reason = reason;
            this.text = text;
        }

        public String reason() {
            return reason;
        }

        public String text() {
            return text;
        }
    }

    @Override
    public String toString() {
        return field.isEmpty() ? body : field + ": " + body;
    }
}
