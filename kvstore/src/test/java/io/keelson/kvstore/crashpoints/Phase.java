package io.keelson.kvstore.crashpoints;

import java.util.Locale;
import java.util.regex.Pattern;

/** What a member may be doing when it crashes, and the code that does it. */
enum Phase {
    /** Entries come to the log, are applied and written. */
    APPLY("apply/KvStateMachine\\.(apply|applyEntries|commit|carryOut|keep)|storage/(BatchSession|RocksInstance)\\."
            + "(commit|write)|storage/Database\\.published|jraft/LogApplier\\.(onApply|take|deliver)"
            + "|log/(OpenLog|SegmentFile|SegmentLogStorage|SegmentSupply)\\..*|mvcc/MvccWriter\\..*"),
    /** A snapshot of this member is written, and the log before it dropped. */
    SNAPSHOT_SAVE("jraft/(Snapshots|FolderSnapshotWriter|Directories)\\..*|jraft/LogApplier\\.onSnapshotSave"
            + "|jraft/SnapshotFolder\\.(create|adopt|clean|delete).*|storage/Database\\.saveSnapshot"
            + "|storage/RocksInstance\\.(checkpoint|flush)|log/(FileRemoval|LogDirectory|Chain)\\..*"),
    /** Another member's snapshot is copied and put in the place of the state. */
    SNAPSHOT_INSTALL(
            "jraft/SnapshotDownload\\..*|jraft/SnapshotFolder\\.(adopt|clean|delete).*|jraft/FolderSnapshotReader\\..*"
                    + "|jraft/LogApplier\\.onSnapshotLoad|storage/Database\\.restore|storage/DataFolder\\..*"
                    + "|apply/KvStateMachine\\.(restore|reload)|storage/RocksInstance\\.(open|verify).*"),
    /** What a compaction made unreadable is dropped. */
    COMPACTION("mvcc/Compactor\\..*|storage/Maintenance\\..*"),
    /** Members are added, changed and removed. */
    MEMBERSHIP(
            "membership/MembershipStore\\..*|jraft/Membership\\..*|server/MembershipTasks\\..*|jraft/(TermFile|VoterTimer)\\..*"),
    /** A member comes back. */
    START("jraft/JRaftNode\\.(start|open|options)|log/LogRecovery\\..*|storage/(DataFolder|Database)\\.(active|open)"
            + "|server/Bootstrap\\..*|membership/Identity\\..*|jraft/StartCounter\\..*|mvcc/Compactor\\.start");

    /** The code of which some belongs to phases. */
    static final Pattern OURS = Pattern.compile("io/keelson/(?:kvstore|raft)/.*");

    private final Pattern methods;

    Phase(String methods) {
        this.methods = Pattern.compile("io/keelson/(?:kvstore|raft)/(?:" + methods + ")");
    }

    /** Whether a method belongs to it: {@code package/Class.method}, nested classes and lambdas being part of theirs. */
    boolean covers(String className, String method) {
        String outermost = className.contains("$") ? className.substring(0, className.indexOf('$')) : className;
        String named = method.startsWith("lambda$") ? method.split("\\$", 3)[1] : method;
        return methods.matcher(outermost + "." + named).matches();
    }

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
