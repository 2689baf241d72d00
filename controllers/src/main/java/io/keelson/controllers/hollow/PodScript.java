package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.PodStatus;
import io.keelson.controllers.hollow.PodRule.Exit;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * What is next for a pod. Containers of a pod start together and exit together. The first time that they are started again
 * is at once, then after ten seconds, and twice that each time, at most five minutes.
 */
final class PodScript {
    /** What a container that is stopped exits with. */
    private static final int STOPPED = 143;

    private static final Duration BACKOFF_MIN = Duration.ofSeconds(10);
    private static final Duration BACKOFF_MAX = Duration.ofMinutes(5);

    private final PodRules rules;

    /** The addresses that a pod gets when it starts; asked for only then. */
    record Addresses(Supplier<String> pod, Supplier<String> host) {}

    /** What is to be done. */
    sealed interface Step {
        /** Nothing until something changes. */
        record Rest() implements Step {}

        /** Nothing for some time. */
        record Wait(Duration time) implements Step {}

        /**
         * A status is to be merged into the pod's.
         *
         * @param progress how far the pod is then, see {@link Played}
         */
        record Report(PodStatus status, int progress) implements Step {}

        /** The pod is to be deleted: its node is done with it. */
        record Delete() implements Step {}
    }

    PodScript(PodRules rules) {
        this.rules = rules;
    }

    /** What is next. */
    Step next(Played pod, Addresses addresses, Instant now) {
        if (pod.told() < pod.done()) {
            // The watch tells of the last write in a moment.
            return new Step.Rest();
        }
        PodView view = pod.view();
        if (view.deletion() != null) {
            return stop(pod, view.deletion(), now);
        }
        return switch (view.stage()) {
            case PENDING -> {
                Duration left = left(pod.seen(), drawn(pod, "running"), now);
                yield left.isPositive() ? new Step.Wait(left) : start(pod, addresses, now);
            }
            case RUNNING -> run(pod, addresses, now);
            case WAITING -> {
                Duration left = left(pod.since(), backoff(view.restarts()), now);
                yield left.isPositive() ? new Step.Wait(left) : restart(pod, addresses, now);
            }
            case ENDED -> new Step.Rest();
        };
    }

    private PodRule rule(Played pod) {
        return rules.rules().get(pod.view().rule());
    }

    private Duration drawn(Played pod, String what) {
        PodRule rule = rule(pod);
        Exit exit = rule.exit();
        Duration about = switch (what) {
            case "running" -> rule.runningAfter();
            case "ready" -> rule.readyAfter();
            case "stop" -> rule.stopAfter();
            default -> exit == null ? Duration.ZERO : exit.after();
        };
        return rules.drawn(
                about, rule.jitter(), pod.view().key() + "/" + pod.view().restarts() + '/' + what);
    }

    private static Duration left(Instant since, Duration length, Instant now) {
        return Duration.between(now, since.plus(length));
    }

    private static Duration backoff(int restarts) {
        return restarts < 1
                ? Duration.ZERO
                : restarts > 5 ? BACKOFF_MAX : BACKOFF_MIN.multipliedBy(1L << (restarts - 1));
    }

    private Step stop(Played pod, Instant graceOver, Instant now) {
        PodView view = pod.view();
        if (view.stage() == PodView.Stage.ENDED) {
            return new Step.Delete();
        }
        Instant stopping = pod.stopping() == null ? now : pod.stopping();
        Instant stopped = view.stage() == PodView.Stage.PENDING ? now : stopping.plus(drawn(pod, "stop"));
        if (stopped.isAfter(now) && graceOver.isAfter(now)) {
            return new Step.Wait(Duration.between(now, stopped.isBefore(graceOver) ? stopped : graceOver));
        }
        // How it ended is for those to see who hold it; if nobody does it is gone before anybody could.
        return view.isHeld() ? new Step.Report(PodReports.ended(view, STOPPED, now), Played.ENDED) : new Step.Delete();
    }

    private Step start(Played pod, Addresses addresses, Instant now) {
        boolean isReady = !drawn(pod, "ready").isPositive();
        PodStatus status = PodReports.running(
                pod.view(),
                0,
                null,
                isReady,
                addresses.pod().get(),
                addresses.host().get(),
                pod.seen(),
                now);
        return new Step.Report(status, Played.running(0));
    }

    private Step restart(Played pod, Addresses addresses, Instant now) {
        Exit exit = rule(pod).exit();
        boolean isReady = !drawn(pod, "ready").isPositive();
        int restarts = pod.view().restarts() + 1;
        PodStatus status = PodReports.running(
                pod.view(),
                restarts,
                exit == null ? 0 : exit.code(),
                isReady,
                addresses.pod().get(),
                addresses.host().get(),
                pod.seen(),
                now);
        // It started when it did.
        status.setStartTime(null);
        return new Step.Report(status, Played.running(restarts));
    }

    private Step run(Played pod, Addresses addresses, Instant now) {
        PodView view = pod.view();
        Exit exit = rule(pod).exit();
        Duration untilExit = left(pod.since(), drawn(pod, "exit"), now);
        if (exit != null && !untilExit.isPositive()) {
            if (!view.shape().restarts(exit.code())) {
                return new Step.Report(PodReports.ended(view, exit.code(), now), Played.ENDED);
            }
            return view.restarts() == 0
                    ? restart(pod, addresses, now)
                    : new Step.Report(PodReports.waiting(view, exit.code(), now), Played.running(view.restarts()) + 1);
        }
        Duration untilReady = left(pod.since(), drawn(pod, "ready"), now);
        boolean reportsReady = !view.containersReady() && !untilReady.isPositive();
        if (reportsReady || (view.containersReady() && view.ready() != view.gatesOpen())) {
            return new Step.Report(PodReports.ready(view, now), pod.told());
        }
        if (!view.containersReady() && (exit == null || untilReady.compareTo(untilExit) < 0)) {
            return new Step.Wait(untilReady);
        }
        return exit == null ? new Step.Rest() : new Step.Wait(untilExit);
    }
}
