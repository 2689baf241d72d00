package io.keelson.apiserver.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One object at one revision: its bytes as they are sent in the version it is stored in, what it is selected by, and, on
 * demand, its tree. Never changes; any thread.
 */
public final class CacheEntry implements Keyed {
    private final String key;
    private final String namespace;
    private final long revision;
    private final Map<String, String> labels;
    private final String[] fieldNames;
    private final String[] fieldValues;
    private final byte[] encoded;
    private final int bodyOffset;
    private final RecentTrees trees;
    private volatile @Nullable ObjectNode tree;

    /** @param fieldNames shared by all entries with the same ones, in the order of {@code fieldValues} */
    CacheEntry(
            String key,
            String namespace,
            long revision,
            Map<String, String> labels,
            String[] fieldNames,
            String[] fieldValues,
            byte[] encoded,
            int bodyOffset,
            RecentTrees trees) {
        this.key = key;
        this.namespace = namespace;
        this.revision = revision;
        this.labels = labels;
        this.fieldNames = fieldNames;
        this.fieldValues = fieldValues;
        this.encoded = encoded;
        this.bodyOffset = bodyOffset;
        this.trees = trees;
    }

    /** The whole key in the store. */
    @Override
    public String key() {
        return key;
    }

    /** Empty for objects that have none. */
    public String namespace() {
        return namespace;
    }

    /** The last part of the key. */
    public String name() {
        return key.substring(key.lastIndexOf('/') + 1);
    }

    /** The object's resource version. */
    public long revision() {
        return revision;
    }

    public Map<String, String> labels() {
        return labels;
    }

    /** A field that objects can be selected by; empty if the object does not have it. */
    public String field(String field) {
        return switch (field) {
            case "metadata.name" -> name();
            case "metadata.namespace" -> namespace;
            default -> {
                for (int i = 0; i < fieldNames.length; i++) {
                    if (fieldNames[i].equals(field)) {
                        yield fieldValues[i];
                    }
                }
                yield "";
            }
        };
    }

    /**
     * The object as JSON, in the version it is stored in, with its resource version: {@code
     * {"kind":…,"apiVersion":…,…}}. Not to be changed.
     */
    public byte[] encoded() {
        return encoded;
    }

    /** How many bytes {@link #encoded()} has. */
    public int sizeBytes() {
        return encoded.length;
    }

    /**
     * Where in {@link #encoded()} the fields behind {@code kind} and {@code apiVersion} begin, which objects in lists of
     * built-in kinds do without; 1 if they do not stand in front.
     */
    public int bodyOffset() {
        return bodyOffset;
    }

    /** Writes the object without {@code kind} and {@code apiVersion}. */
    public void writeBody(OutputStream out) throws IOException {
        out.write('{');
        out.write(encoded, bodyOffset, encoded.length - bodyOffset);
    }

    /** The object as a tree, in the version it is stored in. Not to be changed: {@code deepCopy()} first. */
    public ObjectNode tree() {
        ObjectNode held = tree;
        if (held != null) {
            return held;
        }
        ObjectNode made = Json.parseObject(encoded);
        hold(made);
        return made;
    }

    void hold(ObjectNode made) {
        boolean first = tree == null;
        tree = made;
        // Two threads may both be first; then the trees are bounded a little tighter for a while.
        if (first) {
            trees.made(this);
        }
    }

    void forgetTree() {
        tree = null;
    }

    /** The same object with another resource version: as the last state of one that was deleted at it. */
    CacheEntry at(long newRevision) {
        ObjectNode object = Json.parseObject(encoded);
        ObjectMeta.setResourceVersion(object, newRevision);
        return new CacheEntry(
                key, namespace, newRevision, labels, fieldNames, fieldValues, Json.encode(object), bodyOffset, trees);
    }

    @Override
    public String toString() {
        return key + "@" + revision;
    }

    /** Whether the names are these, so that one array serves both. */
    static boolean sameNames(String[] left, String[] right) {
        return Arrays.equals(left, right);
    }
}
