package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KvEvent;
import org.jspecify.annotations.Nullable;

/**
 * An event and its encoded forms, made at most once each. Encoding is done by one thread at a time: the dispatcher for
 * events of the window, the reader and then the dispatcher for events read from the store.
 */
final class SharedEvent {
    private final KvEvent event;
    private byte @Nullable [] plain;
    private byte @Nullable [] withPrevious;

    SharedEvent(KvEvent event) {
        this.event = event;
    }

    KvEvent event() {
        return event;
    }

    /** The event as a field of a response, tag included. */
    byte[] encoded(boolean previous) {
        if (previous && event.previous() != null) {
            byte[] bytes = withPrevious;
            if (bytes == null) {
                bytes = WatchEncoding.event(event, true);
                withPrevious = bytes;
            }
            return bytes;
        }
        byte[] bytes = plain;
        if (bytes == null) {
            bytes = WatchEncoding.event(event, false);
            plain = bytes;
        }
        return bytes;
    }
}
