package io.keelson.kvstore.apply;

import io.keelson.raft.CommittedBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries as the log would deliver them; all commands are local. */
public final class TestBatch implements CommittedBatch {
    /** One entry: its index and the commands it carries. */
    public record Entry(long index, List<byte[]> commands) {}

    private final List<byte[]> commands = new ArrayList<>();
    private final List<Long> indexes = new ArrayList<>();
    private final List<@Nullable Object> results = new ArrayList<>();
    private final boolean local;
    private long lastIndex;

    public TestBatch(List<Entry> entries, boolean local) {
        this.local = local;
        for (Entry entry : entries) {
            lastIndex = entry.index;
            for (byte[] command : entry.commands) {
                commands.add(command);
                indexes.add(entry.index);
                results.add(null);
            }
        }
    }

    public @Nullable ApplyResult result(int i) {
        return (ApplyResult) results.get(i);
    }

    @Override
    public long lastIndex() {
        return lastIndex;
    }

    @Override
    public long lastTerm() {
        return 1;
    }

    @Override
    public int size() {
        return commands.size();
    }

    @Override
    public ByteBuffer command(int i) {
        return ByteBuffer.wrap(commands.get(i)).asReadOnlyBuffer();
    }

    @Override
    public long index(int i) {
        return indexes.get(i);
    }

    @Override
    public long term(int i) {
        return 1;
    }

    @Override
    public long clusterTimeMs(int i) {
        return indexes.get(i);
    }

    @Override
    public boolean isLocal(int i) {
        return local;
    }

    @Override
    public void complete(int i, Object result) {
        results.set(i, result);
    }
}
