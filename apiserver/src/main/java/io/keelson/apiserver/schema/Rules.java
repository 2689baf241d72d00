package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a CustomResourceDefinition demands of a value beyond its type: the validation keywords of OpenAPI v3 that a
 * structural schema may have, and its CEL rules. Null and empty mean that nothing is demanded.
 *
 * @param pattern that must be found somewhere in a text; matched in time linear to its length, for both come from clients
 * @param enumValues the values there are, of any type
 * @param expressions {@code x-kubernetes-validations}
 */
public record Rules(
        @Nullable BigDecimal minimum,
        boolean exclusiveMinimum,
        @Nullable BigDecimal maximum,
        boolean exclusiveMaximum,
        @Nullable BigDecimal multipleOf,
        @Nullable Long minLength,
        @Nullable Long maxLength,
        @Nullable Pattern pattern,
        @Nullable Long minItems,
        @Nullable Long maxItems,
        boolean uniqueItems,
        @Nullable Long minProperties,
        @Nullable Long maxProperties,
        List<JsonNode> enumValues,
        List<Schema> allOf,
        List<Schema> anyOf,
        List<Schema> oneOf,
        @Nullable Schema not,
        List<Expression> expressions) {
    /**
     * One rule of {@code x-kubernetes-validations}.
     *
     * @param rule in CEL; {@code self} is the value it stands at
     * @param message for who breaks it; empty for the rule itself
     * @param messageExpression in CEL, goes before {@code message}; empty if there is none
     * @param reason of the field error; empty for FieldValueInvalid
     * @param fieldPath where the error is reported, relative to the value; empty for the value itself
     * @param optionalOldSelf whether {@code oldSelf} is optional, so that the rule also holds for new objects
     */
    public record Expression(
            String rule,
            String message,
            String messageExpression,
            String reason,
            String fieldPath,
            boolean optionalOldSelf) {}
}
