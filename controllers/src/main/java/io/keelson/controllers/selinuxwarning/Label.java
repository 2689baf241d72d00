package io.keelson.controllers.selinuxwarning;

import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.keelson.controllers.objects.OrEmpty;
import org.jspecify.annotations.Nullable;

/**
 * A label of SELinux: {@code user:role:type:level}. What the pod leaves open, its node fills in, and nobody else knows how:
 * an open part contradicts nothing.
 *
 * @param text empty if all is left open
 */
record Label(String text) {
    /** Nothing is said. */
    static final Label NONE = new Label("");

    private static final int PARTS = 4;

    /** What options say. */
    static Label of(@Nullable SELinuxOptions options) {
        if (options == null) {
            return NONE;
        }
        String text = String.join(
                ":",
                OrEmpty.of(options.getUser()),
                OrEmpty.of(options.getRole()),
                OrEmpty.of(options.getType()),
                OrEmpty.of(options.getLevel()));
        return text.equals(":::") ? NONE : new Label(text);
    }

    /** Whether a volume cannot have both labels. */
    boolean contradicts(Label other) {
        String[] own = text.split(":", PARTS);
        String[] others = other.text.split(":", PARTS);
        for (int i = 0; i < Math.min(own.length, others.length); i++) {
            if (!own[i].isEmpty() && !others[i].isEmpty() && !own[i].equals(others[i])) {
                return true;
            }
        }
        return false;
    }
}
