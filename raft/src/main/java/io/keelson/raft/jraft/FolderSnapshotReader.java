package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.google.protobuf.Message;
import io.keelson.raft.jraft.SnapshotManifest.Part;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A whole snapshot; it is not removed before it is closed. */
final class FolderSnapshotReader extends SnapshotReader {
    private final SnapshotFolder folder;
    private final long memberId;
    private final SnapshotManifest manifest;
    private final AtomicBoolean closed = new AtomicBoolean();

    FolderSnapshotReader(SnapshotFolder folder, long memberId, SnapshotManifest manifest) {
        this.folder = folder;
        this.memberId = memberId;
        this.manifest = manifest;
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
    public SnapshotMeta load() {
        return manifest.meta();
    }

    /** Cluster time that no entry in the snapshot is after. */
    long clusterTimeMs() {
        return manifest.clusterTimeMs();
    }

    @Override
    public String generateURIForCopy() {
        return SnapshotDownload.uri(memberId, manifest.index());
    }

    @Override
    public String getPath() {
        return folder.path(manifest.index()).toString();
    }

    @Override
    public Set<String> listFiles() {
        return manifest.parts().stream().map(Part::name).collect(Collectors.toSet());
    }

    @Override
    public @Nullable Message getFileMeta(String name) {
        return null;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            folder.release(manifest.index());
        }
    }
}
