package io.keelson.apiserver.admission.rules;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembers, while a request is admitted, which webhooks or policies are to be asked again: those that wish so, were asked,
 * and did not see what was changed afterwards. One thread.
 */
public final class Rounds {
    private Set<String> asked = new HashSet<>();
    private final Set<String> due = new HashSet<>();
    private @Nullable ObjectNode left;

    /** One that wishes to be asked again was asked. */
    public void asked(String uid) {
        asked.add(uid);
    }

    /** What was asked before has not seen the object as it is now. */
    public void somethingChanged() {
        due.addAll(asked);
        asked = new HashSet<>();
    }

    public boolean isDue(String uid) {
        return due.contains(uid);
    }

    /** Keeps the object as they leave it. */
    public void leave(@Nullable ObjectNode object) {
        left = object == null ? null : object.deepCopy();
    }

    /** Whether somebody else has changed the object since. */
    public boolean isOtherThanLeft(@Nullable ObjectNode object) {
        return !Objects.equals(left, object);
    }
}
