package io.keelson.dist.join;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.certificates.ClientCertificate;
import io.keelson.agent.certificates.ClientCertificateSettings;
import io.keelson.agent.join.Discovery;
import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.join.JoinToken;
import io.keelson.apiserver.server.AccessSettings;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.apiserver.server.AuthenticationSettings;
import io.keelson.apiserver.server.ClusterSettings;
import io.keelson.controllers.bootstrap.BootstrapSignerController;
import io.keelson.controllers.certificates.ApprovingController;
import io.keelson.controllers.certificates.CertificateAuthorityFiles;
import io.keelson.controllers.certificates.CertificateSigningSettings;
import io.keelson.controllers.certificates.SigningController;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Tokens, and a machine that joins with what is printed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TokenCommandTest {
    @TempDir
    private Path folder;

    private final Time time = Time.system();
    private ApiServer server;
    private KubernetesClient client;
    private EventRecorder events;
    private Manager manager;
    private Path kubeconfig;

    private record Said(int code, String out, String err) {}

    @BeforeAll
    void start(@TempDir Path shared) throws Exception {
        AuthenticationSettings usual = AuthenticationSettings.DEFAULT;
        AuthenticationSettings tokens = new AuthenticationSettings(
                usual.clientCaFile(),
                usual.tokenFile(),
                true,
                usual.oidc(),
                usual.configFile(),
                usual.webhook(),
                usual.frontProxy(),
                usual.serviceAccounts(),
                usual.apiAudiences(),
                usual.anonymousStated());
        AccessSettings access = AccessSettings.DEFAULT;
        server = ApiServer.start(ApiServerConfig.ephemeral()
                .inFolder(shared)
                .withCluster(ClusterSettings.DEFAULT.withAccess(
                        new AccessSettings(tokens, access.authorization(), access.audit()))));
        kubeconfig = Files.writeString(
                shared.resolve("kubeconfig"), server.kubeconfig().text());
        client = ApiClient.of(Config.fromKubeconfig(server.kubeconfig().text()), List.of());
        events = new EventRecorder(client, time);
        Path pki = shared.resolve("pki");
        CertificateSigningSettings signing = CertificateSigningSettings.of(
                new CertificateAuthorityFiles(pki.resolve("client-ca.crt"), pki.resolve("client-ca.key")),
                Duration.ofDays(365));
        manager = new Manager(
                List.of(
                        ApprovingController.descriptor(),
                        SigningController.descriptor(signing),
                        BootstrapSignerController.descriptor()),
                new Context(client, events, time),
                new Caches(client, Caches.Delivery.PLAIN),
                new ControllerMetrics());
        manager.start();
    }

    @AfterAll
    void end() throws Exception {
        manager.close();
        events.close();
        time.close();
        client.close();
        server.close();
    }

    private Said run(String command, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                new CommandLine(new TokenCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = line.execute(Stream.concat(Stream.of(command, "--kubeconfig=" + kubeconfig), Arrays.stream(words))
                .toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }

    @Test
    void aMachineJoinsWithWhatIsPrinted() throws Exception {
        Said said = run("create", "--description=for a test");
        assertEquals(0, said.code(), said.err());
        assertTrue(said.err().startsWith("Other machines do not reach 127.0.0.1"), said.err());
        List<String> words = List.of(said.out().strip().split(" "));
        assertEquals(
                List.of("keelson", "up", "--join", "--token", "--ca-hash"),
                List.of(words.get(0), words.get(1), words.get(2), words.get(4), words.get(6)));
        JoinSettings join = new JoinSettings(
                words.get(3), JoinToken.parse(words.get(5)), List.of(words.get(7)), Duration.ofSeconds(20));
        Path bootstrap = folder.resolve("bootstrap-kubelet.conf");
        Discovery.writeBootstrapKubeconfig(bootstrap, join, time);
        ClientCertificateSettings settings = new ClientCertificateSettings(
                "joined",
                folder.resolve("kubelet.conf"),
                Optional.of(bootstrap),
                folder.resolve("pki"),
                true,
                Duration.ofSeconds(20));
        try (ClientCertificate certificate = ClientCertificate.ensure(settings, time);
                KubernetesClient node = certificate.client(List.of())) {
            assertEquals(
                    "system:node:joined",
                    node.resource(new SelfSubjectReviewBuilder().build())
                            .create()
                            .getStatus()
                            .getUserInfo()
                            .getUsername());
        }
    }

    @Test
    void machinesAreSentWhereTheClusterTellsThemAlreadyAndNotToTheirOwnLoopback() throws Exception {
        Said elsewhere = run("create", "--print-join-command", "--control-plane-endpoint=192.0.2.1:6443");
        assertTrue(elsewhere.out().startsWith("keelson up --join 192.0.2.1:6443 "), elsewhere.out());
        assertEquals("", elsewhere.err());
        Said again = run("create");
        assertTrue(again.out().startsWith("keelson up --join 192.0.2.1:6443 "), again.out());
        client.configMaps().inNamespace("kube-public").withName("cluster-info").delete();
        assertEquals(1, run("create", "--quiet", "--print-join-command").code());
    }

    @Test
    void tokensAreListedUntilTheyAreDeleted() {
        assertEquals(
                0,
                run("create", "qwerty.0123456789abcdef", "--ttl=0", "--usages=signing")
                        .code());
        Said quiet = run("create", "--quiet", "--ttl=90m");
        assertTrue(quiet.out().strip().matches("[a-z0-9]{6}\\.[a-z0-9]{16}"), quiet.out());
        String list = run("list").out();
        String row = list.lines()
                .filter(line -> line.startsWith("qwerty."))
                .findFirst()
                .orElseThrow();
        assertEquals(
                "qwerty.0123456789abcdef <forever> <never> signing <none> "
                        + "system:bootstrappers:kubeadm:default-node-token",
                row.replaceAll(" +", " "));
        assertTrue(list.lines().anyMatch(line -> line.startsWith(quiet.out().strip() + "   1h ")), list);
        assertEquals(
                "bootstrap token \"qwerty\" deleted",
                run("delete", "qwerty").out().strip());
        assertFalse(run("list").out().contains("qwerty"));
        Said again = run("delete", "qwerty");
        assertEquals(1, again.code());
        assertEquals(
                "error: there is no bootstrap token \"qwerty\"", again.err().strip());
    }

    @Test
    void whatIsNoTokenIsRefusedBeforeAnythingIsMade() {
        assertEquals(1, run("create", "nothing").code());
        assertEquals(1, run("create", "--usages=everything").code());
        assertEquals(2, run("create", "--ttl=soon").code());
        assertEquals(1, run("delete", "../x").code());
    }
}
