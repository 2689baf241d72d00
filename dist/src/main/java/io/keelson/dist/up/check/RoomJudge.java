package io.keelson.dist.up.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether there is enough of everything. */
final class RoomJudge {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final long DISK_MIN = GIB / 2;
    private static final long DISK_WANTED = 5 * GIB;

    /** With less than that of a disk free a node begins to end pods. */
    private static final double DISK_FREE_SHARE = 0.15;

    private static final long MEMORY_MIN = 400 * MIB;
    private static final long MEMORY_WANTED = 1500 * MIB;
    private static final long FILES_MIN = 1024;
    private static final long FILES_WANTED = 16_384;
    private static final long INSTANCES_WANTED = 128;
    private static final long WATCHES_WANTED = 8192;
    private static final long PROCESSES_WANTED = 16_384;

    /** On these nothing that is stacked can be written. */
    private static final Set<String> NO_UPPER = Set.of("overlay", "nfs", "nfs4", "cifs", "vfat", "ntfs", "fuse", "9p");

    private RoomJudge() {}

    static List<Finding> judge(Facts.Room room) {
        List<Finding> findings = new ArrayList<>();
        findings.add(overlay(room));
        findings.add(disk(room));
        findings.add(memory(room));
        findings.add(files(room));
        findings.add(limit(
                "inotify",
                "fs.inotify.max_user_instances",
                room.inotifyInstances(),
                INSTANCES_WANTED,
                "fs.inotify.max_user_watches",
                room.inotifyWatches(),
                WATCHES_WANTED));
        findings.add(
                room.processes() >= 0 && room.processes() < PROCESSES_WANTED
                        ? Finding.limited(
                                "processes",
                                "at most " + room.processes() + " with all threads",
                                "sysctl -w kernel.pid_max=32768")
                        : Finding.ok("processes", "at most " + number(room.processes()) + " with all threads"));
        return findings;
    }

    private static Finding overlay(Facts.Room room) {
        if (NO_UPPER.contains(room.fileSystem()) || room.fileSystem().startsWith("fuse.")) {
            return Finding.missing(
                    "overlayfs",
                    room.folder() + " is on " + room.fileSystem() + ", on which nothing can be stacked",
                    "keep the cluster on ext4, xfs or btrfs: --data");
        }
        return switch (room.overlay()) {
            case THERE -> Finding.ok("overlayfs", "over " + room.fileSystem());
            case ON_DISK -> Finding.limited("overlayfs", "its module is not loaded", "modprobe overlay");
            case NONE -> Finding.missing("overlayfs", "the kernel has none", "take a kernel with CONFIG_OVERLAY_FS");
        };
    }

    private static Finding disk(Facts.Room room) {
        String is = size(room.freeBytes()) + " of " + size(room.totalBytes()) + " free at " + room.folder();
        if (room.freeBytes() < DISK_MIN) {
            return Finding.missing("disk", is, "make room, or keep the cluster elsewhere: --data");
        }
        boolean isLow = room.freeBytes() < DISK_WANTED || room.freeBytes() < room.totalBytes() * DISK_FREE_SHARE;
        return isLow
                ? Finding.limited(
                        "disk", is, "a node with less than 15% free removes images, and then ends pods; make room")
                : Finding.ok("disk", is);
    }

    private static Finding memory(Facts.Room room) {
        String is = size(room.availableBytes()) + " of " + size(room.memoryBytes()) + " available";
        if (room.availableBytes() < MEMORY_MIN) {
            return Finding.missing("memory", is, "the cluster itself takes up to 600 MiB: end something else");
        }
        return room.availableBytes() < MEMORY_WANTED
                ? Finding.limited("memory", is, "the cluster itself takes up to 600 MiB; little is left for pods")
                : Finding.ok("memory", is);
    }

    private static Finding files(Facts.Room room) {
        String is = "at most " + number(room.openFiles()) + " in a process";
        if (room.openFiles() >= 0 && room.openFiles() < FILES_WANTED) {
            String advice = "raise the hard limit: ulimit -n 65536, or LimitNOFILE= of the service";
            return room.openFiles() < FILES_MIN
                    ? Finding.missing("open files", is, advice)
                    : Finding.limited("open files", is, advice);
        }
        return Finding.ok("open files", is);
    }

    private static Finding limit(
            String thing, String first, long is, long wanted, String second, long isSecond, long wantedSecond) {
        List<String> few = new ArrayList<>();
        List<String> advice = new ArrayList<>();
        if (is >= 0 && is < wanted) {
            few.add(first + " is " + is);
            advice.add(first + "=" + wanted * 4);
        }
        if (isSecond >= 0 && isSecond < wantedSecond) {
            few.add(second + " is " + isSecond);
            advice.add(second + "=" + wantedSecond * 8);
        }
        return few.isEmpty()
                ? Finding.ok(thing, number(is) + " instances, " + number(isSecond) + " watches")
                : Finding.limited(thing, String.join(", ", few), "sysctl -w " + String.join(" ", advice));
    }

    private static String number(long value) {
        return value < 0 || value == Long.MAX_VALUE ? "any number" : Long.toString(value);
    }

    private static String size(long bytes) {
        return bytes >= 10 * GIB ? bytes / GIB + " GiB" : bytes / MIB + " MiB";
    }
}
