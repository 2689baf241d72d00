package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;

/**
 * Whose the files of a pod's volumes are.
 *
 * @param group the pod's {@code fsGroup}; -1 if it has none
 * @param onRootMismatch whether a volume whose root is as it should be is taken to be so all through
 * @param user as whom all of its containers run; -1 if they do not say, or differ
 */
record Ownership(long group, boolean onRootMismatch, long user) {
    /** A pod that does not say. */
    static final Ownership NONE = new Ownership(-1, false, -1);

    private static final int EVERYBODY = 0777;
    private static final int SET_GROUP_ID = 02000;
    private static final int READ_WRITE = 0660;
    private static final int READ = 0440;
    private static final int ENTER = 0110;
    private static final int DEPTH_MAX = 512;
    private static final int UNCHANGED = -1;
    private static final int MODE_BITS = 07777;

    /** Whether somebody but root is to read what only the pod may. */
    boolean isNarrow() {
        return group >= 0 || user >= 0;
    }

    /**
     * Gives a volume to the pod's group: all files belong to it and may be read, and written unless the volume is
     * read-only, and new files will belong to it. Nothing happens if the pod has no such group.
     */
    void apply(Path volume, boolean readOnly) throws IOException {
        if (group < 0) {
            return;
        }
        try (Descriptor root = Descriptor.folder(volume)) {
            apply(root, readOnly);
        }
    }

    /** The same for a folder that is held. */
    void apply(Descriptor root, boolean readOnly) throws IOException {
        if (group < 0 || (onRootMismatch && isRight(root.status(), readOnly))) {
            return;
        }
        // The root comes last: an interrupted run does not look like one that was right.
        applyBelow(root, readOnly, 0);
        change(root, root.status(), readOnly);
    }

    /** Lets everybody into a volume, and new files in it belong to the pod's group. */
    void open(Descriptor root) throws IOException {
        if (group >= 0) {
            VolumeCalls.own(root, UNCHANGED, (int) group);
        }
        root.permit(group < 0 ? EVERYBODY : EVERYBODY | SET_GROUP_ID);
    }

    private boolean isRight(Libc.Status status, boolean readOnly) {
        int wanted = mask(true, readOnly);
        return Integer.toUnsignedLong(status.group()) == group && (status.mode() & wanted) == wanted;
    }

    private static int mask(boolean folder, boolean readOnly) {
        return (readOnly ? READ : READ_WRITE) | (folder ? SET_GROUP_ID | ENTER : 0);
    }

    private void applyBelow(Descriptor folder, boolean readOnly, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new IOException("fsGroup cannot be applied: folders are nested deeper than " + DEPTH_MAX);
        }
        try (VolumeCalls.Entries entries = new VolumeCalls.Entries(folder.number())) {
            for (byte[] name = entries.next(); name != null; name = entries.next()) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("interrupted while fsGroup is applied");
                }
                applyEntry(folder, name, readOnly, depth);
            }
        }
    }

    private void applyEntry(Descriptor folder, byte[] name, boolean readOnly, int depth) throws IOException {
        try (Descriptor entry = folder.entry(name)) {
            Libc.Status status = entry.status();
            if (status.is(Libc.S_IFLNK)) {
                Libc.own(folder.number(), name, UNCHANGED, (int) group);
                return;
            }
            if (status.is(Libc.S_IFDIR)) {
                try (Descriptor child = folder.folder(name)) {
                    applyBelow(child, readOnly, depth + 1);
                    change(child, child.status(), readOnly);
                }
                return;
            }
            change(entry, status, readOnly);
        } catch (Libc.Failure e) {
            // Others may use the volume meanwhile; what they remove needs no owner.
            if (e.error() != Libc.ENOENT) {
                throw e;
            }
        }
    }

    private void change(Descriptor file, Libc.Status status, boolean readOnly) throws IOException {
        if (Integer.toUnsignedLong(status.group()) != group) {
            VolumeCalls.own(file, UNCHANGED, (int) group);
        }
        int mode = status.mode() & MODE_BITS;
        int wanted = mode | mask(status.is(Libc.S_IFDIR), readOnly);
        if (wanted != mode) {
            file.permit(wanted);
        }
    }
}
