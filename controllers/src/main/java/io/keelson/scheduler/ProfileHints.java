package io.keelson.scheduler;

import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.HintWatch;
import io.keelson.scheduler.queue.HintWatch.Answer;
import io.keelson.scheduler.queue.Hints;
import io.keelson.scheduler.state.PodInfo;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can undo rejections, by what the profile of each pod says. A plugin that fails to say it is taken to say yes, as with
 * kube-scheduler: neither that pod nor those that are asked about after it may miss what happened.
 */
final class ProfileHints implements Hints {
    private static final Logger LOG = LoggerFactory.getLogger(ProfileHints.class);

    private final Map<String, Hints> hints;
    private final Function<PodInfo, String> profile;
    private final HintWatch watch;
    /** Plugins of which it was said that they fail: once is enough, as each event may ask again. */
    private final Set<String> failing = new HashSet<>();

    /**
     * By profile.
     *
     * @param hints by the names of profiles
     * @param profile says that of a pod
     * @param watch is told how long plugins take to answer
     */
    ProfileHints(Map<String, Hints> hints, Function<PodInfo, String> profile, HintWatch watch) {
        this.watch = watch;
        this.hints = Map.copyOf(hints);
        this.profile = profile;
    }

    @Override
    public boolean concerns(String filter, ClusterEvent.Kind kind) {
        return hints.values().stream().anyMatch(each -> each.concerns(filter, kind));
    }

    private record Asking(String profile, Object what) {}

    @Override
    public Object asksFor(String filter, PodInfo waiting) {
        String name = profile.apply(waiting);
        return new Asking(name, hints(name).asksFor(filter, waiting));
    }

    private Hints hints(String name) {
        return Objects.requireNonNull(hints.get(name), "each profile has hints");
    }

    @Override
    public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
        Hints own = hints(profile.apply(waiting));
        Answer answer = Answer.ERROR;
        long begin = System.nanoTime();
        try {
            answer = own.mayHelp(filter, waiting, event) ? Answer.QUEUE : Answer.SKIP;
        } catch (RuntimeException e) {
            if (failing.add(filter)) {
                LOG.error("{} does not say whether {} helps pod {}", filter, event.kind(), waiting.key(), e);
            }
        }
        watch.asked(filter, event, answer, System.nanoTime() - begin);
        return answer != Answer.SKIP;
    }
}
