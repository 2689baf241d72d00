package io.keelson.agent.pods.status;

import io.keelson.agent.wire.cri.Signal;
import java.util.Locale;

/** Signals as the API names them, {@code SIGRTMIN+1}, and as the runtime does, {@code SIGRTMINPLUS1}. */
public final class StopSignals {
    private StopSignals() {}

    /** The name that the API has. */
    public static String name(Signal signal) {
        return signal.name().replace("PLUS", "+").replace("MINUS", "-");
    }

    /**
     * A signal by its name in the API.
     *
     * @return the image's own, if there is no such signal
     */
    public static Signal of(String name) {
        String runtimeName = name.toUpperCase(Locale.ROOT).replace("+", "PLUS").replace("-", "MINUS");
        try {
            return Signal.valueOf(runtimeName);
        } catch (IllegalArgumentException e) {
            // The API lets only known ones in; a static pod's may be anything.
            return Signal.RUNTIME_DEFAULT;
        }
    }
}
