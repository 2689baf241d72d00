package io.keelson.agent.netlink;

import java.util.Map;

/** Errors of the kernel by their numbers, those that netlink answers with. */
public final class Errno {
    /** Not allowed: CAP_NET_ADMIN is missing. */
    public static final int EPERM = 1;

    /** It is not there. */
    public static final int ENOENT = 2;

    /** Called when a signal came. */
    public static final int EINTR = 4;

    /** There is none of that number. */
    public static final int ESRCH = 3;

    /** It is closed. */
    public static final int EBADF = 9;

    /** Nothing to read now. */
    public static final int EAGAIN = 11;

    /** Somebody refers to it. */
    public static final int EBUSY = 16;

    /** It is there already. */
    public static final int EEXIST = 17;

    /** There is no such interface. */
    public static final int ENODEV = 19;

    /** Nobody has the address. */
    public static final int EADDRNOTAVAIL = 99;

    /** Messages were lost: they came faster than they were read. */
    public static final int ENOBUFS = 105;

    private static final Map<Integer, String> TEXTS = Map.ofEntries(
            Map.entry(EPERM, "Operation not permitted"),
            Map.entry(ENOENT, "No such file or directory"),
            Map.entry(EINTR, "Interrupted system call"),
            Map.entry(ESRCH, "No such process"),
            Map.entry(EBADF, "Bad file descriptor"),
            Map.entry(7, "Argument list too long"),
            Map.entry(EAGAIN, "Resource temporarily unavailable"),
            Map.entry(12, "Cannot allocate memory"),
            Map.entry(13, "Permission denied"),
            Map.entry(EBUSY, "Device or resource busy"),
            Map.entry(EEXIST, "File exists"),
            Map.entry(ENODEV, "No such device"),
            Map.entry(22, "Invalid argument"),
            Map.entry(23, "Too many open files in system"),
            Map.entry(24, "Too many open files"),
            Map.entry(28, "No space left on device"),
            Map.entry(34, "Numerical result out of range"),
            Map.entry(75, "Value too large for defined data type"),
            Map.entry(90, "Message too long"),
            Map.entry(93, "Protocol not supported"),
            Map.entry(95, "Operation not supported"),
            Map.entry(97, "Address family not supported by protocol"),
            Map.entry(EADDRNOTAVAIL, "Cannot assign requested address"),
            Map.entry(101, "Network is unreachable"),
            Map.entry(113, "No route to host"),
            Map.entry(ENOBUFS, "No buffer space available"));

    private Errno() {}

    /** What an error means, as the C library says it. */
    public static String text(int error) {
        return TEXTS.getOrDefault(error, "error " + error);
    }
}
