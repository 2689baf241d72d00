package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NamedAuthInfoBuilder;
import io.fabric8.kubernetes.api.model.NamedClusterBuilder;
import io.fabric8.kubernetes.api.model.NamedContextBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SchedulerCommandTest {
    private final TestScheduler test = new TestScheduler();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        test.close();
    }

    private Path kubeconfig() throws IOException {
        Config config = test.client.getConfiguration();
        var file = new io.fabric8.kubernetes.api.model.ConfigBuilder()
                .withApiVersion("v1")
                .withKind("Config")
                .withCurrentContext("test")
                .withClusters(new NamedClusterBuilder()
                        .withName("test")
                        .withNewCluster()
                        .withServer(config.getMasterUrl())
                        .withCertificateAuthorityData(config.getCaCertData())
                        .endCluster()
                        .build())
                .withUsers(new NamedAuthInfoBuilder()
                        .withName("test")
                        .withNewUser()
                        .withClientCertificateData(config.getClientCertData())
                        .withClientKeyData(config.getClientKeyData())
                        .withToken(config.getAutoOAuthToken())
                        .endUser()
                        .build())
                .withContexts(new NamedContextBuilder()
                        .withName("test")
                        .withNewContext()
                        .withCluster("test")
                        .withUser("test")
                        .endContext()
                        .build())
                .build();
        Path path = folder.resolve("kubeconfig");
        Files.writeString(path, Serialization.asYaml(file));
        return path;
    }

    private String holder(String lease) {
        Lease found =
                test.client.leases().inNamespace("kube-system").withName(lease).get();
        return found == null ? "" : OrEmpty.of(found.getSpec().getHolderIdentity());
    }

    @Test
    void itSchedulesWhileItLeadsAndFreesItsLeaseAtTheEnd() throws Exception {
        // Pods that other tests have left are not to fill it.
        String node = test.node("4", Map.of());
        test.edit(
                node,
                now -> new NodeBuilder(now)
                        .editSpec()
                        .addNewTaint()
                        .withKey(test.name)
                        .withEffect("NoSchedule")
                        .endTaint()
                        .endSpec()
                        .build());
        String lease = test.name;
        AtomicInteger code = new AtomicInteger(-1);
        String[] flags = {
            "--kubeconfig=" + kubeconfig(), "--leader-elect-resource-name=" + lease, "--secure-port=0", "-v=3"
        };
        Thread process = Thread.ofVirtual()
                .start(() -> code.set(command(new StringWriter()).execute(flags)));
        test.create(test.build("a", "1")
                .editSpec()
                .withSchedulerName("default-scheduler")
                .addNewToleration()
                .withKey(test.name)
                .withOperator("Exists")
                .endToleration()
                .endSpec()
                .build());
        test.awaitBound("a");
        assertTrue(!holder(lease).isEmpty());
        process.interrupt();
        TestCluster.await("it ends", () -> !process.isAlive());
        assertEquals("", holder(lease));
        assertEquals(1, code.get());
    }

    private static CommandLine command(StringWriter said) {
        return new CommandLine(new SchedulerCommand()).setErr(new PrintWriter(said));
    }

    @Test
    void flagsThatMakeNoSenseAreRefused() {
        for (String flag : List.of(
                "--leader-elect-renew-deadline=20s",
                "--leader-elect-resource-lock=endpoints",
                "--kubeconfig=" + folder.resolve("missing"),
                "--tls-cert-file=" + folder.resolve("missing"))) {
            StringWriter said = new StringWriter();
            assertEquals(2, command(said).execute(flag));
            String name = flag.substring(0, flag.indexOf('='));
            assertTrue(
                    said.toString().startsWith("error: " + name)
                            || said.toString().contains(name),
                    said::toString);
        }
    }
}
