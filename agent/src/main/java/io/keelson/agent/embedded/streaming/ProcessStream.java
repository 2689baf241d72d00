package io.keelson.agent.embedded.streaming;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The streams of one process. One thread reads; another may do the rest meanwhile. */
public interface ProcessStream extends AutoCloseable {
    /** What a process gives. */
    sealed interface Piece {}

    /** Some output. */
    record Output(boolean error, byte[] bytes) implements Piece {}

    /** The last thing. */
    record Exit(int code) implements Piece {}

    /** Waits for the next piece; null if the streams ended and nobody said how. */
    @Nullable
    Piece read() throws IOException;

    /** Waits while the process takes nothing. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    void closeInput() throws IOException;

    void resize(int rows, int columns) throws IOException;

    @Override
    void close();
}
