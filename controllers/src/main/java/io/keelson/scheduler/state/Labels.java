package io.keelson.scheduler.state;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The labels of a node, or its annotations, in one array: keys and values in turns. There are a dozen of them, so
 * looking through them is as fast as a hash table, which takes several times the memory. Does not change.
 */
final class Labels extends AbstractMap<String, String> {
    static final Labels NONE = new Labels(new String[0]);

    private final String[] keysAndValues;

    private Labels(String[] keysAndValues) {
        this.keysAndValues = keysAndValues;
    }

    /**
     * Takes a map over; keys or values that are null, which no API server lets through, are left out.
     *
     * @param name the node's, of which many a label's value is a copy
     */
    static Labels of(Map<String, String> labels, String name, SharedValues shared) {
        if (labels.isEmpty()) {
            return NONE;
        }
        String[] keysAndValues = new String[2 * labels.size()];
        int used = 0;
        for (Map.Entry<String, String> label : labels.entrySet()) {
            String value = label.getValue();
            if (label.getKey() != null && value != null) {
                keysAndValues[used++] = shared.of(label.getKey());
                keysAndValues[used++] = value.equals(name) ? name : shared.of(value);
            }
        }
        return new Labels(used == keysAndValues.length ? keysAndValues : Arrays.copyOf(keysAndValues, used));
    }

    @Override
    public @Nullable String get(@Nullable Object key) {
        if (key == null) {
            return null;
        }
        int hash = key.hashCode();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String each = keysAndValues[i];
            if (each.hashCode() == hash && each.equals(key)) {
                return keysAndValues[i + 1];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public int size() {
        return keysAndValues.length / 2;
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return Labels.this.size();
            }

            @Override
            public boolean contains(@Nullable Object entry) {
                return entry instanceof Entry<?, ?> asked
                        && asked.getValue() != null
                        && asked.getValue().equals(get(asked.getKey()));
            }

            @Override
            public Iterator<Entry<String, String>> iterator() {
                return new Entries();
            }
        };
    }

    private final class Entries implements Iterator<Entry<String, String>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < keysAndValues.length;
        }

        @Override
        public Entry<String, String> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Entry<String, String> entry = Map.entry(keysAndValues[next], keysAndValues[next + 1]);
            next += 2;
            return entry;
        }
    }
}
