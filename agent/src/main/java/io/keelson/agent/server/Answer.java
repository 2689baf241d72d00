package io.keelson.agent.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** What a request is answered with. */
sealed interface Answer {
    /** Something whole. */
    record Plain(int status, String type, byte[] body) implements Answer {}

    /** Text that comes bit by bit. */
    record Text(Content content) implements Answer {}

    /** Another protocol, spoken with whom a URL names. */
    record Upgrade(URI url) implements Answer {}

    /** Writes text. */
    interface Content extends AutoCloseable {
        /** @throws InterruptedException if the client has left, or the server ends */
        void write(OutputStream out) throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }

    static Plain text(int status, String text) {
        return new Plain(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    static Plain json(byte[] json) {
        return new Plain(200, "application/json", json);
    }
}
