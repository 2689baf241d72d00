package io.keelson.benchmarks.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.keelson.benchmarks.api.ApiConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A watch that is read as fast as it comes, of each event only as much as is asked for: the measurement should not be
 * of its reader. One thread reads and tells.
 */
public final class ObjectWatch implements AutoCloseable {
    /** More than a server stores of one object, several times over. */
    private static final int EVENT_BYTES_MAX = 16 << 20;

    private static final JsonFactory JSON = new JsonFactory();

    private final InputStream stream;
    private final Thread reader;
    private volatile boolean closing;
    private volatile @Nullable String ended;

    /** Told of what comes, one at a time, by the thread that reads. */
    public interface Listener {
        /**
         * An event.
         *
         * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
         * @param json the whole event
         */
        void event(String type, byte[] json) throws IOException;
    }

    private ObjectWatch(InputStream stream, Listener listener) {
        this.stream = stream;
        this.reader = Thread.ofPlatform().daemon().name("object-watch").unstarted(() -> read(listener));
    }

    /**
     * Opens a watch and reads it until it is closed.
     *
     * @param path with the query, which has to ask for a watch
     */
    public static ObjectWatch open(ApiConnection api, String path, Listener listener)
            throws IOException, InterruptedException {
        ObjectWatch watch = new ObjectWatch(api.stream(path), listener);
        watch.reader.start();
        return watch;
    }

    private void read(Listener listener) {
        try (stream) {
            lines(stream, line -> {
                try {
                    String type = text(line, "type");
                    if ("ERROR".equals(type)) {
                        throw new IOException("the server says: " + new String(line, StandardCharsets.UTF_8));
                    }
                    listener.event(type, line);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            ended = "the server has ended it";
        } catch (IOException | RuntimeException e) {
            ended = String.valueOf(e.getMessage());
        }
    }

    /**
     * Takes a stream apart into lines.
     *
     * @throws IOException if one is longer than any event
     */
    static void lines(InputStream in, Consumer<byte[]> consumer) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            int start = 0;
            for (int i = 0; i < read; i++) {
                if (buffer[i] == '\n') {
                    line.write(buffer, start, i - start);
                    start = i + 1;
                    if (line.size() > 0) {
                        consumer.accept(line.toByteArray());
                        line.reset();
                    }
                }
            }
            line.write(buffer, start, read - start);
            if (line.size() > EVENT_BYTES_MAX) {
                throw new IOException("an event of more than " + EVENT_BYTES_MAX + " bytes");
            }
        }
    }

    /**
     * A text or number within a JSON object, found without reading what comes after it.
     *
     * @param path the names of fields, from outside to inside
     * @return empty if it is not there
     */
    public static String text(byte[] json, String... path) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "";
            }
            int depth = 0;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals(path[depth]);
                JsonToken value = parser.nextToken();
                if (!found) {
                    parser.skipChildren();
                } else if (depth == path.length - 1) {
                    return value.isScalarValue() && value != JsonToken.VALUE_NULL ? parser.getText() : "";
                } else if (value != JsonToken.START_OBJECT) {
                    return "";
                } else {
                    depth++;
                }
            }
            return "";
        }
    }

    /**
     * Goes on if the watch does.
     *
     * @throws IOException if it has ended
     */
    public void check() throws IOException {
        String why = ended;
        if (why != null && !closing) {
            throw new IOException("the watch is over: " + why);
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            stream.close();
        } catch (IOException e) {
            // It is being given up anyway.
        }
        reader.interrupt();
    }
}
