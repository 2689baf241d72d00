package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.cel.ConstructedObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Looks whether the types of constructed objects are those of the places where they stand: in {@code Object.spec} the field
 * {@code selector} must be of the type {@code Object.spec.selector}. Lists and maps in between have no names.
 */
final class TypeNames {
    private TypeNames() {}

    /** @throws ConfigurationException if one is not */
    static void check(ConstructedObject object) throws ConfigurationException {
        List<String> wrong = new ArrayList<>();
        look(object, object.typeName(), wrong);
        if (!wrong.isEmpty()) {
            throw new ConfigurationException("type mismatch: " + String.join("\n", wrong));
        }
    }

    private static void look(Object value, String expected, List<String> wrong) {
        switch (value) {
            case ConstructedObject object -> {
                if (!object.typeName().equals(expected)) {
                    wrong.add("unexpected type name \"" + object.typeName() + "\", expected \"" + expected
                            + "\", which matches field name path from root Object type");
                }
                object.forEach((field, below) -> look(below, expected + "." + field, wrong));
            }
            case Map<?, ?> map -> map.values().forEach(below -> look(below, expected, wrong));
            case Collection<?> list -> list.forEach(below -> look(below, expected, wrong));
            default -> {
                // Has no type of its own.
            }
        }
    }
}
