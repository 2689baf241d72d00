package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembers, while a request is admitted, which webhooks are to be asked again: those that wish so, were asked, and did not
 * see what was changed afterwards. One thread.
 */
final class Rounds {
    private Set<String> asked = new HashSet<>();
    private final Set<String> due = new HashSet<>();
    private @Nullable ObjectNode left;

    /** A webhook that wishes to be asked again was asked. */
    void asked(String uid) {
        asked.add(uid);
    }

    /** What was asked before has not seen the object as it is now. */
    void somethingChanged() {
        due.addAll(asked);
        asked = new HashSet<>();
    }

    boolean isDue(String uid) {
        return due.contains(uid);
    }

    /** Keeps the object as the webhooks leave it. */
    void leave(@Nullable ObjectNode object) {
        left = object == null ? null : object.deepCopy();
    }

    /** Whether somebody else has changed the object since. */
    boolean isOtherThanLeft(@Nullable ObjectNode object) {
        return !Objects.equals(left, object);
    }
}
