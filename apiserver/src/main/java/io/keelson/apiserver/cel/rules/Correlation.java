package io.keelson.apiserver.cel.rules;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What a value was before. A rule that a value breaks is passed over if the value did not change: who changes something
 * else is not to blame for it. What lies in a list whose elements cannot be told apart has no old value of its own; it
 * did not change if the list did not.
 */
final class Correlation {
    private final JsonNode value;
    private final @Nullable JsonNode old;
    private final @Nullable Correlation parent;
    private final boolean comparable;
    private @Nullable Boolean unchanged;

    private Correlation(JsonNode value, @Nullable JsonNode old, @Nullable Correlation parent, boolean comparable) {
        this.value = value;
        this.old = old;
        this.parent = parent;
        this.comparable = comparable;
    }

    /** @param old null if the object is new */
    static Correlation ofObject(JsonNode object, @Nullable JsonNode old) {
        return new Correlation(object, old, null, true);
    }

    /** Something below whose old value is known; null if it was not there. */
    Correlation below(JsonNode child, @Nullable JsonNode oldChild) {
        return new Correlation(child, oldChild, this, comparable);
    }

    /** Something below that has no old value of its own. */
    Correlation apart(JsonNode child) {
        return new Correlation(child, null, this, false);
    }

    /** The value as it was; null if there was none. */
    @Nullable
    JsonNode old() {
        return old;
    }

    boolean isUnchanged() {
        if (!comparable) {
            return parent != null && parent.isUnchanged();
        }
        Boolean known = unchanged;
        if (known == null) {
            known = old != null && value.equals(old);
            unchanged = known;
        }
        return known;
    }
}
