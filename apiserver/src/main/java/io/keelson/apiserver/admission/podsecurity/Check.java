package io.keelson.apiserver.admission.podsecurity;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a level forbids, from one release to another.
 *
 * @param id the same for what is one check in several forms
 * @param since the minor version of the first release it belongs to
 * @param before the minor version of the first release it does not belong to any more; {@link Standard#LATEST} if there is none
 * @param instead the id of the check of the baseline that it takes the place of; empty if there is none
 * @param look says what is wrong with a pod; null if nothing is
 */
record Check(String id, Level level, int since, int before, String instead, Function<PodView, @Nullable Finding> look) {
    static Check baseline(String id, int since, int before, Function<PodView, @Nullable Finding> look) {
        return new Check(id, Level.BASELINE, since, before, "", look);
    }

    static Check restricted(String id, int since, int before, Function<PodView, @Nullable Finding> look) {
        return new Check(id, Level.RESTRICTED, since, before, "", look);
    }

    Check insteadOf(String other) {
        return new Check(id, level, since, before, other, look);
    }

    /** The same from a release on, for pods that are not for Windows, where the setting means nothing. */
    Check notForWindowsSince(int minor) {
        return new Check(
                id, level, minor, Standard.LATEST, instead, pod -> pod.isForWindows() ? null : look.apply(pod));
    }

    /** The same from a release on, for pods whose users are those of the node. */
    Check notForOwnUsersSince(int minor) {
        return new Check(id, level, minor, Standard.LATEST, instead, pod -> pod.hasOwnUsers() ? null : look.apply(pod));
    }

    boolean isIn(int minor) {
        return since <= minor && minor < before;
    }
}
