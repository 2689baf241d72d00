package io.keelson.kvstore.gateway;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request and its answer, whichever version of HTTP it came in. Handlers are called on the connection's event
 * loop and must not block; answers may be given from any thread, once.
 */
public interface HttpExchange {
    /** In capitals. */
    String method();

    /** Without the query, as it was sent. */
    String path();

    /** Decoded parameters of the query. */
    Map<String, List<String>> query();

    /** The value of a header, by its name in small letters; null if there is none. */
    @Nullable
    String header(String name);

    /**
     * The whole body; never larger than the listener allows. To be asked for once and before an answer is given: it is not
     * kept for longer.
     */
    byte[] body();

    /** Whether the connection is encrypted. */
    boolean secure();

    /** Answers. Does nothing if the client is gone. */
    void respond(int status, Map<String, String> headers, byte[] body);

    /** Begins an answer of pieces. */
    Pieces respondInPieces(int status, Map<String, String> headers);

    /**
     * Runs once the client is gone, or the answer is complete, whichever is first; at once if that has been. Several
     * actions run in the order in which they were given.
     */
    void onClosed(Runnable action);

    /** An answer that is sent piece by piece. */
    interface Pieces {
        /**
         * Sends a piece.
         *
         * @return whether the client keeps up; if not, the next piece should wait for {@link #onReady}
         */
        boolean write(byte[] piece);

        /** Runs when the client has taken in what was written. One action at a time. */
        void onReady(Runnable action);

        /** Ends the answer. */
        void end();
    }
}
