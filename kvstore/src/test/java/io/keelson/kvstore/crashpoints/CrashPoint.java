package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.crashpoints.Control.Order;
import io.keelson.kvstore.storage.AppliedState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Called by a server in front of the calls that {@link Instrumentation} found: notes that the point was come by, and, if it is
 * armed, stays there until an image of the server's files was made, or ends the process. Also told what the server has made
 * durable, on which others rely from then on. A server without the variable {@value #VARIABLE}, which names its {@link
 * Control}, takes no notice. This class and {@code Control} lie in the server's own jar, so they use what a server has.
 */
public final class CrashPoint {
    /** The variable with the file of the server's {@link Control}. */
    static final String VARIABLE = "KEELSON_CRASH_CONTROL";

    private static final int EXIT_STATUS = 137;
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    /** After that nobody will come to make an image. */
    private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

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
        if (mine == null) {
            return;
        }
        // A switch would take one more class along.
        Order order = mine.meets(point);
        if (order == Order.STAY) {
            stay(mine, point);
        } else if (order == Order.END) {
            Runtime.getRuntime().halt(EXIT_STATUS);
        }
    }

    private static void stay(Control mine, int point) {
        long begin = System.nanoTime();
        while (mine.staysAt(point)) {
            if (System.nanoTime() - begin > STAY_NANOS) {
                mine.leave(point);
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /**
     * Behind an append to the log.
     *
     * @param count how many of the entries are durable
     */
    public static void stored(int count, @Nullable List<?> entries) {
        Control mine = control;
        if (mine != null && entries != null && count > 0) {
            Object id = told(entries.get(count - 1), "getId");
            mine.stored((long) told(id, "getTerm"), (long) told(id, "getIndex"));
        }
    }

    /** The library for replication is known by its name to the module of the log only. */
    private static Object told(Object teller, String method) {
        try {
            return teller.getClass().getMethod(method).invoke(teller);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the library has changed", e);
        }
    }

    /** In front of taking entries back, those after an index. */
    public static void cut(long lastIndexKept) {
        Control mine = control;
        if (mine != null) {
            mine.cutAfter(lastIndexKept);
        }
    }

    /** In front of taking all entries back. */
    public static void cutAll() {
        cut(0);
    }

    /** Behind writing term and vote. */
    public static void voted(long term, Object candidate) {
        Control mine = control;
        if (mine != null) {
            mine.voted(term, candidate.toString());
        }
    }

    /** Behind a write of the state. */
    public static void applied(AppliedState state) {
        Control mine = control;
        if (mine != null) {
            mine.applied(state.index(), state.revision());
        }
    }
}
