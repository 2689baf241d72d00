package io.keelson.kvstore.server;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal that comes while the first one is being obeyed. The virtual machine ignores it: its own handler waits for the
 * stop that is under way. Whoever sends another one does not want to wait, though.
 */
public final class SecondSignal {
    private static final Logger log = LoggerFactory.getLogger(SecondSignal.class);

    private SecondSignal() {}

    /**
     * From now on SIGINT and SIGTERM end the process at once, with whatever is under way. To be called when a stop begins.
     *
     * @param interrupted the exit code after SIGINT
     * @param terminated the exit code after SIGTERM
     */
    public static void endsProcess(int interrupted, int terminated) {
        try {
            // These classes are in every JDK, but not part of the Java API: the compiler must not see their names.
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Method handle = signals.getMethod("handle", signals, handlers);
            for (Map.Entry<String, Integer> signal :
                    Map.of("INT", interrupted, "TERM", terminated).entrySet()) {
                MethodHandle halt = MethodHandles.insertArguments(
                        MethodHandles.lookup()
                                .findVirtual(Runtime.class, "halt", MethodType.methodType(void.class, int.class)),
                        0,
                        Runtime.getRuntime(),
                        signal.getValue());
                Object halting = MethodHandleProxies.asInterfaceInstance(
                        handlers, MethodHandles.dropArguments(halt, 0, signals));
                var _ = handle.invoke(null, signals.getConstructor(String.class).newInstance(signal.getKey()), halting);
            }
        } catch (ReflectiveOperationException e) {
            // So it is where signals are not handled at all, because a flag of the virtual machine says so.
            log.debug("a second signal will not be heeded", e);
        }
    }
}
