package io.keelson.kvstore.watch;

import io.keelson.kvstore.errors.EtcdError;

/**
 * The transport's end of a stream. All methods are called by the dispatcher, one at a time, and must not block. One that
 * throws loses its stream, and only that.
 */
public interface WatchReceiver {
    /**
     * Whether it takes more events without letting memory grow. After a false answer the transport calls {@link
     * WatchStream#ready} when that has changed; until then it is sent no events, only answers to its own requests.
     */
    boolean ready();

    /** Takes a response. The bytes may be read later and by any thread. */
    void send(WatchMessage message);

    /** One request was carried out and answered, and there is room for the next one. */
    void next();

    /** The stream is over; nothing follows. Not called when the transport itself closed it. */
    void closed(EtcdError reason);
}
