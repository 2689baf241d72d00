package io.keelson.agent.cri;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A client of a runtime's streams, with the JDK's own WebSocket. */
public final class ChannelClient implements AutoCloseable {
    public static final int STDIN = 0;
    public static final int STDOUT = 1;
    public static final int STDERR = 2;
    public static final int ERROR = 3;
    public static final int RESIZE = 4;

    private static final int SECONDS = 120;

    private final HttpClient http;
    private final Received received;
    private final WebSocket socket;

    private ChannelClient(HttpClient http, Received received, WebSocket socket) {
        this.http = http;
        this.received = received;
        this.socket = socket;
    }

    private static final class Received implements WebSocket.Listener {
        final Map<Integer, ByteArrayOutputStream> channels = new HashMap<>();
        final ByteArrayOutputStream message = new ByteArrayOutputStream();
        final CompletableFuture<Void> end = new CompletableFuture<>();

        @Override
        public synchronized CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            message.writeBytes(bytes);
            if (last && message.size() > 0) {
                byte[] whole = message.toByteArray();
                message.reset();
                channels.computeIfAbsent((int) whole[0], channel -> new ByteArrayOutputStream())
                        .write(whole, 1, whole.length - 1);
                notifyAll();
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            end.complete(null);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            end.complete(null);
        }

        synchronized String text(int channel) {
            return channels.getOrDefault(channel, new ByteArrayOutputStream()).toString(StandardCharsets.ISO_8859_1);
        }

        synchronized void await(int channel, String text) throws InterruptedException {
            long left = TimeUnit.SECONDS.toMillis(SECONDS);
            while (!text(channel).contains(text) && left > 0) {
                wait(100);
                left -= 100;
            }
            if (!text(channel).contains(text)) {
                throw new AssertionError("channel " + channel + " has only: " + text(channel));
            }
        }
    }

    /** Connects with {@code v4.channel.k8s.io}, which all runtimes speak. */
    public static ChannelClient open(String url) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        try {
            Received received = new Received();
            WebSocket socket = http.newWebSocketBuilder()
                    .subprotocols("v4.channel.k8s.io")
                    .connectTimeout(Duration.ofSeconds(SECONDS))
                    .buildAsync(URI.create(url.replaceFirst("^http", "ws")), received)
                    .get(SECONDS, TimeUnit.SECONDS);
            return new ChannelClient(http, received, socket);
        } catch (Exception failure) {
            http.shutdownNow();
            throw failure;
        }
    }

    public void send(int channel, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(bytes.length + 1)
                .put((byte) channel)
                .put(bytes)
                .flip();
        var _ = socket.sendBinary(message, true).get(SECONDS, TimeUnit.SECONDS);
    }

    /** All that came on a channel; a byte is a letter. */
    public String text(int channel) {
        return received.text(channel);
    }

    public void awaitText(int channel, String text) throws InterruptedException {
        received.await(channel, text);
    }

    /** Waits until the other side closes. */
    public void awaitEnd() throws Exception {
        received.end.get(SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
