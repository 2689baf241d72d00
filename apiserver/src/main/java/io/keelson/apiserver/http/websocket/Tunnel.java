package io.keelson.apiserver.http.websocket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/**
 * A WebSocket as two streams of bytes: what another protocol sends is cut into messages without regard to its own. Text is
 * refused.
 */
public final class Tunnel {
    private final WebSocket socket;

    public Tunnel(WebSocket socket) {
        this.socket = socket;
    }

    /** What the client sends; ends when it closes the socket. */
    public InputStream input() {
        return new InputStream() {
            private byte[] message = new byte[0];
            private int at;
            private boolean ended;

            @Override
            public int read() throws IOException {
                return advance() ? message[at++] & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, into.length);
                if (length == 0) {
                    return 0;
                }
                if (!advance()) {
                    return -1;
                }
                int count = Math.min(length, message.length - at);
                System.arraycopy(message, at, into, offset, count);
                at += count;
                return count;
            }

            @Override
            public int available() {
                return message.length - at;
            }

            private boolean advance() throws IOException {
                while (at == message.length && !ended) {
                    WebSocket.Message next = socket.receive();
                    if (next == null) {
                        ended = true;
                    } else if (next.text()) {
                        throw new WebSocketException(WebSocket.PROTOCOL_ERROR, "text in a tunnel of bytes");
                    } else {
                        message = next.data();
                        at = 0;
                    }
                }
                return !ended;
            }
        };
    }

    /** To the client; each write becomes a message, and closing it closes the socket. */
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (length > 0) {
                    socket.sendBinary(bytes, offset, length);
                }
            }

            @Override
            public void close() throws IOException {
                socket.close(WebSocket.NORMAL, "");
            }
        };
    }
}
