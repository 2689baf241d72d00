package io.keelson.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.benchmarks.cluster.Launcher;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.LeaseLeasesResponse;
import io.keelson.kvstore.api.WatchResponse;
import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The load tool with a member of ours as its target. */
final class KvBenchCommandTest {
    private static final KvWorkloads.Sizes SMALL = new KvWorkloads.Sizes(4, 1_000, 256);

    @TempDir
    static Path folder = Path.of("");

    private static KvServer server;
    private static String endpoint = "";

    @BeforeAll
    static void start() throws Exception {
        endpoint = "127.0.0.1:" + Launcher.freePort();
        String peer = "http://127.0.0.1:" + Launcher.freePort();
        server = KvServer.start(ServerConfig.of(
                "--name=m",
                "--data-dir=" + folder.resolve("m"),
                "--listen-client-urls=http://" + endpoint,
                "--advertise-client-urls=http://" + endpoint,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=m=" + peer,
                "--unsafe-no-fsync"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Run(int exitCode, String out, String err) {}

    private static Run run(String... words) {
        CommandLine line = new CommandLine(new KvBenchCommand());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return new Run(line.execute(words), out.toString(), err.toString());
    }

    private static Stream<String> workloads() {
        return KvWorkloads.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void everyWorkloadIsDoneWithoutAFailureAndLeavesNoLeases(String name) throws Exception {
        try (EtcdConnections connections = new EtcdConnections(Target.parse("m=" + endpoint), 3, ClusterAccess.OPEN)) {
            Workload workload =
                    Objects.requireNonNull(KvWorkloads.all().get(name)).make().apply(connections, SMALL);
            workload.prepare(0);
            ClosedLoop.Outcome outcome = workload.run(TimeUnit.MILLISECONDS.toNanos(100));
            workload.finish();
            assertEquals(0, outcome.failures(), outcome.firstFailure());
            assertTrue(outcome.units() > 0);
            assertTrue(outcome.latency().getTotalCount() > 0);
            byte[] leases =
                    connections.callAndWait(0, EtcdConnections.unary("etcdserverpb.Lease/LeaseLeases"), new byte[0]);
            assertEquals(0, LeaseLeasesResponse.parseFrom(leases).getLeasesCount());
        }
    }

    @Test
    void aClusterThatIsNotOpenToEverybodyIsEnteredByCertificatesAndAUser() throws Exception {
        String address = "127.0.0.1:" + Launcher.freePort();
        String peer = "http://127.0.0.1:" + Launcher.freePort();
        try (KvServer secured = KvServer.start(ServerConfig.of(
                "--name=t",
                "--data-dir=" + folder.resolve("t"),
                "--listen-client-urls=https://" + address,
                "--advertise-client-urls=https://" + address,
                "--auto-tls",
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=t=" + peer,
                "--unsafe-no-fsync"))) {
            String[] little = {
                "--target=t=https://" + address,
                "--workload=put",
                "--clients=2",
                "--connections=2",
                "--keys=10",
                "--rounds=1",
                "--seconds=1",
                "--warm-up=0",
                "--warm-up-first=0"
            };
            Run stranger = run(little);
            assertEquals(1, stranger.exitCode());
            assertTrue(stranger.out().contains("UNAVAILABLE"), stranger.out());
            Path certificate =
                    folder.resolve("t").resolve("fixtures").resolve("client").resolve("cert.pem");
            assertEquals(0, run(with(little, "--cacert=" + certificate)).exitCode());
            assertEquals(0, run(with(little, "--insecure-skip-tls-verify")).exitCode());
            assertEquals(2, run(with(little, "--user=nobody")).exitCode());
            Run unknown = run(with(little, "--cacert=" + certificate, "--user=nobody:x"));
            assertEquals(1, unknown.exitCode());
            assertTrue(unknown.err().contains("authentication is not enabled"), unknown.err());
            AuthGrpc.AuthBlockingStub users = AuthGrpc.newBlockingStub(secured.channel());
            var _ = users.userAdd(AuthUserAddRequest.newBuilder()
                    .setName("root")
                    .setPassword("secret")
                    .build());
            var _ = users.roleAdd(
                    AuthRoleAddRequest.newBuilder().setName("root").build());
            var _ = users.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                    .setUser("root")
                    .setRole("root")
                    .build());
            var _ = users.authEnable(AuthEnableRequest.getDefaultInstance());
            assertEquals(1, run(with(little, "--cacert=" + certificate)).exitCode());
            Run root = run(with(little, "--cacert=" + certificate, "--user=root:secret"));
            assertEquals(0, root.exitCode(), root.err());
        }
    }

    private static String[] with(String[] words, String... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void theTableHasARowPerTargetAndTheRatioOfTheLastToTheFirst() {
        String pids = ";pids=" + ProcessHandle.current().pid();
        Run run = run(
                "--target=one=" + endpoint + pids,
                "--target=other=" + endpoint + pids,
                "--workload=put,range",
                "--clients=4",
                "--connections=2",
                "--keys=1000",
                "--rounds=1",
                "--seconds=1",
                "--warm-up=10",
                "--warm-up-first=100");
        assertEquals(0, run.exitCode(), run.err());
        List<String> lines = run.out().lines().toList();
        assertEquals(8, lines.size(), run.out());
        String figure = " [0-9.,]+ \\|";
        assertTrue(
                lines.get(2).matches("\\| put, many clients \\| one \\| [0-9,]+ ops \\|" + figure.repeat(6)),
                run.out());
        assertTrue(lines.get(3).startsWith("| put, many clients | other | "), run.out());
        assertTrue(lines.get(4).startsWith("| | **other / one** | **"), run.out());
        assertTrue(lines.get(5).matches("\\| range of 500 \\| one \\| [0-9,]+ keys \\|.*"), run.out());
        assertTrue(run.err().contains("put, many clients: round 1, other: "), run.err());
    }

    @Test
    void requestsThatFailAreToldBehindTheTableAndByTheExitCode() throws Exception {
        Run run = run(
                "--target=nobody=127.0.0.1:" + Launcher.freePort(),
                "--workload=put",
                "--clients=2",
                "--connections=1",
                "--rounds=1",
                "--seconds=1",
                "--warm-up=0",
                "--warm-up-first=0");
        assertEquals(1, run.exitCode(), run.out());
        assertTrue(run.out().contains("| put, many clients | nobody | 0 ops | "), run.out());
        assertTrue(run.out().contains("put, many clients on nobody: "), run.out());
    }

    @ParameterizedTest
    @CsvSource({
        "--target=x, a target is NAME=HOST:PORT",
        "--target==127.0.0.1:1, a target is NAME=HOST:PORT",
        "--target=x=127.0.0.1, not an endpoint HOST:PORT: '127.0.0.1'",
        "--target=x=127.0.0.1:1;pids=y, not a process id: 'y'",
        "--workload=get;put, no workload 'get;put'; there are put",
        "--clients=0, --clients is at least 1",
        "--connections=-1, --connections is at least 1",
        "--rounds=0, --rounds is at least 1",
        "--seconds=0, --seconds is at least 1",
        "--keys=0, --keys is at least 1",
        "--value-size=-1, --value-size is at least 0",
        "--warm-up=-1, --warm-up is at least 0",
    })
    void whatIsNoUseIsRefusedByItsName(String word, String text) {
        Run run = word.startsWith("--target") ? run(word) : run("--target=m=" + endpoint, word);
        assertEquals(CommandLine.ExitCode.USAGE, run.exitCode());
        assertTrue(run.err().contains(text), run.err());
    }

    @Test
    void aWatchIsCreatedUnlessItIsCanceledInTheSameBreath() {
        WatchResponse created =
                WatchResponse.newBuilder().setWatchId(7).setCreated(true).build();
        assertTrue(Fields.createsWatch(created.toByteArray()));
        assertFalse(Fields.createsWatch(
                created.toBuilder().setCanceled(true).build().toByteArray()));
        assertFalse(Fields.createsWatch(new byte[0]));
    }
}
