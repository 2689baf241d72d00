package io.keelson.scheduler;

import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.PostFilter;
import io.keelson.scheduler.state.PodInfo;

/** Has plugins do what they can for pods that no node can take. Owned by the thread that owns the state. */
final class PostFilters {
    private final Profiles profiles;
    private final Binder binder;

    PostFilters(Profiles profiles, Binder binder) {
        this.profiles = profiles;
        this.binder = binder;
    }

    /** Asks those of the pod's profile; what they want to write is written beside the decisions. */
    void help(PodInfo pod, Decision.Impossible why) {
        for (Filter filter : profiles.of(pod).plugins().filters()) {
            PostFilter.Step step = filter instanceof PostFilter helper ? helper.help(pod, why) : null;
            if (step != null) {
                binder.write(pod, step);
            }
        }
    }
}
