package io.keelson.apiserver.cache;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An entry in one form, which whoever asks first encodes while the others wait. Any thread. */
final class EncodedForm {
    /** About what takes memory beside the bytes. */
    private static final long OVERHEAD_BYTES = 100;

    private final CacheEntry entry;
    private final EntryForm form;
    private volatile byte @Nullable [] bytes;

    EncodedForm(CacheEntry entry, EntryForm form) {
        this.entry = entry;
        this.form = form;
    }

    EntryForm form() {
        return form;
    }

    /** Null if nobody has encoded it yet. */
    byte @Nullable [] bytes() {
        return bytes;
    }

    /** The bytes; encodes them if nobody has. */
    synchronized byte[] bytes(Function<CacheEntry, byte[]> encoder) {
        byte[] known = bytes;
        if (known == null) {
            known = encoder.apply(entry);
            bytes = known;
            entry.made(this);
        }
        return known;
    }

    /** What it keeps from being freed: its entry, too, which may be a large one that has been replaced since. */
    long sizeBytes() {
        byte[] known = bytes;
        return OVERHEAD_BYTES + entry.sizeBytes() + (known == null ? 0 : known.length);
    }

    void forget() {
        entry.forget(this);
    }
}
