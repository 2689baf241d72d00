package io.keelson.kvstore.migrate;

import io.keelson.kvstore.bolt.BoltFormatException;
import io.keelson.kvstore.bolt.BoltReader;
import io.keelson.kvstore.bolt.EtcdBackend;
import io.keelson.kvstore.bolt.SnapshotDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An etcd file that is whole: its digest is right, and every page was looked at. Closing it closes the backend.
 *
 * @param entries how many entries there are in all buckets together
 */
record CheckedFile(EtcdBackend backend, long entries) implements AutoCloseable {
    private static final Path LOCKS = Path.of("/proc/locks");

    /**
     * Opens a file and goes through all of it.
     *
     * @param skipDigest for a file that has none because it comes from a member's data folder; a digest that is there is
     *     then not looked at either
     * @throws IOException if the file cannot be read, is in use by an etcd, or is damaged
     */
    static CheckedFile open(Path file, boolean skipDigest, Progress progress) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("stat " + file + ": no such file or directory");
        }
        refuseIfInUse(file);
        BoltFormatException digestWrong = skipDigest ? null : digestWrong(file, progress);
        EtcdBackend backend;
        try {
            backend = EtcdBackend.open(file);
        } catch (BoltFormatException e) {
            throw digestWrong == null ? e : both(digestWrong, e);
        }
        try {
            BoltReader pages = backend.file();
            progress.begin("checking pages");
            // Of a member's own file most pages may be free, so the share gone through is a lower bound.
            long total = pages.sizeBytes() / pages.pageSize();
            long entries = pages.verify(seen -> progress.at(seen, total));
            if (digestWrong != null) {
                throw digestWrong;
            }
            return new CheckedFile(backend, entries);
        } catch (BoltFormatException e) {
            backend.close();
            throw digestWrong == null || digestWrong.equals(e) ? e : both(digestWrong, e);
        } catch (IOException | RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    /** What is wrong with the digest; null if it is right. */
    private static @Nullable BoltFormatException digestWrong(Path file, Progress progress) throws IOException {
        progress.begin("checking the hash");
        long size = Files.size(file);
        try {
            SnapshotDigest.verify(file, bytes -> progress.at(bytes, size));
            return null;
        } catch (BoltFormatException e) {
            return e;
        }
    }

    /** The digest says that there is damage, the pages say where. */
    private static BoltFormatException both(IOException digest, BoltFormatException page) {
        BoltFormatException both = new BoltFormatException(digest.getMessage() + "; " + page.getMessage());
        both.initCause(page);
        return both;
    }

    /** A running etcd changes its file in place; it holds a lock on it, which Linux lists by inode. */
    private static void refuseIfInUse(Path file) throws IOException {
        Map<String, Object> attributes;
        try {
            attributes = Files.readAttributes(file, "unix:ino,dev");
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            // No such attributes, no such list: nothing can be said.
            return;
        }
        if (!(attributes.get("dev") instanceof Number dev) || !(attributes.get("ino") instanceof Number ino)) {
            return;
        }
        long device = dev.longValue();
        long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
        String inode = "%02x:%02x:%d".formatted(major, minor, ino.longValue());
        String locks;
        try {
            locks = Files.readString(LOCKS);
        } catch (NoSuchFileException e) {
            return;
        }
        for (String line : locks.lines().toList()) {
            // "2: FLOCK  ADVISORY  WRITE 1234 fe:01:5678 0 EOF"
            String[] words = line.trim().split("\\s+", -1);
            if (words.length > 5 && words[1].equals("FLOCK") && words[3].equals("WRITE") && words[5].equals(inode)) {
                throw new BoltFormatException(file + " is in use by process " + words[4]
                        + ", probably an etcd; stop it, or save a snapshot from it with etcdctl snapshot save");
            }
        }
    }

    @Override
    public void close() throws IOException {
        backend.close();
    }
}
