package io.keelson.kvstore.server.config;

import io.keelson.kvstore.server.config.Flag.Use;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Every flag of etcd 3.5 and 3.6, with etcd's defaults, and what this server does with it; and a few of its own. */
final class Flags {
    private static final Map<String, Flag> BY_NAME = new LinkedHashMap<>();
    private static final Map<String, String> SECTIONS = new LinkedHashMap<>();
    private static String section = "";

    private static final String BBOLT = "it tunes etcd's own storage engine; RocksDB has no counterpart";
    private static final String DISCOVERY =
            "discovery services are not supported; name the members with --initial-cluster";
    private static final String V2 = "the v2 API and its proxy are not supported";
    private static final String TRACING = "distributed tracing is not supported";

    static {
        section("Member");
        string("name", "default", "Human-readable name for this member.");
        string("data-dir", "", "Path to the data directory (default ${name}.etcd).");
        string("wal-dir", "", "Path to a directory of its own for the log.");
        uint("snapshot-count", "100000", "Number of commands after which a snapshot replaces the log before it.");
        uint("heartbeat-interval", "100", "Time (in milliseconds) of a heartbeat interval.");
        uint("election-timeout", "1000", "Time (in milliseconds) for an election to timeout.");
        ignored(
                "initial-election-tick-advance",
                Flag.Type.BOOL,
                "true",
                "elections start with a random timeout either way");
        string("listen-peer-urls", "http://localhost:2380", "URLs to listen on for other members.");
        string(
                "listen-client-urls",
                "http://localhost:2379",
                "URLs to listen on for clients: gRPC, and HTTP unless --listen-client-http-urls is given.");
        string(
                "listen-client-http-urls",
                "",
                "URLs to listen on for HTTP only; takes HTTP away from --listen-client-urls.");
        ignored("max-snapshots", Flag.Type.UINT, "5", "the newest complete snapshot is kept, and no other is needed");
        ignored("max-wals", Flag.Type.UINT, "5", "log files are dropped as soon as a snapshot replaces them");
        ignored(
                "memory-mlock",
                Flag.Type.BOOL,
                "false",
                "pages of a Java process are not pinned; turn swap off instead");
        integer("quota-backend-bytes", "0", "Size of the database from which on it raises NOSPACE (0 means 2 GiB).");
        ignored("backend-bbolt-freelist-type", Flag.Type.STRING, "map", BBOLT);
        ignored("backend-batch-interval", Flag.Type.DURATION, "0s", BBOLT);
        ignored("backend-batch-limit", Flag.Type.INT, "0", BBOLT);
        uint("max-txn-ops", "128", "Maximum number of operations in a transaction.");
        uint("max-request-bytes", "1572864", "Maximum size of a client's request in bytes.");
        uint("max-concurrent-streams", "4294967295", "Maximum concurrent streams of a client's connection.");
        bool("enable-grpc-gateway", "true", "Serve the JSON gateway.");
        duration("grpc-keepalive-min-time", "5s", "Shortest interval at which clients may ping.");
        duration("grpc-keepalive-interval", "2h0m0s", "Interval at which clients are pinged (0 to disable).");
        duration("grpc-keepalive-timeout", "20s", "How long a ping may stay unanswered (0 to disable).");
        bool("socket-reuse-port", "false", "Set SO_REUSEPORT on all listeners.");
        ignored("socket-reuse-address", Flag.Type.BOOL, "false", "listeners set SO_REUSEADDR in any case");
        ignored("raft-read-timeout", Flag.Type.DURATION, "5s", "members notice dead connections by heartbeats");
        ignored("raft-write-timeout", Flag.Type.DURATION, "5s", "members notice dead connections by heartbeats");

        section("Clustering");
        string("initial-advertise-peer-urls", "http://localhost:2380", "This member's peer URLs, for the others.");
        string(
                "initial-cluster",
                "",
                "Members of the cluster to start, NAME=URL,... (default NAME=initial-advertise-peer-urls).");
        string("initial-cluster-state", "new", "'new' to start a cluster, 'existing' to join one.");
        string("initial-cluster-token", "etcd-cluster", "Keeps clusters with the same URLs apart.");
        string(
                "advertise-client-urls",
                "http://localhost:2379",
                "This member's client URLs, for clients and the others.");
        unsupported("discovery", Flag.Type.STRING, "", DISCOVERY);
        ignored("discovery-fallback", Flag.Type.STRING, "exit", DISCOVERY);
        unsupported("discovery-proxy", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-srv", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-srv-name", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-token", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-endpoints", Flag.Type.STRING, "", DISCOVERY);
        ignored("discovery-dial-timeout", Flag.Type.DURATION, "2s", DISCOVERY);
        ignored("discovery-request-timeout", Flag.Type.DURATION, "5s", DISCOVERY);
        ignored("discovery-keepalive-time", Flag.Type.DURATION, "2s", DISCOVERY);
        ignored("discovery-keepalive-timeout", Flag.Type.DURATION, "6s", DISCOVERY);
        ignored("discovery-insecure-transport", Flag.Type.BOOL, "true", DISCOVERY);
        ignored("discovery-insecure-skip-tls-verify", Flag.Type.BOOL, "false", DISCOVERY);
        unsupported("discovery-cert", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-key", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-cacert", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-user", Flag.Type.STRING, "", DISCOVERY);
        unsupported("discovery-password", Flag.Type.STRING, "", DISCOVERY);
        bool("strict-reconfig-check", "true", "Refuse changes of members that would cost the majority.");
        ignored("pre-vote", Flag.Type.BOOL, "true", "candidates always ask before they raise the term");
        string("auto-compaction-retention", "0", "How much history automatic compaction keeps (0 turns it off).");
        string("auto-compaction-mode", "periodic", "'periodic' keeps a time, 'revision' a number of revisions.");
        ignored("v2-deprecation", Flag.Type.STRING, "write-only", V2);
        unsupported("enable-v2", Flag.Type.BOOL, "false", V2);
        integer("max-learners", "1", "Maximum number of learners in the cluster.");
        uint("snapshot-catchup-entries", "5000", "Log entries kept behind a snapshot for members that are behind.");
        duration(
                "wait-cluster-ready-timeout", "5s", "How long the start waits for a leader before clients are served.");

        section("Security");
        string("cert-file", "", "Certificate shown to clients.");
        string("key-file", "", "Key of --cert-file.");
        ignored(
                "client-cert-file",
                Flag.Type.STRING,
                "",
                "the gateway reaches the server inside the process, without TLS");
        ignored(
                "client-key-file",
                Flag.Type.STRING,
                "",
                "the gateway reaches the server inside the process, without TLS");
        bool("client-cert-auth", "false", "Clients must show a certificate.");
        string("client-crl-file", "", "Revoked client certificates.");
        string("client-cert-allowed-hostname", "", "Names of client certificates that are let in, by comma.");
        string("trusted-ca-file", "", "Authorities of client certificates.");
        bool("auto-tls", "false", "Serve clients with a generated certificate.");
        string("peer-cert-file", "", "Certificate shown to other members.");
        string("peer-key-file", "", "Key of --peer-cert-file.");
        string("peer-client-cert-file", "", "Certificate for connecting to others, if it is another one.");
        string("peer-client-key-file", "", "Key of --peer-client-cert-file.");
        bool("peer-client-cert-auth", "false", "Members that connect must show a certificate.");
        string("peer-trusted-ca-file", "", "Authorities of members' certificates.");
        string(
                "peer-cert-allowed-cn",
                "",
                "Common names of members' certificates that are trusted, whoever connects, by comma.");
        string(
                "peer-cert-allowed-hostname",
                "",
                "Hosts for one of which members' certificates must be valid, whoever connects, by comma.");
        bool("peer-auto-tls", "false", "Encrypt between members with generated certificates, which nobody checks.");
        string("peer-crl-file", "", "Revoked certificates of members, whoever connects.");
        uint("self-signed-cert-validity", "1", "Years for which generated certificates hold.");
        bool(
                "peer-skip-client-san-verification",
                "false",
                "Members that connect may come from other addresses than their certificates are for.");
        string("cipher-suites", "", "TLS cipher suites, by comma.");
        string("cors", "*", "Origins that browsers may send HTTP requests from, by comma.");
        string("host-whitelist", "*", "Host names that HTTP requests may use when the server is not secure, by comma.");
        string("tls-min-version", "TLS1.2", "TLS1.2 or TLS1.3.");
        string("tls-max-version", "", "TLS1.2 or TLS1.3 (empty: the newest).");

        section("Auth");
        string(
                "auth-token",
                "simple",
                "Kind of token and its options: 'simple', or 'jwt,pub-key=...,priv-key=...,sign-method=...,ttl=...'.");
        uint("bcrypt-cost", "10", "Cost of hashing passwords, 4 to 31.");
        uint("auth-token-ttl", "300", "Seconds for which a simple token holds.");

        section("Profiling and monitoring");
        ignored(
                "enable-pprof",
                Flag.Type.BOOL,
                "false",
                "profiles of a Java process are taken with jcmd PID JFR.start");
        string("metrics", "basic", "'basic', or 'extensive' for histograms of how long calls take.");
        string("listen-metrics-urls", "", "URLs to listen on for metrics and health.");

        section("Logging");
        string("logger", "zap", "Form of the log; only 'zap'.");
        string("log-outputs", "default", "'default', 'stdout', 'stderr' or files, by comma.");
        string("log-level", "info", "debug, info, warn, error, panic or fatal.");
        string("log-format", "json", "'json' or 'console'.");
        bool("enable-log-rotation", "false", "Rotate the one file of --log-outputs.");
        string(
                "log-rotation-config-json",
                "{\"maxsize\": 100, \"maxage\": 0, \"maxbackups\": 0, \"localtime\": false, \"compress\": false}",
                "How to rotate: maxsize (MB), maxage (days), maxbackups (0: all), localtime, compress.");
        duration("warning-unary-request-duration", "300ms", "Calls that take longer are logged.");
        unsupported("enable-distributed-tracing", Flag.Type.BOOL, "false", TRACING);
        ignored("distributed-tracing-address", Flag.Type.STRING, "localhost:4317", TRACING);
        ignored("distributed-tracing-service-name", Flag.Type.STRING, "etcd", TRACING);
        ignored("distributed-tracing-instance-id", Flag.Type.STRING, "", TRACING);
        ignored("distributed-tracing-sampling-rate", Flag.Type.INT, "0", TRACING);

        section("Features");
        string("feature-gates", "", "NAME=true|false by comma: InitialCorruptCheck, CompactHashCheck, RangeStream.");
        duration("corrupt-check-time", "0s", "Interval at which members compare their data (0 turns it off).");
        duration(
                "compact-hash-check-time",
                "1m0s",
                "Interval at which members whose history was compacted compare their data, with the gate CompactHashCheck.");
        uint("compaction-batch-limit", "1000", "Revisions dropped in one step of a compaction.");
        duration("compaction-sleep-interval", "10ms", "Pause between steps of a compaction.");
        duration(
                "watch-progress-notify-interval",
                "10m0s",
                "Interval of progress notifications to watchers that want them.");
        duration("warning-apply-duration", "100ms", "Batches that take longer to apply are logged.");
        ignored(
                "downgrade-check-time",
                Flag.Type.DURATION,
                "5s",
                "members' versions are looked at when the leader decides the cluster version");
        ignored(
                "bootstrap-defrag-threshold-megabytes",
                Flag.Type.UINT,
                "0",
                "space of what was dropped comes back by itself");

        section("Memory for data (not in etcd)");
        uint("block-cache-mib", "256", "Memory for data that was read from files, their indexes and filters.");
        uint("write-buffer-mib", "64", "Memory for data that was written and is in no file yet.");
        uint("watch-window-mib", "64", "Memory for changes that watches are told which are a little behind.");

        section("Unsafe");
        bool("force-new-cluster", "false", "Keep the data but make this member the only one.");
        bool("unsafe-no-fsync", "false", "Do not wait for the disk; loses data.");

        section("Other");
        string("config-file", "", "Path to a configuration file; other flags and variables are then ignored.");
        bool("version", "false", "Print the version and exit.");

        for (String name : List.of(
                "proxy-failure-wait",
                "proxy-refresh-interval",
                "proxy-dial-timeout",
                "proxy-write-timeout",
                "proxy-read-timeout")) {
            ignored(name, Flag.Type.UINT, "", V2);
        }
        unsupported("proxy", Flag.Type.STRING, "off", V2);
        unsupported("experimental-enable-v2v3", Flag.Type.STRING, "", V2);
        ignored(
                "experimental-enable-lease-checkpoint",
                Flag.Type.BOOL,
                "false",
                "the time left of leases is always kept through a change of leader");
        ignored(
                "experimental-enable-lease-checkpoint-persist",
                Flag.Type.BOOL,
                "false",
                "the time left of leases is always kept through a change of leader");
        ignored("experimental-txn-mode-write-with-shared-buffer", Flag.Type.BOOL, "true", BBOLT);
        ignored(
                "experimental-stop-grpc-service-on-defrag",
                Flag.Type.BOOL,
                "false",
                "calls are served while a member defragments");
        ignored(
                "experimental-set-member-localaddr",
                Flag.Type.BOOL,
                "false",
                "connections to members leave from the address the system chooses");
        bool("experimental-initial-corrupt-check", "false", "Older form of --feature-gates InitialCorruptCheck=true.");
        bool(
                "experimental-compact-hash-check-enabled",
                "false",
                "Older form of --feature-gates CompactHashCheck=true.");
        for (String name : List.of(
                "corrupt-check-time",
                "compact-hash-check-time",
                "compaction-batch-limit",
                "compaction-sleep-interval",
                "peer-skip-client-san-verification",
                "watch-progress-notify-interval",
                "warning-apply-duration",
                "warning-unary-request-duration",
                "bootstrap-defrag-threshold-megabytes",
                "max-learners",
                "wait-cluster-ready-timeout",
                "snapshot-catchup-entries",
                "memory-mlock",
                "downgrade-check-time",
                "enable-distributed-tracing",
                "distributed-tracing-address",
                "distributed-tracing-service-name",
                "distributed-tracing-instance-id",
                "distributed-tracing-sampling-rate")) {
            Flag now = Objects.requireNonNull(BY_NAME.get(name));
            add(new Flag(
                    "experimental-" + name,
                    now.type(),
                    now.defaultValue(),
                    "Older name of --" + name + ".",
                    Use.RENAMED,
                    name));
        }
    }

    private Flags() {}

    static @Nullable Flag named(String name) {
        return BY_NAME.get(name);
    }

    static Collection<Flag> all() {
        return BY_NAME.values();
    }

    static List<OfferedFlag> offered() {
        return BY_NAME.values().stream()
                .filter(flag -> flag.use() == Use.EFFECTIVE || flag.use() == Use.IGNORED)
                .filter(flag -> !flag.name().startsWith("experimental-"))
                .map(flag -> new OfferedFlag(
                        flag.name(),
                        flag.type() != Flag.Type.BOOL,
                        flag.help().isEmpty() ? "Accepted without effect." : flag.help()))
                .toList();
    }

    private static void section(String title) {
        section = title;
    }

    /** What {@code --help} prints. */
    static String help() {
        StringBuilder out = new StringBuilder();
        out.append("Usage:\n\n  keelson kvstore [flags]\n    Start a server that speaks etcd's v3 API.\n\n")
                .append("  keelson kvstore --version\n    Show the version.\n\n")
                .append(
                        "Every flag can be given as an environment variable, ETCD_ in front of its name in capitals.\n");
        String before = "";
        for (Flag flag : BY_NAME.values()) {
            String title = Objects.requireNonNull(SECTIONS.get(flag.name()));
            if (flag.use() != Use.EFFECTIVE || flag.name().startsWith("experimental-")) {
                continue;
            }
            if (!title.equals(before)) {
                out.append('\n').append(title).append(":\n");
                before = title;
            }
            out.append("  --")
                    .append(flag.name())
                    .append(" '")
                    .append(flag.defaultValue())
                    .append("'\n    ")
                    .append(flag.help())
                    .append('\n');
        }
        out.append("\nAccepted without effect:\n");
        for (Flag flag : BY_NAME.values()) {
            if (flag.use() == Use.IGNORED) {
                out.append("  --")
                        .append(flag.name())
                        .append("\n    ")
                        .append(flag.note())
                        .append(".\n");
            }
        }
        return out.toString();
    }

    private static void add(Flag flag) {
        BY_NAME.put(flag.name(), flag);
        SECTIONS.put(flag.name(), section);
    }

    private static void string(String name, String defaultValue, String help) {
        add(new Flag(name, Flag.Type.STRING, defaultValue, help, Use.EFFECTIVE, ""));
    }

    private static void bool(String name, String defaultValue, String help) {
        add(new Flag(name, Flag.Type.BOOL, defaultValue, help, Use.EFFECTIVE, ""));
    }

    private static void integer(String name, String defaultValue, String help) {
        add(new Flag(name, Flag.Type.INT, defaultValue, help, Use.EFFECTIVE, ""));
    }

    private static void uint(String name, String defaultValue, String help) {
        add(new Flag(name, Flag.Type.UINT, defaultValue, help, Use.EFFECTIVE, ""));
    }

    private static void duration(String name, String defaultValue, String help) {
        add(new Flag(name, Flag.Type.DURATION, defaultValue, help, Use.EFFECTIVE, ""));
    }

    private static void ignored(String name, Flag.Type type, String defaultValue, String why) {
        add(new Flag(name, type, defaultValue, "", Use.IGNORED, why));
    }

    private static void unsupported(String name, Flag.Type type, String defaultValue, String why) {
        add(new Flag(name, type, defaultValue, "", Use.UNSUPPORTED, why));
    }
}
