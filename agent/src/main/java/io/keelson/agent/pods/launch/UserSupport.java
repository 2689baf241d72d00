package io.keelson.agent.pods.launch;

import java.util.Optional;

/** Whether the runtime runs pods whose users are others outside. */
@FunctionalInterface
public interface UserSupport {
    /** Of a runtime that says so itself when it is asked to. */
    UserSupport BY_RUNTIME = _ -> Optional.empty();

    /**
     * Why pods cannot have users of their own, and what to do.
     *
     * @param handler of the pod's RuntimeClass; empty for the runtime's own choice
     * @return empty if they can
     */
    Optional<String> problem(String handler);
}
