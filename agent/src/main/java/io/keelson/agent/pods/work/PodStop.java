package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.launch.RuntimeErrors;
import io.keelson.agent.pods.plan.Action.Cause;
import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.agent.wire.cri.RemoveContainerRequest;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Stops all that runs of a pod: its containers at the same time, sidecars each in its turn (after all that are none,
 * the last one first), and its sandboxes when no container runs any more.
 */
final class PodStop {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final RuntimeConnection runtime;
    private final ContainerStop containers;
    private final Time time;

    PodStop(RuntimeConnection runtime, ContainerStop containers, Time time) {
        this.runtime = runtime;
        this.containers = containers;
        this.time = time;
    }

    /**
     * Stops everything that is there, and returns when it has ended.
     *
     * @param grace how long each container has at most, if not as the pod says
     * @throws StatusRuntimeException the runtime's first refusal, when all has been tried
     */
    void stop(Pod pod, RuntimePod there, OptionalLong grace, String podIp) throws InterruptedException {
        List<Stopping> all = new ArrayList<>();
        for (RuntimeContainer run : there.containers()) {
            if (!run.exited()) {
                all.add(new Stopping(pod, run, grace, podIp));
            }
        }
        Map<Stopping, List<CompletableFuture<Void>>> before = order(pod, all);
        ConcurrentLinkedQueue<RuntimeException> refusals = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (Stopping one : all) {
            threads.add(Thread.ofVirtual()
                    .name("stop-" + one.run.name())
                    .start(() -> one.stop(before.getOrDefault(one, List.of()), refusals)));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            throw e;
        }
        RuntimeException refusal = refusals.peek();
        if (refusal != null) {
            throw refusal;
        }
        for (PodSandboxStatus sandbox : there.sandboxes()) {
            stop(sandbox);
        }
    }

    private void stop(PodSandboxStatus sandbox) throws InterruptedException {
        try {
            var _ = runtime.runtime(LIMIT)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(sandbox.getId())
                            .build());
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            if (!RuntimeErrors.isNotFound(e)) {
                throw e;
            }
        }
    }

    /** Forgets all that has ended: containers, then sandboxes. */
    void remove(RuntimePod there) throws InterruptedException {
        for (RuntimeContainer run : there.containers()) {
            remove(run);
        }
        for (PodSandboxStatus sandbox : there.sandboxes()) {
            if (sandbox.getState() == PodSandboxState.SANDBOX_READY) {
                stop(sandbox);
            }
            remove(sandbox);
        }
    }

    /** Forgets a sandbox that ended. */
    void remove(PodSandboxStatus sandbox) throws InterruptedException {
        try {
            var _ = runtime.runtime(LIMIT)
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(sandbox.getId())
                            .build());
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            if (!RuntimeErrors.isNotFound(e)) {
                throw e;
            }
        }
    }

    /** Forgets one run. */
    void remove(RuntimeContainer run) throws InterruptedException {
        try {
            var _ = runtime.runtime(LIMIT)
                    .removeContainer(RemoveContainerRequest.newBuilder()
                            .setContainerId(run.id())
                            .build());
        } catch (StatusRuntimeException e) {
            RuntimeErrors.throwIfInterrupted(e);
            if (!RuntimeErrors.isNotFound(e)) {
                throw e;
            }
        }
    }

    /** Whom a sidecar waits for: all that are none, and the sidecars after it. */
    private static Map<Stopping, List<CompletableFuture<Void>>> order(Pod pod, List<Stopping> all) {
        List<String> sidecars = PodContainers.initial(pod).stream()
                .filter(container -> container.sort() == Sort.SIDECAR)
                .map(PodContainer::name)
                .toList();
        Map<Stopping, List<CompletableFuture<Void>>> before = new HashMap<>();
        for (Stopping one : all) {
            int at = sidecars.indexOf(one.run.name());
            if (at >= 0) {
                before.put(
                        one,
                        all.stream()
                                .filter(other -> {
                                    int otherAt = sidecars.indexOf(other.run.name());
                                    return otherAt < 0 || otherAt > at;
                                })
                                .map(other -> other.done)
                                .toList());
            }
        }
        return before;
    }

    /** One container that is being stopped. */
    private final class Stopping {
        private final Pod pod;
        private final @Nullable Container container;
        private final RuntimeContainer run;
        private final long graceSeconds;
        private final String podIp;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        private Stopping(Pod pod, RuntimeContainer run, OptionalLong grace, String podIp) {
            this.pod = pod;
            this.run = run;
            this.podIp = podIp;
            container = PodContainers.find(pod, run.name())
                    .map(PodContainer::container)
                    .orElse(null);
            graceSeconds = grace.orElseGet(() -> container == null
                    ? PodTraits.graceSeconds(pod)
                    : ContainerStop.graceSeconds(pod, container, Cause.OTHER));
        }

        private void stop(List<CompletableFuture<Void>> before, ConcurrentLinkedQueue<RuntimeException> refusals) {
            try {
                containers.stop(
                        new ContainerStop.Order(
                                pod, container, run, "Stopping container " + run.name(), graceSeconds, podIp),
                        limit -> await(before, limit));
            } catch (InterruptedException e) {
                // Whoever waits for this was interrupted as well.
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                refusals.add(e);
            } finally {
                done.complete(null);
            }
        }

        private void await(List<CompletableFuture<Void>> before, Duration limit) throws InterruptedException {
            CompletableFuture<Void> turn = new CompletableFuture<>();
            var _ = CompletableFuture.allOf(before.toArray(CompletableFuture[]::new))
                    .whenComplete((nothing, problem) -> turn.complete(null));
            if (!turn.isDone()) {
                time.after(limit, () -> turn.complete(null));
            }
            try {
                turn.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("it is never completed so", e);
            }
        }
    }
}
