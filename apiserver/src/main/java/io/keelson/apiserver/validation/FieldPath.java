package io.keelson.apiserver.validation;

import org.jspecify.annotations.Nullable;

/**
 * A place in an object, written as the API writes it: {@code spec.containers[0].ports[1].name}, {@code
 * metadata.labels[app]}. Immutable; a path shares its beginning with the one it was made from, and becomes text only when
 * somebody reads it.
 */
public final class FieldPath {
    private static final FieldPath ROOT = new FieldPath(null, "", -1, false);
    private static final FieldPath NAMELESS = ROOT.child("[]");

    private final @Nullable FieldPath parent;
    private final String name;
    private final int index;
    private final boolean key;

    private FieldPath(@Nullable FieldPath parent, String name, int index, boolean key) {
        this.parent = parent;
        this.name = name;
        this.index = index;
        this.key = key;
    }

    /** The object itself. */
    public static FieldPath root() {
        return ROOT;
    }

    /**
     * The object as a whole, where complaints about it have to name something: {@code []}, as the original writes it.
     */
    public static FieldPath nameless() {
        return NAMELESS;
    }

    /** A path from the object itself, one field below the other. */
    public static FieldPath of(String first, String... more) {
        FieldPath path = ROOT.child(first);
        for (String next : more) {
            path = path.child(next);
        }
        return path;
    }

    /** A field of what is here. */
    public FieldPath child(String field) {
        return new FieldPath(this, field, -1, false);
    }

    /** An element of the list that is here. */
    public FieldPath index(int position) {
        return new FieldPath(this, "", position, false);
    }

    /** The value under a key of the map that is here. */
    public FieldPath key(String mapKey) {
        return new FieldPath(this, mapKey, -1, true);
    }

    public boolean isRoot() {
        return parent == null;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        write(text);
        return text.toString();
    }

    private void write(StringBuilder text) {
        if (parent == null) {
            return;
        }
        parent.write(text);
        if (index >= 0) {
            text.append('[').append(index).append(']');
        } else if (key) {
            text.append('[').append(name).append(']');
        } else {
            if (!text.isEmpty()) {
                text.append('.');
            }
            text.append(name);
        }
    }
}
