package io.keelson.agent.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is mounted where, as the kernel says, in the order in which it was mounted.
 *
 * @param mounts all of this process's namespace
 */
public record MountTable(List<Mount> mounts) {
    private static final Path SOURCE = Path.of("/proc/self/mountinfo");
    private static final int FIELDS_BEFORE = 6;

    /**
     * One mount, as proc_pid_mountinfo(5) describes it.
     *
     * @param point where
     * @param root which part of its filesystem
     * @param type {@code tmpfs} for one
     * @param source a device, or what a filesystem without one calls itself
     * @param options of the mount itself, {@code ro} among them
     * @param propagation {@code shared:N}, {@code master:N} and the like; none for a private one
     * @param superOptions of its filesystem, wherever it is mounted
     */
    public record Mount(
            String point,
            String root,
            String type,
            String source,
            List<String> options,
            List<String> propagation,
            List<String> superOptions) {
        public Mount {
            options = List.copyOf(options);
            propagation = List.copyOf(propagation);
            superOptions = List.copyOf(superOptions);
        }

        /** Whether what is mounted below it here is seen in its copies, too. */
        public boolean isShared() {
            return propagation.stream().anyMatch(tag -> tag.startsWith("shared:"));
        }

        /** Whether it sees what is mounted below the one that it is a copy of. */
        public boolean isFollowing() {
            return propagation.stream().anyMatch(tag -> tag.startsWith("master:"));
        }
    }

    public MountTable {
        mounts = List.copyOf(mounts);
    }

    /** As it is now. */
    public static MountTable read() throws IOException {
        return parse(new String(Files.readAllBytes(SOURCE), StandardCharsets.UTF_8));
    }

    /** Whether something is mounted at a folder. */
    public static boolean isMounted(Path folder) throws IOException {
        return read().at(folder).isPresent();
    }

    /** The table of a text as {@code /proc/self/mountinfo} has it; lines that are none are left out. */
    public static MountTable parse(String text) {
        List<Mount> mounts = new ArrayList<>();
        text.lines().forEach(line -> {
            String[] fields = line.split(" ", -1);
            int dash = FIELDS_BEFORE;
            while (dash < fields.length && !"-".equals(fields[dash])) {
                dash++;
            }
            if (dash + 2 < fields.length) {
                List<String> all = List.of(fields);
                mounts.add(new Mount(
                        plain(fields[4]),
                        plain(fields[3]),
                        fields[dash + 1],
                        plain(fields[dash + 2]),
                        List.of(fields[5].split(",", -1)),
                        all.subList(FIELDS_BEFORE, dash),
                        dash + 3 < fields.length ? List.of(fields[dash + 3].split(",", -1)) : List.of()));
            }
        });
        return new MountTable(mounts);
    }

    /** Blanks and the like are written as a backslash and three octal digits. */
    private static String plain(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && isOctal(field, i + 1)) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }

    private static boolean isOctal(String field, int from) {
        return from + 3 <= field.length()
                && field.substring(from, from + 3).chars().allMatch(digit -> digit >= '0' && digit <= '7');
    }

    /** What is mounted at a folder or below it, the newest first: in this order it can be unmounted. */
    public List<Mount> under(Path folder) {
        String itself = folder.toString();
        String below = itself.endsWith("/") ? itself : itself + '/';
        return mounts.reversed().stream()
                .filter(mount -> mount.point.equals(itself) || mount.point.startsWith(below))
                .toList();
    }

    /** What one sees at a path that something is mounted at. */
    public Optional<Mount> at(Path path) {
        return mounts.reversed().stream()
                .filter(mount -> mount.point.equals(path.toString()))
                .findFirst();
    }

    /** What a path lies on; of several at the same place the last one, which lies on top. */
    public Optional<Mount> covering(Path path) {
        for (Path place = path.toAbsolutePath(); place != null; place = place.getParent()) {
            Optional<Mount> found = at(place);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
