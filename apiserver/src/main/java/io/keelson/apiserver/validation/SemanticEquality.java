package io.keelson.apiserver.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.Map;

/**
 * Whether two values mean the same: nothing, null, an empty text, an empty list and an empty map are the same, and numbers
 * are compared by value. False and 0 are something: they may differ from what is not said.
 */
public final class SemanticEquality {
    /**
     * For {@link JsonNode#equals(Comparator, JsonNode)}, where nothing else is to be overlooked: a number is the same in
     * whatever type of Java it is held; a whole one is not the same as one with a fraction.
     */
    public static final Comparator<JsonNode> SAME_NUMBERS =
            (one, other) -> one.equals(other) || isSameNumber(one, other) ? 0 : 1;

    private SemanticEquality() {}

    private static boolean isSameNumber(JsonNode one, JsonNode other) {
        return one.isNumber()
                && other.isNumber()
                && one.isIntegralNumber() == other.isIntegralNumber()
                && one.decimalValue().compareTo(other.decimalValue()) == 0;
    }

    public static boolean equal(JsonNode one, JsonNode other) {
        if (nothing(one) || nothing(other)) {
            return nothing(one) && nothing(other);
        }
        if (one instanceof ObjectNode left && other instanceof ObjectNode right) {
            return covers(left, right) && covers(right, left);
        }
        if (one.isArray() && other.isArray()) {
            if (one.size() != other.size()) {
                return false;
            }
            for (int i = 0; i < one.size(); i++) {
                if (!equal(one.get(i), other.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (one.isNumber() && other.isNumber()) {
            boolean whole = one.isIntegralNumber() && other.isIntegralNumber();
            return whole ? one.longValue() == other.longValue() : one.doubleValue() == other.doubleValue();
        }
        return one.equals(other);
    }

    private static boolean covers(ObjectNode one, ObjectNode other) {
        for (Map.Entry<String, JsonNode> entry : one.properties()) {
            JsonNode there = other.get(entry.getKey());
            if (!equal(entry.getValue(), there == null ? MissingNode.getInstance() : there)) {
                return false;
            }
        }
        return true;
    }

    private static boolean nothing(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || (value.isContainerNode() && value.isEmpty())
                || (value.isTextual() && value.textValue().isEmpty());
    }
}
