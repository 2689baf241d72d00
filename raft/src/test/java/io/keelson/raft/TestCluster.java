package io.keelson.raft;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Members in this process, each with a folder, a port and a {@link ListMachine}. */
public final class TestCluster implements AutoCloseable {
    public static final long CLUSTER_ID = 0xc0ffeeL;

    private static final int ANSWER_MS = 15_000;

    private final Path directory;
    private final Map<Long, List<String>> urls = new TreeMap<>();
    private final Map<Long, RaftNode> nodes = new TreeMap<>();
    private final Map<Long, ListMachine> machines = new HashMap<>();
    private UnaryOperator<RaftConfig> settings = config -> config;
    private List<RaftMember> initial = new ArrayList<>();

    public TestCluster(Path directory) {
        this.directory = directory;
    }

    /** Voters 1 to {@code count}, started, with a leader. */
    public static TestCluster started(Path directory, int count) {
        return started(directory, count, config -> config);
    }

    public static TestCluster started(Path directory, int count, UnaryOperator<RaftConfig> settings) {
        return started(directory, count, settings, "http");
    }

    /** The same over TLS. */
    public static TestCluster secured(Path directory, int count, PeerTls tls) {
        return started(
                directory,
                count,
                config -> new Changed(config).tls(tls, config.listenPeerUrls()).config(),
                "https");
    }

    private static TestCluster started(Path directory, int count, UnaryOperator<RaftConfig> settings, String scheme) {
        TestCluster cluster = new TestCluster(directory);
        cluster.settings = settings;
        for (long id = 1; id <= count; id++) {
            cluster.urls.put(id, List.of(scheme + "://127.0.0.1:" + FreePorts.one()));
            cluster.initial.add(new RaftMember(id, false));
        }
        try {
            for (long id = 1; id <= count; id++) {
                cluster.start(id);
            }
            cluster.leader();
            return cluster;
        } catch (RuntimeException | Error e) {
            // Members that go on would keep others of the same name from starting.
            cluster.close();
            throw e;
        }
    }

    /** Settings for members started from now on. */
    public TestCluster with(UnaryOperator<RaftConfig> changed) {
        settings = changed;
        return this;
    }

    /** Starts a member with an empty state machine; one that is not known yet joins. */
    public RaftNode start(long id) {
        return start(id, new ListMachine());
    }

    public RaftNode start(long id, ListMachine machine) {
        boolean joins = initial.stream().noneMatch(member -> member.id() == id);
        if (urls.putIfAbsent(id, List.of("http://127.0.0.1:" + FreePorts.one())) == null) {
            nodes.values().forEach(node -> node.updateAddresses(urls));
        }
        machines.put(id, machine);
        RaftNode node = RaftNode.start(settings.apply(config(id, joins ? List.of() : initial)), machine);
        nodes.put(id, node);
        return node;
    }

    public RaftConfig config(long id, List<RaftMember> members) {
        List<String> own = urls.get(id);
        if (own == null) {
            throw new IllegalArgumentException("member " + id + " has no address");
        }
        return new RaftConfig(
                CLUSTER_ID,
                id,
                directory.resolve("member-" + id),
                members,
                new TreeMap<>(urls),
                own,
                false,
                null,
                50,
                500,
                5_000,
                1 << 20,
                10_000,
                64 << 20,
                1_000_000,
                1_000,
                0,
                true,
                false);
    }

    public RaftNode node(long id) {
        RaftNode node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("member " + id + " is not running");
        }
        return node;
    }

    public ListMachine machine(long id) {
        ListMachine machine = machines.get(id);
        if (machine == null) {
            throw new IllegalArgumentException("there is no member " + id);
        }
        return machine;
    }

    public List<Long> running() {
        return List.copyOf(nodes.keySet());
    }

    public List<String> urls(long id) {
        return urls.getOrDefault(id, List.of());
    }

    /** The leader that all running members of its configuration agree on, once there is one and it is ready. */
    public long leader() {
        return Await.value("a leader", ANSWER_MS, this::leaderNow);
    }

    private @Nullable Long leaderNow() {
        for (RaftNode candidate : nodes.values()) {
            long id = candidate.status().memberId();
            List<Leadership> seen = machine(id).leaderships();
            if (candidate.status().leading()
                    && !seen.isEmpty()
                    && seen.getLast().leading()) {
                boolean agreed = candidate.configuration().stream()
                        .map(member -> nodes.get(member.id()))
                        .allMatch(node -> node == null || node.status().leaderId() == id);
                return agreed ? id : null;
            }
        }
        return null;
    }

    public long follower() {
        long leader = leader();
        return node(leader).configuration().stream()
                .map(RaftMember::id)
                .filter(id -> id != leader && nodes.containsKey(id))
                .findFirst()
                .orElseThrow();
    }

    public Object propose(long at, String command) {
        return get(node(at).propose(command.getBytes(UTF_8), RaftNode.Priority.NORMAL));
    }

    public void stop(long id) {
        RaftNode node = nodes.remove(id);
        if (node != null) {
            node.close();
        }
    }

    public void stopAll() {
        List.copyOf(nodes.keySet()).forEach(this::stop);
    }

    /** Waits until all running members have applied the same commands, so many of them. */
    public void agreeOn(int count) {
        for (long id : running()) {
            Await.until(
                    "member " + id + " has " + count + " commands",
                    () -> machine(id).size() >= count);
        }
        List<String> first = machine(running().getFirst()).commands();
        if (first.size() != count) {
            throw new AssertionError(first.size() + " commands instead of " + count);
        }
        for (long id : running()) {
            if (!machine(id).commands().equals(first)) {
                throw new AssertionError("members " + running().getFirst() + " and " + id + " differ");
            }
        }
    }

    public static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(ANSWER_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RaftException known) {
                throw known;
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within " + ANSWER_MS + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        stopAll();
    }
}
