package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A state machine whose state is the list of the commands it was given, in order, in memory. The result of a command is
 * its position, from 1. It can be made to stand still, to fail, and to take long over a snapshot.
 */
public final class ListMachine implements StateMachine {
    private static final String FILE = "commands";

    private final List<String> commands = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private final List<Leadership> leaderships = new ArrayList<>();
    private long appliedIndex;
    private int batches;
    private int restores;
    private volatile @Nullable CountDownLatch gate;
    private volatile @Nullable CountDownLatch snapshotGate;
    private volatile @Nullable String failOn;

    @Override
    public synchronized long appliedIndex() {
        return appliedIndex;
    }

    @Override
    public void apply(CommittedBatch batch) {
        pass(gate);
        synchronized (this) {
            batches++;
            for (int i = 0; i < batch.size(); i++) {
                ByteBuffer bytes = batch.command(i);
                String command = UTF_8.decode(bytes).toString();
                if (command.equals(failOn)) {
                    throw new IllegalStateException("told to fail on " + command);
                }
                commands.add(command);
                times.add(batch.clusterTimeMs(i));
                if (batch.isLocal(i)) {
                    batch.complete(i, (long) commands.size());
                }
            }
            appliedIndex = batch.lastIndex();
        }
    }

    @Override
    public void saveSnapshot(Path directory) throws IOException {
        pass(snapshotGate);
        List<String> lines = new ArrayList<>();
        synchronized (this) {
            lines.add(Long.toString(appliedIndex));
            for (int i = 0; i < commands.size(); i++) {
                lines.add(times.get(i) + " " + commands.get(i));
            }
        }
        Files.write(Files.createDirectories(directory.resolve("part")).resolve(FILE), lines, UTF_8);
    }

    @Override
    public synchronized void restore(Path directory) throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("part").resolve(FILE), UTF_8);
        commands.clear();
        times.clear();
        appliedIndex = Long.parseLong(lines.getFirst());
        for (String line : lines.subList(1, lines.size())) {
            int space = line.indexOf(' ');
            times.add(Long.parseLong(line.substring(0, space)));
            commands.add(line.substring(space + 1));
        }
        restores++;
    }

    @Override
    public synchronized void leadershipChanged(Leadership leadership) {
        leaderships.add(leadership);
    }

    private static void pass(@Nullable CountDownLatch gate) {
        if (gate != null) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    public synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    public synchronized int size() {
        return commands.size();
    }

    public synchronized List<Long> times() {
        return List.copyOf(times);
    }

    public synchronized List<Leadership> leaderships() {
        return List.copyOf(leaderships);
    }

    public synchronized int batches() {
        return batches;
    }

    public synchronized int restores() {
        return restores;
    }

    /** Stands still before the next batch, until the latch is opened. */
    public CountDownLatch hold() {
        CountDownLatch latch = new CountDownLatch(1);
        gate = latch;
        return latch;
    }

    /** Takes until the latch is opened over the next snapshot. */
    public CountDownLatch holdSnapshot() {
        CountDownLatch latch = new CountDownLatch(1);
        snapshotGate = latch;
        return latch;
    }

    public void failOn(String command) {
        failOn = command;
    }
}
