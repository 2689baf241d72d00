package io.keelson.apiserver.cel;

import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;

/** A type of result that somebody who compiles an expression can use. */
public enum CelResult {
    BOOL("bool", SimpleType.BOOL),
    STRING("string", SimpleType.STRING),
    INT("int", SimpleType.INT),
    DOUBLE("double", SimpleType.DOUBLE),
    NULL("null_type", SimpleType.NULL_TYPE),
    STRING_LIST("list(string)", ListType.create(SimpleType.STRING)),
    /** Whatever comes out. */
    ANY("any", SimpleType.ANY);

    private final String text;
    private final CelType type;

    CelResult(String text, CelType type) {
        this.text = text;
        this.type = type;
    }

    /** The type as messages call it. */
    public String text() {
        return text;
    }

    /** Whether an expression of this type is fine; one of a type that is known only when it runs is so for {@link #ANY}. */
    boolean allows(CelType actual) {
        if (this == ANY) {
            return true;
        }
        if (this == STRING_LIST) {
            return actual instanceof ListType list
                    && (list.elemType().equals(SimpleType.STRING)
                            || list.elemType().kind() == CelKind.DYN);
        }
        return actual.equals(type);
    }
}
