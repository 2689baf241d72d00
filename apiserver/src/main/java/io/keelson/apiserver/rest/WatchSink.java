package io.keelson.apiserver.rest;

import io.keelson.apiserver.http.websocket.WebSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Takes the events of a watch, whole; waits while the client does not read. */
interface WatchSink {
    /** Takes the parts of one event, none of which is changed. */
    void event(byte[]... parts) throws IOException;

    /** There are no further events for now. */
    void pause() throws IOException;

    /** One event behind the other. */
    static WatchSink to(OutputStream out) {
        return new WatchSink() {
            @Override
            public void event(byte[]... parts) throws IOException {
                for (byte[] part : parts) {
                    out.write(part);
                }
            }

            @Override
            public void pause() throws IOException {
                out.flush();
            }
        };
    }

    /** A message for each event. */
    static WatchSink to(WebSocket socket, boolean text) {
        return new WatchSink() {
            @Override
            public void event(byte[]... parts) throws IOException {
                ByteArrayOutputStream message = new ByteArrayOutputStream();
                for (byte[] part : parts) {
                    message.writeBytes(part);
                }
                if (text) {
                    socket.sendText(message.toByteArray());
                } else {
                    socket.sendBinary(message.toByteArray());
                }
            }

            @Override
            public void pause() {
                // Each message has been sent.
            }
        };
    }
}
