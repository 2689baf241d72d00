package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.core.NodeImpl;
import java.lang.reflect.Method;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the virtual machine its signal back. The consensus library, when its main class is initialised, takes SIGUSR2 to
 * write reports into the working directory on request. HotSpot suspends threads with that very signal: a flight recording
 * would get no samples, and its sampler would fill the directory with reports many times a second.
 */
final class VirtualMachineSignals {
    private static final Logger log = LoggerFactory.getLogger(VirtualMachineSignals.class);
    private static final String SIGNAL = "USR2";

    static {
        initialiseLibrary();
    }

    private VirtualMachineSignals() {}

    /** Returns once the library has been initialised and the signal is as it was before. */
    static void keep() {
        // The work is done once, when this class is initialised.
    }

    // The class is not part of the Java API, only of every JDK, so it is reached without naming it to the compiler.
    private static void initialiseLibrary() {
        Object signal;
        Object before;
        Method handle;
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            handle = signals.getMethod("handle", signals, handlers);
            signal = signals.getConstructor(String.class).newInstance(SIGNAL);
            before = handle.invoke(null, signal, handlers.getField("SIG_IGN").get(null));
        } catch (ReflectiveOperationException e) {
            // Without these classes the library cannot take the signal either.
            log.debug("signals cannot be handled here", e);
            return;
        }
        try {
            Class.forName(NodeImpl.class.getName());
            handle.invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            log.warn("SIG{} stays with the consensus library: flight recordings will lack samples", SIGNAL, e);
        }
    }
}
