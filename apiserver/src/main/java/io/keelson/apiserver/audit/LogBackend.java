package io.keelson.apiserver.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes every event as a line. */
record LogBackend(Lines lines, AuditSettings.Format format) implements Backend {
    /** Where lines go. Any thread. */
    interface Lines extends AutoCloseable {
        /**
         * Writes some, each with its line break; all of them or nothing.
         *
         * @throws IOException if they could not be written
         */
        void write(byte[] some) throws IOException;

        @Override
        void close();
    }

    /** Standard output, which is not closed. */
    record Printed(PrintStream out) implements Lines {
        @Override
        public void write(byte[] some) throws IOException {
            synchronized (out) {
                out.write(some, 0, some.length);
                out.flush();
                if (out.checkError()) {
                    throw new IOException("cannot write to standard output");
                }
            }
        }

        @Override
        public void close() {}
    }

    @Override
    public void store(List<AuditEvent> events) throws IOException {
        ByteArrayOutputStream some = new ByteArrayOutputStream();
        for (AuditEvent event : events) {
            some.writeBytes(
                    switch (format) {
                        case JSON -> event.json(true);
                        case LEGACY -> event.legacy().getBytes(StandardCharsets.UTF_8);
                    });
            some.write('\n');
        }
        lines.write(some.toByteArray());
    }

    @Override
    public String name() {
        return "log";
    }

    @Override
    public void close() {
        lines.close();
    }
}
