package io.keelson.apiserver.authz;

import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import java.util.List;

/**
 * One condition of a selector, as access reviews write it.
 *
 * @param key a label, or the path of a field
 * @param operator In, NotIn, Exists or DoesNotExist
 */
public record SelectorRequirement(String key, String operator, List<String> values) {
    public static final String IN = "In";
    public static final String NOT_IN = "NotIn";

    public SelectorRequirement {
        values = List.copyOf(values);
    }

    public static SelectorRequirement of(FieldSelector.Requirement requirement) {
        return new SelectorRequirement(
                requirement.field(), requirement.equal() ? IN : NOT_IN, List.of(requirement.value()));
    }

    public static SelectorRequirement of(LabelSelector.Requirement requirement) {
        String operator = switch (requirement.operator()) {
            case IN, EQUALS, DOUBLE_EQUALS -> IN;
            case NOT_IN, NOT_EQUALS -> NOT_IN;
            case EXISTS -> "Exists";
            case DOES_NOT_EXIST -> "DoesNotExist";
            case GREATER_THAN -> "Gt";
            case LESS_THAN -> "Lt";
        };
        return new SelectorRequirement(requirement.key(), operator, requirement.values());
    }

    /** Whether it holds only for this one value. */
    public boolean requires(String value) {
        return operator.equals(IN) && values.size() == 1 && values.getFirst().equals(value);
    }
}
