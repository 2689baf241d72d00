package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.hooks.Hooks;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.RuntimeErrors;
import io.keelson.agent.pods.plan.Action.Cause;
import io.keelson.agent.wire.cri.StopContainerRequest;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops one container: its hook, then its signal, then, when its time is over, the end. */
final class ContainerStop {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerStop.class);
    /** Whatever a pod says: who gets a signal gets the time to hear it. */
    private static final long GRACE_MIN_SECONDS = 2;

    private static final Duration AROUND = Duration.ofMinutes(2);

    private final RuntimeConnection runtime;
    private final Hooks hooks;
    private final Events events;
    private final Time time;

    ContainerStop(RuntimeConnection runtime, Hooks hooks, Events events, Time time) {
        this.runtime = runtime;
        this.hooks = hooks;
        this.events = events;
        this.time = time;
    }

    /** Waits until others have ended that are to end before. */
    @FunctionalInterface
    interface Turn {
        /** Nobody is to end before. */
        Turn AT_ONCE = limit -> {};

        /** Returns when it is one's turn, or after a limit. */
        void await(Duration limit) throws InterruptedException;
    }

    /**
     * What is stopped.
     *
     * @param container as the pod has it; null if the pod has it no more
     * @param message what is told as an event
     * @param graceSeconds how long it has in all
     */
    record Order(
            Pod pod,
            @Nullable Container container,
            RuntimeContainer run,
            String message,
            long graceSeconds,
            String podIp) {}

    /** How long a container has: as its failed probe says, or else as its pod's deletion, or else its pod. */
    static long graceSeconds(Pod pod, Container container, Cause cause) {
        Probe probe = switch (cause) {
            case STARTUP_PROBE -> container.getStartupProbe();
            case LIVENESS_PROBE -> container.getLivenessProbe();
            case OTHER -> null;
        };
        boolean isDeleted = pod.getMetadata().getDeletionGracePeriodSeconds() != null;
        return !isDeleted && probe != null && probe.getTerminationGracePeriodSeconds() != null
                ? probe.getTerminationGracePeriodSeconds()
                : PodTraits.graceSeconds(pod);
    }

    /**
     * Stops a container, and returns when it has ended.
     *
     * @throws StatusRuntimeException if the runtime cannot
     */
    void stop(Order order, Turn turn) throws InterruptedException {
        long begin = time.nanoTime();
        Events told =
                events.inField(PodContainers.fieldPath(order.pod(), order.run().name()));
        told.normal(order.pod(), "Killing", order.message());
        Duration grace = Duration.ofSeconds(Math.min(order.graceSeconds(), Integer.MAX_VALUE));
        preStop(order, grace, told);
        Duration left = left(grace, begin);
        if (left.isPositive()) {
            turn.await(left);
        }
        long seconds = Math.max(GRACE_MIN_SECONDS, left(grace, begin).toSeconds());
        try {
            var _ = runtime.runtime(Duration.ofSeconds(seconds).plus(AROUND))
                    .stopContainer(StopContainerRequest.newBuilder()
                            .setContainerId(order.run().id())
                            .setTimeout(seconds)
                            .build());
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            if (!RuntimeErrors.isNotFound(e)) {
                throw e;
            }
        }
    }

    private Duration left(Duration grace, long begin) {
        return grace.minusNanos(time.nanoTime() - begin);
    }

    private void preStop(Order order, Duration grace, Events told) throws InterruptedException {
        Container container = order.container();
        if (container == null || container.getLifecycle() == null) {
            return;
        }
        LifecycleHandler handler = container.getLifecycle().getPreStop();
        if (handler == null || !grace.isPositive() || !order.run().running()) {
            return;
        }
        Hooks.Hook hook = new Hooks.Hook(
                handler,
                PodTraits.text(order.pod()),
                container.getName(),
                order.run().id(),
                OrEmpty.of(container.getPorts()),
                order.podIp());
        Optional<String> problem = hooks.run(hook, grace);
        if (problem.isPresent()) {
            LOG.info("{}", problem.get());
            told.warning(order.pod(), "FailedPreStopHook", "PreStopHook failed");
        }
    }
}
