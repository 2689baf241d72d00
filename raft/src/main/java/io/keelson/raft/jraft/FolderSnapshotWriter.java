package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.google.protobuf.Message;
import io.keelson.raft.jraft.SnapshotManifest.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A snapshot of this member while it is written; closing it makes it one, unless an error was set. */
final class FolderSnapshotWriter extends SnapshotWriter {
    private final SnapshotFolder folder;
    private final Path directory;
    private final Set<String> names = new LinkedHashSet<>();
    private @Nullable SnapshotMeta meta;
    private long clusterTimeMs;
    private boolean closed;

    FolderSnapshotWriter(SnapshotFolder folder, Path directory) {
        this.folder = folder;
        this.directory = directory;
    }

    @Override
    public boolean init(@Nullable Void unused) {
        return true;
    }

    @Override
    public void shutdown() {
        // Closed by whoever opened it.
    }

    @Override
    public String getPath() {
        return directory.toString();
    }

    @Override
    public Set<String> listFiles() {
        return names;
    }

    @Override
    public @Nullable Message getFileMeta(String name) {
        return null;
    }

    @Override
    public boolean saveMeta(SnapshotMeta newMeta) {
        meta = newMeta;
        return true;
    }

    /** Cluster time that no entry in the snapshot is after. */
    void clusterTime(long timeMs) {
        clusterTimeMs = timeMs;
    }

    @Override
    public boolean addFile(String name, @Nullable Message fileMeta) {
        return names.add(name);
    }

    @Override
    public boolean removeFile(String name) {
        return names.remove(name);
    }

    @Override
    public void close() throws IOException {
        close(false);
    }

    @Override
    public void close(boolean keepDataOnError) throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (!isOk() || meta == null) {
            folder.remove(directory);
            return;
        }
        try {
            List<Part> parts = new ArrayList<>();
            for (String name : names) {
                parts.add(new Part(name, Files.size(directory.resolve(name))));
            }
            folder.adopt(directory, new SnapshotManifest(meta, clusterTimeMs, parts));
        } catch (IOException e) {
            setError(RaftError.EIO, "%s", e.getMessage());
            throw e;
        }
    }
}
