package io.keelson.kvstore.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.server.config.ServerConfig.AutoCompaction;
import io.keelson.kvstore.storage.StorageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {
    @Test
    void withoutFlagsItIsEtcdsDefault() {
        ServerConfig config = ServerConfig.of();
        assertEquals("default", config.name());
        assertEquals(Path.of("default.etcd"), config.dataDir());
        assertEquals(
                "http://localhost:2379", config.listeners().client().getFirst().toString());
        assertEquals(
                Map.of("default", List.of("http://localhost:2380")),
                config.cluster().initialPeerUrlsByName());
        assertFalse(config.cluster().joining());
        assertEquals(100, config.timing().heartbeatIntervalMs());
        assertEquals(1000, config.timing().electionTimeoutMs());
        assertEquals(2L << 30, config.limits().quotaBackendBytes());
        assertEquals(1_572_864, config.limits().requestBytesMax());
        assertEquals(128, config.limits().txnOpsMax());
        assertEquals(Duration.ofMinutes(10), config.limits().watchProgressInterval());
        assertNull(config.clientTls());
    }

    @Test
    void oneOrTwoDashesAndEitherFormOfValueAreRead() {
        ServerConfig config = ServerConfig.of("-name", "a", "--heartbeat-interval=50", "--strict-reconfig-check=false");
        assertEquals("a", config.name());
        assertEquals(50, config.timing().heartbeatIntervalMs());
        assertFalse(config.cluster().strictReconfigCheck());
        assertEquals(
                Map.of("a", List.of("http://localhost:2380")), config.cluster().initialPeerUrlsByName());
    }

    @Test
    void membersAreToldByCommonNamesOrByHostsAndNotByBoth() {
        assertFailure(
                1,
                "AllowedCNs and AllowedHostnames are mutually exclusive",
                "--listen-peer-urls=https://127.0.0.1:2380",
                "--initial-advertise-peer-urls=https://127.0.0.1:2380",
                "--initial-cluster=default=https://127.0.0.1:2380",
                "--peer-cert-file=cert",
                "--peer-key-file=key",
                "--peer-cert-allowed-cn=member",
                "--peer-cert-allowed-hostname=m1.example");
    }

    @Test
    void whichCertificatesOfMembersAreNotTakenIsToldWhereTheyShowThem() {
        List<String> encrypted = List.of("--listen-peer-urls=https://127.0.0.1:1", "--peer-crl-file=list.crl");
        List<String> shown = Stream.concat(
                        encrypted.stream(), Stream.of("--peer-cert-file=a.crt", "--peer-key-file=a.key"))
                .toList();
        ServerConfig.PeerTlsFiles files =
                Objects.requireNonNull(ServerConfig.parse(shown, Map.of()).peerTls());
        assertEquals(Path.of("list.crl"), files.crlFile());
        assertFalse(files.skipClientSanVerification());
        for (String name :
                List.of("peer-skip-client-san-verification", "experimental-peer-skip-client-san-verification")) {
            List<String> skipped =
                    Stream.concat(shown.stream(), Stream.of("--" + name)).toList();
            assertTrue(
                    Objects.requireNonNull(ServerConfig.parse(skipped, Map.of()).peerTls())
                            .skipClientSanVerification());
        }

        List<String> generated =
                Stream.concat(encrypted.stream(), Stream.of("--peer-auto-tls")).toList();
        for (List<String> without : List.of(generated, List.of("--peer-crl-file=list.crl"))) {
            List<String> notices = ServerConfig.parse(without, Map.of()).notices();
            assertTrue(
                    notices.stream().anyMatch(notice -> notice.endsWith("--peer-crl-file does nothing")),
                    notices.toString());
        }
    }

    @Test
    void whatCannotBeUsedIsNamedAndEndsWithEtcdsCode() {
        assertFailure(2, "flag provided but not defined: -nonsense", "--nonsense", "1");
        assertFailure(2, "flag needs an argument: -name", "--name");
        assertFailure(2, "invalid value \"x\" for flag -heartbeat-interval: parse error", "--heartbeat-interval", "x");
        assertFailure(1, "'serve' is not a valid flag", "serve");
        assertFailure(
                1,
                "--election-timeout[1000ms] should be at least as 5 times as --heartbeat-interval[500ms]",
                "--heartbeat-interval=500");
        assertFailure(
                1,
                "--advertise-client-urls is required when --listen-client-urls is set explicitly",
                "--listen-client-urls=http://127.0.0.1:1");
        assertFailure(1, "discovery services are not supported", "--discovery-srv=example.com");
        assertFailure(1, "--initial-cluster: bad member \"b\", expected NAME=URL", "--initial-cluster=b");
        assertFailure(1, "expected IP in URL for binding", "--listen-peer-urls=http://example.com:1");
        assertFailure(1, "does not have the form \"host:port\"", "--listen-peer-urls=http://127.0.0.1");
        assertFailure(1, "URL must not contain a path", "--initial-advertise-peer-urls=http://127.0.0.1:1/x");
        assertFailure(
                1,
                "unexpected TLS cipher suite \"FOO\"",
                "--listen-client-urls=https://127.0.0.1:1",
                "--advertise-client-urls=https://127.0.0.1:1",
                "--auto-tls",
                "--cipher-suites=FOO");
        assertFailure(1, "unrecognized feature gate: Foo", "--feature-gates=Foo=true");
        assertFailure(1, "for --initial-cluster-state: expected one of new, existing", "--initial-cluster-state=old");
    }

    @Test
    void theInitialClusterIsJudgedOnlyOfAMemberWithoutData() {
        assertNoCluster("couldn't find local name \"default\"", "--initial-cluster=b=http://localhost:2380");
        assertNoCluster(
                "--initial-cluster must include default=http://localhost:2380,default=http://localhost:2390"
                        + " given --initial-advertise-peer-urls=http://localhost:2380,http://localhost:2390",
                "--initial-cluster=default=http://localhost:2380",
                "--initial-advertise-peer-urls=http://localhost:2380,http://localhost:2390");
        assertNoCluster(
                "--initial-cluster has duplicate URLs: http://localhost:2380",
                "--initial-cluster=default=http://localhost:2380,b=http://localhost:2380");
        ServerConfig.of("--initial-cluster=default=http://127.0.0.1:2380").checkInitialCluster();
    }

    @Test
    void whoJoinsMayAdvertiseOtherUrlsThanTheInitialClusterHas() {
        ServerConfig.of(
                        "--initial-cluster-state=existing",
                        "--initial-cluster=default=http://localhost:2380",
                        "--initial-advertise-peer-urls=http://localhost:2390")
                .checkInitialCluster();
        assertNoCluster(
                "couldn't find local name \"default\"",
                "--initial-cluster-state=existing",
                "--initial-cluster=b=http://localhost:2380");
    }

    /** Flags that can be read, and with which no cluster can be begun or joined. */
    private static void assertNoCluster(String message, String... flags) {
        ServerConfig config = ServerConfig.of(flags);
        ConfigException failure = assertThrows(ConfigException.class, config::checkInitialCluster);
        assertTrue(failure.toString().contains(message), failure.toString());
    }

    @Test
    void featureGatesThatDecideNothingSaySo() {
        assertEquals(
                List.of(
                        "--feature-gates SetMemberLocalAddr=true has no effect: connections to members leave from the"
                                + " address the system chooses",
                        "--feature-gates StopGRPCServiceOnDefrag=true has no effect: calls are served while a member"
                                + " defragments"),
                ServerConfig.of("--feature-gates=SetMemberLocalAddr=true,StopGRPCServiceOnDefrag=true")
                        .notices());
        ServerConfig defaults = ServerConfig.of(
                "--feature-gates=SetMemberLocalAddr=false,TxnModeWriteWithSharedBuffer=true,PriorityRequest=true");
        assertEquals(List.of(), defaults.notices());
        assertTrue(defaults.features().rangeStream());
        assertFalse(defaults.checks().compactHashCheck());
        ServerConfig given = ServerConfig.of("--feature-gates=RangeStream=false,AllAlpha=true,CompactHashCheck=false");
        assertEquals(List.of(), given.notices());
        assertFalse(given.features().rangeStream());
        assertFalse(given.checks().compactHashCheck());
        assertTrue(given.checks().initialCorruptCheck());
    }

    @Test
    void aListOfRevokedCertificatesAloneAsksNobodyForACertificate() {
        String[] flags = {
            "--listen-client-urls=https://127.0.0.1:1",
            "--advertise-client-urls=https://127.0.0.1:1",
            "--auto-tls",
            "--client-crl-file=revoked.crl",
            "--client-cert-allowed-hostname=example.com"
        };
        ServerConfig config = ServerConfig.of(flags);
        assertFalse(assertNotNullTls(config).clientCertAuth());
        assertFalse(assertNotNullTls(config).wantsClientCertificates());
        assertEquals(
                List.of(
                        "clients are not asked for certificates (--client-cert-auth, --trusted-ca-file):"
                                + " --client-crl-file does nothing",
                        "clients are not asked for certificates (--client-cert-auth, --trusted-ca-file):"
                                + " --client-cert-allowed-hostname does nothing"),
                config.notices());
        List<String> more = new ArrayList<>(List.of(flags));
        more.add("--trusted-ca-file=ca.crt");
        ServerConfig trusting = ServerConfig.of(more.toArray(String[]::new));
        assertTrue(assertNotNullTls(trusting).wantsClientCertificates());
        assertFalse(assertNotNullTls(trusting).clientCertAuth());
        assertEquals(List.of(), trusting.notices());
    }

    @Test
    void tlsFlagsAreJudgedAlsoWhereNothingIsEncrypted(@TempDir Path directory) {
        assertFailure(1, "unexpected TLS cipher suite \"NONSENSE\"", "--cipher-suites=NONSENSE");
        assertFailure(1, "--tls-min-version: unexpected TLS version \"TLS9\"", "--tls-min-version=TLS9");
        assertEquals(
                List.of(
                        "no client URL has the scheme https: --client-cert-auth does nothing",
                        "no peer URL has the scheme https: --peer-client-cert-auth does nothing"),
                ServerConfig.of("--client-cert-auth", "--peer-client-cert-auth").notices());
        Path absent = directory.resolve("absent.yaml");
        assertFailure(
                1,
                "cannot read the configuration file " + absent + ": no such file or directory",
                "--config-file=" + absent);
    }

    @Test
    void theEnvironmentFillsInAndMayNotContradictTheCommandLine() {
        ServerConfig config = ServerConfig.parse(
                List.of("--name=a"), Map.of("ETCD_QUOTA_BACKEND_BYTES", "1000", "ETCD_NONSENSE", "1", "PATH", "/bin"));
        assertEquals(1000, config.limits().quotaBackendBytes());
        assertEquals(List.of("unrecognized environment variable ETCD_NONSENSE=1"), config.notices());
        ConfigException conflict = assertThrows(
                ConfigException.class, () -> ServerConfig.parse(List.of("--name=a"), Map.of("ETCD_NAME", "b")));
        assertTrue(conflict.toString().contains("ETCD_NAME"));
    }

    @Test
    void aFileIsReadAloneAndWithEtcdsSections(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("etcd.yml"), """
                name: m1
                data-dir: /var/lib/m1
                listen-client-urls: https://127.0.0.1:2379,https://127.0.0.1:2378
                advertise-client-urls: https://127.0.0.1:2379
                initial-cluster: m1=http://localhost:2380,m2=http://127.0.0.1:3380
                auto-compaction-mode: revision
                auto-compaction-retention: "1000"
                experimental-watch-progress-notify-interval: 5000000000
                log-outputs: [stderr]
                client-transport-security:
                  cert-file: /c.pem
                  key-file: /k.pem
                  client-cert-auth: true
                  trusted-ca-file: /ca.pem
                  allowed-hostname: [a.example, b.example]
                peer-transport-security:
                  skip-client-san-verification: true
                socket-reuse-address: true
                proxy: 'off'
                """);
        ServerConfig config = ServerConfig.parse(List.of("--config-file", file.toString()), Map.of("ETCD_NAME", "b"));
        assertEquals("m1", config.name());
        assertEquals(2, config.listeners().client().size());
        assertEquals(2, config.cluster().initialPeerUrlsByName().size());
        assertEquals(1000, config.autoCompaction().retainedRevisions());
        assertEquals(AutoCompaction.Mode.REVISION, config.autoCompaction().mode());
        assertEquals(Duration.ofSeconds(5), config.limits().watchProgressInterval());
        assertTrue(config.notices().stream().anyMatch(notice -> notice.contains("socket-reuse-address")));
        assertTrue(assertNotNullTls(config).clientCertAuth());
        assertEquals(List.of("a.example", "b.example"), assertNotNullTls(config).allowedHostnames());
        Files.writeString(file, "nam: x\n");
        ConfigException unknown = assertThrows(
                ConfigException.class, () -> ServerConfig.parse(List.of("--config-file", file.toString()), Map.of()));
        assertTrue(unknown.toString().contains("nam"));
    }

    private static TlsFiles assertNotNullTls(ServerConfig config) {
        TlsFiles tls = config.clientTls();
        assertNotNull(tls);
        return tls;
    }

    @Test
    void whatIsTheValueOfAFlagIsNoFlag() {
        assertTrue(ServerConfig.has(List.of("--name", "a", "--help"), "help"));
        assertTrue(ServerConfig.has(List.of("-h"), "h"));
        assertTrue(ServerConfig.has(List.of("--auto-tls", "--version"), "version"));
        assertTrue(ServerConfig.has(List.of("--name=a", "--version"), "version"));
        assertFalse(ServerConfig.has(List.of("--name", "-h", "--data-dir", "--version"), "h"));
        assertFalse(ServerConfig.has(List.of("--name", "-h", "--data-dir", "--version"), "version"));
    }

    @Test
    void durationsAreReadAsGoReadsThem() {
        assertEquals(Duration.ofMinutes(90), GoDuration.parse("1h30m"));
        assertEquals(Duration.ofMillis(1500), GoDuration.parse("1.5s"));
        assertEquals(Duration.ofNanos(-5_000), GoDuration.parse("-5us"));
        assertEquals(Duration.ZERO, GoDuration.parse("0"));
        for (String bad : List.of("", "5", "5x", "s", "1h 2m", "--1s")) {
            assertThrows(IllegalArgumentException.class, () -> GoDuration.parse(bad), bad);
        }
        assertEquals(
                Duration.ofHours(2),
                ServerConfig.of("--auto-compaction-retention=2")
                        .autoCompaction()
                        .retention());
    }

    @Test
    void memoryForDataIsBounded() {
        StorageConfig storage =
                ServerConfig.of("--block-cache-mib=32", "--write-buffer-mib=16").storage();
        assertEquals(32L << 20, storage.blockCacheBytes());
        assertEquals(16L << 20, storage.writeBufferBytes());
        assertEquals(8L << 20, storage.recordCacheBytes());
        assertEquals(StorageConfig.defaults(), ServerConfig.of().storage());
        assertFailure(1, "--block-cache-mib must be between 8 and", "--block-cache-mib=7");
        assertFailure(1, "--write-buffer-mib must be between 8 and", "--write-buffer-mib=99999999");
        assertEquals(64L << 20, ServerConfig.of().limits().watchWindowBytes());
        assertEquals(3L << 20, ServerConfig.of("--watch-window-mib=3").limits().watchWindowBytes());
        assertFailure(1, "--watch-window-mib must be between 1 and", "--watch-window-mib=0");
    }

    @Test
    void helpNamesEveryEffectiveFlag() {
        for (Flag flag : Flags.all()) {
            if (flag.use() == Flag.Use.EFFECTIVE && !flag.name().startsWith("experimental-")) {
                assertTrue(ServerConfig.help().contains("--" + flag.name() + " "), flag.name());
            }
        }
    }

    /** All that the README lists. */
    @Test
    void whatEtcdHasAndIsNotHereIsRefusedAndSaysWhy(@TempDir Path directory) throws IOException {
        assertFailure(1, "unix sockets are not supported", "--listen-client-urls=unix://127.0.0.1:2379");
        assertFailure(
                1,
                "writing to the journal (systemd/journal) is not supported; write to stderr",
                "--log-outputs=systemd/journal");
        assertFailure(1, "the v2 API and its proxy are not supported", "--enable-v2=true");
        Path file =
                Files.writeString(directory.resolve("etcd.yml"), "client-transport-security: {allowed-cn: somebody}\n");
        assertFailure(1, "unknown setting client-transport-security.allowed-cn in ", "--config-file=" + file);
    }

    private static void assertFailure(int exitCode, String message, String... flags) {
        ConfigException failure = assertThrows(ConfigException.class, () -> ServerConfig.of(flags));
        assertEquals(exitCode, failure.exitCode(), failure.getMessage());
        assertTrue(failure.toString().contains(message), failure.toString());
    }
}
