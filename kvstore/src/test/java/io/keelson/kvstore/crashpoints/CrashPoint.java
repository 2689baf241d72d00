package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Called by a server in front of the calls that {@link Instrumentation} found: notes that the point was come by, and ends the
 * process there if it is armed. A server without the variable {@value #VARIABLE}, which names its {@link Control}, takes no
 * notice. This class and {@code Control} lie in the server's own jar, so they use the JDK alone.
 */
public final class CrashPoint {
    /** The variable with the file of the server's {@link Control}. */
    static final String VARIABLE = "KEELSON_CRASH_CONTROL";

    private static final int EXIT_STATUS = 137;
    private static final @Nullable Control control = open();

    private CrashPoint() {}

    private static @Nullable Control open() {
        String file = System.getenv(VARIABLE);
        if (file == null) {
            return null;
        }
        try {
            return Control.open(Path.of(file));
        } catch (IOException e) {
            throw new IllegalStateException("the control of the crashes cannot be opened: " + file, e);
        }
    }

    /** In front of a call. */
    public static void at(int point) {
        Control mine = control;
        if (mine != null && mine.endsAt(point)) {
            Runtime.getRuntime().halt(EXIT_STATUS);
        }
    }
}
