package io.keelson.kvstore.server.config;

import io.keelson.kvstore.server.config.ServerConfig.AutoCompaction;
import io.keelson.kvstore.server.config.ServerConfig.AutoCompaction.Mode;
import io.keelson.kvstore.storage.StorageConfig;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes a configuration of flag values, by etcd's rules of what goes together. */
final class ConfigReader {
    private static final int ELECTION_TIMEOUT_MS_MAX = 50_000;
    private static final int STORAGE_MIB_MAX = 1 << 20;
    private static final long QUOTA_BYTES_DEFAULT = 2L << 30;

    private final FlagValues flags;
    private final List<String> notices;

    ConfigReader(FlagValues flags) {
        this.flags = flags;
        this.notices = new ArrayList<>(flags.notices());
    }

    ServerConfig read() {
        String name = flags.string("name");
        ServerConfig.Listeners listeners = listeners();
        List<String> advertisePeerUrls = advertised("initial-advertise-peer-urls");
        if (flags.isGiven("listen-client-urls") && !flags.isGiven("advertise-client-urls")) {
            throw ConfigException.invalid(
                    "--advertise-client-urls is required when --listen-client-urls is set explicitly");
        }
        List<String> advertiseClientUrls = advertised("advertise-client-urls");
        String dataDir = flags.string("data-dir");
        FeatureGates gates = FeatureGates.read(flags.list("feature-gates"), notices::add);
        return new ServerConfig(
                name,
                Path.of(dataDir.isEmpty() ? name + ".etcd" : dataDir),
                flags.path("wal-dir"),
                listeners,
                advertisePeerUrls,
                advertiseClientUrls,
                cluster(name, advertisePeerUrls),
                timing(),
                limits(),
                storage(),
                new ServerConfig.Connections(
                        flags.duration("grpc-keepalive-min-time"),
                        flags.duration("grpc-keepalive-interval"),
                        flags.duration("grpc-keepalive-timeout"),
                        flags.bool("socket-reuse-port")),
                clientTls(listeners),
                peerTls(listeners),
                autoCompaction(),
                new ServerConfig.Tokens(
                        flags.string("auth-token"),
                        flags.number("bcrypt-cost", 4, 31),
                        flags.number("auth-token-ttl", 1, Integer.MAX_VALUE)),
                logging(),
                new ServerConfig.Checks(
                        flags.bool("experimental-initial-corrupt-check")
                                || gates.open(FeatureGates.INITIAL_CORRUPT_CHECK),
                        notNegative("corrupt-check-time"),
                        flags.bool("experimental-compact-hash-check-enabled")
                                || gates.open(FeatureGates.COMPACT_HASH_CHECK),
                        notNegative("compact-hash-check-time")),
                new ServerConfig.Http(
                        flags.bool("enable-grpc-gateway"),
                        oneOf("metrics", "basic", "extensive").equals("extensive"),
                        flags.list("cors"),
                        flags.list("host-whitelist")),
                new ServerConfig.Features(gates.open(FeatureGates.RANGE_STREAM)),
                List.copyOf(notices));
    }

    private ServerConfig.Listeners listeners() {
        return new ServerConfig.Listeners(
                bindable("listen-peer-urls", true),
                bindable("listen-client-urls", true),
                bindable("listen-client-http-urls", false),
                bindable("listen-metrics-urls", false));
    }

    private List<ListenUrl> bindable(String flag, boolean required) {
        List<ListenUrl> urls = ListenUrl.parseAll(flag, flags.list(flag));
        if (required && urls.isEmpty()) {
            throw ConfigException.invalid("--" + flag + " must not be empty");
        }
        for (ListenUrl url : urls) {
            if (!url.bindable()) {
                throw ConfigException.invalid("--" + flag + ": expected IP in URL for binding (" + url + ")");
            }
        }
        return urls;
    }

    private List<String> advertised(String flag) {
        List<ListenUrl> urls = ListenUrl.parseAll(flag, flags.list(flag));
        if (urls.isEmpty()) {
            throw ConfigException.invalid("--" + flag + " must not be empty");
        }
        return urls.stream().map(ListenUrl::toString).sorted().toList();
    }

    private ServerConfig.Cluster cluster(String name, List<String> advertisePeerUrls) {
        boolean joining = oneOf("initial-cluster-state", "new", "existing").equals("existing");
        Map<String, List<String>> members = flags.isGiven("initial-cluster")
                ? initialCluster(flags.string("initial-cluster"))
                : Map.of(name, advertisePeerUrls);
        return new ServerConfig.Cluster(
                members,
                joining,
                flags.string("initial-cluster-token"),
                flags.bool("strict-reconfig-check"),
                flags.bool("force-new-cluster"),
                flags.number("max-learners", 0, 1000));
    }

    private static Map<String, List<String>> initialCluster(String text) {
        Map<String, Set<String>> urlsByName = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (part.isBlank()) {
                continue;
            }
            if (equals <= 0 || equals == part.length() - 1) {
                throw ConfigException.invalid(
                        "--initial-cluster: bad member \"" + part.trim() + "\", expected NAME=URL");
            }
            String name = part.substring(0, equals).trim();
            List<ListenUrl> urls = ListenUrl.parseAll("initial-cluster", List.of(part.substring(equals + 1)));
            urlsByName
                    .computeIfAbsent(name, _ -> new TreeSet<>())
                    .add(urls.getFirst().toString());
        }
        Map<String, List<String>> members = new LinkedHashMap<>();
        urlsByName.forEach((name, urls) -> members.put(name, List.copyOf(urls)));
        return members;
    }

    private ServerConfig.Timing timing() {
        int heartbeatMs = flags.number("heartbeat-interval", 0, Integer.MAX_VALUE);
        int electionMs = flags.number("election-timeout", 0, Integer.MAX_VALUE);
        if (heartbeatMs == 0) {
            throw ConfigException.invalid("--heartbeat-interval must be >0 (set to 0ms)");
        }
        if (electionMs == 0) {
            throw ConfigException.invalid("--election-timeout must be >0 (set to 0ms)");
        }
        if (5L * heartbeatMs > electionMs) {
            throw ConfigException.invalid("--election-timeout[" + electionMs
                    + "ms] should be at least as 5 times as --heartbeat-interval[" + heartbeatMs + "ms]");
        }
        if (electionMs > ELECTION_TIMEOUT_MS_MAX) {
            throw ConfigException.invalid("--election-timeout[" + electionMs
                    + "ms] is too long, and should be set less than " + ELECTION_TIMEOUT_MS_MAX + "ms");
        }
        return new ServerConfig.Timing(
                heartbeatMs,
                electionMs,
                flags.number("snapshot-count", 1, Integer.MAX_VALUE),
                flags.number("snapshot-catchup-entries", 0, Integer.MAX_VALUE),
                notNegative("wait-cluster-ready-timeout"),
                flags.bool("unsafe-no-fsync"));
    }

    private StorageConfig storage() {
        return StorageConfig.defaults()
                .withMemory(
                        (long) flags.number("block-cache-mib", 8, STORAGE_MIB_MAX) << 20,
                        (long) flags.number("write-buffer-mib", 8, STORAGE_MIB_MAX) << 20);
    }

    private ServerConfig.Limits limits() {
        long quotaBytes = flags.number("quota-backend-bytes");
        long streams = flags.number("max-concurrent-streams");
        return new ServerConfig.Limits(
                // etcd reads a negative quota as "no quota".
                quotaBytes == 0 ? QUOTA_BYTES_DEFAULT : quotaBytes < 0 ? Long.MAX_VALUE : quotaBytes,
                flags.number("max-request-bytes", 1, 1 << 30),
                flags.number("max-txn-ops", 1, Integer.MAX_VALUE),
                Math.clamp(streams, 1, Integer.MAX_VALUE),
                flags.duration("watch-progress-notify-interval"),
                (long) flags.number("watch-window-mib", 1, STORAGE_MIB_MAX) << 20,
                flags.duration("warning-apply-duration"),
                flags.duration("warning-unary-request-duration"),
                flags.number("compaction-batch-limit", 1, Integer.MAX_VALUE),
                notNegative("compaction-sleep-interval"));
    }

    private Duration notNegative(String flag) {
        Duration duration = flags.duration(flag);
        if (duration.isNegative()) {
            throw ConfigException.invalid("--" + flag + " must not be negative (set to " + flags.string(flag) + ")");
        }
        return duration;
    }

    private @Nullable TlsFiles clientTls(ServerConfig.Listeners listeners) {
        List<String> cipherSuites = cipherSuites();
        List<String> protocols = protocols();
        boolean auto = flags.bool("auto-tls");
        Path cert = flags.path("cert-file");
        Path key = flags.path("key-file");
        if ((cert == null) != (key == null)) {
            throw ConfigException.invalid("--cert-file and --key-file must be given together");
        }
        boolean secure = Stream.of(listeners.client(), listeners.clientHttp(), listeners.metrics())
                .flatMap(List::stream)
                .anyMatch(ListenUrl::secure);
        if (!secure) {
            if (cert != null || auto) {
                notices.add("no client URL has the scheme https: the given certificate is not used");
            }
            if (flags.bool("client-cert-auth")) {
                notices.add("no client URL has the scheme https: --client-cert-auth does nothing");
            }
            return null;
        }
        if (cert == null && !auto) {
            throw ConfigException.invalid(
                    "TLS key/cert (--cert-file, --key-file) must be provided for client urls with HTTPS scheme");
        }
        TlsFiles files = new TlsFiles(
                cert,
                key,
                flags.path("trusted-ca-file"),
                flags.path("client-crl-file"),
                flags.bool("client-cert-auth"),
                flags.list("client-cert-allowed-hostname"),
                cipherSuites,
                protocols,
                flags.number("self-signed-cert-validity", 1, 100));
        for (String flag : List.of("client-crl-file", "client-cert-allowed-hostname")) {
            if (!files.wantsClientCertificates() && !flags.string(flag).isEmpty()) {
                notices.add("clients are not asked for certificates (--client-cert-auth, --trusted-ca-file): --" + flag
                        + " does nothing");
            }
        }
        return files;
    }

    private ServerConfig.@Nullable PeerTlsFiles peerTls(ServerConfig.Listeners listeners) {
        boolean auto = flags.bool("peer-auto-tls");
        Path cert = flags.path("peer-cert-file");
        Path key = flags.path("peer-key-file");
        if ((cert == null) != (key == null)) {
            throw ConfigException.invalid("--peer-cert-file and --peer-key-file must be given together");
        }
        boolean secure = listeners.peer().stream().anyMatch(ListenUrl::secure);
        if (!secure) {
            if (cert != null || auto) {
                notices.add("no peer URL has the scheme https: the given certificate is not used");
            }
            if (flags.bool("peer-client-cert-auth")) {
                notices.add("no peer URL has the scheme https: --peer-client-cert-auth does nothing");
            }
            if (!flags.string("peer-crl-file").isEmpty()) {
                notices.add("no peer URL has the scheme https: --peer-crl-file does nothing");
            }
            return null;
        }
        if (cert == null && !auto) {
            throw ConfigException.invalid(
                    "TLS key/cert (--peer-cert-file, --peer-key-file) must be provided for peer urls with HTTPS scheme");
        }
        if (!flags.list("peer-cert-allowed-cn").isEmpty()
                && !flags.list("peer-cert-allowed-hostname").isEmpty()) {
            throw ConfigException.invalid("AllowedCNs and AllowedHostnames are mutually exclusive:"
                    + " --peer-cert-allowed-cn and --peer-cert-allowed-hostname are given");
        }
        if (cert == null) {
            notices.add("--peer-auto-tls: members encrypt what they send each other, and cannot tell who it is they"
                    + " send it to");
            if (!flags.string("peer-crl-file").isEmpty()) {
                notices.add("nobody checks generated certificates: --peer-crl-file does nothing");
            }
        }
        return new ServerConfig.PeerTlsFiles(
                cert,
                key,
                cert == null ? null : flags.path("peer-client-cert-file"),
                cert == null ? null : flags.path("peer-client-key-file"),
                cert == null ? null : flags.path("peer-trusted-ca-file"),
                cert == null ? null : flags.path("peer-crl-file"),
                cert != null && flags.bool("peer-client-cert-auth"),
                flags.list("peer-cert-allowed-cn"),
                flags.list("peer-cert-allowed-hostname"),
                flags.bool("peer-skip-client-san-verification"),
                cipherSuites(),
                protocols(),
                flags.number("self-signed-cert-validity", 1, 100));
    }

    private List<String> cipherSuites() {
        List<String> names = flags.list("cipher-suites");
        if (names.isEmpty()) {
            // What this Java knows takes it a good part of a start to tell.
            return List.of();
        }
        Set<String> known;
        try {
            known = Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
        List<String> suites = new ArrayList<>();
        for (String name : names) {
            // Go's older names of these suites lack the hash.
            String suite = name.endsWith("_CHACHA20_POLY1305") ? name + "_SHA256" : name;
            if (!known.contains(suite)) {
                throw ConfigException.invalid("unexpected TLS cipher suite \"" + name + "\"");
            }
            suites.add(suite);
        }
        return suites;
    }

    private List<String> protocols() {
        int least = version("tls-min-version", 2);
        int most = version("tls-max-version", 3);
        if (least > most) {
            throw ConfigException.invalid("--tls-min-version is newer than --tls-max-version");
        }
        List<String> protocols = new ArrayList<>();
        for (int minor = least; minor <= most; minor++) {
            protocols.add("TLSv1." + minor);
        }
        return protocols;
    }

    private int version(String flag, int otherwise) {
        return switch (flags.string(flag)) {
            case "" -> otherwise;
            case "TLS1.2" -> 2;
            case "TLS1.3" -> 3;
            default ->
                throw ConfigException.invalid("--" + flag + ": unexpected TLS version \"" + flags.string(flag) + "\"");
        };
    }

    private AutoCompaction autoCompaction() {
        Mode mode = Mode.valueOf(
                oneOf("auto-compaction-mode", "periodic", "revision").toUpperCase(Locale.ROOT));
        String retention = flags.string("auto-compaction-retention");
        try {
            if (retention.matches("[0-9]+")) {
                long number = Long.parseLong(retention);
                return mode == Mode.REVISION
                        ? new AutoCompaction(mode, Duration.ZERO, number)
                        : new AutoCompaction(mode, Duration.ofHours(number), 0);
            }
            Duration duration = GoDuration.parse(retention);
            if (duration.isNegative()) {
                throw new IllegalArgumentException(retention);
            }
            // As etcd has it: a duration given for the revision mode counts as its nanoseconds.
            return mode == Mode.REVISION
                    ? new AutoCompaction(mode, Duration.ZERO, duration.toNanos())
                    : new AutoCompaction(mode, duration, 0);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw ConfigException.invalid("error parsing --auto-compaction-retention: \"" + retention + "\"");
        }
    }

    private ServerConfig.Logging logging() {
        oneOf("logger", "zap");
        List<String> outputs = flags.list("log-outputs");
        boolean rotate = flags.bool("enable-log-rotation");
        long files = outputs.stream()
                .filter(output ->
                        !Set.of("default", "stdout", "stderr", "/dev/null").contains(output))
                .count();
        if (rotate && (outputs.size() != 1 || files != 1)) {
            throw ConfigException.invalid("log rotation requires a single file path in \"log-outputs\"");
        }
        for (String output : outputs) {
            if (output.startsWith("systemd/")) {
                throw ConfigException.invalid("--log-outputs: writing to the journal (" + output
                        + ") is not supported; write to stderr, which systemd sends there");
            }
        }
        return new ServerConfig.Logging(
                oneOf("log-level", "debug", "info", "warn", "error", "dpanic", "panic", "fatal"),
                oneOf("log-format", "json", "console"),
                outputs.isEmpty() ? List.of("default") : outputs,
                rotate,
                flags.string("log-rotation-config-json"));
    }

    private String oneOf(String flag, String... allowed) {
        String value = flags.string(flag);
        for (String candidate : allowed) {
            if (candidate.equals(value)) {
                return value;
            }
        }
        throw ConfigException.invalid(
                "invalid value \"" + value + "\" for --" + flag + ": expected one of " + String.join(", ", allowed));
    }
}
