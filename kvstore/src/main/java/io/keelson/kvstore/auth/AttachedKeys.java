package io.keelson.kvstore.auth;

import io.keelson.kvstore.mvcc.KeyRange;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Judges all keys attached to a lease, whose number is not bounded, by a number of looks bounded by the permissions. */
final class AttachedKeys {
    private AttachedKeys() {}

    /** Keys in their order, from a given one on, until the visitor returns false. */
    @FunctionalInterface
    interface Source {
        void visit(byte[] from, Predicate<byte[]> visitor);
    }

    /**
     * Whether all keys are in the set. Looks up the first key, and then always the first one behind the interval that
     * the last one was in, instead of every key.
     */
    static boolean allIn(KeyIntervals permitted, Source keys) {
        byte[] from = {};
        while (true) {
            byte[] key = first(keys, from);
            if (key == null) {
                return true;
            }
            KeyRange interval = permitted.covering(key);
            if (interval == null) {
                return false;
            }
            byte[] end = interval.to();
            if (end == null) {
                return true;
            }
            from = end;
        }
    }

    private static byte @Nullable [] first(Source keys, byte[] from) {
        byte[][] found = {null};
        keys.visit(from, key -> {
            found[0] = key;
            return false;
        });
        return found[0];
    }
}
