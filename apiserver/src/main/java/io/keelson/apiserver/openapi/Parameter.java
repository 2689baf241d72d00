package io.keelson.apiserver.openapi;

/**
 * Something that a request says besides its body.
 *
 * @param place {@code path} or {@code query}
 * @param type {@code string}, {@code integer} or {@code boolean}
 */
record Parameter(String name, String place, String type, String description) {
    static Parameter path(String name, String description) {
        return new Parameter(name, "path", "string", description);
    }

    static Parameter text(String name, String description) {
        return new Parameter(name, "query", "string", description);
    }

    static Parameter number(String name, String description) {
        return new Parameter(name, "query", "integer", description);
    }

    static Parameter flag(String name, String description) {
        return new Parameter(name, "query", "boolean", description);
    }

    boolean required() {
        return place.equals("path");
    }
}
