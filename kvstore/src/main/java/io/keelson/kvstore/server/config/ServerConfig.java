package io.keelson.kvstore.server.config;

import io.keelson.kvstore.storage.StorageConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a server is started. {@link #of} reads it from flags, which is also how tests and embedders make one.
 *
 * @param name this member's name
 * @param dataDir where everything is kept; made if missing
 * @param logDir where the replicated log is kept if not in {@code dataDir}
 * @param advertisePeerUrls where other members reach this one
 * @param advertiseClientUrls where clients reach this member
 * @param clientTls certificates of client listeners with https, null if there are none
 * @param peerTls certificates between members, null for plaintext
 * @param notices what the operator should know about the flags given
 */
public record ServerConfig(
        String name,
        Path dataDir,
        @Nullable Path logDir,
        Listeners listeners,
        List<String> advertisePeerUrls,
        List<String> advertiseClientUrls,
        Cluster cluster,
        Timing timing,
        Limits limits,
        StorageConfig storage,
        Connections connections,
        @Nullable TlsFiles clientTls,
        @Nullable PeerTlsFiles peerTls,
        AutoCompaction autoCompaction,
        Tokens tokens,
        Logging logging,
        Checks checks,
        Http http,
        Features features,
        List<String> notices) {
    /** RFC 6761 keeps names under {@code invalid} from ever being given an address. */
    private static final String NOWHERE = "http://embedded.invalid:2380";

    private static final Pattern OF_URLS =
            Pattern.compile("--?(listen-|advertise-|initial-|discovery|force-new-cluster)");

    /**
     * Where the server listens. Flags always name places for {@code peer} and {@code client}; both are empty only in an
     * {@link #embedded} member.
     *
     * @param clientHttp if not empty, HTTP is served there and not on {@code client}
     */
    public record Listeners(
            List<ListenUrl> peer, List<ListenUrl> client, List<ListenUrl> clientHttp, List<ListenUrl> metrics) {}

    /**
     * The cluster this member starts or joins; counts only while the data directory is empty.
     *
     * @param initialPeerUrlsByName the members to start with
     * @param joining whether the cluster exists already
     */
    public record Cluster(
            Map<String, List<String>> initialPeerUrlsByName,
            boolean joining,
            String token,
            boolean strictReconfigCheck,
            boolean forceNewCluster,
            int maxLearners) {}

    public record Timing(
            int heartbeatIntervalMs,
            int electionTimeoutMs,
            long snapshotEveryCommands,
            int snapshotKeepEntries,
            Duration waitClusterReady,
            boolean unsafeNoFsync) {}

    public record Limits(
            long quotaBackendBytes,
            int requestBytesMax,
            int txnOpsMax,
            int concurrentStreamsMax,
            Duration watchProgressInterval,
            long watchWindowBytes,
            Duration warningApply,
            Duration warningUnaryRequest,
            int compactionBatch,
            Duration compactionPause) {}

    /**
     * How connections of clients are kept: 0 turns an interval or timeout off.
     *
     * @param reusePort whether others may listen where this member does, for clients, members and metrics
     */
    public record Connections(
            Duration keepaliveMinTime, Duration keepaliveInterval, Duration keepaliveTimeout, boolean reusePort) {}

    /**
     * Certificates between members; see {@link io.keelson.raft.PeerTls}.
     *
     * @param certFile null, together with {@code keyFile}, for a generated certificate that nobody checks
     * @param selfSignedYears for which a generated certificate holds
     */
    public record PeerTlsFiles(
            @Nullable Path certFile,
            @Nullable Path keyFile,
            @Nullable Path clientCertFile,
            @Nullable Path clientKeyFile,
            @Nullable Path trustedCaFile,
            @Nullable Path crlFile,
            boolean clientCertAuth,
            List<String> allowedCommonNames,
            List<String> allowedHostnames,
            boolean skipClientSanVerification,
            List<String> cipherSuites,
            List<String> protocols,
            int selfSignedYears) {}

    /**
     * @param mode by time or by number of revisions
     * @param retention how long history is kept, for {@code PERIODIC}; zero for off
     * @param retainedRevisions how much is kept, for {@code REVISION}; zero for off
     */
    public record AutoCompaction(Mode mode, Duration retention, long retainedRevisions) {
        /** What is counted. */
        public enum Mode {
            PERIODIC,
            REVISION
        }
    }

    /** @param authToken as the flag has it, {@code simple} or {@code jwt,option=value,...} */
    public record Tokens(String authToken, int bcryptCost, int simpleTokenSeconds) {}

    public record Logging(String level, String format, List<String> outputs, boolean rotate, String rotationJson) {}

    /** Comparisons of data between members; a zero interval is off. */
    public record Checks(
            boolean initialCorruptCheck,
            Duration corruptCheckInterval,
            boolean compactHashCheck,
            Duration compactHashCheckInterval) {}

    public record Http(boolean gateway, boolean extensiveMetrics, List<String> cors, List<String> hostWhitelist) {}

    /** @param rangeStream whether {@code RangeStream} is served */
    public record Features(boolean rangeStream) {}

    /**
     * Judges what is said of the first members of the cluster, which is not done when the flags are read: a member that
     * has data goes by that, and its flags may be out of date.
     *
     * @throws ConfigException if a member without data cannot begin or join a cluster with these flags
     */
    public void checkInitialCluster() {
        InitialCluster.check(this);
    }

    /** Whether two lists of peer URLs are equal, or lead to the same addresses. */
    public static boolean sameEndpoints(Collection<String> one, Collection<String> other) {
        return InitialCluster.sameEndpoints(one, other);
    }

    /** The configuration that flags alone make, as on a command line; the environment does not count. */
    public static ServerConfig of(String... flags) {
        return parse(List.of(flags), Map.of());
    }

    /**
     * The configuration of a lone member that nobody but its own process can talk to: it listens nowhere. The table of
     * members wants URLs nevertheless; those it gets have a host that no name server knows, so that nothing that reads
     * the table can be led to a stranger. A data directory that was made with other URLs keeps those.
     *
     * @param flags as for {@link #of}, without those about URLs and the cluster
     * @throws ConfigException naming the flag that cannot be used
     */
    public static ServerConfig embedded(String... flags) {
        List<String> all = new ArrayList<>(List.of(
                "--initial-advertise-peer-urls=" + NOWHERE,
                "--advertise-client-urls=" + NOWHERE,
                // Ids are made of URLs and this; members of one process must not share theirs.
                "--initial-cluster-token=" + UUID.randomUUID()));
        for (String flag : flags) {
            if (OF_URLS.matcher(flag).lookingAt()) {
                throw ConfigException.invalid(flag + ": an embedded member listens nowhere and has no others");
            }
            all.add(flag);
        }
        ServerConfig config = parse(all, Map.of());
        return new ServerConfig(
                config.name,
                config.dataDir,
                config.logDir,
                new Listeners(List.of(), List.of(), List.of(), List.of()),
                config.advertisePeerUrls,
                config.advertiseClientUrls,
                config.cluster,
                config.timing,
                config.limits,
                config.storage,
                config.connections,
                null,
                null,
                config.autoCompaction,
                config.tokens,
                config.logging,
                config.checks,
                config.http,
                config.features,
                config.notices);
    }

    /**
     * The configuration of a command line and the environment.
     *
     * @throws ConfigException naming the flag that cannot be used
     */
    public static ServerConfig parse(List<String> arguments, Map<String, String> environment) {
        return new ConfigReader(FlagValues.read(arguments, environment)).read();
    }

    /** The flags that a member can be started with, without older names of them. */
    public static List<OfferedFlag> offeredFlags() {
        return Flags.offered();
    }

    /** Whether a flag that takes no value is among arguments, as a flag and not as the value of another. */
    public static boolean has(List<String> arguments, String flag) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--" + flag) || argument.equals("-" + flag)) {
                return true;
            }
            Flag other = Flags.named(argument.replaceFirst("^--?", ""));
            if (argument.startsWith("-") && other != null && other.type() != Flag.Type.BOOL) {
                i++;
            }
        }
        return false;
    }

    /** What {@code --help} prints. */
    public static String help() {
        return Flags.help();
    }
}
