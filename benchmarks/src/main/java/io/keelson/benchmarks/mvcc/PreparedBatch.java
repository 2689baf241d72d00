package io.keelson.benchmarks.mvcc;

import io.keelson.raft.CommittedBatch;
import java.nio.ByteBuffer;

/** Commands that stand in one entry of the log, all of them awaited here. */
final class PreparedBatch implements CommittedBatch {
    private final long index;
    private final byte[][] commands;

    PreparedBatch(long index, byte[][] commands) {
        this.index = index;
        this.commands = commands;
    }

    @Override
    public long lastIndex() {
        return index;
    }

    @Override
    public long lastTerm() {
        return 1;
    }

    @Override
    public int size() {
        return commands.length;
    }

    @Override
    public ByteBuffer command(int i) {
        return ByteBuffer.wrap(commands[i]);
    }

    @Override
    public long index(int i) {
        return index;
    }

    @Override
    public long term(int i) {
        return 1;
    }

    @Override
    public long clusterTimeMs(int i) {
        return index;
    }

    @Override
    public boolean isLocal(int i) {
        return true;
    }

    @Override
    public void complete(int i, Object result) {}
}
