package io.keelson.agent.embedded;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Calls of the C library for what Java has no way to: names that are any bytes, folders by descriptor, owners, nodes,
 * extended attributes, mounts. Linux on x86-64 and aarch64.
 *
 * <p>A name or path is given as bytes, without a zero; {@link #bytes} makes them. Where a folder's descriptor is asked
 * for, {@link #CURRENT_FOLDER} with an absolute path does, too. No call follows a symbolic link as the last part of a
 * path, unless it says so. Any call throws {@link Failure} when the kernel refuses.
 */
public final class Libc {
    /** In place of a folder's descriptor: paths are as for any program. */
    public static final int CURRENT_FOLDER = -100;

    /** Flags of {@link #openAt}. */
    public static final int O_RDONLY = 0;

    public static final int O_WRONLY = 1;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_PATH = 0x200000;

    /** These two differ between processors. */
    public static final int O_DIRECTORY = isArm() ? 0x4000 : 0x10000;

    public static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;

    /** Types of files in a mode. */
    public static final int S_IFMT = 0xF000;

    public static final int S_IFIFO = 0x1000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFLNK = 0xA000;

    /** Flags of {@link #mount}. */
    private static final long MS_PRIVATE = 1 << 18;

    public static final long MS_RDONLY = 1;

    public static final long MS_REMOUNT = 32;
    public static final long MS_BIND = 4096;

    /** Flag of {@link #unmount}: gone from the tree at once, in fact when the last user is. */
    public static final int MNT_DETACH = 2;

    /** Flag of {@link #unmount}: not what a link leads to. */
    public static final int UMOUNT_NOFOLLOW = 8;

    /** Flag of {@link #unlinkAt}: an empty folder. */
    public static final int AT_REMOVEDIR = 0x200;

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int ENODATA = 61;
    public static final int EOPNOTSUPP = 95;

    private static final int EINTR = 4;
    private static final int O_CLOEXEC = 0x80000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7FF;
    private static final int STATX_BYTES = 256;
    private static final int STATVFS_BYTES = 128;
    private static final int ENTRIES_BYTES = 32 * 1024;
    private static final int ENTRY_LENGTH_AT = 16;
    private static final int ENTRY_NAME_AT = 19;

    /** Calls younger than the common numbering of system calls have the same number on every processor. */
    private static final long SYS_OPEN_TREE = 428;

    private static final long SYS_MOVE_MOUNT = 429;

    private static final long SYS_FSOPEN = 430;
    private static final long SYS_FSCONFIG = 431;
    private static final long SYS_FSMOUNT = 432;
    private static final long SYS_OPENAT2 = 437;
    private static final long SYS_MOUNT_SETATTR = 442;
    private static final long SYS_CAPGET = isArm() ? 90 : 125;
    private static final long SYS_CAPSET = isArm() ? 91 : 126;
    private static final int CAPABILITIES_VERSION = 0x20080522;
    private static final long SYS_GETDENTS64 = isArm() ? 61 : 217;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int CLOEXEC_FLAG = 1;
    private static final int OPEN_TREE_CLONE = 1;
    private static final long MOUNT_ATTR_IDMAP = 0x100000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final long RESOLVE_NO_MAGICLINKS = 2;
    private static final long RESOLVE_IN_ROOT = 16;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /**
     * The shape of all functions: whatever they take are numbers and pointers, which travel in registers of 64 bits on
     * both processors, and a function looks at no more of them than it has.
     */
    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);

    private static final MethodHandle OPENAT = function("openat");
    private static final MethodHandle CLOSE = function("close");
    private static final MethodHandle WRITE = function("write");
    private static final MethodHandle PWRITE = function("pwrite");
    private static final MethodHandle SYNCFS = function("syncfs");
    private static final MethodHandle FTRUNCATE = function("ftruncate");
    private static final MethodHandle MKDIRAT = function("mkdirat");
    private static final MethodHandle MKNODAT = function("mknodat");
    private static final MethodHandle SYMLINKAT = function("symlinkat");
    private static final MethodHandle LINKAT = function("linkat");
    private static final MethodHandle RENAMEAT = function("renameat");
    private static final MethodHandle UNLINKAT = function("unlinkat");
    private static final MethodHandle FCHOWNAT = function("fchownat");
    private static final MethodHandle FCHMODAT = function("fchmodat");
    private static final MethodHandle UTIMENSAT = function("utimensat");
    private static final MethodHandle STATX = function("statx");
    private static final MethodHandle STATVFS = function("statvfs");
    private static final MethodHandle LSETXATTR = function("lsetxattr");
    private static final MethodHandle LGETXATTR = function("lgetxattr");
    private static final MethodHandle LLISTXATTR = function("llistxattr");
    private static final MethodHandle MOUNT = function("mount");
    private static final MethodHandle UMOUNT = function("umount2");
    private static final MethodHandle SETFSUID = function("setfsuid");
    private static final MethodHandle SETFSGID = function("setfsgid");
    private static final MethodHandle SYSCALL = function("syscall");
    private static final MethodHandle STRERROR = function("strerror");

    private Libc() {}

    /** A refusal of the kernel. */
    public static final class Failure extends IOException {
        private static final long serialVersionUID = 1L;
        private final int error;

        private Failure(String what, int error) {
            super(what + ": " + text(error));
            this.error = error;
        }

        /** The error's number, as {@link Libc#ENOENT}. */
        public int error() {
            return error;
        }
    }

    /**
     * What is known of a file.
     *
     * @param mode type and permissions
     * @param device of a device node, as {@link #device} makes it
     * @param blocks of 512 bytes that it takes on the disk
     * @param seconds of the last change of the content, since 1970
     */
    public record Status(
            int mode,
            int links,
            int user,
            int group,
            long device,
            long inode,
            long size,
            long blocks,
            long seconds,
            int nanoseconds) {
        /** Whether it is of that type, as {@link Libc#S_IFDIR}. */
        public boolean is(int type) {
            return (mode & S_IFMT) == type;
        }
    }

    /** The bytes of a name, whatever the machine's locale. */
    public static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** The number of a device. */
    public static long device(long major, long minor) {
        return (major & 0xFFFFF000L) << 32 | (major & 0xFFF) << 8 | (minor & 0xFFFFFF00L) << 12 | (minor & 0xFF);
    }

    /** Opens a file; the descriptor is closed in children. */
    public static int openAt(int folder, byte[] path, int flags, int mode) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call("open", path, OPENAT, folder, string(arena, path), flags | O_CLOEXEC, mode, 0, 0);
        }
    }

    /**
     * Opens what is under a folder as if that were the root: links are followed, and lead nowhere else, nor does
     * {@code ..}. Linux 5.6.
     */
    public static int openInside(int folder, byte[] path, int flags) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(24, 8);
            how.set(ValueLayout.JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
            return (int) call(
                    "open", path, SYSCALL, SYS_OPENAT2, folder, string(arena, path), how.address(), how.byteSize(), 0);
        }
    }

    /** Closes a descriptor, whatever the kernel says to it. */
    public static void close(int descriptor) throws Failure {
        try {
            call("close", null, CLOSE, descriptor, 0, 0, 0, 0, 0);
        } catch (Failure failure) {
            // Closed all the same; another try would close what another thread opened since.
            if (failure.error() != EINTR) {
                throw failure;
            }
        }
    }

    /** Writes all bytes of a native segment. */
    public static void write(int descriptor, MemorySegment bytes) throws Failure {
        long written = 0;
        while (written < bytes.byteSize()) {
            written += call(
                    "write", null, WRITE, descriptor, bytes.address() + written, bytes.byteSize() - written, 0, 0, 0);
        }
    }

    /** Writes all bytes of a native segment at a place in a file, whose own position stays. */
    public static void write(int descriptor, MemorySegment bytes, long position) throws Failure {
        long written = 0;
        while (written < bytes.byteSize()) {
            written += call(
                    "write",
                    null,
                    PWRITE,
                    descriptor,
                    bytes.address() + written,
                    bytes.byteSize() - written,
                    position + written,
                    0,
                    0);
        }
    }

    /** Sets a file's length; what is added are holes. */
    public static void truncate(int descriptor, long length) throws Failure {
        call("ftruncate", null, FTRUNCATE, descriptor, length, 0, 0, 0, 0);
    }

    /** Waits until all that was written to the filesystem of a file is on its disk. */
    public static void syncFilesystem(int descriptor) throws Failure {
        call("syncfs", null, SYNCFS, descriptor, 0, 0, 0, 0, 0);
    }

    /** Makes a folder; the process's umask is taken from the mode. */
    public static void makeFolder(int folder, byte[] path, int mode) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("mkdir", path, MKDIRAT, folder, string(arena, path), mode, 0, 0, 0);
        }
    }

    /** Makes a device, pipe or empty file; the process's umask is taken from the mode. */
    public static void makeNode(int folder, byte[] path, int mode, long device) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("mknod", path, MKNODAT, folder, string(arena, path), mode, device, 0, 0);
        }
    }

    public static void symlink(byte[] target, int folder, byte[] path) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("symlink", path, SYMLINKAT, string(arena, target), folder, string(arena, path), 0, 0, 0);
        }
    }

    /** Gives a file another name. */
    public static void link(int fromFolder, byte[] from, int toFolder, byte[] to) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("link", to, LINKAT, fromFolder, string(arena, from), toFolder, string(arena, to), 0, 0);
        }
    }

    /** Moves a file or folder, over another file or an empty folder if there is one. */
    public static void rename(int fromFolder, byte[] from, int toFolder, byte[] to) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("rename", to, RENAMEAT, fromFolder, string(arena, from), toFolder, string(arena, to), 0, 0);
        }
    }

    /**
     * Some more names in a folder that is open to read, in no order, without the two that every folder has.
     *
     * @return empty when there are no more
     */
    public static List<byte[]> names(int folder) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entries = arena.allocate(ENTRIES_BYTES, 8);
            List<byte[]> names = new ArrayList<>();
            while (names.isEmpty()) {
                long length = call(
                        "read folder",
                        null,
                        SYSCALL,
                        SYS_GETDENTS64,
                        folder,
                        entries.address(),
                        entries.byteSize(),
                        0,
                        0);
                if (length == 0) {
                    break;
                }
                for (long at = 0; at < length; ) {
                    long end = at + ENTRY_NAME_AT;
                    while (entries.get(ValueLayout.JAVA_BYTE, end) != 0) {
                        end++;
                    }
                    byte[] name = entries.asSlice(at + ENTRY_NAME_AT, end - at - ENTRY_NAME_AT)
                            .toArray(ValueLayout.JAVA_BYTE);
                    if (!Arrays.equals(name, new byte[] {'.'}) && !Arrays.equals(name, new byte[] {'.', '.'})) {
                        names.add(name);
                    }
                    at += Short.toUnsignedInt(entries.get(ValueLayout.JAVA_SHORT, at + ENTRY_LENGTH_AT));
                }
            }
            return names;
        }
    }

    /** Removes a file, or an empty folder with {@link #AT_REMOVEDIR}. */
    public static void unlinkAt(int folder, byte[] path, int flags) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("unlink", path, UNLINKAT, folder, string(arena, path), flags, 0, 0, 0);
        }
    }

    /** Changes owner and group, which takes set-user-id bits away. */
    public static void own(int folder, byte[] path, int user, int group) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("chown", path, FCHOWNAT, folder, string(arena, path), user, group, AT_SYMLINK_NOFOLLOW, 0);
        }
    }

    /** Changes permissions. Follows a symbolic link, which has none: do not ask for one. */
    public static void permit(int folder, byte[] path, int mode) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("chmod", path, FCHMODAT, folder, string(arena, path), mode, 0, 0, 0);
        }
    }

    /** Sets the times of the last use and the last change. */
    public static void touch(int folder, byte[] path, long seconds, int nanoseconds) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment times = arena.allocate(32, 8);
            for (int at = 0; at < 32; at += 16) {
                times.set(ValueLayout.JAVA_LONG, at, seconds);
                times.set(ValueLayout.JAVA_LONG, at + 8, nanoseconds);
            }
            call("utimensat", path, UTIMENSAT, folder, string(arena, path), times.address(), AT_SYMLINK_NOFOLLOW, 0, 0);
        }
    }

    /** What is known of a file; of the folder itself for an empty path. */
    public static Status status(int folder, byte[] path) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATX_BYTES, 8);
            call(
                    "stat",
                    path,
                    STATX,
                    folder,
                    string(arena, path),
                    AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
                    STATX_BASIC_STATS,
                    status.address(),
                    0);
            return new Status(
                    Short.toUnsignedInt(status.get(ValueLayout.JAVA_SHORT, 28)),
                    status.get(ValueLayout.JAVA_INT, 16),
                    status.get(ValueLayout.JAVA_INT, 20),
                    status.get(ValueLayout.JAVA_INT, 24),
                    device(
                            Integer.toUnsignedLong(status.get(ValueLayout.JAVA_INT, 128)),
                            Integer.toUnsignedLong(status.get(ValueLayout.JAVA_INT, 132))),
                    status.get(ValueLayout.JAVA_LONG, 32),
                    status.get(ValueLayout.JAVA_LONG, 40),
                    status.get(ValueLayout.JAVA_LONG, 48),
                    status.get(ValueLayout.JAVA_LONG, 112),
                    status.get(ValueLayout.JAVA_INT, 120));
        }
    }

    /** Sets an extended attribute. */
    public static void setAttribute(byte[] path, byte[] name, byte[] value) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            call(
                    "setxattr",
                    path,
                    LSETXATTR,
                    string(arena, path),
                    string(arena, name),
                    bytes.address(),
                    value.length,
                    0,
                    0);
        }
    }

    /**
     * How full a file system is.
     *
     * @param bytes all of it
     * @param freeBytes what nobody uses
     * @param availableBytes what of that is not reserved for root
     * @param files how many files and folders there can be; 0 where that is not limited
     * @param filesFree how many more of them
     */
    public record FileSystem(long bytes, long freeBytes, long availableBytes, long files, long filesFree) {}

    /** The file system that a path leads to. Follows links; waits for servers that do not answer. */
    public static FileSystem fileSystem(String path) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(STATVFS_BYTES, Long.BYTES);
            call("statvfs", bytes(path), STATVFS, string(arena, bytes(path)), numbers.address(), 0, 0, 0, 0);
            // The size of a piece, then how many there are, are free, and are available; the same of files.
            long piece = numbers.getAtIndex(ValueLayout.JAVA_LONG, 1);
            return new FileSystem(
                    numbers.getAtIndex(ValueLayout.JAVA_LONG, 2) * piece,
                    numbers.getAtIndex(ValueLayout.JAVA_LONG, 3) * piece,
                    numbers.getAtIndex(ValueLayout.JAVA_LONG, 4) * piece,
                    numbers.getAtIndex(ValueLayout.JAVA_LONG, 5),
                    numbers.getAtIndex(ValueLayout.JAVA_LONG, 6));
        }
    }

    /** The value of an extended attribute, of at most 64 KiB. */
    public static byte[] attribute(byte[] path, byte[] name) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(65536);
            long length = call(
                    "getxattr",
                    path,
                    LGETXATTR,
                    string(arena, path),
                    string(arena, name),
                    value.address(),
                    value.byteSize(),
                    0,
                    0);
            return value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** The names of a file's extended attributes, each followed by a zero. */
    public static byte[] attributes(byte[] path) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment names = arena.allocate(65536);
            long length = call(
                    "listxattr", path, LLISTXATTR, string(arena, path), names.address(), names.byteSize(), 0, 0, 0);
            return names.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * Mounts. Follows links.
     *
     * @param type the filesystem; empty where the flags make it needless
     * @param data its options, less than a page
     */
    public static void mount(String source, String target, String type, long flags, String data) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call(
                    "mount",
                    bytes(target),
                    MOUNT,
                    string(arena, bytes(source)),
                    string(arena, bytes(target)),
                    string(arena, bytes(type)),
                    flags,
                    data.isEmpty() ? 0 : string(arena, bytes(data)),
                    0);
        }
    }

    /** Unmounts. Follows links. */
    public static void unmount(String target, int flags) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            call("umount", bytes(target), UMOUNT, string(arena, bytes(target)), flags, 0, 0, 0, 0);
        }
    }

    /**
     * Mounts with options given one by one, which together may be longer than a page. Linux 5.2; which options a
     * filesystem takes this way depends on the kernel.
     *
     * @param options pairs of name and value, the value empty for a flag
     * @throws Failure with {@link #ENOSYS} from an older kernel, {@link #EINVAL} for an option that it does not have
     */
    public static void mount(String type, String target, Iterable<? extends Map.Entry<String, String>> options)
            throws Failure {
        byte[] place = bytes(target);
        try (Arena arena = Arena.ofConfined()) {
            int context =
                    (int) call("fsopen", place, SYSCALL, SYS_FSOPEN, string(arena, bytes(type)), CLOEXEC_FLAG, 0, 0, 0);
            try {
                for (var option : options) {
                    boolean flag = option.getValue().isEmpty();
                    call(
                            "fsconfig " + option.getKey() + " of",
                            place,
                            SYSCALL,
                            SYS_FSCONFIG,
                            context,
                            flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING,
                            string(arena, bytes(option.getKey())),
                            flag ? 0 : string(arena, bytes(option.getValue())),
                            0);
                }
                call("fsconfig", place, SYSCALL, SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
                int mount = (int) call("fsmount", place, SYSCALL, SYS_FSMOUNT, context, CLOEXEC_FLAG, 0, 0, 0);
                try {
                    call(
                            "mount",
                            place,
                            SYSCALL,
                            SYS_MOVE_MOUNT,
                            mount,
                            string(arena, new byte[0]),
                            CURRENT_FOLDER,
                            string(arena, place),
                            MOVE_MOUNT_F_EMPTY_PATH);
                } finally {
                    close(mount);
                }
            } finally {
                close(context);
            }
        }
    }

    /**
     * Mounts a folder at another place, without what is mounted below it, such that who has a file in it is the user of
     * the same number of a user namespace. Linux 5.12, on filesystems that can.
     *
     * @param users a file that is a user namespace
     * @throws Failure with {@link #EINVAL} if the filesystem cannot
     */
    public static void mountMapped(String source, String target, String users) throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            long nothing = string(arena, new byte[0]);
            int namespace = openAt(CURRENT_FOLDER, bytes(users), O_RDONLY, 0);
            try {
                int tree = (int) call(
                        "open_tree",
                        bytes(source),
                        SYSCALL,
                        SYS_OPEN_TREE,
                        CURRENT_FOLDER,
                        string(arena, bytes(source)),
                        OPEN_TREE_CLONE | O_CLOEXEC,
                        0,
                        0);
                try {
                    MemorySegment attributes = arena.allocate(4 * Long.BYTES, Long.BYTES);
                    attributes.setAtIndex(ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
                    attributes.setAtIndex(ValueLayout.JAVA_LONG, 2, MS_PRIVATE);
                    attributes.setAtIndex(ValueLayout.JAVA_LONG, 3, namespace);
                    call(
                            "map users of",
                            bytes(source),
                            SYSCALL,
                            SYS_MOUNT_SETATTR,
                            tree,
                            nothing,
                            AT_EMPTY_PATH,
                            attributes.address(),
                            attributes.byteSize());
                    call(
                            "mount",
                            bytes(target),
                            SYSCALL,
                            SYS_MOVE_MOUNT,
                            tree,
                            nothing,
                            CURRENT_FOLDER,
                            string(arena, bytes(target)),
                            MOVE_MOUNT_F_EMPTY_PATH);
                } finally {
                    close(tree);
                }
            } finally {
                close(namespace);
            }
        }
    }

    /** Something with files. */
    public interface FileAction {
        /** @throws IOException if it cannot be done */
        void run() throws IOException;
    }

    /**
     * Does something as somebody else as far as files go that are made by it, with all rights that this process has.
     * Mounts that are made keep that: overlayfs works as who has mounted it.
     */
    public static void asOwner(int user, int group, FileAction action) throws IOException {
        AtomicReference<@Nullable Exception> problem = new AtomicReference<>();
        // Who a thread is for files is its own affair, and ends with it.
        Thread other = Thread.ofPlatform().name("files-of-" + user).start(() -> {
            try {
                becomeOwner(user, group);
                action.run();
            } catch (IOException | RuntimeException e) {
                problem.set(e);
            }
        });
        boolean interrupted = false;
        while (other.isAlive()) {
            try {
                other.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Exception failure = problem.get();
        if (failure instanceof IOException io) {
            throw io;
        }
        if (failure instanceof RuntimeException wrong) {
            throw wrong;
        }
    }

    private static void becomeOwner(int user, int group) throws Failure {
        call("setfsgid", null, SETFSGID, group, 0, 0, 0, 0, 0);
        call("setfsuid", null, SETFSUID, user, 0, 0, 0, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
            header.set(ValueLayout.JAVA_INT, 0, CAPABILITIES_VERSION);
            // Effective, permitted and inheritable ones, and the upper halves of these.
            MemorySegment sets = arena.allocate(6L * Integer.BYTES, Integer.BYTES);
            call("capget", null, SYSCALL, SYS_CAPGET, header.address(), sets.address(), 0, 0, 0);
            for (int half = 0; half < 2; half++) {
                sets.setAtIndex(ValueLayout.JAVA_INT, 3L * half, sets.getAtIndex(ValueLayout.JAVA_INT, 3L * half + 1));
            }
            // Those about files went with root.
            call("capset", null, SYSCALL, SYS_CAPSET, header.address(), sets.address(), 0, 0, 0);
        }
    }

    private static boolean isArm() {
        return System.getProperty("os.arch", "").equals("aarch64");
    }

    private static MethodHandle function(String name) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), SHAPE, Linker.Option.captureCallState("errno"));
    }

    private static long string(Arena arena, byte[] bytes) {
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy.address();
    }

    private static long call(
            String what, byte @Nullable [] path, MethodHandle function, long a, long b, long c, long d, long e, long f)
            throws Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            while (true) {
                long result = (long) function.invokeExact(state, a, b, c, d, e, f);
                // Functions that give an int leave the upper half as it was.
                if ((int) result != -1) {
                    return result;
                }
                int error = (int) ERRNO.get(state, 0L);
                if (error != EINTR || "close".equals(what)) {
                    String name = path == null ? "" : " " + new String(path, StandardCharsets.UTF_8);
                    throw new Failure(what + name, error);
                }
            }
        } catch (Failure | RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IllegalStateException("a call into the C library throws nothing", failure);
        }
    }

    private static String text(int error) {
        try (Arena arena = Arena.ofConfined()) {
            long text = (long) STRERROR.invokeExact(arena.allocate(STATE), (long) error, 0L, 0L, 0L, 0L, 0L);
            return MemorySegment.ofAddress(text).reinterpret(256).getString(0);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IllegalStateException("a call into the C library throws nothing", failure);
        }
    }
}
