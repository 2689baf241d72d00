package io.keelson.apiserver.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One object at one revision: its bytes as they are sent in the version it is stored in, what it is selected by, and, on
 * demand, its tree and its bytes in other forms, as long as there is room for those. Never changes; any thread.
 */
public final class CacheEntry implements Keyed {
    /** In how many other forms it is held at most: those asked for last. */
    private static final int FORMS_MAX = 4;

    private static final EncodedForm[] NO_FORMS = {};

    private final String key;
    private final String namespace;
    private final long revision;
    private final Map<String, String> labels;
    private final String[] fieldNames;
    private final String[] fieldValues;
    private final byte[] encoded;
    private final int bodyOffset;
    private final EntryMemory memory;
    private volatile @Nullable ObjectNode tree;
    /** Replaced as a whole, by one thread at a time. */
    private volatile EncodedForm[] forms = NO_FORMS;

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
            EntryMemory memory) {
        this.key = key;
        this.namespace = namespace;
        this.revision = revision;
        this.labels = labels;
        this.fieldNames = fieldNames;
        this.fieldValues = fieldValues;
        this.encoded = encoded;
        this.bodyOffset = bodyOffset;
        this.memory = memory;
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

    /** As {@link #tree}, for those who look at many objects once: one that has to be made is not held. */
    public ObjectNode passingTree() {
        ObjectNode held = tree;
        return held == null ? Json.parseObject(encoded) : held;
    }

    /** The object's metadata, which are read alone if the tree is not held. Not to be changed. */
    public JsonNode metadata() {
        ObjectNode held = tree;
        return held == null ? Json.field(encoded, "metadata") : held.path("metadata");
    }

    /**
     * The object in another form, encoded once for all who ask soon. Not to be changed.
     *
     * @param encoder makes the bytes; the same for the same form, whoever asks
     */
    public byte[] encoded(EntryForm form, Function<CacheEntry, byte[]> encoder) {
        EncodedForm held = find(form);
        byte[] known = held == null ? null : held.bytes();
        if (known != null) {
            return known;
        }
        return (held == null ? withForm(form) : held).bytes(encoder);
    }

    /** The object in another form, if it has been encoded lately; else null. Not to be changed. */
    public byte @Nullable [] held(EntryForm form) {
        EncodedForm held = find(form);
        return held == null ? null : held.bytes();
    }

    private @Nullable EncodedForm find(EntryForm form) {
        for (EncodedForm held : forms) {
            if (held.form().equals(form)) {
                return held;
            }
        }
        return null;
    }

    private synchronized EncodedForm withForm(EntryForm form) {
        EncodedForm known = find(form);
        if (known != null) {
            return known;
        }
        EncodedForm[] now = forms;
        int kept = Math.min(now.length, FORMS_MAX - 1);
        EncodedForm[] more = new EncodedForm[kept + 1];
        System.arraycopy(now, now.length - kept, more, 0, kept);
        more[kept] = new EncodedForm(this, form);
        forms = more;
        return more[kept];
    }

    void made(EncodedForm form) {
        memory.forms().made(form);
    }

    @SuppressWarnings("ReferenceEquality") // another one of the same form has been made since, and stays
    synchronized void forget(EncodedForm form) {
        forms = Arrays.stream(forms).filter(held -> held != form).toArray(EncodedForm[]::new);
    }

    void hold(ObjectNode made) {
        boolean first = tree == null;
        tree = made;
        // Two threads may both be first; then the trees are bounded a little tighter for a while.
        if (first) {
            memory.trees().made(this);
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
                key, namespace, newRevision, labels, fieldNames, fieldValues, Json.encode(object), bodyOffset, memory);
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
