package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.STRING;

/** {@code jsonpatch.escapeKey}: a key as a JSON pointer writes it. */
public final class PointerFunctions {
    private PointerFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .global(
                        "jsonpatch.escapeKey",
                        "string_jsonpatch_escape_key",
                        Cost.FIRST,
                        given -> ((String) given[0]).replace("~", "~0").replace("/", "~1"),
                        STRING,
                        STRING);
    }
}
