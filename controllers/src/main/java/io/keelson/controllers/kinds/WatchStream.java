package io.keelson.controllers.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The events of a watch, one after the other, on the thread that asks for them. The next bytes are asked for when those
 * before them are used up; so what waits is one piece, however fast the API speaks, and one event of at most 16 MiB. One
 * thread.
 */
final class WatchStream implements AutoCloseable {
    /** Ten times what a store takes as an object. */
    private static final int LINE_BYTES_MAX = 16 << 20;

    private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final ArrayDeque<byte[]> lines = new ArrayDeque<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final AsyncBody body;
    private final Duration silenceMax;
    private boolean asked;

    /** Some bytes, or the end. */
    private record Piece(List<ByteBuffer> bytes, boolean last) {}

    /**
     * Opens a watch.
     *
     * @param silenceMax how long the API may say nothing before it is taken for dead
     * @throws KubernetesClientException if the API refuses; with its code
     */
    WatchStream(MetadataClient metadata, HttpRequest request, Duration silenceMax) throws InterruptedException {
        this.silenceMax = silenceMax;
        HttpResponse<AsyncBody> response = MetadataClient.await(metadata.client()
                .getHttpClient()
                .consumeBytes(request, (bytes, ignored) -> pieces.add(new Piece(bytes, false))));
        body = response.body();
        if (!response.isSuccessful()) {
            body.cancel();
            throw new KubernetesClientException("watch: " + response.code(), response.code(), null);
        }
        // A watch that broke is begun anew as one that ended.
        var _ = body.done().whenComplete((ignored, failure) -> pieces.add(new Piece(List.of(), true)));
    }

    /**
     * The next event; null if there are no more.
     *
     * @throws KubernetesClientException if it is no JSON, or far too long
     */
    @Nullable
    JsonNode next() throws InterruptedException {
        while (lines.isEmpty()) {
            if (!asked) {
                asked = true;
                body.consume();
            }
            Piece piece = pieces.poll(silenceMax.toMillis(), TimeUnit.MILLISECONDS);
            if (piece == null || piece.last()) {
                return null;
            }
            asked = false;
            piece.bytes().forEach(this::split);
        }
        return MetadataClient.json(lines.remove());
    }

    private void split(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte one = bytes.get();
            if (one != '\n') {
                if (line.size() == LINE_BYTES_MAX) {
                    throw new KubernetesClientException(
                            "the API tells of an object of more than " + LINE_BYTES_MAX + " bytes");
                }
                line.write(one);
            } else if (line.size() > 0) {
                lines.add(line.toByteArray());
                line.reset();
            }
        }
    }

    @Override
    public void close() {
        body.cancel();
    }
}
