package io.keelson.agent.policy;

import io.keelson.agent.policy.TableWriter.State;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the table into the kernel, in rounds: what has changed since the last one, or all of it where it is not known what is
 * there. What fails is tried again, as a whole. One thread, but for {@link #awaitWritten}.
 */
final class PolicyWriting {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyWriting.class);
    private static final Duration LOOK = Duration.ofSeconds(60);
    private static final Duration RETRY_MIN = Duration.ofSeconds(1);
    private static final Duration RETRY_MAX = Duration.ofSeconds(30);

    private final PolicyInputs inputs;
    private final BooleanSupplier isBuiltIn;
    private final TableWriter writer;
    private final PolicyMetrics metrics;
    private final Time time;
    private Duration pause = LOOK;
    private String lastProblem = "";
    private long lookedAt;
    private long mendedAt;
    private boolean hasMended;
    private long written = -1;
    private boolean isClosed;

    PolicyWriting(
            PolicyInputs inputs, BooleanSupplier isBuiltIn, TableWriter writer, PolicyMetrics metrics, Time time) {
        this.inputs = inputs;
        this.isBuiltIn = isBuiltIn;
        this.writer = writer;
        this.metrics = metrics;
        this.time = time;
    }

    /** How long to wait after a round for the next one, if nothing happens. */
    Duration pause() {
        return pause;
    }

    /** One round. */
    void round() throws InterruptedException {
        pause = LOOK;
        if (writer.isChangedByOthers()) {
            LOG.warn("somebody else has changed the rules of policies, which are written again");
            metrics.changedByOthers();
            // Who does so again and again, another agent for one, is not to keep both busy.
            if (hasMended && time.nanoTime() - mendedAt < RETRY_MIN.toNanos()) {
                pause = RETRY_MIN;
                return;
            }
            hasMended = true;
            mendedAt = time.nanoTime();
        }
        try {
            if (writer.state() != State.PRESENT || !writeChanges()) {
                writeWhole();
            }
            lastProblem = "";
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException e) {
        metrics.failed();
        String problem = OrEmpty.of(e.getMessage());
        pause = lastProblem.isEmpty() ? RETRY_MIN : RETRY_MAX;
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            LOG.warn("network policies are not in force as they should be: {}", problem);
        }
    }

    /** What has changed; returns false if all is to be written instead. */
    private boolean writeChanges() throws InterruptedException {
        TableChanges changes;
        long version;
        synchronized (inputs.lock()) {
            if (inputs.table().policyCount() == 0) {
                return false;
            }
            changes = inputs.table().content().changes();
            version = inputs.table().content().version();
        }
        long begin = time.nanoTime();
        boolean isLook = begin - lookedAt >= LOOK.toNanos();
        try {
            if (!changes.isEmpty() || isLook) {
                writer.write(TableText.changed(changes), State.PRESENT);
                lookedAt = begin;
                metrics.wrote(false, time.nanoTime() - begin);
            }
            done(version);
            return true;
        } catch (IOException e) {
            LOG.warn("the rules of policies are written anew: {}", e.getMessage());
            return false;
        }
    }

    private void writeWhole() throws IOException, InterruptedException {
        long begin = time.nanoTime();
        String text;
        long version;
        synchronized (inputs.lock()) {
            if (!inputs.isKnown()) {
                // What an earlier process wrote is more than what could be written now.
                return;
            }
            version = inputs.table().content().version();
            text = inputs.table().policyCount() == 0
                    ? ""
                    : TableText.whole(inputs.table().content().everything());
        }
        if (text.isEmpty()) {
            removeTable();
        } else {
            if (!isBuiltIn.getAsBoolean()) {
                writer.showBridgedTraffic();
            }
            writer.write(text, State.PRESENT);
            lookedAt = begin;
            metrics.wrote(true, time.nanoTime() - begin);
        }
        done(version);
    }

    private void removeTable() throws InterruptedException {
        if (writer.state() == State.ABSENT) {
            return;
        }
        try {
            writer.write(TableText.absence(), State.ABSENT);
        } catch (IOException e) {
            // On a machine without nft there is no table of an earlier process.
            LOG.debug("rules of policies may be left: {}", e.getMessage());
        }
    }

    private void done(long version) {
        synchronized (inputs.lock()) {
            written = version;
            inputs.lock().notifyAll();
        }
    }

    /** Waits until a version of the table is in the kernel; returns whether it is. */
    boolean awaitWritten(long version, Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        synchronized (inputs.lock()) {
            while (written < version && !isClosed) {
                long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
                if (left <= 0) {
                    return false;
                }
                inputs.lock().wait(left);
            }
            return written >= version;
        }
    }

    /** Lets go of all who wait. */
    void close() {
        synchronized (inputs.lock()) {
            isClosed = true;
            inputs.lock().notifyAll();
        }
    }
}
