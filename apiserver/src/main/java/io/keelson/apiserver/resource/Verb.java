package io.keelson.apiserver.resource;

import java.util.Locale;

/** What can be done with a resource; written in lower case, as in discovery and in roles. */
public enum Verb {
    GET,
    LIST,
    WATCH,
    CREATE,
    UPDATE,
    PATCH,
    DELETE,
    DELETECOLLECTION;

    private final String text = name().toLowerCase(Locale.ROOT);

    @Override
    public String toString() {
        return text;
    }
}
