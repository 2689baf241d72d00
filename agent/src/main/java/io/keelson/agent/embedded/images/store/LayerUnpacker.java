package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.Libc;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.tar.TarEntry;
import io.keelson.agent.embedded.images.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Unpacks a layer's archive the way overlayfs wants it: what the layer deletes of lower ones becomes a device 0:0, what
 * it hides in a folder an attribute of that folder. Whatever comes, nothing outside the layer's folder is touched, and
 * no more than the limits allow is written. One layer, one thread.
 */
final class LayerUnpacker {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String AUFS = ".wh..wh.";
    private static final byte[] OPAQUE_ATTRIBUTE = Libc.bytes("trusted.overlay.opaque");
    private static final long ID_MAX = 0xFFFFFFFEL;

    private final LayerFolder folder;
    private final LowerLayers lowers;
    private final StoreLimits limits;
    private final FileContent content;
    private final List<List<byte[]>> deletions = new ArrayList<>();
    private final Set<String> hiding = new HashSet<>();
    private boolean rootTold;
    private long bytes;
    private long files;

    LayerUnpacker(LayerFolder folder, LowerLayers lowers, StoreLimits limits, FileContent content) {
        this.folder = folder;
        this.lowers = lowers;
        this.limits = limits;
        this.content = content;
    }

    /**
     * What was unpacked.
     *
     * @param bytes of all files together
     * @param standsAlone the result does not depend on the layers below
     * @param rootTold the layer says what the root folder is like
     * @param hidesAll nothing of the layers below is to be seen
     */
    record Result(long bytes, long inodes, boolean standsAlone, boolean rootTold, boolean hidesAll) {}

    /**
     * Unpacks an archive.
     *
     * @throws ImageProblem {@code DAMAGED}, {@code TOO_LARGE}
     */
    Result unpack(InputStream archive) throws IOException {
        TarReader reader = new TarReader(archive);
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while unpacking a layer");
            }
            count(entry);
            unpack(entry, reader);
        }
        boolean standsAlone = !folder.borrowed() && deletions.isEmpty();
        delete();
        folder.setTimes();
        return new Result(bytes, files + folder.made(), standsAlone, rootTold, hiding.contains(""));
    }

    private void count(TarEntry entry) throws ImageProblem {
        files++;
        bytes += entry.size();
        if (files + folder.made() > limits.layerFiles()) {
            throw new ImageProblem(
                    ImageProblem.Kind.TOO_LARGE, "the layer has more than " + limits.layerFiles() + " files");
        }
        if (entry.size() > limits.layerBytes() || bytes > limits.layerBytes()) {
            throw new ImageProblem(
                    ImageProblem.Kind.TOO_LARGE,
                    "the layer's files take more than " + limits.layerBytes() + " bytes, at \"" + entry.shownName()
                            + "\"");
        }
        if (entry.user() < 0 || entry.user() > ID_MAX || entry.group() < 0 || entry.group() > ID_MAX) {
            throw LayerPath.refused(
                    entry, "its owner " + entry.user() + ":" + entry.group() + " is no number of a user and a group");
        }
    }

    private void unpack(TarEntry entry, TarReader reader) throws IOException {
        List<byte[]> path = LayerPath.parts(entry.name(), entry);
        if (path.isEmpty()) {
            if (entry.type() == TarEntry.FOLDER) {
                rootTold = true;
                describe(folder.root(), new byte[] {'.'}, entry);
                folder.keepTime(path, entry.seconds(), entry.nanoseconds());
                return;
            }
            throw LayerPath.refused(entry, "it has no name");
        }
        String name = new String(path.getLast(), StandardCharsets.ISO_8859_1);
        if (name.startsWith(WHITEOUT)) {
            remember(path, name, entry);
            return;
        }
        int in = folder.parentOf(path, entry);
        byte[] last = path.getLast();
        Optional<Libc.Status> present = LayerFolder.present(in, last);
        boolean folderAgain = present.isPresent() && present.get().is(Libc.S_IFDIR) && entry.type() == TarEntry.FOLDER;
        if (present.isPresent() && !folderAgain) {
            if (entry.type() == TarEntry.HARD_LINK && isSame(path, LayerPath.parts(entry.linkName(), entry))) {
                return;
            }
            folder.discard(in, last, present.get());
        }
        create(in, last, path, entry, reader, folderAgain);
    }

    private static boolean isSame(List<byte[]> one, List<byte[]> other) {
        return LayerPath.key(one).equals(LayerPath.key(other));
    }

    private void create(int in, byte[] last, List<byte[]> path, TarEntry entry, TarReader reader, boolean folderAgain)
            throws IOException {
        switch (entry.type()) {
            case TarEntry.FILE -> content.write(in, last, entry, reader);
            case TarEntry.FOLDER -> {
                if (!folderAgain) {
                    Libc.makeFolder(in, last, 0700);
                }
                folder.tell(path);
                folder.keepTime(path, entry.seconds(), entry.nanoseconds());
            }
            case TarEntry.SYMBOLIC_LINK -> {
                if (entry.linkName().length == 0) {
                    throw LayerPath.refused(entry, "it is a link to nothing");
                }
                Libc.symlink(entry.linkName(), in, last);
            }
            case TarEntry.HARD_LINK -> {
                folder.link(LayerPath.parts(entry.linkName(), entry), in, last, entry);
                return;
            }
            case TarEntry.CHARACTER_DEVICE -> node(in, last, entry, Libc.S_IFCHR);
            case TarEntry.BLOCK_DEVICE -> node(in, last, entry, Libc.S_IFBLK);
            case TarEntry.PIPE -> Libc.makeNode(in, last, Libc.S_IFIFO | 0600, 0);
            default ->
                throw LayerPath.refused(entry, "it is of the type '" + entry.type() + "', which no image should have");
        }
        describe(in, last, entry);
        if (entry.type() != TarEntry.FOLDER) {
            Libc.touch(in, last, entry.seconds(), entry.nanoseconds());
        }
    }

    private static void node(int in, byte[] last, TarEntry entry, int type) throws IOException {
        if (entry.major() < 0 || entry.major() > 0xFFFFFFFFL || entry.minor() < 0 || entry.minor() > 0xFFFFFFFFL) {
            throw LayerPath.refused(entry, "there is no such device");
        }
        Libc.makeNode(in, last, type | 0600, Libc.device(entry.major(), entry.minor()));
    }

    /** In an order in which none of it undoes another. */
    private static void describe(int in, byte[] last, TarEntry entry) throws IOException {
        Libc.own(in, last, (int) entry.user(), (int) entry.group());
        if (entry.type() != TarEntry.SYMBOLIC_LINK) {
            Libc.permit(in, last, entry.mode());
        }
        for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
            attribute(in, last, attribute.getKey(), attribute.getValue());
        }
    }

    /** Those that mean something in a container. Others say how a machine or overlayfs is to treat the file. */
    private static void attribute(int in, byte[] last, String name, byte[] value) throws IOException {
        boolean ofUser = name.startsWith("user.") && !name.startsWith("user.overlay.");
        if (!ofUser && !name.equals("security.capability")) {
            return;
        }
        try {
            Libc.setAttribute(LayerPath.byDescriptor(in, last), Libc.bytes(name), value);
        } catch (Libc.Failure e) {
            // Disks without attributes of users, and links, which have none.
            if (!ofUser || (e.error() != Libc.EOPNOTSUPP && e.error() != Libc.EPERM)) {
                throw e;
            }
        }
    }

    private void remember(List<byte[]> path, String name, TarEntry entry) throws ImageProblem {
        if (name.equals(OPAQUE)) {
            hiding.add(LayerPath.key(path.subList(0, path.size() - 1)));
        } else if (!name.startsWith(AUFS)) {
            byte[] last = path.getLast();
            byte[] deleted = Arrays.copyOfRange(last, WHITEOUT.length(), last.length);
            if (deleted.length == 0 || LayerPath.is(deleted, ".") || LayerPath.is(deleted, "..")) {
                throw LayerPath.refused(entry, "it deletes no file");
            }
            List<byte[]> all = new ArrayList<>(path.subList(0, path.size() - 1));
            all.add(deleted);
            deletions.add(all);
        }
    }

    /** What this layer itself has stays, wherever in the archive it was. */
    private void delete() throws IOException {
        for (String each : hiding) {
            List<byte[]> path = split(each);
            // overlayfs asks no root whether it hides others; who mounts leaves them out.
            if (!path.isEmpty()) {
                TarEntry entry = marker(path);
                hide(folder.parentOf(path, entry), path.getLast(), entry);
            }
        }
        Set<String> deleted = new HashSet<>();
        deletions.forEach(path -> deleted.add(LayerPath.key(path)));
        for (List<byte[]> path : deletions) {
            if (isUnder(hiding, path)
                    || isUnder(deleted, path)
                    || lowers.find(path).isEmpty()) {
                continue;
            }
            int in = folder.parentOf(path, marker(path));
            Optional<Libc.Status> present = LayerFolder.present(in, path.getLast());
            if (present.isEmpty()) {
                Libc.makeNode(in, path.getLast(), Libc.S_IFCHR, 0);
            } else if (present.get().is(Libc.S_IFDIR)) {
                hide(in, path.getLast());
            }
        }
    }

    private static boolean isUnder(Set<String> folders, List<byte[]> path) {
        for (int depth = 0; depth < path.size(); depth++) {
            if (folders.contains(LayerPath.key(path.subList(0, depth)))) {
                return true;
            }
        }
        return false;
    }

    private void hide(int in, byte[] last, TarEntry entry) throws IOException {
        Optional<Libc.Status> present = LayerFolder.present(in, last);
        if (present.isEmpty()) {
            folder.makeFolder(in, split(new String(entry.name(), StandardCharsets.ISO_8859_1)));
        } else if (!present.get().is(Libc.S_IFDIR)) {
            return;
        }
        hide(in, last);
    }

    private static void hide(int in, byte[] last) throws IOException {
        Libc.setAttribute(LayerPath.byDescriptor(in, last), OPAQUE_ATTRIBUTE, new byte[] {'y'});
    }

    private static List<byte[]> split(String key) {
        List<byte[]> parts = new ArrayList<>();
        for (String part : key.split("/", -1)) {
            if (!part.isEmpty()) {
                parts.add(part.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return parts;
    }

    /** For messages about a path at the end, when its entry is gone. */
    private static TarEntry marker(List<byte[]> path) {
        return new TarEntry(LayerPath.join(path), TarEntry.FILE, 0, 0, 0, 0, 0, 0, new byte[0], 0, 0, Map.of(), null);
    }
}
