package io.keelson.controllers.process;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal that comes while a process is ending. The virtual machine would not heed it, as its handler waits for the end that
 * is under way; whoever sends another one does not want to wait.
 */
final class SecondSignal {
    private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

    /** As of every component of Kubernetes. */
    private static final int EXIT_CODE = 1;

    private SecondSignal() {}

    /** From now on SIGINT and SIGTERM end the process at once, whatever is under way. */
    static void endsProcess() {
        try {
            // These classes are in every JDK, but not part of the Java API: the compiler must not see their names.
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Method handle = signals.getMethod("handle", signals, handlers);
            Object halting = Proxy.newProxyInstance(handlers.getClassLoader(), new Class<?>[] {handlers}, (_, _, _) -> {
                Runtime.getRuntime().halt(EXIT_CODE);
                throw new AssertionError("the process has not ended");
            });
            for (String name : List.of("INT", "TERM")) {
                var _ = handle.invoke(null, signals.getConstructor(String.class).newInstance(name), halting);
            }
        } catch (ReflectiveOperationException e) {
            // So it is where signals are not handled at all, because a flag of the virtual machine says so.
            LOG.debug("a second signal will not be heeded", e);
        }
    }
}
