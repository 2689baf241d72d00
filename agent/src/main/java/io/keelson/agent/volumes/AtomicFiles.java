package io.keelson.agent.volumes;

import io.keelson.agent.embedded.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts a set of files into a folder so that who reads it sees the old set or the new one, and never some of each. The
 * folder looks as the kubelet makes it, and who watches {@code ..data} with inotify sees it replaced:
 *
 * <pre>
 *   ..2026_02_01_15_04_05.12345678/   the files, as deep as their paths are
 *   ..data       → ..2026_02_01_15_04_05.12345678
 *   name         → ..data/name        for each first part of a path
 * </pre>
 *
 * <p>A new set goes into a new folder; a link to it, {@code ..data_tmp}, is renamed to {@code ..data}; then names are
 * added and removed, and the old folder goes. Whatever a crash leaves behind is found and removed the next time.
 */
final class AtomicFiles {
    private static final byte[] DATA = Libc.bytes("..data");
    private static final byte[] NEW_DATA = Libc.bytes("..data_tmp");
    private static final String RESERVED = "..";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.").withZone(ZoneOffset.UTC);
    private static final int FOLDER_MODE = 0755;
    private static final int UNCHANGED = -1;
    private static final int DEPTH_MAX = 512;

    private AtomicFiles() {}

    /**
     * Writes a set, if the folder does not have just these files with this content.
     *
     * @param owner whose the files become, before anybody sees them
     * @return whether anything was written
     */
    static boolean write(Path target, FileSet set, Ownership owner, Instant now) throws IOException {
        try (Descriptor folder = Descriptor.folder(target)) {
            String current = current(folder);
            removeLeftovers(folder, current);
            if (current != null && isSame(folder, current, set)) {
                showNames(folder, set);
                return false;
            }
            String fresh = STAMP.format(now) + ThreadLocalRandom.current().nextLong(1_000_000_000L, 10_000_000_000L);
            byte[] name = Libc.bytes(fresh);
            Libc.makeFolder(folder.number(), name, FOLDER_MODE);
            try (Descriptor files = folder.folder(name)) {
                files.permit(FOLDER_MODE);
                for (Map.Entry<String, FileContent> file : set.files().entrySet()) {
                    write(files, file.getKey(), file.getValue());
                }
                owner.apply(files, true);
            }
            Libc.symlink(name, folder.number(), NEW_DATA);
            VolumeCalls.rename(folder.number(), NEW_DATA, folder.number(), DATA);
            showNames(folder, set);
            if (current != null) {
                TreeRemoval.remove(folder, Libc.bytes(current));
            }
            return true;
        }
    }

    /** The name of the folder that is seen now; null if there is none. */
    private static @Nullable String current(Descriptor folder) throws IOException {
        byte[] link = VolumeCalls.readLink(folder.number(), DATA);
        String name = link == null ? "" : new String(link, StandardCharsets.UTF_8);
        return name.startsWith(RESERVED) && name.length() > RESERVED.length() && name.indexOf('/') < 0 ? name : null;
    }

    private static void removeLeftovers(Descriptor folder, @Nullable String current) throws IOException {
        for (byte[] name : names(folder, text -> text.startsWith(RESERVED) && !text.equals(current))) {
            if (!Arrays.equals(name, DATA)) {
                TreeRemoval.remove(folder, name);
            }
        }
    }

    private static List<byte[]> names(Descriptor folder, Predicate<String> wanted) throws IOException {
        List<byte[]> names = new ArrayList<>();
        try (VolumeCalls.Entries entries = new VolumeCalls.Entries(folder.number())) {
            for (byte[] name = entries.next(); name != null; name = entries.next()) {
                if (wanted.test(new String(name, StandardCharsets.UTF_8))) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static boolean isSame(Descriptor folder, String current, FileSet set) throws IOException {
        try (Descriptor files = folder.folder(Libc.bytes(current))) {
            Set<String> seen = new HashSet<>();
            return hasOnly(files, "", set, seen, 0)
                    && seen.size() == set.files().size();
        } catch (Libc.Failure e) {
            if (e.error() != Libc.ENOENT && e.error() != Libc.ENOTDIR) {
                throw e;
            }
            return false;
        }
    }

    private static boolean hasOnly(Descriptor folder, String prefix, FileSet set, Set<String> seen, int depth)
            throws IOException {
        for (byte[] name : names(folder, text -> true)) {
            String path = prefix + new String(name, StandardCharsets.UTF_8);
            try (Descriptor entry = folder.entry(name)) {
                if (entry.status().is(Libc.S_IFDIR)) {
                    try (Descriptor child = folder.folder(name)) {
                        if (depth == DEPTH_MAX || !hasOnly(child, path + '/', set, seen, depth + 1)) {
                            return false;
                        }
                    }
                    continue;
                }
                FileContent wanted = set.files().get(path);
                if (wanted == null
                        || !entry.status().is(Libc.S_IFREG)
                        || entry.status().size() != wanted.size()
                        || !Arrays.equals(Files.readAllBytes(entry.path()), wanted.bytes())) {
                    return false;
                }
                seen.add(path);
            }
        }
        return true;
    }

    private static void write(Descriptor folder, String path, FileContent content) throws IOException {
        int slash = path.indexOf('/');
        if (slash >= 0) {
            byte[] name = Libc.bytes(path.substring(0, slash));
            try {
                Libc.makeFolder(folder.number(), name, FOLDER_MODE);
            } catch (Libc.Failure e) {
                if (e.error() != Libc.EEXIST) {
                    throw e;
                }
            }
            try (Descriptor child = folder.folder(name)) {
                child.permit(FOLDER_MODE);
                write(child, path.substring(slash + 1), content);
            }
            return;
        }
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW;
        try (Descriptor file = new Descriptor(Libc.openAt(folder.number(), Libc.bytes(path), flags, 0600));
                Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, content.bytes());
            Libc.write(file.number(), bytes);
            if (content.user() >= 0) {
                VolumeCalls.own(file, (int) content.user(), UNCHANGED);
            }
            file.permit(content.mode());
        }
    }

    /** Makes the links that are missing, and removes those to what is not there any more. */
    private static void showNames(Descriptor folder, FileSet set) throws IOException {
        Set<String> wanted = new HashSet<>();
        for (String path : set.files().keySet()) {
            int slash = path.indexOf('/');
            wanted.add(slash < 0 ? path : path.substring(0, slash));
        }
        for (byte[] name : names(folder, text -> !text.startsWith(RESERVED) && !wanted.contains(text))) {
            if (VolumeCalls.readLink(folder.number(), name) != null) {
                Libc.unlinkAt(folder.number(), name, 0);
            }
        }
        for (String name : wanted) {
            if (VolumeCalls.readLink(folder.number(), Libc.bytes(name)) == null) {
                Libc.symlink(Libc.bytes("..data/" + name), folder.number(), Libc.bytes(name));
            }
        }
    }
}
