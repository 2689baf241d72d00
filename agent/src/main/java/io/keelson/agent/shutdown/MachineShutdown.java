package io.keelson.agent.shutdown;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodAdmission;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends pods in order when the machine is shut down, which waits for that. Where nobody can be asked to wait, as in a
 * container, that is said once, and looked at again every minute.
 */
public final class MachineShutdown implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MachineShutdown.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofMinutes(1);
    private static final int SOON_MAX = 5;
    private static final String MESSAGE = "Pod was terminated in response to imminent node shutdown.";

    private final ShutdownPlan plan;
    private final LoginManager machine;
    private final AgentPods pods;
    private final Supplier<HasMetadata> node;
    private final Events events;
    private final ShutdownRecord record;
    private final Runnable changed;
    private final Time time;
    private final Repeating repeating;
    private volatile boolean isComing;

    /** Of the thread that repeats, as what follows. */
    private LoginManager.@Nullable Delay delay;

    private int failures;

    /**
     * Does nothing before it is started.
     *
     * @param machine becomes its own
     * @param node whose events tell of it
     * @param record becomes its own
     * @param changed is told when the node is not ready any more, or is again; must be quick
     */
    MachineShutdown(
            ShutdownPlan plan,
            LoginManager machine,
            AgentPods pods,
            Supplier<HasMetadata> node,
            Events events,
            ShutdownRecord record,
            Runnable changed,
            Time time) {
        this.plan = plan;
        this.machine = machine;
        this.pods = pods;
        this.node = node;
        this.events = events;
        this.record = record;
        this.changed = changed;
        this.time = time;
        repeating = new Repeating("machine-shutdown", time, () -> failures > SOON_MAX ? LATER : SOON, this::follow);
    }

    /** On this machine, which systemd shuts down. */
    public static MachineShutdown ofMachine(
            ShutdownPlan plan,
            AgentPods pods,
            Supplier<HasMetadata> node,
            Events events,
            ShutdownRecord record,
            Runnable changed,
            Time time) {
        return new MachineShutdown(plan, Logind.ofMachine(), pods, node, events, record, changed, time);
    }

    /** Begins to wait for a shutdown, if pods are to be ended; once. */
    public void start() {
        if (!plan.phases().isEmpty()) {
            repeating.start();
        }
    }

    /** What is wrong with the node, if it is about to be shut down. */
    public Optional<String> problem() {
        return isComing ? Optional.of("node is shutting down") : Optional.empty();
    }

    /** Lets no pods in while the machine is about to be shut down. */
    public PodAdmission admission() {
        return (pod, others) -> isComing
                ? Optional.of(new Refusal("NodeShutdown", "Pod was rejected as the node is shutting down."))
                : Optional.empty();
    }

    private void follow() throws InterruptedException {
        try {
            if (delay == null) {
                allowDelay();
                delay = machine.delay();
                LOG.info(
                        "a shutdown of the machine waits up to {} s for pods to end",
                        plan.total().toSeconds());
            }
            long begin = time.nanoTime();
            try {
                machine.follow(this::comes);
            } finally {
                if (time.nanoTime() - begin > LATER.toNanos()) {
                    failures = 0;
                }
            }
        } catch (IOException e) {
            failures++;
            if (failures == SOON_MAX) {
                LOG.error(
                        "pods are not ended in order when the machine is shut down: {}; shutdownGracePeriod needs"
                                + " systemd-logind, drain the node before",
                        e.getMessage());
            } else {
                LOG.debug("it cannot be told when the machine is shut down", e);
            }
        }
    }

    private void allowDelay() throws IOException, InterruptedException {
        Duration wanted = plan.total();
        Duration most = machine.delayMax();
        if (most.compareTo(wanted) >= 0) {
            return;
        }
        machine.allowDelay(wanted);
        most = machine.delayMax();
        if (most.compareTo(wanted) < 0) {
            throw new IOException("node shutdown manager was unable to update logind InhibitDelayMaxSec to "
                    + wanted.toSeconds() + "s (ShutdownGracePeriod), current value of InhibitDelayMaxSec ("
                    + most.toSeconds() + "s) is less than requested ShutdownGracePeriod");
        }
    }

    private void comes(boolean now) throws InterruptedException {
        LOG.warn("the machine is {}", now ? "about to be shut down" : "not shut down after all");
        events.normal(
                node.get(), "NodeShutdown", "Shutdown manager detected shutdown " + (now ? "event" : "cancellation"));
        isComing = now;
        changed.run();
        if (now) {
            try {
                record.begin();
                endPods();
                record.end();
            } finally {
                release();
            }
        } else if (delay == null) {
            try {
                delay = machine.delay();
            } catch (IOException e) {
                LOG.error("the next shutdown of the machine does not wait for pods: {}", e.getMessage());
            }
        }
    }

    private void release() {
        if (delay != null) {
            delay.close();
            delay = null;
        }
    }

    private void endPods() throws InterruptedException {
        List<Pod> running =
                pods.pods().stream().filter(pod -> !Pods.isTerminal(pod)).toList();
        for (ShutdownPlan.Group group : plan.groups(running)) {
            AtomicInteger left = new AtomicInteger(group.pods().size());
            CountDownLatch over = new CountDownLatch(1);
            for (Pod pod : group.pods()) {
                Thread _ = Thread.ofVirtual()
                        .name("shutdown-" + pod.getMetadata().getName())
                        .start(() -> {
                            end(pod, group.graceSeconds());
                            if (left.decrementAndGet() == 0) {
                                over.countDown();
                            }
                        });
            }
            time.after(Duration.ofSeconds(group.graceSeconds()), over::countDown);
            over.await();
            if (left.get() > 0) {
                LOG.warn("{} pods have not ended in {} s; the next ones are ended", left, group.graceSeconds());
            }
        }
    }

    private void end(Pod pod, long graceSeconds) {
        try {
            pods.evict(pod, "Terminated", MESSAGE, Math.min(graceSeconds, PodTraits.graceSeconds(pod)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{} is not ended", PodTraits.text(pod), e);
        }
    }

    /** Waits for no shutdown any more, and holds none up. */
    @Override
    public void close() {
        machine.close();
        repeating.close();
        release();
    }
}
